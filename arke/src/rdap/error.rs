//! Why there is no registration, and what to do about it.

use std::time::Duration;

use super::answer::AnswerError;

/// A question without an answer. Nothing of an answer and no secret is in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RdapError {
    /// The registry does not have the domain.
    #[error("the domain is not registered")]
    NotFound,
    /// The credentials are not accepted. This client asks nothing more; the run ends.
    #[error("the RDAP service does not accept the credentials (401)")]
    Unauthorized,
    /// The credentials are accepted, and do not open this. The run ends.
    #[error("the RDAP service refuses what was asked (403)")]
    Forbidden,
    /// There was a 401 before; nobody was asked.
    #[error("nothing is asked of the RDAP service any more: it did not accept the credentials")]
    Stopped,
    /// The service wants a pause that is longer than we wait, or wanted one too often.
    #[error("the RDAP service wants to be asked again in {} s", retry_after.as_secs())]
    RateLimited {
        /// How long nobody is to ask, from now on.
        retry_after: Duration,
    },
    /// The service is out of order: a status of 5xx.
    #[error("the RDAP service is out of order ({0})")]
    Server(u16),
    /// The service refuses the question: a status that has no other name here.
    #[error("the RDAP service answers with status {0}")]
    Status(u16),
    /// The answer is none of RDAP.
    #[error("the answer is not one of RDAP")]
    NotRdap(#[source] Option<AnswerError>),
    /// The answer is longer than [`super::answer::MAX_BYTES`].
    #[error("the answer has more than {} bytes", super::answer::MAX_BYTES)]
    TooLarge,
    /// The answer is about another name.
    #[error("the answer is about another name than was asked for")]
    WrongName,
    /// There was no whole answer in time.
    #[error("there was no answer in time")]
    Timeout,
    /// The service cannot show that it is who it should be, or does not take our certificate.
    #[error("TLS with the RDAP service fails")]
    Tls,
    /// There is no connection, or it broke.
    #[error("the RDAP service cannot be reached")]
    Unreachable,
    /// A redirect that is not followed.
    #[error("the RDAP service redirects {0}")]
    Redirect(&'static str),
    /// The configuration cannot work. Nobody was asked.
    #[error("RDAP cannot be set up: {0}")]
    Setup(&'static str),
}

impl RdapError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            RdapError::NotFound => "nobody is written to about this domain; look at the zone if it is still there",
            RdapError::Unauthorized | RdapError::Stopped => {
                "correct user, password, token or certificate under `rdap.auth`, then run again"
            }
            RdapError::Forbidden => {
                "ask who runs the RDAP service to let this account read contacts, then run again"
            }
            RdapError::RateLimited { .. } => "run again later, and lower `rdap.rate_per_s`",
            RdapError::Server(_) | RdapError::Timeout | RdapError::Unreachable => {
                "run again later; if it stays, ask who runs the RDAP service"
            }
            RdapError::Status(_) | RdapError::NotRdap(_) | RdapError::WrongName => {
                "look whether `rdap.url` is the base URL of the RDAP service, to which `domain/NAME` is joined"
            }
            RdapError::TooLarge => "ask who runs the RDAP service why a domain has so much to it",
            RdapError::Tls => {
                "look at the certificate of the service and at the clock here; name the authority of a private \
                 certificate under `rdap.ca`"
            }
            RdapError::Redirect(_) => "give the URL to which it redirects as `rdap.url`, if it is trusted",
            RdapError::Setup(_) => "correct `rdap` in the configuration",
        }
    }

    /// Whether all further questions would end the same: the run stops.
    #[must_use]
    pub fn stops_the_run(&self) -> bool {
        matches!(self, RdapError::Unauthorized | RdapError::Forbidden | RdapError::Stopped | RdapError::Setup(_))
    }
}

impl From<AnswerError> for RdapError {
    fn from(error: AnswerError) -> RdapError {
        match error {
            AnswerError::TooLarge => RdapError::TooLarge,
            AnswerError::WrongName => RdapError::WrongName,
            AnswerError::Code(404) => RdapError::NotFound,
            other => RdapError::NotRdap(Some(other)),
        }
    }
}
