//! Keys that sign transfers (TSIG, RFC 8945).

use std::fmt;
use std::str::FromStr as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::tsig::{Algorithm, Key, KeyName};

use crate::fetch::Secret;

/// A key that this program and a primary server share. Its `Debug` is its name.
#[derive(Clone)]
pub struct TransferKey(pub(super) Arc<Key>);

/// A text that is no key. It does not say what the text was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not three parts.
    #[error("a transfer key is `algorithm:name:base64`, as `dig -y` takes it")]
    Form,
    /// Not an algorithm that is known.
    #[error("the algorithm of a transfer key is hmac-sha256, hmac-sha384, hmac-sha512 or hmac-sha1")]
    Algorithm,
    /// Not a name.
    #[error("the name of a transfer key is not a name")]
    Name,
    /// Not base64, or nothing.
    #[error("the third part of a transfer key is not base64")]
    Base64,
}

impl TransferKey {
    /// Reads `algorithm:name:base64`.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn parse(secret: &Secret) -> Result<TransferKey, KeyError> {
        let parts: Vec<&str> = secret.expose().split(':').collect();
        let [algorithm, name, octets] = parts[..] else { return Err(KeyError::Form) };
        let algorithm = Algorithm::from_str(&algorithm.to_ascii_lowercase()).map_err(|_| KeyError::Algorithm)?;
        let name = KeyName::from_str(&name.to_ascii_lowercase()).map_err(|_| KeyError::Name)?;
        let octets = STANDARD.decode(octets).ok().filter(|octets| !octets.is_empty()).ok_or(KeyError::Base64)?;
        Key::new(algorithm, &octets, name, None, None)
            .map(|key| TransferKey(Arc::new(key)))
            .map_err(|_| KeyError::Algorithm)
    }
}

impl fmt::Debug for TransferKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TransferKey({})", self.0.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_and_not_shown() {
        let parse = |text: &str| TransferKey::parse(&Secret::new(text));
        for good in ["hmac-sha256:arke:c2VjcmV0", "HMAC-SHA512:Arke.:c2VjcmV0", "hmac-sha1:a.b:c2VjcmV0"] {
            let shown = format!("{:?}", parse(good));
            assert!(shown.contains("TransferKey(") && !shown.contains("c2VjcmV0"), "{shown}");
        }
        for (bad, error) in [
            ("c2VjcmV0", KeyError::Form),
            ("arke:c2VjcmV0", KeyError::Form),
            ("hmac-sha256:arke:c2VjcmV0:", KeyError::Form),
            ("hmac-md5:arke:c2VjcmV0", KeyError::Algorithm),
            ("hmac-sha256:a..b:c2VjcmV0", KeyError::Name),
            ("hmac-sha256:arke:", KeyError::Base64),
            ("hmac-sha256:arke:!", KeyError::Base64),
        ] {
            assert_eq!(parse(bad).err(), Some(error), "{bad}");
        }
    }
}
