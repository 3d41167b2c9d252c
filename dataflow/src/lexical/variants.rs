//! A TLD's own table of variants (label generation rules, RFC 7940): labels that its rules hold for the same.

use std::collections::BTreeMap;

/// The variants of one TLD. Without pairs it makes no two labels one.
#[derive(Clone, Debug, Default)]
pub struct Variants {
    /// By what is written, the first of its set.
    canonical: BTreeMap<Vec<char>, Vec<char>>,
    longest: usize,
}

impl Variants {
    /// The table of these pairs: a sequence of code points, and one that is a variant of it. Variants are symmetric and
    /// transitive, as RFC 7940 section 5.1 wants them.
    #[must_use]
    pub fn new(pairs: impl IntoIterator<Item = (Vec<char>, Vec<char>)>) -> Variants {
        let mut sets: BTreeMap<Vec<char>, usize> = BTreeMap::new();
        for (next, (a, b)) in pairs.into_iter().filter(|(a, b)| !a.is_empty() && !b.is_empty()).enumerate() {
            let first = sets.get(&a).copied().unwrap_or(next);
            let second = sets.get(&b).copied().unwrap_or(first);
            sets.insert(a, first);
            sets.insert(b, first);
            sets.values_mut().filter(|set| **set == second).for_each(|set| *set = first);
        }
        let mut least: BTreeMap<usize, Vec<char>> = BTreeMap::new();
        for (written, set) in &sets {
            least.entry(*set).or_insert_with(|| written.clone());
        }
        let longest = sets.keys().map(Vec::len).max().unwrap_or_default();
        let canonical = sets.into_iter().filter_map(|(written, set)| Some((written, least.get(&set)?.clone())));
        Variants { canonical: canonical.collect(), longest }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.canonical.is_empty()
    }

    /// The form that all variants of a label have in common; the longest sequence counts.
    pub(super) fn canonical(&self, label: &[char]) -> Vec<char> {
        let mut form = Vec::with_capacity(label.len());
        let mut rest = label;
        while let Some((first, others)) = rest.split_first() {
            let known = (1..=self.longest.min(rest.len())).rev().find_map(|length| {
                let (head, tail) = rest.split_at(length);
                self.canonical.get(head).map(|least| (least, tail))
            });
            if let Some((least, tail)) = known {
                form.extend(least);
                rest = tail;
            } else {
                form.push(*first);
                rest = others;
            }
        }
        form
    }
}

#[cfg(test)]
mod tests {
    use super::Variants;

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    #[test]
    fn variants_are_symmetric_and_transitive_whatever_their_order() {
        let pairs =
            [("в", "b"), ("ß", "ss"), ("β", "b"), ("x", "y"), ("y", "в")].map(|(a, b)| (chars(a), chars(b)));
        let mut turned = pairs.clone();
        turned.reverse();
        for table in [Variants::new(pairs), Variants::new(turned)] {
            let same = |a: &str, b: &str| table.canonical(&chars(a)) == table.canonical(&chars(b));
            assert!(same("вob", "bob") && same("βob", "xoy") && same("straße", "strasse"));
            assert!(!same("bob", "bab"));
        }
        assert!(Variants::default().is_empty());
    }
}
