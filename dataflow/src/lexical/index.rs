//! The protected names as a compact index, in which a label's few keys are looked up.
//!
//! A label of n characters has n + 1 keys for one slip, one for what it looks like, and one for each place at which a
//! protected name could begin. What has a key in common with it is compared in full ([`super::compare`]). A label beyond
//! ASCII is decoded first. The index does not change: a list of 10,000 names is indexed anew within a few milliseconds.

use std::sync::Arc;

use super::combo::SHORT;
use super::compare::{Candidate, Rules, Ways, compare};
use super::distance::LONG;
use super::fold;
use super::glyphs;
use super::hash::{LONGEST, Prefixes, mix, whole};
use super::multimap::{Filter, Multimap};
use super::tables::Tables;
use super::target::{ProtectedName, Target};
use super::technique::{Edit, Technique};
use super::typing;
use super::variants::Variants;

/// The head of a long name that one slip leaves recognisable, and the tail that two slips ahead of it leave whole.
const HEAD: usize = 7;
const TAIL: usize = 4;
/// Names of so many bytes are found by this many at once, shorter ones by the [`SHORT`] that they have at least.
const WINDOW: usize = 8;

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
    beginnings: Multimap,
    long_beginnings: Multimap,
    short: Multimap,
    heads: Multimap,
    tails: Multimap,
    /// Where names begin, and where heads that one slip leaves recognisable may be: most labels are done with these.
    starts: Filter,
    hints: Filter,
    /// The texts of all names, one after the other, and where each ends.
    texts: Vec<u8>,
    ends: Vec<u32>,
    outlines: Vec<Outline>,
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
    beginnings: Vec<(u64, u32)>,
    long_beginnings: Vec<(u64, u32)>,
    short: Vec<(u64, u32)>,
    heads: Vec<(u64, u32)>,
    tails: Vec<(u64, u32)>,
    starts: Vec<u64>,
    hints: Vec<u64>,
}

fn key(text: &[char]) -> u64 {
    whole(text.iter().map(|c| u64::from(*c)))
}

/// The first character, which has to be the same, and the tail.
fn tail_key<T: Copy + Into<u64>>(text: &[T]) -> u64 {
    let tail = text.iter().skip(text.len().saturating_sub(TAIL));
    whole(text.first().into_iter().chain(tail).map(|c| (*c).into()))
}

/// The key of what a slip in the head of a long name leaves: its first character and three others.
#[inline]
fn hint<T: Copy + Into<u64>>(text: &[T], places: [usize; 4]) -> Option<u64> {
    let mut key = 0_u64;
    for place in places {
        key = (key << 16) ^ (*text.get(place)?).into();
    }
    // Those that begin alike are told from those that go on alike.
    Some(mix(key ^ ((places[1] > 1) as u64) << 40))
}

/// Where the hints of a name are: it begins with four of its characters, of which the last may be missing or have changed
/// places with the next; or a slip comes before three others.
const HINTS: [[usize; 4]; 3] = [[0, 1, 2, 3], [0, 1, 2, 4], [0, 4, 5, 6]];
/// And of a label: the three others may have moved by one.
const HINTED: [[usize; 4]; 4] = [[0, 1, 2, 3], [0, 3, 4, 5], [0, 4, 5, 6], [0, 5, 6, 7]];

pub(super) fn folded(reading: &[char]) -> u64 {
    let mut bytes = [0; 4];
    let mut text = Vec::with_capacity(reading.len());
    reading.iter().for_each(|c| text.extend_from_slice(c.encode_utf8(&mut bytes).as_bytes()));
    fold::hash(text.into_iter())
}

fn bytes(text: &[u8]) -> u64 {
    mix(text.iter().fold(0, |key, byte| key << 8 | u64::from(*byte)))
}

impl Keys {
    fn of(&mut self, tables: &Tables, variants: &Variants, target: &Target, number: u32) {
        let chars = target.shown.chars.as_slice();
        let text = target.shown.text.as_bytes();
        let prefixes = Prefixes::new(chars);
        self.near.push((prefixes.whole(chars), number));
        prefixes.deletions(chars, |key| self.near.push((key, number)));
        self.whole.push((key(chars), number));
        self.whole.extend(typing::plurals_in_es(chars).map(|plural| (key(&plural), number)));
        for at in target.dots() {
            self.whole.push((key(chars.get(at..).unwrap_or_default()), number));
        }
        let joined = target.joined().into_iter().map(|(joined, _)| joined.chars().collect::<Vec<_>>());
        self.whole.extend(joined.chain(tables.cyrillic(chars)).map(|form| (key(&form), number)));
        self.looks.extend(glyphs::readings(tables, chars).iter().map(|reading| (folded(reading), number)));
        if !variants.is_empty() {
            self.variant.push((key(&variants.canonical(chars)), number));
        }
        self.starts.extend(text.get(..SHORT).map(bytes));
        match (text.get(..WINDOW), text.get(..SHORT)) {
            (Some(beginning), _) => self.long_beginnings.push((bytes(beginning), number)),
            (_, Some(beginning)) => self.beginnings.push((bytes(beginning), number)),
            _ => self.short.push((bytes(text), number)),
        }
        if let (true, Some((first, rest))) =
            (chars.len() >= LONG, chars.get(..HEAD).and_then(<[char]>::split_first))
        {
            self.heads.push((key(chars.get(..HEAD).unwrap_or_default()), number));
            self.hints.extend(HINTS.iter().filter_map(|places| hint(chars, *places)));
            for at in 0..rest.len() {
                let rest = rest.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, c)| *c);
                self.heads.push((key(&std::iter::once(*first).chain(rest).collect::<Vec<_>>()), number));
            }
            self.tails.push((tail_key(chars), number));
        }
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
        let (mut texts, mut ends) = (Vec::new(), Vec::with_capacity(targets.len()));
        for (target, number) in targets.iter().zip(0..) {
            keys.of(&tables, &variants, target, number);
            texts.extend_from_slice(target.shown.text.as_bytes());
            ends.push(texts.len() as u32);
        }
        let outlines = targets.iter().map(|target| Outline::new(&target.shown.chars)).collect();
        Index {
            tables,
            variants,
            tld: tld.to_owned(),
            targets,
            near: Multimap::new(keys.near),
            whole: Multimap::new(keys.whole),
            looks: Multimap::new(keys.looks),
            variant: Multimap::new(keys.variant),
            beginnings: Multimap::new(keys.beginnings),
            long_beginnings: Multimap::new(keys.long_beginnings),
            short: Multimap::new(keys.short),
            heads: Multimap::new(keys.heads),
            tails: Multimap::new(keys.tails),
            starts: Filter::new(&keys.starts),
            hints: Filter::new(&keys.hints),
            texts,
            ends,
            outlines,
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
        let maps = [
            &self.near,
            &self.whole,
            &self.looks,
            &self.variant,
            &self.beginnings,
            &self.long_beginnings,
            &self.short,
            &self.heads,
            &self.tails,
        ];
        maps.into_iter().map(Multimap::heap_bytes).sum::<usize>()
            + self.starts.heap_bytes()
            + self.hints.heap_bytes()
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
        self.slips(text, found);
        look_up(&self.looks, fold::hash(text.iter().copied()), Ways::LOOKS, found);
        self.words(text, found);
        if !self.variants.is_empty() {
            let chars: Vec<char> = label.chars().collect();
            look_up(&self.variant, key(&self.variants.canonical(&chars)), Ways::VARIANT, found);
        }
    }

    fn beyond_ascii(&self, label: &mut Candidate, found: &mut Vec<(u32, u8)>) {
        self.slips(&label.shown.chars, found);
        self.words(label.shown.text.as_bytes(), found);
        if !self.variants.is_empty() {
            look_up(&self.variant, key(&self.variants.canonical(&label.shown.chars)), Ways::VARIANT, found);
        }
        for reading in label.readings(&self.tables) {
            look_up(&self.looks, folded(reading), Ways::LOOKS, found);
        }
    }

    fn slips<T: Copy + Into<u64>>(&self, text: &[T], found: &mut Vec<(u32, u8)>) {
        let prefixes = Prefixes::new(text);
        look_up(&self.whole, prefixes.whole(text), Ways::WHOLE, found);
        look_up(&self.near, prefixes.whole(text), Ways::NEAR, found);
        prefixes.deletions(text, |key| look_up(&self.near, key, Ways::NEAR, found));
        if let (Some(shorter), Some(longer)) = (text.get(..HEAD), text.get(..=HEAD))
            && text.len() + 1 >= LONG
        {
            let outline = Outline::new(text);
            let mut far = |map: &Multimap, key| {
                if map.may_hold(key) {
                    let like =
                        |number: &u32| self.outlines.get(*number as usize).is_some_and(|it| it.is_like(outline));
                    found.extend(map.get(key).filter(like).map(|number| (number, Ways::FAR.0)));
                }
            };
            far(&self.tails, tail_key(text));
            let is_hint = |places: &[usize; 4]| hint(text, *places).is_some_and(|key| self.hints.may_hold(key));
            if HINTED.iter().any(is_hint) {
                far(&self.heads, prefixes.whole(shorter));
                prefixes.deletions(shorter, |key| far(&self.heads, key));
                prefixes.deletions(longer, |key| far(&self.heads, key));
            }
        }
    }

    #[inline]
    fn beginning(&self, map: &Multimap, key: u64, rest: &[u8], found: &mut Vec<(u32, u8)>) {
        if map.may_hold(key) {
            let begins = |number: &u32| rest.starts_with(self.text(*number));
            found.extend(map.get(key).filter(begins).map(|number| (number, Ways::AROUND.0)));
        }
    }

    fn text(&self, number: u32) -> &[u8] {
        let end = |number: u32| self.ends.get(number as usize).map_or(0, |end| *end as usize);
        let start = number.checked_sub(1).map_or(0, end);
        self.texts.get(start..end(number)).unwrap_or_default()
    }

    /// Names that begin somewhere in the label, and short ones that stand between hyphens or ends.
    fn words(&self, text: &[u8], found: &mut Vec<(u32, u8)>) {
        let mut window = 0_u64;
        for (end, byte) in (1..).zip(text) {
            window = (window << 8 | u64::from(*byte)) & (u64::MAX >> (64 - 8 * SHORT));
            let key = mix(window);
            if end < SHORT || !self.starts.may_hold(key) {
                continue;
            }
            let rest = text.get(end - SHORT..).unwrap_or_default();
            self.beginning(&self.beginnings, key, rest, found);
            if let Some(beginning) = rest.first_chunk::<WINDOW>() {
                self.beginning(&self.long_beginnings, mix(u64::from_be_bytes(*beginning)), rest, found);
            }
        }
        if !text.contains(&b'-') {
            return;
        }
        let begins = |at: usize| at == 0 || text.get(at - 1) == Some(&b'-');
        for begin in (0..text.len()).filter(|at| begins(*at)) {
            for end in (begin + 1..text.len().min(begin + SHORT - 1) + 1)
                .filter(|end| matches!(text.get(*end), None | Some(b'-')))
            {
                look_up(&self.short, bytes(text.get(begin..end).unwrap_or_default()), Ways::AROUND, found);
            }
        }
    }
}

/// Length and characters of a text, as far as they tell at once that two texts are not within two slips of each other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outline {
    length: usize,
    /// Which characters there are, modulo 32; in the upper half, which there are more than once.
    characters: u64,
}

impl Outline {
    pub(super) fn new<T: Copy + Into<u64>>(text: &[T]) -> Outline {
        let characters = text.iter().fold(0, |all: u64, character| {
            let bit = 1_u64 << ((*character).into() % 32);
            all | bit | ((all & bit) << 32)
        });
        Outline { length: text.len(), characters }
    }

    /// A slip changes at most two of the bits, by which one character goes and another comes.
    pub(super) fn is_like(self, other: Outline) -> bool {
        self.length.abs_diff(other.length) <= 1 && (self.characters ^ other.characters).count_ones() <= 4
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
