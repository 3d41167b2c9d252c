//! Intervals: the incremental functions equal the specification under random histories.

use std::collections::BTreeMap;
use std::sync::Arc;

use panopticon_model::id::{Id, IdKind};
use panopticon_model::sighting::{End, FEED_SILENCE_MS, Interval, Intervals, KEEP_CLOSED_MS, Sighting};
use panopticon_model::time::{DAY_MS, Epoch, HOUR_MS};
use panopticon_sources::feeds::advance::{advance, close_all, lapse};
use panopticon_sources::feeds::intervals::{expired, intervals_of};
use panopticon_sources::feeds::splice::{Archive, Late, splice};
use panopticon_sources::feeds::{Absence, State};
use proptest::prelude::*;

use super::world::{Tables, feed, snapshot};

const ENTRIES: usize = 3;
const START: Epoch = Epoch(1_700_000_000_000);

/// What a snapshot says of each entry.
type States = [Option<State>; ENTRIES];
/// The same, while its time is not known: how much later or earlier a named end is.
type Sayings = [Option<Said>; ENTRIES];

#[derive(Clone, Copy, Debug)]
enum Said {
    State(State),
    /// Valid until so many milliseconds after the snapshot; before it, if negative.
    Until(i64),
}
/// All snapshots of a feed.
type History = BTreeMap<Epoch, States>;

fn said() -> impl Strategy<Value = Option<Said>> {
    prop_oneof![
        4 => Just(Some(Said::State(State::Present))),
        4 => Just(None),
        1 => Just(Some(Said::State(State::Offline))),
        1 => Just(Some(Said::State(State::Withdrawn))),
        3 => until().prop_map(|ms| Some(Said::Until(ms))),
    ]
}

/// Ends that are named, at the edges of leases, silences and other snapshots.
fn until() -> impl Strategy<Value = i64> {
    const DAY: i64 = DAY_MS.cast_signed();
    prop_oneof![
        Just(-DAY),
        Just(0),
        Just(1),
        Just(DAY),
        Just(DAY + 1),
        Just(2 * DAY),
        Just(7 * DAY),
        Just(8 * DAY),
        Just(40 * DAY)
    ]
}

/// Steps that hit the edges of leases and silences, and some that do not.
fn step() -> impl Strategy<Value = u64> {
    prop_oneof![
        Just(1),
        Just(HOUR_MS),
        Just(DAY_MS),
        Just(2 * DAY_MS),
        Just(FEED_SILENCE_MS - 1),
        Just(FEED_SILENCE_MS),
        Just(FEED_SILENCE_MS + 1),
    ]
}

fn absence() -> impl Strategy<Value = Absence> {
    prop_oneof![
        Just(Absence::Retract),
        Just(Absence::Lease(0)),
        Just(Absence::Lease(DAY_MS)),
        Just(Absence::Lease(2 * DAY_MS)),
        Just(Absence::Lease(FEED_SILENCE_MS)),
        Just(Absence::Lease(3 * FEED_SILENCE_MS)),
    ]
}

fn history() -> impl Strategy<Value = Vec<(u64, Sayings)>> {
    prop::collection::vec((step(), [said(), said(), said()]), 1..14)
}

fn stamped(history: &[(u64, Sayings)]) -> Vec<(Epoch, States)> {
    let mut at = START;
    let state = |said: Said, at: Epoch| match said {
        Said::State(state) => state,
        Said::Until(ms) => State::Until(Epoch(at.0.saturating_add_signed(ms))),
    };
    let stamp = |(step, said): &(u64, Sayings)| {
        at = at.plus(*step);
        (at, said.map(|said| Some(state(said?, at))))
    };
    history.iter().map(stamp).collect()
}

/// The sightings are what the specification says, and their words are those of the newest holder.
fn assert_equal_specification(tables: &Tables, history: &History, now: Epoch, absence: Absence) {
    for n in 0..ENTRIES {
        let own: Vec<(Epoch, Option<State>)> = history.iter().map(|(at, states)| (*at, states[n])).collect();
        let expected = intervals_of(&own, now, absence);
        assert_eq!(tables.intervals(n), &expected[..], "entry {n} under {absence:?} at {now}: {own:?}");
        if let Some(sighting) = tables.sightings.get(&super::world::key(n)) {
            let holder = own.iter().rev().find(|(_, state)| state.is_some()).map(|(at, _)| *at);
            assert_eq!(sighting.last_seen, holder, "words of entry {n}: {own:?}");
        }
    }
}

fn digest(at: Epoch) -> Id {
    Id::derive(IdKind::Line, &[&at.0.to_le_bytes()])
}

/// Splices a late snapshot in, reading others from the history; says how many were read.
fn splice_in(tables: &mut Tables, history: &mut History, at: Epoch, states: States, absence: Absence) -> usize {
    let snapshots: Vec<(Epoch, Id)> = history.keys().map(|at| (*at, digest(*at))).collect();
    let late = snapshot(&states, at);
    let mut reads = 0;
    let mut read = |id: Id| {
        reads += 1;
        let (at, states) = history.iter().find(|(at, _)| digest(**at) == id).unwrap();
        Ok(snapshot(states, *at))
    };
    let now = *history.keys().next_back().unwrap();
    let (feed, sightings) = (feed(), &tables.sightings);
    let late = Late { feed: &feed, snapshot: &late, as_of: at, sightings, absence };
    let updates = splice(late, Archive { snapshots: &snapshots, read: &mut read }, now).unwrap();
    tables.apply(updates);
    history.insert(at, states);
    reads
}

proptest! {
    #[test]
    fn in_order_equals_the_specification(history in history(), absence in absence(), lapses in any::<bool>()) {
        let (mut tables, mut known, mut last) = (Tables::default(), History::new(), None);
        for (at, states) in stamped(&history) {
            if let Some(last) = last.filter(|_| lapses) {
                tables.apply(lapse(&feed(), &tables.sightings, last, at));
                assert_equal_specification(&tables, &known, at, absence);
                prop_assert_eq!(lapse(&feed(), &tables.sightings, last, at), []);
            }
            let snapshot = snapshot(&states, at);
            tables.apply(advance(&feed(), &tables.sightings, last, &snapshot, at, absence));
            known.insert(at, states);
            assert_equal_specification(&tables, &known, at, absence);
            last = Some(at);
        }
    }

    #[test]
    fn late_equals_the_specification(
        history in history(),
        absence in absence(),
        order in prop::collection::vec(any::<prop::sample::Index>(), 14),
        lapse_after in prop::option::of(step()),
    ) {
        // The last snapshot comes first, the others in any order.
        let mut waiting = stamped(&history);
        let (newest, states) = waiting.pop().unwrap();
        let (mut tables, mut known) = (Tables::default(), History::from([(newest, states)]));
        tables.apply(advance(&feed(), &tables.sightings, None, &snapshot(&states, newest), newest, absence));
        for index in order {
            if waiting.is_empty() {
                break;
            }
            let (at, states) = waiting.swap_remove(index.index(waiting.len()));
            splice_in(&mut tables, &mut known, at, states, absence);
            assert_equal_specification(&tables, &known, newest, absence);
        }
        if let Some(now) = lapse_after.map(|step| newest.plus(step)) {
            tables.apply(lapse(&feed(), &tables.sightings, newest, now));
            assert_equal_specification(&tables, &known, now, absence);
        }
    }

    #[test]
    fn the_same_again_changes_nothing(history in history(), absence in absence()) {
        let (mut tables, mut last) = (Tables::default(), None);
        for (at, states) in stamped(&history) {
            let snapshot = snapshot(&states, at);
            tables.apply(advance(&feed(), &tables.sightings, last, &snapshot, at, absence));
            prop_assert_eq!(advance(&feed(), &tables.sightings, Some(at), &snapshot, at.plus(1), absence), []);
            last = Some(at);
        }
    }

    #[test]
    fn intervals_are_in_order_and_apart(history in history(), absence in absence()) {
        let stamped = stamped(&history);
        for n in 0..ENTRIES {
            let own: Vec<(Epoch, Option<State>)> = stamped.iter().map(|(at, states)| (*at, states[n])).collect();
            let intervals = intervals_of(&own, stamped.last().unwrap().0, absence);
            for pair in intervals.windows(2) {
                prop_assert!(pair[0].ended_at().is_some_and(|end| end <= pair[1].first_seen), "{:?}", intervals);
            }
            for interval in &intervals {
                prop_assert!(interval.ended_at().is_none_or(|end| interval.first_seen < end), "{:?}", intervals);
            }
        }
    }
}

/// A history in letters: `o` present, `.` absent, `x` offline, `w` withdrawn, a digit until that day; one snapshot a day.
fn check(absence: Absence, days: &str, now_day: u64, expect: &[(u64, Option<(u64, End)>)]) {
    let day = |n: u64| START.plus(n * DAY_MS);
    let own: Vec<(Epoch, Option<State>)> = (0..)
        .zip(days.chars())
        .filter(|(_, letter)| *letter != '_')
        .map(|(n, letter)| match letter {
            'o' => (day(n), Some(State::Present)),
            'x' => (day(n), Some(State::Offline)),
            'w' => (day(n), Some(State::Withdrawn)),
            digit @ '0'..='9' => (day(n), digit.to_digit(10).map(|until| State::Until(day(until.into())))),
            _ => (day(n), None),
        })
        .collect();
    let expected: Intervals = expect
        .iter()
        .map(|(first, ended)| Interval { first_seen: day(*first), ended: ended.map(|(n, end)| (day(n), end)) })
        .collect();
    assert_eq!(intervals_of(&own, day(now_day), absence), expected, "{days}");
}

#[test]
fn a_complete_list() {
    check(Absence::Retract, "", 9, &[]);
    check(Absence::Retract, "....", 3, &[]);
    check(Absence::Retract, ".oo", 2, &[(1, None)]);
    check(Absence::Retract, ".oo.", 3, &[(1, Some((3, End::Delisted)))]);
    check(Absence::Retract, "o.oo", 3, &[(0, Some((1, End::Delisted))), (2, None)]);
    check(Absence::Retract, "xxo", 2, &[(2, None)]);
    check(Absence::Retract, "oxxo", 3, &[(0, Some((1, End::Offline))), (3, None)]);
    check(Absence::Retract, "ow.", 2, &[(0, Some((1, End::Withdrawn)))]);
    check(Absence::Retract, "o.w", 2, &[(0, Some((1, End::Delisted)))]);
}

#[test]
fn a_window_of_the_newest() {
    let lease = Absence::Lease(3 * DAY_MS);
    check(lease, "oo.", 2, &[(0, Some((5, End::Lapsed)))]);
    check(lease, "o...", 3, &[(0, Some((4, End::Lapsed)))]);
    check(lease, "o..o", 3, &[(0, None)]);
    check(lease, "o...o", 4, &[(0, Some((4, End::Lapsed))), (4, None)]);
    check(lease, "o..x", 3, &[(0, Some((3, End::Offline)))]);
    check(lease, "o...x", 4, &[(0, Some((4, End::Lapsed)))]);
    check(lease, "o..w", 3, &[(0, Some((3, End::Withdrawn)))]);
    check(lease, "o..o.", 4, &[(0, Some((7, End::Lapsed)))]);
}

#[test]
fn a_silent_feed() {
    check(Absence::Retract, "oo", 7, &[(0, None)]);
    check(Absence::Retract, "oo", 8, &[(0, Some((8, End::Lapsed)))]);
    check(Absence::Retract, "oo______o", 8, &[(0, Some((8, End::Lapsed))), (8, None)]);
    check(Absence::Retract, "oo_____o", 7, &[(0, None)]);
    check(Absence::Retract, "oo______.", 8, &[(0, Some((8, End::Lapsed)))]);
    // A lease is a promise in time: silence neither shortens it nor keeps the entry from coming back.
    check(Absence::Lease(20 * DAY_MS), "o.________o", 10, &[(0, None)]);
    check(Absence::Lease(20 * DAY_MS), "o.", 15, &[(0, Some((21, End::Lapsed)))]);
}

#[test]
fn a_named_end() {
    let expired = |day: u64| Some((day, End::Expired));
    check(Absence::Retract, "5", 1, &[(0, expired(5))]);
    check(Absence::Retract, "555", 2, &[(0, expired(5))]);
    // It moves with what the publisher says.
    check(Absence::Retract, "57", 1, &[(0, expired(7))]);
    check(Absence::Retract, "53o", 2, &[(0, None)]);
    check(Absence::Retract, "o3", 1, &[(0, expired(3))]);
    // What is over is over, whatever the list still holds, and comes back if the end moves.
    check(Absence::Retract, "2222", 3, &[(0, expired(2))]);
    check(Absence::Retract, "2229", 3, &[(0, expired(2)), (3, expired(9))]);
    check(Absence::Retract, "__1", 2, &[]);
    check(Absence::Retract, "oo1", 2, &[(0, expired(2))]);
    // Whatever comes first.
    check(Absence::Retract, "9.", 1, &[(0, Some((1, End::Delisted)))]);
    check(Absence::Retract, "9x", 1, &[(0, Some((1, End::Offline)))]);
    check(Absence::Retract, "9", 8, &[(0, Some((7, End::Lapsed)))]);
    check(Absence::Retract, "6", 8, &[(0, expired(6))]);
    // A lease does not outlive it.
    let lease = Absence::Lease(3 * DAY_MS);
    check(lease, "9.", 1, &[(0, Some((4, End::Lapsed)))]);
    check(lease, "2..", 2, &[(0, Some((2, End::Lapsed)))]);
    check(lease, "1.", 1, &[(0, expired(1))]);
    check(lease, "9..o", 3, &[(0, None)]);
}

#[test]
fn a_removed_feed_ends_leases_too() {
    let (at, later, now) = (START, START.plus(DAY_MS), START.plus(2 * DAY_MS));
    let lease = Absence::Lease(7 * DAY_MS);
    let mut tables = Tables::default();
    let both = snapshot(&[Some(State::Present), Some(State::Present)], at);
    tables.apply(advance(&feed(), &tables.sightings, None, &both, at, lease));
    let one = snapshot(&[Some(State::Present)], at);
    tables.apply(advance(&feed(), &tables.sightings, Some(at), &one, later, lease));
    tables.apply(close_all(&feed(), &tables.sightings, now, End::Lapsed));
    let ended = [Interval { first_seen: at, ended: Some((now, End::Lapsed)) }];
    assert_eq!((tables.intervals(0), tables.intervals(1)), (&ended[..], &ended[..]));
    assert_eq!(close_all(&feed(), &tables.sightings, now, End::Lapsed), []);
}

#[test]
fn a_late_snapshot_reads_few_others() {
    let (mut tables, mut known, mut last) = (Tables::default(), History::new(), None);
    for n in 0..200 {
        let at = START.plus(n * HOUR_MS);
        let states = [Some(State::Present), Some(State::Present), (n % 20 != 0).then_some(State::Present)];
        let absence = Absence::Lease(DAY_MS);
        tables.apply(advance(&feed(), &tables.sightings, last, &snapshot(&states, at), at, absence));
        known.insert(at, states);
        last = Some(at);
    }
    let late = START.plus(50 * HOUR_MS + 1);
    let states = [Some(State::Present), None, Some(State::Present)];
    let reads = splice_in(&mut tables, &mut known, late, states, Absence::Lease(DAY_MS));
    assert!(reads < 5, "{reads} archived snapshots were read");
    assert_equal_specification(&tables, &known, last.unwrap(), Absence::Lease(DAY_MS));
}

#[test]
fn closed_intervals_are_kept_400_days() {
    let (_, claim) = super::world::claim(0, State::Present, START);
    let ended = |first: u64, at: u64| Interval {
        first_seen: START.plus(first),
        ended: Some((START.plus(at), End::Delisted)),
    };
    let sighting = |intervals: Intervals| Sighting {
        observable: Arc::clone(&claim.observable),
        abuse_class: claim.abuse_class,
        label: claim.label.clone(),
        confidence: None,
        brand: None,
        reported_at: None,
        last_seen: None,
        intervals,
    };
    let both = sighting([ended(0, 1), ended(2, 3)].into_iter().collect());
    assert_eq!(expired(&both, START.plus(KEEP_CLOSED_MS)), None);
    assert_eq!(expired(&both, START.plus(KEEP_CLOSED_MS + 1)), Some(Some(sighting([ended(2, 3)].into()))));
    assert_eq!(expired(&both, START.plus(KEEP_CLOSED_MS + 3)), Some(None));
    let open = sighting([Interval::open(START)].into());
    assert_eq!(expired(&open, START.plus(10 * KEEP_CLOSED_MS)), None);
}
