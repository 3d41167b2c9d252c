//! Advance: what a snapshot in order, silence, or the removal of a feed changes in its sightings.
//!
//! One merge of two sorted sequences: the sightings that stand and the claims of the snapshot. A row that says
//! what it said before gives no update, however often it is read.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use compact_str::CompactString;
use panopticon_model::observable::Observable;
use panopticon_model::sighting::{End, EntryId, FeedId, Interval, Intervals, Sighting, SightingKey};
use panopticon_model::time::Epoch;
use panopticon_model::update::Update;

use super::Absence;
use super::intervals::Turn;
use super::snapshot::Snapshot;
use crate::door::Claim;

/// All sightings that stand, of all feeds.
pub type Sightings = BTreeMap<SightingKey, Arc<Sighting>>;

/// The sightings of one feed, by entry.
pub fn of_feed<'a>(
    sightings: &'a Sightings,
    feed: &'a FeedId,
) -> impl Iterator<Item = (&'a SightingKey, &'a Arc<Sighting>)> {
    let first = SightingKey { feed: feed.clone(), entry: EntryId::Own(CompactString::default()) };
    sightings.range((Bound::Included(first), Bound::Unbounded)).take_while(move |(key, _)| key.feed == *feed)
}

/// What changes with the snapshot at `as_of`, the newest that the feed has had; `last_load` is the stamp of the one
/// before it.
#[must_use]
pub fn advance(
    feed: &FeedId,
    sightings: &Sightings,
    last_load: Option<Epoch>,
    snapshot: &Snapshot,
    as_of: Epoch,
    absence: Absence,
) -> Vec<Update> {
    let mut updates = Vec::new();
    let mut standing = of_feed(sightings, feed).peekable();
    let mut settle = |key: &SightingKey, before: Option<&Arc<Sighting>>, claim: Option<&Claim>| {
        let intervals = before.map_or(&[][..], |sighting| &sighting.intervals);
        let turned = turned(intervals, last_load, claim, as_of, absence);
        updates.extend(settled(key, before, claim, turned));
    };
    for (entry, claim) in &snapshot.claims {
        while let Some((key, before)) = standing.next_if(|(key, _)| key.entry < *entry) {
            settle(key, Some(before), None);
        }
        match standing.next_if(|(key, _)| key.entry == *entry) {
            Some((key, before)) => settle(key, Some(before), Some(claim)),
            None => {
                let key = SightingKey { feed: feed.clone(), entry: entry.clone() };
                settle(&key, None, Some(claim));
            }
        }
    }
    for (key, before) in standing {
        settle(key, Some(before), None);
    }
    updates
}

/// What changes because the feed, which loaded last at `last_load`, is silent at `now`: what is open ends seven
/// days after that load. Nothing before that.
#[must_use]
pub fn lapse(feed: &FeedId, sightings: &Sightings, last_load: Epoch, now: Epoch) -> Vec<Update> {
    let close = |(key, before): (&SightingKey, &Arc<Sighting>)| {
        let turn = Turn::of_silence(before.intervals.last(), last_load, now);
        let intervals = (turn != Turn::Stay).then(|| after(&before.intervals, &[turn], now));
        settled(key, Some(before), None, intervals)
    };
    of_feed(sightings, feed).filter_map(close).collect()
}

/// What changes because the feed is no longer read: everything that counts at `now`, leases included, ends then.
#[must_use]
pub fn close_all(feed: &FeedId, sightings: &Sightings, now: Epoch, end: End) -> Vec<Update> {
    let close = |(key, before): (&SightingKey, &Arc<Sighting>)| {
        let counts = before.intervals.last()?.ended_at().is_none_or(|at| now < at);
        let intervals = counts.then(|| after(&before.intervals, &[Turn::Close(now, end)], now));
        settled(key, Some(before), None, intervals)
    };
    of_feed(sightings, feed).filter_map(close).collect()
}

/// The intervals after a snapshot, and the silence before it; none if they stay as they are.
pub(super) fn turned(
    intervals: &[Interval],
    last_load: Option<Epoch>,
    claim: Option<&Claim>,
    at: Epoch,
    absence: Absence,
) -> Option<Intervals> {
    let mut last = intervals.last().copied();
    let silence = last_load.map_or(Turn::Stay, |load| Turn::of_silence(last.as_ref(), load, at));
    if let (Turn::Close(at, end), Some(last)) = (silence, &mut last) {
        last.ended = Some((at, end));
    }
    let turn = Turn::of(last.as_ref(), claim.map(|claim| claim.state), at, absence);
    (silence != Turn::Stay || turn != Turn::Stay).then(|| after(intervals, &[silence, turn], at))
}

fn after(intervals: &[Interval], turns: &[Turn], at: Epoch) -> Intervals {
    let mut intervals = Intervals::from(intervals);
    for turn in turns {
        turn.apply(&mut intervals, at);
    }
    intervals
}

/// The update that gives a sighting new intervals, if there are any, and the words of a claim, if there is one.
pub(super) fn settled(
    key: &SightingKey,
    before: Option<&Arc<Sighting>>,
    claim: Option<&Claim>,
    intervals: Option<Intervals>,
) -> Option<Update> {
    let claim = claim.filter(|claim| before.is_none_or(|before| !says_the_same(before, claim)));
    if claim.is_none() && intervals.is_none() {
        return None;
    }
    let intervals = intervals.or_else(|| before.map(|before| before.intervals.clone())).unwrap_or_default();
    if intervals.is_empty() {
        // Never upheld: there is no sighting, or a mended snapshot took its only interval.
        return before.map(|_| Update::Sighting(key.clone(), None));
    }
    let sighting = match (before, claim) {
        (Some(before), None) => Sighting { intervals, ..Sighting::clone(before) },
        (before, Some(claim)) => Sighting {
            observable: observable(before.map(|before| &before.observable), claim),
            abuse_class: claim.abuse_class,
            label: claim.label.clone(),
            confidence: claim.confidence,
            brand: claim.brand.clone(),
            reported_at: claim.reported_at,
            last_seen: claim.last_seen,
            intervals,
        },
        (None, None) => return None,
    };
    Some(Update::Sighting(key.clone(), Some(Arc::new(sighting))))
}

/// Whether a claim says what the sighting says, its spelling of the observable aside.
pub(super) fn says_the_same(before: &Sighting, claim: &Claim) -> bool {
    before.observable.id == claim.observable.id
        && before.observable.place == claim.observable.place
        && before.abuse_class == claim.abuse_class
        && before.label == claim.label
        && before.confidence == claim.confidence
        && before.brand == claim.brand
        && before.reported_at == claim.reported_at
        && before.last_seen == claim.last_seen
}

/// The observable of a claim; of the same one in two spellings the first spelling stays.
fn observable(before: Option<&Arc<Observable>>, claim: &Claim) -> Arc<Observable> {
    match before.filter(|before| before.id == claim.observable.id) {
        None => Arc::clone(&claim.observable),
        Some(before) if before.place == claim.observable.place => Arc::clone(before),
        Some(before) => {
            Arc::new(Observable { place: claim.observable.place.clone(), ..Observable::clone(before) })
        }
    }
}
