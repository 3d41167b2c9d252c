//! How much mail goes where, and when all of it stops. Pure: the clock comes in.

use std::collections::{BTreeMap, VecDeque};

use panopticon_model::time::{Epoch, MINUTE_MS};

/// Limits of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Messages to one mail host in a minute, at least 1.
    pub per_host_minute: u32,
    /// Messages of one run; none: no limit.
    pub per_run: Option<usize>,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { per_host_minute: 10, per_run: None }
    }
}

/// What went to each mail host in the last minute: in no minute there are more than the limit. A bucket of tokens lets
/// twice as many through when it is full, and is full again in the next process.
#[derive(Clone, Debug)]
pub struct Hosts {
    per_minute: usize,
    sent: BTreeMap<String, VecDeque<Epoch>>,
    /// How many were told to come again, so that the next one comes after them.
    waiting: BTreeMap<String, usize>,
}

impl Hosts {
    /// Nothing was sent anywhere.
    #[must_use]
    pub fn new(per_minute: u32) -> Hosts {
        let per_minute = usize::try_from(per_minute.max(1)).unwrap_or(usize::MAX);
        Hosts { per_minute, sent: BTreeMap::new(), waiting: BTreeMap::new() }
    }

    /// Notes what was sent, in the order of time.
    pub fn sent(&mut self, host: &str, at: Epoch) {
        self.sent.entry(host.to_owned()).or_default().push_back(at);
    }

    /// Takes a place for a message that is sent now.
    ///
    /// # Errors
    /// The instant from when there is one.
    pub fn take(&mut self, host: &str, now: Epoch) -> Result<(), Epoch> {
        let sent = self.sent.entry(host.to_owned()).or_default();
        while sent.front().is_some_and(|at| at.plus(MINUTE_MS) <= now) {
            sent.pop_front();
        }
        let waiting = self.waiting.entry(host.to_owned()).or_default();
        // More than the limit are there when the limit was higher before.
        let oldest = sent.len().checked_sub(self.per_minute).and_then(|index| sent.get(index));
        if let Some(oldest) = oldest {
            let minutes = u64::try_from(1 + *waiting / self.per_minute).unwrap_or(u64::MAX);
            *waiting += 1;
            return Err(oldest.plus(minutes.saturating_mul(MINUTE_MS)));
        }
        sent.push_back(now);
        *waiting = waiting.saturating_sub(1);
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

    use super::{Answer, Breaker, Hosts, WINDOW};

    #[test]
    fn ten_go_at_once_and_the_others_by_tens_in_the_next_minutes() {
        let mut hosts = Hosts::new(10);
        let now = Epoch(1_000_000);
        for second in 0..10 {
            assert_eq!(hosts.take("mx.xx", now.plus(second * 1000)), Ok(()));
        }
        let later = now.plus(10_000);
        for minute in [1, 2] {
            for _ in 0..10 {
                assert_eq!(hosts.take("mx.xx", later), Err(now.plus(minute * MINUTE_MS)));
            }
        }
        assert_eq!(hosts.take("other.xx", later), Ok(()));
        assert_eq!(hosts.take("mx.xx", now.plus(MINUTE_MS)), Ok(()));
        assert!(hosts.take("mx.xx", now.plus(MINUTE_MS)).is_err());
    }

    proptest! {
        /// In no minute there are more than the limit, and who comes back when told is served.
        #[test]
        fn never_more_than_the_limit(per_minute in 1_u32..50, waits in prop::collection::vec(0_u64..5000, 1..300)) {
            let (mut hosts, mut now, mut taken) = (Hosts::new(per_minute), Epoch(MINUTE_MS * 10), Vec::new());
            for wait in waits {
                now = now.plus(wait);
                match hosts.take("mx", now) {
                    Ok(()) => taken.push(now),
                    Err(at) => {
                        prop_assert!(at > now);
                        prop_assert_eq!(hosts.clone().take("mx", at), Ok(()));
                    }
                }
            }
            for (index, start) in taken.iter().enumerate() {
                let within = taken[index..].iter().filter(|at| at.0 - start.0 < MINUTE_MS).count();
                prop_assert!(within <= per_minute as usize, "{} in a minute", within);
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
