//! Vantages behind scripted proxies: whose failure it was, what is sent to whom.

use std::net::{Ipv4Addr, SocketAddr};

use panopticon_model::observation::{HttpFacts, Outcome};
use panopticon_sources::http::{Config, Vantage};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::world::{
    Flaw, Identity, Names, Server, Step, config, facts, fetcher, head, impatient, raw, redirect, reply,
};

const PAGE: &str = "<title>Sign in</title><p>Sign in to your bank account";

fn names() -> Names {
    Names::default().with("shop.xx", &["127.0.0.1"]).with("gone.xx", &["no-address"])
}

/// Fetches a URL through a way.
pub(super) async fn through(way: &str, config: Config, names: &Names, url: &str) -> (Outcome, HttpFacts) {
    let vantage = Vantage::new("there", "de", vec![way.parse().unwrap()]).unwrap();
    let fetcher = fetcher(Config { vantages: vec![vantage], ..config }, names);
    let measured = fetcher.measure("there", url, None, false).await;
    (measured.outcome, facts(&measured).clone())
}

/// A proxy that opens the way to whomever `CONNECT` names, over TLS if there is an acceptor.
pub(super) async fn tunnel(to: Option<SocketAddr>, tls: Option<TlsAcceptor>) -> SocketAddr {
    async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, to: Option<SocketAddr>) {
        let mut target = match to {
            Some(to) => TcpStream::connect(to).await.unwrap(),
            None => {
                let Some(head) = head(&mut stream).await else { return };
                let to: SocketAddr = head.split(' ').nth(1).unwrap().parse().unwrap();
                let _ = stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await;
                TcpStream::connect(to).await.unwrap()
            }
        };
        let _ = copy_bidirectional(&mut stream, &mut target).await;
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let tls = tls.clone();
            tokio::spawn(async move {
                match tls {
                    None => serve(stream, to).await,
                    Some(tls) => {
                        if let Ok(stream) = tls.accept(stream).await {
                            serve(stream, to).await;
                        }
                    }
                }
            });
        }
    });
    address
}

async fn secure() -> Server {
    let acceptor = Identity::new("shop.xx", Flaw::None).acceptor();
    Server::start_at("127.0.0.1:0", Some(acceptor), |_| reply("200 OK", &[], PAGE)).await
}

#[tokio::test]
async fn https_goes_through_a_tunnel_to_an_address() {
    let server = secure().await;
    let url = format!("https://shop.xx:{}/", server.port());
    let (outcome, facts) =
        through(&format!("http://{}", tunnel(None, None).await), config(), &names(), &url).await;
    assert_eq!(outcome, Outcome::Content, "{facts:?}");
    assert_eq!((facts.address, facts.resolved_by_proxy), (Some(Ipv4Addr::LOCALHOST.into()), false));
    assert_eq!(facts.tls.unwrap().error, None, "the name is kept");
    // The proxy saw the address and the password, the target neither.
    let proxy = Server::start(|_| raw("HTTP/1.1 503 Busy\r\n\r\n")).await;
    let way = format!("http://user:s%40cret@{}", proxy.address);
    let (outcome, facts) = through(&way, config(), &names(), &url).await;
    assert_eq!((outcome, facts.address), (Outcome::ProxyFailure, None));
    assert_eq!(facts.detail.as_deref(), Some("on the way through the proxy: the proxy answered 503"));
    let to = server.address;
    let expected =
        format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\nProxy-Authorization: Basic dXNlcjpzQGNyZXQ=\r\n\r\n");
    assert_eq!(proxy.requests(), [expected]);
    assert!(!server.requests().concat().contains("Proxy-"));
}

#[tokio::test]
async fn http_is_asked_of_the_proxy() {
    let via = ["Via: 1.0 fred, 1.1 GEO-A (tinyproxy/1.11.1)"];
    let proxy = Server::start(move |_| reply("200 OK", &via, PAGE)).await;
    let way = format!("http://user:s3cret@{}?via=geo-a", proxy.address);
    let (outcome, facts) = through(&way, config(), &names(), "http://u:p@shop.xx/a?b#c").await;
    assert_eq!((outcome, facts.title.as_deref()), (Outcome::Content, Some("Sign in")), "{facts:?}");
    assert_eq!((facts.address, facts.resolved_by_proxy, facts.hops[0].address), (None, true, None));
    assert_eq!(facts.via, format!("http://{}", proxy.address));
    let request = proxy.requests().concat();
    assert!(request.starts_with("GET http://shop.xx/a?b HTTP/1.1\r\nHost: shop.xx\r\n"), "{request}");
    assert!(request.contains("\r\nProxy-Authorization: Basic dXNlcjpzM2NyZXQ=\r\n"), "{request}");
    // What the guard does not admit, the proxy never hears of.
    for (url, expected) in [
        ("http://gone.xx/", Outcome::Unresolved),
        ("http://10.0.0.1/", Outcome::Denied),
        ("http://shop.xx:22/", Outcome::Denied),
    ] {
        assert_eq!(through(&way, config(), &names(), url).await.0, expected, "{url}");
    }
    assert_eq!(proxy.requests().len(), 1);
    let proxy = Server::start(move |_| reply("302 Found", &[via[0], "Location: http://10.0.0.1/"], "")).await;
    let way = format!("http://{}?via=geo-a", proxy.address);
    assert_eq!(through(&way, config(), &names(), "http://shop.xx/").await.0, Outcome::BadRedirect);
    assert_eq!(proxy.requests().len(), 1);
}

#[tokio::test]
async fn what_the_proxy_answers_itself_is_its_own() {
    let with = "Via: 1.1 geo-a";
    let other = "Via: 1.1 varnish";
    for (status, via, known, expected) in [
        ("200 OK", with, "?via=geo-a", Outcome::Content),
        ("404 Not Found", with, "?via=geo-a", Outcome::NotFound),
        ("502 Bad Gateway", with, "?via=geo-a", Outcome::ServerError),
        ("407 Credentials", with, "?via=geo-a", Outcome::ProxyFailure),
        ("200 OK", other, "?via=geo-a", Outcome::ProxyFailure),
        ("404 Not Found", other, "?via=geo-a", Outcome::ProxyFailure),
        ("500 Unable to connect", "X: y", "?via=geo-a", Outcome::ProxyFailure),
        ("302 Found", "Location: http://shop.xx/x", "?via=geo-a", Outcome::ProxyFailure),
        ("500 Unable to connect", "X: y", "", Outcome::ProxyFailure),
        ("407 Credentials", "X: y", "", Outcome::ProxyFailure),
        ("404 Not Found", "X: y", "", Outcome::NotFound),
        ("200 OK", "X: y", "", Outcome::Content),
    ] {
        let proxy = Server::start(move |_| reply(status, &[via], PAGE)).await;
        let way = format!("http://{}{known}", proxy.address);
        let (outcome, facts) = through(&way, config(), &names(), "http://shop.xx/").await;
        assert_eq!(outcome, expected, "{status} {via} {known}: {facts:?}");
        assert_eq!(facts.status.is_none(), outcome == Outcome::ProxyFailure, "{facts:?}");
        assert_eq!(proxy.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_proxy_that_breaks_off() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for scheme in ["http", "https", "socks5"] {
        for url in ["http://shop.xx/", "https://shop.xx/"] {
            let (outcome, facts) = through(&format!("{scheme}://{free}"), config(), &names(), url).await;
            assert_eq!(outcome, Outcome::ProxyFailure, "{scheme} {url}");
            assert_eq!(facts.detail.as_deref(), Some("connecting to the proxy: connection refused"));
        }
    }
    for (steps, url, expected) in [
        (vec![Step::Reset], "http://shop.xx/", Outcome::ProxyFailure),
        (vec![], "http://shop.xx/", Outcome::ProxyFailure),
        (raw("<html>no http"), "http://shop.xx/", Outcome::ProxyFailure),
        (vec![Step::Hold], "http://shop.xx/", Outcome::Timeout),
        (vec![Step::Reset], "https://shop.xx/", Outcome::ProxyFailure),
        (vec![], "https://shop.xx/", Outcome::ProxyFailure),
        (raw("HTTP/1.1 2"), "https://shop.xx/", Outcome::ProxyFailure),
        (raw("<html>no http\r\n\r\n"), "https://shop.xx/", Outcome::ProxyFailure),
        (vec![Step::Forever(b"HTTP/1.1 200 x".to_vec())], "https://shop.xx/", Outcome::ProxyFailure),
        (vec![Step::Hold], "https://shop.xx/", Outcome::Timeout),
        // The way is open, and the target breaks off.
        (raw("HTTP/1.1 200 OK\r\n\r\n"), "https://shop.xx/", Outcome::Reset),
        (raw("HTTP/1.1 200 OK\r\n\r\nno tls at all"), "https://shop.xx/", Outcome::TlsFailure),
    ] {
        let shown = format!("{steps:?} {url}");
        let proxy = Server::start(move |_| steps.clone()).await;
        let (outcome, facts) = through(&format!("http://{}", proxy.address), impatient(), &names(), url).await;
        assert_eq!(outcome, expected, "{shown}: {facts:?}");
    }
}

/// A SOCKS5 proxy that answers every request with `reply`, which may be cut off.
async fn socks(method: u8, reply: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut greeting = [0; 3];
            let _ = stream.read_exact(&mut greeting).await;
            let _ = stream.write_all(&[5, method]).await;
            let mut request = [0; 10];
            if stream.read_exact(&mut request).await.is_ok() {
                let _ = stream.write_all(reply).await;
            }
        }
    });
    address
}

#[tokio::test]
async fn replies_of_a_socks_proxy() {
    for (method, reply, expected) in [
        (0, &[5, 1, 0, 1, 0, 0, 0, 0, 0, 0][..], Outcome::ProxyFailure),
        (0, &[5, 2, 0, 1, 0, 0, 0, 0, 0, 0], Outcome::ProxyFailure),
        (0, &[5, 3, 0, 1, 0, 0, 0, 0, 0, 0], Outcome::ProxyFailure),
        (0, &[5, 4, 0, 1, 0, 0, 0, 0, 0, 0], Outcome::ConnectTimeout),
        (0, &[5, 5, 0, 1, 0, 0, 0, 0, 0, 0], Outcome::ConnectRefused),
        (0, &[5, 6, 0, 1, 0, 0, 0, 0, 0, 0], Outcome::ConnectTimeout),
        (0, &[5, 7, 0, 1, 0, 0, 0, 0, 0, 0], Outcome::ProxyFailure),
        (0, &[5, 8, 0, 1, 0, 0, 0, 0, 0, 0], Outcome::ProxyFailure),
        (0, &[5, 99, 0, 1, 0, 0, 0, 0, 0, 0], Outcome::ProxyFailure),
        (0, b"HTTP/1.1 400", Outcome::ProxyFailure),
        (0, &[5, 0], Outcome::ProxyFailure),
        (0, b"", Outcome::ProxyFailure),
        (2, b"", Outcome::ProxyFailure),
        (0xff, b"", Outcome::ProxyFailure),
        (7, b"", Outcome::ProxyFailure),
        // The way is open, and the target breaks off.
        (0, &[5, 0, 0, 1, 127, 0, 0, 1, 0, 80], Outcome::Reset),
        (0, b"\x05\0\0\x01\x7f\0\0\x01\0\x50SSH-2.0-x\r\n", Outcome::Malformed),
        (0, b"\x05\0\0\x03\x04host\0\x50HTTP/1.1 200 OK\r\n\r\nx", Outcome::Content),
    ] {
        let proxy = socks(method, reply).await;
        let (outcome, facts) = through(&format!("socks5://{proxy}"), config(), &names(), "http://shop.xx/").await;
        assert_eq!(outcome, expected, "{method} {reply:?} {facts:?}");
    }
}

#[tokio::test]
async fn an_https_proxy_must_be_whom_it_says_it_is() {
    let server = secure().await;
    let url = format!("https://shop.xx:{}/", server.port());
    for (flaw, expected) in [
        (Flaw::None, Outcome::Content),
        (Flaw::SelfSigned, Outcome::ProxyFailure),
        (Flaw::WrongName, Outcome::ProxyFailure),
        (Flaw::Expired, Outcome::ProxyFailure),
    ] {
        let acceptor = Identity::new("127.0.0.1", flaw).acceptor();
        let proxy = tunnel(None, Some(acceptor)).await;
        let way = format!("https://user:s3cret@{proxy}");
        let (outcome, facts) = through(&way, config(), &names(), &url).await;
        assert_eq!(outcome, expected, "{flaw:?} {facts:?}");
    }
    // http pages are asked of it as well.
    let acceptor = Identity::new("127.0.0.1", Flaw::None).acceptor();
    let proxy = Server::start_at("127.0.0.1:0", Some(acceptor), |head| {
        if head.starts_with("GET http://shop.xx/ ") { redirect("/next") } else { reply("200 OK", &[], PAGE) }
    })
    .await;
    let way = format!("https://{}", proxy.address);
    let (outcome, facts) = through(&way, config(), &names(), "http://shop.xx/").await;
    assert_eq!((outcome, facts.hops.len(), facts.resolved_by_proxy), (Outcome::Content, 2, true));
}
