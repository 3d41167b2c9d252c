//! Quiet: after failures nobody is asked for a while, whatever the question.
//!
//! The back-off of Google's service level agreements: a second after the first failure, doubled with each that follows,
//! at most 32. A longer wait that the service itself asks for is kept.

use panopticon_model::observation::{Measured, Outcome};
use panopticon_model::time::Epoch;

use super::service::CallError;

const FIRST_MS: u64 = 1000;
const DOUBLINGS: u8 = 5;

/// When the service is left alone.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Quiet {
    failures: u8,
    last: Option<(Outcome, Epoch)>,
}

impl Quiet {
    /// What a question comes to that is not asked at `now`; none if it may be asked.
    pub(super) fn refuses(&self, now: Epoch) -> Option<Measured> {
        let (outcome, until) = self.last.filter(|(_, until)| now < *until)?;
        Some(Measured { not_before: Some(until), ..Measured::bare(outcome) })
    }

    /// After an answer.
    pub(super) fn answered(&mut self) {
        *self = Quiet::default();
    }

    /// After a failure at `now`; what it comes to.
    pub(super) fn failed(&mut self, error: &CallError, now: Epoch) -> Measured {
        let outcome = error.outcome();
        // The service works, it only does not take this question.
        if outcome == Outcome::Refused {
            return Measured::bare(outcome);
        }
        // Questions that were under way fail together: that is one failure.
        let until = self.last.map(|(_, until)| until).filter(|until| now < *until).unwrap_or_else(|| {
            let wait = FIRST_MS << self.failures.min(DOUBLINGS);
            self.failures = self.failures.saturating_add(1);
            now.plus(wait)
        });
        let until = until.max(error.not_before().unwrap_or_default());
        self.last = Some((outcome, until));
        Measured { not_before: Some(until), ..Measured::bare(outcome) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_doubles_up_to_a_limit_and_ends_with_an_answer() {
        let mut quiet = Quiet::default();
        let mut now = Epoch(50_000);
        assert_eq!(quiet.refuses(now), None);
        for wait in [1, 2, 4, 8, 16, 32, 32, 32] {
            let until = now.plus(wait * 1000);
            for _ in 0..3 {
                let failed = quiet.failed(&CallError::Unauthorized, now);
                assert_eq!((failed.outcome, failed.not_before), (Outcome::Unauthorized, Some(until)));
                assert_eq!(quiet.refuses(until.minus(1)), Some(failed));
            }
            assert_eq!(quiet.refuses(until), None);
            now = until;
        }
        quiet.answered();
        assert_eq!(quiet.refuses(now), None);
        assert_eq!(quiet.failed(&CallError::ContentType, now).not_before, Some(now.plus(1000)));
    }

    #[test]
    fn the_service_may_ask_for_more() {
        let now = Epoch(50_000);
        for (asked, until) in [(None, 51_000), (Some(50_500), 51_000), (Some(90_000), 90_000)] {
            let error = CallError::RateLimited { not_before: asked.map(Epoch) };
            let failed = Quiet::default().failed(&error, now);
            assert_eq!((failed.outcome, failed.not_before), (Outcome::RateLimited, Some(Epoch(until))));
        }
    }

    #[test]
    fn a_question_that_is_not_taken_stops_no_other() {
        let mut quiet = Quiet::default();
        let refused = quiet.failed(&CallError::Refused(400), Epoch(5));
        assert_eq!((refused, quiet.refuses(Epoch(5))), (Measured::bare(Outcome::Refused), None));
    }
}
