//! Long names with two slips that leave the first character, and make the label longer or shorter by one at most.
//!
//! Of four parts of such a name two are left as they were, so every two of them are a key. Before the keys of a label are
//! made, it is asked for what stands in its place in any case: the tail, or one half of the head, which may have moved by
//! one. The length of the label and the first character are part of all these keys.

use super::distance::LONG;
use super::gates::{WORD, end, key, narrowed, part};
use super::hash::mix;
use super::multimap::{Filter, Multimap};

/// Characters of the first half of a head, beside the first.
const NEAR: usize = 3;
/// Where a part stands that nothing moved, as [`Frame::second`] counts.
const UNMOVED: usize = 1;
/// Odd numbers, so that no part is taken for another.
const FACTORS: [u64; 4] =
    [0x9e37_79b9_7f4a_7c15, 0xc2b2_ae3d_27d4_eb4f, 0x1656_67b1_9e37_79f9, 0xd6e8_feb8_6659_fd93];

/// The long ones of the protected names, ready to be found.
#[derive(Debug)]
pub(super) struct Far {
    pairs: Multimap,
    left: Filter,
    /// Of all names.
    outlines: Vec<Outline>,
}

/// The keys of names, gathered from one to the next.
#[derive(Default)]
pub(super) struct FarKeys {
    pairs: Vec<(u64, (u32, u32))>,
    left: Vec<u64>,
    outlines: Vec<Outline>,
}

impl FarKeys {
    /// Adds the name of the next number.
    pub(super) fn add(&mut self, chars: &[char]) {
        let outline = Outline::new(chars);
        let entry = (outline.characters(), self.outlines.len() as u32);
        self.outlines.push(outline);
        if chars.len() < LONG {
            return;
        }
        let text = narrowed(chars);
        for length in text.len() - 1..=text.len() + 1 {
            let frame = Frame::of(length);
            let [a, b, c, d] = [frame.a(&text), frame.b(&text, UNMOVED), frame.c(&text, UNMOVED), frame.d(&text)];
            let pairs = [(a, b), (a, c), (a, d), (b, c), (b, d), (c, d)];
            self.pairs.extend(pairs.map(|(one, other)| (frame.pair(&text, one, other), entry)));
            self.left.extend([
                frame.near(&text, part(&text, 1, NEAR)),
                // Its last character may be missing, or have changed places with the next.
                frame.near(&text, part(&text, 1, NEAR - 1) << 8 | part(&text, 1 + NEAR, 1)),
                frame.second(&text, 1 + NEAR),
                frame.tail(&text),
            ]);
        }
    }
}

impl Far {
    pub(super) fn new(keys: FarKeys) -> Far {
        Far { pairs: Multimap::marked(keys.pairs), left: Filter::new(&keys.left), outlines: keys.outlines }
    }

    /// Takes the numbers of names that may be a label with two slips, some of them more than once. Of a label beyond ASCII
    /// the characters are [`narrowed`].
    #[inline]
    pub(super) fn find(&self, text: &[u8], mut take: impl FnMut(u32)) {
        if text.len() + 1 < LONG {
            return;
        }
        let frame = Frame::of(text.len());
        if self.left.among(frame.left(text)) == 0 {
            return;
        }
        for key in self.pairs.among(frame.pairs(text)) {
            let outline = Outline::new(text);
            let has_like = |characters| outline.has_like(characters);
            let is_like = |number: &u32| self.outlines.get(*number as usize).is_some_and(|it| it.is_like(outline));
            self.pairs.get_marked(key, has_like).filter(is_like).for_each(&mut take);
        }
    }

    /// Bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        self.pairs.heap_bytes() + self.left.heap_bytes() + self.outlines.capacity() * size_of::<Outline>()
    }
}

/// Which characters of a label of this length, and of names that may be it, are compared.
#[derive(Clone, Copy)]
struct Frame {
    length: usize,
    head: usize,
    tail: usize,
    quarters: [usize; 4],
}

impl Frame {
    #[inline]
    fn of(length: usize) -> Frame {
        let head = (length / 2).clamp(2 * NEAR + 1, WORD);
        // The first character of what follows may have changed places with the last of the head.
        let tail = length.saturating_sub(1).max(LONG) - head - 1;
        // Between the parts is a character each, so that two that change places are never in two parts.
        let parts = length.saturating_sub(5);
        let fits = |count: usize| (count / 4).min(WORD - 1);
        let quarters = [fits(parts + 3), fits(parts + 1), fits(parts), fits(parts + 2)];
        Frame { length, head, tail: tail.min(WORD - 1), quarters }
    }

    #[inline]
    fn tail(self, text: &[u8]) -> u64 {
        self.key(text, end(text, self.tail), 3)
    }

    #[inline]
    fn near(self, text: &[u8], characters: u64) -> u64 {
        self.key(text, characters, 4)
    }

    /// The second half of a head, that begins here.
    #[inline]
    fn second(self, text: &[u8], at: usize) -> u64 {
        self.key(text, part(text, at, self.head - 1 - NEAR), 5)
    }

    /// What is left of a label's head, wherever a slip moved it, or of its tail.
    #[inline]
    fn left(self, text: &[u8]) -> [u64; 5] {
        let near = self.near(text, part(text, 1, NEAR));
        let (before, there, behind) =
            (self.second(text, NEAR), self.second(text, NEAR + 1), self.second(text, NEAR + 2));
        [near, before, there, behind, self.tail(text)]
    }

    /// The first of the four parts; ahead of it nothing was moved.
    #[inline]
    fn a(self, text: &[u8]) -> u64 {
        part(text, 1, self.quarters[0]).wrapping_mul(FACTORS[0])
    }

    /// The second one, which begins [`UNMOVED`] or one earlier or later.
    #[inline]
    fn b(self, text: &[u8], moved: usize) -> u64 {
        part(text, 1 + self.quarters[0] + moved, self.quarters[1]).wrapping_mul(FACTORS[1])
    }

    #[inline]
    fn c(self, text: &[u8], moved: usize) -> u64 {
        let at = 1 + self.quarters[0] + 1 + self.quarters[1] + moved;
        part(text, at, self.quarters[2]).wrapping_mul(FACTORS[2])
    }

    /// The last one; behind it nothing was moved.
    #[inline]
    fn d(self, text: &[u8]) -> u64 {
        end(text, self.quarters[3]).wrapping_mul(FACTORS[3])
    }

    /// The keys of a label. With the first part the second stands where it stood, or a slip between them moved the third;
    /// without the first part, a slip ahead of both moved them alike.
    #[inline]
    fn pairs(self, text: &[u8]) -> [u64; 14] {
        let (a, d) = (self.a(text), self.d(text));
        let (b0, b1, b2) = (self.b(text, 0), self.b(text, 1), self.b(text, 2));
        let (c0, c1, c2) = (self.c(text, 0), self.c(text, 1), self.c(text, 2));
        let pair = |one, other| self.pair(text, one, other);
        [
            pair(a, b1),
            pair(a, c0),
            pair(a, c1),
            pair(a, c2),
            pair(a, d),
            pair(b0, c0),
            pair(b1, c1),
            pair(b2, c2),
            pair(b0, d),
            pair(b1, d),
            pair(b2, d),
            pair(c0, d),
            pair(c1, d),
            pair(c2, d),
        ]
    }

    #[inline]
    fn pair(self, text: &[u8], one: u64, other: u64) -> u64 {
        let first = text.first().map_or(0, |first| u64::from(*first));
        mix((one.rotate_left(31) ^ other).wrapping_add((first << 8 | self.length as u64) << 40))
    }

    #[inline]
    fn key(self, text: &[u8], characters: u64, which: u64) -> u64 {
        let first = text.first().map_or(0, |first| u64::from(*first));
        key(characters | first << (8 * (WORD - 1)), which, self.length)
    }
}

/// Length and characters of a text, as far as they tell at once that two texts are not within two slips of each other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outline {
    length: usize,
    /// Which characters there are, modulo 32; in the upper half, which there are more than once.
    characters: u64,
}

impl Outline {
    pub(super) fn new<T: Copy + Into<u64>>(text: &[T]) -> Outline {
        let characters = text.iter().fold(0, |all: u64, character| {
            let bit = 1_u64 << ((*character).into() % 32);
            all | bit | ((all & bit) << 32)
        });
        Outline { length: text.len(), characters }
    }

    /// Which characters there are, however often.
    fn characters(self) -> u32 {
        self.characters as u32
    }

    /// What [`Outline::is_like`] asks, of the characters alone.
    fn has_like(self, characters: u32) -> bool {
        (self.characters() ^ characters).count_ones() <= 4
    }

    /// A slip changes at most two of the bits, by which one character goes and another comes.
    pub(super) fn is_like(self, other: Outline) -> bool {
        self.length.abs_diff(other.length) <= 1 && (self.characters ^ other.characters).count_ones() <= 4
    }
}
