//! All ways in which one label imitates one protected name: the specification that the index only speeds up.

use super::combo;
use super::distance;
use super::glyphs;
use super::tables::Tables;
use super::target::{Shown, Target};
use super::technique::{Edit, Technique};
use super::typing::{self, Finding};
use super::variants::Variants;

/// Which ways are to be looked at: a set of bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ways(pub(super) u8);

impl Ways {
    /// One slip.
    pub(super) const NEAR: Ways = Ways(1);
    /// Other labels that are made of the name alone.
    pub(super) const WHOLE: Ways = Ways(2);
    /// Readings.
    pub(super) const LOOKS: Ways = Ways(4);
    /// Variants of the TLD.
    pub(super) const VARIANT: Ways = Ways(8);
    /// Words around the name.
    pub(super) const AROUND: Ways = Ways(16);
    /// Two slips.
    pub(super) const FAR: Ways = Ways(32);
    /// All of them.
    pub(super) const ALL: Ways = Ways(63);

    fn has(self, way: Ways) -> bool {
        self.0 & way.0 != 0
    }
}

/// What labels are compared by.
#[derive(Clone, Copy)]
pub(super) struct Rules<'a> {
    pub(super) tables: &'a Tables,
    pub(super) variants: &'a Variants,
    /// The TLD of the labels.
    pub(super) tld: &'a str,
}

/// A label that is compared, with its readings once they were asked for.
pub(super) struct Candidate {
    pub(super) shown: Shown,
    readings: Option<Vec<Vec<char>>>,
}

impl Candidate {
    pub(super) fn new(label: &str) -> Candidate {
        Candidate { shown: Shown::new(label), readings: None }
    }

    pub(super) fn readings(&mut self, tables: &Tables) -> &[Vec<char>] {
        self.readings.get_or_insert_with(|| glyphs::readings(tables, &self.shown.chars))
    }
}

/// Each technique that leads from the protected name to the label, with what it did; in order, each once.
pub(super) fn compare(rules: Rules<'_>, label: &mut Candidate, target: &Target, ways: Ways) -> Vec<Finding> {
    if label.shown.chars == target.shown.chars {
        let other = target.name.suffix != rules.tld && ways.has(Ways::WHOLE);
        let edit = Edit::OtherTld(target.name.suffix.to_string());
        return Some((Technique::TldSwap, edit)).filter(|_| other).into_iter().collect();
    }
    let mut found = Vec::new();
    // `es` inside is two characters longer, and found by its whole label.
    if ways.has(Ways::NEAR) || ways.has(Ways::WHOLE) {
        found.extend(typing::slips(rules.tables, &label.shown.chars, &target.shown.chars));
    }
    if ways.has(Ways::WHOLE) {
        whole(rules.tables, &label.shown, target, &mut found);
    }
    if ways.has(Ways::LOOKS)
        && let Some(edit) = looks(rules.tables, label, target)
    {
        found.push((Technique::Homoglyph, edit));
    } else if ways.has(Ways::VARIANT)
        && !rules.variants.is_empty()
        && rules.variants.canonical(&label.shown.chars) == rules.variants.canonical(&target.shown.chars)
    {
        found.push((Technique::Homoglyph, Edit::Variant));
    }
    if ways.has(Ways::AROUND)
        && let Some(edit) = combo::around(rules.tables, &label.shown.text, &target.shown.text)
    {
        found.push((Technique::Combosquatting, edit));
    }
    if ways.has(Ways::FAR)
        && found.is_empty()
        && let Some(edits) = distance::two_slips(&label.shown.chars, &target.shown.chars)
    {
        found.push((Technique::DistanceTwo, Edit::Several(edits)));
    }
    found.sort_unstable();
    found
}

fn looks(tables: &Tables, label: &mut Candidate, target: &Target) -> Option<Edit> {
    let chars = label.shown.chars.clone();
    let names = glyphs::readings(tables, &target.shown.chars);
    let pairs = label.readings(tables).iter().flat_map(|reading| names.iter().map(move |name| (reading, name)));
    let seen = pairs.filter_map(|(reading, name)| glyphs::looks_like(tables, &chars, reading, name));
    seen.min_by_key(Vec::len).map(Edit::Looks)
}

fn whole(tables: &Tables, label: &Shown, target: &Target, found: &mut Vec<Finding>) {
    if !label.text.is_ascii() && tables.cyrillic(&target.shown.chars).as_ref() == Some(&label.chars) {
        found.push((Technique::Cyrillic, Edit::Looks(Vec::new())));
    }
    let at = target.shown.chars.len().saturating_sub(label.chars.len());
    if target.shown.chars.ends_with(&label.chars) && target.dots().any(|dot| dot == at) {
        found.push((Technique::Subdomain, Edit::Tail { at: at + 1 }));
    }
    if let Some((_, full)) = target.joined().into_iter().find(|(joined, _)| *joined == label.text) {
        found.push((Technique::Various, Edit::Joined(full)));
    }
}
