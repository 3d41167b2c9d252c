//! The labels of a zone, held so that those which hold a text, or begin like one, are found without asking each.
//!
//! A map says which labels are there. Beside it stand their texts, without a gap, by first character and length, and of
//! each group of them a sign: which runs of four characters its labels have. Whoever looks for a text reads the groups
//! that have all of its runs.

use std::collections::HashMap;

use compact_str::CompactString;
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
    counts: HashMap<CompactString, isize>,
    blocks: HashMap<(u8, u8), Block>,
    /// Labels that begin with `xn--`.
    encoded: HashMap<CompactString, Encoded>,
}

/// Texts of one length and first character.
#[derive(Default)]
struct Block {
    texts: Vec<u8>,
    signs: Vec<Sign>,
    /// How many of them are no labels any more, or stand there twice.
    gone: usize,
}

impl Labels {
    /// Counts a label; gives 1 if it is there from now on, -1 if it is not any more.
    pub(super) fn count(&mut self, tables: &Tables, label: &CompactString, diff: isize) -> Option<isize> {
        let count = self.counts.entry(label.clone()).or_default();
        let before = *count > 0;
        *count += diff;
        let (after, is_over) = (*count > 0, *count == 0);
        if is_over {
            self.counts.remove(label);
        }
        match (before, after) {
            (false, true) => {
                self.come(tables, label);
                Some(1)
            }
            (true, false) => {
                self.go(label);
                Some(-1)
            }
            _ => None,
        }
    }

    fn come(&mut self, tables: &Tables, label: &CompactString) {
        if label.starts_with("xn--") {
            self.encoded.insert(label.clone(), Encoded::new(tables, label));
        }
        if let Some(key) = key(label) {
            self.blocks.entry(key).or_default().push(label.as_bytes());
        }
    }

    fn go(&mut self, label: &CompactString) {
        self.encoded.remove(label);
        let Some(key) = key(label) else { return };
        let Some(block) = self.blocks.get_mut(&key) else { return };
        block.gone += 1;
        let length = usize::from(key.1);
        if block.gone >= GONE && block.gone * 4 * length >= block.texts.len() {
            let mut kept: Vec<&[u8]> =
                block.texts.chunks_exact(length).filter(|text| is_counted(&self.counts, text)).collect();
            kept.sort_unstable();
            kept.dedup();
            let mut anew = Block::default();
            kept.into_iter().for_each(|text| anew.push(text));
            *block = anew;
        }
    }

    /// Whether a label is there.
    pub(super) fn has(&self, label: &str) -> bool {
        self.counts.get(label).is_some_and(|count| *count > 0)
    }

    /// All labels, in no order.
    pub(super) fn all(&self) -> impl Iterator<Item = &CompactString> {
        self.counts.iter().filter(|(_, count)| **count > 0).map(|(label, _)| label)
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
                    self.in_group(&finder, texts, length, visit);
                }
            }
        }
    }

    /// Shows the labels of a group that hold a text.
    fn in_group(&self, finder: &Finder<'_>, texts: &[u8], length: usize, visit: &mut dyn FnMut(&str)) {
        // What lies across the border of two labels is no find, and hides none that begins behind it.
        let mut from = 0;
        while let Some(at) = texts.get(from..).and_then(|rest| finder.find(rest)) {
            let at = from + at;
            let begin = at - at % length;
            if at + finder.needle().len() > begin + length {
                from = at + 1;
                continue;
            }
            self.show(texts.get(begin..begin + length), visit);
            from = begin + length;
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
            labels.for_each(|text| self.show(Some(text), visit));
        }
    }

    fn show(&self, text: Option<&[u8]>, visit: &mut dyn FnMut(&str)) {
        if let Some(label) = text.and_then(|text| std::str::from_utf8(text).ok())
            && self.has(label)
        {
            visit(label);
        }
    }
}

impl Block {
    fn push(&mut self, text: &[u8]) {
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

fn is_counted(counts: &HashMap<CompactString, isize>, text: &[u8]) -> bool {
    std::str::from_utf8(text).ok().and_then(|label| counts.get(label)).is_some_and(|count| *count > 0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::lexical::ProtectedName;

    proptest! {
        #[test]
        fn labels_are_found_as_in_a_set(
            steps in proptest::collection::vec(("[ab]{1,8}|xn--[ab]{1,2}", any::<bool>()), 0..300),
            text in "[ab]{1,6}",
        ) {
            let tables = Tables::shipped();
            let mut labels = Labels::default();
            let mut set: BTreeSet<String> = BTreeSet::new();
            for (label, comes) in &steps {
                let changed = if *comes { set.insert(label.clone()) } else { set.remove(label) };
                if changed {
                    let diff = if *comes { 1 } else { -1 };
                    prop_assert_eq!(labels.count(&tables, &label.as_str().into(), diff), Some(diff));
                }
            }
            let all: BTreeSet<String> = labels.all().map(ToString::to_string).collect();
            prop_assert_eq!(&all, &set);
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
