//! Ways out of a vantage: directly, or through one of its proxies.
//!
//! ```text
//! direct
//! http://user:password@192.0.2.1:8888?via=geo-a
//! https://proxy.example:443
//! socks5://192.0.2.7:1080
//! ```
//!
//! `via` is the name that an HTTP proxy gives itself in `Via` (RFC 9110 7.6.3). With it, what the proxy answers
//! itself is told from what the target answers.

use std::fmt;
use std::str::FromStr;

use compact_str::{CompactString, ToCompactString};
use url::{Host, Url};

use crate::fetch::Secret;

/// How a vantage reaches a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// From this machine.
    Direct,
    /// Through an HTTP proxy, RFC 9110 9.3.6: by `CONNECT` to https targets, by asking it for http targets.
    Http(Proxy),
    /// The same, over TLS to the proxy, whose certificate must be valid.
    Https(Proxy),
    /// Through a SOCKS5 proxy, RFC 1928, with addresses that we resolved.
    Socks5(Proxy),
}

/// A proxy. Its credentials are shown by nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// Its name or address as configured; IPv6 without brackets.
    pub host: CompactString,
    /// Its port.
    pub port: u16,
    /// Who we are there.
    pub credentials: Option<Credentials>,
    /// The name that it gives itself in `Via`.
    pub via: Option<CompactString>,
}

/// A user name and a password. Neither has a `Display`, and `Debug` says nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    user: String,
    password: String,
}

impl Credentials {
    pub(super) fn user(&self) -> &str {
        &self.user
    }

    pub(super) fn password(&self) -> &str {
        &self.password
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials")
    }
}

/// Why a text is no way. The text is not repeated: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WayError {
    /// No URL at all.
    #[error("a way is `direct` or the url of a proxy, such as `socks5://192.0.2.7:1080`")]
    Url,
    /// A scheme that is no kind of proxy that we know.
    #[error("a proxy has the scheme `http`, `https` or `socks5`")]
    Scheme,
    /// No host, or a SOCKS proxy without a port.
    #[error("a proxy needs a host, and a port if it is not the usual one of http or https")]
    Host,
    /// A path, a fragment, or a query that is not `via`.
    #[error("behind host and port of a proxy may stand `?via=NAME` and nothing else; `%3F` is `?` in a password")]
    Rest,
    /// A SOCKS proxy does not look into what passes.
    #[error("only an http proxy has a `via`")]
    Via,
    /// RFC 1929 has one octet for each length; Basic authentication (RFC 7617) has no colon in a user name.
    #[error("user name and password have 1 to 255 octets each, and no `:` in the user name")]
    Credentials,
    /// A password that anybody may read.
    #[error("a password is written out; write `{{key}}` in its place, and the password into the secrets file")]
    Password,
    /// A secret in the place of something else, which may be shown.
    #[error("`{{key}}` stands for the password of a proxy, and for nothing else")]
    Key,
}

/// What stands for a secret.
const KEY: &str = "{key}";

impl Way {
    /// A way in whose text `{key}` stands for the password of the proxy; as it is if there is no `secret`.
    ///
    /// The secret never becomes part of the text: wherever else `{key}` stands, it would be shown.
    ///
    /// # Errors
    /// [`WayError`], and that is [`WayError::Password`] if a password is written out, [`WayError::Key`] if `{key}`
    /// stands for something else.
    pub fn with_secret(text: &str, secret: Option<&Secret>) -> Result<Way, WayError> {
        let mut way: Way = text.parse()?;
        let (Way::Http(proxy) | Way::Https(proxy) | Way::Socks5(proxy)) = &mut way else { return Ok(Way::Direct) };
        let is_key = |word: &str| word.contains(KEY);
        let is_user = proxy.credentials.as_ref().is_some_and(|credentials| is_key(&credentials.user));
        if is_user || is_key(&proxy.host) || proxy.via.as_deref().is_some_and(is_key) {
            return Err(WayError::Key);
        }
        if let Some(credentials) = &mut proxy.credentials {
            if credentials.password != KEY {
                return Err(WayError::Password);
            }
            if let Some(secret) = secret {
                credentials.password = of_length(secret.expose().to_owned()).ok_or(WayError::Credentials)?;
            }
        }
        Ok(way)
    }

    /// The proxy, if there is one.
    #[must_use]
    pub fn proxy(&self) -> Option<&Proxy> {
        match self {
            Way::Direct => None,
            Way::Http(proxy) | Way::Https(proxy) | Way::Socks5(proxy) => Some(proxy),
        }
    }
}

impl FromStr for Way {
    type Err = WayError;

    fn from_str(text: &str) -> Result<Way, WayError> {
        let text = text.trim_ascii();
        if text == "direct" {
            return Ok(Way::Direct);
        }
        let url = Url::parse(text).map_err(|_| WayError::Url)?;
        let way = match url.scheme() {
            "http" => Way::Http,
            "https" => Way::Https,
            "socks5" => Way::Socks5,
            _ => return Err(WayError::Scheme),
        };
        let host = match url.host().ok_or(WayError::Host)? {
            Host::Domain("") => return Err(WayError::Host),
            Host::Domain(name) => name.to_ascii_lowercase().into(),
            Host::Ipv4(address) => address.to_compact_string(),
            Host::Ipv6(address) => address.to_compact_string(),
        };
        let port = url.port_or_known_default().filter(|port| *port != 0).ok_or(WayError::Host)?;
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(WayError::Rest);
        }
        let via = via(&url)?;
        if via.is_some() && url.scheme() == "socks5" {
            return Err(WayError::Via);
        }
        Ok(way(Proxy { host, port, credentials: credentials(&url)?, via }))
    }
}

fn via(url: &Url) -> Result<Option<CompactString>, WayError> {
    let mut pairs = url.query_pairs();
    match (pairs.next(), pairs.next()) {
        (None, _) => Ok(None),
        (Some((name, value)), None) if name == "via" && !value.is_empty() => Ok(Some(value.as_ref().into())),
        _ => Err(WayError::Rest),
    }
}

fn credentials(url: &Url) -> Result<Option<Credentials>, WayError> {
    if url.username().is_empty() && url.password().is_none() {
        return Ok(None);
    }
    let plain = |text: &str| unescaped(text).and_then(of_length);
    let user = plain(url.username()).filter(|user| !user.contains(':')).ok_or(WayError::Credentials)?;
    let password = url.password().and_then(plain).ok_or(WayError::Credentials)?;
    Ok(Some(Credentials { user, password }))
}

/// A user name or a password, if it is of a length that can be sent.
fn of_length(text: String) -> Option<String> {
    (1..=255).contains(&text.len()).then_some(text)
}

/// A text of RFC 3986 with `%40` and its like turned back; none if that is not UTF-8.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = match rest {
            [b'%', high, low, ..] => char::from(*high).to_digit(16).zip(char::from(*low).to_digit(16)),
            _ => None,
        };
        let escaped = escaped.and_then(|(high, low)| u8::try_from(high << 4 | low).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { rest.get(3..).unwrap_or_default() } else { tail };
    }
    String::from_utf8(bytes).ok()
}

impl fmt::Display for Way {
    /// The way without credentials, as observations carry it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, proxy) = match self {
            Way::Direct => return f.write_str("direct"),
            Way::Http(proxy) => ("http", proxy),
            Way::Https(proxy) => ("https", proxy),
            Way::Socks5(proxy) => ("socks5", proxy),
        };
        let Proxy { host, port, .. } = proxy;
        match host.contains(':') {
            true => write!(f, "{scheme}://[{host}]:{port}"),
            false => write!(f, "{scheme}://{host}:{port}"),
        }
    }
}
