//! `feed_scores`: what each feed is worth to a TLD.
//!
//! Of what a feed upholds now, either no other feed does (`unique`), or this one said so first of all (`first`), or
//! somebody else did. Each is `confirmed`; or `denied`, if something was measured of its subject and it did not pass
//! all the same; or nobody has looked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use compact_str::CompactString;

use crate::id::Id;
use crate::indicator::Indicator;
use crate::observable::Observable;
use crate::observation::{Finding, Observation, ObservationKey, ProbeKind, fetch_kind, own_targets};
use crate::sighting::{FeedId, Interval, Sighting, SightingKey, indicator_id};
use crate::time::{Epoch, HOUR_MS};
use crate::view::Standing;

/// How long after a feed begins to list something the first look at it may begin, in milliseconds.
pub const FIRST_LOOK_MS: u64 = HOUR_MS;

/// What scores are computed from.
#[derive(Clone, Copy, Debug)]
pub struct Scored<'a> {
    /// The views as of the instant.
    pub standing: &'a Standing,
    /// Sightings.
    pub sightings: &'a BTreeMap<SightingKey, Arc<Sighting>>,
    /// Observations.
    pub observations: &'a BTreeMap<ObservationKey, Arc<Observation>>,
    /// The vantages that must agree that something is gone.
    pub vantages: &'a [CompactString],
}

/// A row of the view `feed_scores`. All numbers are of indicators under the TLD.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FeedScore {
    /// What the feed upholds.
    pub live: u64,
    /// Of these: no other feed does.
    pub unique: u64,
    /// Of these: others do as well, and none ever said so before this one.
    pub first: u64,
    /// Of these: validated.
    pub confirmed: u64,
    /// Of these: not validated, though something that was measured of the subject counts.
    pub denied: u64,
    /// Of these: gone when the feed began to list it.
    pub dead_on_arrival: u64,
    /// What the feed took back as wrong, as long as that is kept.
    pub withdrawn: u64,
}

/// The scores by TLD and feed, of feeds of which a sighting under the TLD is kept.
#[must_use]
pub fn feed_scores(of: &Scored<'_>) -> BTreeMap<(CompactString, FeedId), FeedScore> {
    let looks = Looks::of(of);
    let mut scores: BTreeMap<(CompactString, FeedId), FeedScore> = BTreeMap::new();
    let mut sightings = of.sightings.iter().peekable();
    while let Some((SightingKey { feed, .. }, _)) = sightings.peek() {
        let mut said: BTreeMap<Id, Said<'_>> = BTreeMap::new();
        while let Some((_, sighting)) = sightings.next_if(|(key, _)| key.feed == *feed) {
            let id = indicator_id(sighting.observable.id, sighting.abuse_class);
            said.entry(id).or_insert_with(|| Said::nothing(&sighting.observable)).add(sighting);
        }
        for (id, said) in said {
            let tld = CompactString::from(said.observable.place.tld());
            let score = scores.entry((tld, feed.clone())).or_default();
            let upheld = of.standing.indicators.get(&id).filter(|row| row.feed_ids.contains(feed));
            match upheld {
                Some(row) => score.add(row, &said, of, &looks),
                None => score.withdrawn += u64::from(said.all_withdrawn),
            }
        }
    }
    scores
}

impl FeedScore {
    fn add(&mut self, row: &Indicator, said: &Said<'_>, of: &Scored<'_>, looks: &Looks<'_>) {
        let is_unique = row.feed_ids.len() == 1;
        let is_confirmed = of.standing.validated.contains_key(&row.id);
        let is_known = row.observable.place.subject().is_some_and(|subject| looks.counting.contains(subject));
        self.live += 1;
        self.unique += u64::from(is_unique);
        self.first += u64::from(!is_unique && said.since == Some(row.first_seen));
        self.confirmed += u64::from(is_confirmed);
        self.denied += u64::from(!is_confirmed && is_known);
        let is_dead = said.since.is_some_and(|since| looks.was_gone(of, &row.observable, since));
        self.dead_on_arrival += u64::from(is_dead);
    }
}

/// What one feed says of one indicator, all its entries together.
struct Said<'a> {
    observable: &'a Observable,
    /// Since when, leaving out what it took back.
    since: Option<Epoch>,
    /// Whether the last word on every entry is that it was wrong.
    all_withdrawn: bool,
}

impl<'a> Said<'a> {
    fn nothing(observable: &'a Observable) -> Said<'a> {
        Said { observable, since: None, all_withdrawn: true }
    }

    fn add(&mut self, sighting: &Sighting) {
        let counted = sighting.intervals.iter().filter(|interval| !interval.is_withdrawn());
        self.since = self.since.into_iter().chain(counted.map(|interval| interval.first_seen)).min();
        self.all_withdrawn &= sighting.intervals.last().is_some_and(Interval::is_withdrawn);
    }
}

/// The subjects of which something was measured, so that the others cost nothing.
struct Looks<'a> {
    /// Those of which something counts now.
    counting: BTreeSet<&'a str>,
    /// Those of which something was found gone twice.
    gone: BTreeSet<&'a str>,
}

impl<'a> Looks<'a> {
    fn of(of: &Scored<'a>) -> Looks<'a> {
        let now = of.standing.as_of;
        let mut looks = Looks { counting: BTreeSet::new(), gone: BTreeSet::new() };
        for (key, seen) in of.observations {
            let Some(subject) = seen.place.subject() else { continue };
            if now < seen.valid_until && seen.outcome.finding(key.kind) != Finding::Inconclusive {
                looks.counting.insert(subject);
            }
            if seen.gone.iter().any(|gone| gone.confirmed_at.is_some()) {
                looks.gone.insert(subject);
            }
        }
        looks
    }

    /// Whether an observable was gone at the first look after `since`: each of its own targets from every vantage, of
    /// which there are several, or its registrable domain. As everywhere, to be gone is to be found so twice.
    fn was_gone(&self, of: &Scored<'_>, observable: &Observable, since: Epoch) -> bool {
        if !observable.place.subject().is_some_and(|subject| self.gone.contains(subject)) {
            return false;
        }
        let gone = |target: &str, kind: ProbeKind, vantage: &CompactString| {
            let key = ObservationKey { target: target.into(), kind, vantage: vantage.clone() };
            of.observations.get(&key).is_some_and(|seen| was_gone(seen, since))
        };
        let domain = observable.place.registrable_domain();
        let undelegated =
            domain.is_some_and(|domain| gone(domain, ProbeKind::Delegation, &CompactString::default()));
        let page = |target: &CompactString| {
            fetch_kind(target).is_some_and(|kind| of.vantages.iter().all(|vantage| gone(target, kind, vantage)))
        };
        let targets = own_targets(observable);
        undelegated || (of.vantages.len() > 1 && !targets.is_empty() && targets.iter().all(page))
    }
}

fn was_gone(seen: &Observation, since: Epoch) -> bool {
    seen.gone.iter().any(|gone| {
        gone.confirmed_at.is_some()
            && gone.since <= since.plus(FIRST_LOOK_MS)
            && gone.until.is_none_or(|until| since < until)
    })
}
