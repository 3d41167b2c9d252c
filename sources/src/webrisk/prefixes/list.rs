//! A list with its version, and when it is fetched again: every step is a function of an instant.

use std::collections::BTreeMap;
use std::sync::Arc;

use panopticon_model::time::{DAY_MS, Epoch, HOUR_MS, MINUTE_MS};

use super::{Diff, DiffError, Prefixes};
use crate::fetch::mix;
use crate::webrisk::{Entries, ThreatType};

/// The lists that are kept.
pub type Lists = BTreeMap<ThreatType, Arc<ThreatList>>;

/// How long a list counts when it could not be fetched although it was due.
pub const GRACE_MS: u64 = 6 * HOUR_MS;

/// Between two diffs when the server does not say.
const USUAL_MS: u64 = 30 * MINUTE_MS;
/// Between two diffs at least, whatever the server says.
const LEAST_MS: u64 = MINUTE_MS;
/// Between two diffs at most.
const MOST_MS: u64 = DAY_MS;
/// After a first failure, before the random share.
const BACK_OFF_MS: u64 = 15 * MINUTE_MS;

/// A list, as of a version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThreatList {
    /// Its entries.
    pub prefixes: Prefixes,
    /// The version that the server gave it; empty if the next answer must be the whole list.
    pub version: Vec<u8>,
    /// When it is to be fetched again.
    pub due_at: Epoch,
    /// Until when a URL that is not on it is clear. A list that was never fetched counts at no time.
    pub counts_until: Epoch,
    /// How often in a row it could not be fetched.
    pub failures: u8,
}

impl ThreatList {
    /// The list after a diff that came at `now`. `recommendedNextDiff` is the soonest for the next one.
    ///
    /// # Errors
    /// [`DiffError`]; then go on with [`ThreatList::dropped`].
    pub fn updated(&self, diff: &Diff, most: Entries, now: Epoch) -> Result<ThreatList, DiffError> {
        let prefixes = self.prefixes.apply(diff, most)?;
        let next_at = diff.next_at.unwrap_or(now.plus(USUAL_MS));
        let due_at = next_at.max(now.plus(LEAST_MS)).min(now.plus(MOST_MS));
        Ok(ThreatList {
            prefixes,
            version: diff.version.clone(),
            due_at,
            counts_until: due_at.plus(GRACE_MS),
            failures: 0,
        })
    }

    /// The list after it could not be fetched: it stays, and rests before it is asked for again.
    ///
    /// The wait is that of the Update API, `MIN(2^(N-1) * 15 minutes * (RAND + 1), 24 hours)` after N failures, and
    /// no shorter than the server asks for. `seed` is the chance.
    #[must_use]
    pub fn failed(&self, now: Epoch, not_before: Option<Epoch>, seed: u64) -> ThreatList {
        let failures = self.failures.saturating_add(1);
        let doubled = BACK_OFF_MS << u32::from(failures - 1).min(16);
        let share = mix(seed.wrapping_add(u64::from(failures))) % 1024;
        let wait = (doubled + doubled / 1024 * share).min(MOST_MS);
        ThreatList { due_at: now.plus(wait).max(not_before.unwrap_or_default()), failures, ..self.clone() }
    }

    /// Nothing, to be fetched whole. What is known of its failures stays.
    #[must_use]
    pub fn dropped(&self) -> ThreatList {
        ThreatList { due_at: self.due_at, failures: self.failures, ..ThreatList::default() }
    }

    /// The same list, to be fetched whole: the server does not take its version.
    #[must_use]
    pub fn without_version(&self) -> ThreatList {
        ThreatList { version: Vec::new(), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_wait_longer_each_time_up_to_a_day() {
        let now = Epoch(1_000_000);
        for seed in 0..50 {
            let mut list = ThreatList { counts_until: Epoch(7), ..ThreatList::default() };
            for number in 1..=300u32 {
                list = list.failed(now, None, seed);
                let wait = list.due_at.0 - now.0;
                let least = (BACK_OFF_MS << (number - 1).min(20)).min(MOST_MS);
                assert!(wait >= least && wait <= (2 * least).min(MOST_MS), "{number} {seed} {wait}");
                assert_eq!((list.counts_until, u32::from(list.failures)), (Epoch(7), number.min(255)));
            }
        }
    }

    #[test]
    fn a_server_may_ask_for_more_patience_and_not_for_less() {
        let now = Epoch(1_000_000);
        let list = ThreatList::default();
        assert_eq!(list.failed(now, Some(now.plus(MOST_MS)), 1).due_at, now.plus(MOST_MS));
        assert!(list.failed(now, Some(now.plus(1)), 1).due_at >= now.plus(BACK_OFF_MS));
    }

    #[test]
    fn the_next_diff_is_due_when_the_server_says_within_reason() {
        let now = Epoch(1_000_000);
        let empty = Prefixes::default();
        for (next_at, wait) in [
            (None, USUAL_MS),
            (Some(now.plus(2 * HOUR_MS)), 2 * HOUR_MS),
            (Some(now), LEAST_MS),
            (Some(Epoch(5)), LEAST_MS),
            (Some(Epoch(u64::MAX)), MOST_MS),
        ] {
            let diff = Diff { reset: true, checksum: empty.checksum(), next_at, ..Diff::default() };
            let list = ThreatList { failures: 3, ..ThreatList::default() };
            let list = list.updated(&diff, Entries::MOST, now);
            let times = list.map(|list| (list.due_at.0 - now.0, list.counts_until.0 - now.0, list.failures));
            assert_eq!(times, Ok((wait, wait + GRACE_MS, 0)), "{next_at:?}");
        }
    }
}
