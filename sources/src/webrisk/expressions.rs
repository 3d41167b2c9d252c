//! Expressions: the parts of a URL that may be on a list, and their hashes.
//!
//! ```text
//! http://a.b.c/1/2.html?p=1   a.b.c b.c  x  /1/2.html?p=1  /1/2.html  /  /1/   8 expressions
//! ```
//!
//! Suffixes of the host times prefixes of the path, at most 5 x 6. Specification:
//! <https://cloud.google.com/web-risk/docs/urls-hashing>. The client that Google publishes looks at the last seven
//! components of a host, the documentation at the last five: the documentation counts. Two things it leaves open are
//! as in that client: a question mark with nothing behind it is no query, and an expression comes once.

use std::net::Ipv4Addr;

use panopticon_model::url::{UrlError, safe_browsing};
use sha2::{Digest, Sha256};

use super::hash::FullHash;

/// Suffixes of a host besides the host itself.
const MAX_SUFFIXES: usize = 4;
/// Paths from the root down, besides the whole path.
const MAX_DIRECTORIES: usize = 4;

/// The expressions of a URL in any spelling: the whole host first, longer suffixes before shorter ones; of each the
/// path with its query, without it, and from the root down.
///
/// # Errors
/// [`UrlError`] if the URL has no Safe Browsing form.
pub fn expressions(url: impl AsRef<[u8]>) -> Result<Vec<String>, UrlError> {
    let canonical = safe_browsing(url)?;
    let rest = canonical.split_once("://").map_or(canonical.as_str(), |(_, rest)| rest);
    let (host, tail) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let paths = paths(tail);
    Ok(hosts(host).into_iter().flat_map(|host| paths.iter().map(move |path| [host, *path].concat())).collect())
}

/// The hashes of the expressions of a URL, in their order.
///
/// # Errors
/// [`UrlError`] if the URL has no Safe Browsing form.
pub fn hashes(url: impl AsRef<[u8]>) -> Result<Vec<FullHash>, UrlError> {
    Ok(expressions(url)?.iter().map(|expression| hash(expression)).collect())
}

/// The hash of an expression.
#[must_use]
pub fn hash(expression: &str) -> FullHash {
    Sha256::digest(expression.as_bytes()).into()
}

/// The host, and up to four of its suffixes made from its last five components; of an address only itself.
fn hosts(host: &str) -> Vec<&str> {
    let mut hosts = vec![host];
    if host.parse::<Ipv4Addr>().is_ok() {
        return hosts;
    }
    // The last component alone is skipped. An IPv6 address has no dots in normal form.
    let suffixes = host.rmatch_indices('.').skip(1).take(MAX_SUFFIXES);
    hosts.extend(suffixes.filter_map(|(dot, _)| host.get(dot + 1..)));
    if let Some(suffixes) = hosts.get_mut(1..) {
        suffixes.reverse();
    }
    hosts
}

/// The path with its query, the path, and up to four paths from the root down, each of which ends in a slash.
fn paths(tail: &str) -> Vec<&str> {
    let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
    let mut paths = Vec::with_capacity(2 + MAX_DIRECTORIES);
    if !query.is_empty() {
        paths.push(tail);
    }
    paths.push(path);
    let directories = path.match_indices('/').take(MAX_DIRECTORIES).filter_map(|(slash, _)| path.get(..=slash));
    paths.extend(directories.filter(|directory| *directory != path));
    paths
}
