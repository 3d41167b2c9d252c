//! `CONNECT`: the way through an HTTP proxy to an address that we resolved (RFC 9110 9.3.6).

use std::net::SocketAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::failure::{Sign, sign};
use super::way::{Credentials, Proxy};
use super::wire::Wire;

/// Octets of the head of a proxy's answer.
const MAX_HEAD: usize = 8192;

/// Asks a proxy for the way. After that the connection is the target's.
pub(super) async fn connect(wire: &mut Wire, proxy: &Proxy, to: SocketAddr) -> Result<(), Sign> {
    let mut request = format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n");
    if let Some(credentials) = &proxy.credentials {
        request.push_str(&format!("Proxy-Authorization: {}\r\n", basic(credentials)));
    }
    request.push_str("\r\n");
    wire.write_all(request.as_bytes()).await.map_err(|error| sign(&error))?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= MAX_HEAD {
            return Err(Sign::Flood);
        }
        // One by one: what follows the head is not ours to take.
        head.push(wire.read_u8().await.map_err(|error| sign(&error))?);
    }
    match status(&head).ok_or(Sign::Garbage)? {
        200..=299 => Ok(()),
        status => Err(Sign::Connect(status)),
    }
}

/// The value of `Proxy-Authorization` (RFC 7617).
pub(super) fn basic(credentials: &Credentials) -> String {
    format!("Basic {}", STANDARD.encode(format!("{}:{}", credentials.user(), credentials.password())))
}

/// The status in the first line of a head (RFC 9112 4).
fn status(head: &[u8]) -> Option<u16> {
    let rest = head.strip_prefix(b"HTTP/1.")?;
    let [version, b' ', digits @ ..] = rest else { return None };
    let digits = digits.get(..3).filter(|digits| digits.iter().all(u8::is_ascii_digit))?;
    let ends = matches!(rest.get(5), Some(b' ' | b'\r'));
    let status = std::str::from_utf8(digits).ok()?.parse().ok()?;
    (version.is_ascii_digit() && ends).then_some(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_of_heads() {
        for (head, expected) in [
            ("HTTP/1.1 200 Connection established\r\n\r\n", Some(200)),
            ("HTTP/1.0 407\r\n", Some(407)),
            ("HTTP/1.1 2000 x\r\n", None),
            ("HTTP/1.1 +20 x\r\n", None),
            ("HTTP/2 200 \r\n", None),
            ("HTTP/1.1 20", None),
            ("SSH-2.0-x\r\n", None),
            ("", None),
        ] {
            assert_eq!(status(head.as_bytes()), expected, "{head:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_head_has_a_status_or_none(tail in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..20)) {
            let status = status(&[b"HTTP/1.", tail.as_slice()].concat());
            proptest::prop_assert!(status.is_none_or(|status| status < 1000));
        }
    }
}
