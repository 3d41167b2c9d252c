//! What tells at once that a label does not imitate a new protected name, so that few labels are held against it in full.

use std::collections::BTreeSet;

use super::far::Outline;
use super::glyphs;
use super::index::folded;
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::lexical::{Index, Scratch};

    /// What is written for a letter, by a draw.
    fn written(letter: char, draw: u8) -> char {
        let others = match letter {
            'a' => "aаáà",
            'e' => "eеéè",
            'o' => "oоöó",
            'p' => "pр",
            'c' => "cсç",
            'i' => "iіí",
            'y' => "yуý",
            'n' => "nñ",
            _ => return letter,
        };
        others.chars().nth(usize::from(draw) % others.chars().count()).unwrap_or(letter)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn what_imitates_a_name_could_imitate_it(
            name in prop_oneof![Just("paypal"), Just("bankofireland"), Just("epcc"), Just("yopeace")],
            draws in proptest::collection::vec(0..4_u8, 16),
            around in prop_oneof![Just(("", "")), Just(("mein-", "")), Just(("", "-lögin")), Just(("ü", "shop"))],
            slip in proptest::option::of((0..16_usize, proptest::option::of("[a-zéа]"))),
        ) {
            let mut chars: Vec<char> = name.chars().zip(&draws).map(|(c, draw)| written(c, *draw)).collect();
            if let Some((at, put)) = slip {
                let at = at % chars.len();
                chars.splice(at..=at, put.iter().flat_map(|text| text.chars()));
            }
            let text = format!("{}{}{}", around.0, chars.iter().collect::<String>(), around.1);
            let Some(code) = idna::punycode::encode_str(&text).filter(|_| !text.is_ascii()) else { return Ok(()) };
            let label = format!("xn--{code}");
            let (tables, name) = (Arc::new(Tables::shipped()), ProtectedName::new(name, "com"));
            let index = Index::new(Arc::clone(&tables), Arc::default(), "xx", [name.clone()]);
            let found = index.find(&label, &mut Scratch::default());
            let could = Encoded::new(&tables, &label).could_imitate(&Sought::new(&tables, &name));
            prop_assert!(found.is_empty() || could, "{text}: {found:?}");
        }
    }
}
