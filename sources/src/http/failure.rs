//! Failures: what a fetch came to when something went wrong, and whose failure it was.
//!
//! | phase | what is done | the other end |
//! |---|---|---|
//! | resolve | the name of the target | our resolver |
//! | connect | a TCP connection | the target, or the proxy |
//! | tunnel | the way through the proxy | the proxy, which speaks of the target |
//! | secure | TLS | the target, through the tunnel if there is one |
//! | ask | the request, up to the end of the head of the answer | as for secure; the proxy where that was asked |
//! | read | the body | the same |
//!
//! In doubt it was not the target: a target that is called gone wrongly ends a case. So whatever a proxy may have
//! done itself is its failure, and so is what our own machine cannot do (no network, no port left).

use std::fmt;
use std::io::{self, ErrorKind};

use compact_str::CompactString;
use panopticon_model::observation::Outcome;

use super::admit::ResolveError;
use super::text::clean;
use super::wire::GivenUp;

/// What was being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Resolving the name.
    Resolve,
    /// Opening the connection.
    Connect,
    /// Asking a proxy for the way to the target.
    Tunnel,
    /// Securing the connection.
    Secure,
    /// Sending the request and reading the head of the answer.
    Ask,
    /// Reading the body.
    Read,
}

/// Who is at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// The target.
    Origin,
    /// The proxy of the vantage.
    Proxy,
}

/// How it showed that something went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// The name was not resolved.
    Resolve(ResolveError),
    /// An error of the connection.
    Io(ErrorKind),
    /// Nothing came for longer than the phase may be silent.
    Silence,
    /// The time for the fetch is over.
    OutOfTime,
    /// A TLS alert, or something that is no TLS.
    Tls,
    /// The reply of a SOCKS proxy, RFC 1928 6.
    Socks(u8),
    /// The status with which a proxy refused `CONNECT`.
    Connect(u16),
    /// Something that is not the protocol of the phase.
    Garbage,
    /// An end in the middle.
    Cut,
    /// More bytes than any sensible answer has.
    Flood,
    /// More content than we read.
    Full,
}

/// What a fetch comes to that ended with `sign` in `phase`, with `peer` at the other end.
#[must_use]
pub fn outcome(phase: Phase, peer: Peer, sign: Sign) -> Outcome {
    match (phase, sign) {
        (_, Sign::Resolve(ResolveError::NoAddress)) => Outcome::Unresolved,
        (_, Sign::Resolve(ResolveError::TimedOut)) | (_, Sign::OutOfTime) => Outcome::Timeout,
        (_, Sign::Resolve(ResolveError::Failed)) => Outcome::ServFail,
        (_, Sign::Full) => Outcome::TooLarge,
        (_, Sign::Socks(code)) => socks(code),
        (_, Sign::Connect(_)) => Outcome::ProxyFailure,
        (Phase::Connect, sign) if peer == Peer::Origin => unconnected(sign),
        // Behind a proxy that says nothing the target may be silent as well.
        (Phase::Tunnel | Phase::Ask | Phase::Read, Sign::Silence) => Outcome::Timeout,
        // Where the proxy was asked for the page, it is half of the connection up to the head; after that, the body
        // is the target's.
        (Phase::Connect | Phase::Tunnel, _) => Outcome::ProxyFailure,
        (Phase::Secure | Phase::Ask, _) if peer == Peer::Proxy => Outcome::ProxyFailure,
        (_, Sign::Silence) => Outcome::Timeout,
        (_, Sign::Tls) => Outcome::TlsFailure,
        (_, Sign::Garbage | Sign::Flood) => Outcome::Malformed,
        (_, Sign::Cut) => Outcome::Reset,
        (_, Sign::Io(ErrorKind::TimedOut)) => Outcome::Timeout,
        (_, Sign::Io(ErrorKind::InvalidData)) => Outcome::Malformed,
        (_, Sign::Io(_)) => Outcome::Reset,
    }
}

/// A target that was dialled without a proxy, and is not there.
fn unconnected(sign: Sign) -> Outcome {
    match sign {
        Sign::Silence | Sign::Io(ErrorKind::TimedOut | ErrorKind::HostUnreachable) => Outcome::ConnectTimeout,
        Sign::Io(ErrorKind::ConnectionRefused) => Outcome::ConnectRefused,
        Sign::Io(ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted) | Sign::Cut => Outcome::Reset,
        // No route (often: no IPv6 here), no port or descriptor left, a filter on this machine.
        _ => Outcome::ProxyFailure,
    }
}

/// What the reply of a SOCKS proxy says (RFC 1928 6): only of a refusal and of an unreachable host is the target
/// the reason. That a network cannot be reached may be for want of IPv6 at the proxy.
fn socks(code: u8) -> Outcome {
    match code {
        // Host unreachable; TTL expired, which microsocks says where the host does not answer.
        4 | 6 => Outcome::ConnectTimeout,
        5 => Outcome::ConnectRefused,
        _ => Outcome::ProxyFailure,
    }
}

/// Who made an answer, as far as it can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// The target: nobody but it could have.
    Origin,
    /// The target, since the answer has passed the proxy: it has its name in `Via`.
    Passed,
    /// The proxy: the answer lacks the name that this proxy always puts in `Via`.
    Proxy,
    /// The target or the proxy, whose `Via` is not known.
    Either,
}

/// What an answer comes to by its status (RFC 9110 15), body aside. Redirects have a Location to look at before.
#[must_use]
pub fn answered(status: u16, maker: Maker) -> Outcome {
    match (status, maker) {
        (_, Maker::Proxy) => Outcome::ProxyFailure,
        // Only a proxy asks for its credentials, and proxies tell of their own trouble with all the five hundreds.
        (407, Maker::Either | Maker::Passed) | (500..=599, Maker::Either) => Outcome::ProxyFailure,
        (200..=299, _) => Outcome::Content,
        (300..=399, _) => Outcome::BadRedirect,
        (404 | 410, _) => Outcome::NotFound,
        (401 | 403 | 451, _) => Outcome::Forbidden,
        (400..=499, _) => Outcome::ClientError,
        (500..=599, _) => Outcome::ServerError,
        _ => Outcome::Malformed,
    }
}

/// A fetch that ended early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What it came to.
    pub outcome: Outcome,
    /// What failed, in words.
    pub detail: CompactString,
}

impl Failure {
    /// What ended with `sign` in `phase`, with `peer` at the other end; `words` say more where there is more to say.
    pub(super) fn new(phase: Phase, peer: Peer, sign: Sign, words: impl fmt::Display) -> Failure {
        let doing = match (phase, peer) {
            (Phase::Resolve, _) => "resolving the host",
            (Phase::Connect, Peer::Origin) => "connecting",
            (Phase::Connect, Peer::Proxy) => "connecting to the proxy",
            (Phase::Tunnel, _) => "on the way through the proxy",
            (Phase::Secure, Peer::Origin) => "in the tls handshake",
            (Phase::Secure, Peer::Proxy) => "in the tls handshake with the proxy",
            (Phase::Ask, _) => "waiting for the answer",
            (Phase::Read, _) => "reading the body",
        };
        Failure { outcome: outcome(phase, peer, sign), detail: self::words(format_args!("{doing}: {words}")) }
    }

    /// The same without further words.
    pub(super) fn of(phase: Phase, peer: Peer, sign: Sign) -> Failure {
        Failure::new(phase, peer, sign, sign)
    }
}

/// Words for a detail. What libraries say may repeat what a server said.
pub(super) fn words(words: impl fmt::Display) -> CompactString {
    clean(&words.to_string()).unwrap_or_default()
}

impl fmt::Display for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sign::Resolve(error) => error.fmt(f),
            Sign::Io(kind) => kind.fmt(f),
            Sign::Silence => f.write_str("nothing came for too long"),
            Sign::OutOfTime => f.write_str("the time is over"),
            Sign::Tls => f.write_str("no tls"),
            Sign::Socks(code) => write!(f, "the proxy replied {code}"),
            Sign::Connect(status) => write!(f, "the proxy answered {status}"),
            Sign::Garbage => f.write_str("not the protocol"),
            Sign::Cut => f.write_str("an end in the middle"),
            Sign::Flood => f.write_str("more came than any answer has"),
            Sign::Full => f.write_str("more content than is read"),
        }
    }
}

/// What an error of a connection shows.
pub(super) fn sign(error: &io::Error) -> Sign {
    if let Some(inner) = error.get_ref() {
        if let Some(inner) = inner.downcast_ref::<io::Error>() {
            return sign(inner);
        }
        if inner.is::<rustls::Error>() {
            return Sign::Tls;
        }
    }
    match (GivenUp::of(error), error.kind()) {
        (Some(GivenUp::Silence), _) => Sign::Silence,
        (Some(GivenUp::Flood), _) => Sign::Flood,
        (None, ErrorKind::UnexpectedEof) => Sign::Cut,
        (None, kind) => Sign::Io(kind),
    }
}
