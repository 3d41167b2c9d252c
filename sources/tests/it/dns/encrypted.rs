//! DNS over TLS and HTTPS: whom it trusts, connections that are kept, servers that misbehave.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hickory_proto::op::Message;
use hyper::body::Bytes;
use hyper::http::Response;
use panopticon_sources::dns::error::AskError;
use panopticon_sources::dns::exchange::Client;
use panopticon_sources::dns::message::{Question, RecordType, Reply};
use panopticon_sources::dns::server::{Server, Transport};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::script::{bytes, host};
use super::stub::{Act, Stub};
use super::world::{Authority, LONG, SHORT, client};

const GOOD: &str = "NOERROR ra; an: shop.zz A 192.0.2.1";

fn question() -> Question {
    Question::recursive(host("shop.zz"), RecordType::A)
}

fn tls(address: SocketAddr, name: &str) -> Server {
    Server { address, transport: Transport::Tls { name: name.into() } }
}

fn https(address: SocketAddr, name: &str) -> Server {
    Server { address, transport: Transport::Https { name: name.into(), path: "/dns-query".into() } }
}

#[tokio::test]
async fn tls_with_the_right_name_from_somebody_trusted() {
    let authority = Authority::new("dns.example");
    let stub = Stub::start_tls(authority.acceptor(b"dot"), |asked| vec![Act::Say(asked.reply(GOOD))]).await;
    let trusting = authority.client(LONG);
    for _ in 0..3 {
        let reply = trusting.ask(&tls(stub.address, "dns.example"), &question()).await.unwrap();
        assert_eq!(reply.answers.len(), 1);
    }
    assert_eq!(stub.log(), ["connect", "tcp shop.zz A", "tcp shop.zz A", "tcp shop.zz A"]);

    let error = trusting.ask(&tls(stub.address, "other.example"), &question()).await.unwrap_err();
    assert!(matches!(error, AskError::Tls(_)), "{error}");
    let error = client(LONG).ask(&tls(stub.address, "dns.example"), &question()).await.unwrap_err();
    assert!(matches!(error, AskError::Tls(_)), "{error}");
}

#[tokio::test]
async fn tls_where_nobody_speaks_it() {
    let stub = Stub::start(|asked| vec![Act::Say(asked.reply(GOOD))]).await;
    let error = client(SHORT).ask(&tls(stub.address, "dns.example"), &question()).await.unwrap_err();
    assert!(matches!(error, AskError::Tls(_) | AskError::Timeout(_)), "{error}");
}

/// What a server over HTTPS says.
struct Say {
    status: u16,
    content_type: &'static str,
    body: Vec<u8>,
}

impl Say {
    fn good(query: &Message) -> Say {
        Say { status: 200, content_type: "application/dns-message", body: bytes(query, GOOD) }
    }
}

/// How a server over HTTPS answers.
type Answers = fn(&Message) -> Say;

/// A server over HTTPS; `connections` counts who came.
struct Doh {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    _task: JoinSet<()>,
}

impl Doh {
    /// Closes each connection after `lasts` answers.
    async fn start(acceptor: TlsAcceptor, lasts: usize, say: Answers) -> Doh {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut served = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let acceptor = acceptor.clone();
                served.spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
                    let mut answers = JoinSet::new();
                    while let Some(Ok((request, respond))) = connection.accept().await {
                        answers.spawn(answer(request, respond, say));
                        if answers.len() == lasts {
                            connection.graceful_shutdown();
                        }
                    }
                });
            }
        });
        Doh { address, connections, _task: task }
    }
}

async fn answer(
    request: hyper::http::Request<h2::RecvStream>,
    mut respond: h2::server::SendResponse<Bytes>,
    say: Answers,
) -> Option<()> {
    let mut body = request.into_body();
    let mut bytes = Vec::new();
    while let Some(data) = body.data().await {
        bytes.extend(data.ok()?);
    }
    let query = Message::from_vec(&bytes).ok()?;
    let Say { status, content_type, body } = say(&query);
    let response = Response::builder().status(status).header("content-type", content_type).body(()).ok()?;
    respond.send_response(response, false).ok()?.send_data(body.into(), true).ok()
}

async fn ask(client: &Client, doh: &Doh) -> Result<Reply, AskError> {
    client.ask(&https(doh.address, "dns.example"), &question()).await
}

#[tokio::test]
async fn https_from_somebody_trusted() {
    let authority = Authority::new("dns.example");
    let doh = Doh::start(authority.acceptor(b"h2"), 100, Say::good).await;
    let trusting = authority.client(LONG);
    for _ in 0..3 {
        assert_eq!(ask(&trusting, &doh).await.unwrap().answers.len(), 1);
    }
    assert_eq!(doh.connections.load(Ordering::SeqCst), 1);
    let error = trusting.ask(&https(doh.address, "other.example"), &question()).await.unwrap_err();
    assert!(matches!(error, AskError::Tls(_)), "{error}");
    let error = ask(&client(LONG), &doh).await.unwrap_err();
    assert!(matches!(error, AskError::Tls(_)), "{error}");
}

#[tokio::test]
async fn https_that_says_something_else() {
    let authority = Authority::new("dns.example");
    let cases: [(&str, Answers); 5] = [
        ("not found", |query| Say { status: 404, ..Say::good(query) }),
        ("too often", |query| Say { status: 429, content_type: "text/plain", ..Say::good(query) }),
        ("a page", |query| Say { content_type: "text/html", ..Say::good(query) }),
        ("garbage", |query| Say { body: vec![0xff; 50], ..Say::good(query) }),
        ("nothing", |query| Say { body: Vec::new(), ..Say::good(query) }),
    ];
    for (name, say) in cases {
        let doh = Doh::start(authority.acceptor(b"h2"), 100, say).await;
        let error = ask(&authority.client(LONG), &doh).await.unwrap_err();
        assert!(matches!(error, AskError::Malformed(_)), "{name}: {error}");
        assert!(error.to_string().len() < 1_000, "{name}");
    }
}

#[tokio::test]
async fn https_that_says_too_much() {
    let authority = Authority::new("dns.example");
    let say = |query: &Message| Say { body: vec![0; 1 << 20], ..Say::good(query) };
    let doh = Doh::start(authority.acceptor(b"h2"), 100, say).await;
    let error = ask(&authority.client(SHORT), &doh).await.unwrap_err();
    assert!(matches!(error, AskError::Malformed(_) | AskError::Timeout(_)), "{error}");
}

#[tokio::test]
async fn https_carries_more_than_its_first_window() {
    let authority = Authority::new("dns.example");
    let say = |query: &Message| {
        let records: Vec<String> = (0..1_000).map(|_| "shop.zz A 192.0.2.1".to_owned()).collect();
        Say { body: bytes(query, &format!("NOERROR ra; an: {}", records.join(", "))), ..Say::good(query) }
    };
    let doh = Doh::start(authority.acceptor(b"h2"), 100, say).await;
    let trusting = authority.client(LONG);
    for _ in 0..10 {
        assert_eq!(ask(&trusting, &doh).await.unwrap().answers.len(), 1_000);
    }
    assert_eq!(doh.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn https_connections_are_made_anew() {
    let authority = Authority::new("dns.example");
    let doh = Doh::start(authority.acceptor(b"h2"), 1, Say::good).await;
    let trusting = authority.client(LONG);
    for _ in 0..3 {
        assert_eq!(ask(&trusting, &doh).await.unwrap().answers.len(), 1);
    }
    assert_eq!(doh.connections.load(Ordering::SeqCst), 3);
}
