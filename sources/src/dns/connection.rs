//! Connections over TCP, TLS and HTTPS. Those to servers that are configured are kept for the next question.
//!
//! Over TCP and TLS a connection carries one question at a time, so that whatever comes back is the answer to it or
//! none at all: a reply to something else ends the connection.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use compact_str::CompactString;
use hickory_net::h2::HttpsClientStream;
use hickory_net::runtime::{TokioRuntimeProvider, TokioTime};
use hickory_net::tcp::TcpClientStream;
use hickory_net::tls::tls_client_connect;
use hickory_net::xfer::{DnsClientStream, DnsRequestSender, FirstAnswer};
use hickory_net::{BufDnsStreamHandle, DnsStreamHandle};
use hickory_proto::op::{DnsRequest, DnsRequestOptions, SerialMessage};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;

use super::error::AskError;
use super::message::{Question, Reply, ReplyError};
use super::server::{Server, Transport};

/// Connections to a server that are kept while nobody uses them.
const MAX_IDLE: usize = 4;
/// Tries of a connection that was kept, before a new one is made.
const MAX_STALE: usize = MAX_IDLE + 1;

/// Connections to servers, and what their certificates must lead to.
pub(super) struct Connections {
    tls: Arc<ClientConfig>,
    https: Arc<ClientConfig>,
    idle: Mutex<HashMap<Server, Vec<Connection>>>,
    shared: Mutex<HashMap<Server, HttpsClientStream>>,
}

impl Connections {
    pub(super) fn new(tls: &ClientConfig) -> Connections {
        let with_protocols = |protocols: &[&[u8]]| {
            let mut config = tls.clone();
            config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
            Arc::new(config)
        };
        Connections {
            tls: with_protocols(&[b"dot"]),
            https: with_protocols(&[b"h2"]),
            idle: Mutex::default(),
            shared: Mutex::default(),
        }
    }

    /// Asks over a connection that was kept, or else over a new one.
    pub(super) async fn ask(&self, server: &Server, question: &Question) -> Result<Reply, AskError> {
        match &server.transport {
            Transport::Udp | Transport::Tcp => {
                self.ask_in_turn(server, question, || Connection::tcp(server.address)).await
            }
            Transport::Tls { name } => {
                self.ask_in_turn(server, question, || Connection::tls(server.address, name, Arc::clone(&self.tls)))
                    .await
            }
            Transport::Https { name, path } => self.ask_beside(server, name, path, question).await,
        }
    }

    /// Asks over TCP, once: for servers that answer over UDP as a rule.
    pub(super) async fn ask_once(&self, address: SocketAddr, question: &Question) -> Result<Reply, AskError> {
        Connection::tcp(address).await?.ask(question).await
    }

    /// One question at a time on each connection.
    async fn ask_in_turn<F>(
        &self,
        server: &Server,
        question: &Question,
        connect: impl Fn() -> F,
    ) -> Result<Reply, AskError>
    where
        F: Future<Output = Result<Connection, AskError>>,
    {
        for _ in 0..MAX_STALE {
            let Some(mut kept) = lock(&self.idle).get_mut(server).and_then(Vec::pop) else { break };
            match kept.ask(question).await {
                // The server has closed it meanwhile, as it may (RFC 7766 6.2.3).
                Err(AskError::Unreachable(_)) => {}
                Err(error) => return Err(error),
                Ok(reply) => {
                    self.keep(server, kept);
                    return Ok(reply);
                }
            }
        }
        let mut new = connect().await?;
        let reply = new.ask(question).await?;
        self.keep(server, new);
        Ok(reply)
    }

    fn keep(&self, server: &Server, connection: Connection) {
        let mut idle = lock(&self.idle);
        let kept = idle.entry(server.clone()).or_default();
        if kept.len() < MAX_IDLE {
            kept.push(connection);
        }
    }

    /// Many questions at a time on one connection.
    async fn ask_beside(
        &self,
        server: &Server,
        name: &CompactString,
        path: &CompactString,
        question: &Question,
    ) -> Result<Reply, AskError> {
        let kept = lock(&self.shared).get(server).cloned();
        if let Some(mut kept) = kept {
            match ask_https(&mut kept, question).await {
                Err(AskError::Unreachable(_)) => {
                    lock(&self.shared).remove(server);
                }
                result => return result,
            }
        }
        let builder = HttpsClientStream::builder(Arc::clone(&self.https), TokioRuntimeProvider::new());
        let mut new = builder.build(server.address, name.as_str().into(), path.as_str().into()).await?;
        let reply = ask_https(&mut new, question).await?;
        lock(&self.shared).insert(server.clone(), new);
        Ok(reply)
    }
}

async fn ask_https(stream: &mut HttpsClientStream, question: &Question) -> Result<Reply, AskError> {
    let request = request(question, Duration::ZERO, false)?;
    let response = stream.send_message(request).first_answer().await?;
    Ok(Reply::of(&response, question)?)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A connection that carries messages with their lengths (RFC 1035 4.2.2).
struct Connection {
    address: SocketAddr,
    stream: Box<dyn DnsClientStream<Time = TokioTime>>,
    outbound: BufDnsStreamHandle,
}

impl Connection {
    async fn tcp(address: SocketAddr) -> Result<Connection, AskError> {
        let (stream, outbound) = TcpClientStream::new(address, None, None, TokioRuntimeProvider::new());
        Ok(Connection { address, stream: Box::new(stream.await?), outbound })
    }

    async fn tls(
        address: SocketAddr,
        name: &CompactString,
        config: Arc<ClientConfig>,
    ) -> Result<Connection, AskError> {
        let name = ServerName::try_from(name.to_string()).map_err(|error| AskError::Tls(error.to_string()))?;
        let (stream, outbound) = tls_client_connect(address, name, config, TokioRuntimeProvider::new());
        Ok(Connection { address, stream: Box::new(stream.await?), outbound })
    }

    async fn ask(&mut self, question: &Question) -> Result<Reply, AskError> {
        let (request, _) = request(question, Duration::ZERO, false)?.into_parts();
        let bytes = request.to_vec().map_err(|error| AskError::Malformed(error.to_string()))?;
        self.outbound.send(SerialMessage::new(bytes, self.address))?;
        let answer = (&mut self.stream).first_answer().await?;
        match answer.bytes().first_chunk() {
            Some(id) if u16::from_be_bytes(*id) == request.id => Ok(Reply::read(answer.bytes(), question)?),
            _ => Err(AskError::Malformed("the answer has another id than the question".to_owned())),
        }
    }
}

/// A request: EDNS with the size that no network breaks up (RFC 9715), and no signatures.
pub(super) fn request(
    question: &Question,
    deadline: Duration,
    case_randomization: bool,
) -> Result<DnsRequest, ReplyError> {
    let mut options = DnsRequestOptions::default();
    options.use_edns = true;
    options.edns_set_dnssec_ok = false;
    options.recursion_desired = question.recursion_desired;
    options.case_randomization = case_randomization;
    options.retry_interval = deadline;
    Ok(DnsRequest::from_query(question.to_query()?, options))
}
