//! The protected names as a compact index, in which a label's few keys are looked up.
//!
//! A label of n characters has n + 1 keys for one slip, one for what it looks like, and one for each place at which a
//! protected name could begin; [`super::gates`] tell most labels that they need none of them. What has a key in common
//! with it is compared in full ([`super::compare`]). A label beyond ASCII is decoded first, and asked for all keys. The
//! index does not change: a list of 10,000 names is indexed anew within a few milliseconds.

use std::sync::Arc;

use super::compare::{Candidate, Rules, Ways, compare};
use super::far::{Far, FarKeys};
use super::fold;
use super::gates::{GateKeys, Gates, Glance, narrowed};
use super::glyphs;
use super::hash::{LONGEST, Prefixes, whole};
use super::multimap::Multimap;
use super::tables::Tables;
use super::target::{ProtectedName, Target};
use super::technique::{Edit, Technique};
use super::typing;
use super::variants::Variants;
use super::words::Words;

/// A label that imitates a protected name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Typosquat {
    /// The place of the protected name in [`Index::names`].
    pub target: u32,
    /// How, and what was done; in order, each technique once, at least one.
    pub findings: Vec<(Technique, Edit)>,
}

/// Protected names, ready to be found.
#[derive(Debug)]
pub struct Index {
    tables: Arc<Tables>,
    variants: Arc<Variants>,
    tld: String,
    targets: Vec<Target>,
    near: Multimap,
    whole: Multimap,
    looks: Multimap,
    variant: Multimap,
    far: Far,
    words: Words,
    gates: Gates,
}

/// Room that is used again from label to label.
#[derive(Debug, Default)]
pub struct Scratch {
    found: Vec<(u32, u8)>,
}

#[derive(Default)]
struct Keys {
    near: Vec<(u64, u32)>,
    whole: Vec<(u64, u32)>,
    looks: Vec<(u64, u32)>,
    variant: Vec<(u64, u32)>,
    far: FarKeys,
    gates: GateKeys,
}

fn key(text: &[char]) -> u64 {
    whole(text.iter().map(|c| u64::from(*c)))
}

pub(super) fn folded(reading: &[char]) -> u64 {
    let mut bytes = [0; 4];
    let mut text = Vec::with_capacity(reading.len());
    reading.iter().for_each(|c| text.extend_from_slice(c.encode_utf8(&mut bytes).as_bytes()));
    fold::hash(text.into_iter())
}

impl Keys {
    fn of(&mut self, tables: &Tables, variants: &Variants, target: &Target, number: u32) {
        let chars = target.shown.chars.as_slice();
        let prefixes = Prefixes::new(chars);
        self.near.push((prefixes.whole(chars), number));
        prefixes.deletions(chars, |key| self.near.push((key, number)));
        let text_of = |chars: &[char]| chars.iter().collect::<String>();
        let mut whole = |text: &str| self.whole.push((Glance::of(text.as_bytes()).whole, number));
        whole(&target.shown.text);
        typing::plurals_in_es(chars).for_each(|plural| whole(&text_of(&plural)));
        target.dots().filter_map(|at| chars.get(at..)).for_each(|end| whole(&text_of(end)));
        target.joined().iter().for_each(|(joined, _)| whole(joined));
        tables.cyrillic(chars).iter().for_each(|form| whole(&text_of(form)));
        let readings = glyphs::readings(tables, chars);
        self.looks.extend(readings.iter().map(|reading| (folded(reading), number)));
        self.gates.add(chars, &readings);
        if !variants.is_empty() {
            self.variant.push((key(&variants.canonical(chars)), number));
        }
        self.far.add(chars);
    }
}

impl Index {
    /// Indexes protected names for the labels of one TLD (of one zone, rather: `tld` may have dots).
    ///
    /// What is no label is left out, and cannot be found: empty, or longer than 63 octets. `variants` are those of the
    /// TLD's own rules.
    #[must_use]
    pub fn new(
        tables: Arc<Tables>,
        variants: Arc<Variants>,
        tld: &str,
        names: impl IntoIterator<Item = ProtectedName>,
    ) -> Index {
        let targets: Vec<Target> = names.into_iter().filter_map(Target::new).collect();
        let mut keys = Keys::default();
        for (target, number) in targets.iter().zip(0..) {
            keys.of(&tables, &variants, target, number);
        }
        let words = Words::new(&tables, targets.iter().map(|target| target.shown.text.as_str()));
        Index {
            tables,
            variants,
            tld: tld.to_owned(),
            targets,
            near: Multimap::new(keys.near),
            whole: Multimap::new(keys.whole),
            looks: Multimap::new(keys.looks),
            variant: Multimap::new(keys.variant),
            far: Far::new(keys.far),
            words,
            gates: Gates::new(&keys.gates),
        }
    }

    /// The tables by which labels are compared.
    #[must_use]
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// The protected names that were indexed, in the order in which they came.
    pub fn names(&self) -> impl Iterator<Item = &ProtectedName> {
        self.targets.iter().map(|target| &target.name)
    }

    /// The protected name of this number.
    #[must_use]
    pub fn name(&self, number: u32) -> Option<&ProtectedName> {
        self.targets.get(number as usize).map(|target| &target.name)
    }

    /// Bytes of the keys; about 550 a name, beside the names themselves.
    #[must_use]
    pub fn key_bytes(&self) -> usize {
        let maps = [&self.near, &self.whole, &self.looks, &self.variant];
        maps.into_iter().map(Multimap::heap_bytes).sum::<usize>()
            + self.words.heap_bytes()
            + self.far.heap_bytes()
            + self.gates.heap_bytes()
    }

    /// The protected names that a label (lower-case A-label, without its TLD) imitates, by number.
    ///
    /// What is longer than 63 octets imitates nothing.
    pub fn find(&self, label: &str, scratch: &mut Scratch) -> Vec<Typosquat> {
        scratch.found.clear();
        if label.len() > LONGEST {
            return Vec::new();
        }
        let mut decoded = None;
        if label.starts_with("xn--") {
            self.beyond_ascii(decoded.insert(Candidate::new(label)), &mut scratch.found);
        } else {
            self.ascii(label, &mut scratch.found);
        }
        if scratch.found.is_empty() {
            return Vec::new();
        }
        scratch.found.sort_unstable();
        let mut candidate = decoded.unwrap_or_else(|| Candidate::new(label));
        let groups = scratch.found.chunk_by(|a, b| a.0 == b.0);
        let pairs = groups.filter_map(|group| {
            let ways = group.iter().fold(0, |ways, (_, way)| ways | way);
            let target = group.first()?.0;
            let findings = self.compare(&mut candidate, target, Ways(ways));
            Some(Typosquat { target, findings }).filter(|pair| !pair.findings.is_empty())
        });
        pairs.collect()
    }

    /// What [`Index::find`] has to give, told without any key: each protected name is compared.
    #[must_use]
    pub fn find_by_comparing(&self, label: &str) -> Vec<Typosquat> {
        let mut candidate = Candidate::new(label);
        let pairs = (0..self.targets.len() as u32).map(|target| {
            let findings = self.compare(&mut candidate, target, Ways::ALL);
            Typosquat { target, findings }
        });
        pairs.filter(|pair| !pair.findings.is_empty() && label.len() <= LONGEST).collect()
    }

    fn compare(&self, candidate: &mut Candidate, target: u32, ways: Ways) -> Vec<(Technique, Edit)> {
        let rules = Rules { tables: &self.tables, variants: &self.variants, tld: &self.tld };
        let target = self.targets.get(target as usize);
        target.map(|target| compare(rules, candidate, target, ways)).unwrap_or_default()
    }

    fn ascii(&self, label: &str, found: &mut Vec<(u32, u8)>) {
        let text = label.as_bytes();
        let glance = Glance::of(text);
        look_up(&self.whole, glance.whole, Ways::WHOLE, found);
        if self.gates.slip(text) {
            self.slip(text, found);
        }
        self.two_slips(text, found);
        if self.gates.looks(&glance) {
            look_up(&self.looks, fold::hash(text.iter().copied()), Ways::LOOKS, found);
        }
        self.around(text, &glance, found);
        if !self.variants.is_empty() {
            let chars: Vec<char> = label.chars().collect();
            look_up(&self.variant, key(&self.variants.canonical(&chars)), Ways::VARIANT, found);
        }
    }

    fn beyond_ascii(&self, label: &mut Candidate, found: &mut Vec<(u32, u8)>) {
        let (text, chars) = (label.shown.text.as_bytes(), label.shown.chars.as_slice());
        let glance = Glance::of(text);
        look_up(&self.whole, glance.whole, Ways::WHOLE, found);
        self.slip(chars, found);
        self.two_slips(&narrowed(chars), found);
        self.around(text, &glance, found);
        if !self.variants.is_empty() {
            look_up(&self.variant, key(&self.variants.canonical(chars)), Ways::VARIANT, found);
        }
        for reading in label.readings(&self.tables) {
            look_up(&self.looks, folded(reading), Ways::LOOKS, found);
        }
    }

    fn slip<T: Copy + Into<u64>>(&self, text: &[T], found: &mut Vec<(u32, u8)>) {
        let prefixes = Prefixes::new(text);
        look_up(&self.near, prefixes.whole(text), Ways::NEAR, found);
        prefixes.deletions(text, |key| look_up(&self.near, key, Ways::NEAR, found));
    }

    #[inline]
    fn two_slips(&self, text: &[u8], found: &mut Vec<(u32, u8)>) {
        self.far.find(text, |number| found.push((number, Ways::FAR.0)));
    }

    #[inline]
    fn around(&self, text: &[u8], glance: &Glance, found: &mut Vec<(u32, u8)>) {
        self.words.find(text, glance.has_hyphen, |number| found.push((number, Ways::AROUND.0)));
    }
}

#[inline]
fn look_up(map: &Multimap, key: u64, way: Ways, found: &mut Vec<(u32, u8)>) {
    if map.may_hold(key) {
        found.extend(map.get(key).map(|number| (number, way.0)));
    }
}

/// The labels that a new protected name is looked for by, among the labels that there are: its own, those of all typing
/// techniques, its ends, its name with `www` or its suffix, and ASCII texts that are taken for it. U-labels, in order.
///
/// Not among them are names with words around them, names beyond ASCII, variants and two slips: labels that hold the
/// name, and labels that begin with `xn--`, are handed to an [`Index`] of the new name, and if it has 12 characters or
/// more, all labels of about its length that begin with its first character.
#[must_use]
pub fn candidates(tables: &Tables, name: &ProtectedName) -> Vec<String> {
    let Some(target) = Target::new(name.clone()) else { return Vec::new() };
    let chars = target.shown.chars.as_slice();
    let mut all = vec![target.shown.text.clone()];
    all.extend(typing::candidates(tables, chars).into_iter().map(|(_, label)| label));
    all.extend(target.dots().filter_map(|at| chars.get(at..)).map(|end| end.iter().collect::<String>()));
    all.extend(target.joined().into_iter().map(|(joined, _)| joined));
    for reading in &glyphs::readings(tables, chars) {
        all.push(reading.iter().collect());
        all.extend(
            glyphs::candidates(tables, reading).into_iter().map(|text| text.into_iter().collect::<String>()),
        );
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// The labels that the typing techniques make of a protected name, each with its technique; U-labels, in order.
#[must_use]
pub fn typing_candidates(tables: &Tables, name: &ProtectedName) -> Vec<(Technique, String)> {
    let target = Target::new(name.clone());
    target.map(|target| typing::candidates(tables, &target.shown.chars).into_iter().collect()).unwrap_or_default()
}
