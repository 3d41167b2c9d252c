//! How surprising a label is to one who knows registered names: bits a character, by what stands before it.
//!
//! All costs are in sixteenths of a bit. The tables of one to three characters know all symbols; that of four knows
//! letters only and takes all else for the end of a word; that of classes knows vowels, consonants and digits.

use super::spelling::{CLASS_OF, SYMBOLS, Spelling, letter};

/// Sixteenths of a bit.
pub const BIT: u16 = 16;
/// Letters and the end of a word.
pub const LETTERS: usize = 27;
/// Kinds of characters.
pub const CLASSES: usize = 5;
/// The length of a run of classes.
pub const RUN: usize = 6;
/// Entries of the tables: of one, two, three symbols, of four letters, of six classes.
pub const SIZES: [usize; 5] = [
    SYMBOLS,
    SYMBOLS * SYMBOLS,
    SYMBOLS * SYMBOLS * SYMBOLS,
    LETTERS * LETTERS * LETTERS * LETTERS,
    CLASSES.pow(RUN as u32),
];

/// The costs, by the table they are in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Language {
    /// Of a symbol; of a symbol after one; after two; of a letter after three; of a class after five.
    pub tables: [Vec<u8>; 5],
}

/// The costs of the characters of a label, the end included: one more than characters.
#[derive(Clone, Copy)]
pub(super) struct Costs {
    pub(super) one: [u8; 64],
    pub(super) two: [u8; 64],
    pub(super) three: [u8; 64],
    pub(super) four: [u8; 64],
    pub(super) class: [u8; 64],
}

/// The places of the symbols of a label in the tables, the first symbol left out. For training and for use.
pub fn places(symbols: &[u8], mut take: impl FnMut(usize, [usize; 5])) {
    let (mut two, mut three, mut four, mut class) = (0_usize, 0_usize, 0_usize, 0_usize);
    for (index, symbol) in symbols.iter().enumerate() {
        let symbol = usize::from(*symbol).min(SYMBOLS - 1);
        let letter = letter(symbol as u8);
        two = (two * SYMBOLS + symbol) % SIZES[1];
        three = (three * SYMBOLS + symbol) % SIZES[2];
        // A word begins anew behind all that is no letter.
        four = if four % LETTERS == 0 { letter } else { (four * LETTERS + letter) % SIZES[3] };
        class = (class * CLASSES + CLASS_OF[symbol] as usize) % SIZES[4];
        if index > 0 {
            take(index - 1, [symbol, two, three, four, class]);
        }
    }
}

impl Language {
    pub(super) fn costs(&self, spelling: &Spelling) -> Costs {
        let empty = [0; 64];
        let mut costs = Costs { one: empty, two: empty, three: empty, four: empty, class: empty };
        let cost = |table: usize, place: usize| self.tables[table].get(place).copied().unwrap_or(u8::MAX);
        places(spelling.marked(), |at, places| {
            let at = at & 63;
            costs.one[at] = cost(0, places[0]);
            costs.two[at] = cost(1, places[1]);
            costs.three[at] = cost(2, places[2]);
            // Where no letter is near, the table of four has nothing to say.
            costs.four[at] = if places[3] == 0 { costs.three[at] } else { cost(3, places[3]) };
            costs.class[at] = cost(4, places[4]);
        });
        costs
    }
}
