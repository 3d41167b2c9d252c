//! Names that came in one go: substrings and shapes that are rare in a zone and that several of a day's new names share.
//!
//! That somebody registers a hundred names with one word in them is no abuse; it says which names belong together. So
//! this is a reason beside others and never a verdict. It does not find lists of unlike words.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use compact_str::CompactString;
use panopticon_model::campaign::SharedTrait;

/// Octets of the substrings that are counted.
const GRAM: usize = 6;
/// New names that share something: fewer are no campaign.
const LEAST: usize = 5;
/// How many times as many as the zone has in the same number of its names.
const TIMES: u64 = 30;
/// A label of a shape that is counted has so many octets at least.
const SHORTEST: usize = 6;

/// What is looked for in a zone: what at least five new names of a day share.
#[derive(Debug)]
pub struct Campaigns<'n> {
    labels: Vec<&'n str>,
    grams: HashMap<u64, Shared>,
    shapes: HashMap<CompactString, Shared>,
    /// Which hashes of substrings are looked for: most of a zone are none of them.
    sieve: Vec<u64>,
    zone: u64,
}

/// A campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Labels of its names, sorted.
    pub labels: Vec<CompactString>,
    /// How many other names of the zone have the same trait.
    pub others: u64,
}

/// What shares a trait.
#[derive(Debug, Default)]
struct Shared {
    /// New names, by their number.
    new: Vec<u32>,
    /// Names of the zone, the new ones too.
    zone: u64,
}

impl<'n> Campaigns<'n> {
    /// What the labels of a day's new names share, each label once; those of IDNs are passed over.
    #[must_use]
    pub fn of_day(labels: impl IntoIterator<Item = &'n str>) -> Campaigns<'n> {
        let labels: BTreeSet<&str> = labels.into_iter().filter(|label| !label.starts_with("xn--")).collect();
        let labels: Vec<&str> = labels.into_iter().collect();
        let (mut grams, mut shapes) = (HashMap::<u64, Shared>::new(), HashMap::<CompactString, Shared>::new());
        for (number, label) in (0..).zip(&labels) {
            // A label may have a substring twice.
            let own: BTreeSet<u64> = grams_of(label).collect();
            own.into_iter().for_each(|gram| grams.entry(gram).or_default().new.push(number));
            if let Some(shape) = shape(label) {
                shapes.entry(shape).or_default().new.push(number);
            }
        }
        grams.retain(|_, shared| shared.new.len() >= LEAST);
        shapes.retain(|_, shared| shared.new.len() >= LEAST);
        let mut sieve = vec![0; SIEVE / 64];
        for gram in grams.keys() {
            let place = place(*gram);
            sieve[place / 64] |= 1 << (place % 64);
        }
        Campaigns { labels, grams, shapes, sieve, zone: 0 }
    }

    /// Whether nothing is looked for: then no zone needs to be read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.grams.is_empty() && self.shapes.is_empty()
    }

    /// Counts a label of the zone, a new one or not.
    pub fn note(&mut self, label: &str) {
        self.zone += 1;
        let mut own: Vec<u64> = Vec::new();
        for gram in grams_of(label) {
            let place = place(gram);
            if self.sieve[place / 64] >> (place % 64) & 1 == 1 && !own.contains(&gram) {
                own.push(gram);
            }
        }
        for gram in own {
            self.grams.entry(gram).and_modify(|shared| shared.zone += 1);
        }
        if !self.shapes.is_empty()
            && let Some(shape) = shape(label)
            && let Some(shared) = self.shapes.get_mut(&shape)
        {
            shared.zone += 1;
        }
    }

    /// The campaigns, by what their names share: the largest first where several share names.
    #[must_use]
    pub fn found(self) -> BTreeMap<SharedTrait, Found> {
        let new = self.labels.len() as u64;
        let is_rare = |shared: &Shared| {
            let count = shared.new.len() as u64;
            let (others, of) = (shared.zone.saturating_sub(count), self.zone.saturating_sub(new));
            // As if one more had it, for what nobody has says nothing of a small zone.
            u128::from(count) * u128::from(of + 1) >= u128::from(TIMES) * u128::from(new) * u128::from(others + 1)
        };
        let mut traits: BTreeMap<SharedTrait, &Shared> = BTreeMap::new();
        for shared in self.grams.values().filter(|shared| is_rare(shared)) {
            let Some(text) = self.shared_text(shared) else { continue };
            let known = traits.entry(SharedTrait::Substring(text)).or_insert(shared);
            // Texts that differ by a hyphen at an end are one; whichever comes first, the same stays.
            if (known.new.len(), &known.new) < (shared.new.len(), &shared.new) {
                *known = shared;
            }
        }
        let shapes = self.shapes.iter().filter(|(_, shared)| is_rare(shared));
        traits.extend(shapes.map(|(shape, shared)| (SharedTrait::Shape(shape.clone()), shared)));
        let mut order: Vec<(SharedTrait, &Shared)> = traits.into_iter().collect();
        order.sort_by(|(one, a), (other, b)| b.new.len().cmp(&a.new.len()).then_with(|| one.cmp(other)));
        let mut taken = BTreeSet::new();
        let mut found = BTreeMap::new();
        for (what, shared) in order {
            let free: Vec<u32> = shared.new.iter().copied().filter(|number| !taken.contains(number)).collect();
            if free.len() < LEAST {
                continue;
            }
            let label = |number: &u32| self.labels.get(*number as usize).map(|label| CompactString::from(*label));
            let labels: Vec<CompactString> = shared.new.iter().filter_map(label).collect();
            taken.extend(free);
            let others = shared.zone.saturating_sub(labels.len() as u64);
            found.insert(what, Found { labels, others });
        }
        found
    }

    /// The longest text around a substring that all of its names have.
    fn shared_text(&self, shared: &Shared) -> Option<CompactString> {
        let labels: Vec<&[u8]> =
            shared.new.iter().filter_map(|number| Some(self.labels.get(*number as usize)?.as_bytes())).collect();
        let first = *labels.first()?;
        let is_in_all = |part: &[u8]| labels.iter().all(|label| memchr::memmem::find(label, part).is_some());
        let start = (0..first.len().saturating_sub(GRAM - 1)).find(|at| {
            let gram = first.get(*at..at + GRAM).and_then(gram_of);
            gram.and_then(|gram| self.grams.get(&gram)).is_some_and(|of| std::ptr::eq(of, shared))
        })?;
        let (mut from, mut to) = (start, start + GRAM);
        while from > 0 && is_in_all(first.get(from - 1..to)?) {
            from -= 1;
        }
        while to < first.len() && is_in_all(first.get(from..to + 1)?) {
            to += 1;
        }
        Some(CompactString::from(std::str::from_utf8(first.get(from..to)?).ok()?.trim_matches('-')))
    }
}

/// Bits of the sieve.
const SIEVE: usize = 1 << 18;

fn place(gram: u64) -> usize {
    (gram.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 46) as usize
}

fn gram_of(octets: &[u8]) -> Option<u64> {
    let mut word = [0; 8];
    word.get_mut(..GRAM)?.copy_from_slice(octets);
    Some(u64::from_le_bytes(word))
}

fn grams_of(label: &str) -> impl Iterator<Item = u64> {
    label.as_bytes().windows(GRAM).filter_map(gram_of)
}

/// The shape of a label that has digits: letters are `a`, digits `9`. None of another, whose shape is its length.
fn shape(label: &str) -> Option<CompactString> {
    let has_digits = label.bytes().any(|octet| octet.is_ascii_digit());
    let class = |octet: u8| match octet {
        b'0'..=b'9' => '9',
        b'-' => '-',
        _ => 'a',
    };
    (has_digits && label.len() >= SHORTEST).then(|| label.bytes().map(class).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(new: &[&str], zone: &[String]) -> Vec<(String, usize, u64)> {
        let mut campaigns = Campaigns::of_day(new.iter().copied());
        new.iter().copied().chain(zone.iter().map(String::as_str)).for_each(|label| campaigns.note(label));
        let found = campaigns.found().into_iter();
        found.map(|(what, campaign)| (what.to_string(), campaign.labels.len(), campaign.others)).collect()
    }

    fn zone(count: u32) -> Vec<String> {
        (0..count).map(|n| format!("garden{}shop", ["en", "er", "s", "ing", "y"][n as usize % 5])).collect()
    }

    #[test]
    fn what_five_new_names_share_and_the_zone_does_not() {
        let series = ["projackpot-a", "bestprojackpot", "projackpot77", "myprojackpots", "projackpotnow"];
        let expected = vec![("`projackpot`".to_owned(), 5, 0)];
        assert_eq!(found(&series, &zone(1000)), expected);
        assert_eq!(found(&series[1..], &zone(1000)), [], "four are none");
        // What the zone is full of is no campaign.
        let usual: Vec<String> = (0..100).map(|n| format!("projackpot{n}")).collect();
        assert_eq!(found(&series, &[zone(1000), usual].concat()), []);
    }

    #[test]
    fn what_is_found_is_the_same_every_time() {
        let series: Vec<String> =
            (0..12).map(|n| if n % 2 == 0 { format!("x{n}-jackpot") } else { format!("jackpot-{n}y") }).collect();
        let series: Vec<&str> = series.iter().map(String::as_str).collect();
        let first = found(&series, &zone(1000));
        // The maps inside begin with another secret each time.
        assert!((0..20).all(|_| found(&series, &zone(1000)) == first), "{first:?}");
        assert_eq!(first, [("`jackpot`".to_owned(), 12, 0)]);
    }

    #[test]
    fn names_of_one_shape() {
        let series = ["qx81123", "bt99214", "zk11290", "pl77120", "vm31313", "ordinaryname", "anothername"];
        assert_eq!(found(&series, &zone(1000)), [("the shape `aa99999`".to_owned(), 5, 0)]);
    }

    #[test]
    fn a_small_zone_says_little() {
        let series = ["projackpot-a", "bestprojackpot", "projackpot77", "myprojackpots", "projackpotnow"];
        assert_eq!(found(&series, &zone(20)), []);
        assert!(Campaigns::of_day(["one", "two"]).is_empty());
    }
}
