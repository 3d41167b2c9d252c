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
use rustls::{ClientConfig, RootCertStore};
use tokio::time::{Instant, timeout};

use super::connection::{Connections, request};
use super::error::AskError;
use super::message::{Question, Reply};
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
