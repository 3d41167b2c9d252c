//! Diffs: what is to be done to a list to bring it up to date (`ComputeThreatListDiffResponse`).
//!
//! The order is that of <https://cloud.google.com/web-risk/docs/local-databases>: a full update empties the list
//! first; what is removed is counted in the sorted list as it was; then comes what is added; then the checksum over
//! the sorted list says whether it is the list of the server. If anything does not fit, the old list is of no use
//! either: it is dropped and fetched anew.

use panopticon_model::time::Epoch;

use super::Prefixes;
use crate::webrisk::Entries;
use crate::webrisk::hash::FullHash;

/// A diff, read and unpacked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// Whether it starts from nothing (`RESET`).
    pub reset: bool,
    /// Places in the sorted list that are removed, in any order.
    pub removals: Vec<u32>,
    /// What is added.
    pub additions: Prefixes,
    /// The version after it.
    pub version: Vec<u8>,
    /// The checksum after it.
    pub checksum: FullHash,
    /// When the next one is worth asking for.
    pub next_at: Option<Epoch>,
}

/// A diff that does not fit. Drop the list and fetch it anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DiffError {
    /// A full update that removes: nothing is there.
    #[error("a full update removes entries")]
    RemovalInReset,
    /// A removal beyond the end.
    #[error("entry {index} is removed from a list of {entries}")]
    Removal {
        /// Which.
        index: u32,
        /// How many there are.
        entries: usize,
    },
    /// An entry that is there already, or comes twice.
    #[error("an entry is added that is there already")]
    Duplicate,
    /// More entries than we asked for at most.
    #[error("the list has {entries} entries, and at most {} were asked for", most.get())]
    TooMany {
        /// How many it would have.
        entries: usize,
        /// How many it may have.
        most: Entries,
    },
    /// Another list than the server has.
    #[error("the checksum of the list is not that of the server")]
    Checksum,
}

impl Prefixes {
    /// The list after `diff`, of at most `most` entries.
    ///
    /// # Errors
    /// [`DiffError`].
    pub fn apply(&self, diff: &Diff, most: Entries) -> Result<Prefixes, DiffError> {
        let mut list = match (diff.reset, diff.removals.is_empty()) {
            (true, true) => Prefixes::default(),
            (true, false) => return Err(DiffError::RemovalInReset),
            (false, true) => self.clone(),
            (false, false) => self.without(diff.removals.clone())?,
        };
        let entries = list.len() + diff.additions.len();
        if entries > most.get() as usize {
            return Err(DiffError::TooMany { entries, most });
        }
        list.short.extend_from_slice(&diff.additions.short);
        list.long.extend_from_slice(&diff.additions.long);
        list.sort();
        if list.has_duplicates() {
            return Err(DiffError::Duplicate);
        }
        if list.checksum() == diff.checksum { Ok(list) } else { Err(DiffError::Checksum) }
    }

    /// The list without the entries in these places. A place that is named twice is one.
    fn without(&self, mut removals: Vec<u32>) -> Result<Prefixes, DiffError> {
        removals.sort_unstable();
        let entries = self.len();
        if let Some(&index) = removals.last().filter(|last| **last as usize >= entries) {
            return Err(DiffError::Removal { index, entries });
        }
        removals.dedup();
        let mut removals = removals.into_iter().peekable();
        let mut kept = Prefixes::default();
        for (place, prefix) in (0_u32..).zip(self.iter()) {
            if removals.next_if_eq(&place).is_none() {
                kept.push(prefix);
            }
        }
        Ok(kept)
    }
}
