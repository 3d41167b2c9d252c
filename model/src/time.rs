//! Instants and days: the only two kinds of time in the house.
//!
//! An [`Epoch`] is a number of milliseconds since 1970-01-01T00:00:00Z. The writer of the input log mints
//! epochs, strictly increasing; no other part of the house reads a clock. A [`Day`] is a UTC calendar day.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Milliseconds in a UTC day. Leap seconds do not exist in Unix time.
pub const DAY_MS: u64 = 86_400_000;
/// Milliseconds in an hour.
pub const HOUR_MS: u64 = 3_600_000;
/// Milliseconds in a minute.
pub const MINUTE_MS: u64 = 60_000;

/// An instant in milliseconds since the Unix epoch; the time of the log, the engine and every record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(pub u64);

impl Epoch {
    /// The UTC day that holds this instant.
    #[must_use]
    pub fn day(self) -> Day {
        Day(u32::try_from(self.0 / DAY_MS).unwrap_or(u32::MAX))
    }

    /// This instant moved later by `ms` milliseconds; stops at the greatest instant.
    #[must_use]
    pub fn plus(self, ms: u64) -> Epoch {
        Epoch(self.0.saturating_add(ms))
    }

    /// This instant moved earlier by `ms` milliseconds; stops at 1970.
    #[must_use]
    pub fn minus(self, ms: u64) -> Epoch {
        Epoch(self.0.saturating_sub(ms))
    }
}

impl fmt::Display for Epoch {
    /// RFC 3339 in UTC with milliseconds: `2025-03-01T00:00:00.000Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.0 % DAY_MS;
        let (h, m, s) = (ms / HOUR_MS, ms / 60_000 % 60, ms / 1000 % 60);
        write!(f, "{}T{h:02}:{m:02}:{s:02}.{:03}Z", self.day(), ms % 1000)
    }
}

impl FromStr for Epoch {
    type Err = TimeError;

    /// Reads RFC 3339 instants with any offset (`2025-03-01T02:00:00+02:00`), and bare days as their midnight.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        if let Ok(day) = text.parse::<Day>() {
            return Ok(day.start());
        }
        let instant: jiff::Timestamp = text.parse().map_err(|_| TimeError(text.to_owned()))?;
        let ms = u64::try_from(instant.as_millisecond()).map_err(|_| TimeError(text.to_owned()))?;
        Ok(Epoch(ms))
    }
}

/// A UTC calendar day, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(pub u32);

impl Day {
    /// The first instant of the day.
    #[must_use]
    pub fn start(self) -> Epoch {
        Epoch(u64::from(self.0) * DAY_MS)
    }

    /// The first instant after the day: the day is closed once an epoch reaches it.
    #[must_use]
    pub fn end(self) -> Epoch {
        self.next().start()
    }

    /// The day after.
    #[must_use]
    pub fn next(self) -> Day {
        Day(self.0.saturating_add(1))
    }

    /// The day `n` days earlier; stops at 1970-01-01.
    #[must_use]
    pub fn back(self, n: u32) -> Day {
        Day(self.0.saturating_sub(n))
    }
}

impl fmt::Display for Day {
    /// `YYYY-MM-DD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Days to civil date, after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
        let z = u64::from(self.0) + 719_468;
        let era = z / 146_097;
        let doe = z % 146_097;
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let d = doy - (153 * mp + 2) / 5 + 1;
        let m = if mp < 10 { mp + 3 } else { mp - 9 };
        let y = yoe + era * 400 + u64::from(m <= 2);
        write!(f, "{y:04}-{m:02}-{d:02}")
    }
}

impl FromStr for Day {
    type Err = TimeError;

    /// Reads `YYYY-MM-DD`, from 1970 on.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let wrong = || TimeError(text.to_owned());
        let date: jiff::civil::Date = text.parse().map_err(|_| wrong())?;
        if text.len() != 10 {
            return Err(wrong());
        }
        let epoch_day = jiff::civil::date(1970, 1, 1);
        let days = date.since((jiff::Unit::Day, epoch_day)).map_err(|_| wrong())?.get_days();
        Ok(Day(u32::try_from(days).map_err(|_| wrong())?))
    }
}

/// A text that is no instant or day; give `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SSZ`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an instant: write YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ, from 1970 on")]
pub struct TimeError(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_print_and_parse() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_740_787_200_123, "2025-03-01T00:00:00.123Z"),
            (1_772_323_199_999, "2026-02-28T23:59:59.999Z"),
        ] {
            assert_eq!(Epoch(ms).to_string(), text);
            assert_eq!(text.parse(), Ok(Epoch(ms)));
        }
        assert_eq!("2025-03-01".parse(), Ok(Epoch(1_740_787_200_000)));
        assert_eq!("2025-03-01T02:00:00+02:00".parse(), Ok(Epoch(1_740_787_200_000)));
        assert!("2025-02-30".parse::<Epoch>().is_err());
        assert!("yesterday".parse::<Epoch>().is_err());
    }

    #[test]
    fn a_day_ends_where_the_next_starts() {
        let day: Day = "2024-02-29".parse().unwrap();
        assert_eq!(day.next().to_string(), "2024-03-01");
        assert_eq!(day.end(), day.next().start());
        assert_eq!(day.end().minus(1).day(), day);
    }

    #[test]
    fn every_day_of_two_centuries_round_trips() {
        for n in 0..73_000 {
            assert_eq!(Day(n).to_string().parse(), Ok(Day(n)));
        }
    }
}
