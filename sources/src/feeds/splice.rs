//! Splice: a snapshot that comes late takes its place among the archived ones.
//!
//! ```text
//! archived      … s4        s5              s6      s7      s8 (the newest)
//! late                            t
//!                           base  ▼     └─ read on until every entry stands as it would without t
//! ```
//!
//! Afterwards the intervals are those that arrival in order would have given, leases and silences included. Two
//! courses are followed side by side, with and without the late snapshot, from the last archived one before it.
//! Where both stand alike, the rest of an entry's history is already right and is kept. Most entries do so
//! at the next snapshot, so that few archived ones are read.
//!
//! The label and the other words follow the newest snapshot that holds the entry.
//!
//! Relies on: the archive has every good snapshot from the last one before the late one on.

use std::collections::BTreeMap;
use std::sync::Arc;

use panopticon_model::id::Id;
use panopticon_model::sighting::{End, EntryId, FeedId, Interval, Intervals, Sighting, SightingKey};
use panopticon_model::time::Epoch;
use panopticon_model::update::Update;

use super::advance::{Sightings, of_feed, says_the_same, settled, turned};
use super::intervals::{Turn, named_end};
use super::snapshot::Snapshot;
use super::{Absence, SnapshotError};
use crate::door::Claim;

/// Reads an archived snapshot again, by the digest of its bytes.
pub type Reread<'a> = dyn FnMut(Id) -> Result<Snapshot, SnapshotError> + 'a;

/// The archived snapshots of a feed that still count.
pub struct Archive<'a> {
    /// Their stamps and digests, oldest first.
    pub snapshots: &'a [(Epoch, Id)],
    /// Reads one again, by its digest.
    pub read: &'a mut Reread<'a>,
}

/// An entry on its two courses.
struct Course {
    before: Option<Arc<Sighting>>,
    /// The intervals as the sightings have them.
    without: Intervals,
    /// The intervals as they will be.
    with: Intervals,
    /// The words that the late snapshot gives it, as long as no newer one is known to hold it.
    claim: Option<Claim>,
}

/// A snapshot that comes after snapshots of later times, and what it comes to. None of them has its time.
#[derive(Clone, Copy)]
pub struct Late<'a> {
    /// Whose it is.
    pub feed: &'a FeedId,
    /// What it says.
    pub snapshot: &'a Snapshot,
    /// The time that it speaks of.
    pub as_of: Epoch,
    /// All sightings that stand.
    pub sightings: &'a Sightings,
    /// What absence means.
    pub absence: Absence,
}

/// What changes with a late snapshot.
///
/// `now` is the instant up to which the sightings have been lapsed for silence; the newest load if they have not.
///
/// # Errors
/// [`SnapshotError`] if an archived snapshot cannot be read; then nothing may be changed.
pub fn splice(late: Late<'_>, archive: Archive<'_>, now: Epoch) -> Result<Vec<Update>, SnapshotError> {
    let Late { feed, snapshot, as_of, absence, .. } = late;
    let Archive { snapshots, read } = archive;
    let earlier = snapshots.get(..snapshots.partition_point(|(at, _)| *at < as_of)).unwrap_or_default();
    let later = snapshots.get(earlier.len()..).unwrap_or_default();
    let base = earlier.last().map(|(at, _)| *at);
    let mut courses = bases(late, earlier.last(), read)?;

    // The late snapshot itself.
    for (entry, course) in &mut courses {
        step(&mut course.with, base, snapshot.claim(entry), as_of, absence);
    }
    let (mut last_without, mut last_with) = (base, Some(as_of));

    // The snapshots after it.
    let mut updates = BTreeMap::new();
    let mut settle = |entry: EntryId, course: Course| {
        let key = SightingKey { feed: feed.clone(), entry };
        let before = course.before.as_ref();
        let changed = before.is_none_or(|before| before.intervals != course.with);
        let update = settled(&key, before, course.claim.as_ref(), changed.then_some(course.with));
        updates.extend(update.map(|update| (key, update)));
    };
    for (at, digest) in later {
        if courses.is_empty() {
            break;
        }
        let newer = read(*digest)?;
        let mut open = BTreeMap::new();
        for (entry, mut course) in courses {
            let claim = newer.claim(&entry);
            step(&mut course.without, last_without, claim, *at, absence);
            step(&mut course.with, last_with, claim, *at, absence);
            if claim.is_some() {
                // A sighting that stands has the words of the newest snapshot already.
                course.claim = if course.before.is_some() { None } else { claim.cloned() };
            }
            if course.stand_alike(*at) && course.has_its_words() {
                course.keep_the_rest(*at);
                settle(entry, course);
            } else {
                open.insert(entry, course);
            }
        }
        courses = open;
        (last_without, last_with) = (Some(*at), Some(*at));
    }
    for (entry, mut course) in courses {
        let silence = last_with.map_or(Turn::Stay, |load| Turn::of_silence(course.with.last(), load, now));
        silence.apply(&mut course.with, now);
        settle(entry, course);
    }
    Ok(updates.into_values().collect())
}

impl Course {
    fn from(before: Option<&Arc<Sighting>>, then: Intervals, claim: Option<&Claim>) -> Course {
        Course { before: before.cloned(), without: then.clone(), with: then, claim: claim.cloned() }
    }

    /// Whether both courses are in the same state at `at`, so that they never part again.
    fn stand_alike(&self, at: Epoch) -> bool {
        standing(&self.without, at) == standing(&self.with, at)
    }

    /// Whether it is settled whose words the entry has.
    fn has_its_words(&self) -> bool {
        match (&self.before, &self.claim) {
            (_, None) => true,
            (Some(before), Some(claim)) => says_the_same(before, claim),
            (None, Some(_)) => false,
        }
    }

    /// Takes over what the sightings say from `at` on.
    fn keep_the_rest(&mut self, at: Epoch) {
        let Some(before) = &self.before else { return };
        let (until, after) = before.intervals.split_at(before.intervals.partition_point(|i| i.first_seen <= at));
        if let (Some(Standing::Live(_)), Some(last), Some(known)) =
            (standing(&self.with, at), self.with.last_mut(), until.last())
        {
            last.ended = known.ended;
        }
        self.with.extend_from_slice(after);
    }
}

#[derive(PartialEq, Eq)]
enum Standing {
    Live(Option<(Epoch, End)>),
}

/// The last interval, as far as it matters after `at`; none if it is over.
fn standing(intervals: &[Interval], at: Epoch) -> Option<Standing> {
    let last = intervals.last()?;
    last.ended.is_none_or(|(end, _)| at < end).then_some(Standing::Live(last.ended))
}

fn step(intervals: &mut Intervals, last: Option<Epoch>, claim: Option<&Claim>, at: Epoch, absence: Absence) {
    if let Some(turned) = turned(intervals, last, claim, at, absence) {
        *intervals = turned;
    }
}

/// The end of a lease that runs, where all that is known of it is that something else ended it, later than the late
/// snapshot: then its own end comes to nothing.
const RUNNING: Epoch = Epoch(u64::MAX);

/// The entries that the late snapshot can touch, as they stood after the `base`, the last one before it: those that
/// still count at its time, and those that it holds itself. What ended before it has ended for good.
///
/// What the base holds was upheld then, without end or with the one that it names. What it lacks, and still counts, was in
/// a lease. If nothing came in between, that ended as the sighting says; else the entry came back, or a statement ended
/// it, after the late snapshot.
fn bases(
    late: Late<'_>,
    base: Option<&(Epoch, Id)>,
    read: &mut Reread<'_>,
) -> Result<BTreeMap<EntryId, Course>, SnapshotError> {
    let base = base.map(|(at, digest)| Ok::<_, SnapshotError>((*at, read(*digest)?))).transpose()?;
    let mut courses = BTreeMap::new();
    for (key, before) in of_feed(late.sightings, late.feed) {
        let entry = &key.entry;
        let begun = before.intervals.partition_point(|interval| interval.first_seen < late.as_of);
        let mut then = Intervals::from(before.intervals.get(..begun).unwrap_or_default());
        let mut live = false;
        if let (Some((at, snapshot)), Some(last)) = (&base, then.last_mut())
            && last.ended.is_none_or(|(end, _)| late.as_of < end)
        {
            live = true;
            last.ended = match (snapshot.claim(entry), last.ended) {
                (Some(claim), _) => named_end(claim.state, *at),
                (None, Some((end, End::Lapsed))) => Some((end, End::Lapsed)),
                (None, _) => Some((RUNNING, End::Lapsed)),
            };
        }
        let claim = late.snapshot.claim(entry);
        if live || claim.is_some() {
            courses.insert(entry.clone(), Course::from(Some(before), then, claim));
        }
    }
    for (entry, claim) in &late.snapshot.claims {
        courses.entry(entry.clone()).or_insert_with(|| Course::from(None, Intervals::new(), Some(claim)));
    }
    Ok(courses)
}
