//! A protected name, and what is computed of it once.

use compact_str::CompactString;
use panopticon_model::lookalike;
use serde::{Deserialize, Serialize};

use super::hash;

/// A name that is not to be imitated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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

impl From<lookalike::Target> for ProtectedName {
    fn from(target: lookalike::Target) -> ProtectedName {
        let lookalike::Target { label, suffix, sector, common_word } = target;
        ProtectedName { label, suffix, sector, common_word }
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

/// A protected name as labels are compared with it. Forms of it that are seldom asked for are made when they are.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) name: ProtectedName,
    pub(super) shown: Shown,
}

impl Target {
    /// `None` for what is no label: empty, or longer than 63 characters.
    pub(super) fn new(name: ProtectedName) -> Option<Target> {
        let shown = Shown::new(&name.label);
        let fits =
            !shown.chars.is_empty() && shown.chars.len() <= hash::LONGEST && name.label.len() <= hash::LONGEST;
        fits.then_some(Target { name, shown })
    }

    /// Labels that hold the name and what stands beside it in a full name, and that full name.
    pub(super) fn joined(&self) -> Vec<(String, String)> {
        let (text, suffix) = (&self.shown.text, &self.name.suffix);
        let full = format!("{text}.{suffix}");
        let www = format!("www.{full}");
        let mut joined = vec![(format!("www{text}"), www.clone()), (format!("www-{text}"), www)];
        if !suffix.is_empty() {
            joined.push((format!("{text}{}", suffix.replace('.', "")), full.clone()));
            joined.push((format!("{text}-{}", suffix.replace('.', "-")), full));
        }
        joined
    }

    /// Where a dot could stand in the name so that its end is a name of its own.
    pub(super) fn dots(&self) -> impl Iterator<Item = usize> {
        let chars = &self.shown.chars;
        let letter = |at: usize| chars.get(at).is_some_and(|c| !matches!(c, '-' | '.'));
        (1..chars.len().saturating_sub(1)).filter(move |at| letter(*at) && letter(at - 1))
    }
}
