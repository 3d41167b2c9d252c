//! Where a source lives, as configured, and the secrets that open it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::TargetError;

/// A URL or a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An `http` or `https` URL, `{key}` where the key belongs.
    Url(String),
    /// A file, or a folder into which snapshots are dropped.
    Path(PathBuf),
}

impl Target {
    /// The server that is asked: its host, and its port if that is not the usual one. None for a path.
    #[must_use]
    pub fn host(&self) -> Option<String> {
        let Target::Url(url) = self else { return None };
        let url = reqwest::Url::parse(&url.replace(KEY, "key")).ok()?;
        let host = url.host_str()?;
        Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
    }
}

impl FromStr for Target {
    type Err = TargetError;

    /// Reads `https://…`, `http://…`, `file://…` or a path.
    fn from_str(text: &str) -> Result<Self, TargetError> {
        let Some((scheme, rest)) = text.split_once("://") else {
            return if text.is_empty() { Err(TargetError::Empty) } else { Ok(Target::Path(text.into())) };
        };
        match scheme.to_ascii_lowercase().as_str() {
            "file" if rest.starts_with('/') => Ok(Target::Path(rest.into())),
            "file" => Err(TargetError::RemoteFile),
            "http" | "https" => {
                // The key may hold what a URL may not: check with a stand-in.
                let url = reqwest::Url::parse(&text.replace(KEY, "key")).map_err(|_| TargetError::Url)?;
                if url.username().is_empty() && url.password().is_none() {
                    Ok(Target::Url(text.to_owned()))
                } else {
                    Err(TargetError::Credentials)
                }
            }
            _ => Err(TargetError::Scheme(scheme.to_owned())),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Url(url) => f.write_str(url),
            Target::Path(path) => path.display().fmt(f),
        }
    }
}

/// The place of the key in a URL.
pub(super) const KEY: &str = "{key}";

/// A key or password. It has no `Display`, and its `Debug` says nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret, without blanks at its ends.
    #[must_use]
    pub fn new(text: &str) -> Secret {
        Secret(text.trim().to_owned())
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// The secret with everything but the unreserved characters of RFC 3986 percent-encoded: it stays one
    /// segment of a path or one value of a query.
    pub(crate) fn percent_encoded(&self) -> String {
        let mut text = String::new();
        for byte in self.0.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => text.push(char::from(byte)),
                _ => {
                    text.push('%');
                    text.extend(
                        [byte >> 4, byte & 15].map(|half| char::from(b"0123456789ABCDEF"[usize::from(half)])),
                    );
                }
            }
        }
        text
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
