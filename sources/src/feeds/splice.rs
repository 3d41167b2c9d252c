//! Splice: a snapshot that comes late takes its place among the archived ones.
//!
//! ```text
//! archived      … s4        s5              s6      s7      s8 (the newest)
//! late                            t
//!               └walk back┘ base  │         └ read on until an entry
//!               for leases        ▼           stands as it would without t ┘
//! ```
//!
//! Afterwards the intervals are those that arrival in order would have given, leases and silences included. Two
//! courses are followed side by side, with and without the late snapshot, from the last archived one before it.
//! Where both stand alike, the rest of an entry's history is already right and is kept. Most entries do so
//! at the next snapshot, so that few archived ones are read.
//!
//! The label and the other words follow the newest snapshot that holds the entry. A snapshot with the stamp of an
//! archived one replaces it.
//!
//! Relies on: the archive has every good snapshot from one lease before the late one on, and one more before
//! that, as [`super::accept`] keeps them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use panopticon_model::id::Id;
use panopticon_model::sighting::{End, EntryId, FEED_SILENCE_MS, FeedId, Interval, Sighting, SightingKey};
use panopticon_model::time::Epoch;
use panopticon_model::update::Update;

use super::advance::{Sightings, of_feed, says_the_same, settled, turned};
use super::intervals::Turn;
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
    without: Vec<Interval>,
    /// The intervals as they will be.
    with: Vec<Interval>,
    /// The words that the late snapshot gives it, as long as no newer one is known to hold it.
    claim: Option<Claim>,
}

/// A snapshot that comes after snapshots of later times, and what it comes to.
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
    let (replaced, later) = match later.split_first() {
        Some(((at, digest), rest)) if *at == as_of => (Some(read(*digest)?), rest),
        _ => (None, later),
    };
    let base = earlier.last().map(|(at, _)| *at);
    let mut courses = bases(late, replaced.as_ref(), snapshots, earlier, read)?;

    // The late snapshot itself.
    let (mut last_without, mut last_with) = (base, base);
    for (entry, course) in &mut courses {
        step(&mut course.with, last_with, snapshot.claim(entry), as_of, absence);
        if let Some(replaced) = &replaced {
            step(&mut course.without, last_without, replaced.claim(entry), as_of, absence);
        }
    }
    last_with = Some(as_of);
    if replaced.is_some() {
        last_without = Some(as_of);
    }

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
    fn from(before: Option<&Arc<Sighting>>, then: Vec<Interval>, claim: Option<&Claim>) -> Course {
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

fn step(intervals: &mut Vec<Interval>, last: Option<Epoch>, claim: Option<&Claim>, at: Epoch, absence: Absence) {
    if let Some(turned) = turned(intervals, last, claim, at, absence) {
        *intervals = turned;
    }
}

/// The entries that the late snapshot can touch, as they stood after the last of the `earlier` snapshots: those that
/// still count at its time, and those that it holds itself. What ended before it has ended for good.
fn bases(
    late: Late<'_>,
    replaced: Option<&Snapshot>,
    all: &[(Epoch, Id)],
    earlier: &[(Epoch, Id)],
    read: &mut Reread<'_>,
) -> Result<BTreeMap<EntryId, Course>, SnapshotError> {
    let base = match earlier.last() {
        Some((at, digest)) => Some((*at, read(*digest)?)),
        None => None,
    };
    let held = |entry: &EntryId| {
        late.snapshot.claim(entry).is_some() || replaced.is_some_and(|replaced| replaced.claim(entry).is_some())
    };
    let mut courses = BTreeMap::new();
    let mut leased = BTreeSet::new();
    for (key, before) in of_feed(late.sightings, late.feed) {
        let entry = &key.entry;
        let begun = before.intervals.partition_point(|interval| interval.first_seen < late.as_of);
        let mut then = before.intervals.get(..begun).unwrap_or_default().to_vec();
        let mut live = false;
        if let (Some((at, snapshot)), Some(last)) = (&base, then.last_mut())
            && last.ended.is_none_or(|(end, _)| late.as_of < end || (late.as_of == end && replaced.is_some()))
        {
            live = true;
            match (snapshot.claim(entry), late.absence) {
                (Some(_), _) => last.ended = None,
                (None, Absence::Lease(lease)) => match left_at(last, *at, lease, all) {
                    Some(left) => last.ended = Some((left.plus(lease), End::Lapsed)),
                    None => {
                        leased.insert(entry.clone());
                    }
                },
                // Only after the rule of the feed was changed: the end stays as it was decided then.
                (None, Absence::Retract) => {}
            }
        }
        if live || held(entry) {
            courses.insert(entry.clone(), Course::from(Some(before), then, late.snapshot.claim(entry)));
        }
    }
    for (entry, claim) in &late.snapshot.claims {
        courses.entry(entry.clone()).or_insert_with(|| Course::from(None, Vec::new(), Some(claim)));
    }
    if let Absence::Lease(lease) = late.absence {
        walk_back(&mut courses, leased, earlier, lease, read)?;
    }
    Ok(courses)
}

/// When an entry that the snapshot at `base` lacks had left the list, if the end of its interval tells. It does if it
/// is the end of a lease that began with a snapshot up to the base, and cannot come from a silence after it.
fn left_at(last: &Interval, base: Epoch, lease: u64, all: &[(Epoch, Id)]) -> Option<Epoch> {
    let is_stamp = |at: Epoch| all.binary_search_by_key(&at, |(stamp, _)| *stamp).is_ok();
    let (end, End::Lapsed) = last.ended? else { return None };
    let (left, loaded) = (end.minus(lease), end.minus(FEED_SILENCE_MS));
    let is_lease = last.first_seen < left && left <= base && is_stamp(left);
    let is_silence = base < loaded && is_stamp(loaded);
    (is_lease && !is_silence).then_some(left)
}

/// Gives each of the `leased` entries, absent from the last of the `earlier` snapshots, the lease that ran then: it
/// began with the first snapshot after the last that holds the entry.
fn walk_back(
    courses: &mut BTreeMap<EntryId, Course>,
    mut leased: BTreeSet<EntryId>,
    earlier: &[(Epoch, Id)],
    lease: u64,
    read: &mut Reread<'_>,
) -> Result<(), SnapshotError> {
    let Some((base, before)) = earlier.split_last() else { return Ok(()) };
    let mut begin = |entry: &EntryId, left: Epoch| {
        if let Some(course) = courses.get_mut(entry) {
            for intervals in [&mut course.without, &mut course.with] {
                Turn::Close(left.plus(lease), End::Lapsed).apply(intervals, left);
            }
        }
    };
    let mut left = base.0;
    for (at, digest) in before.iter().rev() {
        if leased.is_empty() || at.plus(lease) <= base.0 {
            break;
        }
        let snapshot = read(*digest)?;
        leased.retain(|entry| {
            let held = snapshot.claim(entry).is_some();
            if held {
                begin(entry, left);
            }
            !held
        });
        left = *at;
    }
    for entry in &leased {
        begin(entry, left);
    }
    Ok(())
}
