//! The host of a URL: a name, or an address in any of the spellings that reach the same machine.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use super::canonical::UrlError;
use crate::name::{HostName, NameError};

/// A host: a name or an address. Text form of an address has no brackets; a canonical URL has them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UrlHost {
    /// A DNS name; nothing says that its TLD exists.
    Name(HostName),
    /// An IP address; IPv4-mapped and NAT64 (64:ff9b::/96) ones are IPv4 addresses.
    Address(IpAddr),
}

impl UrlHost {
    /// Reads a host as it stands in a URL or in a list of hosts: a name in any spelling, an IPv4 address in
    /// dotted, short, octal, hexadecimal or one-number form, an IPv6 address with or without brackets.
    ///
    /// As Safe Browsing does, parts of an IPv4 address before the last keep their low octet (`276.2.3` is
    /// 20.2.0.3). A number that does not fit at all is read as a name, which then has no known TLD.
    ///
    /// # Errors
    /// [`UrlError::Address`] for a wrong address in brackets or one with a zone id, [`UrlError::EmptyLabel`],
    /// [`UrlError::EmptyHost`], or [`UrlError::Name`] with what the DNS cannot carry.
    pub fn parse(text: &str) -> Result<UrlHost, UrlError> {
        if let Some(inside) = text.strip_prefix('[') {
            let address = inside.strip_suffix(']').and_then(|inside| inside.parse::<Ipv6Addr>().ok());
            return address.map(|v6| UrlHost::Address(plain_address(v6))).ok_or(UrlError::Address);
        }
        if memchr::memchr(b':', text.as_bytes()).is_some() {
            return text
                .parse::<Ipv6Addr>()
                .map(|v6| UrlHost::Address(plain_address(v6)))
                .map_err(|_| UrlError::Name(NameError::Character(':')));
        }
        let name = HostName::parse(text).map_err(|error| match error {
            NameError::Empty => UrlError::EmptyHost,
            NameError::EmptyLabel => UrlError::EmptyLabel,
            other => UrlError::Name(other),
        })?;
        Ok(match ipv4(name.as_str()) {
            Some(address) => UrlHost::Address(IpAddr::V4(address)),
            None => UrlHost::Name(name),
        })
    }

    /// The name, unless it is an address.
    #[must_use]
    pub fn name(&self) -> Option<&HostName> {
        match self {
            UrlHost::Name(name) => Some(name),
            UrlHost::Address(_) => None,
        }
    }
}

impl fmt::Display for UrlHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UrlHost::Name(name) => name.fmt(f),
            UrlHost::Address(address) => address.fmt(f),
        }
    }
}

/// IPv4 if the address only carries one: `::ffff:1.2.3.4`, `64:ff9b::1.2.3.4`.
pub(super) fn plain_address(address: Ipv6Addr) -> IpAddr {
    let octets = address.octets();
    let carries_ipv4 =
        address.to_ipv4_mapped().is_some() || octets.starts_with(&[0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0]);
    match octets {
        [.., a, b, c, d] if carries_ipv4 => IpAddr::V4(Ipv4Addr::new(a, b, c, d)),
        _ => IpAddr::V6(address),
    }
}

/// An IPv4 address in any spelling of `inet_aton`, lower case: up to four parts, the last fills what is left.
pub(super) fn ipv4(text: &str) -> Option<Ipv4Addr> {
    let last = text.rsplit('.').next()?;
    if !last.starts_with(|char: char| char.is_ascii_digit()) {
        return None;
    }
    let count = u32::try_from(text.split('.').count()).ok().filter(|count| *count <= 4)?;
    let mut address = 0_u32;
    for (part, index) in text.split('.').zip(1_u32..) {
        let value = number(part)?;
        let octets = if index == count { 5 - count } else { 1 };
        let kept = value & u32::MAX.checked_shr(32 - 8 * octets)?;
        address = address.checked_shl(8 * octets).unwrap_or(0) | kept;
    }
    Some(Ipv4Addr::from(address))
}

/// A part of an IPv4 address: decimal, `0` octal, `0x` hexadecimal.
fn number(part: &str) -> Option<u32> {
    let (digits, radix) = match part.as_bytes() {
        [b'0', b'x', ..] => (part.get(2..)?, 16),
        [b'0', _, ..] => (part.get(1..)?, 8),
        _ => (part, 10),
    };
    if digits.starts_with('+') { None } else { u32::from_str_radix(digits, radix).ok() }
}
