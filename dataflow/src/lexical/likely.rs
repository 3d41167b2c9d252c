//! What tells at once that a label does not imitate a new protected name, so that few labels are held against it in full.

use std::collections::BTreeSet;

use super::glyphs;
use super::index::{Outline, folded};
use super::tables::Tables;
use super::target::{ProtectedName, Shown};

/// A label that begins with `xn--`, as far as a new name wants to know it.
pub(crate) struct Encoded {
    shown: Shown,
    outline: Outline,
    looks: Vec<u64>,
}

/// A protected name in ASCII, as such labels are asked for it.
pub(crate) struct Sought {
    text: String,
    outline: Outline,
    looks: BTreeSet<u64>,
    cyrillic: Option<Vec<char>>,
}

impl Encoded {
    pub(crate) fn new(tables: &Tables, label: &str) -> Encoded {
        let shown = Shown::new(label);
        let looks = glyphs::readings(tables, &shown.chars).iter().map(|reading| folded(reading)).collect();
        Encoded { outline: Outline::new(&shown.chars), looks, shown }
    }

    /// Whether the label could imitate the name. It is beyond ASCII and the name is not, so it is no other label that is
    /// made of the name alone; what is only called `xn--` could be anything.
    pub(crate) fn could_imitate(&self, name: &Sought) -> bool {
        self.shown.text.is_ascii()
            || self.outline.is_like(name.outline)
            || self.looks.iter().any(|look| name.looks.contains(look))
            || name.cyrillic.as_ref() == Some(&self.shown.chars)
            || self.shown.text.contains(&name.text)
    }
}

impl Sought {
    pub(crate) fn new(tables: &Tables, name: &ProtectedName) -> Sought {
        let shown = Shown::new(&name.label);
        let looks = glyphs::readings(tables, &shown.chars).iter().map(|reading| folded(reading)).collect();
        let (outline, cyrillic) = (Outline::new(&shown.chars), tables.cyrillic(&shown.chars));
        Sought { text: shown.text, outline, looks, cyrillic }
    }

    /// Whether a label in ASCII could be within two slips of the name.
    pub(crate) fn is_near(&self, label: &[u8]) -> bool {
        Outline::new(label).is_like(self.outline)
    }
}
