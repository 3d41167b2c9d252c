//! What the status and the headers of an answer mean, before anybody looks at its body. Pure.

use std::time::Duration;

use panopticon_model::observation::Outcome;
use panopticon_model::time::Epoch;
use reqwest::header::{self, HeaderMap};
use reqwest::{StatusCode, Url};

use super::access::may_follow;
use super::error::ObjectError;
use crate::retry_after::{RetryAfter, answered_at};

/// The longest time that a server may ask for.
const LONGEST: Duration = Duration::from_secs(3600);
/// What a date in the past stands for.
const SHORTEST_DATE: Duration = Duration::from_secs(1);
/// The longest pause where the server does not say how long: from a second on, doubled each time.
const LONGEST_UNSAID: Duration = Duration::from_secs(60);

/// What an answer means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// Its body is what was asked for.
    Body,
    /// The question is to be put there.
    Moved(Url),
    /// It is over, and nobody may ask this origin before that much time has passed.
    Pause(Outcome, Duration),
    /// The credentials are not accepted.
    Unauthorized,
    /// It is over.
    Is(Outcome),
}

/// What an answer means that came from `url` at `now` by our clock, after so many requests in a row that ended in a pause.
pub(super) fn read(
    status: StatusCode,
    headers: &HeaderMap,
    url: &Url,
    now: Epoch,
    refusals: u32,
    allow_loopback: bool,
) -> Reply {
    match status.as_u16() {
        200 if is_json(headers) => Reply::Body,
        301 | 302 | 303 | 307 | 308 => {
            let location = headers.get(header::LOCATION).and_then(|value| value.to_str().ok());
            match location.and_then(|location| url.join(location).ok()) {
                Some(to) if may_follow(url, &to, allow_loopback) => Reply::Moved(to),
                _ => Reply::Is(Outcome::BadRedirect),
            }
        }
        401 | 403 => Reply::Unauthorized,
        404 => Reply::Is(Outcome::NotFound),
        code @ (429 | 503) => match asked(headers, now) {
            Some(pause) => Reply::Pause(Outcome::RateLimited, pause),
            None if code == 429 => Reply::Pause(Outcome::RateLimited, unsaid(refusals)),
            None => Reply::Pause(Outcome::ServiceError, unsaid(refusals)),
        },
        400..=499 => Reply::Is(Outcome::ClientError),
        500..=599 => Reply::Is(Outcome::ServiceError),
        _ => Reply::Is(Outcome::Malformed),
    }
}

/// What a body means that is no answer.
pub(super) fn of_error(error: ObjectError) -> Outcome {
    match error {
        ObjectError::Mismatch => Outcome::Mismatch,
        ObjectError::Error(_) => Outcome::ServiceError,
        _ => Outcome::Malformed,
    }
}

/// Whether the body says to be JSON. Without a word about it, it has to show by itself.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return true };
    let Ok(value) = value.to_str() else { return false };
    let kind = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(kind.as_str(), "application/json" | "text/json") || (kind.contains('/') && kind.ends_with("+json"))
}

/// How long the server asks to wait. A date counts from its own clock, where it says that.
fn asked(headers: &HeaderMap, now: Epoch) -> Option<Duration> {
    let wait = match RetryAfter::of(headers)? {
        after @ RetryAfter::Seconds(_) => after.wait(now),
        after @ RetryAfter::At(_) => after.wait(answered_at(headers).unwrap_or(now)).max(SHORTEST_DATE),
    };
    Some(wait.min(LONGEST))
}

/// The pause after a refusal that does not say how long, and after no answer at all.
pub(super) fn unsaid(refusals: u32) -> Duration {
    Duration::from_secs(1 << refusals.min(16)).min(LONGEST_UNSAID)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]
mod tests {
    use reqwest::header::HeaderName;

    use super::*;

    fn check(status: u16, headers: &[(&str, &str)], refusals: u32) -> Reply {
        let headers = headers.iter().map(|(name, value)| {
            (HeaderName::try_from(*name).unwrap(), value.parse::<reqwest::header::HeaderValue>().unwrap())
        });
        let url = "https://nic.example/rdap/domain/a.xx".parse().unwrap();
        let now = "1994-11-06T08:49:37Z".parse().unwrap();
        read(StatusCode::from_u16(status).unwrap(), &headers.collect(), &url, now, refusals, false)
    }

    fn waits(seconds: u64) -> Reply {
        Reply::Pause(Outcome::RateLimited, Duration::from_secs(seconds))
    }

    #[test]
    fn statuses() {
        for (status, expected) in [
            (200, Reply::Body),
            (204, Reply::Is(Outcome::Malformed)),
            (304, Reply::Is(Outcome::Malformed)),
            (302, Reply::Is(Outcome::BadRedirect)),
            (400, Reply::Is(Outcome::ClientError)),
            (401, Reply::Unauthorized),
            (403, Reply::Unauthorized),
            (404, Reply::Is(Outcome::NotFound)),
            (410, Reply::Is(Outcome::ClientError)),
            (500, Reply::Is(Outcome::ServiceError)),
            (501, Reply::Is(Outcome::ServiceError)),
            (503, Reply::Pause(Outcome::ServiceError, Duration::from_secs(1))),
            (777, Reply::Is(Outcome::Malformed)),
        ] {
            assert_eq!(check(status, &[], 0), expected, "{status}");
        }
    }

    #[test]
    fn waits_are_capped() {
        let date = ("date", "Sun, 06 Nov 1994 08:49:00 GMT");
        for (status, headers, refusals, expected) in [
            (429, &[("retry-after", "17")][..], 0, waits(17)),
            (503, &[("retry-after", "17")], 0, waits(17)),
            (429, &[("retry-after", "0")], 0, waits(0)),
            (429, &[("retry-after", "3600")], 0, waits(3600)),
            (429, &[("retry-after", "86400")], 0, waits(3600)),
            (429, &[("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT")], 0, waits(60)),
            (429, &[("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT"), date], 0, waits(97)),
            (429, &[("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT")], 0, waits(1)),
            (429, &[("retry-after", "Thu, 31 Dec 2099 08:00:00 GMT")], 0, waits(3600)),
            (429, &[("retry-after", "soon")], 0, waits(1)),
            (429, &[], 0, waits(1)),
            (429, &[], 3, waits(8)),
            (429, &[], 6, waits(60)),
            (429, &[], u32::MAX, waits(60)),
            (500, &[("retry-after", "17")], 0, Reply::Is(Outcome::ServiceError)),
        ] {
            assert_eq!(check(status, headers, refusals), expected, "{status} {headers:?}");
        }
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
            let expected = if is_json { Reply::Body } else { Reply::Is(Outcome::Malformed) };
            assert_eq!(check(200, &[("content-type", kind)], 0), expected, "{kind}");
        }
    }

    #[test]
    fn redirects() {
        for (location, expected) in [
            ("/other/domain/a.xx", Some("https://nic.example/other/domain/a.xx")),
            ("https://b.example/domain/a.xx", Some("https://b.example/domain/a.xx")),
            ("http://b.example/", None),
            ("https://", None),
            ("javascript:alert(1)", None),
        ] {
            let expected =
                expected.map_or(Reply::Is(Outcome::BadRedirect), |to| Reply::Moved(to.parse().unwrap()));
            assert_eq!(check(307, &[("location", location)], 0), expected, "{location}");
        }
    }
}
