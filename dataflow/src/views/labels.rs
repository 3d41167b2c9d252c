//! The labels of a zone, held so that those which hold a text, or begin like one, are found without asking each.
//!
//! Their texts stand without a gap, by first character and length, and of each group of them a sign: which runs of four
//! characters its labels have. Whoever looks for a text reads the groups that have all of its runs. A table says where the
//! text of a label stands, in four octets and one.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

use compact_str::CompactString;
use hashbrown::HashTable;
use memchr::memmem::Finder;

use crate::lexical::{Encoded, Sought, Tables};

/// A block is written anew when it holds so many texts that went, and these are a quarter of it.
const GONE: usize = 64;
/// Labels of a group, and words of its sign.
const GROUP: usize = 64;
const SIGN: usize = 32;
/// Characters of a run.
const RUN: usize = 4;

/// Which runs the labels of a group have: a bit each.
type Sign = [u64; SIGN];

/// Labels with how often each is said.
#[derive(Default)]
pub(super) struct Labels {
    blocks: HashMap<(u8, u8), Block>,
    /// How often a label is said whose presence in a block does not tell: not once, or it has no block.
    counts: HashMap<CompactString, isize>,
    /// Labels that begin with `xn--`.
    encoded: HashMap<CompactString, Encoded>,
    /// By whose secret places of texts are found.
    hasher: RandomState,
}

/// Texts of one length and first character.
#[derive(Default)]
struct Block {
    texts: Vec<u8>,
    signs: Vec<Sign>,
    /// The numbers of the texts that are labels; no text is held twice.
    labels: HashTable<u32>,
}

impl Labels {
    /// Counts a label; gives 1 if it is there from now on, -1 if it is not any more.
    pub(super) fn count(&mut self, tables: &Tables, label: &CompactString, diff: isize) -> Option<isize> {
        let key = key(label);
        let before = self.said(label, key);
        let after = before + diff;
        if after == 0 || after == 1 && key.is_some() {
            self.counts.remove(label);
        } else {
            self.counts.insert(label.clone(), after);
        }
        match (before > 0, after > 0) {
            (false, true) => {
                if label.starts_with("xn--") {
                    self.encoded.insert(label.clone(), Encoded::new(tables, label));
                }
                if let Some(key) = key {
                    self.blocks.entry(key).or_default().come(&self.hasher, label.as_bytes());
                }
                Some(1)
            }
            (true, false) => {
                self.encoded.remove(label);
                if let Some(block) = key.and_then(|key| self.blocks.get_mut(&key)) {
                    block.go(&self.hasher, label.as_bytes());
                }
                Some(-1)
            }
            _ => None,
        }
    }

    /// How often a label is said.
    fn said(&self, label: &str, key: Option<(u8, u8)>) -> isize {
        let is_held = || {
            let block = key.and_then(|key| self.blocks.get(&key));
            block.is_some_and(|block| block.place(&self.hasher, label.as_bytes()).is_some())
        };
        self.counts.get(label).copied().unwrap_or_else(|| isize::from(is_held()))
    }

    /// Whether a label is there.
    pub(super) fn has(&self, label: &str) -> bool {
        self.said(label, key(label)) > 0
    }

    /// All labels, in no order.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        let without_block = self.counts.iter().filter(|(label, count)| **count > 0 && key(label).is_none());
        let held = self.blocks.iter().flat_map(|((_, length), block)| {
            let texts = block.labels.iter().filter_map(|number| block.text(*number, usize::from(*length)));
            texts.filter_map(|text| std::str::from_utf8(text).ok())
        });
        held.chain(without_block.map(|(label, _)| label.as_str()))
    }

    /// Labels that begin with `xn--` and could imitate a name, in no order.
    pub(super) fn encoded(&self, name: &Sought) -> impl Iterator<Item = &CompactString> {
        self.encoded.iter().filter(|(_, encoded)| encoded.could_imitate(name)).map(|(label, _)| label)
    }

    /// Shows labels that hold a text. One may be shown twice.
    pub(super) fn holding(&self, text: &str, visit: &mut dyn FnMut(&str)) {
        if text.is_empty() {
            return;
        }
        let finder = Finder::new(text);
        let wanted: Vec<usize> = runs(text.as_bytes()).collect();
        for ((_, length), block) in &self.blocks {
            let length = usize::from(*length);
            if length < text.len() {
                continue;
            }
            for (sign, texts) in block.signs.iter().zip(block.texts.chunks(GROUP * length)) {
                if wanted.iter().all(|run| sign.get(run / 64).is_some_and(|bits| bits >> (run % 64) & 1 == 1)) {
                    in_group(&finder, texts, length, &mut |text| self.show(text, visit));
                }
            }
        }
    }

    /// Shows labels with this first character, a length between two, and letters that could be within two slips of a
    /// name. One may be shown twice.
    pub(super) fn near(
        &self,
        name: &Sought,
        first: u8,
        lengths: std::ops::RangeInclusive<usize>,
        visit: &mut dyn FnMut(&str),
    ) {
        for length in lengths {
            let block = u8::try_from(length).ok().and_then(|length| self.blocks.get(&(first, length)));
            let texts = block.map_or(&[][..], |block| block.texts.as_slice());
            let labels = texts.chunks_exact(length.max(1)).filter(|text| name.is_near(text));
            labels.for_each(|text| self.show(text, visit));
        }
    }

    fn show(&self, text: &[u8], visit: &mut dyn FnMut(&str)) {
        if let Ok(label) = std::str::from_utf8(text)
            && self.has(label)
        {
            visit(label);
        }
    }
}

/// Gives the labels of a group that hold a text.
fn in_group(finder: &Finder<'_>, texts: &[u8], length: usize, found: &mut dyn FnMut(&[u8])) {
    // What lies across the border of two labels is no find, and hides none that begins behind it.
    let mut from = 0;
    while let Some(at) = texts.get(from..).and_then(|rest| finder.find(rest)) {
        let at = from + at;
        let begin = at - at % length;
        if at + finder.needle().len() > begin + length {
            from = at + 1;
            continue;
        }
        texts.get(begin..begin + length).into_iter().for_each(&mut *found);
        from = begin + length;
    }
}

impl Block {
    fn text(&self, number: u32, length: usize) -> Option<&[u8]> {
        let start = number as usize * length;
        self.texts.get(start..start + length)
    }

    fn place(&self, hasher: &RandomState, text: &[u8]) -> Option<u32> {
        let is_it = |number: &u32| self.text(*number, text.len()) == Some(text);
        self.labels.find(hasher.hash_one(text), is_it).copied()
    }

    /// Holds a text that it does not hold.
    fn come(&mut self, hasher: &RandomState, text: &[u8]) {
        // A zone has fewer labels of one length and first character than there are numbers.
        let Ok(number) = u32::try_from(self.texts.len() / text.len()) else { return };
        if self.texts.len() == self.signs.len() * GROUP * text.len() {
            self.signs.push([0; SIGN]);
        }
        self.texts.extend_from_slice(text);
        if let Some(sign) = self.signs.last_mut() {
            for run in runs(text) {
                if let Some(bits) = sign.get_mut(run / 64) {
                    *bits |= 1 << (run % 64);
                }
            }
        }
        let Block { texts, labels, .. } = self;
        let hash_of = |number: &u32| {
            let start = *number as usize * text.len();
            hasher.hash_one(texts.get(start..start + text.len()).unwrap_or_default())
        };
        labels.insert_unique(hasher.hash_one(text), number, hash_of);
    }

    /// Holds a text no more; it stands there until the block is written anew.
    fn go(&mut self, hasher: &RandomState, text: &[u8]) {
        let Block { texts, labels, .. } = self;
        let length = text.len();
        let is_it = |number: &u32| {
            let start = *number as usize * length;
            texts.get(start..start + length) == Some(text)
        };
        if let Ok(entry) = labels.find_entry(hasher.hash_one(text), is_it) {
            entry.remove();
        }
        let all = self.texts.len() / length;
        let gone = all - self.labels.len();
        if gone >= GONE && gone * 4 >= all {
            let mut numbers: Vec<u32> = self.labels.iter().copied().collect();
            numbers.sort_unstable();
            let mut anew = Block::default();
            let kept = numbers.into_iter().filter_map(|number| self.text(number, length));
            kept.for_each(|text| anew.come(hasher, text));
            *self = anew;
        }
    }
}

/// The bits of the runs of a text; none of a shorter text.
fn runs(text: &[u8]) -> impl Iterator<Item = usize> + '_ {
    text.windows(RUN).map(|run| {
        let key = run.iter().fold(0_u32, |key, byte| key << 8 | u32::from(*byte));
        // The upper eleven bits of a product with 2^32 divided by the golden ratio.
        (key.wrapping_mul(0x9e37_79b1) >> 21) as usize
    })
}

/// Where the text of a label stands; longer ones than 63 octets imitate nothing and stand nowhere.
fn key(label: &str) -> Option<(u8, u8)> {
    let length = u8::try_from(label.len()).ok().filter(|length| *length <= 63)?;
    Some((*label.as_bytes().first()?, length))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;
    use crate::lexical::ProtectedName;

    proptest! {
        #[test]
        fn labels_are_found_as_in_a_set(
            steps in proptest::collection::vec(("[ab]{1,8}|xn--[ab]{1,2}|c{64}", -2..4_isize), 0..300),
            text in "[ab]{1,6}",
        ) {
            let tables = Tables::shipped();
            let mut labels = Labels::default();
            let mut counts: BTreeMap<String, isize> = BTreeMap::new();
            for (label, diff) in &steps {
                let count = counts.entry(label.clone()).or_default();
                let before = *count > 0;
                *count += diff;
                let changed = isize::from(*count > 0) - isize::from(before);
                let told = labels.count(&tables, &label.as_str().into(), *diff);
                prop_assert_eq!(told, (changed != 0).then_some(changed));
            }
            counts.retain(|_, count| *count > 0);
            let set: BTreeSet<String> = counts.into_keys().collect();
            let all: BTreeSet<String> = labels.all().map(ToString::to_string).collect();
            prop_assert_eq!(&all, &set);
            prop_assert!(set.iter().all(|label| labels.has(label)) && !labels.has("c"));
            let mut found = BTreeSet::new();
            labels.holding(&text, &mut |label| { found.insert(label.to_owned()); });
            prop_assert_eq!(found, set.iter().filter(|label| label.contains(&text)).cloned().collect());
            let mut found = BTreeSet::new();
            let name = Sought::new(&tables, &ProtectedName::new("aba", "com"));
            labels.near(&name, b'a', 2..=4, &mut |label| { found.insert(label.to_owned()); });
            let like = |label: &&String| label.starts_with('a') && (2..=4).contains(&label.len());
            let near = set.iter().filter(like).filter(|label| name.is_near(label.as_bytes()));
            prop_assert_eq!(found, near.cloned().collect());
        }
    }
}
