//! The canonical form of a URL: what makes two spellings one observable.
//!
//! It is the Safe Browsing form (<https://developers.google.com/safe-browsing/v4/urls-hashing>) with the
//! differences that an observable needs:
//!
//! * The scheme is kept: `http` and `https` are two observables. Without one it is `http`.
//! * A port is kept if it is not the scheme's own. Port 0, a port above 65535 and any other text are errors.
//! * User information and fragment are dropped; the query is kept, even an empty one (`q?`).
//! * An empty label in the host is an error, not repaired: no such name can be asked for.
//! * `\` is read as a slash before the query, as browsers do; one that was escaped stays escaped.
//! * Delimiters count before unescaping: `http://a.zz%2Fb.zz/` has a wrong host and not the host `a.zz`.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::escape::{self, Escape};
use super::host::UrlHost;
use super::path;
use super::split::{self, Parts};
use crate::name::NameError;

/// Octets of a URL that are looked at.
const MAX_URL: usize = 65_535;

/// A scheme that can lead to a page or a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// `http`, port 80.
    Http,
    /// `https`, port 443.
    Https,
    /// `ftp`, port 21.
    Ftp,
}

impl Scheme {
    /// The word before the colon.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
            Scheme::Ftp => "ftp",
        }
    }

    /// The port that is meant when none is given.
    #[must_use]
    pub fn default_port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
            Scheme::Ftp => 21,
        }
    }

    pub(super) fn from_word(word: &[u8]) -> Option<Scheme> {
        [Scheme::Http, Scheme::Https, Scheme::Ftp]
            .into_iter()
            .find(|scheme| word.eq_ignore_ascii_case(scheme.as_str().as_bytes()))
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why a text is no URL of ours. The text is not repeated: it may hold personal data. All of them make the
/// input line a row of `errors`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// Nothing but blanks.
    #[error("the url is empty")]
    Empty,
    /// More octets than any server takes.
    #[error("the url has {0} octets, more than 65535")]
    TooLong(usize),
    /// A scheme that is none of http, https, ftp.
    #[error("the scheme is none of http, https, ftp")]
    UnsupportedScheme,
    /// No host between the slashes.
    #[error("the url has no host")]
    EmptyHost,
    /// Two dots in a row, or one in front.
    #[error("the host has an empty label")]
    EmptyLabel,
    /// The unescaped host is not UTF-8.
    #[error("the host is not UTF-8")]
    Encoding,
    /// The host is no name that the DNS can carry.
    #[error("the host is not a name")]
    Name(#[source] NameError),
    /// Brackets without an IPv6 address in them, or one with a zone id.
    #[error("the host is not an ipv6 address")]
    Address,
    /// A port that is no number from 1 to 65535.
    #[error("the port is no number from 1 to 65535")]
    Port,
}

/// A URL in canonical form, and its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParsedUrl {
    /// The scheme; `http` if none was given.
    pub scheme: Scheme,
    /// The host.
    pub host: UrlHost,
    /// The port, unless it is the scheme's own.
    pub port: Option<u16>,
    /// The whole URL in canonical form; ASCII.
    pub canonical: String,
    /// Whether user information was dropped: `http://paypal.com@evil.zz/` is a trick.
    pub had_userinfo: bool,
    tail_at: usize,
}

/// The name under which the canonical form is asked for: `CanonicalUrl::parse(text)`.
pub type CanonicalUrl = ParsedUrl;

impl ParsedUrl {
    /// Brings a URL into canonical form. Defanged text goes through [`super::refang`] first.
    ///
    /// # Errors
    /// [`UrlError`] if nothing could ever be fetched from it; see the variants.
    pub fn parse(raw: &str) -> Result<ParsedUrl, UrlError> {
        if raw.len() > MAX_URL {
            return Err(UrlError::TooLong(raw.len()));
        }
        let cleaned = split::clean(raw.as_bytes());
        let Parts { scheme, had_userinfo, host, port, tail } = split::split(split::without_fragment(&cleaned))?;
        let host = read_host(host)?;
        let port = read_port(port)?.filter(|port| *port != scheme.default_port());
        let mut canonical = String::with_capacity(cleaned.len() + 16);
        canonical.push_str(scheme.as_str());
        canonical.push_str("://");
        write_host(&mut canonical, &host);
        if let Some(port) = port {
            canonical.push_str(&format!(":{port}"));
        }
        let tail_at = canonical.len();
        write_tail(&mut canonical, tail);
        Ok(ParsedUrl { scheme, host, port, canonical, had_userinfo, tail_at })
    }

    /// Path and query in canonical form; begins with a slash.
    #[must_use]
    pub fn path_and_query(&self) -> &str {
        self.canonical.get(self.tail_at..).unwrap_or("/")
    }
}

/// The host, unescaped.
fn read_host(host: &[u8]) -> Result<UrlHost, UrlError> {
    let unescaped;
    let host = if memchr::memchr(b'%', host).is_some() {
        unescaped = escape::unescape(host.iter().copied());
        unescaped.as_slice()
    } else {
        host
    };
    let text = std::str::from_utf8(host).map_err(|_| UrlError::Encoding)?;
    // Without brackets a colon can only come from an escape or from a second port.
    if memchr::memchr(b':', host).is_some() && !text.starts_with('[') {
        return Err(UrlError::Name(NameError::Character(':')));
    }
    UrlHost::parse(text)
}

/// `None` for no port and for an empty one (`http://evil.zz:/`).
fn read_port(port: Option<&[u8]>) -> Result<Option<u16>, UrlError> {
    match port {
        None | Some([]) => Ok(None),
        Some(digits) if digits.iter().all(u8::is_ascii_digit) => {
            let number = std::str::from_utf8(digits).ok().and_then(|text| text.parse::<u16>().ok());
            number.filter(|port| *port != 0).map(Some).ok_or(UrlError::Port)
        }
        Some(_) => Err(UrlError::Port),
    }
}

/// Writes a host as it stands in a URL: an IPv6 address in brackets.
pub(super) fn write_host(out: &mut String, host: &UrlHost) {
    match host {
        UrlHost::Name(name) => out.push_str(name.as_str()),
        UrlHost::Address(IpAddr::V4(address)) => out.push_str(&address.to_string()),
        UrlHost::Address(IpAddr::V6(address)) => out.push_str(&format!("[{address}]")),
    }
}

/// Writes path and query; backslashes before the first question mark are slashes.
fn write_tail(out: &mut String, tail: &[u8]) {
    let path_end = memchr::memchr(b'?', tail).unwrap_or(tail.len());
    if memchr::memchr(b'\\', tail).is_some_and(|at| at < path_end) {
        let mut slashed = tail.to_vec();
        for byte in slashed.iter_mut().take(path_end).filter(|byte| **byte == b'\\') {
            *byte = b'/';
        }
        path::write_tail(out, &slashed, Escape::Backslash);
    } else {
        path::write_tail(out, tail, Escape::Backslash);
    }
}
