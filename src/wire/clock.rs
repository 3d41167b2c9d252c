//! Which instant a run may take place at. The only arithmetic between the wall clock and the log.

use panopticon_model::time::{DAY_MS, Epoch};

/// Checks the instant of a run against the instant of the last one, and against how far the log has come since: a
/// process that kept going for weeks began weeks ago.
///
/// `asked` is what `--now` says. Without it the wall clock counts, and a leap of more than a day is refused: a
/// clock that is wrong by years would end every lease at once.
///
/// # Errors
/// [`ClockError`], with what to do.
pub(crate) fn admit(
    last_run: Option<Epoch>,
    last_epoch: Epoch,
    asked: Option<Epoch>,
    wall: Epoch,
) -> Result<Epoch, ClockError> {
    let now = asked.unwrap_or(wall);
    match last_run {
        Some(last) if now < last => Err(ClockError::Backwards { now, last }),
        Some(last) if asked.is_none() => go_on(last.max(last_epoch), now).map(|_| now),
        _ => Ok(now),
    }
}

/// The instant at which a process that keeps going is now: time stands still while the clock is behind the last
/// epoch, and a leap is refused as at a start.
///
/// # Errors
/// [`ClockError::Ahead`].
pub(crate) fn go_on(last: Epoch, wall: Epoch) -> Result<Epoch, ClockError> {
    match wall.0.saturating_sub(last.0) > DAY_MS {
        true => Err(ClockError::Ahead { now: wall, last }),
        false => Ok(wall.max(last)),
    }
}

/// Why a run may not take place at an instant.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum ClockError {
    /// Time would run backwards.
    #[error("{now} lies before the last run, at {last}")]
    Backwards {
        /// The instant of this run.
        now: Epoch,
        /// The instant of the last one.
        last: Epoch,
    },
    /// The wall clock is far ahead of the last run.
    #[error("the clock says {now}, more than a day after the last run, at {last}")]
    Ahead {
        /// The instant of this run.
        now: Epoch,
        /// The instant of the last one.
        last: Epoch,
    },
}

impl ClockError {
    /// What to do about it.
    pub(crate) fn hint(&self) -> String {
        match self {
            ClockError::Backwards { .. } => "check the clock of this machine, or give a later `--now`".to_owned(),
            ClockError::Ahead { now, .. } => {
                format!("if the clock of this machine is right, say so once: `panopticon run --once --now {now}`")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_runs_forward_and_does_not_leap() {
        let (day, next) = (Epoch(DAY_MS), Epoch(2 * DAY_MS + 1));
        let admit_since = |last, asked, wall| admit(last, Epoch(0), asked, wall);
        assert_eq!(admit_since(None, None, next), Ok(next));
        assert_eq!(admit_since(Some(day), None, Epoch(2 * DAY_MS)), Ok(Epoch(2 * DAY_MS)));
        assert_eq!(admit_since(Some(day), Some(day), next), Ok(day), "a run may be repeated");
        assert!(matches!(admit_since(Some(day), None, next), Err(ClockError::Ahead { .. })));
        assert_eq!(admit_since(Some(day), Some(next), Epoch(0)), Ok(next));
        assert!(matches!(admit_since(Some(next), Some(day), next), Err(ClockError::Backwards { .. })));
    }

    #[test]
    fn a_process_that_kept_going_may_be_started_again() {
        let weeks = Epoch(30 * DAY_MS);
        assert_eq!(admit(Some(Epoch(DAY_MS)), weeks, None, weeks.plus(5)), Ok(weeks.plus(5)));
        assert!(matches!(
            admit(Some(Epoch(DAY_MS)), weeks, None, weeks.plus(2 * DAY_MS)),
            Err(ClockError::Ahead { .. })
        ));
    }

    #[test]
    fn a_clock_that_leaps_stops_a_process_that_keeps_going() {
        let last = Epoch(DAY_MS);
        assert_eq!(go_on(last, last.plus(7)), Ok(last.plus(7)));
        assert_eq!(go_on(last, Epoch(7)), Ok(last), "time stands still until the clock is there again");
        assert!(matches!(go_on(last, Epoch(3 * DAY_MS)), Err(ClockError::Ahead { .. })));
    }
}
