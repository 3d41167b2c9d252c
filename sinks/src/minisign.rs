//! Signatures that `minisign` verifies: Ed25519 over BLAKE2b-512, with a comment that is signed too.
//!
//! ```text
//! untrusted comment: <for people>
//! base64("ED" key-id signature-of-blake2b(message))
//! trusted comment: <signed>
//! base64(signature of the signature above and the trusted comment)
//! ```
//!
//! Nothing is drawn by chance: the same key, message and comment give the same bytes. The `minisign` crate draws a nonce
//! for each signature, so a publication that is repeated would differ. The formats are those of
//! <https://jedisct1.github.io/minisign/#signature-format>.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair as _};

const UNTRUSTED: &str = "untrusted comment: ";
const TRUSTED: &str = "trusted comment: ";
/// Ed25519, as keys say it.
const ED25519: [u8; 2] = *b"Ed";
/// Ed25519 over the BLAKE2b of the message, as signatures say it.
const PREHASHED: [u8; 2] = *b"ED";
/// No password: the octets of the key stand as they are.
const UNENCRYPTED: [u8; 2] = [0, 0];
const BLAKE2B: [u8; 2] = *b"B2";
/// The salt and the two limits of scrypt, which an unencrypted key does not use.
const SCRYPT_BYTES: usize = 32 + 8 + 8;

/// A key that signs.
pub struct SigningKey {
    id: [u8; 8],
    seed: [u8; 32],
    pair: Ed25519KeyPair,
}

/// A key is not usable. Its content is in no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Something else than a secret key.
    #[error("this is not a secret key of minisign")]
    NotAKey,
    /// A key with a password.
    #[error("the key has a password")]
    Encrypted,
    /// Checksum or halves of the key do not agree.
    #[error("the key is damaged")]
    Damaged,
    /// The system gives no random octets.
    #[error("the system gives no random octets")]
    Random,
}

impl KeyError {
    /// What to do about it.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            KeyError::NotAKey | KeyError::Encrypted => {
                "`minisign -G -W` makes a key without a password, as `panopticon init` does"
            }
            KeyError::Damaged => "copy the key file again",
            KeyError::Random => "start the program again when the system is up",
        }
    }
}

impl SigningKey {
    /// A new key.
    ///
    /// # Errors
    /// [`KeyError::Random`] when the system gives no random octets.
    pub fn generate() -> Result<SigningKey, KeyError> {
        let (mut seed, mut id) = ([0; 32], [0; 8]);
        let random = SystemRandom::new();
        random.fill(&mut seed).and_then(|()| random.fill(&mut id)).map_err(|_| KeyError::Random)?;
        SigningKey::of(seed, id)
    }

    /// Reads the text of a secret key file without a password.
    ///
    /// # Errors
    /// [`KeyError`]: it is something else, has a password, or is damaged.
    pub fn parse(text: &str) -> Result<SigningKey, KeyError> {
        let mut lines = text.lines();
        lines.next().filter(|line| line.starts_with(UNTRUSTED)).ok_or(KeyError::NotAKey)?;
        let line = lines.next().ok_or(KeyError::NotAKey)?;
        let octets = STANDARD.decode(line.trim_end()).map_err(|_| KeyError::NotAKey)?;
        let mut rest = octets.as_slice();
        let (algorithm, kdf) = (take::<2>(&mut rest)?, take::<2>(&mut rest)?);
        let (checksum_kind, _scrypt) = (take::<2>(&mut rest)?, take::<SCRYPT_BYTES>(&mut rest)?);
        let (id, seed, public) = (take::<8>(&mut rest)?, take::<32>(&mut rest)?, take::<32>(&mut rest)?);
        let checksum = take::<32>(&mut rest)?;
        if algorithm != ED25519 || checksum_kind != BLAKE2B || !rest.is_empty() {
            return Err(KeyError::NotAKey);
        }
        if kdf != UNENCRYPTED {
            return Err(KeyError::Encrypted);
        }
        let key = SigningKey::of(seed, id)?;
        // minisign itself writes no checksum into a key without a password.
        let unwritten = checksum == [0; 32];
        if key.public() != public || !(unwritten || checksum == key.checksum()) {
            return Err(KeyError::Damaged);
        }
        Ok(key)
    }

    /// The text of a detached signature of a message. The trusted comment is one line.
    #[must_use]
    pub fn sign(&self, message: &[u8], trusted_comment: &str) -> String {
        let hash = blake2b_simd::blake2b(message);
        let signature = self.pair.sign(hash.as_bytes());
        let global = self.pair.sign(&[signature.as_ref(), trusted_comment.as_bytes()].concat());
        let first = STANDARD.encode([&PREHASHED, self.id.as_slice(), signature.as_ref()].concat());
        let second = STANDARD.encode(global.as_ref());
        let id = self.id();
        format!(
            "{UNTRUSTED}signature of panopticon with key {id}\n{first}\n{TRUSTED}{trusted_comment}\n{second}\n"
        )
    }

    /// The text of the file that readers verify with.
    #[must_use]
    pub fn public_text(&self) -> String {
        let octets = [&ED25519, self.id.as_slice(), &self.public()].concat();
        format!("{UNTRUSTED}minisign public key {}\n{}\n", self.id(), STANDARD.encode(octets))
    }

    /// The text of the secret key file, without a password: keep it to its owner.
    #[must_use]
    pub fn secret_text(&self) -> String {
        let head = [ED25519, UNENCRYPTED, BLAKE2B].concat();
        let octets = [&head, [0; SCRYPT_BYTES].as_slice(), &self.secret(), &self.checksum()].concat();
        format!("{UNTRUSTED}minisign secret key {}\n{}\n", self.id(), STANDARD.encode(octets))
    }

    /// The number of the key, as `minisign` prints it.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{:016X}", u64::from_le_bytes(self.id))
    }

    fn of(seed: [u8; 32], id: [u8; 8]) -> Result<SigningKey, KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| KeyError::Damaged)?;
        Ok(SigningKey { id, seed, pair })
    }

    fn public(&self) -> [u8; 32] {
        let mut public = [0; 32];
        public.copy_from_slice(self.pair.public_key().as_ref());
        public
    }

    fn secret(&self) -> Vec<u8> {
        [self.id.as_slice(), &self.seed, &self.public()].concat()
    }

    fn checksum(&self) -> [u8; 32] {
        let mut checksum = [0; 32];
        let mut hash = blake2b_simd::Params::new().hash_length(32).to_state();
        hash.update(&ED25519).update(&self.secret());
        checksum.copy_from_slice(hash.finalize().as_bytes());
        checksum
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SigningKey({})", self.id())
    }
}

/// The next octets, taken off the front.
fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], KeyError> {
    let (taken, left) = rest.split_first_chunk::<N>().ok_or(KeyError::NotAKey)?;
    *rest = left;
    Ok(*taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SigningKey {
        SigningKey::of([7; 32], *b"panoptes").unwrap()
    }

    #[test]
    fn a_key_is_read_as_it_was_written() {
        let text = key().secret_text();
        let read = SigningKey::parse(&text).unwrap();
        assert_eq!((read.secret_text(), read.public_text()), (text, key().public_text()));
        assert_eq!(format!("{read:?}"), "SigningKey(736574706F6E6170)");
        assert_ne!(SigningKey::generate().unwrap().id(), SigningKey::generate().unwrap().id());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let text = key().secret_text();
        let octets = STANDARD.decode(text.lines().nth(1).unwrap()).unwrap();
        let check = |at: usize, expected| {
            let mut changed = octets.clone();
            changed[at] ^= 1;
            let text = format!("{UNTRUSTED}x\n{}\n", STANDARD.encode(changed));
            assert_eq!(SigningKey::parse(&text).err(), expected, "octet {at}");
        };
        check(0, Some(KeyError::NotAKey));
        check(2, Some(KeyError::Encrypted));
        check(4, Some(KeyError::NotAKey));
        check(6, None);
        (54..158).for_each(|at| check(at, Some(KeyError::Damaged)));
        for text in ["", UNTRUSTED, "key\nAAAA\n", "untrusted comment: x\nAAAA\n", &key().public_text()] {
            assert_eq!(SigningKey::parse(text).err(), Some(KeyError::NotAKey), "{text}");
        }
    }

    #[test]
    fn nothing_is_drawn_by_chance() {
        assert_eq!(key().sign(b"message", "comment"), key().sign(b"message", "comment"));
        assert_ne!(key().sign(b"message", "comment"), key().sign(b"massage", "comment"));
    }
}
