//! How a name imitates another, and what was done to it, in words.

use std::fmt;

pub use panopticon_model::lookalike::Technique;
use serde::{Deserialize, Serialize};

/// The techniques that are one slip of the typing hand (`Plural` may be two letters).
pub const TYPING: [Technique; 10] = [
    Technique::Addition,
    Technique::Bitsquatting,
    Technique::Hyphenation,
    Technique::Insertion,
    Technique::Omission,
    Technique::Plural,
    Technique::Repetition,
    Technique::Replacement,
    Technique::Transposition,
    Technique::VowelSwap,
];

/// What was done to a protected name. Positions count characters from 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Edit {
    /// Something was put in.
    Inserted {
        /// Where it stands in the look-alike.
        at: usize,
        /// One character; two, if it is `es`.
        what: String,
        /// Why this one.
        why: Why,
    },
    /// A character of the name is missing.
    Omitted {
        /// Where it stood in the name.
        at: usize,
        /// Which it was.
        what: char,
    },
    /// A character of the name became another.
    Replaced {
        /// Where.
        at: usize,
        /// The name's.
        from: char,
        /// The look-alike's.
        to: char,
        /// Why this one.
        why: Why,
    },
    /// Two neighbours are exchanged.
    Transposed {
        /// Where the first stood.
        at: usize,
        /// The first in the name.
        first: char,
        /// The one behind it.
        second: char,
    },
    /// What is written for what; empty if all is what it seems and the name itself is beyond ASCII.
    Looks(Vec<Glyph>),
    /// The TLD's own table of variants makes both labels one.
    Variant,
    /// Only the end of the name.
    Tail {
        /// Where it begins in the name.
        at: usize,
    },
    /// The name with words around it.
    Around {
        /// Where the name stands.
        place: Place,
        /// What stands before it, without hyphens at its ends.
        before: String,
        /// What stands behind it, likewise.
        after: String,
        /// Keywords in either of them, in their order.
        keywords: Vec<String>,
    },
    /// The same label; the protected name stands under this suffix.
    OtherTld(String),
    /// A full name of which the label is a part without its dots.
    Joined(String),
    /// These slips, in the order of their places.
    Several(Vec<Edit>),
}

/// Why this character and no other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Why {
    /// Nothing more to say.
    Plain,
    /// It lies beside a key of the name.
    Neighbour {
        /// On this layout, the first of those that know it.
        layout: String,
        /// The key.
        key: char,
    },
    /// It doubles the one before.
    Double,
    /// One flipped bit.
    Bit,
    /// A vowel for a vowel.
    Vowel,
}

/// A group of characters that is written for another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Glyph {
    /// What is written.
    pub written: String,
    /// What it is taken for.
    pub meant: String,
}

/// Where the name stands among other words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Place {
    /// By itself between hyphens or ends.
    Token,
    /// At the beginning.
    Prefix,
    /// At the end.
    Suffix,
    /// Inside, between two keywords.
    Inner,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Plain => Ok(()),
            Why::Neighbour { layout, key } => write!(f, ", {} neighbour of '{key}'", layout.to_uppercase()),
            Why::Double => f.write_str(", doubling it"),
            Why::Bit => f.write_str(", one flipped bit"),
            Why::Vowel => f.write_str(", a vowel for a vowel"),
        }
    }
}

impl fmt::Display for Glyph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}'", self.written)?;
        if !self.written.is_ascii() {
            let points: Vec<String> = self.written.chars().map(|c| format!("U+{:04X}", u32::from(c))).collect();
            write!(f, " ({})", points.join(" "))?;
        }
        write!(f, " for '{}'", self.meant)
    }
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Edit::Inserted { at, what, why } => write!(f, "pos {at}: inserted '{what}'{why}"),
            Edit::Omitted { at, what } => write!(f, "pos {at}: omitted '{what}'"),
            Edit::Replaced { at, from, to, why } => write!(f, "pos {at}: '{from}' became '{to}'{why}"),
            Edit::Transposed { at, first, second } => write!(f, "pos {at}: '{first}' and '{second}' exchanged"),
            Edit::Looks(glyphs) if glyphs.is_empty() => f.write_str("looks the same"),
            Edit::Looks(glyphs) => {
                let glyphs: Vec<String> = glyphs.iter().map(ToString::to_string).collect();
                f.write_str(&glyphs.join(", "))
            }
            Edit::Variant => f.write_str("a variant by the TLD's own table"),
            Edit::Tail { at } => write!(f, "pos {at}: a dot before it"),
            Edit::Around { place, before, after, keywords } => {
                let what = match place {
                    Place::Token => "whole word",
                    Place::Prefix => "at the beginning",
                    Place::Suffix => "at the end",
                    Place::Inner => "inside",
                };
                f.write_str(what)?;
                if !before.is_empty() {
                    write!(f, ", '{before}' before it")?;
                }
                if !after.is_empty() {
                    write!(f, ", '{after}' after it")?;
                }
                keywords.iter().try_for_each(|word| write!(f, "; keyword '{word}'"))
            }
            Edit::OtherTld(tld) => write!(f, "stands under .{tld}"),
            Edit::Joined(meant) => write!(f, "'{meant}' without its dots"),
            Edit::Several(edits) => {
                let edits: Vec<String> = edits.iter().map(ToString::to_string).collect();
                f.write_str(&edits.join("; "))
            }
        }
    }
}
