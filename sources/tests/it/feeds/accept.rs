//! Acceptance: what becomes of a load, and what is known of the feed afterwards.

use std::collections::BTreeMap;

use panopticon_model::id::{Id, IdKind};
use panopticon_model::sighting::{End, FEED_SILENCE_MS, FeedId, Interval};
use panopticon_model::time::{DAY_MS, Epoch, HOUR_MS};
use panopticon_model::update::{FeedState, LineError};
use panopticon_sources::feeds::accept::{
    Current, FeedPolicy, Guard, Load, Outcome, accept, as_of, failed, lapsed, last_load, not_modified, removed,
};
use panopticon_sources::feeds::intervals::intervals_of;
use panopticon_sources::feeds::snapshot::{FETCH, LATE, Snapshot, whole_feed};
use panopticon_sources::feeds::{Absence, SnapshotError, State};
use proptest::prelude::*;

use super::world::{Tables, feed, read, snapshot};

const START: Epoch = Epoch(1_700_000_000_000);
const RETRACT: FeedPolicy = FeedPolicy { absence: Absence::Retract, guard: Guard { percent: 50, floor: 50 } };

/// A feed under test: what the writer keeps, and the archive.
struct Station {
    policy: FeedPolicy,
    feed: FeedId,
    tables: Tables,
    archive: BTreeMap<Id, Snapshot>,
}

impl Station {
    fn new(policy: FeedPolicy) -> Station {
        Station { policy, feed: feed(), tables: Tables::default(), archive: BTreeMap::new() }
    }

    fn current(&self) -> Current<'_> {
        let Tables { sightings, errors, state } = &self.tables;
        Current { feed: &self.feed, state: state.as_deref(), sightings, errors }
    }

    /// Loads a snapshot and says in one word what became of it.
    fn load(&mut self, snapshot: &Snapshot, as_of: Epoch, fetched_at: Epoch, bytes: &str) -> &'static str {
        self.load_forced(snapshot, as_of, fetched_at, bytes, false)
    }

    fn load_forced(
        &mut self,
        snapshot: &Snapshot,
        as_of: Epoch,
        fetched_at: Epoch,
        bytes: &str,
        forced: bool,
    ) -> &'static str {
        let digest = Id::derive(IdKind::Line, &[bytes.as_bytes()]);
        let etag = Some(bytes.into());
        let load = Load { snapshot, as_of, fetched_at, digest, etag, last_modified: None, forced };
        self.archive.insert(digest, snapshot.clone());
        let mut read = |digest| Ok(self.archive[&digest].clone());
        let outcome = accept(self.current(), self.policy, &load, &mut read).unwrap();
        let word = match &outcome {
            Outcome::Applied(_) => "applied",
            Outcome::Held(_) => "held",
            Outcome::TooLate(_) => "too late",
            Outcome::Unchanged(_) => "unchanged",
        };
        self.tables.apply(outcome.into_updates());
        word
    }

    /// A list of the first `rows` entries, in order.
    fn list(&mut self, rows: usize, at: Epoch) -> &'static str {
        self.load(&list(rows), at, at, &format!("{rows} at {at}"))
    }

    fn state(&self) -> &FeedState {
        self.tables.state.as_ref().unwrap()
    }

    fn error(&self, word: &str) -> Option<&LineError> {
        self.tables.errors.get(&whole_feed(&self.feed, word))
    }

    fn open(&self) -> usize {
        self.tables
            .sightings
            .values()
            .filter(|sighting| sighting.intervals.last().unwrap().ended.is_none())
            .count()
    }
}

fn list(rows: usize) -> Snapshot {
    snapshot(&vec![Some(State::Present); rows], START)
}

fn hour(n: u64) -> Epoch {
    START.plus(n * HOUR_MS)
}

#[test]
fn the_first_load() {
    let mut station = Station::new(RETRACT);
    assert_eq!(station.list(3, hour(0)), "applied");
    assert_eq!((station.open(), station.state().rows, station.state().kept), (3, 3, 3));
    assert_eq!((station.state().as_of, station.state().fetched_at), (Some(hour(0)), Some(hour(0))));
    assert_eq!((station.state().snapshots.len(), station.state().lapsed), (1, false));
    assert_eq!(station.tables.intervals(0), [Interval::open(hour(0))]);
}

#[test]
fn a_stamp_ahead_of_the_clock_is_not_believed() {
    assert_eq!(as_of(None, hour(1)), hour(1));
    assert_eq!(as_of(Some(hour(0)), hour(1)), hour(0));
    assert_eq!(as_of(Some(hour(9)), hour(1)), hour(1));
}

#[test]
fn a_shrunk_snapshot_is_held_until_two_agree() {
    let mut station = Station::new(RETRACT);
    station.list(100, hour(0));
    assert_eq!(station.list(50, hour(1)), "applied", "half is allowed");
    assert_eq!(station.list(24, hour(2)), "held");
    assert_eq!((station.open(), station.state().rows, station.state().held.len()), (50, 50, 1));
    assert_eq!(station.state().etag.as_deref(), Some(format!("50 at {}", hour(1)).as_str()), "asked for anew");
    assert_eq!(station.list(20, hour(3)), "held");
    assert_eq!(station.list(20, hour(4)), "applied");
    assert_eq!((station.open(), station.state().held.len()), (20, 0));
    assert_eq!(station.tables.intervals(40)[0].ended, Some((hour(4), End::Delisted)));
}

#[test]
fn a_held_feed_recovers_disagrees_or_is_accepted() {
    let mut station = Station::new(RETRACT);
    station.list(1000, hour(0));
    assert_eq!((station.list(400, hour(1)), station.list(300, hour(2))), ("held", "held"));
    assert_eq!(station.list(0, hour(3)), "held", "does not agree with those that are held");
    assert_eq!(station.state().held.len(), 1);
    assert_eq!(station.list(990, hour(4)), "applied");
    assert_eq!(station.state().held, []);
    assert_eq!(station.list(0, hour(5)), "held");
    assert_eq!(station.load_forced(&list(0), hour(5), hour(6), "0", true), "applied");
    assert_eq!(station.open(), 0);
}

#[test]
fn the_same_shrunk_snapshot_twice_counts_once() {
    let mut station = Station::new(RETRACT);
    station.list(100, hour(0));
    for _ in 0..5 {
        assert_eq!(station.load(&list(1), hour(1), hour(1), "one"), "held");
    }
}

#[test]
fn small_feeds_are_not_guarded() {
    let mut station = Station::new(RETRACT);
    station.list(49, hour(0));
    assert_eq!(station.list(0, hour(1)), "applied");
}

#[test]
fn known_bytes_change_no_evidence() {
    let mut station = Station::new(RETRACT);
    station.load(&list(3), hour(0), hour(0), "a");
    let before = station.tables.sightings.clone();
    assert_eq!(station.load(&list(3), hour(1), hour(1), "a"), "unchanged");
    assert_eq!(station.load(&list(3), hour(0), hour(2), "a"), "unchanged", "with the stamp that it had");
    assert_eq!(station.tables.sightings, before);
    assert_eq!(station.state().fetched_at, Some(hour(2)));
    assert_eq!(station.state().as_of, Some(hour(0)));
    // A snapshot that speaks of a time before the confirmation is in order all the same.
    assert_eq!(station.load(&list(2), hour(1), hour(3), "b"), "applied");
    assert_eq!(station.tables.intervals(2)[0].ended, Some((hour(1), End::Delisted)));
    assert_eq!(station.state().snapshots.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [hour(0), hour(1)]);
    assert_eq!(station.load(&list(3), hour(0), hour(4), "a"), "unchanged", "an old copy from a slow mirror");
    assert_eq!(station.state().as_of, Some(hour(1)));
}

#[test]
fn a_quiet_list_is_not_a_silent_feed() {
    let mut station = Station::new(RETRACT);
    station.load(&list(3), hour(0), hour(0), "a");
    for n in 1..1000 {
        assert_eq!(station.load(&list(3), hour(0), hour(n), "a"), "unchanged");
        assert_eq!(lapsed(station.current(), hour(n + 1)), []);
    }
    assert_eq!((station.open(), last_load(station.state())), (3, Some(hour(999))));
    assert!(station.state().snapshots.len() < 1000 / 24 + 5, "one confirmation a day is enough");
}

#[test]
fn not_modified_ends_a_silence() {
    let mut station = Station::new(RETRACT);
    station.load(&list(3), hour(0), hour(0), "a");
    let now = hour(0).plus(FEED_SILENCE_MS);
    assert_eq!(lapsed(station.current(), now.minus(1)), []);
    let updates = lapsed(station.current(), now);
    station.tables.apply(updates);
    assert!(station.state().lapsed && station.open() == 0);
    assert_eq!(lapsed(station.current(), now.plus(DAY_MS)), []);
    let back = now.plus(HOUR_MS);
    let mut read = |digest| Ok(station.archive[&digest].clone());
    let updates = not_modified(station.current(), RETRACT, back, &mut read).unwrap();
    station.tables.apply(updates);
    assert!(!station.state().lapsed);
    let lapse = Interval { first_seen: hour(0), ended: Some((now, End::Lapsed)) };
    assert_eq!(station.tables.intervals(0), [lapse, Interval::open(back)]);
    let mut never = |_| panic!("the archive is not needed");
    let updates = not_modified(station.current(), RETRACT, back.plus(1), &mut never).unwrap();
    station.tables.apply(updates);
    assert_eq!(station.open(), 3);
}

#[test]
fn a_failure_stands_until_the_next_load() {
    let mut station = Station::new(RETRACT);
    station.list(3, hour(0));
    let updates = failed(station.current(), "503 from the publisher");
    station.tables.apply(updates);
    assert_eq!(station.error(FETCH).unwrap().message, "503 from the publisher");
    assert_eq!(station.state().failure.as_deref(), Some("503 from the publisher"));
    assert_eq!(failed(station.current(), "503 from the publisher"), []);
    assert_eq!(station.open(), 3);
    station.list(3, hour(1));
    assert_eq!((station.error(FETCH), &station.state().failure), (None, &None));
}

#[test]
fn too_late_is_an_error_until_the_next_load() {
    let mut station = Station::new(RETRACT);
    station.list(3, hour(0).plus(7 * DAY_MS));
    let before = station.tables.sightings.clone();
    assert_eq!(station.list(2, hour(0).minus(1)), "too late");
    assert!(station.error(LATE).unwrap().message.contains("more than 7 days late"));
    assert_eq!(station.tables.sightings, before);
    assert_eq!(station.list(2, hour(0)), "applied", "exactly seven days");
    assert_eq!(station.error(LATE), None);
    assert_eq!(
        station.tables.intervals(0),
        [Interval { first_seen: hour(0), ended: Some((hour(168), End::Lapsed)) }, Interval::open(hour(168)),]
    );
    assert_eq!((station.state().rows, station.state().as_of), (3, Some(hour(168))), "of the newest snapshot");
}

#[test]
fn an_archive_that_cannot_be_read_changes_nothing() {
    let mut station = Station::new(RETRACT);
    station.list(3, hour(1));
    station.list(4, hour(2));
    let late = list(2);
    let digest = Id::derive(IdKind::Line, &[b"late"]);
    let (etag, last_modified) = (None, None);
    let load =
        Load { snapshot: &late, as_of: hour(0), fetched_at: hour(3), digest, etag, last_modified, forced: false };
    let mut gone = |_| Err(SnapshotError::Io(std::io::Error::other("gone")));
    assert!(accept(station.current(), RETRACT, &load, &mut gone).is_err());
}

#[test]
fn errors_are_retracted_when_the_line_is_mended() {
    let mut station = Station::new(RETRACT);
    let first = read("plain", b"a.xx\na..xx\nb..xx\n").unwrap();
    station.load(&first, hour(0), hour(0), "1");
    assert_eq!((station.tables.errors.len(), station.state().errors), (2, 2));
    let second = read("plain", b"a.xx\nnew.xx\nanother.xx\nb..xx\nc..xx\n").unwrap();
    station.load(&second, hour(1), hour(1), "2");
    let lines: Vec<_> = station.tables.errors.values().map(|error| (&*error.sample, error.line_number)).collect();
    assert!(lines.contains(&("b..xx", 3)), "keeps the number that it had first: {lines:?}");
    assert!(lines.contains(&("c..xx", 5)) && lines.len() == 2);
    let updates = removed(station.current(), hour(2));
    station.tables.apply(updates);
    assert_eq!((station.tables.errors.len(), station.open()), (0, 0));
}

#[test]
fn a_feed_that_was_removed_comes_back_as_new() {
    let mut station = Station::new(RETRACT);
    station.load(&list(100), hour(0), hour(0), "a");
    let updates = removed(station.current(), hour(1));
    station.tables.apply(updates);
    assert!(station.state().lapsed && station.state().etag.is_none());
    assert_eq!(removed(station.current(), hour(2)), []);
    assert_eq!(lapsed(station.current(), hour(2).plus(FEED_SILENCE_MS)), []);
    assert_eq!(station.load(&list(2), hour(3), hour(3), "b"), "applied", "no guard, no past");
    let ended = Interval { first_seen: hour(0), ended: Some((hour(1), End::Lapsed)) };
    assert_eq!(station.tables.intervals(0), [ended, Interval::open(hour(3))]);
    assert_eq!(station.tables.intervals(2), [ended]);
}

#[test]
fn one_stamp_twice_means_the_later_bytes() {
    let mut station = Station::new(RETRACT);
    station.load(&list(3), hour(0), hour(0), "a");
    station.load(&list(5), hour(1), hour(1), "b");
    let mended = hour(1).plus(1);
    assert_eq!(station.load(&list(2), hour(1), hour(2), "c"), "applied");
    assert_eq!((station.open(), station.state().rows, station.state().as_of), (2, 2, Some(mended)));
    assert_eq!(
        station.tables.intervals(2),
        [Interval { first_seen: hour(0), ended: Some((mended, End::Delisted)) }]
    );
    assert_eq!(station.load(&list(5), hour(1), hour(3), "b"), "unchanged", "the old copy");
    assert_eq!(station.load(&list(2), hour(1), hour(4), "c"), "unchanged", "the mended copy");
    assert_eq!(station.open(), 2);
    assert_eq!(station.load(&list(4), hour(0), hour(5), "d"), "applied", "an archived one, mended");
    assert_eq!(
        station.tables.intervals(3),
        [Interval { first_seen: hour(0).plus(1), ended: Some((mended, End::Delisted)) }]
    );
}

#[test]
fn the_archive_list_is_bounded() {
    let lease = FeedPolicy { absence: Absence::Lease(2 * DAY_MS), ..RETRACT };
    let mut station = Station::new(lease);
    for n in 0..400 {
        station.list(usize::try_from(n % 3).unwrap(), hour(n));
    }
    let stamps: Vec<Epoch> = station.state().snapshots.iter().map(|(at, _)| *at).collect();
    assert_eq!(stamps.len(), 7 * 24 + 2);
    assert_eq!(stamps[1], hour(399).minus(7 * DAY_MS));
}

fn state() -> impl Strategy<Value = Option<State>> {
    prop_oneof![4 => Just(Some(State::Present)), 4 => Just(None), 1 => Just(Some(State::Offline))]
}

/// How long after the one before a snapshot was made, how long after that it comes, and what it says.
fn arrival() -> impl Strategy<Value = (u64, u64, [Option<State>; 3])> {
    let step = prop_oneof![Just(HOUR_MS), Just(DAY_MS), Just(2 * DAY_MS), Just(7 * DAY_MS - 1), Just(7 * DAY_MS)];
    let delay = prop_oneof![
        6 => Just(0), 1 => Just(HOUR_MS + 1), 1 => Just(3 * DAY_MS), 1 => Just(7 * DAY_MS), 1 => Just(9 * DAY_MS),
    ];
    (step, delay, [state(), state(), state()])
}

proptest! {
    /// Snapshots come in any order, some too late; between them the clock runs. What counts then is what
    /// arrival in order would have given.
    #[test]
    fn late_arrivals_equal_the_specification(
        arrivals in prop::collection::vec(arrival(), 1..14),
        lease in prop::option::of(prop::sample::select(vec![0, DAY_MS, 7 * DAY_MS, 10 * DAY_MS])),
    ) {
        let absence = lease.map_or(Absence::Retract, Absence::Lease);
        let mut station = Station::new(FeedPolicy { absence, ..RETRACT });
        let mut made = START;
        let mut arriving: Vec<(Epoch, Epoch, [Option<State>; 3])> = Vec::new();
        for (step, delay, states) in arrivals {
            made = made.plus(step);
            arriving.push((made.plus(delay), made, states));
        }
        arriving.sort_by_key(|(fetched, made, _)| (*fetched, *made));
        let mut history = BTreeMap::new();
        for (fetched, made, states) in arriving {
            let updates = lapsed(station.current(), fetched);
            station.tables.apply(updates);
            let what = station.load(&snapshot(&states, made), made, fetched, &made.to_string());
            if what != "too late" {
                history.insert(made, states);
            }
            let updates = lapsed(station.current(), fetched);
            station.tables.apply(updates);
            for n in 0..3 {
                let own: Vec<(Epoch, Option<State>)> =
                    history.iter().map(|(at, states): (&Epoch, &[_; 3])| (*at, states[n])).collect();
                prop_assert_eq!(
                    station.tables.intervals(n), &intervals_of(&own, fetched, absence)[..],
                    "entry {} under {:?} at {}: {:?}", n, absence, fetched, own
                );
            }
        }
    }
}
