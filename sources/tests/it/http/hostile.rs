//! Servers that misbehave in every way: an outcome with its class, never a hang or a panic.

use std::io::Write;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use panopticon_model::observation::Outcome;
use panopticon_sources::http::Fetcher;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy, duplex};
use tokio::net::{TcpListener, TcpStream};

use super::certificate::of_names;
use super::world::{Flaw, Identity, Names, Server, Step, config, fetch, fetcher, impatient, raw, reply};

fn bytes(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

const OK: &str = "HTTP/1.1 200 OK\r\n";

/// What comes of a server that sends `head` and then goes on with `rest`.
async fn check(fetcher: &Fetcher<Names>, head: &str, rest: Vec<Step>, expected: Outcome) {
    let (shown, head) = (format!("{head:.60} {rest:.100?}"), bytes(head));
    let script = move |_: &str| [vec![Step::Send(head.clone())], rest.clone()].concat();
    let server = Server::start(script).await;
    let (outcome, facts) = fetch(fetcher, &server.url("")).await;
    assert_eq!(outcome, expected, "{shown}: {facts:?}");
    assert_eq!(facts.detail.is_some(), outcome != Outcome::Content, "{shown}: {facts:?}");
    assert!(facts.length <= 1 << 20 && facts.hops.len() == 1, "{shown}");
}

#[tokio::test]
async fn late_or_never() {
    let fetcher = fetcher(impatient(), &Names::default());
    for (head, rest) in [
        ("", vec![Step::Hold]),
        ("HTTP/1.1 200 ", vec![Step::Hold]),
        ("HTTP/1.1 200 OK\r\nServer: x\r\n", vec![Step::Hold]),
        ("HTTP/1.1 200 OK\r\n\r\nfirst", vec![Step::Hold]),
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst", vec![Step::Hold]),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst", vec![Step::Hold]),
        // Never silent, and never done.
        ("HTTP/1.1 200 OK\r\n\r\n", vec![Step::Drip(bytes("x"), 20)]),
        ("HTTP/1.1 200 OK\r\nX: ", vec![Step::Drip(bytes("x"), 20)]),
        ("", vec![Step::Drip(bytes("HTTP/1.1 103 Early Hints\r\n\r\n"), 20)]),
    ] {
        check(&fetcher, head, rest, Outcome::Timeout).await;
    }
    // What was seen up to then is kept.
    let server = Server::start(|_| {
        vec![Step::Send(bytes("HTTP/1.1 200 OK\r\nServer: x\r\n\r\n<title>slow")), Step::Drip(bytes(" "), 20)]
    })
    .await;
    let (_, facts) = fetch(&fetcher, &server.url("")).await;
    assert_eq!(
        (facts.status, facts.server.as_deref(), facts.title.as_deref()),
        (Some(200), Some("x"), Some("slow"))
    );
    assert_eq!((facts.body_sha256, facts.detail.as_deref()), (None, Some("reading the body: the time is over")));
    // Nobody accepts the connection, and the answer of whoever takes it for us never comes.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (outcome, _) = fetch(&fetcher, &format!("http://{}/", silent.local_addr().unwrap())).await;
    assert_eq!(outcome, Outcome::Timeout);
}

#[tokio::test]
async fn byte_by_byte() {
    let fetcher = fetcher(config(), &Names::default());
    let answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n<title\r\n5\r\n>slow\r\n0\r\n\r\n";
    check(&fetcher, "", vec![Step::Bytewise(bytes(answer))], Outcome::Content).await;
    check(&fetcher, "", vec![Step::Bytewise(bytes("HTTP/1.0 200 OK\n\nx"))], Outcome::Content).await;
}

#[tokio::test]
async fn without_end() {
    let fetcher = fetcher(config(), &Names::default());
    let chunked = format!("{OK}Transfer-Encoding: chunked\r\n\r\n");
    for (head, rest, expected) in [
        (OK.to_owned(), "X: y\r\n", Outcome::Malformed),
        (format!("{OK}X: "), "y", Outcome::Malformed),
        (String::new(), "x", Outcome::Malformed),
        (String::new(), "\r\n", Outcome::Malformed),
        (String::new(), "HTTP/1.1 100 Continue\r\n\r\n", Outcome::Malformed),
        (format!("{OK}\r\n"), "x", Outcome::TooLarge),
        (format!("{OK}Content-Length: 99999999999\r\n\r\n"), "x", Outcome::TooLarge),
        (chunked.clone(), "1\r\nx\r\n", Outcome::TooLarge),
        (format!("{chunked}1;"), "x", Outcome::Malformed),
        (format!("{chunked}0\r\n"), "X: y\r\n", Outcome::Malformed),
        (chunked, "0", Outcome::Malformed),
    ] {
        check(&fetcher, &head, vec![Step::Forever(bytes(&rest.repeat(100)))], expected).await;
    }
}

#[tokio::test]
async fn a_bomb() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..200 {
        encoder.write_all(&[0x20; 1 << 20]).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    let server = Server::start(move |_| reply("200 OK", &["Content-Encoding: gzip"], &bomb)).await;
    let (outcome, facts) = fetch(&fetcher(config(), &Names::default()), &server.url("")).await;
    assert_eq!((outcome, facts.length, facts.body_sha256), (Outcome::TooLarge, 1 << 20, None));
    assert_eq!(facts.detail.as_deref(), Some("reading the body: more content than is read"));
}

#[tokio::test]
async fn lengths_and_chunks_that_are_wrong() {
    let fetcher = fetcher(config(), &Names::default());
    let chunked = |rest: &str| format!("{OK}Transfer-Encoding: chunked\r\n\r\n{rest}");
    let length = |length: &str, body: &str| format!("{OK}Content-Length: {length}\r\n\r\n{body}");
    for (answer, expected) in [
        (length("10", "short"), Outcome::Reset),
        (length("3", "longer"), Outcome::Content),
        (length("-1", "x"), Outcome::Malformed),
        (length("1, 2", "xx"), Outcome::Malformed),
        (length("x", "x"), Outcome::Malformed),
        (length("99999999999999999999999", "x"), Outcome::Malformed),
        (format!("{OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx"), Outcome::Malformed),
        (chunked("5\r\nwhole\r\n0\r\n\r\n"), Outcome::Content),
        (chunked("5\r\nwhole\r\n"), Outcome::Reset),
        (chunked("5\r\nhal"), Outcome::Reset),
        (chunked(""), Outcome::Reset),
        (chunked("5\r\nlonger\r\n0\r\n\r\n"), Outcome::Malformed),
        (chunked("x\r\nwhole\r\n"), Outcome::Malformed),
        (chunked("-5\r\nwhole\r\n"), Outcome::Malformed),
        (chunked("fffffffffffffffff\r\nwhole\r\n"), Outcome::Malformed),
        (chunked("<html>no chunks"), Outcome::Malformed),
    ] {
        check(&fetcher, &answer, Vec::new(), expected).await;
    }
}

#[tokio::test]
async fn what_is_no_http() {
    let fetcher = fetcher(config(), &Names::default());
    let headers = |count: usize| format!("{OK}{}\r\n", "X: y\r\n".repeat(count));
    for (answer, expected) in [
        ("<html>HTTP/0.9</html>", Outcome::Malformed),
        ("SSH-2.0-OpenSSH_9\r\n", Outcome::Malformed),
        ("220 mail ready\r\n", Outcome::Malformed),
        ("\0\0\0\0\0\0\0\0", Outcome::Malformed),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Outcome::Malformed),
        ("HTTP/1.1 2xx OK\r\n\r\n", Outcome::Malformed),
        ("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", Outcome::Malformed),
        ("HTTP/1.1 200 OK\r\nX: \0\r\n\r\n", Outcome::Malformed),
        ("", Outcome::Reset),
        ("HTTP/1.1 2", Outcome::Reset),
        (OK, Outcome::Reset),
        (&headers(100), Outcome::Content),
        (&headers(200), Outcome::Malformed),
    ] {
        check(&fetcher, answer, Vec::new(), expected).await;
    }
    for head in
        ["", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst", "HTTP/1.1 200 OK\r\n\r\nfirst"]
    {
        check(&fetcher, head, vec![Step::Reset], Outcome::Reset).await;
    }
    // TLS where none was asked for.
    let acceptor = Identity::new("shop.xx", Flaw::None).acceptor();
    let server = Server::start_at("127.0.0.1:0", Some(acceptor), |_| raw("")).await;
    let (outcome, facts) = fetch(&fetcher, &server.url("")).await;
    assert!(matches!(outcome, Outcome::Malformed | Outcome::Reset), "{outcome:?} {facts:?}");
}

/// A server that does as it is told with every connection.
async fn listen<F: Future<Output = ()> + Send + 'static>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    port
}

fn shop(port: u16) -> (Names, String) {
    (Names::default().with("shop.xx", &["127.0.0.1"]), format!("https://shop.xx:{port}/"))
}

#[tokio::test]
async fn what_is_no_tls() {
    // An alert: handshake failure.
    const ALERT: &[u8] = &[0x15, 3, 3, 0, 2, 2, 40];
    for (answer, expected) in [
        (&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], Outcome::TlsFailure),
        (ALERT, Outcome::TlsFailure),
        (&[0x16, 3, 3, 0xff, 0xff, 0], Outcome::TlsFailure),
        (&[0x16, 3, 3, 0, 4, 14, 0, 0, 0], Outcome::TlsFailure),
        (b"", Outcome::Reset),
        (&[0x16, 3], Outcome::Reset),
    ] {
        let port = listen(move |mut stream| async move {
            let mut hello = [0; 1024];
            let _ = stream.read(&mut hello).await;
            let _ = stream.write_all(answer).await;
            let _ = stream.shutdown().await;
            // Until the other end goes: closing with something unread would be a reset.
            while stream.read(&mut hello).await.is_ok_and(|count| count > 0) {}
        })
        .await;
        let (names, url) = shop(port);
        let (outcome, facts) = fetch(&fetcher(config(), &names), &url).await;
        assert_eq!(outcome, expected, "{answer:?} {facts:?}");
        assert!(facts.tls.is_none() && facts.detail.is_some());
    }
}

/// A TLS server of whose octets only so many arrive; the one at `flip` arrives damaged.
async fn broken_tls(end: usize, flip: Option<usize>) -> (Outcome, bool) {
    let acceptor = Identity::new("shop.xx", Flaw::None).acceptor();
    let port = listen(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let (near, far) = duplex(1 << 16);
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(far).await else { return };
                let _ = super::world::head(&mut stream).await;
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole").await;
                let _ = stream.shutdown().await;
            });
            let ((mut from_near, mut to_near), (mut from_client, mut to_client)) =
                (tokio::io::split(near), stream.into_split());
            tokio::spawn(async move { copy(&mut from_client, &mut to_near).await });
            for at in 0..end {
                let Ok(byte) = from_near.read_u8().await else { return };
                let byte = if flip == Some(at) { byte ^ 0x55 } else { byte };
                if to_client.write_all(&[byte]).await.is_err() {
                    return;
                }
            }
        }
    })
    .await;
    let (names, url) = shop(port);
    // A damaged length may mean that more is waited for.
    let config = if flip.is_some() { impatient() } else { config() };
    let (outcome, facts) = fetch(&fetcher(config, &names), &url).await;
    assert!(matches!(outcome, Outcome::Content) || facts.detail.is_some(), "{facts:?}");
    (outcome, facts.tls.is_some())
}

#[tokio::test]
async fn tls_that_breaks_in_every_phase() {
    let mut seen = std::collections::BTreeSet::new();
    for end in (0..1400).step_by(61) {
        let (outcome, with_certificate) = broken_tls(end, None).await;
        assert!(matches!(outcome, Outcome::Reset | Outcome::Content), "{end} {outcome:?}");
        seen.insert((outcome == Outcome::Content, with_certificate));
        let (outcome, _) = broken_tls(usize::MAX, Some(end)).await;
        let expected = [Outcome::TlsFailure, Outcome::Reset, Outcome::Content, Outcome::Timeout];
        assert!(expected.contains(&outcome), "{end} {outcome:?}");
    }
    // Before the certificate, behind it, and behind everything.
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [(false, false), (false, true), (true, true)]);
}

#[tokio::test]
async fn a_certificate_with_a_million_names() {
    let acceptor = of_names(1_000_000).acceptor();
    let server = Server::start_at("127.0.0.1:0", Some(acceptor), |_| reply("200 OK", &[], "x")).await;
    let (names, url) = shop(server.port());
    let (outcome, facts) = fetch(&fetcher(config(), &names), &url).await;
    assert_eq!(outcome, Outcome::TlsFailure, "{facts:?}");
    assert_eq!((facts.tls, server.requests().len()), (None, 0));
}

#[tokio::test]
async fn whoever_drops_a_fetch_drops_its_connection() {
    let (send, receive) = tokio::sync::oneshot::channel();
    let send = Arc::new(std::sync::Mutex::new(Some(send)));
    let port = listen(move |mut stream| {
        let send = send.lock().unwrap().take();
        async move {
            let _ = super::world::head(&mut stream).await;
            let (asked, gone) = tokio::sync::oneshot::channel();
            send.unwrap().send(gone).ok().unwrap();
            // Ends when the other end goes.
            let _ = stream.read_u8().await;
            let _ = asked.send(());
        }
    })
    .await;
    let fetcher = fetcher(config(), &Names::default());
    let url = format!("http://127.0.0.1:{port}/");
    let gone = tokio::select! {
        gone = receive => gone.unwrap(),
        _ = fetch(&fetcher, &url) => panic!("nobody answers"),
    };
    gone.await.unwrap();
}
