//! Envelope senders that say which message came back (VERP): `b+{id}.{hmac8}@{bounce domain}`. The eight octets of an
//! HMAC-SHA256 (RFC 2104) over the id keep others from inventing bounces.

use std::fmt;
use std::fmt::Write;

use ring::hmac;

/// The longest id: the local part stays within 64 octets (RFC 5321, 4.5.3.1.1).
pub(crate) const MAX_ID: usize = 45;

/// The key of an installation's envelope senders. It does not show itself.
#[derive(Clone)]
pub struct VerpKey(hmac::Key);

impl VerpKey {
    /// A key of any octets; 32 random ones are meant.
    #[must_use]
    pub fn new(octets: &[u8]) -> VerpKey {
        VerpKey(hmac::Key::new(hmac::HMAC_SHA256, octets))
    }

    /// 16 hexadecimal digits.
    fn tag(&self, id: &str) -> String {
        let mut digits = String::new();
        for octet in hmac::sign(&self.0, id.as_bytes()).as_ref().iter().take(8) {
            // Writing into a string does not fail.
            let _ = write!(digits, "{octet:02x}");
        }
        digits
    }
}

impl fmt::Debug for VerpKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerpKey(***)")
    }
}

/// The local part for the id of a message: lower-case letters, digits and hyphens, 45 at most.
#[must_use]
pub fn verp(id: &str, key: &VerpKey) -> String {
    format!("b+{id}.{}", key.tag(id))
}

/// The id in an address or a local part that [`verp`] made with the same key; none for any other. Servers on the way
/// may have changed the case.
#[must_use]
pub fn read_verp(address: &str, key: &VerpKey) -> Option<String> {
    let address = address.trim().trim_start_matches('<');
    let local = address.rsplit_once('@').map_or(address, |(local, _)| local).to_ascii_lowercase();
    let (id, tag) = local.strip_prefix("b+")?.rsplit_once('.')?;
    let expected = key.tag(id);
    // All octets are compared, so that the time tells nothing.
    let differ = expected.bytes().zip(tag.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b));
    (tag.len() == expected.len() && differ == 0 && is_id(id)).then(|| id.to_owned())
}

/// Whether a text can be the id of a message.
pub(crate) fn is_id(id: &str) -> bool {
    let fits = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-';
    !id.is_empty() && id.len() <= MAX_ID && id.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_was_made_with_the_key_is_read() {
        let (key, other) = (VerpKey::new(b"one"), VerpKey::new(b"other"));
        let local = verp("xx-7k3f-9q2m", &key);
        assert_eq!(local, "b+xx-7k3f-9q2m.3c4bccc35644cc92");
        let rows = [
            (format!("{local}@bounce.registry.example"), Some("xx-7k3f-9q2m")),
            (local.to_uppercase(), Some("xx-7k3f-9q2m")),
            (format!(" <{local}@bounce.registry.example>"), Some("xx-7k3f-9q2m")),
            (local.replace("7k3f", "7k3e"), None),
            (format!("{local}0"), None),
            (local.replace(".3c4b", "."), None),
            ("b+.".to_owned(), None),
            ("postmaster@bounce.registry.example".to_owned(), None),
            (verp("xx-7k3f-9q2m", &other), None),
        ];
        for (address, id) in rows {
            assert_eq!(read_verp(&address, &key).as_deref(), id, "{address}");
        }
        assert_eq!(format!("{key:?}"), "VerpKey(***)");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(id in "[a-z0-9-]{1,45}") {
            let key = VerpKey::new(b"key");
            let local = verp(&id, &key);
            prop_assert!(local.len() <= 64);
            prop_assert_eq!(read_verp(&local, &key), Some(id));
        }

        #[test]
        fn nothing_else_is_read(text in any::<String>()) {
            prop_assert_eq!(read_verp(&text, &VerpKey::new(b"key")), None);
        }
    }
}
