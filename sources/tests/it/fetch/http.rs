//! Content from a server: conditions, retries, redirects, caps, TLS, secrets.

use std::error::Error;
use std::io::Read;
use std::net::TcpListener;
use std::time::Duration;

use panopticon_sources::capped::{self, CapError, Caps};
use panopticon_sources::fetch::{
    Config, FetchError, Fetched, Fetcher, Known, Outcome, Pages, Request, Retry, Secret, Target, TargetError,
};
use tempfile::TempDir;

use super::server::{Reply, Server, https, reply};

/// A configuration that asks the loopback only and does not wait between tries.
fn config() -> Config {
    // A second installation fails, which is fine: it is the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Config {
        user_agent: "panopticon-test/1 (+https://example.org)".to_owned(),
        system_proxy: false,
        retry: Retry { first_wait: Duration::ZERO, ..Retry::default() },
        ..Config::default()
    }
}

pub(super) fn request(url: &str, aside: &TempDir) -> Request {
    Request {
        target: url.parse().unwrap(),
        key: None,
        header: None,
        caps: Caps::default(),
        member: None,
        pages: Pages::One,
        last: None,
        aside: aside.path().to_owned(),
        known: Known::default(),
        seed: 1,
    }
}

pub(super) async fn fetch(request: &Request) -> Result<Outcome, FetchError> {
    Fetcher::new(config())?.fetch(request).await
}

pub(super) fn only(outcome: Result<Outcome, FetchError>) -> Fetched {
    match outcome {
        Ok(Outcome::Fetched(mut fetched)) if fetched.len() == 1 => fetched.remove(0),
        other => panic!("{other:?}"),
    }
}

pub(super) fn content(fetched: &Fetched) -> Vec<u8> {
    let mut content = Vec::new();
    let file = std::fs::File::open(&fetched.file).unwrap();
    capped::open(file, Caps::default(), None).unwrap().read_to_end(&mut content).unwrap();
    assert_eq!(fetched.bytes, content.len() as u64);
    content
}

/// An error with all that it shows: its text, those of its causes, and its debug form.
pub(super) fn shown(error: &FetchError) -> String {
    let mut text = format!("{error:?} {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(" {cause} {cause:?}"));
        source = cause.source();
    }
    text
}

fn is_empty(folder: &TempDir) -> bool {
    std::fs::read_dir(folder.path()).unwrap().count() == 0
}

#[tokio::test]
async fn content_and_its_validators() {
    let aside = tempfile::tempdir().unwrap();
    let headers = ["ETag: \"v1\"", "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT"];
    let server =
        Server::start(vec![reply("200 OK", &headers, "a.xx\n"), reply("304 Not Modified", &[], "")]).await;
    let mut request = request(&server.url("list"), &aside);
    let fetched = only(fetch(&request).await);
    assert_eq!(content(&fetched), b"a.xx\n");
    assert_eq!(fetched.etag.as_deref(), Some("\"v1\""));
    assert_eq!(fetched.digest.0, blake3::hash(b"a.xx\n").as_bytes()[..16]);
    assert_eq!((fetched.url_shown, fetched.stamp), (server.url("list"), None));

    request.known = Known { etag: fetched.etag, last_modified: fetched.last_modified, ..Known::default() };
    match fetch(&request).await.unwrap() {
        Outcome::NotModified { etag, last_modified } => {
            assert_eq!(etag.as_deref(), Some("\"v1\""));
            assert_eq!(last_modified.as_deref(), Some("Sun, 06 Nov 1994 08:49:37 GMT"));
        }
        other => panic!("{other:?}"),
    }
    let requests = server.requests();
    let asked = |number: usize, header: &str| requests[number].to_lowercase().contains(&header.to_lowercase());
    assert!(asked(0, "user-agent: panopticon-test/1 (+https://example.org)\r\n"));
    assert!(!asked(0, "if-none-match") && !asked(0, "if-modified-since"));
    assert!(asked(1, "if-none-match: \"v1\"\r\n"));
    assert!(asked(1, "if-modified-since: Sun, 06 Nov 1994 08:49:37 GMT\r\n"));
}

#[tokio::test]
async fn the_same_content_is_not_modified_however_it_is_packed() {
    let aside = tempfile::tempdir().unwrap();
    let packed = zstd::encode_all(&b"a.xx\n"[..], 3).unwrap();
    let server = Server::start(vec![reply("200 OK", &["ETag: \"v2\""], packed)]).await;
    let mut request = request(&server.url(""), &aside);
    let digest = only(fetch(&request).await).digest;
    assert_eq!(digest.0, blake3::hash(b"a.xx\n").as_bytes()[..16]);
    request.known.digest = Some(digest);
    assert!(matches!(fetch(&request).await, Ok(Outcome::NotModified { etag: Some(_), .. })));
    assert!(is_empty(&aside));
}

#[tokio::test]
async fn some_answers_are_final_and_some_are_asked_again() {
    for (script, expected, asked) in [
        (vec!["401 Unauthorized"], Err(401), 1),
        (vec!["403 Forbidden"], Err(403), 1),
        (vec!["404 Not Found"], Err(404), 1),
        (vec!["206 Partial Content"], Err(206), 1),
        // Nothing was conditional.
        (vec!["304 Not Modified"], Err(304), 1),
        (vec!["500 Oops", "200 OK"], Ok(()), 2),
        (vec!["429 Slow Down", "503 Busy", "200 OK"], Ok(()), 3),
        (vec!["502 Oops"], Err(502), 3),
    ] {
        let aside = tempfile::tempdir().unwrap();
        let replies = script.iter().map(|status| reply(status, &[], "x")).collect();
        let server = Server::start(replies).await;
        let result = match fetch(&request(&server.url(""), &aside)).await {
            Ok(Outcome::Fetched(_)) => Ok(()),
            Err(FetchError::Status { status, hint, .. }) => {
                assert!(!hint.is_empty());
                Err(status)
            }
            other => panic!("{other:?}"),
        };
        assert_eq!((result, server.requests().len()), (expected, asked), "{script:?}");
        assert!(is_empty(&aside));
    }
}

#[tokio::test]
async fn a_server_may_ask_to_wait() {
    let aside = tempfile::tempdir().unwrap();
    let server = Server::start(vec![reply("429 Slow", &["Retry-After: 0"], ""), reply("200 OK", &[], "x")]).await;
    only(fetch(&request(&server.url(""), &aside)).await);
    assert_eq!(server.requests().len(), 2);
    let server = Server::start(vec![reply("503 Busy", &["Retry-After: 86400"], "")]).await;
    match fetch(&request(&server.url(""), &aside)).await.unwrap_err() {
        FetchError::ComeBackLater { status: 503, wait, .. } => assert_eq!(wait.as_secs(), 86_400),
        other => panic!("{other:?}"),
    }
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn too_much_is_refused_as_it_comes() {
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let zeros = zstd::encode_all(std::io::repeat(0).take(10_000_000), 1).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::copy(&mut std::io::repeat(0).take(10_000_000), &mut gzip).unwrap();
    let caps = Caps { max_bytes: 50_000, max_decoded_bytes: 1_000_000 };
    for (answer, expected) in [
        // Announced, and not announced.
        (reply("200 OK", &[], vec![b'x'; 50_001]), CapError::TooLarge(50_000)),
        (Reply::Endless(chunked, b"4\r\nabcd\r\n".repeat(100)), CapError::TooLarge(50_000)),
        (reply("200 OK", &[], zeros), CapError::TooLargeDecoded(1_000_000)),
        (reply("200 OK", &[], gzip.finish().unwrap()), CapError::TooLargeDecoded(1_000_000)),
    ] {
        let aside = tempfile::tempdir().unwrap();
        let server = Server::start(vec![answer]).await;
        let request = Request { caps, ..request(&server.url(""), &aside) };
        match fetch(&request).await.unwrap_err() {
            FetchError::Content { source, .. } => assert_eq!(CapError::of(&source), Some(&expected)),
            other => panic!("{other:?}"),
        }
        assert_eq!(server.requests().len(), 1, "what is too large is not asked for again");
        assert!(is_empty(&aside));
    }
}

#[tokio::test]
async fn what_breaks_off_is_asked_for_again() {
    let aside = tempfile::tempdir().unwrap();
    let short = Reply::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc".to_vec());
    let nothing = Reply::Bytes(Vec::new());
    let server = Server::start(vec![short.clone(), nothing, reply("200 OK", &[], "whole")]).await;
    assert_eq!(content(&only(fetch(&request(&server.url(""), &aside)).await)), b"whole");
    let server = Server::start(vec![short]).await;
    let error = fetch(&request(&server.url(""), &aside)).await.unwrap_err();
    assert!(matches!(error, FetchError::Transport { .. }), "{error:?}");
    assert_eq!(server.requests().len(), 3);
    assert!(is_empty(&aside));
}

#[tokio::test]
async fn silence_and_drips_end() {
    let aside = tempfile::tempdir().unwrap();
    let begin = b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\nabc".to_vec();
    let server = Server::start(vec![Reply::Silence(begin.clone())]).await;
    let config_silence = Config { read_timeout: Duration::from_millis(50), ..config() };
    let error = Fetcher::new(config_silence).unwrap().fetch(&request(&server.url(""), &aside)).await.unwrap_err();
    match &error {
        FetchError::Transport { source, .. } => assert!(source.is_timeout(), "{error:?}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(server.requests().len(), 3);

    // Each byte comes in time, and all together never.
    let server = Server::start(vec![Reply::Endless(begin, b"x".to_vec())]).await;
    let config_drip = Config { total_timeout: Duration::from_millis(200), ..config() };
    let error = Fetcher::new(config_drip).unwrap().fetch(&request(&server.url(""), &aside)).await.unwrap_err();
    assert!(matches!(error, FetchError::Timeout { .. }), "{error:?}");
    assert!(is_empty(&aside));
}

#[tokio::test]
async fn redirects() {
    let aside = tempfile::tempdir().unwrap();
    let to = |location: &str| reply("302 Found", &[&format!("Location: {location}")], "");
    let refusal = async |replies: Vec<Reply>| {
        let server = Server::start(replies).await;
        match fetch(&request(&server.url("a/b"), &aside)).await.unwrap_err() {
            FetchError::Redirect { what, .. } => (what, server.requests().len()),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(refusal(vec![to("/again")]).await, ("more than five times", 6));
    assert_eq!(refusal(vec![to("ftp://a.xx/")]).await.0, "to a scheme that is neither http nor https");
    assert_eq!(refusal(vec![to("file:///etc/passwd")]).await.0, "to a scheme that is neither http nor https");
    assert_eq!(refusal(vec![reply("301 Moved", &[], "")]).await.0, "to nowhere");
    assert_eq!(refusal(vec![to("http://")]).await.0, "to something that is no URL");

    let server = Server::start(vec![to("c"), to("/d"), reply("200 OK", &[], "x")]).await;
    only(fetch(&request(&server.url("a/b"), &aside)).await);
    let paths: Vec<_> = server.requests().iter().map(|head| head.lines().next().unwrap().to_owned()).collect();
    assert_eq!(paths, ["GET /a/b HTTP/1.1", "GET /a/c HTTP/1.1", "GET /d HTTP/1.1"]);
}

#[tokio::test]
async fn secrets_go_to_their_host_and_nowhere_else() {
    const SECRET: &str = "s3cr3t/Key+x";
    const ENCODED: &str = "s3cr3t%2FKey%2Bx";
    let aside = tempfile::tempdir().unwrap();
    let other = Server::start(vec![reply("404 Not Found", &[], "")]).await;
    let there = format!("Location: {}", other.url("landing"));
    let server = Server::start(vec![
        reply("302 Found", &[&format!("Location: /key/{ENCODED}")], ""),
        reply("302 Found", &[&there], ""),
    ])
    .await;
    let mut request = request(&server.url("{key}/list?key={key}"), &aside);
    request.key = Some(Secret::new(&format!(" {SECRET}\n")));
    request.header = Some(("Auth-Key".to_owned(), Secret::new(SECRET)));
    let error = fetch(&request).await.unwrap_err();
    assert!(matches!(error, FetchError::Status { status: 404, .. }), "{error:?}");

    let requests = server.requests();
    assert!(requests[0].starts_with(&format!("GET /{ENCODED}/list?key={ENCODED} HTTP/1.1")), "{}", requests[0]);
    assert!(
        requests.iter().all(|head| head.to_lowercase().contains(&format!("auth-key: {SECRET}").to_lowercase()))
    );
    let landed = other.requests().concat().to_lowercase();
    assert!(!landed.contains("s3cr3t") && !landed.contains("auth-key") && !landed.contains("referer"), "{landed}");

    // Errors of every kind show the URL with its placeholder.
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut errors = vec![error];
    let breaks_off =
        Server::start(vec![Reply::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n".to_vec())]).await;
    let loops = Server::start(vec![reply("302 Found", &[&format!("Location: /{ENCODED}")], "")]).await;
    let waits = Server::start(vec![reply("429 Slow", &["Retry-After: 9999"], "")]).await;
    let bomb = Server::start(vec![reply("200 OK", &[], "0123456789")]).await;
    for address in [closed, breaks_off.address, loops.address, waits.address, bomb.address] {
        request.target = format!("http://{address}/{{key}}").parse().unwrap();
        request.caps.max_decoded_bytes = 5;
        errors.push(fetch(&request).await.unwrap_err());
    }
    request.header = Some(("bad name".to_owned(), Secret::new(SECRET)));
    errors.push(fetch(&request).await.unwrap_err());
    request.header = Some(("Auth-Key".to_owned(), Secret::new("s3cr3t\u{7f}")));
    errors.push(fetch(&request).await.unwrap_err());
    for error in errors {
        let text = shown(&error);
        assert!(text.contains("{key}"), "{text}");
        assert!(!text.contains("s3cr3t"), "{text}");
    }
    assert!(!format!("{request:?}").contains("s3cr3t"));
    request.key = None;
    assert!(matches!(fetch(&request).await, Err(FetchError::Secret { .. })));
}

#[tokio::test]
async fn offline_opens_no_socket() {
    let aside = tempfile::tempdir().unwrap();
    let server = Server::start(vec![reply("200 OK", &[], "x")]).await;
    let fetcher = Fetcher::new(Config { offline: true, ..config() }).unwrap();
    let error = fetcher.fetch(&request(&server.url(""), &aside)).await.unwrap_err();
    assert!(matches!(error, FetchError::Offline { .. }), "{error:?}");
    assert_eq!(server.requests().len(), 0);
    let file = aside.path().join("list");
    std::fs::write(&file, "a.xx\n").unwrap();
    only(fetcher.fetch(&request(file.to_str().unwrap(), &aside)).await);
}

#[tokio::test]
async fn https_trusts_the_authority_that_is_configured() {
    let aside = tempfile::tempdir().unwrap();
    let plain = Server::start(vec![reply("200 OK", &[], "x")]).await;
    let (pem, server) = https(vec![
        reply("200 OK", &[], "safe"),
        reply("302 Found", &[&format!("Location: {}", plain.url("x"))], ""),
    ])
    .await;
    let ca = aside.path().join("ca.pem");
    std::fs::write(&ca, pem).unwrap();
    let fetcher = Fetcher::new(Config { ca: Some(ca.clone()), ..config() }).unwrap();
    let request = request(&format!("https://{}/", server.address), &aside);
    assert_eq!(content(&only(fetcher.fetch(&request).await)), b"safe");
    match fetcher.fetch(&request).await.unwrap_err() {
        FetchError::Redirect { what, .. } => assert_eq!(what, "from https to http; this is not followed"),
        other => panic!("{other:?}"),
    }
    assert_eq!(plain.requests().len(), 0);

    // From http to https is followed.
    let upgrade =
        Server::start(vec![reply("301 Moved", &[&format!("Location: https://{}/", server.address)], "")]).await;
    let mut to_upgrade = request.clone();
    to_upgrade.target = upgrade.url("").parse().unwrap();
    let error = fetcher.fetch(&to_upgrade).await.unwrap_err();
    assert!(matches!(error, FetchError::Redirect { .. }), "{error:?}");
    assert_eq!(server.requests().len(), 3);

    // Without the authority there is no connection.
    if let Ok(fetcher) = Fetcher::new(config()) {
        let error = fetcher.fetch(&request).await.unwrap_err();
        assert!(matches!(error, FetchError::Transport { .. }), "{error:?}");
    }
    std::fs::write(&ca, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    let wrong = Fetcher::new(Config { ca: Some(ca), ..config() });
    assert!(matches!(wrong, Err(FetchError::Setup { .. })), "{wrong:?}");
    let missing = Fetcher::new(Config { ca: Some("/nowhere/ca.pem".into()), ..config() });
    assert!(matches!(missing, Err(FetchError::File { .. })), "{missing:?}");
}

#[test]
fn targets() {
    let target = |text: &str| text.parse::<Target>();
    assert_eq!(target("https://a.xx/{key}"), Ok(Target::Url("https://a.xx/{key}".to_owned())));
    assert_eq!(target("HTTP://a.xx"), Ok(Target::Url("HTTP://a.xx".to_owned())));
    assert_eq!(target("file:///a/b"), Ok(Target::Path("/a/b".into())));
    assert_eq!(target("a/b"), Ok(Target::Path("a/b".into())));
    for (text, error) in [
        ("", TargetError::Empty),
        ("ftp://a.xx/", TargetError::Scheme("ftp".to_owned())),
        ("file://host/a", TargetError::RemoteFile),
        ("http://", TargetError::Url),
        ("https://user:pass@a.xx/", TargetError::Credentials),
        ("https://user@a.xx/", TargetError::Credentials),
    ] {
        assert_eq!(target(text), Err(error));
    }
}
