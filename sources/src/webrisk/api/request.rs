//! Requests: what is asked, as a URL without the key.

use std::borrow::Cow;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use url::form_urlencoded::Serializer;
use url::{Host, Url};

use crate::webrisk::hash::Prefix;
use crate::webrisk::{Constraints, ThreatType};

/// Where the API is: `https://webrisk.googleapis.com/` unless the configuration names another that speaks the same.
/// It ends in a slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base(Cow<'static, str>);

/// A URL at which the API cannot be. Correct the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BaseError {
    /// No URL.
    #[error("the URL of the service cannot be read: write `https://host/`")]
    Url,
    /// The key would cross the network in the clear.
    #[error("the URL of the service is not https: the key could be read on its way")]
    Plain,
    /// A user, a password, a query or a fragment.
    #[error("the URL of the service has more than a host and a path: leave out user, query and fragment")]
    Extra,
}

impl Default for Base {
    fn default() -> Base {
        Base(Cow::Borrowed("https://webrisk.googleapis.com/"))
    }
}

impl FromStr for Base {
    type Err = BaseError;

    /// Reads an `https` URL, or an `http` one on this machine.
    fn from_str(text: &str) -> Result<Base, BaseError> {
        let url = Url::parse(text).map_err(|_| BaseError::Url)?;
        let is_local = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => return Err(BaseError::Url),
        };
        if url.scheme() != "https" && !(url.scheme() == "http" && is_local) {
            return Err(BaseError::Plain);
        }
        let is_bare = url.username().is_empty() && url.password().is_none();
        if !is_bare || url.query().is_some() || url.fragment().is_some() {
            return Err(BaseError::Extra);
        }
        let slash = if url.path().ends_with('/') { "" } else { "/" };
        Ok(Base(Cow::Owned(format!("{url}{slash}"))))
    }
}

impl Base {
    fn method(&self, name: &str) -> Serializer<'static, String> {
        let url = format!("{}v1/{name}?", self.0);
        let query_at = url.len();
        Serializer::for_suffix(url, query_at)
    }
}

/// `uris:search`: whether a URL is on lists of these types. It goes as it is: the service brings it into its form.
#[must_use]
pub fn search_uris(base: &Base, uri: &str, types: &[ThreatType]) -> String {
    let mut query = base.method("uris:search");
    query.extend_pairs(types.iter().map(|threat_type| ("threatTypes", threat_type.as_str())));
    query.append_pair("uri", uri).finish()
}

/// `hashes:search`: which hashes on lists of these types begin with `prefix`.
#[must_use]
pub fn search_hashes(base: &Base, prefix: &Prefix, types: &[ThreatType]) -> String {
    let mut query = base.method("hashes:search");
    query.append_pair("hashPrefix", &URL_SAFE.encode(prefix.as_bytes()));
    query.extend_pairs(types.iter().map(|threat_type| ("threatTypes", threat_type.as_str()))).finish()
}

/// `threatLists:computeDiff`: what is new on a list since `version`; the whole list if that is empty.
#[must_use]
pub fn compute_diff(base: &Base, threat_type: ThreatType, version: &[u8], constraints: Constraints) -> String {
    let mut query = base.method("threatLists:computeDiff");
    query.append_pair("threatType", threat_type.as_str());
    if !version.is_empty() {
        query.append_pair("versionToken", &URL_SAFE.encode(version));
    }
    query
        .append_pair("constraints.maxDiffEntries", &constraints.diff.get().to_string())
        .append_pair("constraints.maxDatabaseEntries", &constraints.database.get().to_string())
        .append_pair("constraints.supportedCompressions", "RAW")
        .append_pair("constraints.supportedCompressions", "RICE")
        .finish()
}
