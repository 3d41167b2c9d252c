//! The exchange of one question with one server, below any resolver: over UDP, TCP, TLS or HTTPS.
//!
//! Every question waits for its turn of the server, then has one deadline for everything, whatever the server does.
//! Nothing is asked twice, but for what does not fit into a datagram, or comes back in one that cannot be trusted: that
//! is asked over TCP. Asking again, or asking somebody else, is the caller's.
//!
//! Over UDP each question has a port and an id of its own, and its name is in random case (draft-vixie-dnsext-dns0x20):
//! a server that does not give the name back as it was asked over TCP, where nobody outside can forge an answer.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hickory_net::NetError;
use hickory_net::runtime::TokioRuntimeProvider;
use hickory_net::udp::UdpClientStream;
use hickory_net::xfer::{DnsRequestSender, FirstAnswer};
use hickory_proto::op::{DnsRequest, DnsRequestOptions};
use panopticon_model::observation::Outcome;
use rustls::{ClientConfig, RootCertStore};
use tokio::time::{Instant, timeout};

use super::connection::Connections;
use super::message::{Question, Reply, ReplyError};
use super::server::{Server, Transport};
use crate::probe::pace::Pace;

/// How long a server has for its answer, unless told otherwise.
pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(2);

/// Whoever asks servers: with a pace, a deadline, and connections that are kept.
pub struct Client {
    pace: Arc<Pace<SocketAddr>>,
    deadline: Duration,
    connections: Connections,
}

/// Why there is no reply.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AskError {
    /// No answer in time. Ask again later, or another server.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    /// Something came that is no reply to the question. Ask another server.
    #[error("the answer is of no use: {0}")]
    Malformed(String),
    /// There is no way to the server, or the connection was cut. Ask again later, or another server.
    #[error("no way to the server: {0}")]
    Unreachable(String),
    /// The connection cannot be secured: it is another server than the one that was meant, or its certificate is not
    /// trusted. Look at the name behind `#` and at the trusted roots.
    #[error("the connection cannot be secured: {0}")]
    Tls(String),
}

impl AskError {
    /// What it comes to, if nobody else is asked.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            AskError::Timeout(_) | AskError::Unreachable(_) => Outcome::Timeout,
            AskError::Malformed(_) => Outcome::Malformed,
            AskError::Tls(_) => Outcome::TlsFailure,
        }
    }
}

impl From<ReplyError> for AskError {
    fn from(error: ReplyError) -> AskError {
        AskError::Malformed(error.to_string())
    }
}

/// Characters of a message of the library that are kept: it may repeat what the server sent.
const MAX_TEXT: usize = 200;

impl From<NetError> for AskError {
    fn from(error: NetError) -> AskError {
        let text = || error.to_string().chars().take(MAX_TEXT).collect();
        match &error {
            NetError::Timeout => {
                AskError::Unreachable("the connection was closed, or never came about".to_owned())
            }
            NetError::Io(io) => {
                match io.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>) {
                    true => AskError::Tls(text()),
                    false => AskError::Unreachable(text()),
                }
            }
            NetError::RustlsError(_) => AskError::Tls(text()),
            NetError::H2(h2) if h2.is_io() || h2.is_go_away() => AskError::Unreachable(text()),
            NetError::Busy | NetError::NoConnections => AskError::Unreachable(text()),
            _ => AskError::Malformed(text()),
        }
    }
}

impl Client {
    /// Someone who asks at `pace` and waits for `deadline`; connections over TLS and HTTPS trust what `tls` trusts.
    #[must_use]
    pub fn new(tls: &ClientConfig, pace: Arc<Pace<SocketAddr>>, deadline: Duration) -> Client {
        Client { pace, deadline, connections: Connections::new(tls) }
    }

    /// Asks a server when it is its turn.
    ///
    /// # Errors
    /// [`AskError`] if there is no reply before the deadline. A reply that refuses or fails is a reply.
    pub async fn ask(&self, server: &Server, question: &Question) -> Result<Reply, AskError> {
        self.pace.turn(server.address).await;
        match timeout(self.deadline, self.exchange(server, question)).await {
            Ok(result) => result,
            Err(_) => Err(AskError::Timeout(self.deadline)),
        }
    }

    /// Asks again if there was no answer in time: a datagram gets lost.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub async fn ask_twice(&self, server: &Server, question: &Question) -> Result<Reply, AskError> {
        match self.ask(server, question).await {
            Err(AskError::Timeout(_)) => self.ask(server, question).await,
            other => other,
        }
    }

    /// Nobody asks the server before `at`.
    pub(super) fn hold(&self, server: &Server, at: Instant) {
        self.pace.hold(server.address, at);
    }

    /// The ways that few questions go are boxed: every question that waits would hold room for them.
    async fn exchange(&self, server: &Server, question: &Question) -> Result<Reply, AskError> {
        match server.transport {
            Transport::Udp => match self.over_udp(server, question).await {
                Ok(reply) if !reply.truncated => Ok(reply),
                Err(error @ (AskError::Timeout(_) | AskError::Unreachable(_) | AskError::Tls(_))) => Err(error),
                Ok(_) | Err(AskError::Malformed(_)) => {
                    // Whoever comes next waits for this one, too.
                    self.pace.reserve(server.address, Instant::now());
                    let reply = Box::pin(self.connections.ask_once(server.address, question)).await?;
                    Ok(Reply { over_tcp: true, ..reply })
                }
            },
            Transport::Tcp | Transport::Tls { .. } | Transport::Https { .. } => {
                Box::pin(self.connections.ask(server, question)).await
            }
        }
    }

    async fn over_udp(&self, server: &Server, question: &Question) -> Result<Reply, AskError> {
        let request = request(question, self.deadline, true)?;
        let mut stream = UdpClientStream::builder(server.address, TokioRuntimeProvider::new())
            .with_timeout(Some(self.deadline))
            .with_max_retries(1)
            .build();
        match stream.send_message(request).first_answer().await {
            Ok(response) => Ok(Reply::of(&response, question)?),
            Err(NetError::Timeout) => Err(AskError::Timeout(self.deadline)),
            Err(error) => Err(error.into()),
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

/// Trust in the certificates that this machine trusts. If it has none, every connection over TLS fails.
///
/// # Errors
/// If the cryptography that is built in has no protocol version in common with TLS.
pub fn system_trust() -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
