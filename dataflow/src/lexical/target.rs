//! A protected name, and what is computed of it once.

use compact_str::CompactString;

use super::glyphs;
use super::hash;
use super::tables::Tables;
use super::variants::Variants;

/// A name that is not to be imitated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProtectedName {
    /// Its label before the public suffix, lower-case, as A-label.
    pub label: CompactString,
    /// The public suffix under which it stands, without a leading dot.
    pub suffix: CompactString,
    /// Its trade, as keyword lists name it; a keyword of it weighs more.
    pub sector: Option<CompactString>,
    /// It is also a common word, so that likeness says little.
    pub common_word: bool,
}

impl ProtectedName {
    /// A name of no sector that is no common word.
    #[must_use]
    pub fn new(label: &str, suffix: &str) -> ProtectedName {
        ProtectedName { label: label.into(), suffix: suffix.into(), sector: None, common_word: false }
    }
}

/// A label as people see it.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub(super) text: String,
    pub(super) chars: Vec<char>,
}

impl Shown {
    /// Decodes an A-label; what is no punycode, or too long for a label, is seen as it is written.
    pub(super) fn new(label: &str) -> Shown {
        let decoded = label.strip_prefix("xn--").and_then(idna::punycode::decode_to_string);
        let text = decoded.unwrap_or_else(|| label.to_owned());
        Shown { chars: text.chars().collect(), text }
    }
}

/// A protected name with all forms of it that labels are compared with.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) name: ProtectedName,
    pub(super) shown: Shown,
    pub(super) readings: Vec<Vec<char>>,
    pub(super) cyrillic: Option<Vec<char>>,
    pub(super) variant: Vec<char>,
    /// Labels that hold the name and what stands beside it in full names, and those full names.
    pub(super) joined: Vec<(String, String)>,
}

impl Target {
    /// `None` for what is no label: empty, or longer than 63 characters.
    pub(super) fn new(tables: &Tables, variants: &Variants, name: ProtectedName) -> Option<Target> {
        let shown = Shown::new(&name.label);
        if shown.chars.is_empty() || shown.chars.len() > hash::LONGEST || name.label.len() > hash::LONGEST {
            return None;
        }
        let text = &shown.text;
        let full = format!("{text}.{}", name.suffix);
        let mut joined = Vec::new();
        if !name.suffix.is_empty() {
            let bare = name.suffix.replace('.', "");
            joined.push((format!("{text}{bare}"), full.clone()));
            joined.push((format!("{text}-{}", name.suffix.replace('.', "-")), full.clone()));
        }
        joined.push((format!("www{text}"), format!("www.{full}")));
        joined.push((format!("www-{text}"), format!("www.{full}")));
        Some(Target {
            readings: glyphs::readings(tables, &shown.chars),
            cyrillic: tables.cyrillic(&shown.chars),
            variant: variants.canonical(&shown.chars),
            joined,
            shown,
            name,
        })
    }

    /// Where a dot could stand in the name so that its end is a name of its own.
    pub(super) fn dots(&self) -> impl Iterator<Item = usize> {
        let chars = &self.shown.chars;
        let letter = |at: usize| chars.get(at).is_some_and(|c| !matches!(c, '-' | '.'));
        (1..chars.len().saturating_sub(1)).filter(move |at| letter(*at) && letter(at - 1))
    }
}
