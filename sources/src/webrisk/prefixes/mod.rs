//! The local database: the prefixes of each list, kept up to date by diffs and in one file.
//!
//! ```text
//! answer ──api::diff──► Diff ──Prefixes::apply──► Prefixes ─┐
//!                                     version, due, counts ─┴► ThreatList ─┐
//!                                                        one for each type ┴► file
//! ```
//!
//! Nearly all prefixes have four bytes: they are held as numbers, four bytes each, and the longer ones apart. A list
//! has at most 2^20 entries ([`super::Entries`]), so four lists need 16 MiB, or 33 bytes an entry if a server sends
//! long prefixes only.

mod diff;
mod file;
mod list;

use sha2::{Digest, Sha256};

use super::hash::{FullHash, LONGEST, Prefix};

pub use diff::{Diff, DiffError};
pub use file::{FileError, decode, encode, read, write};
pub use list::{GRACE_MS, Lists, ThreatList};

/// Prefixes in the order of their bytes. A list has each once: [`Prefixes::apply`] sees to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prefixes {
    /// Those of four bytes, sorted; the highest byte comes first, so that numbers sort as bytes do.
    short: Vec<u32>,
    /// The longer ones, sorted by their bytes.
    long: Vec<Prefix>,
}

impl Prefixes {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.short.len() + self.long.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.short.is_empty() && self.long.is_empty()
    }

    /// The prefixes with which `hash` begins, the shortest first.
    #[must_use]
    pub fn matching(&self, hash: &FullHash) -> Vec<Prefix> {
        let [a, b, c, d, ..] = *hash;
        let number = u32::from_be_bytes([a, b, c, d]);
        let short = self.short.binary_search(&number).ok().map(|_| Prefix::short(number));
        // Those that begin `hash` stand before it and after the shortest of them, with others in between.
        let from = self.long.partition_point(|prefix| prefix.as_bytes() < [a, b, c, d].as_slice());
        let near = self.long.get(from..).unwrap_or_default();
        let near = near.get(..near.partition_point(|prefix| prefix.as_bytes() <= hash.as_slice()));
        short.into_iter().chain(lengths(near.unwrap_or_default(), hash)).collect()
    }

    /// All prefixes in the order of their bytes: the order in which the API counts and hashes them.
    pub fn iter(&self) -> impl Iterator<Item = Prefix> {
        let mut short = self.short.iter().copied().map(Prefix::short).peekable();
        let mut long = self.long.iter().copied().peekable();
        std::iter::from_fn(move || match (short.peek(), long.peek()) {
            (Some(a), Some(b)) if a < b => short.next(),
            (Some(_), None) => short.next(),
            _ => long.next(),
        })
    }

    /// The SHA-256 over all prefixes in their order, as the API gives it with each diff.
    #[must_use]
    pub fn checksum(&self) -> FullHash {
        let mut sha = Sha256::new();
        self.iter().for_each(|prefix| sha.update(prefix.as_bytes()));
        sha.finalize().into()
    }

    fn sort(&mut self) {
        // Two sorted runs stand one behind the other most of the time: the stable sort merges them.
        self.short.sort();
        self.long.sort();
    }

    fn has_duplicates(&self) -> bool {
        !self.short.is_sorted_by(|a, b| a < b) || !self.long.is_sorted_by(|a, b| a < b)
    }
}

/// Those of `sorted` that begin `hash`, the shortest first: one search for each length.
fn lengths<'a>(sorted: &'a [Prefix], hash: &'a FullHash) -> impl Iterator<Item = Prefix> + 'a {
    let lengths = if sorted.is_empty() { 0..0 } else { 5..LONGEST + 1 };
    lengths
        .filter_map(|length| Prefix::new(hash.get(..length)?))
        .filter(|prefix| sorted.binary_search(prefix).is_ok())
}

impl FromIterator<Prefix> for Prefixes {
    /// Prefixes in any order.
    fn from_iter<I: IntoIterator<Item = Prefix>>(prefixes: I) -> Prefixes {
        let mut all = Prefixes::default();
        for prefix in prefixes {
            all.push(prefix);
        }
        all.sort();
        all
    }
}

impl Prefixes {
    /// Appends, whatever the order.
    fn push(&mut self, prefix: Prefix) {
        match prefix.as_bytes() {
            [a, b, c, d] => self.short.push(u32::from_be_bytes([*a, *b, *c, *d])),
            _ => self.long.push(prefix),
        }
    }
}
