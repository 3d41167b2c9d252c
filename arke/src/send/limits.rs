//! How much mail goes where, and when all of it stops. Pure: the clock comes in.

use std::collections::{BTreeMap, VecDeque};

use panopticon_model::time::{Epoch, MINUTE_MS};

/// Limits of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Messages to one mail host in a minute; as many may go at once after a quiet minute. At least 1.
    pub per_host_minute: u32,
    /// Messages of one run; none: no limit.
    pub per_run: Option<usize>,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { per_host_minute: 10, per_run: None }
    }
}

/// A bucket of tokens for each mail host, as the instant when it is full again (the generic cell rate algorithm of
/// ITU-T I.371, which is a token bucket without counting).
#[derive(Clone, Debug)]
pub struct Buckets {
    interval_ms: u64,
    depth_ms: u64,
    full_at: BTreeMap<String, Epoch>,
}

impl Buckets {
    /// Full buckets.
    #[must_use]
    pub fn new(per_minute: u32) -> Buckets {
        let count = u64::from(per_minute.max(1));
        let interval_ms = (MINUTE_MS / count).max(1);
        Buckets { interval_ms, depth_ms: interval_ms * (count - 1), full_at: BTreeMap::new() }
    }

    /// Takes a token of a host.
    ///
    /// # Errors
    /// The instant from when there is one.
    pub fn take(&mut self, host: &str, now: Epoch) -> Result<(), Epoch> {
        let full_at = self.full_at.get(host).copied().unwrap_or_default();
        let free_at = full_at.minus(self.depth_ms);
        if free_at > now {
            return Err(free_at);
        }
        self.full_at.insert(host.to_owned(), full_at.max(now).plus(self.interval_ms));
        Ok(())
    }
}

/// How many answers the circuit breaker looks at.
pub const WINDOW: usize = 100;
/// More hard refusals than this among them stop the run: 5 %.
const MOST_BOUNCES: usize = 5;
/// More deferrals than this among them stop the run: 20 %.
const MOST_DEFERRALS: usize = 20;

/// What the circuit breaker counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Taken.
    Accepted,
    /// To be tried later.
    Deferred,
    /// Refused for good.
    Bounced,
}

/// Stops everything when too much is refused: then the fault may be ours, and going on makes it worse. It counts
/// among the last [`WINDOW`] answers, also while there are fewer.
#[derive(Clone, Debug, Default)]
pub struct Breaker(VecDeque<Answer>);

impl Breaker {
    /// Counts an answer.
    pub fn count(&mut self, answer: Answer) {
        self.0.push_back(answer);
        if self.0.len() > WINDOW {
            self.0.pop_front();
        }
    }

    /// Why everything has to stop; none if it may go on.
    #[must_use]
    pub fn trips(&self) -> Option<String> {
        let count = |answer| self.0.iter().filter(|it| **it == answer).count();
        let (bounced, deferred) = (count(Answer::Bounced), count(Answer::Deferred));
        if bounced > MOST_BOUNCES {
            Some(format!("{bounced} of the last {} messages were refused for good", self.0.len()))
        } else if deferred > MOST_DEFERRALS {
            Some(format!("{deferred} of the last {} messages were deferred", self.0.len()))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use panopticon_model::time::{Epoch, MINUTE_MS};
    use proptest::prelude::*;

    use super::{Answer, Breaker, Buckets, WINDOW};

    #[test]
    fn ten_go_at_once_and_the_next_one_six_seconds_later() {
        let mut buckets = Buckets::new(10);
        let now = Epoch(1_000_000);
        for _ in 0..10 {
            assert_eq!(buckets.take("mx.xx", now), Ok(()));
        }
        assert_eq!(buckets.take("mx.xx", now), Err(now.plus(6000)));
        assert_eq!(buckets.take("other.xx", now), Ok(()));
        assert_eq!(buckets.take("mx.xx", now.plus(6000)), Ok(()));
        assert_eq!(buckets.take("mx.xx", now.plus(6000)), Err(now.plus(12_000)));
    }

    proptest! {
        /// In no span are there more than the depth and what came in since, and who comes back when told is served.
        #[test]
        fn never_more_than_the_limit(per_minute in 1_u32..200, waits in prop::collection::vec(0_u64..5000, 1..300)) {
            let (mut buckets, mut now, mut taken) = (Buckets::new(per_minute), Epoch(MINUTE_MS * 10), Vec::new());
            for wait in waits {
                now = now.plus(wait);
                match buckets.take("mx", now) {
                    Ok(()) => taken.push(now),
                    Err(at) => {
                        prop_assert!(at > now);
                        prop_assert_eq!(buckets.clone().take("mx", at), Ok(()));
                    }
                }
            }
            for (index, start) in taken.iter().enumerate() {
                let within = taken[index..].iter().filter(|at| at.0 - start.0 < MINUTE_MS).count();
                prop_assert!(within <= 2 * per_minute as usize, "{within} in a minute");
            }
        }
    }

    fn after(answers: &[(Answer, usize)]) -> Option<String> {
        let mut breaker = Breaker::default();
        for (answer, count) in answers {
            (0..*count).for_each(|_| breaker.count(*answer));
        }
        breaker.trips()
    }

    #[test]
    fn it_trips_above_its_shares_of_the_last_hundred() {
        use Answer::{Accepted, Bounced, Deferred};
        assert_eq!(after(&[(Accepted, 200), (Bounced, 5), (Deferred, 20)]), None);
        insta::assert_snapshot!(after(&[(Accepted, 200), (Bounced, 6)]).unwrap(), @"6 of the last 100 messages were refused for good");
        insta::assert_snapshot!(after(&[(Deferred, 21)]).unwrap(), @"21 of the last 21 messages were deferred");
        assert_eq!(after(&[(Bounced, 50), (Accepted, WINDOW)]), None, "what is long past does not count");
    }
}
