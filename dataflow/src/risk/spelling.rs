//! A label as numbers: forty symbols, between a mark of the start and one of the end.

/// How many symbols there are: start, end, `a` to `z`, `0` to `9`, hyphen, anything else.
pub const SYMBOLS: usize = 40;
/// A label has at most 63 octets; what is longer counts so far.
pub const LONGEST: usize = 63;

/// Before the first character.
pub(super) const START: u8 = 0;
/// Behind the last one.
pub(super) const END: u8 = 1;
const LETTERS: u8 = 2;
const DIGITS: u8 = 28;
const HYPHEN: u8 = 38;
const OTHER: u8 = 39;

/// What an octet is. Upper case counts as lower case.
const SYMBOL_OF: [u8; 256] = {
    let mut table = [OTHER; 256];
    let mut at = 0_u8;
    while at < 26 {
        table[(b'a' + at) as usize] = LETTERS + at;
        table[(b'A' + at) as usize] = LETTERS + at;
        at += 1;
    }
    at = 0;
    while at < 10 {
        table[(b'0' + at) as usize] = DIGITS + at;
        at += 1;
    }
    table[b'-' as usize] = HYPHEN;
    table
};

/// What kind of character a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Class {
    /// The start or the end.
    Mark = 0,
    /// `a e i o u y`
    Vowel = 1,
    /// Any other letter.
    Consonant = 2,
    /// A digit.
    Digit = 3,
    /// A hyphen, or what should not be in a label.
    Other = 4,
}

pub(super) const CLASS_OF: [Class; SYMBOLS] = {
    let mut table = [Class::Consonant; SYMBOLS];
    table[START as usize] = Class::Mark;
    table[END as usize] = Class::Mark;
    let vowels = *b"aeiouy";
    let mut at = 0;
    while at < vowels.len() {
        table[(LETTERS + vowels[at] - b'a') as usize] = Class::Vowel;
        at += 1;
    }
    at = DIGITS as usize;
    while at < HYPHEN as usize {
        table[at] = Class::Digit;
        at += 1;
    }
    table[HYPHEN as usize] = Class::Other;
    table[OTHER as usize] = Class::Other;
    table
};

/// A label between its marks.
#[derive(Clone, Copy)]
pub(super) struct Spelling {
    symbols: [u8; LONGEST + 2],
    length: usize,
}

impl Spelling {
    #[inline]
    pub(super) fn new(label: &str) -> Spelling {
        let mut symbols = [END; LONGEST + 2];
        symbols[0] = START;
        let length = label.len().min(LONGEST);
        for (place, octet) in symbols.iter_mut().skip(1).zip(label.as_bytes().iter().take(length)) {
            *place = SYMBOL_OF[usize::from(*octet)];
        }
        Spelling { symbols, length }
    }

    /// Characters, without the marks.
    #[inline]
    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// With both marks.
    #[inline]
    pub(super) fn marked(&self) -> &[u8] {
        self.symbols.get(..self.length + 2).unwrap_or_default()
    }

    /// Without the marks.
    #[inline]
    pub(super) fn plain(&self) -> &[u8] {
        self.symbols.get(1..=self.length).unwrap_or_default()
    }
}

/// The character of a symbol; the marks are `^` and `$`.
pub(super) fn character(symbol: u8) -> char {
    match symbol {
        START => '^',
        END => '$',
        LETTERS..DIGITS => char::from(b'a' + symbol - LETTERS),
        DIGITS..HYPHEN => char::from(b'0' + symbol - DIGITS),
        HYPHEN => '-',
        _ => '?',
    }
}

/// 1 to 26 for a letter, 0 for all that ends a word: marks, digits, hyphens.
#[inline]
pub(super) fn letter(symbol: u8) -> usize {
    if (LETTERS..DIGITS).contains(&symbol) { usize::from(symbol - LETTERS) + 1 } else { 0 }
}

/// The symbols of a label between its marks, for training.
#[must_use]
pub fn symbols(label: &str) -> Vec<u8> {
    Spelling::new(label).marked().to_vec()
}
