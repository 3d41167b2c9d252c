//! Prefixes of hashes: the first 4 to 32 bytes of a SHA-256, in the order of their bytes.

use std::fmt;

/// The SHA-256 of an expression.
pub type FullHash = [u8; 32];

/// The shortest prefix in a list.
pub const SHORTEST: usize = 4;
/// The longest prefix, a whole hash.
pub const LONGEST: usize = 32;

/// The first 4 to 32 bytes of a hash.
///
/// What follows them is zero, so that the derived order is the order of the bytes: where one prefix begins another,
/// the padding cannot be greater than what stands there, and if it is the same the length decides.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix {
    bytes: FullHash,
    length: u8,
}

impl Prefix {
    /// These bytes as a prefix; none if they are fewer than 4 or more than 32.
    #[must_use]
    pub fn new(prefix: &[u8]) -> Option<Prefix> {
        if !(SHORTEST..=LONGEST).contains(&prefix.len()) {
            return None;
        }
        let mut bytes = [0; LONGEST];
        bytes.get_mut(..prefix.len())?.copy_from_slice(prefix);
        Some(Prefix { bytes, length: u8::try_from(prefix.len()).ok()? })
    }

    /// The prefix of four bytes that this number is, its highest byte first.
    #[must_use]
    pub fn short(number: u32) -> Prefix {
        let mut bytes = [0; LONGEST];
        for (byte, value) in bytes.iter_mut().zip(number.to_be_bytes()) {
            *byte = value;
        }
        Prefix { bytes, length: 4 }
    }

    /// The whole hash.
    #[must_use]
    pub fn full(hash: FullHash) -> Prefix {
        Prefix { bytes: hash, length: 32 }
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or(&self.bytes)
    }

    /// Whether `hash` begins with it.
    #[must_use]
    pub fn begins(&self, hash: &FullHash) -> bool {
        hash.starts_with(self.as_bytes())
    }
}

impl fmt::Debug for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn prefixes_have_four_to_thirty_two_bytes() {
        for length in 0..40 {
            let bytes = vec![7; length];
            let prefix = Prefix::new(&bytes);
            assert_eq!(prefix.is_some(), (4..=32).contains(&length), "{length}");
            assert!(prefix.is_none_or(|prefix| prefix.as_bytes() == bytes));
        }
        assert_eq!(Prefix::short(0x0102_0304), Prefix::new(&[1, 2, 3, 4]).unwrap());
        assert_eq!(format!("{:?}", Prefix::short(0xab)), "000000ab");
    }

    proptest! {
        // Few values, so that prefixes begin one another.
        #[test]
        fn the_order_is_that_of_the_bytes(
            a in prop::collection::vec(0u8..2, 4..9),
            b in prop::collection::vec(0u8..2, 4..9),
        ) {
            prop_assert_eq!(Prefix::new(&a).unwrap().cmp(&Prefix::new(&b).unwrap()), a.cmp(&b));
        }
    }
}
