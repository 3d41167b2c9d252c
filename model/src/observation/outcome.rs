//! Outcomes: what a measurement came to, in one word, and what that word says of the target.

use serde::{Deserialize, Serialize};

use super::ProbeKind;

/// What a measurement came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    // Delegation.
    /// The TLD's servers refer to name servers, and one of those answers for the name.
    Delegated,
    /// The TLD's servers refer to name servers, and none of those answers for the name.
    Lame,
    /// The name does not exist in the TLD, by two of its servers or as of one serial.
    Undelegated,
    /// The name exists in the TLD, but is not delegated.
    NoData,
    /// The TLD answers for names that do not exist: nothing follows from its answer.
    Wildcard,
    /// The TLD's servers disagree.
    Inconsistent,
    /// No address of a server to ask is known.
    NoServer,

    // Filters and blocklists.
    /// The filter refuses the name.
    Blocked,
    /// The filter refuses the name, and nobody else knows it any more.
    BlockedAndNonexistent,
    /// Neither the filter nor anybody else knows the name.
    Nonexistent,
    /// The filter answers; the blocklist or Web Risk does not list the target.
    Clear,
    /// The name does not validate.
    DnssecFailure,
    /// The resolver did not pass its own test: it is not the filter that it is taken for.
    CanaryFailed,
    /// The blocklist lists the name.
    Listed,

    // HTTP.
    /// An answer with content.
    Content,
    /// 404 or 410.
    NotFound,
    /// 401, 403 or 451.
    Forbidden,
    /// Another status of the four hundreds.
    ClientError,
    /// A status of the five hundreds.
    ServerError,
    /// More than we read.
    TooLarge,
    /// The host has no address.
    Unresolved,
    /// The host refuses the connection.
    ConnectRefused,
    /// The host does not answer, or there is no way to it.
    ConnectTimeout,
    /// The connection cannot be secured at all. A certificate that is not trusted is no failure, but a fact.
    TlsFailure,
    /// Redirects lead back to where they came from.
    RedirectLoop,
    /// Redirects do not end.
    TooManyRedirects,
    /// A redirect leads to something that is not fetched.
    BadRedirect,
    /// The address, port or scheme is none that we connect to.
    Denied,
    /// The connection was cut.
    Reset,
    /// The vantage failed: its proxy, or what this machine needs to get out. Nothing is known of the target.
    ProxyFailure,

    // Web Risk and RDAP.
    /// Web Risk knows the target.
    Match,
    /// RDAP has the domain.
    Found,
    /// The credentials are not accepted.
    Unauthorized,
    /// We asked too often.
    RateLimited,
    /// RDAP answered for another name.
    Mismatch,

    // Any.
    /// No answer in time.
    Timeout,
    /// The server refuses to answer the question.
    Refused,
    /// The server cannot answer the question.
    ServFail,
    /// An answer that cannot be read.
    Malformed,
    /// The service itself reports an error.
    ServiceError,
}

/// What an outcome says of its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Finding {
    /// What was claimed may be there.
    Alive,
    /// It is not there.
    Gone,
    /// An answer that says neither.
    Neither,
    /// No answer: what was known before still holds.
    Inconclusive,
}

impl Outcome {
    /// What the outcome of a probe of this kind says of the target.
    #[must_use]
    pub fn finding(self, kind: ProbeKind) -> Finding {
        use Outcome as O;
        match (kind.is_fetch(), self) {
            (_, O::Content | O::Delegated | O::Lame) | (true, O::TooLarge) => Finding::Alive,
            (_, O::Undelegated) | (true, O::NotFound | O::Unresolved | O::ConnectRefused | O::ConnectTimeout) => {
                Finding::Gone
            }
            (_, O::NoData | O::Wildcard) => Finding::Neither,
            (_, O::Blocked | O::BlockedAndNonexistent | O::Nonexistent | O::Clear | O::DnssecFailure) => {
                Finding::Neither
            }
            (_, O::Listed | O::Match | O::Found) => Finding::Neither,
            (_, O::NotFound) if kind == ProbeKind::Rdap => Finding::Neither,
            (true, O::Forbidden | O::ClientError | O::ServerError | O::TlsFailure | O::Denied) => Finding::Neither,
            (true, O::RedirectLoop | O::TooManyRedirects | O::BadRedirect) => Finding::Neither,
            _ => Finding::Inconclusive,
        }
    }

    /// The word in columns.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Delegated => "delegated",
            Outcome::Lame => "lame",
            Outcome::Undelegated => "undelegated",
            Outcome::NoData => "no-data",
            Outcome::Wildcard => "wildcard",
            Outcome::Inconsistent => "inconsistent",
            Outcome::NoServer => "no-server",
            Outcome::Blocked => "blocked",
            Outcome::BlockedAndNonexistent => "blocked-and-nonexistent",
            Outcome::Nonexistent => "nonexistent",
            Outcome::Clear => "clear",
            Outcome::DnssecFailure => "dnssec-failure",
            Outcome::CanaryFailed => "canary-failed",
            Outcome::Listed => "listed",
            Outcome::Content => "content",
            Outcome::NotFound => "not-found",
            Outcome::Forbidden => "forbidden",
            Outcome::ClientError => "client-error",
            Outcome::ServerError => "server-error",
            Outcome::TooLarge => "too-large",
            Outcome::Unresolved => "unresolved",
            Outcome::ConnectRefused => "connect-refused",
            Outcome::ConnectTimeout => "connect-timeout",
            Outcome::TlsFailure => "tls-failure",
            Outcome::RedirectLoop => "redirect-loop",
            Outcome::TooManyRedirects => "too-many-redirects",
            Outcome::BadRedirect => "bad-redirect",
            Outcome::Denied => "denied",
            Outcome::Reset => "reset",
            Outcome::ProxyFailure => "proxy-failure",
            Outcome::Match => "match",
            Outcome::Found => "found",
            Outcome::Unauthorized => "unauthorized",
            Outcome::RateLimited => "rate-limited",
            Outcome::Mismatch => "mismatch",
            Outcome::Timeout => "timeout",
            Outcome::Refused => "refused",
            Outcome::ServFail => "servfail",
            Outcome::Malformed => "malformed",
            Outcome::ServiceError => "service-error",
        }
    }
}
