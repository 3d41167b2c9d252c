//! Intervals: from the snapshots that held an entry to the times in which its feed upheld it.
//!
//! ```text
//! snapshots      s1     s2     s3     s4           s5     now
//! entry held     ●      ●      ○      ●            ●
//! retract        ├─────────────┤      ├─────────────────► open
//! lease          ├───────────────────────────────────────► open: it came back before the lease ran out
//! silence        a gap of seven days or more after a good load ends what is open, seven days after that load
//! until          what its publisher says will end ends then, whether there is a snapshot or not
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
/// A snapshot holds an entry that is present, or is valid until a time behind that snapshot; until one before it is a
/// statement that it `expired`. A run is a row of consecutive snapshots that hold the entry, without a silence between two
/// of them, and each before the end that the one before it names. A run opens an interval. It ends when the first of these
/// comes:
/// - the time until which its last snapshot says that it is valid: `expired`;
/// - seven days after its last snapshot, if there is no other within seven days: the feed went silent, `lapsed`. Then
///   none of the following;
/// - the next snapshot, if that states it `offline`, `withdrawn` or `expired`;
/// - the next snapshot, if that lacks it and absence retracts: `delisted`;
/// - a lease after the next snapshot, if that lacks it and absence has a lease, or the named end if that is earlier:
///   `lapsed`. Before that instant the next run continues the interval, and a statement ends it. A lease is a promise in
///   time: silence of the feed does not shorten it.
///
/// An entry that was never held has no interval, and a statement about an interval that is over changes nothing.
#[must_use]
pub fn intervals_of(history: &[(Epoch, Option<State>)], now: Epoch, absence: Absence) -> Intervals {
    let mut intervals: Intervals = Intervals::new();
    let mut rest = history;
    while let Some(((start, state), after)) = rest.split_first() {
        rest = after;
        let Some(Word::Held(mut named)) = word(*state, *start) else { continue };
        let mut last = *start;
        while let Some(((at, state), after)) = rest.split_first() {
            let Some(Word::Held(until)) = word(*state, *at) else { break };
            if is_silence(last, *at) || named.is_some_and(|named| named <= *at) {
                break;
            }
            (last, named, rest) = (*at, until, after);
        }
        let ended = end_of_run(last, named, rest, now, absence);
        match intervals.last_mut() {
            Some(before) if before.ended.is_some_and(|(at, _)| *start < at) => before.ended = ended,
            _ => intervals.push(Interval { first_seen: *start, ended }),
        }
    }
    intervals
}

/// What a snapshot says of an entry that it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    /// It upholds it, and may name the end of that.
    Held(Option<Epoch>),
    /// It ends.
    Ended(End),
}

/// What the snapshot at `at` says of an entry.
fn word(state: Option<State>, at: Epoch) -> Option<Word> {
    Some(match state? {
        State::Present => Word::Held(None),
        State::Until(until) if at < until => Word::Held(Some(until)),
        State::Until(_) => Word::Ended(End::Expired),
        State::Offline => Word::Ended(End::Offline),
        State::Withdrawn => Word::Ended(End::Withdrawn),
    })
}

/// The end of an interval, as the snapshot at `at` names it that holds the entry.
pub(super) fn named_end(state: State, at: Epoch) -> Option<(Epoch, End)> {
    match word(Some(state), at) {
        Some(Word::Held(named)) => named.map(|at| (at, End::Expired)),
        _ => None,
    }
}

/// How a run ends whose last snapshot was at `last` and named its end, if it did.
fn end_of_run(
    last: Epoch,
    named: Option<Epoch>,
    later: &[(Epoch, Option<State>)],
    now: Epoch,
    absence: Absence,
) -> Option<(Epoch, End)> {
    let expired = named.map(|at| (at, End::Expired));
    let before = |end: (Epoch, End)| expired.filter(|(at, _)| *at <= end.0).or(Some(end));
    let next = later.first();
    if is_silence(last, next.map_or(now, |(at, _)| *at)) {
        return before((last.plus(FEED_SILENCE_MS), End::Lapsed));
    }
    let Some((at, state)) = next else { return expired };
    match (word(*state, *at), absence) {
        (Some(Word::Ended(end)), _) => before((*at, end)),
        // A run goes as far as it can: here it was over before.
        (Some(Word::Held(_)), _) => expired,
        (None, Absence::Retract) => before((*at, End::Delisted)),
        (None, Absence::Lease(_)) if named.is_some_and(|named| named <= *at) => expired,
        (None, Absence::Lease(lease)) => {
            let over = named.map_or(at.plus(lease), |named| named.min(at.plus(lease)));
            let mut words = later.iter().filter_map(|(at, state)| Some((*at, word(*state, *at)?)));
            match words.next() {
                Some((at, Word::Ended(end))) if at < over => Some((at, end)),
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
    /// A new interval opens, and may have an end that is named.
    Open(Option<Epoch>),
    /// The last one goes on: its end, which lay ahead, gives way to one that is named, or to none.
    GoOn(Option<Epoch>),
    /// The last one ends.
    Close(Epoch, End),
}

impl Turn {
    /// What the snapshot at `at` does to an entry whose last interval is `last`.
    pub(super) fn of(last: Option<&Interval>, held: Option<State>, at: Epoch, absence: Absence) -> Turn {
        let live = last.filter(|interval| interval.ended.is_none_or(|(end, _)| at < end));
        let word = word(held, at);
        let Some(live) = live else {
            return if let Some(Word::Held(named)) = word { Turn::Open(named) } else { Turn::Stay };
        };
        match (word, absence, live.ended) {
            (Some(Word::Held(named)), _, ended) if ended == named.map(|at| (at, End::Expired)) => Turn::Stay,
            (Some(Word::Held(named)), ..) => Turn::GoOn(named),
            (Some(Word::Ended(end)), ..) => Turn::Close(at, end),
            (None, Absence::Retract, _) => Turn::Close(at, End::Delisted),
            (None, Absence::Lease(lease), None) => Turn::Close(at.plus(lease), End::Lapsed),
            (None, Absence::Lease(lease), Some((named, End::Expired))) => {
                Turn::Close(named.min(at.plus(lease)), End::Lapsed)
            }
            (None, Absence::Lease(_), Some(_)) => Turn::Stay,
        }
    }

    /// What time alone does: a feed that loaded at `last_load` is silent at `now`.
    pub(super) fn of_silence(last: Option<&Interval>, last_load: Epoch, now: Epoch) -> Turn {
        let over = last_load.plus(FEED_SILENCE_MS);
        let is_upheld = |interval: &Interval| match interval.ended {
            None => true,
            Some((named, end)) => end == End::Expired && over < named,
        };
        if last.is_some_and(is_upheld) && is_silence(last_load, now) {
            Turn::Close(over, End::Lapsed)
        } else {
            Turn::Stay
        }
    }

    /// Carries it out at `at`.
    pub(super) fn apply(self, intervals: &mut Intervals, at: Epoch) {
        let expires = |named: Option<Epoch>| named.map(|at| (at, End::Expired));
        match (self, intervals.last_mut()) {
            (Turn::Open(named), _) => intervals.push(Interval { first_seen: at, ended: expires(named) }),
            (Turn::GoOn(named), Some(last)) => last.ended = expires(named),
            (Turn::Close(at, end), Some(last)) => last.ended = Some((at, end)),
            (Turn::Stay | Turn::GoOn(_) | Turn::Close(..), _) => {}
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
