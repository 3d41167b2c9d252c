//! Acceptance: what a load of a feed changes, in its sightings, its errors and in what we know of the feed.
//!
//! ```text
//! loaded ─► the bytes that we have ──────────────────────────────► Unchanged
//!        ─► lost more rows than the guard allows ────────────────► Held
//!        ─► newer than all ─────────────────► advance ───────────► Applied
//!        ─► up to 7 days older, or as old ──► splice ────────────► Applied
//!        ─► older still ─────────────────────────────────────────► TooLate
//! ```
//!
//! Two snapshots of one stamp: the publisher mended the list under the same time, the one that came last counts.
//! Bytes that we have already say that the feed still stands: they break a silence and change nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;

use compact_str::{CompactString, ToCompactString, format_compact};
use panopticon_model::id::Id;
use panopticon_model::sighting::{End, FeedId};
use panopticon_model::time::{DAY_MS, Epoch};
use panopticon_model::update::{ErrorKey, FeedState, LineError, Update};

use super::advance::{Sightings, advance, close_all, lapse};
use super::intervals::is_silence;
pub use super::shrink::Guard;
use super::snapshot::{FETCH, LATE, Snapshot, about_feed, whole_feed};
use super::splice::{Archive, Late, Reread, splice};
use super::{Absence, SnapshotError};

/// How late a snapshot may come and still take its place.
pub const LATEST_MS: u64 = 7 * DAY_MS;

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

/// What the configuration says of a feed's snapshots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedPolicy {
    /// What absence means.
    pub absence: Absence,
    /// How far the feed may shrink.
    pub guard: Guard,
}

/// A snapshot as it was loaded.
#[derive(Clone, Debug)]
pub struct Load<'a> {
    /// What the bytes say.
    pub snapshot: &'a Snapshot,
    /// The time that it speaks of: see [`as_of`].
    pub as_of: Epoch,
    /// When it was fetched.
    pub fetched_at: Epoch,
    /// The digest of its bytes, under which they are archived.
    pub digest: Id,
    /// The validator of the answer.
    pub etag: Option<CompactString>,
    /// The `Last-Modified` of the answer.
    pub last_modified: Option<CompactString>,
    /// An operator vouches for it: the shrink guard is passed.
    pub forced: bool,
}

/// What becomes of a load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It counts from now on.
    Applied(Vec<Update>),
    /// It lost too many rows and is held back.
    Held(Vec<Update>),
    /// It is more than seven days older than what we have.
    TooLate(Vec<Update>),
    /// Its bytes are known.
    Unchanged(Vec<Update>),
}

impl Outcome {
    /// What to log, whatever became of it.
    #[must_use]
    pub fn into_updates(self) -> Vec<Update> {
        match self {
            Outcome::Applied(updates)
            | Outcome::Held(updates)
            | Outcome::TooLate(updates)
            | Outcome::Unchanged(updates) => updates,
        }
    }
}

/// The time that a snapshot speaks of: its own stamp, else when it was fetched. A stamp that lies ahead is a wrong
/// clock of the publisher; if it were believed, every later snapshot would come too late.
#[must_use]
pub fn as_of(stamp: Option<Epoch>, fetched_at: Epoch) -> Epoch {
    stamp.map_or(fetched_at, |stamp| stamp.min(fetched_at))
}

/// When the feed last stood: the last good load, one that brought known bytes included.
#[must_use]
pub fn last_load(state: &FeedState) -> Option<Epoch> {
    state.snapshots.last().map(|(at, _)| *at).max(state.as_of)
}

/// What a load changes. `read` reads an archived snapshot again, by its digest.
///
/// # Errors
/// [`SnapshotError`] if a snapshot comes late and an archived one cannot be read; then nothing changes.
pub fn accept(
    current: Current<'_>,
    policy: FeedPolicy,
    load: &Load<'_>,
    read: &mut Reread<'_>,
) -> Result<Outcome, SnapshotError> {
    let known = current.state.cloned().unwrap_or_default();
    // The publisher mended a list that had gone silent and left its stamp as it was: it stands again from now on.
    let as_of = if known.lapsed && known.as_of == Some(load.as_of) { load.fetched_at } else { load.as_of };
    let is_newest = known.as_of.is_none_or(|newest| newest < as_of);
    match known.snapshots.last() {
        Some((_, digest)) if *digest == load.digest => {
            return Ok(Outcome::Unchanged(confirmed(current, policy, load.fetched_at, load.snapshot)));
        }
        _ if known.snapshots.contains(&(as_of, load.digest)) => {
            return Ok(Outcome::Unchanged(loaded(current, &[FETCH], known)));
        }
        _ => {}
    }
    if let Some(newest) = known.as_of
        && as_of < newest.minus(LATEST_MS)
    {
        return Ok(Outcome::TooLate(too_late(current, known, as_of, newest)));
    }
    if known.as_of.is_some() && !load.forced && policy.guard.is_breached(known.rows, load.snapshot.rows) {
        let new = (as_of, load.snapshot.rows, load.digest);
        if let Some(held) = policy.guard.hold(&known.held, new) {
            return Ok(Outcome::Held(loaded(current, &[FETCH], FeedState { held, ..known })));
        }
    }
    let late = Late {
        feed: current.feed,
        snapshot: load.snapshot,
        as_of,
        sightings: current.sightings,
        absence: policy.absence,
    };
    let mut snapshots = known.snapshots.clone();
    let mut updates = if is_newest {
        // A load that only said that the feed still stands gives way to a snapshot that speaks of an earlier time.
        snapshots.retain(|(at, _)| *at < as_of);
        let last = snapshots.last().map(|(at, _)| *at);
        match last {
            // The feed was taken for silent, and now turns out not to have been.
            Some(last) if known.lapsed && !is_silence(last, as_of) => {
                splice(late, Archive { snapshots: &snapshots, read }, as_of)?
            }
            _ => advance(current.feed, current.sightings, last, load.snapshot, as_of, policy.absence),
        }
    } else {
        let now = if known.lapsed { load.fetched_at } else { last_load(&known).unwrap_or_default() };
        splice(late, Archive { snapshots: &snapshots, read }, now)?
    };
    let at = snapshots.partition_point(|(at, _)| *at < as_of);
    match snapshots.get_mut(at) {
        Some(replaced) if replaced.0 == as_of => replaced.1 = load.digest,
        _ => snapshots.insert(at, (as_of, load.digest)),
    }
    let mut state = FeedState { snapshots, held: Vec::new(), failure: None, ..known };
    if state.as_of.is_none_or(|newest| newest <= as_of) {
        updates.extend(errors(current, load.snapshot));
        state.as_of = Some(as_of);
        state.fetched_at = Some(load.fetched_at);
        state.rows = load.snapshot.rows;
        state.kept = load.snapshot.kept();
        state.errors = load.snapshot.faulty;
        state.etag.clone_from(&load.etag);
        state.last_modified.clone_from(&load.last_modified);
        state.lapsed = false;
        forget(&mut state.snapshots, as_of, policy.absence);
        updates.push(Update::Feed(current.feed.clone(), Some(Arc::new(state))));
    } else {
        updates.extend(loaded(current, &[FETCH, LATE], state));
    }
    Ok(Outcome::Applied(updates))
}

/// What a load changes that was answered with "not modified": the last snapshot still stands.
///
/// # Errors
/// [`SnapshotError`] if that breaks a silence, and the last snapshot cannot be read again.
pub fn not_modified(
    current: Current<'_>,
    policy: FeedPolicy,
    fetched_at: Epoch,
    read: &mut Reread<'_>,
) -> Result<Vec<Update>, SnapshotError> {
    let last = current.state.and_then(|state| state.snapshots.last().map(|last| (state, *last)));
    match last {
        Some((state, (at, digest))) if state.lapsed || is_silence(at, fetched_at) => {
            Ok(confirmed(current, policy, fetched_at, &read(digest)?))
        }
        _ => Ok(confirmed(current, policy, fetched_at, &Snapshot::default())),
    }
}

/// What it changes that the last snapshot still stands at `now`. It is looked at only if the feed had gone silent.
fn confirmed(current: Current<'_>, policy: FeedPolicy, now: Epoch, snapshot: &Snapshot) -> Vec<Update> {
    let Some(mut state) = current.state.cloned() else { return Vec::new() };
    let Some((last, digest)) = state.snapshots.last().copied() else { return Vec::new() };
    let mut updates = Vec::new();
    if now > last {
        if state.lapsed || is_silence(last, now) {
            updates = advance(current.feed, current.sightings, Some(last), snapshot, now, policy.absence);
            state.as_of = Some(now);
            state.lapsed = false;
        }
        // One confirmation a day is enough to tell that there was no silence.
        let before = state.snapshots.iter().rev().nth(1);
        if before.is_some_and(|(at, other)| *other == digest && now < at.plus(DAY_MS)) {
            state.snapshots.pop();
        }
        state.snapshots.push((now, digest));
        state.fetched_at = Some(now);
        let newest = state.as_of.unwrap_or(now);
        forget(&mut state.snapshots, newest, policy.absence);
    }
    state.held.clear();
    updates.extend(loaded(current, &[FETCH, LATE], state));
    updates
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

fn too_late(current: Current<'_>, known: FeedState, as_of: Epoch, newest: Epoch) -> Vec<Update> {
    let message =
        format_compact!("a snapshot of {as_of} came after one of {newest}, more than 7 days late: not applied");
    let (key, error) = (whole_feed(current.feed, LATE), about_feed(message));
    let is_new = current.errors.get(&key) != Some(&error);
    let mut updates = loaded(current, &[FETCH], known);
    updates.extend(is_new.then_some(Update::Error(key, Some(error))));
    updates
}

/// What it changes that the feed answered: the errors about it as a whole under these words go, the failure too.
fn loaded(current: Current<'_>, words: &[&str], state: FeedState) -> Vec<Update> {
    let keys = words.iter().map(|word| whole_feed(current.feed, word));
    let gone = keys.filter(|key| current.errors.contains_key(key)).map(|key| Update::Error(key, None));
    gone.chain(feed(current, FeedState { failure: None, ..state })).collect()
}

/// The new state of the feed, if it is another one.
fn feed(current: Current<'_>, state: FeedState) -> Option<Update> {
    (current.state != Some(&state)).then(|| Update::Feed(current.feed.clone(), Some(Arc::new(state))))
}

/// From the errors that stand to those of a snapshot. An error that stands keeps its line number.
fn errors(current: Current<'_>, snapshot: &Snapshot) -> Vec<Update> {
    let first = ErrorKey { source: current.feed.clone(), line: Id([0; 16]) };
    let standing = current.errors.range(first..).take_while(|(key, _)| key.source == *current.feed);
    let gone = standing.filter(|(key, _)| !snapshot.errors.contains_key(key)).map(|(key, _)| (key, None));
    let is_new = |(key, error): &(&ErrorKey, &LineError)| {
        current.errors.get(key).is_none_or(|standing| standing.message != error.message)
    };
    let new = snapshot.errors.iter().filter(is_new).map(|(key, error)| (key, Some(error.clone())));
    gone.chain(new).map(|(key, error)| Update::Error(key.clone(), error)).collect()
}

/// Drops archived snapshots that no late one can need: it may lie seven days before the newest, a lease may run then,
/// and one more tells what stood before.
fn forget(snapshots: &mut Vec<(Epoch, Id)>, newest: Epoch, absence: Absence) {
    let lease = match absence {
        Absence::Retract => 0,
        Absence::Lease(lease) => lease,
    };
    let horizon = newest.minus(LATEST_MS).minus(lease);
    let outside = snapshots.partition_point(|(at, _)| *at < horizon);
    snapshots.drain(..outside.saturating_sub(1));
}
