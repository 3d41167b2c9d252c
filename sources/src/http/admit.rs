//! The guard: which URLs are fetched, and which addresses are connected to for them.
//!
//! ```text
//! URL ──scheme, host, port──► literal or name ──resolved once──► addresses ──public only──► Admitted, pinned
//! ```
//!
//! It is asked for the first URL and for every redirect. What it admits is connected to at the addresses that it
//! looked at and nowhere else, so a name that resolves to another address a moment later leads nowhere.

use std::fmt;
use std::future::Future;
use std::net::IpAddr;

use ipnet::IpNet;
use panopticon_model::name::{HostName, NameError};
use url::{Host, Position, Url};

use crate::address::is_public;

/// Resolves the names of hosts. What it says is checked here and used once.
pub trait Resolve: Send + Sync {
    /// The addresses of a host, at least one.
    fn resolve(&self, host: &HostName) -> impl Future<Output = Result<Vec<IpAddr>, ResolveError>> + Send;
}

/// Why a name has no addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// The name does not exist, or has no address: that is known of it.
    #[error("the name has no address")]
    NoAddress,
    /// No answer in time: nothing is known.
    #[error("the name was not resolved in time")]
    TimedOut,
    /// The servers cannot answer: nothing is known.
    #[error("the name could not be resolved")]
    Failed,
}

/// Why something is not fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Denial {
    /// No URL, or one that nobody could send.
    #[error("it is no url")]
    NotUrl,
    /// More octets than [`MAX_URL`].
    #[error("it has more than {MAX_URL} octets")]
    TooLong,
    /// Neither http nor https.
    #[error("its scheme is neither http nor https")]
    Scheme,
    /// A host that the DNS cannot carry.
    #[error("its host is none: {0}")]
    Host(#[from] NameError),
    /// A port that is none of ours.
    #[error("port {0} is not connected to")]
    Port(u16),
    /// An address that is not public.
    #[error("{0} is no public address")]
    Address(IpAddr),
}

/// Why a URL is not connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It must not be.
    #[error(transparent)]
    Denied(#[from] Denial),
    /// Its host is not resolved.
    #[error(transparent)]
    Unresolved(#[from] ResolveError),
}

/// Octets of a URL that is fetched.
pub const MAX_URL: usize = 8192;
/// Ports that any URL may have.
const PORTS: [u16; 4] = [80, 443, 8080, 8443];
/// The least port that a feed may name besides: below are services that a stray request could hurt.
const LEAST_OWN_PORT: u16 = 1024;
/// Addresses that are tried.
const MAX_ADDRESSES: usize = 3;

/// A URL that may be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    url: Url,
    host: Target,
    port: u16,
    addresses: Vec<IpAddr>,
}

/// Whom a URL names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A name, to be resolved.
    Name(HostName),
    /// An address, in whatever spelling it stood there.
    Address(IpAddr),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Name(name) => f.write_str(name.as_str()),
            Target::Address(address) => address.fmt(f),
        }
    }
}

impl Admitted {
    /// The URL without user information and fragment: what is sent.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Whom it names.
    #[must_use]
    pub fn host(&self) -> &Target {
        &self.host
    }

    /// The port that is connected to.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The addresses that may be connected to, IPv4 first: at least one.
    #[must_use]
    pub fn addresses(&self) -> &[IpAddr] {
        &self.addresses
    }

    /// Host and port as they stand in the URL: the `Host` header, RFC 9112 3.2.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.url[Position::BeforeHost..Position::AfterPort]
    }

    /// Whether it is fetched over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }
}

/// The guard. By default only public addresses pass.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    allow_private: Vec<IpNet>,
}

impl Guard {
    /// A guard that lets these networks pass besides; a registry may want to look at its own.
    #[must_use]
    pub fn new(allow_private: Vec<IpNet>) -> Guard {
        Guard { allow_private }
    }

    /// Admits a URL. `own_port` is the port of the URL that a feed listed: it is allowed from 1024 on.
    ///
    /// # Errors
    /// [`Refusal`] if it must not be fetched, or has no address.
    pub async fn admit<R: Resolve>(
        &self,
        url: &Url,
        own_port: Option<u16>,
        resolver: &R,
    ) -> Result<Admitted, Refusal> {
        let (host, port) = target(url, own_port)?;
        let addresses = match &host {
            Target::Address(address) => vec![*address],
            Target::Name(name) => resolver.resolve(name).await?,
        };
        Ok(Admitted { url: bare(url), host, port, addresses: self.checked(addresses)? })
    }

    /// The addresses of a host that may be connected to: IPv4 first, since not every machine has IPv6.
    ///
    /// # Errors
    /// [`Denial::Address`] if there are some, but none of them passes; [`ResolveError::NoAddress`] if there are none.
    pub fn checked(&self, addresses: Vec<IpAddr>) -> Result<Vec<IpAddr>, Refusal> {
        let first = addresses.first().copied().ok_or(ResolveError::NoAddress)?;
        let canonical = addresses.into_iter().map(|address| address.to_canonical());
        let mut checked: Vec<IpAddr> = canonical.filter(|address| self.passes(*address)).collect();
        checked.sort_by_key(IpAddr::is_ipv6);
        checked.truncate(MAX_ADDRESSES);
        if checked.is_empty() { Err(Denial::Address(first).into()) } else { Ok(checked) }
    }

    fn passes(&self, address: IpAddr) -> bool {
        is_public(address) || self.allow_private.iter().any(|network| network.contains(&address))
    }
}

/// Reads a URL as browsers do.
///
/// # Errors
/// [`Denial`] if it is none, or longer than [`MAX_URL`].
pub fn read(text: &str) -> Result<Url, Denial> {
    if text.len() > MAX_URL {
        return Err(Denial::TooLong);
    }
    Url::parse(text).map_err(|_| Denial::NotUrl)
}

/// Whom a URL names, and at which port; nothing is resolved.
///
/// # Errors
/// [`Denial`] if its scheme, host or port is none of those that are fetched.
pub fn target(url: &Url, own_port: Option<u16>) -> Result<(Target, u16), Denial> {
    if url.as_str().len() > MAX_URL {
        return Err(Denial::TooLong);
    }
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Denial::Scheme);
    }
    // The parser has turned every spelling of an address (octal, hexadecimal, one number) into the address.
    let host = match url.host().ok_or(Denial::NotUrl)? {
        Host::Domain(name) => Target::Name(HostName::parse(name)?),
        Host::Ipv4(address) => Target::Address(address.into()),
        Host::Ipv6(address) => Target::Address(address.into()),
    };
    let port = url.port_or_known_default().ok_or(Denial::NotUrl)?;
    let is_own = own_port == Some(port) && port >= LEAST_OWN_PORT;
    if !PORTS.contains(&port) && !is_own {
        return Err(Denial::Port(port));
    }
    Ok((host, port))
}

/// The URL without what is never sent.
pub(super) fn bare(url: &Url) -> Url {
    let mut bare = url.clone();
    // These fail only for URLs without a host.
    let _ = bare.set_username("");
    let _ = bare.set_password(None);
    bare.set_fragment(None);
    bare
}
