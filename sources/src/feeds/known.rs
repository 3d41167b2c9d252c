//! What is known of a feed, and what changes in it without a snapshot: a failure, a silence, the end of the feed.

use std::collections::BTreeMap;
use std::sync::Arc;

use compact_str::ToCompactString;
use panopticon_model::id::Id;
use panopticon_model::sighting::{End, FeedId};
use panopticon_model::time::Epoch;
use panopticon_model::update::{ErrorKey, FeedState, LineError, Update};

use super::advance::{Sightings, close_all, lapse};
use super::intervals::is_silence;
use super::snapshot::{FETCH, Snapshot, about_feed, whole_feed};

/// What stands, as far as one feed is concerned.
#[derive(Clone, Copy)]
pub struct Current<'a> {
    /// The feed.
    pub feed: &'a FeedId,
    /// What we know of it; none before its first load.
    pub state: Option<&'a FeedState>,
    /// All sightings, those of other feeds included.
    pub sightings: &'a Sightings,
    /// All errors, those of other feeds included.
    pub errors: &'a BTreeMap<ErrorKey, LineError>,
}

/// When the feed last stood: the last good load, one that brought known bytes included.
#[must_use]
pub fn last_load(state: &FeedState) -> Option<Epoch> {
    state.snapshots.last().map(|(at, _)| *at).max(state.as_of)
}

/// What a failed load changes: the feed keeps its last good state.
#[must_use]
pub fn failed(current: Current<'_>, message: &str) -> Vec<Update> {
    let message = message.to_compact_string();
    let key = whole_feed(current.feed, FETCH);
    let state = current.state.cloned().unwrap_or_default();
    let error = about_feed(message.clone());
    let mut updates = Vec::new();
    if current.errors.get(&key) != Some(&error) {
        updates.push(Update::Error(key, Some(error)));
    }
    if state.failure.as_ref() != Some(&message) {
        updates.extend(feed(current, FeedState { failure: Some(message), ..state }));
    }
    updates
}

/// What changes because the feed has not loaded for seven days; nothing before that.
#[must_use]
pub fn lapsed(current: Current<'_>, now: Epoch) -> Vec<Update> {
    let Some(state) = current.state else { return Vec::new() };
    match last_load(state) {
        Some(last) if !state.lapsed && is_silence(last, now) => {
            let mut updates = lapse(current.feed, current.sightings, last, now);
            updates.extend(feed(current, FeedState { lapsed: true, ..state.clone() }));
            updates
        }
        _ => Vec::new(),
    }
}

/// What changes because the feed was taken out of the configuration: its evidence ends, its errors go. Should it come
/// back, it is as new: of its past only the sightings count.
#[must_use]
pub fn removed(current: Current<'_>, now: Epoch) -> Vec<Update> {
    let mut updates = close_all(current.feed, current.sightings, now, End::Lapsed);
    updates.extend(errors(current, &Snapshot::default()));
    if let Some(state) = current.state {
        let state = FeedState {
            as_of: None,
            snapshots: Vec::new(),
            held: Vec::new(),
            failure: None,
            etag: None,
            last_modified: None,
            lapsed: true,
            ..state.clone()
        };
        updates.extend(feed(current, state));
    }
    updates
}

/// What it changes that the feed answered: the errors about it as a whole under these words go, the failure too.
pub(super) fn loaded(current: Current<'_>, words: &[&str], state: FeedState) -> Vec<Update> {
    let keys = words.iter().map(|word| whole_feed(current.feed, word));
    let gone = keys.filter(|key| current.errors.contains_key(key)).map(|key| Update::Error(key, None));
    gone.chain(feed(current, FeedState { failure: None, ..state })).collect()
}

/// The new state of the feed, if it is another one.
pub(super) fn feed(current: Current<'_>, state: FeedState) -> Option<Update> {
    (current.state != Some(&state)).then(|| Update::Feed(current.feed.clone(), Some(Arc::new(state))))
}

/// From the errors that stand to those of a snapshot.
pub(super) fn errors(current: Current<'_>, snapshot: &Snapshot) -> Vec<Update> {
    line_errors(current.errors, current.feed, &snapshot.errors)
}

/// From the errors that stand for a source to those of its newest reading. An error that stands keeps its line number.
#[must_use]
pub fn line_errors(
    standing: &BTreeMap<ErrorKey, LineError>,
    source: &FeedId,
    read: &BTreeMap<ErrorKey, LineError>,
) -> Vec<Update> {
    let first = ErrorKey { source: source.clone(), line: Id([0; 16]) };
    let of_source = standing.range(first..).take_while(|(key, _)| key.source == *source);
    let gone = of_source.filter(|(key, _)| !read.contains_key(key)).map(|(key, _)| (key, None));
    let is_new = |(key, error): &(&ErrorKey, &LineError)| {
        standing.get(key).is_none_or(|standing| standing.message != error.message)
    };
    let new = read.iter().filter(is_new).map(|(key, error)| (key, Some(error.clone())));
    gone.chain(new).map(|(key, error)| Update::Error(key.clone(), error)).collect()
}
