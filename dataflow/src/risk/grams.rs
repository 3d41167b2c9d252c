//! The first stage: a linear model of the runs of one, two and three characters.
//!
//! There are 64,000 runs of three symbols, so a table needs no hashing: each has a place of its own. The weights of the
//! one and the two characters that end a run are added to its own beforehand; a label costs one look-up a character.

use super::spelling::{LONGEST, SYMBOLS, Spelling};

/// Places in the table.
pub const GRAMS: usize = SYMBOLS * SYMBOLS * SYMBOLS;

/// 65536 / sqrt(length), so that long labels do not outweigh short ones.
const SHARES: [i64; LONGEST + 1] = {
    let mut shares = [65_536_i64; LONGEST + 1];
    let mut length = 2;
    while length <= LONGEST {
        // The root of an integer by Newton's method.
        let square = (1_i64 << 32) / length as i64;
        let mut root = 65_536_i64;
        while root * root > square {
            root = (root + square / root) / 2;
        }
        shares[length] = root;
        length += 1;
    }
    shares
};

/// The place of a run.
#[inline]
#[must_use]
pub fn place(run: [u8; 3]) -> usize {
    (usize::from(run[0]) * SYMBOLS + usize::from(run[1])) * SYMBOLS + usize::from(run[2])
}

/// The share of each run of a label of a length, in 1/65536.
#[must_use]
pub fn share(length: usize) -> i64 {
    SHARES[length.min(LONGEST)]
}

#[derive(Clone, Debug)]
pub(super) struct Grams {
    /// By run, in thousandths.
    pub(super) weights: Vec<i16>,
    /// By length.
    pub(super) lengths: Vec<i16>,
}

impl Grams {
    /// Log-odds that a label is generated, in thousandths.
    #[inline]
    pub(super) fn score(&self, spelling: &Spelling) -> i32 {
        let weight = |run: &[u8; 3]| i64::from(self.weights.get(place(*run)).copied().unwrap_or_default());
        let sum: i64 = spelling.marked().array_windows_3().map(weight).sum();
        let length = spelling.length();
        let base = self.lengths.get(length).copied().unwrap_or_default();
        // At most 63 weights of 16 bits: far from the ends of an i32.
        ((sum * share(length)) >> 16) as i32 + i32::from(base)
    }

    /// What each run of a label adds, in thousandths.
    pub(super) fn parts<'a>(&'a self, spelling: &'a Spelling) -> impl Iterator<Item = ([u8; 3], i32)> + 'a {
        let share = share(spelling.length());
        spelling.marked().array_windows_3().map(move |run| {
            let weight = i64::from(self.weights.get(place(*run)).copied().unwrap_or_default());
            (*run, ((weight * share) >> 16) as i32)
        })
    }
}

/// Windows of three as arrays.
trait Windows {
    fn array_windows_3(&self) -> impl Iterator<Item = &[u8; 3]>;
}

impl Windows for [u8] {
    #[inline]
    fn array_windows_3(&self) -> impl Iterator<Item = &[u8; 3]> {
        self.windows(3).filter_map(|run| run.first_chunk())
    }
}
