//! `2026-04-14 16:02:21`: the times of feeds that write UTC without saying so.
//!
//! By hand because there are two in every row: the general reader of instants costs more than the rest of the row.

use panopticon_model::time::{DAY_MS, Epoch};

/// Reads `YYYY-MM-DD HH:MM:SS`; a `T` in the middle and a `Z`, `+00:00`, ` UTC` or ` (UTC)` at the end are
/// allowed.
pub(super) fn parse(text: &str) -> Option<Epoch> {
    let (time, zone) = text.split_at_checked(19)?;
    if !matches!(zone, "" | "Z" | "+00:00" | " UTC" | " (UTC)") {
        return None;
    }
    let bytes: &[u8; 19] = time.as_bytes().try_into().ok()?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b' ' | b'T', h1, h2, b':', n1, n2, b':', s1, s2] = *bytes
    else {
        return None;
    };
    let year = number(&[y1, y2, y3, y4])?;
    let (month, day) = (number(&[m1, m2])?, number(&[d1, d2])?);
    let (hour, minute, second) = (number(&[h1, h2])?, number(&[n1, n2])?, number(&[s1, s2])?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + u64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if year < 1970 || !(1..=length).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Civil date to days, after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    let y = year - u64::from(month <= 2);
    let era = y / 400;
    let yoe = y % 400;
    let doy = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468;
    Some(Epoch(days * DAY_MS + (hour * 3600 + minute * 60 + second) * 1000))
}

fn number(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use panopticon_model::time::Day;

    use super::*;

    #[test]
    fn agrees_with_the_general_reader() {
        for n in 0..60_000 {
            let day = Day(n);
            assert_eq!(parse(&format!("{day} 00:00:00")), Some(day.start()), "{day}");
        }
        for text in ["2026-04-14T16:02:21Z", "2024-02-29T23:59:59Z"] {
            assert_eq!(parse(text), text.parse().ok());
        }
        assert_eq!(parse("2026-04-14 16:02:21 (UTC)"), parse("2026-04-14 16:02:21"));
    }

    #[test]
    fn texts_that_are_no_times() {
        for text in [
            "",
            "2026-04-14",
            "2026-02-29 00:00:00",
            "2026-13-01 00:00:00",
            "2026-00-01 00:00:00",
            "2026-01-00 00:00:00",
            "1969-12-31 23:59:59",
            "2026-01-01 24:00:00",
            "2026-01-01 00:60:00",
            "2026-01-01 00:00:60",
            "2026-01-01 00:00:00 CET",
            "２026-01-01 00:00:0",
            "+026-01-01 00:00:00",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
