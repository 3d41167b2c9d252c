//! Labels of a made-up zone, and names that some of them imitate: the same on every machine, in any number.

use panopticon_dataflow::lexical::{Index, ProtectedName, Sources, Tables, TablesError, Variants};
use panopticon_datasets::reference;
use std::sync::Arc;

use crate::world::mix;

const ONSETS: [&str; 24] = [
    "b", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "st", "tr", "ch", "sh",
    "br", "pl", "th",
];
const NUCLEI: [&str; 10] = ["a", "e", "i", "o", "u", "ea", "ou", "ai", "ee", "io"];
const CODAS: [&str; 12] = ["", "", "", "", "n", "r", "s", "t", "l", "m", "nd", "ck"];
const WORDS: [&str; 16] = [
    "online", "shop", "home", "design", "media", "group", "login", "secure", "store", "tech", "club", "service",
    "city", "hotel", "art", "web",
];

/// Labels without separators: one long text, and where each ends.
#[derive(Debug, Default)]
pub struct Labels {
    text: String,
    ends: Vec<u32>,
}

impl Labels {
    /// `count` labels, 15 octets each in the mean: 1.5 % imitate one of the names (by a slip, or with words around it),
    /// 0.25 % are beyond ASCII.
    #[must_use]
    pub fn made(count: u64, names: &[ProtectedName]) -> Labels {
        let mut labels = Labels::default();
        for number in 0..count {
            labels.push(&label(number, names));
        }
        labels
    }

    /// One more.
    pub fn push(&mut self, label: &str) {
        self.text.push_str(label);
        self.ends.push(self.text.len() as u32);
    }

    /// All of them, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).filter_map(|(start, end)| self.text.get(start as usize..*end as usize))
    }

    /// Octets of all labels.
    #[must_use]
    pub fn octets(&self) -> usize {
        self.text.len()
    }
}

/// The protected names of a bench, each another: two to four syllables.
#[must_use]
pub fn names(count: u64) -> Vec<ProtectedName> {
    let made: std::collections::BTreeSet<String> =
        (0..).map(|n| word(mix(n ^ 0xb2a2d), 2 + n % 3)).take(count as usize * 2).collect();
    // In the order of a hash, so that no letter is preferred.
    let mut made: Vec<String> = made.into_iter().collect();
    made.sort_by_cached_key(|name| mix(name.bytes().fold(7, |key, byte| mix(key ^ u64::from(byte)))));
    made.truncate(count as usize);
    made.iter().map(|name| ProtectedName::new(name, "com")).collect()
}

/// The reference tables of the program.
///
/// # Errors
/// When one cannot be read.
pub fn tables() -> Result<Tables, TablesError> {
    Tables::parse(Sources {
        keyboards: reference::KEYBOARDS,
        glyphs: reference::GLYPHS,
        readings: reference::READINGS,
        keywords: reference::KEYWORDS,
    })
}

/// The index of the reference tables for a zone `xx`.
///
/// # Errors
/// When a reference table cannot be read.
pub fn index(names: &[ProtectedName]) -> Result<Index, TablesError> {
    Ok(Index::new(Arc::new(tables()?), Arc::new(Variants::default()), "xx", names.iter().cloned()))
}

fn of(list: &[&'static str], seed: u64) -> &'static str {
    list.get((seed % list.len() as u64) as usize).copied().unwrap_or_default()
}

fn word(seed: u64, syllables: u64) -> String {
    (0..syllables).map(|n| mix(seed ^ n << 56)).fold(String::new(), |word, seed| {
        word + of(&ONSETS, seed) + of(&NUCLEI, seed >> 16) + of(&CODAS, seed >> 32)
    })
}

fn label(number: u64, names: &[ProtectedName]) -> String {
    let seed = mix(number);
    let name = names.get((mix(seed) % names.len().max(1) as u64) as usize).map_or("", |name| name.label.as_str());
    match seed % 2000 {
        0..14 => slipped(name, mix(seed ^ 1)),
        14..30 => match seed >> 32 & 3 {
            0 => format!("{}-{name}", of(&WORDS, seed >> 40)),
            1 => format!("{name}-{}", of(&WORDS, seed >> 40)),
            2 => format!("{name}{}", of(&WORDS, seed >> 40)),
            _ => format!("{}{name}", of(&WORDS, seed >> 40)),
        },
        30..35 => beyond_ascii(&word(mix(seed ^ 2), 3)),
        _ => match seed >> 32 & 7 {
            0 => word(mix(seed ^ 3), 2) + &(seed >> 48 & 0xfff).to_string(),
            1 => word(mix(seed ^ 4), 3),
            2 => word(mix(seed ^ 5), 2) + "-" + &word(mix(seed ^ 6), 3),
            3 => word(mix(seed ^ 7), 3) + of(&WORDS, seed >> 40),
            4 => format!("{}-{}", of(&WORDS, seed >> 40), word(mix(seed ^ 8), 4)),
            _ => word(mix(seed ^ 9), 5),
        },
    }
}

fn slipped(name: &str, seed: u64) -> String {
    let at = (seed >> 8) as usize % name.len().max(1);
    let (head, tail) = name.split_at(at);
    let rest = tail.get(1..).unwrap_or_default();
    let c = char::from(b'a' + (seed >> 16) as u8 % 26);
    match seed % 4 {
        0 => format!("{head}{c}{tail}"),
        1 => format!("{head}{c}{rest}"),
        2 => format!("{head}{rest}x").trim_end_matches('x').to_owned(),
        _ => name.replacen('o', "0", 1).replacen('l', "1", 1).replacen('m', "rn", 1),
    }
}

fn beyond_ascii(word: &str) -> String {
    let text = word.replacen('a', "á", 1).replacen('o', "о", 1).replacen('e', "é", 1).replacen('u', "ü", 1);
    idna::punycode::encode_str(&text).map_or_else(|| word.to_owned(), |code| format!("xn--{code}"))
}
