//! The bootstrap file of IANA (RFC 9224), `dns.json`: which TLD has its RDAP service where. Pure.
//!
//! ```json
//! { "version": "1.0", "publication": "...", "services": [ [ ["xx", "zz"], ["https://rdap.example/"] ] ] }
//! ```
//!
//! Entries of several labels and of the root are passed over: what is measured is below a TLD.

use std::collections::BTreeMap;
use std::sync::Arc;

use compact_str::CompactString;
use panopticon_model::name::HostName;
use serde::Deserialize;
use url::Url;

/// Octets of a file, many times what IANA's has for all TLDs.
pub const MAX_FILE: usize = 4 << 20;

/// Base URLs by TLD in A-labels, those of https first, else in the order of the file; each ends with a slash. The
/// TLDs of one entry share them.
pub type Bases = BTreeMap<CompactString, Arc<[Url]>>;

/// Why a file is not used. Fetch it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BootstrapError {
    /// More than [`MAX_FILE`].
    #[error("the bootstrap file has {0} octets, more than {MAX_FILE}")]
    TooLarge(usize),
    /// Not JSON, or not of the shape of RFC 9224 3.
    #[error("the bootstrap file is none of RFC 9224: line {line}, column {column}")]
    Shape {
        /// Where it breaks, from 1.
        line: usize,
        /// The place in the line.
        column: usize,
    },
    /// A version that we do not know.
    #[error("the bootstrap file is not of version 1")]
    Version,
}

#[derive(Deserialize)]
struct File {
    version: String,
    services: Vec<(Vec<String>, Vec<String>)>,
}

/// Reads a file. URLs that are none, that hold credentials or that are neither http nor https are passed over; a TLD
/// that has no other is not in the result. Of two entries for a TLD the first counts.
///
/// # Errors
/// [`BootstrapError`] if it is no bootstrap file.
pub fn read(file: &[u8]) -> Result<Bases, BootstrapError> {
    if file.len() > MAX_FILE {
        return Err(BootstrapError::TooLarge(file.len()));
    }
    // An array would be read as an object whose members come in order.
    if !file.trim_ascii_start().starts_with(b"{") {
        return Err(BootstrapError::Shape { line: 1, column: 1 });
    }
    let file: File = serde_json::from_slice(file)
        .map_err(|error| BootstrapError::Shape { line: error.line(), column: error.column() })?;
    if file.version != "1" && !file.version.starts_with("1.") {
        return Err(BootstrapError::Version);
    }
    let mut bases = Bases::new();
    for (names, urls) in file.services {
        let mut urls: Vec<Url> = urls.iter().filter_map(|url| base(url)).collect();
        urls.sort_by_key(|url| url.scheme() != "https");
        let urls: Arc<[Url]> = urls.into();
        for name in names.iter().filter_map(|name| HostName::parse(name).ok()) {
            if name.parent().is_none() && !urls.is_empty() {
                bases.entry(name.as_str().into()).or_insert_with(|| Arc::clone(&urls));
            }
        }
    }
    Ok(bases)
}

/// A base URL, to which a path can be joined.
fn base(text: &str) -> Option<Url> {
    let mut url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    url.set_query(None);
    url.set_fragment(None);
    url.path_segments_mut().ok()?.pop_if_empty().push("");
    Some(url)
}
