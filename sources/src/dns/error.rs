//! Why a question has no reply.

use std::time::Duration;

use hickory_net::NetError;
use panopticon_model::observation::Outcome;

use super::message::ReplyError;

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
