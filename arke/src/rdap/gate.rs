//! Gates: one before each origin, through which one request goes at a time.
//!
//! Only so can a server's word be kept: what was sent before it asked for a pause would arrive within the pause. The
//! gate is held until the head of the answer is there; bodies are read outside.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tokio::time::{Instant, sleep_until};

/// Gates that nobody is at are forgotten when there are more than this: redirects can lead to any number of origins.
const CLEAN_AT: usize = 1000;

/// What is known of an origin.
#[derive(Debug)]
pub(super) struct Gate {
    /// When its next turn is.
    next: Instant,
    /// Nobody may ask before.
    closed_until: Instant,
    /// Requests in a row that closed it.
    refusals: u32,
}

impl Default for Gate {
    fn default() -> Gate {
        let now = Instant::now();
        Gate { next: now, closed_until: now, refusals: 0 }
    }
}

impl Gate {
    /// Waits for the turn of whoever holds the gate, which comes `interval` after the last one.
    ///
    /// # Errors
    /// What is left of a pause that is longer than `patience`.
    pub(super) async fn pass(&mut self, interval: Duration, patience: Duration) -> Result<(), Duration> {
        let left = self.closed_until.saturating_duration_since(Instant::now());
        if left > patience {
            return Err(left);
        }
        sleep_until(self.closed_until.max(self.next)).await;
        self.next = Instant::now() + interval;
        Ok(())
    }

    /// A request ended so that there is to be a pause.
    pub(super) fn close(&mut self, pause: Duration) {
        self.refusals = self.refusals.saturating_add(1);
        self.closed_until = Instant::now() + pause;
    }

    /// There was an answer.
    pub(super) fn open(&mut self) {
        self.refusals = 0;
    }

    /// Requests in a row that ended in a pause.
    pub(super) fn refusals(&self) -> u32 {
        self.refusals
    }

    /// What is left of the pause.
    pub(super) fn left(&self) -> Duration {
        self.closed_until.saturating_duration_since(Instant::now())
    }
}

/// All gates.
#[derive(Debug, Default)]
pub(super) struct Gates(Mutex<HashMap<String, Arc<tokio::sync::Mutex<Gate>>>>);

impl Gates {
    /// Stands in line before an origin; whoever holds the gate is the only one.
    pub(super) async fn at(&self, origin: &str) -> OwnedMutexGuard<Gate> {
        let gate = {
            let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if gates.len() >= CLEAN_AT {
                let now = Instant::now();
                gates.retain(|_, gate| {
                    // Somebody holds it or waits for it, or nobody may ask yet.
                    Arc::strong_count(gate) > 1 || gate.try_lock().is_ok_and(|gate| gate.closed_until > now)
                });
            }
            Arc::clone(gates.entry(origin.to_owned()).or_default())
        };
        gate.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_short_pause_is_waited_for_and_a_long_one_is_not() {
        let gates = Gates::default();
        let start = Instant::now();
        for (pause, passes, elapsed) in [(0, true, 0), (10, true, 10), (11, false, 10), (3600, false, 10)] {
            let mut gate = gates.at("a").await;
            gate.close(Duration::from_secs(pause));
            let passed = gate.pass(Duration::ZERO, Duration::from_secs(10)).await;
            assert_eq!(passed, if passes { Ok(()) } else { Err(Duration::from_secs(pause)) }, "{pause}");
            assert_eq!(start.elapsed().as_secs(), elapsed, "{pause}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_at_a_time_at_the_pace_of_its_origin() {
        let gates = Arc::new(Gates::default());
        let start = Instant::now();
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..8 {
            let gates = Arc::clone(&gates);
            tasks.spawn(async move {
                let mut gate = gates.at(if number % 2 == 0 { "a" } else { "b" }).await;
                gate.pass(Duration::from_millis(500), Duration::ZERO).await.unwrap();
                let sent = start.elapsed().as_millis();
                // The second answer of each takes longer than a turn.
                let took = if sent == 500 { 700 } else { 10 };
                tokio::time::sleep(Duration::from_millis(took)).await;
                sent
            });
        }
        let mut sent = tasks.join_all().await;
        sent.sort_unstable();
        assert_eq!(sent, [0, 0, 500, 500, 1200, 1200, 1700, 1700]);
    }

    #[tokio::test(start_paused = true)]
    async fn gates_of_the_past_are_forgotten() {
        let gates = Gates::default();
        let held = gates.at("held").await;
        gates.at("closed").await.close(Duration::from_secs(9));
        for number in 0..3 * CLEAN_AT {
            gates.at(&number.to_string()).await;
        }
        let kept = gates.0.lock().unwrap();
        assert!(kept.len() <= CLEAN_AT && kept.contains_key("held") && kept.contains_key("closed"));
        drop(held);
    }
}
