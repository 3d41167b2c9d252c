//! The labels of a zone, held so that those which hold a text, or begin like one, are found without asking each.
//!
//! A map says which labels are there. Beside it stand their texts, without a gap, by first character and length: whoever
//! looks for a text reads each block once, from its beginning to its end.

use std::collections::HashMap;

use compact_str::CompactString;
use memchr::memmem::Finder;

/// A block is written anew when it holds so many texts that went, and these are a quarter of it.
const GONE: usize = 64;

/// Labels with how often each is said.
#[derive(Default)]
pub(super) struct Labels {
    counts: HashMap<CompactString, isize>,
    blocks: HashMap<(u8, u8), Block>,
    /// Labels that begin with `xn--`.
    encoded: HashMap<CompactString, ()>,
}

/// Texts of one length and first character.
#[derive(Default)]
struct Block {
    texts: Vec<u8>,
    /// How many of them are no labels any more, or stand there twice.
    gone: usize,
}

impl Labels {
    /// Counts a label; gives 1 if it is there from now on, -1 if it is not any more.
    pub(super) fn count(&mut self, label: &CompactString, diff: isize) -> Option<isize> {
        let count = self.counts.entry(label.clone()).or_default();
        let before = *count > 0;
        *count += diff;
        let (after, is_over) = (*count > 0, *count == 0);
        if is_over {
            self.counts.remove(label);
        }
        match (before, after) {
            (false, true) => {
                self.come(label);
                Some(1)
            }
            (true, false) => {
                self.go(label);
                Some(-1)
            }
            _ => None,
        }
    }

    fn come(&mut self, label: &CompactString) {
        if label.starts_with("xn--") {
            self.encoded.insert(label.clone(), ());
        }
        if let Some(key) = key(label) {
            self.blocks.entry(key).or_default().texts.extend_from_slice(label.as_bytes());
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
            *block = Block { texts: kept.concat(), gone: 0 };
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

    /// Labels that begin with `xn--`, in no order.
    pub(super) fn encoded(&self) -> impl Iterator<Item = &CompactString> {
        self.encoded.keys()
    }

    /// Shows labels that hold a text. One may be shown twice.
    pub(super) fn holding(&self, text: &str, visit: &mut dyn FnMut(&str)) {
        if text.is_empty() {
            return;
        }
        let finder = Finder::new(text);
        for ((_, length), block) in &self.blocks {
            let length = usize::from(*length);
            if length < text.len() {
                continue;
            }
            // What lies across the border of two labels is no find, and hides none that begins behind it.
            let mut from = 0;
            while let Some(at) = block.texts.get(from..).and_then(|rest| finder.find(rest)) {
                let at = from + at;
                let begin = at - at % length;
                if at + text.len() > begin + length {
                    from = at + 1;
                    continue;
                }
                self.show(block.texts.get(begin..begin + length), visit);
                from = begin + length;
            }
        }
    }

    /// Shows labels with this first character and a length between two. One may be shown twice.
    pub(super) fn beginning(
        &self,
        first: u8,
        lengths: std::ops::RangeInclusive<usize>,
        visit: &mut dyn FnMut(&str),
    ) {
        for length in lengths {
            let block = u8::try_from(length).ok().and_then(|length| self.blocks.get(&(first, length)));
            let texts = block.map_or(&[][..], |block| block.texts.as_slice());
            texts.chunks_exact(length.max(1)).for_each(|text| self.show(Some(text), visit));
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

    proptest! {
        #[test]
        fn labels_are_found_as_in_a_set(
            steps in proptest::collection::vec(("[ab]{1,4}|xn--[ab]{1,2}", any::<bool>()), 0..300),
            text in "[ab]{1,3}",
        ) {
            let mut labels = Labels::default();
            let mut set: BTreeSet<String> = BTreeSet::new();
            for (label, comes) in &steps {
                let changed = if *comes { set.insert(label.clone()) } else { set.remove(label) };
                if changed {
                    let diff = if *comes { 1 } else { -1 };
                    prop_assert_eq!(labels.count(&label.as_str().into(), diff), Some(diff));
                }
            }
            let all: BTreeSet<String> = labels.all().map(ToString::to_string).collect();
            prop_assert_eq!(&all, &set);
            let encoded: BTreeSet<String> = labels.encoded().map(ToString::to_string).collect();
            prop_assert_eq!(encoded, set.iter().filter(|label| label.starts_with("xn--")).cloned().collect());
            let mut found = BTreeSet::new();
            labels.holding(&text, &mut |label| { found.insert(label.to_owned()); });
            prop_assert_eq!(found, set.iter().filter(|label| label.contains(&text)).cloned().collect());
            let mut found = BTreeSet::new();
            labels.beginning(b'a', 2..=3, &mut |label| { found.insert(label.to_owned()); });
            let like = |label: &&String| label.starts_with('a') && (2..=3).contains(&label.len());
            prop_assert_eq!(found, set.iter().filter(like).cloned().collect());
        }
    }
}
