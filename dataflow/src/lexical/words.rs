//! Names with words around them: where in a label one of the protected names stands.
//!
//! A name counts at the beginning of a label or behind a hyphen, at the end or before a hyphen, and between two keywords
//! ([`super::combo`]). So the beginnings of names are looked up where words begin and their ends where words end, and
//! everywhere only if keywords may stand on both sides.

use super::combo::SHORT;
use super::hash::mix;
use super::multimap::{Filter, Multimap};
use super::tables::Tables;

/// Names of so many bytes are found by this many at once, shorter ones by the [`SHORT`] that they have at least.
const LONG_EDGE: usize = 7;
/// A name between two keywords: no label or word that holds it is shorter.
const LEAST_INNER: usize = SHORT + 2;

/// The protected names, ready to be found in labels. Texts are U-labels in UTF-8.
#[derive(Debug)]
pub(super) struct Words {
    beginnings: Multimap,
    long_beginnings: Multimap,
    ends: Multimap,
    long_ends: Multimap,
    /// Names too short to count anywhere but between hyphens.
    short: Multimap,
    /// Where names begin, in a label that has keywords.
    starts: Filter,
    keywords: Keywords,
    /// The texts of all names, one after the other, and where each ends.
    texts: Vec<u8>,
    borders: Vec<u32>,
}

/// A key of at most eight bytes.
fn key(text: &[u8]) -> u64 {
    mix(text.iter().fold(0, |key, byte| key << 8 | u64::from(*byte)))
}

/// How long a name of three or more bytes is, and the three of them that stand here.
#[inline]
fn mark(name: &[u8], at: usize) -> u32 {
    let three = name.get(at..).and_then(<[u8]>::first_chunk::<3>).copied().unwrap_or_default();
    u32::from_be_bytes([name.len() as u8, three[0], three[1], three[2]])
}

impl Words {
    /// Takes the names in the order of their numbers, from 0.
    pub(super) fn new<'a>(tables: &Tables, names: impl Iterator<Item = &'a str>) -> Words {
        let (mut texts, mut borders, mut starts) = (Vec::new(), Vec::new(), Vec::new());
        let mut keys: [Vec<(u64, (u32, u32))>; 4] = Default::default();
        let mut short = Vec::new();
        for (name, number) in names.map(str::as_bytes).zip(0..) {
            let [beginnings, long_beginnings, ends, long_ends] = &mut keys;
            starts.extend(name.get(..SHORT).map(key));
            if let (Some(beginning), Some(end)) = (name.first_chunk::<LONG_EDGE>(), name.last_chunk::<LONG_EDGE>())
            {
                long_beginnings.push((key(beginning), (mark(name, name.len() - 3), number)));
                long_ends.push((key(end), (mark(name, 0), number)));
            } else if let (Some(beginning), Some(end)) = (name.first_chunk::<SHORT>(), name.last_chunk::<SHORT>())
            {
                beginnings.push((key(beginning), (mark(name, name.len() - 3), number)));
                ends.push((key(end), (mark(name, 0), number)));
            } else {
                short.push((key(name), number));
            }
            texts.extend_from_slice(name);
            borders.push(texts.len() as u32);
        }
        let [beginnings, long_beginnings, ends, long_ends] = keys.map(Multimap::marked);
        let short = Multimap::new(short);
        let (starts, keywords) = (Filter::new(&starts), Keywords::new(tables));
        Words { beginnings, long_beginnings, ends, long_ends, short, starts, keywords, texts, borders }
    }

    /// Takes the numbers of the names that stand in a label with something beside them, some of them more than once.
    pub(super) fn find(&self, text: &[u8], has_hyphen: bool, mut take: impl FnMut(u32)) {
        let (mut begin, mut first_keyword, mut last_keyword) = (0, None, None);
        while let Some(rest) = text.get(begin..) {
            let hyphen = if has_hyphen { rest.iter().position(|byte| *byte == b'-') } else { None };
            let length = hyphen.unwrap_or(rest.len());
            let end = begin + length;
            let word = rest.get(..length).unwrap_or_default();
            self.begin(rest, &mut take);
            self.end(text.get(..end).unwrap_or_default(), &mut take);
            if length < text.len() && length < SHORT {
                self.short(rest, &mut take);
            }
            if first_keyword.is_none() && self.keywords.may_begin(word) {
                first_keyword = Some(begin);
            }
            if self.keywords.may_end(word) {
                last_keyword = Some(end);
            }
            begin = end + 1;
        }
        if let (Some(first), Some(last)) = (first_keyword, last_keyword)
            && let Some(between) = text.get(first..last).filter(|between| between.len() >= LEAST_INNER)
        {
            let starts = between.windows(SHORT).zip(first..).filter(|(start, _)| self.starts.may_hold(key(start)));
            starts.for_each(|(_, at)| self.begin(text.get(at..).unwrap_or_default(), &mut take));
        }
    }

    /// Names that a text begins with.
    #[inline]
    fn begin(&self, text: &[u8], take: &mut impl FnMut(u32)) {
        let mut look_up = |map: &Multimap, key| {
            if map.may_hold(key) {
                let fits = |mark: u32| {
                    let length = (mark >> 24) as usize;
                    length <= text.len()
                        && mark == self::mark(text.get(..length).unwrap_or_default(), length.saturating_sub(3))
                };
                let begins = |number: &u32| text.starts_with(self.text(*number));
                map.get_marked(key, fits).filter(begins).for_each(&mut *take);
            }
        };
        text.first_chunk::<SHORT>().iter().for_each(|beginning| look_up(&self.beginnings, key(*beginning)));
        text.first_chunk::<LONG_EDGE>()
            .iter()
            .for_each(|beginning| look_up(&self.long_beginnings, key(*beginning)));
    }

    /// Names that a text ends with.
    #[inline]
    fn end(&self, text: &[u8], take: &mut impl FnMut(u32)) {
        let mut look_up = |map: &Multimap, key| {
            if map.may_hold(key) {
                let fits = |mark: u32| {
                    let start = text.len().checked_sub((mark >> 24) as usize);
                    start.is_some_and(|start| mark == self::mark(text.get(start..).unwrap_or_default(), 0))
                };
                let ends = |number: &u32| text.ends_with(self.text(*number));
                map.get_marked(key, fits).filter(ends).for_each(&mut *take);
            }
        };
        text.last_chunk::<SHORT>().iter().for_each(|end| look_up(&self.ends, key(*end)));
        text.last_chunk::<LONG_EDGE>().iter().for_each(|end| look_up(&self.long_ends, key(*end)));
    }

    /// Short names that a text begins with, up to a hyphen or its end.
    fn short(&self, text: &[u8], take: &mut impl FnMut(u32)) {
        for end in (1..text.len().min(SHORT - 1) + 1).filter(|end| matches!(text.get(*end), None | Some(b'-'))) {
            let key = key(text.get(..end).unwrap_or_default());
            if self.short.may_hold(key) {
                self.short.get(key).for_each(&mut *take);
            }
        }
    }

    fn text(&self, number: u32) -> &[u8] {
        let border = |number: u32| self.borders.get(number as usize).map_or(0, |end| *end as usize);
        let start = number.checked_sub(1).map_or(0, border);
        self.texts.get(start..border(number)).unwrap_or_default()
    }

    /// Bytes on the heap, but for the texts.
    pub(super) fn heap_bytes(&self) -> usize {
        let maps = [&self.beginnings, &self.long_beginnings, &self.ends, &self.long_ends, &self.short];
        maps.into_iter().map(Multimap::heap_bytes).sum::<usize>() + self.starts.heap_bytes()
    }
}

/// With which three characters keywords begin and end.
#[derive(Debug)]
struct Keywords {
    beginnings: Vec<u64>,
    ends: Vec<u64>,
}

/// Three characters of five bits each.
const PLACES: usize = 1 << 15;

impl Keywords {
    fn new(tables: &Tables) -> Keywords {
        let mut keywords = Keywords { beginnings: vec![0; PLACES / 64], ends: vec![0; PLACES / 64] };
        for keyword in tables.keywords() {
            let text: Vec<u8> = keyword.bytes().collect();
            let reversed: Vec<u8> = text.iter().rev().copied().collect();
            for (places, text) in [(&mut keywords.beginnings, text), (&mut keywords.ends, reversed)] {
                // Beside a shorter keyword there may be any character.
                let free = 5 * 3_usize.saturating_sub(text.len());
                let first = text.iter().take(3).fold(0, |place, byte| place << 5 | usize::from(byte & 31)) << free;
                for place in first..first + (1 << free) {
                    if let Some(word) = places.get_mut(place / 64) {
                        *word |= 1 << (place % 64);
                    }
                }
            }
        }
        keywords
    }

    /// Whether a word may begin with a keyword, or be one. Of a word of one or two characters that is taken for granted.
    #[inline]
    fn may_begin(&self, word: &[u8]) -> bool {
        word.first_chunk::<3>().is_none_or(|beginning| holds(&self.beginnings, *beginning))
    }

    /// Whether a word may end with a keyword, or be one.
    #[inline]
    fn may_end(&self, word: &[u8]) -> bool {
        word.last_chunk::<3>().is_none_or(|&[c, b, a]| holds(&self.ends, [a, b, c]))
    }
}

#[inline]
fn holds(places: &[u64], text: [u8; 3]) -> bool {
    let place = text.iter().fold(0, |place, byte| place << 5 | usize::from(byte & 31));
    places.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
}
