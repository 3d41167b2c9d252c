//! Takes a URL apart, as browsers do and no stricter: where the scheme, the user information, the host, the
//! port and the path begin. Octets in, slices of them out; nothing is decoded here.

use std::borrow::Cow;

use super::canonical::{Scheme, UrlError};

/// The parts of a URL, still in the spelling of the input.
pub(super) struct Parts<'a> {
    pub(super) scheme: Scheme,
    pub(super) had_userinfo: bool,
    /// Not empty.
    pub(super) host: &'a [u8],
    /// What stands after the colon, if there is one.
    pub(super) port: Option<&'a [u8]>,
    /// From the first slash (or backslash, or question mark) on; may be empty.
    pub(super) tail: &'a [u8],
}

/// Takes off the surrounding blanks and control characters, and every tab, CR and LF.
pub(super) fn clean(raw: &[u8]) -> Cow<'_, [u8]> {
    let start = raw.iter().position(|&byte| byte > b' ').unwrap_or(raw.len());
    let end = raw.iter().rposition(|&byte| byte > b' ').map_or(start, |last| last + 1);
    let trimmed = raw.get(start..end).unwrap_or_default();
    if memchr::memchr3(b'\t', b'\r', b'\n', trimmed).is_some() {
        Cow::Owned(trimmed.iter().copied().filter(|byte| !matches!(byte, b'\t' | b'\r' | b'\n')).collect())
    } else {
        Cow::Borrowed(trimmed)
    }
}

/// Cuts the fragment off.
pub(super) fn without_fragment(url: &[u8]) -> &[u8] {
    match memchr::memchr(b'#', url) {
        Some(at) => url.get(..at).unwrap_or(url),
        None => url,
    }
}

/// Takes a URL without fragment apart.
///
/// # Errors
/// [`UrlError::UnsupportedScheme`] and [`UrlError::EmptyHost`]; nothing else is looked at.
pub(super) fn split(url: &[u8]) -> Result<Parts<'_>, UrlError> {
    if url.is_empty() {
        return Err(UrlError::Empty);
    }
    let (scheme, rest) = split_scheme(url)?;
    let end = memchr::memchr3(b'/', b'\\', b'?', rest).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at_checked(end).unwrap_or((rest, &[]));
    // The last @ counts: `http://good.zz@evil.zz/` and `http://a@b@evil.zz/` lead to evil.zz.
    let (had_userinfo, host_port) = match memchr::memrchr(b'@', authority) {
        Some(at) => (true, authority.get(at + 1..).unwrap_or_default()),
        None => (false, authority),
    };
    let (host, port) = split_port(host_port);
    if host.is_empty() {
        return Err(UrlError::EmptyHost);
    }
    Ok(Parts { scheme, had_userinfo, host, port, tail })
}

/// The scheme, and what follows its slashes; `http` if there is none.
fn split_scheme(url: &[u8]) -> Result<(Scheme, &[u8]), UrlError> {
    let Some(colon) = url.iter().position(|byte| matches!(byte, b':' | b'/' | b'\\' | b'?' | b'@' | b'[')) else {
        return Ok((Scheme::Http, url));
    };
    let (word, rest) = url.split_at_checked(colon).unwrap_or((url, &[]));
    match rest.first() {
        Some(b':') if !word.is_empty() => {
            let after = rest.get(1..).unwrap_or_default();
            if let Some(scheme) = Scheme::from_word(word) {
                Ok((scheme, without_slashes(after)))
            } else if is_port_and_tail(after) {
                Ok((Scheme::Http, url))
            } else {
                Err(UrlError::UnsupportedScheme)
            }
        }
        // `//evil.zz/x`: relative to a scheme that we do not know.
        Some(b'/' | b'\\') if word.is_empty() && matches!(rest.get(1), Some(b'/' | b'\\')) => {
            Ok((Scheme::Http, without_slashes(rest)))
        }
        _ => Ok((Scheme::Http, url)),
    }
}

/// Takes up to two slashes off. Browsers take any number; Safe Browsing calls `http:///blah` a URL without host.
fn without_slashes(rest: &[u8]) -> &[u8] {
    match rest {
        [b'/' | b'\\', b'/' | b'\\', rest @ ..] | [b'/' | b'\\', rest @ ..] => rest,
        _ => rest,
    }
}

/// Whether the text after a colon is a port (`evil.zz:8080/x`), so that what stands before it is a host.
fn is_port_and_tail(after: &[u8]) -> bool {
    let digits = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
    digits > 0 && matches!(after.get(digits), None | Some(b'/' | b'\\' | b'?'))
}

/// Host and port; the colons of a bracketed address belong to the host.
fn split_port(host_port: &[u8]) -> (&[u8], Option<&[u8]>) {
    let from = memchr::memrchr(b']', host_port).map_or(0, |bracket| bracket + 1);
    let after = host_port.get(from..).unwrap_or_default();
    match memchr::memrchr(b':', after) {
        Some(colon) => (host_port.get(..from + colon).unwrap_or_default(), after.get(colon + 1..)),
        None => (host_port, None),
    }
}
