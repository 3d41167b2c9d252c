//! Intervals: from the snapshots that held an entry to the times in which its feed upheld it.
//!
//! ```text
//! snapshots      s1     s2     s3     s4           s5     now
//! entry held     ●      ●      ○      ●            ●
//! retract        ├─────────────┤      ├─────────────────► open
//! lease          ├───────────────────────────────────────► open: it came back before the lease ran out
//! silence        a gap of seven days or more after a good load ends what is open, seven days after that load
//! ```
//!
//! [`intervals_of`] is the specification: a definition by runs, over the whole history. What the service does
//! is one `Turn` of the last interval per snapshot; a property test holds the two together.

use panopticon_model::sighting::{End, FEED_SILENCE_MS, Interval, Intervals, KEEP_CLOSED_MS, Sighting};
use panopticon_model::time::Epoch;

use super::{Absence, State};

/// The intervals of one entry, from every good snapshot of its feed (strictly ascending) and what it says of the
/// entry.
///
/// A run is a row of consecutive snapshots that hold the entry, without a silence between two of them. A run opens an
/// interval. It ends, in this order of precedence,
/// - seven days after its last snapshot, if there is no other within seven days: the feed went silent, `lapsed`;
/// - at the next snapshot, if that states it `offline` or `withdrawn`;
/// - at the next snapshot, if that lacks it and absence retracts: `delisted`;
/// - a lease after the next snapshot, if that lacks it and absence has a lease: `lapsed`. Before that instant the next
///   run continues the interval, and a statement (`offline`, `withdrawn`) ends it. A lease is a promise in time:
///   silence of the feed does not shorten it.
///
/// An entry that was never held has no interval, and a statement about an interval that is over changes nothing.
#[must_use]
pub fn intervals_of(history: &[(Epoch, Option<State>)], now: Epoch, absence: Absence) -> Intervals {
    let mut intervals: Intervals = Intervals::new();
    let mut rest = history;
    while let Some(((start, state), after)) = rest.split_first() {
        rest = after;
        if *state != Some(State::Present) {
            continue;
        }
        let mut last = *start;
        while let Some(((at, Some(State::Present)), after)) = rest.split_first() {
            if is_silence(last, *at) {
                break;
            }
            (last, rest) = (*at, after);
        }
        let ended = end_of_run(last, rest, now, absence);
        match intervals.last_mut() {
            Some(before) if before.ended.is_some_and(|(at, _)| *start < at) => before.ended = ended,
            _ => intervals.push(Interval { first_seen: *start, ended }),
        }
    }
    intervals
}

/// How a run ends whose last snapshot was at `last`.
fn end_of_run(
    last: Epoch,
    later: &[(Epoch, Option<State>)],
    now: Epoch,
    absence: Absence,
) -> Option<(Epoch, End)> {
    let next = later.first();
    if is_silence(last, next.map_or(now, |(at, _)| *at)) {
        return Some((last.plus(FEED_SILENCE_MS), End::Lapsed));
    }
    let (at, state) = next?;
    match (state, absence) {
        (Some(State::Offline), _) => Some((*at, End::Offline)),
        (Some(State::Withdrawn), _) => Some((*at, End::Withdrawn)),
        // A run goes as far as it can: a snapshot that holds the entry follows only after a silence.
        (Some(State::Present), _) => None,
        (None, Absence::Retract) => Some((*at, End::Delisted)),
        (None, Absence::Lease(lease)) => {
            let over = at.plus(lease);
            let first_word = later.iter().find(|(_, state)| state.is_some()).filter(|(at, _)| *at < over);
            match first_word {
                Some((at, Some(State::Offline))) => Some((*at, End::Offline)),
                Some((at, Some(State::Withdrawn))) => Some((*at, End::Withdrawn)),
                _ => Some((over, End::Lapsed)),
            }
        }
    }
}

/// Whether a feed that loaded at `last`, and then not before `next`, had gone silent.
#[must_use]
pub fn is_silence(last: Epoch, next: Epoch) -> bool {
    next >= last.plus(FEED_SILENCE_MS)
}

/// What a snapshot does to the last interval of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Nothing.
    Stay,
    /// A new interval opens.
    Open,
    /// The last one goes on: its end, a lease that is running, is taken off.
    GoOn,
    /// The last one ends.
    Close(Epoch, End),
}

impl Turn {
    /// What the snapshot at `at` does to an entry whose last interval is `last`.
    pub(super) fn of(last: Option<&Interval>, held: Option<State>, at: Epoch, absence: Absence) -> Turn {
        let open = last.is_some_and(|interval| interval.ended.is_none());
        let leased = last.is_some_and(|interval| interval.ended.is_some_and(|(end, _)| at < end));
        match (held, absence) {
            (Some(State::Present), _) if open => Turn::Stay,
            (Some(State::Present), _) if leased => Turn::GoOn,
            (Some(State::Present), _) => Turn::Open,
            (Some(State::Offline), _) if open || leased => Turn::Close(at, End::Offline),
            (Some(State::Withdrawn), _) if open || leased => Turn::Close(at, End::Withdrawn),
            (None, Absence::Retract) if open || leased => Turn::Close(at, End::Delisted),
            (None, Absence::Lease(lease)) if open => Turn::Close(at.plus(lease), End::Lapsed),
            _ => Turn::Stay,
        }
    }

    /// What time alone does: a feed that loaded at `last_load` is silent at `now`.
    pub(super) fn of_silence(last: Option<&Interval>, last_load: Epoch, now: Epoch) -> Turn {
        let open = last.is_some_and(|interval| interval.ended.is_none());
        if open && is_silence(last_load, now) {
            Turn::Close(last_load.plus(FEED_SILENCE_MS), End::Lapsed)
        } else {
            Turn::Stay
        }
    }

    /// Carries it out at `at`.
    pub(super) fn apply(self, intervals: &mut Intervals, at: Epoch) {
        match (self, intervals.last_mut()) {
            (Turn::Open, _) => intervals.push(Interval::open(at)),
            (Turn::GoOn, Some(last)) => last.ended = None,
            (Turn::Close(at, end), Some(last)) => last.ended = Some((at, end)),
            (Turn::Stay | Turn::GoOn | Turn::Close(..), _) => {}
        }
    }
}

/// What is left of a sighting once closed intervals have been kept for 400 days: `None` when all of it is,
/// `Some(None)` when nothing is, else the sighting without the intervals that are too old.
#[must_use]
pub fn expired(sighting: &Sighting, now: Epoch) -> Option<Option<Sighting>> {
    let keeps = |interval: &Interval| interval.ended_at().is_none_or(|at| now < at.plus(KEEP_CLOSED_MS));
    if sighting.intervals.iter().all(keeps) {
        return None;
    }
    let intervals: Intervals = sighting.intervals.iter().copied().filter(keeps).collect();
    Some((!intervals.is_empty()).then(|| Sighting { intervals, ..sighting.clone() }))
}
