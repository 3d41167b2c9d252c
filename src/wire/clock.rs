//! Which instant a run may take place at. The only arithmetic between the wall clock and the log.

use panopticon_model::time::{DAY_MS, Epoch};

/// Checks the instant of a run against the instant of the last one.
///
/// `asked` is what `--now` says. Without it the wall clock counts, and a leap of more than a day is refused: a
/// clock that is wrong by years would end every lease at once.
///
/// # Errors
/// [`ClockError`], with what to do.
pub(crate) fn admit(last_run: Option<Epoch>, asked: Option<Epoch>, wall: Epoch) -> Result<Epoch, ClockError> {
    let now = asked.unwrap_or(wall);
    match last_run {
        Some(last) if now < last => Err(ClockError::Backwards { now, last }),
        Some(last) if asked.is_none() && now.0 - last.0 > DAY_MS => Err(ClockError::Ahead { now, last }),
        _ => Ok(now),
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
                format!("if the clock of this machine is right, say so once: `--now {now}`")
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
        assert_eq!(admit(None, None, next), Ok(next));
        assert_eq!(admit(Some(day), None, Epoch(2 * DAY_MS)), Ok(Epoch(2 * DAY_MS)));
        assert_eq!(admit(Some(day), Some(day), next), Ok(day), "a run may be repeated");
        assert!(matches!(admit(Some(day), None, next), Err(ClockError::Ahead { .. })));
        assert_eq!(admit(Some(day), Some(next), Epoch(0)), Ok(next));
        assert!(matches!(admit(Some(next), Some(day), next), Err(ClockError::Backwards { .. })));
    }
}
