//! The client against servers of scripted answers.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use compact_str::CompactString;
use panopticon_model::observation::{Facts, Measured, Outcome};
use panopticon_model::time::Epoch;
use panopticon_sources::fetch::{Config, FetchError, Secret};
use panopticon_sources::rdap::error::MAX_ANSWER;
use panopticon_sources::rdap::{Credentials, Rdap, RdapError, Service, Settings};
use tokio::task::JoinSet;

use super::fixture;
use crate::fetch::server::{Reply, Server, https, reply};

const NOW: Epoch = Epoch(1_764_000_000_000);
const RDAP: &str = "Content-Type: application/rdap+json";

pub(super) fn network() -> Config {
    // A second installation fails, which is fine: it is the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Config { system_proxy: false, ..Config::default() }
}

pub(super) fn settings() -> Settings {
    Settings { per_second: 0.0, allow_loopback: true, ..Settings::default() }
}

/// A client for one TLD.
fn client_with(settings: Settings, tld: &str, base: &str, credentials: Credentials) -> Rdap {
    let service = Service { base: base.parse().unwrap(), credentials };
    Rdap::new(&network(), settings, [(tld.into(), service)]).unwrap()
}

fn client(server: &Server) -> Rdap {
    client_with(settings(), "xx", &server.url("rdap/"), Credentials::None)
}

fn found(name: &str) -> Reply {
    reply("200 OK", &[RDAP], format!(r#"{{"objectClassName":"domain","ldhName":"{name}"}}"#))
}

fn to(location: &str) -> Reply {
    reply("307 Temporary Redirect", &[&format!("Location: {location}")], "")
}

#[tokio::test]
async fn a_question_and_its_answer() {
    let server =
        Server::start(vec![reply("200 OK", &[RDAP], fixture("reddog.json")), found("xn--bcher-kva.xx")]).await;
    let rdap = client(&server);
    let Measured { outcome, facts, not_before, not_after } = rdap.measure("shop.xx", NOW).await;
    assert_eq!((outcome, not_before, not_after), (Outcome::Found, None, None));
    let Facts::Rdap(facts) = facts else { panic!("{facts:?}") };
    assert_eq!(facts.registrar_iana_id.as_deref(), Some("9994"));
    assert_eq!(rdap.measure("Bücher.xx", NOW).await.outcome, Outcome::Found);

    let requests = server.requests();
    assert!(requests[0].starts_with("GET /rdap/domain/shop.xx HTTP/1.1\r\n"), "{}", requests[0]);
    assert!(requests[0].contains("\r\naccept: application/rdap+json, application/json\r\n"), "{}", requests[0]);
    assert!(requests[0].contains("\r\nuser-agent: panopticon/"), "{}", requests[0]);
    assert!(!requests[0].to_lowercase().contains("authorization"), "{}", requests[0]);
    assert!(requests[1].starts_with("GET /rdap/domain/xn--bcher-kva.xx HTTP/1.1\r\n"), "{}", requests[1]);
}

#[tokio::test]
async fn answers_that_are_none() {
    let json = |body: &str| reply("200 OK", &[RDAP], body);
    let chunked = format!("HTTP/1.1 200 OK\r\n{RDAP}\r\nTransfer-Encoding: chunked\r\n\r\n").into_bytes();
    let short = format!("HTTP/1.1 200 OK\r\n{RDAP}\r\nContent-Length: 99\r\n\r\n{{").into_bytes();
    for (answer, expected) in [
        (reply("404 Not Found", &[], ""), Outcome::NotFound),
        (reply("400 Bad Request", &[], ""), Outcome::ClientError),
        (reply("500 Oops", &[], ""), Outcome::ServiceError),
        (reply("503 Busy", &[], ""), Outcome::ServiceError),
        (json(r#"{"errorCode":404}"#), Outcome::ServiceError),
        (found("other.xx"), Outcome::Mismatch),
        (json(r#"{"objectClassName":"nameserver","ldhName":"a.xx"}"#), Outcome::Malformed),
        (json("[]"), Outcome::Malformed),
        (json(""), Outcome::Malformed),
        (reply("200 OK", &["Content-Type: text/html"], r#"{"ldhName":"a.xx"}"#), Outcome::Malformed),
        (reply("200 OK", &[], "<html>"), Outcome::Malformed),
        (reply("204 No Content", &[], ""), Outcome::Malformed),
        // Announced, and not announced.
        (json(&format!(r#"{{"ldhName":"a.xx"}}{}"#, " ".repeat(MAX_ANSWER))), Outcome::Malformed),
        (Reply::Endless(chunked, b"4\r\nabcd\r\n".repeat(100)), Outcome::Malformed),
        (Reply::Bytes(short), Outcome::Reset),
        (Reply::Bytes(Vec::new()), Outcome::Reset),
        (to("https://"), Outcome::BadRedirect),
        (to("http://a.example/"), Outcome::BadRedirect),
        (reply("302 Found", &[], ""), Outcome::BadRedirect),
        (to(""), Outcome::RedirectLoop),
    ] {
        let server = Server::start(vec![answer]).await;
        let measured = client(&server).measure("a.xx", NOW).await;
        assert_eq!((measured.outcome, measured.facts), (expected, Facts::None));
        assert_eq!(server.requests().len(), 1, "{expected:?}: it is not for us to ask again");
    }
}

#[tokio::test]
async fn nobody_answers() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let rdap = client_with(settings(), "xx", &format!("http://{address}/"), Credentials::None);
    let measured = rdap.measure("a.xx", NOW).await;
    assert_eq!(measured.outcome, Outcome::ConnectRefused);
    assert!(measured.not_before >= Some(NOW.plus(1000)), "{measured:?}");

    let server = Server::start(vec![found("a.xx")]).await;
    for domain in ["a.zz", "xx.", "", "..", "a b.xx", "../../etc.xx/passwd"] {
        let expected = if domain == "xx." { Outcome::Mismatch } else { Outcome::NoServer };
        assert_eq!(client(&server).measure(domain, NOW).await.outcome, expected, "{domain}");
    }
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn https_is_spoken_to_those_who_can_be_trusted() {
    let (pem, server) = https(vec![found("a.xx")]).await;
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, pem).unwrap();
    let base = format!("https://{}/rdap/", server.address);
    for (ca, expected) in [(Some(ca), Outcome::Found), (None, Outcome::TlsFailure)] {
        let service = Service { base: base.parse().unwrap(), credentials: Credentials::None };
        let rdap = Rdap::new(&Config { ca, ..network() }, Settings::default(), [("xx".into(), service)]).unwrap();
        assert_eq!(rdap.measure("a.xx", NOW).await.outcome, expected);
    }
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn silence_and_drips_end() {
    let begin = format!("HTTP/1.1 200 OK\r\n{RDAP}\r\nContent-Length: 100000\r\n\r\n{{").into_bytes();
    let drip = Reply::Endless(begin.clone(), Vec::new());
    for answer in [Reply::Silence(Vec::new()), Reply::Silence(begin), drip] {
        let server = Server::start(vec![answer]).await;
        let settings = Settings { timeout: Duration::from_millis(100), ..settings() };
        let rdap = client_with(settings, "xx", &server.url(""), Credentials::None);
        assert_eq!(rdap.measure("a.xx", NOW).await.outcome, Outcome::Timeout);
    }
}

#[tokio::test]
async fn a_slow_body_holds_nobody_up() {
    let begin = format!("HTTP/1.1 200 OK\r\n{RDAP}\r\nContent-Length: 100000\r\n\r\n{{").into_bytes();
    let server = Server::start(vec![Reply::Silence(begin), found("b.xx")]).await;
    let rdap = Arc::new(client(&server));
    let slow = tokio::spawn({
        let rdap = Arc::clone(&rdap);
        async move { rdap.measure("a.xx", NOW).await }
    });
    while server.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(rdap.measure("b.xx", NOW).await.outcome, Outcome::Found);
    assert!(!slow.is_finished());
    slow.abort();
}

#[tokio::test]
async fn what_nobody_between_may_read_is_not_sent() {
    let service =
        |base: &str| [("xx".into(), Service { base: base.parse().unwrap(), credentials: Credentials::None })];
    let new = |network: &Config, allow_loopback, base| {
        Rdap::new(network, Settings { allow_loopback, ..settings() }, service(base)).err()
    };
    assert!(new(&network(), false, "https://rdap.nic.example/").is_none());
    assert!(new(&network(), true, "http://127.0.0.1/").is_none());
    for (allow_loopback, base) in [(false, "http://127.0.0.1/"), (true, "http://rdap.nic.example/")] {
        assert!(matches!(new(&network(), allow_loopback, base), Some(RdapError::NotHttps(_))), "{base}");
    }
    let offline = new(&Config { offline: true, ..network() }, false, "https://rdap.nic.example/");
    assert!(matches!(offline, Some(RdapError::Network(FetchError::Offline { .. }))));
}

#[tokio::test]
async fn redirects_are_followed_and_credentials_are_not_forwarded() {
    let elsewhere = Server::start(vec![found("a.xx")]).await;
    let there = elsewhere.url("domain/a.xx");
    let server = Server::start(vec![to("/other/domain/a.xx"), to(&there)]).await;
    let credentials = Credentials::Basic { user: "arke".to_owned(), password: Secret::new("sesame") };
    let rdap = client_with(settings(), "xx", &server.url("rdap"), credentials);
    assert_eq!(rdap.measure("a.xx", NOW).await.outcome, Outcome::Found);

    let asked = server.requests();
    let paths: Vec<&str> = asked.iter().filter_map(|head| head.split(' ').nth(1)).collect();
    assert_eq!(paths, ["/rdap/domain/a.xx", "/other/domain/a.xx"]);
    assert!(asked.iter().all(|head| head.contains("\r\nauthorization: Basic YXJrZTpzZXNhbWU=\r\n")), "{asked:?}");
    let asked = elsewhere.requests();
    assert_eq!(asked.len(), 1);
    assert!(!asked[0].to_lowercase().contains("authorization") && !asked[0].contains("YXJr"), "{asked:?}");
}

#[tokio::test]
async fn redirects_that_do_not_end() {
    let server = Server::answering(|number, _| to(&format!("/{}", number % 2))).await;
    assert_eq!(client(&server).measure("a.xx", NOW).await.outcome, Outcome::RedirectLoop);
    let server =
        Server::answering(|number, _| if number < 3 { to(&format!("/{number}")) } else { found("a.xx") }).await;
    assert_eq!(client(&server).measure("a.xx", NOW).await.outcome, Outcome::Found, "three are followed");
    let server = Server::answering(|number, _| to(&format!("/{number}"))).await;
    assert_eq!(client(&server).measure("a.xx", NOW).await.outcome, Outcome::TooManyRedirects);
    assert_eq!(server.requests().len(), 4);
    // The name is that of the question, wherever the answer comes from.
    let server = Server::answering(|number, _| if number < 1 { to("/b") } else { found("b.xx") }).await;
    assert_eq!(client(&server).measure("a.xx", NOW).await.outcome, Outcome::Mismatch);
}

#[tokio::test]
async fn a_service_that_turns_us_away_is_left_alone() {
    for status in ["401 Unauthorized", "403 Forbidden"] {
        let server = Server::start(vec![reply(status, &[], "")]).await;
        let other = Server::start(vec![found("a.zz")]).await;
        let service = |server: &Server| Service {
            base: server.url("").parse().unwrap(),
            credentials: Credentials::Bearer(Secret::new("wrong")),
        };
        let services: [(CompactString, Service); 2] =
            [("xx".into(), service(&server)), ("zz".into(), service(&other))];
        let rdap = Arc::new(Rdap::new(&network(), settings(), services).unwrap());
        let mut tasks = JoinSet::new();
        for number in 0..20 {
            let rdap = Arc::clone(&rdap);
            tasks.spawn(async move { rdap.measure(&format!("{number}.xx"), NOW).await });
        }
        let all = tasks.join_all().await;
        assert!(all.iter().all(|measured| *measured == Measured::bare(Outcome::Unauthorized)), "{all:?}");
        assert_eq!(server.requests().len(), 1, "a wrong password is tried once");
        assert_eq!(rdap.measure("a.zz", NOW).await.outcome, Outcome::Found, "another service is not meant");
    }
}

#[tokio::test]
async fn a_stranger_that_turns_us_away_closes_nothing() {
    let stranger = Server::start(vec![reply("403 Forbidden", &[], "")]).await;
    let there = stranger.url("");
    let server = Server::answering(move |number, _| if number == 0 { to(&there) } else { found("b.xx") }).await;
    let rdap = client(&server);
    assert_eq!(rdap.measure("a.xx", NOW).await.outcome, Outcome::Unauthorized);
    assert_eq!(rdap.measure("b.xx", NOW).await.outcome, Outcome::Found);
}

#[tokio::test]
async fn an_origin_that_asks_for_a_pause_has_it() {
    let busy = reply("429 Too Many Requests", &["Retry-After: 30"], "");
    let server = Server::start(vec![busy, found("b.xx")]).await;
    let service = || Service { base: server.url("").parse().unwrap(), credentials: Credentials::None };
    // Two TLDs at one origin.
    let rdap = Rdap::new(&network(), settings(), [("xx".into(), service()), ("zz".into(), service())]).unwrap();
    let first = rdap.measure("a.xx", NOW).await;
    assert_eq!(first.outcome, Outcome::RateLimited);
    assert!(first.not_before >= Some(NOW.plus(30_000)), "{first:?}");
    for domain in ["b.xx", "c.zz"] {
        let next = rdap.measure(domain, NOW).await;
        assert_eq!(next.outcome, Outcome::RateLimited);
        assert!(next.not_before > Some(NOW) && next.not_before <= first.not_before, "{next:?}");
    }
    assert_eq!(server.requests().len(), 1);

    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(31)).await;
    tokio::time::resume();
    assert_eq!(rdap.measure("b.xx", NOW).await.outcome, Outcome::Found);
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn many_ask_at_once_and_nobody_within_a_pause() {
    const PAUSE: Duration = Duration::from_secs(1);
    // The end of the pause, and requests before it.
    let pause = Arc::new(Mutex::new((Instant::now(), 0)));
    let log = Arc::clone(&pause);
    let server = Server::answering(move |number, head| {
        let mut pause = log.lock().unwrap();
        pause.1 += usize::from(Instant::now() < pause.0);
        if number == 20 {
            pause.0 = Instant::now() + PAUSE;
            return reply("503 Busy", &["Retry-After: 1"], "");
        }
        let path = head.split(' ').nth(1).unwrap();
        found(path.strip_prefix("/rdap/domain/").unwrap())
    });
    let server = server.await;
    let rdap = Arc::new(client(&server));
    let mut tasks = JoinSet::new();
    for number in 0..60 {
        let rdap = Arc::clone(&rdap);
        tasks.spawn(async move { rdap.measure(&format!("{number}.xx"), NOW).await.outcome });
    }
    let outcomes = tasks.join_all().await;
    let count = |outcome| outcomes.iter().filter(|one| **one == outcome).count();
    assert_eq!((count(Outcome::Found), count(Outcome::RateLimited)), (59, 1), "a short pause is waited for");
    assert_eq!((server.requests().len(), pause.lock().unwrap().1), (60, 0));
}
