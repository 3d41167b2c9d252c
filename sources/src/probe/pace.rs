//! A pace: so many in a second for each key, and nobody is asked faster, whoever asks.
//!
//! Turns are reserved, not polled for: who comes is told when it is his turn, in the order of coming (the generic cell
//! rate algorithm, ITU-T I.371). So a thousand tasks that wait for one server cost one number.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Keys of the past are forgotten when there are more than this.
const CLEAN_AT: usize = 10_000;

/// The longest time between two turns.
const LONGEST: Duration = Duration::from_secs(86_400);

/// So many in a second for each key.
#[derive(Debug)]
pub struct Pace<K> {
    /// Between two turns; zero for no limit.
    interval: Duration,
    /// How far turns may be taken in advance.
    burst: Duration,
    /// When the next turn of a key would be, if all came evenly.
    next: Mutex<HashMap<K, Instant>>,
}

impl<K: Eq + Hash> Pace<K> {
    /// So many in a second, of which `burst` may come at once. Zero or less in a second means no limit.
    #[must_use]
    pub fn new(per_second: f64, burst: u32) -> Pace<K> {
        let interval = match per_second > 0.0 {
            true => Duration::try_from_secs_f64(1.0 / per_second).unwrap_or(LONGEST).min(LONGEST),
            false => Duration::ZERO,
        };
        Pace { interval, burst: interval.saturating_mul(burst.saturating_sub(1)), next: Mutex::default() }
    }

    /// No limit.
    #[must_use]
    pub fn unlimited() -> Pace<K> {
        Pace::new(0.0, 0)
    }

    /// Takes the next turn of `key`, and says when it is.
    pub fn reserve(&self, key: K, now: Instant) -> Instant {
        if self.interval.is_zero() {
            return now;
        }
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        if next.len() >= CLEAN_AT {
            next.retain(|_, at| *at > now);
        }
        let due = next.get(&key).copied().map_or(now, |due| due.max(now));
        next.insert(key, due + self.interval);
        due.checked_sub(self.burst).map_or(now, |turn| turn.max(now))
    }

    /// Takes the next turn of `key`, and waits for it.
    pub async fn turn(&self, key: K) {
        if self.interval.is_zero() {
            return;
        }
        let now = Instant::now();
        let turn = self.reserve(key, now);
        if turn > now {
            sleep_until(turn).await;
        }
    }

    /// Nobody has a turn of `key` before `at`: the server has said so.
    pub fn hold(&self, key: K, at: Instant) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let held = next.entry(key).or_insert(at);
        *held = (*held).max(at + self.burst);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn turns_come_at_their_pace_after_a_burst() {
        let pace = Pace::new(10.0, 3);
        let start = Instant::now();
        let mut turns = Vec::new();
        for _ in 0..6 {
            pace.turn("a").await;
            turns.push(start.elapsed().as_millis());
        }
        assert_eq!(turns, [0, 0, 0, 100, 200, 300]);
        pace.turn("b").await;
        assert_eq!(start.elapsed().as_millis(), 300, "another key has turns of its own");
        tokio::time::advance(Duration::from_secs(60)).await;
        let later = Instant::now();
        for _ in 0..4 {
            pace.turn("a").await;
        }
        assert_eq!(later.elapsed().as_millis(), 100, "what was not used is not saved up beyond the burst");
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_is_asked_to_wait_waits() {
        let pace = Pace::new(10.0, 3);
        let start = Instant::now();
        pace.hold("a", start + Duration::from_secs(7));
        pace.turn("a").await;
        assert_eq!(start.elapsed().as_secs(), 7);
    }

    #[test]
    fn without_a_limit_it_is_always_ones_turn() {
        let pace = Pace::<u8>::unlimited();
        let now = Instant::now();
        assert!((0..1000).all(|_| pace.reserve(1, now) == now));
    }

    proptest::proptest! {
        #[test]
        fn no_second_has_more_turns_than_it_may(rate in 1u32..50, burst in 1u32..10, gaps in proptest::collection::vec(0u64..400, 1..80)) {
            let pace = Pace::new(f64::from(rate), burst);
            let mut now = Instant::now();
            let mut turns = Vec::new();
            for gap in gaps {
                now += Duration::from_millis(gap);
                turns.push(pace.reserve((), now));
            }
            for (index, first) in turns.iter().enumerate() {
                let within = turns[index..].iter().take_while(|turn| **turn < *first + Duration::from_secs(1)).count();
                proptest::prop_assert!(within <= (rate + burst) as usize, "{within}");
            }
        }
    }
}
