//! A server of scripted answers on loopback.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;

/// What the server does with a request.
#[derive(Clone)]
pub(super) enum Reply {
    /// Sends these bytes and closes.
    Bytes(Vec<u8>),
    /// Sends these bytes and keeps the connection open, silent.
    Silence(Vec<u8>),
    /// Sends these bytes, and then others again and again.
    Endless(Vec<u8>, Vec<u8>),
}

/// An answer with a status line, headers and a body of its length.
pub(super) fn reply(status: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Reply {
    let body = body.as_ref();
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    Reply::Bytes([head.as_bytes(), body].concat())
}

/// Answers the requests in turn; the last answer serves all further ones.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Over plain TCP.
    pub(super) async fn start(replies: Vec<Reply>) -> Server {
        Server::start_with(replies, None).await
    }

    /// Over TLS, if there is a configuration for it.
    pub(super) async fn start_with(replies: Vec<Reply>, tls: Option<tokio_rustls::TlsAcceptor>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, tls, replies) = (Arc::clone(&log), tls.clone(), replies.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, &log, &replies).await,
                        // A client that does not trust us goes away.
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, &log, &replies).await;
                            }
                        }
                    }
                });
            }
        });
        Server { address, requests }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    /// What was asked, heads only.
    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, log: &Mutex<Vec<String>>, replies: &[Reply]) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let number = {
        let mut log = log.lock().unwrap();
        log.push(String::from_utf8_lossy(&head).into_owned());
        log.len() - 1
    };
    let Some(reply) = replies.get(number).or(replies.last()) else { return };
    // The client may have gone, which is what some tests are about.
    match reply {
        Reply::Bytes(bytes) => {
            let _ = stream.write_all(bytes).await;
            let _ = stream.shutdown().await;
        }
        Reply::Silence(bytes) => {
            let _ = stream.write_all(bytes).await;
            let _ = stream.read_u8().await;
        }
        Reply::Endless(bytes, more) => {
            let mut result = stream.write_all(bytes).await;
            while result.is_ok() {
                result = stream.write_all(more).await;
                tokio::task::yield_now().await;
            }
        }
    }
}
