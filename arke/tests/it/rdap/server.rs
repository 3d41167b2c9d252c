//! A server of scripted answers on loopback, which writes down when it was asked what.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

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
    let lines: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{lines}\r\n");
    Reply::Bytes([head.as_bytes(), body].concat())
}

/// The head of a request, and when it was there.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) head: String,
    pub(crate) at: Instant,
}

type Script = Arc<dyn Fn(usize, &str) -> Reply + Send + Sync>;

/// Answers by a script.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Answers the requests in turn; the last answer serves all further ones.
    pub(crate) async fn start(replies: Vec<Reply>) -> Server {
        Server::answering(move |number, _| replies[number.min(replies.len() - 1)].clone(), None).await
    }

    /// Answers what a function of the number of the request, from 0, and its head says; over TLS, if there is one.
    pub(crate) async fn answering(
        script: impl Fn(usize, &str) -> Reply + Send + Sync + 'static,
        tls: Option<TlsAcceptor>,
    ) -> Server {
        let script: Script = Arc::new(script);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, tls, script) = (Arc::clone(&log), tls.clone(), Arc::clone(&script));
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, &log, &script).await,
                        // Who does not trust us goes away.
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, &log, &script).await;
                            }
                        }
                    }
                });
            }
        });
        Server { address, asked }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The time between each request and the next.
    pub(crate) fn gaps(&self) -> Vec<Duration> {
        self.asked().windows(2).map(|pair| pair[1].at - pair[0].at).collect()
    }
}

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, log: &Mutex<Vec<Asked>>, script: &Script) {
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
        log.push(Asked { head: head.clone(), at: Instant::now() });
        log.len() - 1
    };
    // The client may have gone, which is what some tests are about.
    match script(number, &head) {
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
