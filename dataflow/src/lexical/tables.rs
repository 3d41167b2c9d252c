//! Keyboards, glyphs and keywords: text of the reference files becomes tables that answer questions.

use std::collections::{BTreeMap, BTreeSet};

use super::fold;

/// How many layouts there may be: a bit of a byte each.
const LAYOUTS: usize = 8;
/// A name is read in at most so many ways.
pub(super) const MOST_READINGS: usize = 16;

/// The texts of the reference files, in the forms that their first lines tell.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// Layout, key, its neighbours.
    pub keyboards: &'a str,
    /// Set, what is meant, what looks like it.
    pub glyphs: &'a str,
    /// Code point, what it is read as.
    pub readings: &'a str,
    /// Sector, word.
    pub keywords: &'a str,
}

/// What is known of keys, marks and words.
#[derive(Clone, Debug)]
pub struct Tables {
    layouts: Vec<String>,
    /// By key and neighbour, 128 by 128: a bit for each layout.
    beside: Vec<u8>,
    ascii: BTreeMap<char, Vec<Look>>,
    cyrillic: BTreeMap<char, char>,
    pub(super) readings: BTreeMap<char, Vec<String>>,
    keywords: BTreeMap<String, BTreeSet<String>>,
}

/// What is written for one ASCII character or two.
#[derive(Clone, Debug)]
pub(super) struct Look {
    /// What has to follow the first character, if two are meant.
    pub(super) second: Option<char>,
    /// What is written for them.
    pub(super) written: Vec<char>,
}

/// Why a reference table cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TablesError {
    /// A line has not the columns that it should have.
    #[error("{file}, line {line}: {wanted}; correct the line")]
    Line {
        /// Which of the files.
        file: &'static str,
        /// Counted from 1.
        line: usize,
        /// What should stand there.
        wanted: &'static str,
    },
    /// Two glyphs that the key of look-alikes tells apart.
    #[error("glyphs: '{written}' for '{meant}' has no common key; add a case to lexical/fold.rs, or leave it out")]
    Fold {
        /// What is written.
        written: String,
        /// What it is taken for.
        meant: String,
    },
}

fn rows<'a, const N: usize>(
    file: &'static str,
    wanted: &'static str,
    text: &'a str,
) -> impl Iterator<Item = Result<(usize, [&'a str; N]), TablesError>> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    lines.map(move |(at, line)| {
        let columns: Vec<&str> = line.split('\t').collect();
        let columns = columns.try_into().ok().filter(|columns: &[&str; N]| !columns.contains(&""));
        columns.map(|columns| (at + 1, columns)).ok_or(TablesError::Line { file, line: at + 1, wanted })
    })
}

fn single(text: &str) -> Option<char> {
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}

impl Tables {
    /// Reads the reference tables.
    ///
    /// # Errors
    ///
    /// A line that is not as it should be, or a pair of ASCII glyphs which are not given one key.
    pub fn parse(sources: Sources<'_>) -> Result<Tables, TablesError> {
        let mut tables = Tables {
            layouts: Vec::new(),
            beside: vec![0; 128 * 128],
            ascii: BTreeMap::new(),
            cyrillic: BTreeMap::new(),
            readings: BTreeMap::new(),
            keywords: BTreeMap::new(),
        };
        tables.read_keyboards(sources.keyboards)?;
        tables.read_glyphs(sources.glyphs)?;
        for row in rows::<2>("readings", "a code point and what it is read as", sources.readings) {
            let (line, [written, meant]) = row?;
            let wanted = "one code point beyond ASCII, then ASCII";
            let faulty = TablesError::Line { file: "readings", line, wanted };
            let written = single(written).filter(|c| !c.is_ascii() && meant.is_ascii()).ok_or(faulty)?;
            meant.split(' ').for_each(|meant| tables.reads(written, meant));
        }
        for row in rows::<2>("keywords", "a sector and a word", sources.keywords) {
            let (_, [sector, word]) = row?;
            tables.keywords.entry(word.into()).or_default().insert(sector.into());
        }
        Ok(tables)
    }

    fn read_keyboards(&mut self, text: &str) -> Result<(), TablesError> {
        let wanted = "a layout (at most 8 of them), one ASCII key and its ASCII neighbours";
        for row in rows::<3>("keyboards", wanted, text) {
            let (line, [layout, key, neighbours]) = row?;
            let faulty = || TablesError::Line { file: "keyboards", line, wanted };
            let bit = match self.layouts.iter().position(|known| known == layout) {
                Some(bit) => bit,
                None if self.layouts.len() < LAYOUTS => {
                    self.layouts.push(layout.into());
                    self.layouts.len() - 1
                }
                None => return Err(faulty()),
            };
            let key = single(key).ok_or_else(faulty)?;
            for other in neighbours.chars() {
                *place(key, other).and_then(|at| self.beside.get_mut(at)).ok_or_else(faulty)? |= 1 << bit;
            }
        }
        Ok(())
    }

    fn read_glyphs(&mut self, text: &str) -> Result<(), TablesError> {
        let wanted = "`ascii`, `unicode` or `cyrillic`, at most two ASCII characters, and what looks like them";
        for row in rows::<3>("glyphs", wanted, text) {
            let (line, [set, meant, written]) = row?;
            let faulty = || TablesError::Line { file: "glyphs", line, wanted };
            let fits = meant.is_ascii() && meant.len() <= 2 && (set != "ascii" || written.is_ascii());
            if !fits {
                return Err(faulty());
            }
            match set {
                "ascii" => {
                    for written in written.split(' ') {
                        if fold::hash(meant.bytes()) != fold::hash(written.bytes()) {
                            return Err(TablesError::Fold { written: written.into(), meant: meant.into() });
                        }
                        self.looks(meant, written);
                    }
                }
                "unicode" => {
                    for written in written.split(' ') {
                        self.reads(single(written).ok_or_else(faulty)?, meant);
                    }
                }
                "cyrillic" => {
                    let pair = single(meant).zip(single(written)).ok_or_else(faulty)?;
                    self.cyrillic.insert(pair.0, pair.1);
                    self.reads(pair.1, meant);
                }
                _ => return Err(faulty()),
            }
        }
        Ok(())
    }

    /// Two equal neighbours may be written both at once.
    fn looks(&mut self, meant: &str, written: &str) {
        let mut chars = meant.chars();
        let (Some(first), second) = (chars.next(), chars.next()) else { return };
        let known = self.ascii.entry(first).or_default();
        known.push(Look { second, written: written.chars().collect() });
        if second.is_none() {
            known.push(Look { second: Some(first), written: written.chars().chain(written.chars()).collect() });
        }
    }

    /// What is written for ASCII groups that begin with a character.
    pub(super) fn written_for(&self, first: char) -> &[Look] {
        self.ascii.get(&first).map(Vec::as_slice).unwrap_or_default()
    }

    fn reads(&mut self, written: char, meant: &str) {
        let known = self.readings.entry(written).or_default();
        if !known.iter().any(|reading| reading == meant) {
            known.push(meant.into());
        }
    }

    /// The first layout on which `other` lies beside `key`.
    pub(super) fn beside(&self, key: char, other: char) -> Option<&str> {
        let bits = place(key, other).and_then(|at| self.beside.get(at)).copied().filter(|bits| *bits != 0)?;
        self.layouts.get(bits.trailing_zeros() as usize).map(String::as_str)
    }

    /// All keys beside a key, on any layout.
    pub(super) fn neighbours(&self, key: char) -> impl Iterator<Item = char> {
        (0..128_u8).map(char::from).filter(move |other| self.beside(key, *other).is_some())
    }

    /// The keywords of all sectors.
    pub(super) fn keywords(&self) -> impl Iterator<Item = &str> {
        self.keywords.keys().map(String::as_str)
    }

    /// The sectors of a keyword; none, if the word is not one.
    pub(super) fn sectors(&self, word: &str) -> Option<&BTreeSet<String>> {
        self.keywords.get(word)
    }

    /// The name wholly in Cyrillic, if each of its characters has a twin there.
    pub(super) fn cyrillic(&self, name: &[char]) -> Option<Vec<char>> {
        name.iter().map(|c| self.cyrillic.get(c).copied()).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "the tables of the program can be read")]
impl Tables {
    /// The tables that the program has.
    pub(crate) fn shipped() -> Tables {
        use panopticon_datasets::reference;
        let sources = Sources {
            keyboards: reference::KEYBOARDS,
            glyphs: reference::GLYPHS,
            readings: reference::READINGS,
            keywords: reference::KEYWORDS,
        };
        Tables::parse(sources).unwrap()
    }
}

fn place(key: char, other: char) -> Option<usize> {
    (key.is_ascii() && other.is_ascii()).then(|| (key as usize) * 128 + other as usize)
}
