//! When a target is measured again, and how long a measurement counts.

use smallvec::SmallVec;

use super::{Facts, Finding, GONE_TWICE_MS, Gone, Observation, Outcome, ProbeKind};
use crate::observable::Place;
use crate::time::{Epoch, HOUR_MS, MINUTE_MS};

/// What a probe brings back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// What it came to.
    pub outcome: Outcome,
    /// What it found.
    pub facts: Facts,
    /// No earlier than this may it be asked again, says the server.
    pub not_before: Option<Epoch>,
    /// No later than this may the answer be used, says the server.
    pub not_after: Option<Epoch>,
}

impl Measured {
    /// An outcome without facts.
    #[must_use]
    pub fn bare(outcome: Outcome) -> Measured {
        Measured { outcome, facts: Facts::None, not_before: None, not_after: None }
    }
}

/// When things are measured again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// After what could be told, in milliseconds.
    pub refresh_ms: u64,
    /// How long what could be told counts, in milliseconds.
    pub valid_ms: u64,
    /// After what could not be told; doubled each time.
    pub retry_ms: u64,
    /// The longest wait after what could not be told.
    pub longest_retry_ms: u64,
}

impl Default for Schedule {
    /// Twelve hours, twenty-four hours; five minutes, six hours.
    fn default() -> Schedule {
        Schedule {
            refresh_ms: 12 * HOUR_MS,
            valid_ms: 24 * HOUR_MS,
            retry_ms: 5 * MINUTE_MS,
            longest_retry_ms: 6 * HOUR_MS,
        }
    }
}

impl Schedule {
    /// The wait after so many failures in a row, from 1.
    #[must_use]
    pub fn retry_after(&self, failures: u8) -> u64 {
        let doubled = self.retry_ms.saturating_mul(1 << u32::from(failures.saturating_sub(1)).min(32));
        doubled.min(self.longest_retry_ms)
    }
}

/// How many times of being gone an observation keeps.
const KEPT_GONE: usize = 8;

/// The observation that follows when a target at `place` is measured at `at`.
///
/// What could be told takes the place of what was known. What could not be told leaves it there, and is asked again
/// soon. A target that is found gone stays gone until it is found alive.
#[must_use]
pub fn observe(
    kind: ProbeKind,
    place: Place,
    previous: Option<&Observation>,
    measured: Measured,
    at: Epoch,
    schedule: &Schedule,
) -> Observation {
    let Measured { outcome, facts, not_before, not_after } = measured;
    let finding = outcome.finding(kind);
    let mut gone: SmallVec<[Gone; 1]> = previous.map(|previous| previous.gone.clone()).unwrap_or_default();
    if finding == Finding::Inconclusive {
        let failures = previous.map_or(0, |previous| previous.failures).saturating_add(1);
        let refresh_at = at.plus(schedule.retry_after(failures)).max(not_before.unwrap_or_default());
        let known = previous.filter(|previous| previous.outcome.finding(kind) != Finding::Inconclusive);
        return match known {
            Some(known) => {
                Observation { place, refresh_at, failures, failure: Some(outcome), gone, ..known.clone() }
            }
            None => Observation {
                place,
                outcome,
                observed_at: at,
                refresh_at,
                valid_until: at,
                failures,
                failure: Some(outcome),
                gone,
                facts,
            },
        };
    }
    keep_gone(&mut gone, finding, at, previous.map_or(at, |previous| previous.valid_until));
    let valid_until = at.plus(schedule.valid_ms);
    let valid_until = not_after.map_or(valid_until, |not_after| valid_until.min(not_after.max(at)));
    let refresh_at = at.plus(schedule.refresh_ms).min(valid_until).max(at.plus(schedule.retry_ms));
    let refresh_at = refresh_at.max(not_before.unwrap_or_default());
    Observation {
        place,
        outcome,
        observed_at: at,
        refresh_at,
        valid_until,
        failures: 0,
        failure: None,
        gone,
        facts,
    }
}

/// Carries the times of being gone on by what was found now. What was known before was known until `known_until`.
fn keep_gone(gone: &mut SmallVec<[Gone; 1]>, finding: Finding, at: Epoch, known_until: Epoch) {
    match (gone.last_mut().filter(|last| last.until.is_none()), finding) {
        (Some(last), Finding::Gone) => {
            let twice = at.0.saturating_sub(last.since.0) >= GONE_TWICE_MS;
            last.confirmed_at = last.confirmed_at.or(twice.then_some(at));
        }
        (Some(last), Finding::Alive) => {
            last.until = Some(at.min(known_until));
            if last.confirmed_at.is_none() {
                gone.pop();
            }
        }
        (None, Finding::Gone) => {
            if gone.len() == KEPT_GONE {
                gone.remove(0);
            }
            gone.push(Gone { since: at, confirmed_at: None, until: None });
        }
        // An answer that says neither is no return.
        _ => {}
    }
}
