//! What a label has to have in common with some protected name before keys are made of it.
//!
//! Most labels imitate nothing. One slip leaves the first or the second half of a name as it was, and what looks alike has
//! the same letters but for those that are taken for each other. So an ASCII label is asked for these, and for how long it
//! is; few pass by chance.

use super::fold;
use super::hash::mix;
use super::multimap::Filter;

/// Characters that stand in one word.
pub(super) const WORD: usize = 8;

/// The lowest bit of each byte.
const ONES: u64 = u64::MAX / 255;

/// What the protected names have; a gate says "no" only where no name is imitated in its way.
#[derive(Debug)]
pub(super) struct Gates {
    slip: Filter,
    looks: Filter,
}

/// The keys of the gates, gathered from name to name.
#[derive(Default)]
pub(super) struct GateKeys {
    slip: Vec<u64>,
    looks: Vec<u64>,
}

impl GateKeys {
    /// Adds those of a name and of all its readings.
    pub(super) fn add<'a>(&mut self, chars: &[char], readings: impl IntoIterator<Item = &'a Vec<char>>) {
        let text = narrowed(chars);
        let lengths = text.len().saturating_sub(1)..=text.len() + 1;
        self.slip.extend(lengths.flat_map(|length| halves(&text, length)));
        let texts = readings.into_iter().map(|reading| reading.iter().collect::<String>());
        self.looks.extend(texts.map(|text| Glance::of(text.as_bytes()).looks));
    }
}

impl Gates {
    pub(super) fn new(keys: &GateKeys) -> Gates {
        Gates { slip: Filter::new(&keys.slip), looks: Filter::new(&keys.looks) }
    }

    /// Whether an ASCII label may be a name with one slip.
    #[inline]
    pub(super) fn slip(&self, label: &[u8]) -> bool {
        self.slip.among(halves(label, label.len())) != 0
    }

    /// Whether an ASCII label may look like a name.
    #[inline]
    pub(super) fn looks(&self, glance: &Glance) -> bool {
        self.looks.may_hold(glance.looks)
    }

    /// Bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        self.slip.heap_bytes() + self.looks.heap_bytes()
    }
}

/// What is told of a text in one pass over its words.
pub(super) struct Glance {
    /// The key of the whole text.
    pub(super) whole: u64,
    /// The same for all texts that may be taken for each other.
    looks: u64,
    pub(super) has_hyphen: bool,
}

impl Glance {
    #[inline]
    pub(super) fn of(text: &[u8]) -> Glance {
        let (words, rest) = text.as_chunks::<WORD>();
        let words = words.iter().map(|word| u64::from_be_bytes(*word));
        let mut glance = Glance { whole: text.len() as u64, looks: 0, has_hyphen: false };
        for word in words.chain([end(text, rest.len())]) {
            glance.whole = mix(glance.whole.rotate_left(29) ^ word);
            glance.looks = glance.looks.wrapping_add(fold::weight(word));
            let others = word ^ (ONES * u64::from(b'-'));
            glance.has_hyphen |= others.wrapping_sub(ONES) & !others & (ONES << 7) != 0;
        }
        glance.looks = mix(glance.looks);
        glance
    }
}

/// Characters by their lowest eight bits: enough to find those of ASCII again.
pub(super) fn narrowed(chars: &[char]) -> Vec<u8> {
    chars.iter().map(|c| *c as u8).collect()
}

/// So many characters of a text, at most [`WORD`], from a place on; the last of them lowest.
#[inline]
pub(super) fn part(text: &[u8], at: usize, count: usize) -> u64 {
    let end = at + count;
    let word =
        |at: usize| text.get(at..).and_then(<[u8]>::first_chunk::<WORD>).map(|word| u64::from_be_bytes(*word));
    let lowest = |word: u64| if count == 0 { 0 } else { word & (u64::MAX >> (8 * (WORD - count))) };
    // A word that ends where the part does, or else the first one.
    let whole = match end.checked_sub(WORD) {
        Some(begin) => word(begin).map(lowest),
        None => word(0).map(|word| lowest(word >> (8 * (WORD - end)))),
    };
    whole.unwrap_or_else(|| text.iter().skip(at).take(count).fold(0, |part, byte| part << 8 | u64::from(*byte)))
}

/// So many of the last characters of a text, at most [`WORD`].
#[inline]
pub(super) fn end(text: &[u8], count: usize) -> u64 {
    part(text, text.len().saturating_sub(count), count)
}

/// A key of some characters: what they are, which, and of how long a text.
#[inline]
pub(super) fn key(characters: u64, which: u64, length: usize) -> u64 {
    mix(characters ^ (which << 8 | length as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// Of what one slip makes of a text, a label of `length` characters. The slip, or the first of two characters that it
/// exchanges, is in the first half or not: the second one is left as it was, or the first.
#[inline]
fn halves(text: &[u8], length: usize) -> [u64; 2] {
    let others = length.saturating_sub(1);
    let first = others / 2;
    let last = others - first;
    [key(part(text, 0, first.min(WORD)), 1, length), key(end(text, last.min(WORD)), 2, length)]
}
