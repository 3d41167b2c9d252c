//! `Retry-After`: when a server wants to be asked again (RFC 9110 10.2.3), and the dates of HTTP (5.6.7).

use std::time::Duration;

use panopticon_model::time::Epoch;
use reqwest::header::{self, HeaderMap, HeaderName};

/// When a server wants to be asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// So many seconds after its answer.
    Seconds(u64),
    /// At an instant of its own clock.
    At(Epoch),
}

impl RetryAfter {
    /// What the headers of an answer ask for; none if they do not, or not in a form that can be read.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Option<RetryAfter> {
        RetryAfter::parse(text(headers, header::RETRY_AFTER)?)
    }

    /// Reads the value of the header: digits, or a date.
    #[must_use]
    pub fn parse(value: &str) -> Option<RetryAfter> {
        let value = value.trim();
        if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
            return value.parse().ok().map(RetryAfter::Seconds);
        }
        http_date(value).map(RetryAfter::At)
    }

    /// How long that is from `now`, which is best the date of the answer; zero for a date in the past.
    #[must_use]
    pub fn wait(self, now: Epoch) -> Duration {
        match self {
            RetryAfter::Seconds(seconds) => Duration::from_secs(seconds),
            RetryAfter::At(at) => Duration::from_millis(at.0.saturating_sub(now.0)),
        }
    }
}

/// When the server says that it answered, by its own clock.
#[must_use]
pub fn answered_at(headers: &HeaderMap) -> Option<Epoch> {
    http_date(text(headers, header::DATE)?)
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// Reads a date of HTTP in the one form that is written today: `Sun, 06 Nov 1994 08:49:37 GMT`. The day of the week is
/// not looked at; a leap second counts as the one before it.
#[must_use]
pub fn http_date(text: &str) -> Option<Epoch> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    const FORM: &str = "00 Aaa 0000 00:00:00 GMT";
    let (_, date) = text.split_once(", ")?;
    let is_like = |(byte, form): (u8, u8)| match form {
        b'0' => byte.is_ascii_digit(),
        b'A' | b'a' => byte.is_ascii_alphabetic(),
        _ => byte == form,
    };
    // The general reader of instants takes more than this: hours alone, fractions, years of six digits.
    if date.len() != FORM.len() || !date.bytes().zip(FORM.bytes()).all(is_like) {
        return None;
    }
    let mut words = date.split(' ');
    let (day, month, year, time) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let month = MONTHS.iter().position(|known| *known == month)? + 1;
    format!("{year}-{month:02}-{day}T{time}Z").parse().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    const NOW: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

    #[test]
    fn seconds_and_dates() {
        let now = http_date(NOW).unwrap();
        assert_eq!(now.to_string(), "1994-11-06T08:49:37.000Z");
        for (value, wait) in [
            ("17", Some(17)),
            (" 17 ", Some(17)),
            ("0", Some(0)),
            ("18446744073709551615", Some(u64::MAX)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("18446744073709551616", None),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("", None),
            ("soon", None),
            ("Sun, 06 Nov 1994 08:50:60 GMT", Some(82)),
            ("Sun, 31 Feb 1994 08:49:37 GMT", None),
            ("Sun, 06  1994 08:49:37 GMT", None),
            ("Sun, 06 J 1994 08:49:37 GMT", None),
            ("Sun, 06 JAN 1994 08:49:37 GMT", None),
            ("Sun, 6 Nov 1994 08:49:37 GMT", None),
            ("Sun, 06 Nov 1994 08", None),
            ("Sun, 06 Nov 1994 08:49 GMT", None),
            ("Sun, 06 Nov 1994 08:49:37.5 GMT", None),
            ("Sun, 06 Nov +001994 08:49 GMT", None),
            ("Sun, 06 Nov 1994 08:49:37", None),
            ("Sun, 06 Nov 1994 08:49:37 PST", None),
            ("Sun, 06 ovD 1994 08:49:37 GMT", None),
        ] {
            let waits = RetryAfter::parse(value).map(|after| after.wait(now));
            assert_eq!(waits, wait.map(Duration::from_secs), "{value}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_second_reads_back(second in 0u64..253_402_300_800) {
            let at = Epoch(second * 1000);
            let text = at.to_string();
            let (date, time) = text.split_once('T').unwrap();
            let [year, month, day] = date.split('-').collect::<Vec<_>>()[..] else { panic!("{date}") };
            let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
            let month = months[month.parse::<usize>().unwrap() - 1];
            let written = format!("Day, {day} {month} {year} {} GMT", &time[..8]);
            proptest::prop_assert_eq!(http_date(&written), Some(at));
        }

        #[test]
        fn no_header_breaks_it(
            value in "(Sun, )?[0-9JanOct :]{0,24}(GMT)?|[ -~\\x80-\\xff]{0,40}|[0-9]{1,30}",
            date in "Sun, 06 [A-Z][a-z]{2} [0-9]{1,5} 08:49:37 GMT|[ -~]{0,40}",
        ) {
            let mut headers = HeaderMap::new();
            for (name, text) in [(header::RETRY_AFTER, &value), (header::DATE, &date)] {
                if let Ok(text) = HeaderValue::from_bytes(text.as_bytes()) {
                    headers.insert(name, text);
                }
            }
            let _ = RetryAfter::of(&headers).map(|after| after.wait(answered_at(&headers).unwrap_or_default()));
        }
    }
}
