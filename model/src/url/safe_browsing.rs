//! The Safe Browsing form of a URL, for look-ups at Web Risk and in prefix lists: it must be, octet for octet,
//! what the other side computed. So it repairs where [`super::CanonicalUrl`] refuses.
//!
//! Specification: <https://developers.google.com/safe-browsing/v4/urls-hashing>, with the IPv6 rules of
//! <https://developers.google.com/safe-browsing/reference/URLs.and.Hashing>.

use std::net::{IpAddr, Ipv6Addr};

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use super::canonical::{self, UrlError};
use super::escape::{self, Escape};
use super::host::{self, UrlHost};
use super::{path, split};

/// Octets of a URL that are looked at.
const MAX_URL: usize = 65_535;
/// Octets of a host that are given to UTS #46, which needs more than linear time.
const MAX_HOST: usize = 4096;

/// The Safe Browsing form: escapes undone over the whole text first, dots in the host collapsed, port,
/// user information and fragment dropped, the query kept. Octets in, because a URL need not be UTF-8.
///
/// # Errors
/// [`UrlError`] if there is no host, the scheme is not http, https or ftp, or a port is no number.
pub fn safe_browsing(raw: impl AsRef<[u8]>) -> Result<String, UrlError> {
    let raw = raw.as_ref();
    if raw.len() > MAX_URL {
        return Err(UrlError::TooLong(raw.len()));
    }
    let cleaned = split::clean(raw);
    let unescaped = escape::unescape(split::without_fragment(&cleaned).iter().copied());
    let parts = split::split(&unescaped)?;
    if parts.port.is_some_and(|port| !port.iter().all(u8::is_ascii_digit)) {
        return Err(UrlError::Port);
    }
    let mut out = String::with_capacity(unescaped.len() + 16);
    out.push_str(parts.scheme.as_str());
    out.push_str("://");
    write_host(&mut out, parts.host)?;
    path::write_tail(&mut out, parts.tail, Escape::SafeBrowsing);
    Ok(out)
}

/// Writes the host: an address in normal form, else the name as far as it can be mapped, else its octets.
fn write_host(out: &mut String, host: &[u8]) -> Result<(), UrlError> {
    let bracketed = std::str::from_utf8(host).ok().and_then(|text| text.strip_prefix('[')?.strip_suffix(']'));
    if let Some(v6) = bracketed.and_then(|inside| inside.parse::<Ipv6Addr>().ok()) {
        canonical::write_host(out, &UrlHost::Address(host::plain_address(v6)));
        return Ok(());
    }
    let mut name = Vec::with_capacity(host.len());
    for label in lower(host).split(|&byte| byte == b'.').filter(|label| !label.is_empty()) {
        if !name.is_empty() {
            name.push(b'.');
        }
        name.extend_from_slice(label);
    }
    if name.is_empty() {
        return Err(UrlError::EmptyHost);
    }
    // What follows a blank does not belong to an address: `10.192.95.89 xy`.
    let address = name.split(|&byte| byte == b' ').next().and_then(|text| std::str::from_utf8(text).ok());
    if let Some(v4) = address.and_then(host::ipv4) {
        canonical::write_host(out, &UrlHost::Address(IpAddr::V4(v4)));
    } else {
        escape::escape_into(out, &name, Escape::SafeBrowsing);
    }
    Ok(())
}

/// The host in A-label form if UTS #46 allows it, else with its ASCII letters in lower case.
fn lower(host: &[u8]) -> Vec<u8> {
    let mapped = if host.len() > MAX_HOST {
        None
    } else {
        Uts46::new().to_ascii(host, AsciiDenyList::EMPTY, Hyphens::Allow, DnsLength::Ignore).ok()
    };
    mapped.map_or_else(|| host.to_ascii_lowercase(), |ascii| ascii.as_bytes().to_vec())
}
