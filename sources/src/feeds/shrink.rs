//! The shrink guard: a broken snapshot must not resolve a feed's cases in one go.
//!
//! A snapshot that lost too many rows is held back, until two more say the same or an operator accepts it.

use panopticon_model::id::Id;
use panopticon_model::time::Epoch;

/// How far a feed may shrink between two snapshots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guard {
    /// Per cent of the rows that may go.
    pub percent: u8,
    /// A feed of fewer rows is not guarded: small lists change by half in a day.
    pub floor: u64,
}

impl Default for Guard {
    fn default() -> Guard {
        Guard { percent: 50, floor: 50 }
    }
}

/// Snapshots that agree with each other before a shrunk feed is believed.
const AGREEING: usize = 3;

impl Guard {
    /// Whether going from `before` to `after` rows is more than may be.
    pub(super) fn is_breached(self, before: u64, after: u64) -> bool {
        let keep = u128::from(100_u8.saturating_sub(self.percent));
        before >= self.floor && u128::from(after) * 100 < u128::from(before) * keep
    }

    /// Holds a shrunk snapshot back; or none, if it is believed because it agrees with those that are held.
    /// One that does not agree with them takes their place. The same snapshot twice counts once.
    pub(super) fn hold(self, held: &[(Epoch, u64, Id)], new: (Epoch, u64, Id)) -> Option<Vec<(Epoch, u64, Id)>> {
        let (as_of, rows, _) = new;
        let agrees = |other: u64| !self.is_breached(other.max(rows), other.min(rows));
        let mut held: Vec<_> = match held.iter().all(|(_, other, _)| agrees(*other)) {
            true => held.iter().filter(|(at, ..)| *at != as_of).copied().collect(),
            false => Vec::new(),
        };
        held.push(new);
        (held.len() < AGREEING).then_some(held)
    }
}
