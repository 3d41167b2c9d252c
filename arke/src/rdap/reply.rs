//! What the status and the headers of an answer mean, before anybody looks at its body. Pure.

use std::time::Duration;

use jiff::fmt::rfc2822::DateTimeParser;
use panopticon_model::time::Epoch;
use reqwest::header::{self, HeaderMap, HeaderName};
use reqwest::{StatusCode, Url};

use super::RdapError;
use super::base::Base;

/// The longest time that a server may ask for (RFC 7480, 5.5, leaves it to us).
const LONGEST: Duration = Duration::from_secs(3600);
/// What a date in the past stands for.
const SHORTEST_DATE: Duration = Duration::from_secs(1);
/// The longest pause where the server does not say how long: a second, doubled each time.
const LONGEST_UNSAID: Duration = Duration::from_secs(60);

/// What an answer means.
#[derive(Debug)]
pub(super) enum Reply {
    /// Its body is what was asked for.
    Body,
    /// The question is to be put there.
    Moved(Url),
    /// Nobody may ask this origin before that much time has passed; none if the server does not say how much.
    Pause(Option<Duration>),
    /// It is over.
    Over(RdapError),
}

/// What an answer means that came from `url` at `now` by our clock.
pub(super) fn read(status: StatusCode, headers: &HeaderMap, base: &Base, url: &Url, now: Epoch) -> Reply {
    match status.as_u16() {
        200 if is_json(headers) => Reply::Body,
        200 => Reply::Over(RdapError::NotRdap(None)),
        301 | 302 | 303 | 307 | 308 => {
            base.follow(url, text(headers, header::LOCATION)).map_or_else(Reply::Over, Reply::Moved)
        }
        // There nobody has seen our credentials.
        401 | 403 if !base.is_at(url) => {
            Reply::Over(RdapError::Redirect("to a server that wants credentials of its own"))
        }
        401 => Reply::Over(RdapError::Unauthorized),
        403 => Reply::Over(RdapError::Forbidden),
        404 => Reply::Over(RdapError::NotFound),
        429 | 503 => Reply::Pause(asked(headers, now)),
        code @ 500..=599 => Reply::Over(RdapError::Server(code)),
        code => Reply::Over(RdapError::Status(code)),
    }
}

/// The pause after so many refusals in a row that did not say how long: anything up to a second, doubled each time;
/// `random` is any number.
pub(super) fn unsaid(refusals: u32, random: u64) -> Duration {
    let longest = Duration::from_secs(1 << refusals.min(16)).min(LONGEST_UNSAID);
    let milliseconds = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(random % (milliseconds + 1))
}

/// Whether the body says to be JSON. Without a word about it, it has to show by itself.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return true };
    let Ok(value) = value.to_str() else { return false };
    let kind = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(kind.as_str(), "application/json" | "text/json") || (kind.contains('/') && kind.ends_with("+json"))
}

/// How long the server asks to wait (RFC 9110, 10.2.3). A date counts from its own clock, where it says that.
fn asked(headers: &HeaderMap, now: Epoch) -> Option<Duration> {
    let value = text(headers, header::RETRY_AFTER)?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(value.parse().map_or(LONGEST, Duration::from_secs).min(LONGEST));
    }
    let at = http_date(value)?;
    let now = text(headers, header::DATE).and_then(http_date).unwrap_or(now);
    Some(Duration::from_millis(at.0.saturating_sub(now.0)).clamp(SHORTEST_DATE, LONGEST))
}

/// A date of HTTP in the form that is written today (RFC 9110, 5.6.7), which is that of mail with the zone `GMT`. The day
/// of the week is not looked at.
fn http_date(text: &str) -> Option<Epoch> {
    const PARSER: DateTimeParser = DateTimeParser::new().relaxed_weekday(true);
    let text = text.trim().strip_suffix("GMT")?;
    let instant = PARSER.parse_timestamp(format!("{text}+0000")).ok()?;
    u64::try_from(instant.as_millisecond()).ok().map(Epoch)
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn check(status: u16, headers: &[(&str, &str)], url: &str) -> String {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::try_from(*name).unwrap(), value.parse::<HeaderValue>().unwrap()));
        let base = Base::new("https://nic.example/rdap".parse().unwrap()).unwrap();
        let now = "1994-11-06T08:49:37Z".parse().unwrap();
        match read(StatusCode::from_u16(status).unwrap(), &headers.collect(), &base, &url.parse().unwrap(), now) {
            Reply::Body => "body".to_owned(),
            Reply::Moved(to) => to.into(),
            Reply::Pause(None) => "pause".to_owned(),
            Reply::Pause(Some(pause)) => format!("pause {}", pause.as_millis()),
            Reply::Over(error) => format!("{error:?}"),
        }
    }

    #[test]
    fn statuses() {
        for (status, expected) in [
            (200, "body"),
            (204, "Status(204)"),
            (304, "Status(304)"),
            (302, "Redirect(\"to nowhere\")"),
            (400, "Status(400)"),
            (401, "Unauthorized"),
            (403, "Forbidden"),
            (404, "NotFound"),
            (429, "pause"),
            (500, "Server(500)"),
            (501, "Server(501)"),
            (503, "pause"),
            (777, "Status(777)"),
        ] {
            assert_eq!(check(status, &[], "https://nic.example/rdap/domain/a.xx"), expected, "{status}");
        }
        let away = "Redirect(\"to a server that wants credentials of its own\")";
        assert_eq!(check(401, &[], "https://other.example/domain/a.xx"), away);
        assert_eq!(check(307, &[("location", "/x")], "https://nic.example/y"), "https://nic.example/x");
    }

    #[test]
    fn waits() {
        let date = ("date", "Sun, 06 Nov 1994 08:49:00 GMT");
        for (headers, expected) in [
            (&[("retry-after", "17")][..], "pause 17000"),
            (&[("retry-after", " 0 ")], "pause 0"),
            (&[("retry-after", "3600")], "pause 3600000"),
            (&[("retry-after", "86400")], "pause 3600000"),
            (&[("retry-after", "99999999999999999999")], "pause 3600000"),
            (&[("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT")], "pause 60000"),
            (&[("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT"), date], "pause 97000"),
            (&[("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT")], "pause 1000"),
            (&[("retry-after", "Thu, 31 Dec 2099 08:00:00 GMT")], "pause 3600000"),
            (&[("retry-after", "Mon, 06 Nov 1994 08:50:37 GMT")], "pause 60000"),
            (&[("retry-after", "Sun, 06 Nov 1994 08:50:37 CET")], "pause"),
            (&[("retry-after", "soon")], "pause"),
            (&[("retry-after", "-1")], "pause"),
            (&[("retry-after", "1.5")], "pause"),
            (&[("retry-after", "")], "pause"),
            (&[], "pause"),
        ] {
            for status in [429, 503] {
                assert_eq!(check(status, headers, "https://nic.example/x"), expected, "{headers:?}");
            }
        }
        assert_eq!(check(500, &[("retry-after", "17")], "https://nic.example/x"), "Server(500)");
    }

    #[test]
    fn types() {
        for (kind, is_json) in [
            ("application/rdap+json", true),
            ("Application/RDAP+JSON; charset=utf-8", true),
            ("application/json", true),
            ("application/problem+json", true),
            ("text/html", false),
            ("json", false),
            ("+json", false),
            ("", false),
        ] {
            let expected = if is_json { "body" } else { "NotRdap(None)" };
            assert_eq!(check(200, &[("content-type", kind)], "https://nic.example/x"), expected, "{kind:?}");
        }
    }

    #[test]
    fn pauses_that_nobody_asked_for_double_and_end() {
        for (refusals, longest) in [(0, 1_000), (1, 2_000), (5, 32_000), (6, 60_000), (u32::MAX, 60_000)] {
            for random in [0, 1, longest, longest + 1, u64::MAX] {
                let pause = unsaid(refusals, random).as_millis();
                assert_eq!(pause, u128::from(random % (longest + 1)), "{refusals} {random}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn no_header_breaks_it(value in "[ -~\\x80-\\xff]{0,40}|(Sun, )?[0-9JanOct :]{0,24}(GMT)?|[0-9]{1,30}") {
            let mut headers = HeaderMap::new();
            if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
                headers.insert(header::RETRY_AFTER, value);
            }
            let pause = asked(&headers, Epoch::default());
            proptest::prop_assert!(pause.is_none_or(|pause| pause <= LONGEST));
        }
    }
}
