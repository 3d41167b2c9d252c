//! Look-ups by URL: what is asked, what comes of each answer and failure, and what is not asked.

use std::time::Duration;

use panopticon_model::observation::{Facts, Measured, Outcome, WebRiskFacts};
use panopticon_model::time::{DAY_MS, Epoch};
use panopticon_sources::fetch::{Config, Secret};
use panopticon_sources::webrisk::{Settings, SetupError, ThreatType, WebRisk};

use super::server::{Fault, KEY, Server};
use super::{network, settings, shown};

const BAD: &str = "http://bad.example/login?a=b";
const GOOD: &str = "http://good.example/";
const NOW: Epoch = Epoch(1_767_225_600_000);
const EXPIRE: &str = "2026-01-01T00:10:00.000999Z";

/// A server that knows one bad URL, and a client of it.
async fn world() -> (Server, WebRisk) {
    let server = Server::start().await;
    server.list("bad.example/login", ThreatType::SocialEngineering, 4);
    server.list("bad.example/", ThreatType::Malware, 4);
    server.state().expire = Some(EXPIRE.to_owned());
    let client = WebRisk::new(&settings(&server), &network()).unwrap();
    (server, client)
}

pub(super) fn facts(types: &[&str], expire_at: Option<Epoch>) -> Facts {
    Facts::WebRisk(WebRiskFacts { threat_types: types.iter().copied().map(Into::into).collect(), expire_at })
}

#[tokio::test]
async fn a_url_is_on_lists_or_clear() {
    let (server, client) = world().await;
    let until = NOW.plus(600_000);
    let expected = Measured {
        outcome: Outcome::Match,
        facts: facts(&["MALWARE", "SOCIAL_ENGINEERING"], Some(until)),
        not_before: None,
        not_after: Some(until),
    };
    assert_eq!(client.measure(BAD, NOW).await, expected);
    let clear = Measured { outcome: Outcome::Clear, facts: facts(&[], None), not_before: None, not_after: None };
    assert_eq!(client.measure(GOOD, NOW).await, clear);

    let asked = server.asked();
    let [bad, good] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!((bad.get("uri"), good.get("uri")), (Some(BAD), Some(GOOD)), "as they are");
    let types: Vec<&str> = ThreatType::ALL.iter().map(|threat_type| threat_type.as_str()).collect();
    let words = bad.query.iter().filter(|(name, _)| name == "threatTypes");
    assert!(words.map(|(_, word)| word.as_str()).eq(types));
    assert!(bad.head.starts_with("GET /v1/uris:search?threatTypes=MALWARE&"), "{}", bad.head);
    assert!(!bad.head.lines().next().unwrap().contains("AIza"), "the key is not in the URL");
}

#[tokio::test]
async fn a_match_is_kept_until_it_expires_and_not_longer() {
    let (server, client) = world().await;
    let until = NOW.plus(600_000);
    let first = client.measure(BAD, NOW).await;
    assert_eq!(server.methods().len(), 1);
    assert_eq!(client.measure(BAD, until.minus(1)).await, first);
    assert_eq!(server.methods().len(), 0, "it is known");
    assert_eq!(client.measure(BAD, until).await.outcome, Outcome::Match);
    assert_eq!(server.methods().len(), 1, "it is not known any more");
    for _ in 0..2 {
        client.measure(GOOD, NOW).await;
    }
    assert_eq!(server.methods().len(), 2, "that a URL is clear is never kept");
}

#[tokio::test]
async fn a_match_that_may_not_be_kept_counts_now_only() {
    let (server, client) = world().await;
    server.state().expire = None;
    for _ in 0..2 {
        let measured = client.measure(BAD, NOW).await;
        assert_eq!((measured.outcome, measured.not_after), (Outcome::Match, Some(NOW)));
        assert_eq!(measured.facts, facts(&["MALWARE", "SOCIAL_ENGINEERING"], None));
    }
    assert_eq!(server.methods().len(), 2);
}

#[tokio::test]
async fn only_the_types_that_count_are_asked_for() {
    let (server, _) = world().await;
    let threat_types = vec![ThreatType::UnwantedSoftware, ThreatType::Malware, ThreatType::Malware];
    let client = WebRisk::new(&Settings { threat_types, ..settings(&server) }, &network()).unwrap();
    let measured = client.measure(BAD, NOW).await;
    assert_eq!(measured.facts, facts(&["MALWARE"], Some(NOW.plus(600_000))));
}

#[tokio::test]
async fn every_failure_has_its_outcome() {
    let json = &["Content-Type: application/json"][..];
    let reply = |status, headers, body: &str| Fault::Reply(status, headers, body.to_owned());
    let secs = |secs: u64| Some(NOW.plus(secs * 1000));
    for (name, fault, outcome, not_before) in [
        ("401", reply("401 Unauthorized", json, "{}"), Outcome::Unauthorized, secs(1)),
        ("403", reply("403 Forbidden", json, "{}"), Outcome::Unauthorized, secs(1)),
        (
            "400 about the key",
            reply("400 Bad Request", json, r#"{"error":{"details":[{"reason":"API_KEY_INVALID"}]}}"#),
            Outcome::Unauthorized,
            secs(1),
        ),
        ("400 about the URL", reply("400 Bad Request", json, r#"{"error":{"code":400}}"#), Outcome::Refused, None),
        ("400 of many bytes", reply("400 Bad Request", json, &" ".repeat(100_000)), Outcome::Refused, None),
        ("414", reply("414 URI Too Long", &[], ""), Outcome::Refused, None),
        ("429", reply("429 Too Many Requests", &[], ""), Outcome::RateLimited, secs(1)),
        (
            "429 with a wait",
            reply("429 Too Many Requests", &["Retry-After: 120"], ""),
            Outcome::RateLimited,
            secs(120),
        ),
        (
            "429 with a date",
            reply(
                "429 Too Many Requests",
                &["Date: Sun, 06 Nov 1994 08:49:37 GMT", "Retry-After: Sun, 06 Nov 1994 08:50:37 GMT"],
                "",
            ),
            Outcome::RateLimited,
            secs(60),
        ),
        (
            "429 for ever",
            reply("429 Too Many Requests", &["Retry-After: 18446744073709551615"], ""),
            Outcome::RateLimited,
            Some(NOW.plus(DAY_MS)),
        ),
        ("500", reply("500 Internal Server Error", json, "{}"), Outcome::ServiceError, secs(1)),
        (
            "503 with a wait",
            reply("503 Service Unavailable", &["Retry-After: 7"], ""),
            Outcome::ServiceError,
            secs(7),
        ),
        ("404", reply("404 Not Found", json, "{}"), Outcome::ServiceError, secs(1)),
        ("204", reply("204 No Content", &[], ""), Outcome::ServiceError, secs(1)),
        ("a redirect", reply("302 Found", &["Location: /elsewhere"], ""), Outcome::ServiceError, secs(1)),
        ("an error with 200", reply("200 OK", json, r#"{"error":{"code":500}}"#), Outcome::ServiceError, secs(1)),
        ("a body that breaks off", Fault::Cut, Outcome::ServiceError, secs(1)),
        ("a page", reply("200 OK", &["Content-Type: text/html"], "{}"), Outcome::Malformed, secs(1)),
        ("no type", reply("200 OK", &[], "{}"), Outcome::Malformed, secs(1)),
        ("no JSON", reply("200 OK", json, "<html>log in</html>"), Outcome::Malformed, secs(1)),
        ("a list", reply("200 OK", json, "[null,null]"), Outcome::Malformed, secs(1)),
        ("a number", reply("200 OK", json, r#"{"threat":7}"#), Outcome::Malformed, secs(1)),
        ("too much", reply("200 OK", json, &" ".repeat(300_000)), Outcome::Malformed, secs(1)),
        ("without an end", Fault::Endless, Outcome::Malformed, secs(1)),
    ] {
        let (server, client) = world().await;
        server.fail([fault]);
        let expected = Measured { not_before, ..Measured::bare(outcome) };
        assert_eq!(client.measure(BAD, NOW).await, expected, "{name}");
        assert_eq!(server.methods(), ["uris:search"], "{name}: asked once, and nowhere else");
        let later = not_before.unwrap_or(NOW);
        assert_eq!(client.measure(BAD, later).await.outcome, Outcome::Match, "{name}: asked again");
    }
}

#[tokio::test]
async fn a_server_that_is_slow_or_away() {
    let (server, _) = world().await;
    let quick = Settings { timeout: Duration::from_millis(50), ..settings(&server) };
    let client = WebRisk::new(&quick, &network()).unwrap();
    server.fail([Fault::Silence]);
    assert_eq!(client.measure(BAD, NOW).await.outcome, Outcome::Timeout);

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let away = Settings { base: url.parse().unwrap(), ..settings(&server) };
    let client = WebRisk::new(&away, &network()).unwrap();
    assert_eq!(client.measure(BAD, NOW).await.outcome, Outcome::ServiceError);
}

#[tokio::test]
async fn after_a_failure_nobody_is_asked_for_a_while() {
    let (server, client) = world().await;
    let busy = Fault::Reply("429 Too Many Requests", &["Retry-After: 60"], String::new());
    server.fail([busy]);
    let failed = client.measure(BAD, NOW).await;
    assert_eq!(failed.not_before, Some(NOW.plus(60_000)));
    for (url, at) in [(GOOD, NOW), (BAD, NOW.plus(1)), (GOOD, NOW.plus(59_999))] {
        assert_eq!(client.measure(url, at).await, failed);
    }
    assert_eq!(server.methods().len(), 1);
    assert_eq!(client.measure(GOOD, NOW.plus(60_000)).await.outcome, Outcome::Clear);
    server.fail(vec![Fault::Reply("500 Internal Server Error", &[], String::new()); 2]);
    for (at, wait) in [(60_000, 1000), (61_000, 2000)] {
        let failed = client.measure(GOOD, NOW.plus(at)).await;
        assert_eq!(failed.not_before, Some(NOW.plus(at + wait)), "an answer begins the count anew");
    }
}

#[tokio::test]
async fn what_is_known_is_told_although_nobody_is_asked() {
    let (server, client) = world().await;
    client.measure(BAD, NOW).await;
    server.fail([Fault::Reply("500 Internal Server Error", &[], String::new())]);
    assert_eq!(client.measure(GOOD, NOW).await.outcome, Outcome::ServiceError);
    assert_eq!(client.measure(BAD, NOW).await.outcome, Outcome::Match);
}

#[tokio::test]
async fn a_url_that_is_too_long_to_be_asked_is_refused() {
    let (server, client) = world().await;
    let long = format!("{GOOD}{}", "a".repeat(70_000));
    assert_eq!(client.measure(&long, NOW).await, Measured::bare(Outcome::Refused));
    assert_eq!(server.methods().len(), 0);
    assert_eq!(client.measure(GOOD, NOW).await.outcome, Outcome::Clear);
}

#[tokio::test]
async fn no_more_is_asked_than_the_pace_allows() {
    let (server, _) = world().await;
    // The third question would have to wait for half a day.
    let slow = Settings { per_second: 2.0 / 86_400.0, burst: 2, ..settings(&server) };
    let client = WebRisk::new(&slow, &network()).unwrap();
    for url in [BAD, GOOD] {
        client.measure(url, NOW).await;
    }
    let third = tokio::time::timeout(Duration::from_millis(50), client.measure(GOOD, NOW)).await;
    assert!(third.is_err());
    assert_eq!(server.methods().len(), 2);
}

#[tokio::test]
async fn who_waits_for_a_turn_learns_of_a_failure() {
    let (server, _) = world().await;
    let slow = Settings { per_second: 1.0 / 86_400.0, burst: 1, ..settings(&server) };
    let client = WebRisk::new(&slow, &network()).unwrap();
    server.fail([Fault::Reply("403 Forbidden", &[], String::new())]);
    let first = async {
        let first = client.measure(BAD, NOW).await;
        // The turn of the second is tomorrow; from here on it comes at once.
        tokio::time::pause();
        first
    };
    let (first, second) = tokio::join!(first, client.measure(GOOD, NOW));
    assert_eq!((first.outcome, second.outcome), (Outcome::Unauthorized, Outcome::Unauthorized));
    assert_eq!(server.methods().len(), 1);
}

#[tokio::test]
async fn the_key_is_never_shown() {
    let (server, client) = world().await;
    let mut texts = vec![format!("{:?} {client:?}", settings(&server))];
    let wrong = Settings { key: Secret::new("AIza-wrong"), ..settings(&server) };
    let refused = WebRisk::new(&wrong, &network()).unwrap();
    assert_eq!(refused.measure(BAD, NOW).await.outcome, Outcome::Unauthorized);
    texts.push(format!("{refused:?}"));
    for key in ["", "AIza\nnew line", "AIza\u{7f}"] {
        let unfit = Settings { key: Secret::new(key), ..settings(&server) };
        let error = WebRisk::new(&unfit, &network()).unwrap_err();
        assert!(matches!(error, SetupError::Key), "{key:?}");
        texts.push(shown(&error));
    }
    for text in texts {
        assert!(!text.contains("AIza") && !text.contains(KEY), "{text}");
    }
}

#[tokio::test]
async fn what_cannot_be_set_up_says_so() {
    let (server, _) = world().await;
    let offline = Config { offline: true, ..network() };
    assert!(matches!(WebRisk::new(&settings(&server), &offline), Err(SetupError::Offline)));
    let nothing = Settings { threat_types: Vec::new(), ..settings(&server) };
    assert!(matches!(WebRisk::new(&nothing, &network()), Err(SetupError::NoTypes)));
    let no_file = Config { ca: Some("/nonexistent/ca.pem".into()), ..network() };
    assert!(matches!(WebRisk::new(&settings(&server), &no_file), Err(SetupError::Network(_))));
    let client = WebRisk::new(&settings(&server), &network()).unwrap();
    assert_eq!(client.next_refresh(), None);
    assert!(client.refresh(NOW).await.lists.is_empty() && server.methods().is_empty(), "no lists, nothing to do");
}
