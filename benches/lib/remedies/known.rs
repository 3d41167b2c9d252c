//! What public lists say of a name beside the feeds: whether it is popular, and when it was new.

use std::collections::BTreeMap;

use compact_str::CompactString;
use panopticon_model::time::Day;

use super::listings::Listings;

/// What is known, of the registrable domains that are listed and of no others.
#[derive(Clone, Debug, Default)]
pub struct Known {
    facts: BTreeMap<CompactString, Fact>,
}

/// What is known of a registrable domain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fact {
    /// Whether it is among the million of Tranco.
    pub is_popular: bool,
    /// The best tier of any ranking that gives tiers: its lowest place.
    pub tier: Option<u32>,
    /// The first day on which it was seen among newly registered names.
    pub registered: Option<Day>,
}

/// The place of a name of which nothing is known but that it is among the million.
const LAST: u32 = 1_000_000;

impl Fact {
    /// The place in the ranking, or a worse one.
    #[must_use]
    pub fn rank(self) -> Option<u32> {
        self.tier.or(self.is_popular.then_some(LAST))
    }
}

impl Known {
    /// Nothing yet, of the names in `listings`.
    #[must_use]
    pub fn of(listings: &Listings) -> Known {
        let places = listings.subjects().flat_map(|(_, listed)| listed).map(|listed| &listed.observable.place);
        let names = places.filter_map(|place| place.registrable_domain());
        Known { facts: names.map(|name| (name.into(), Fact::default())).collect() }
    }

    /// What is known of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Fact {
        self.facts.get(name).copied().unwrap_or_default()
    }

    /// Reads a line of the million: a name.
    pub fn popular(&mut self, line: &str) {
        if let Some(fact) = self.facts.get_mut(line) {
            fact.is_popular = true;
        }
    }

    /// Reads a line of the tiers: list, lowest place of the tier, version, name.
    pub fn tier(&mut self, line: &str) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [_, tier, _, name] = fields[..] else { return };
        if let (Some(fact), Ok(tier)) = (self.facts.get_mut(name), tier.parse()) {
            fact.tier = Some(fact.tier.map_or(tier, |best| best.min(tier)));
        }
    }

    /// Reads a line of newly registered names: first day, list, name.
    pub fn registered(&mut self, line: &str) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [day, _, name] = fields[..] else { return };
        if let (Some(fact), Ok(day)) = (self.facts.get_mut(name), day.parse()) {
            fact.registered = Some(fact.registered.map_or(day, |first| first.min(day)));
        }
    }
}
