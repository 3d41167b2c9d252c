//! Acceptance: what a load of a feed changes, in its sightings, its errors and in what we know of the feed.
//!
//! ```text
//! loaded ─► the bytes that we have, not of an earlier time ────────► Unchanged
//!        ─► lost more rows than the guard allows ────────────────► Held
//!        ─► newer than all ─────────────────► advance ───────────► Applied
//!        ─► up to 7 days older ─────────────► splice ────────────► Applied
//!        ─► older still ─────────────────────────────────────────► TooLate
//! ```
//!
//! Two snapshots of one stamp: the publisher mended the list under the same time. The one that came last counts from
//! the next millisecond on, as nothing can be two things at once.
//!
//! Bytes that we have already say that the feed still stands: they break a silence and change nothing else.

use std::sync::Arc;

use compact_str::{CompactString, format_compact};
use panopticon_model::id::Id;
use panopticon_model::time::{DAY_MS, Epoch};
use panopticon_model::update::{FeedState, Update};

use super::advance::advance;
use super::intervals::is_silence;
pub use super::known::{Current, failed, lapsed, last_load, line_errors, removed};
use super::known::{errors, loaded};
pub use super::shrink::Guard;
use super::snapshot::{FETCH, LATE, Snapshot, about_feed, whole_feed};
use super::splice::{Archive, Late, Reread, splice};
use super::{Absence, SnapshotError};

/// How late a snapshot may come and still take its place.
pub const LATEST_MS: u64 = 7 * DAY_MS;

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
    if known.snapshots.last().is_some_and(|(_, digest)| *digest == load.digest)
        && standing_since(&known.snapshots).is_none_or(|since| since <= load.as_of)
    {
        return Ok(Outcome::Unchanged(confirmed(current, policy, load.fetched_at, load.snapshot)));
    }
    let Some(as_of) = free_stamp(&known, load) else {
        return Ok(Outcome::Unchanged(loaded(current, &[FETCH], known)));
    };
    let is_newest = known.as_of.is_none_or(|newest| newest < as_of);
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
    snapshots.insert(at, (as_of, load.digest));
    let mut state = FeedState { snapshots, held: Vec::new(), failure: None, ..known };
    if is_newest {
        updates.extend(errors(current, load.snapshot));
        state.as_of = Some(as_of);
        state.fetched_at = Some(load.fetched_at);
        state.rows = load.snapshot.rows;
        state.kept = load.snapshot.kept();
        state.errors = load.snapshot.faulty;
        state.etag.clone_from(&load.etag);
        state.last_modified.clone_from(&load.last_modified);
        state.lapsed = false;
        forget(&mut state.snapshots, as_of);
        updates.push(Update::Feed(current.feed.clone(), Some(Arc::new(state))));
    } else {
        updates.extend(loaded(current, &[FETCH, LATE], state));
    }
    Ok(Outcome::Applied(updates))
}

/// Since when the bytes of the newest snapshot have stood. A snapshot of an earlier time with the same bytes comes
/// late, and says that they stood then already.
fn standing_since(snapshots: &[(Epoch, Id)]) -> Option<Epoch> {
    let (_, newest) = snapshots.last()?;
    snapshots.iter().rev().take_while(|(_, digest)| digest == newest).last().map(|(at, _)| *at)
}

/// The time of a load: its own, or the next that no other snapshot has. None if that snapshot is known.
fn free_stamp(known: &FeedState, load: &Load<'_>) -> Option<Epoch> {
    if known.lapsed && known.as_of == Some(load.as_of) {
        // The feed had gone silent and left its stamp as it was: it stands again from now on.
        return Some(load.fetched_at);
    }
    let mut free = load.as_of;
    for (at, digest) in known.snapshots.iter().filter(|(at, _)| load.as_of <= *at) {
        if *at != free {
            break;
        }
        if *digest == load.digest {
            return None;
        }
        free = free.plus(1);
    }
    Some(free)
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
        forget(&mut state.snapshots, newest);
    }
    state.held.clear();
    updates.extend(loaded(current, &[FETCH, LATE], state));
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

/// Drops archived snapshots that no late one can need: it may lie seven days before the newest, and one more tells
/// what stood before.
fn forget(snapshots: &mut Vec<(Epoch, Id)>, newest: Epoch) {
    let outside = snapshots.partition_point(|(at, _)| *at < newest.minus(LATEST_MS));
    snapshots.drain(..outside.saturating_sub(1));
}
