//! The client against servers of scripted answers: none of them gets more from us than it may.

use std::sync::Arc;
use std::time::Duration;

use arke::config::Secret;
use arke::rdap::answer::MAX_BYTES;
use arke::rdap::{Auth, Rdap, RdapError, Settings};

use super::server::{Reply, Server, reply};
use super::{fixture, name};

const RDAP: &str = "Content-Type: application/rdap+json";

pub(super) fn settings(url: &str) -> Settings {
    Settings { interval: Duration::ZERO, ..Settings::new(url.parse().unwrap()) }
}

fn client(server: &Server) -> Rdap {
    Rdap::new(settings(&server.url("rdap/")), &Auth::None).unwrap()
}

pub(super) fn basic(password: &str) -> Auth {
    Auth::Basic { user: "arke".to_owned(), password: Secret::new(password) }
}

pub(super) fn found(domain: &str) -> Reply {
    reply("200 OK", &[RDAP], format!(r#"{{"objectClassName":"domain","ldhName":"{domain}"}}"#))
}

fn to(location: &str) -> Reply {
    reply("307 Temporary Redirect", &[&format!("Location: {location}")], "")
}

fn busy(status: &str, after: &str) -> Reply {
    reply(status, &[&format!("Retry-After: {after}")], "")
}

async fn error(server: &Server) -> String {
    format!("{:?}", client(server).domain(&name("a.xx")).await.unwrap_err())
}

#[tokio::test]
async fn a_question_and_its_answer() {
    let server = Server::start(vec![reply("200 OK", &[RDAP], fixture("full")), found("xn--bcher-kva.xx")]).await;
    let rdap = client(&server);
    let registration = rdap.domain(&name("shop.xx")).await.unwrap();
    assert_eq!(registration.registrar.unwrap().iana_id, Some(9994));
    assert_eq!(rdap.domain(&name("Bücher.xx")).await.unwrap().unicode_name, "bücher.xx");

    let heads: Vec<String> = server.asked().into_iter().map(|asked| asked.head).collect();
    assert!(heads[0].starts_with("GET /rdap/domain/shop.xx HTTP/1.1\r\n"), "{}", heads[0]);
    assert!(heads[0].contains("\r\naccept: application/rdap+json, application/json\r\n"), "{}", heads[0]);
    assert!(heads[0].contains("\r\nuser-agent: arke/"), "{}", heads[0]);
    assert!(!heads[0].to_lowercase().contains("authorization"), "{}", heads[0]);
    assert!(heads[1].starts_with("GET /rdap/domain/xn--bcher-kva.xx HTTP/1.1\r\n"), "{}", heads[1]);
}

#[tokio::test]
async fn answers_that_are_none_are_errors_and_not_asked_for_again() {
    let json = |body: &str| reply("200 OK", &[RDAP], body);
    let chunked = format!("HTTP/1.1 200 OK\r\n{RDAP}\r\nTransfer-Encoding: chunked\r\n\r\n").into_bytes();
    let short = format!("HTTP/1.1 200 OK\r\n{RDAP}\r\nContent-Length: 99\r\n\r\n{{").into_bytes();
    for (answer, expected) in [
        (reply("404 Not Found", &[], ""), "NotFound"),
        (reply("400 Bad Request", &[], ""), "Status(400)"),
        (reply("500 Oops", &[], ""), "Server(500)"),
        (json(r#"{"errorCode":404}"#), "NotFound"),
        (json(r#"{"errorCode":418}"#), "NotRdap(Some(Code(418)))"),
        (found("other.xx"), "WrongName"),
        (json("[]"), "NotRdap(Some(NotADomain(\"it is no object\")))"),
        (json(""), "NotRdap(Some(NotJson { line: 1, column: 0 }))"),
        (reply("200 OK", &["Content-Type: text/html"], r#"{"ldhName":"a.xx"}"#), "NotRdap(None)"),
        (reply("200 OK", &[], "<html>"), "NotRdap(Some(NotJson { line: 1, column: 1 }))"),
        // Announced, and not announced.
        (json(&format!(r#"{{"ldhName":"a.xx"}}{}"#, " ".repeat(MAX_BYTES))), "TooLarge"),
        (Reply::Endless(chunked, b"4\r\nabcd\r\n".repeat(100)), "TooLarge"),
        (Reply::Bytes(short), "Unreachable"),
        (Reply::Bytes(Vec::new()), "Unreachable"),
        (to("http://a.example/"), "Redirect(\"to what is not https\")"),
        (reply("302 Found", &[], ""), "Redirect(\"to nowhere\")"),
    ] {
        let server = Server::start(vec![answer]).await;
        assert_eq!(error(&server).await, expected);
        assert_eq!(server.asked().len(), 1, "{expected}");
    }
    let server = Server::start(vec![to("")]).await;
    assert_eq!(error(&server).await, "Redirect(\"more than three times\")");
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn who_is_slow_is_left() {
    let head = format!("HTTP/1.1 200 OK\r\n{RDAP}\r\nContent-Length: 99\r\n\r\n{{");
    for begun in [String::new(), "HTTP/1.1 200 OK\r\n".to_owned(), head] {
        let server = Server::start(vec![Reply::Silence(begun.into_bytes())]).await;
        let settings = Settings { timeout: Duration::from_millis(200), ..settings(&server.url("")) };
        let rdap = Rdap::new(settings, &Auth::None).unwrap();
        assert!(matches!(rdap.domain(&name("a.xx")).await, Err(RdapError::Timeout)));
    }
}

#[tokio::test]
async fn credentials_do_not_follow_a_redirect_to_another_port() {
    for auth in [basic("open sesame"), Auth::Bearer(Secret::new("open-sesame"))] {
        let other = Server::start(vec![found("a.xx")]).await;
        let location = other.url("elsewhere/domain/a.xx");
        let own = Server::answering(
            move |_, head| to(if head.starts_with("GET /rdap/") { "/again" } else { &location }),
            None,
        )
        .await;
        let rdap = Rdap::new(settings(&own.url("rdap")), &auth).unwrap();
        rdap.domain(&name("a.xx")).await.unwrap();
        let heads = |server: &Server| -> Vec<bool> {
            server.asked().iter().map(|asked| asked.head.to_lowercase().contains("\r\nauthorization: ")).collect()
        };
        assert_eq!((heads(&own), heads(&other)), (vec![true, true], vec![false]));
        assert!(!format!("{rdap:?} {auth:?}").contains("sesame"));
    }
}

#[tokio::test]
async fn nobody_asks_within_a_pause() {
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    let later = "Sun, 06 Nov 1994 08:49:38 GMT";
    let past = "Sun, 06 Nov 1994 08:00:00 GMT";
    for first in [
        busy("429 Too Many Requests", "1"),
        busy("503 Service Unavailable", "1"),
        reply("429 Too Many Requests", &[&format!("Retry-After: {later}"), &format!("Date: {date}")], ""),
        busy("429 Too Many Requests", past),
    ] {
        // The whole origin waits, whatever is asked: four questions stand in line.
        let answer = |head: &str| found(head.split(['/', ' ']).nth(4).unwrap());
        let server =
            Server::answering(move |number, head| if number == 0 { first.clone() } else { answer(head) }, None)
                .await;
        let settings = Settings { concurrency: 4, ..settings(&server.url("rdap")) };
        let rdap = Arc::new(Rdap::new(settings, &Auth::None).unwrap());
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..4 {
            let rdap = Arc::clone(&rdap);
            tasks.spawn(async move { rdap.domain(&name(&format!("a{number}.xx"))).await.map(|it| it.name) });
        }
        assert!(tasks.join_all().await.iter().all(Result::is_ok));
        let gaps = server.gaps();
        assert_eq!(gaps.len(), 4);
        assert!(gaps[0] >= Duration::from_secs(1), "{gaps:?}");
    }
}

#[tokio::test]
async fn a_long_pause_is_not_waited_for_and_five_are_enough() {
    for (after, expected) in [("61", 61), ("3600", 3600), ("86400", 3600), ("Thu, 31 Dec 2099 08:00:00 GMT", 3600)]
    {
        let server = Server::start(vec![busy("429 Too Many Requests", after)]).await;
        let rdap = client(&server);
        for _ in 0..2 {
            let Err(RdapError::RateLimited { retry_after }) = rdap.domain(&name("a.xx")).await else { panic!() };
            assert!(retry_after <= Duration::from_secs(expected), "{after}: {retry_after:?}");
            assert!(retry_after > Duration::from_secs(expected - 30), "{after}: {retry_after:?}");
        }
        assert_eq!(server.asked().len(), 1, "{after}");
    }
    let server = Server::start(vec![busy("429 Too Many Requests", "0")]).await;
    assert!(error(&server).await.starts_with("RateLimited"));
    assert_eq!(server.asked().len(), 5);
}

#[tokio::test]
async fn a_wrong_password_is_one_request() {
    let server = Server::start(vec![reply("401 Unauthorized", &["WWW-Authenticate: Basic realm=x"], "")]).await;
    let rdap = Rdap::new(settings(&server.url("")), &basic("wrong")).unwrap();
    assert!(matches!(rdap.domain(&name("a.xx")).await, Err(RdapError::Unauthorized)));
    for _ in 0..3 {
        let error = rdap.domain(&name("b.xx")).await.unwrap_err();
        assert!(matches!(error, RdapError::Stopped) && error.stops_the_run());
    }
    assert_eq!(server.asked().len(), 1);

    let server = Server::start(vec![reply("403 Forbidden", &[], "")]).await;
    let error = client(&server).domain(&name("a.xx")).await.unwrap_err();
    assert!(matches!(error, RdapError::Forbidden) && error.stops_the_run());
}

#[tokio::test]
async fn nobody_answers() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let rdap = Rdap::new(settings(&format!("http://{address}/")), &Auth::None).unwrap();
    assert!(matches!(rdap.domain(&name("a.xx")).await, Err(RdapError::Unreachable)));
}
