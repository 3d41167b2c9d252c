//! A server of scripted answers over UDP and TCP, on one port of a loopback address.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use hickory_proto::op::Message;
use panopticon_sources::dns::server::Server;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::script::bytes;

/// A question, as it came.
pub(super) struct Asked {
    pub(super) query: Message,
    pub(super) is_tcp: bool,
    /// How many came before.
    pub(super) number: usize,
}

impl Asked {
    /// In lower case, without the last dot.
    pub(super) fn name(&self) -> String {
        self.query.queries[0].name().to_lowercase().to_ascii().trim_end_matches('.').to_owned()
    }

    /// Name and type: `x.zz NS`.
    pub(super) fn question(&self) -> String {
        format!("{} {}", self.name(), self.query.queries[0].query_type())
    }

    /// The reply, as bytes.
    pub(super) fn reply(&self, text: &str) -> Vec<u8> {
        bytes(&self.query, text)
    }
}

/// What the server does.
pub(super) enum Act {
    /// Sends a message: a datagram, or with its length before it.
    Say(Vec<u8>),
    /// Sends bytes as they are.
    Raw(Vec<u8>),
    /// Waits until it is told to go on.
    Wait(Arc<Notify>),
    /// Ends the connection.
    Close,
}

type Script = Arc<dyn Fn(&Asked) -> Vec<Act> + Send + Sync>;

/// The server; it ends when it is dropped.
pub(super) struct Stub {
    pub(super) address: SocketAddr,
    log: Arc<Mutex<Vec<String>>>,
    _tasks: JoinSet<()>,
}

impl Stub {
    /// On 127.0.0.1.
    pub(super) async fn start(script: impl Fn(&Asked) -> Vec<Act> + Send + Sync + 'static) -> Stub {
        Stub::start_at(Ipv4Addr::LOCALHOST.into(), 0, script).await
    }

    /// Answers with what the function says in words; with nothing if it says nothing.
    pub(super) async fn saying(script: impl Fn(&Asked) -> Option<&'static str> + Send + Sync + 'static) -> Stub {
        Stub::start(in_words(script)).await
    }

    /// On an address and a port; the port is free if it is 0.
    pub(super) async fn start_at(
        ip: IpAddr,
        port: u16,
        script: impl Fn(&Asked) -> Vec<Act> + Send + Sync + 'static,
    ) -> Stub {
        let (udp, tcp) = sockets(ip, port).await;
        let address = udp.local_addr().unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let script: Script = Arc::new(script);
        let mut tasks = JoinSet::new();
        tasks.spawn(serve_udp(udp, Arc::clone(&script), Arc::clone(&log)));
        tasks.spawn(serve_tcp(tcp, script, Arc::clone(&log), None));
        Stub { address, log, _tasks: tasks }
    }

    /// Over TLS only.
    pub(super) async fn start_tls(
        acceptor: TlsAcceptor,
        script: impl Fn(&Asked) -> Vec<Act> + Send + Sync + 'static,
    ) -> Stub {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = tcp.local_addr().unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = JoinSet::new();
        tasks.spawn(serve_tcp(tcp, Arc::new(script), Arc::clone(&log), Some(acceptor)));
        Stub { address, log, _tasks: tasks }
    }

    /// As a server to ask over UDP.
    pub(super) fn server(&self) -> Server {
        Server::udp(self.address)
    }

    /// What was asked: `udp x.zz NS`; a `connect` for each connection.
    pub(super) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }
}

/// Answers in words.
pub(super) fn in_words(
    script: impl Fn(&Asked) -> Option<&'static str> + Send + Sync + 'static,
) -> impl Fn(&Asked) -> Vec<Act> + Send + Sync + 'static {
    move |asked| script(asked).map(|text| Act::Say(asked.reply(text))).into_iter().collect()
}

/// Both sockets on one port.
async fn sockets(ip: IpAddr, port: u16) -> (UdpSocket, TcpListener) {
    for _ in 0..20 {
        let udp = UdpSocket::bind((ip, port)).await.unwrap();
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()).await {
            return (udp, tcp);
        }
    }
    panic!("no port is free for both");
}

fn asked(bytes: &[u8], is_tcp: bool, log: &Mutex<Vec<String>>) -> Option<Asked> {
    let query = Message::from_vec(bytes).ok()?;
    let mut log = log.lock().unwrap();
    let number = log.iter().filter(|line| *line != "connect").count();
    let asked = Asked { query, is_tcp, number };
    let transport = if is_tcp { "tcp" } else { "udp" };
    log.push(format!("{transport} {}", asked.question()));
    Some(asked)
}

async fn serve_udp(socket: UdpSocket, script: Script, log: Arc<Mutex<Vec<String>>>) {
    let socket = Arc::new(socket);
    let mut answers = JoinSet::new();
    let mut buffer = [0; 4096];
    while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
        let Some(asked) = asked(&buffer[..length], false, &log) else { continue };
        let acts = script(&asked);
        let socket = Arc::clone(&socket);
        answers.spawn(async move {
            for act in acts {
                match act {
                    Act::Say(bytes) | Act::Raw(bytes) => _ = socket.send_to(&bytes, from).await,
                    Act::Wait(until) => until.notified().await,
                    Act::Close => return,
                }
            }
        });
    }
}

async fn serve_tcp(listener: TcpListener, script: Script, log: Arc<Mutex<Vec<String>>>, tls: Option<TlsAcceptor>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let (script, log, tls) = (Arc::clone(&script), Arc::clone(&log), tls.clone());
        connections.spawn(async move {
            match tls {
                None => serve_stream(stream, &script, &log).await,
                // A client that does not trust us goes away.
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        serve_stream(stream, &script, &log).await;
                    }
                }
            }
        });
    }
}

async fn serve_stream(mut stream: impl AsyncRead + AsyncWrite + Unpin, script: &Script, log: &Mutex<Vec<String>>) {
    log.lock().unwrap().push("connect".to_owned());
    while let Ok(length) = stream.read_u16().await {
        let mut buffer = vec![0; usize::from(length)];
        if stream.read_exact(&mut buffer).await.is_err() {
            return;
        }
        let Some(asked) = asked(&buffer, true, log) else { return };
        // The client may have gone, which is what some tests are about.
        for act in script(&asked) {
            match act {
                Act::Say(bytes) => {
                    let length = u16::try_from(bytes.len()).unwrap();
                    let _ = stream.write_all(&[&length.to_be_bytes()[..], &bytes].concat()).await;
                }
                Act::Raw(bytes) => _ = stream.write_all(&bytes).await,
                Act::Wait(until) => until.notified().await,
                Act::Close => return,
            }
            let _ = stream.flush().await;
        }
    }
}
