//! Servers, and how they are written: `9.9.9.9`, `192.0.2.1:5353`, `tcp://192.0.2.1`, `tls://9.9.9.9#dns.quad9.net`,
//! `https://9.9.9.9/dns-query#dns.quad9.net`.
//!
//! A server is an address, never a name: whoever resolves names cannot ask a resolver where the resolver is. The name
//! behind `#` is the one that its certificate must show.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use compact_str::{CompactString, ToCompactString};
use rustls::pki_types::ServerName;

/// A server, and how it is spoken to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Server {
    /// Where it is.
    pub address: SocketAddr,
    /// How it is spoken to.
    pub transport: Transport,
}

/// How a server is spoken to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// Datagrams, and TCP for what does not fit into one (RFC 1035 4.2). Port 53.
    Udp,
    /// TCP only (RFC 7766). Port 53.
    Tcp,
    /// TLS (RFC 7858). Port 853.
    Tls {
        /// The name or address in its certificate.
        name: CompactString,
    },
    /// HTTPS (RFC 8484), HTTP/2. Port 443.
    Https {
        /// The name or address in its certificate.
        name: CompactString,
        /// The path that is asked.
        path: CompactString,
    },
}

/// Why a text is no server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// Something else than `tcp`, `tls` or `https` in front of `://`.
    #[error("the scheme is none of `tcp`, `tls`, `https`; leave it away for UDP")]
    Scheme,
    /// Not an address, or not a port. Write IPv6 addresses with a port in brackets.
    #[error(
        "an IP address is expected, with a port if need be: `192.0.2.1`, `192.0.2.1:5353`, `[2001:db8::1]:53`"
    )]
    Address,
    /// A name behind `#` that no certificate can have, or one where no certificate is shown.
    #[error("the part after `#` is the name in the certificate of a `tls` or `https` server")]
    Name,
    /// A path where there is none, or one with odd characters.
    #[error("a path is for `https` only: printable ASCII, at most 200 characters")]
    Path,
}

/// The path that servers use unless told otherwise; the one of RFC 8484.
const DEFAULT_PATH: &str = "/dns-query";
/// The longest path.
const MAX_PATH: usize = 200;

impl Server {
    /// A server that is spoken to with datagrams.
    #[must_use]
    pub fn udp(address: SocketAddr) -> Server {
        Server { address, transport: Transport::Udp }
    }
}

impl Transport {
    fn default_port(&self) -> u16 {
        match self {
            Transport::Udp | Transport::Tcp => 53,
            Transport::Tls { .. } => 853,
            Transport::Https { .. } => 443,
        }
    }
}

impl FromStr for Server {
    type Err = ServerError;

    fn from_str(text: &str) -> Result<Server, ServerError> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
        let (rest, name) = match rest.split_once('#') {
            Some((rest, name)) => (rest, Some(name)),
            None => (rest, None),
        };
        let (place, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let (ip, port) = address(place).ok_or(ServerError::Address)?;
        if !matches!(scheme, "tls" | "https") && name.is_some() {
            return Err(ServerError::Name);
        }
        if scheme != "https" && !path.is_empty() {
            return Err(ServerError::Path);
        }
        let certified = || match name {
            Some(name) if ServerName::try_from(name).is_err() => Err(ServerError::Name),
            Some(name) => Ok(name.to_ascii_lowercase().into()),
            None => Ok(ip.to_compact_string()),
        };
        let transport = match scheme {
            "" => Transport::Udp,
            "tcp" => Transport::Tcp,
            "tls" => Transport::Tls { name: certified()? },
            "https" => Transport::Https { name: certified()?, path: checked_path(path)? },
            _ => return Err(ServerError::Scheme),
        };
        let port = port.unwrap_or(transport.default_port());
        Ok(Server { address: SocketAddr::new(ip, port), transport })
    }
}

/// An address with or without a port.
fn address(text: &str) -> Option<(IpAddr, Option<u16>)> {
    if let Ok(ip) = text.parse() {
        return Some((ip, None));
    }
    if let Ok(address) = text.parse::<SocketAddr>() {
        return (address.port() != 0).then_some((address.ip(), Some(address.port())));
    }
    let ip = text.strip_prefix('[')?.strip_suffix(']')?.parse().ok()?;
    Some((IpAddr::V6(ip), None))
}

fn checked_path(path: &str) -> Result<CompactString, ServerError> {
    match path {
        "" => Ok(DEFAULT_PATH.into()),
        path if path.len() <= MAX_PATH && path.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(path.into()),
        _ => Err(ServerError::Path),
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, name, path) = match &self.transport {
            Transport::Udp => ("", None, ""),
            Transport::Tcp => ("tcp://", None, ""),
            Transport::Tls { name } => ("tls://", Some(name), ""),
            Transport::Https { name, path } => ("https://", Some(name), path.as_str()),
        };
        f.write_str(scheme)?;
        let ip = self.address.ip();
        if self.address.port() != self.transport.default_port() {
            write!(f, "{}", self.address)?;
        } else if ip.is_ipv6() && !scheme.is_empty() {
            write!(f, "[{ip}]")?;
        } else {
            write!(f, "{ip}")?;
        }
        f.write_str(path)?;
        match name.filter(|name| **name != ip.to_compact_string()) {
            Some(name) => write!(f, "#{name}"),
            None => Ok(()),
        }
    }
}
