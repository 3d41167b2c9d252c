//! Addresses that bounces come back to: `b+ID.HMAC@DOMAIN`. They name the message, and nobody else can make them.

use ring::hmac;

use crate::contact::{Address, AddressError};
use crate::ledger::hex;

/// How many bytes of the HMAC are in the address.
const SIGNED: usize = 8;

/// The address for a message. `id` is of lower-case letters, digits and hyphens, at most 40 of them.
///
/// # Errors
/// [`AddressError`] when that makes no address: the id is too long, or the domain is none.
pub fn address(id: &str, domain: &str, key: &[u8]) -> Result<Address, AddressError> {
    format!("b+{id}.{}@{domain}", signature(id, key)).parse()
}

/// The message that an address names; none if it was not made here, for this key. Case does not count: some mail servers
/// change it on the way.
#[must_use]
pub fn id(address: &str, key: &[u8]) -> Option<String> {
    let (local, _) = address.trim().trim_start_matches('<').trim_end_matches('>').rsplit_once('@')?;
    let local = local.to_ascii_lowercase();
    let (id, signed) = local.strip_prefix("b+")?.rsplit_once('.')?;
    (signature(id, key) == signed).then(|| id.to_owned())
}

fn signature(id: &str, key: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hex(&hmac::sign(&key, id.as_bytes()).as_ref()[..SIGNED])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{address, id};

    #[test]
    fn only_our_own_are_read() {
        let made = address("n-42", "bounces.nic.xx", b"key").unwrap().reveal();
        assert_eq!(made, "b+n-42.fd59758268c1ebe7@bounces.nic.xx");
        assert_eq!(id(&made, b"key").as_deref(), Some("n-42"));
        assert_eq!(id(&format!("<{}>", made.to_uppercase()), b"key").as_deref(), Some("n-42"));
        assert_eq!(id(&made, b"other key"), None);
        assert_eq!(id(&made.replace("42", "43"), b"key"), None);
        for text in ["", "b+@x", "b+n-42@x", "b+n-42.@x", "n-42.fd59758268c1ebe7@x", "@"] {
            assert_eq!(id(text, b"key"), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_made_is_read(made in "[a-z0-9-]{1,40}", key in any::<[u8; 16]>(), noise in ".{0,40}") {
            let text = address(&made, "bounces.nic.xx", &key).unwrap().reveal();
            prop_assert_eq!(id(&text, &key), Some(made));
            prop_assert_eq!(id(&noise, &key), None);
        }
    }
}
