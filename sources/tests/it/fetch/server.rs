//! A server of scripted answers on loopback.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;

/// What the server does with a request.
#[derive(Clone)]
pub(crate) enum Reply {
    /// Sends these bytes and closes.
    Bytes(Vec<u8>),
    /// Sends these bytes and keeps the connection open, silent.
    Silence(Vec<u8>),
    /// Sends these bytes, and then others again and again.
    Endless(Vec<u8>, Vec<u8>),
}

/// An answer with a status line, headers and a body of its length.
pub(crate) fn reply(status: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Reply {
    let body = body.as_ref();
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    Reply::Bytes([head.as_bytes(), body].concat())
}

/// What is answered: the number of the request, from 0, and its head go in. Without a reply the server hangs up.
type Script = Arc<dyn Fn(usize, &str) -> Option<Reply> + Send + Sync>;

/// Answers by a script, and writes down what it was asked.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers the requests in turn, over plain TCP; the last answer serves all further ones.
    pub(crate) async fn start(replies: Vec<Reply>) -> Server {
        Server::start_with(replies, None).await
    }

    /// The same over TLS, if there is a configuration for it.
    pub(crate) async fn start_with(replies: Vec<Reply>, tls: Option<tokio_rustls::TlsAcceptor>) -> Server {
        Server::run(Arc::new(move |number, _| replies.get(number).or(replies.last()).cloned()), tls).await
    }

    /// Answers what a function of the number of the request, from 0, and its head says.
    pub(crate) async fn answering(script: impl Fn(usize, &str) -> Reply + Send + Sync + 'static) -> Server {
        Server::run(Arc::new(move |number, head| Some(script(number, head))), None).await
    }

    async fn run(script: Script, tls: Option<tokio_rustls::TlsAcceptor>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, tls, script) = (Arc::clone(&log), tls.clone(), Arc::clone(&script));
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, &log, &script).await,
                        // A client that does not trust us goes away.
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, &log, &script).await;
                            }
                        }
                    }
                });
            }
        });
        Server { address, requests }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    /// What was asked, heads only.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// An authority, and a server on https with a certificate of it.
pub(crate) async fn https(replies: Vec<Reply>) -> (String, Server) {
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let authority = params.self_signed(&authority_key).unwrap();
    let issuer = rcgen::Issuer::new(params, authority_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    (authority.pem(), Server::start_with(replies, Some(Arc::new(tls).into())).await)
}

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, log: &Mutex<Vec<String>>, script: &Script) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let number = {
        let mut log = log.lock().unwrap();
        log.push(head.clone());
        log.len() - 1
    };
    let Some(reply) = script(number, &head) else { return };
    // The client may have gone, which is what some tests are about.
    match reply {
        Reply::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Reply::Silence(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.read_u8().await;
        }
        Reply::Endless(bytes, more) => {
            let mut result = stream.write_all(&bytes).await;
            while result.is_ok() {
                result = stream.write_all(&more).await;
                tokio::task::yield_now().await;
            }
        }
    }
}
