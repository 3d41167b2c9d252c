//! Gates: one before each origin, through which one request goes at a time.
//!
//! Only so can a server's word be kept: what was sent before it asked for a pause would arrive within the pause. The
//! gate is held until the head of the answer is there; bodies are read outside.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use panopticon_model::observation::Outcome;
use tokio::sync::OwnedMutexGuard;
use tokio::time::{Instant, sleep_until};

use crate::probe::pace::Pace;

/// Gates that nobody is at are forgotten when there are more than this: redirects can lead to any number of origins.
const CLEAN_AT: usize = 1000;

/// What is known of an origin.
#[derive(Debug)]
pub(super) struct Gate {
    /// Nobody may ask before.
    closed_until: Instant,
    /// What closed it.
    closed_by: Outcome,
    /// Requests in a row that closed it.
    refusals: u32,
}

impl Default for Gate {
    fn default() -> Self {
        Gate { closed_until: Instant::now(), closed_by: Outcome::RateLimited, refusals: 0 }
    }
}

impl Gate {
    /// A request ended so that there is to be a pause.
    pub(super) fn close(&mut self, outcome: Outcome, pause: Duration) -> Closed {
        self.refusals = self.refusals.saturating_add(1);
        self.closed_by = outcome;
        self.closed_until = Instant::now() + pause;
        self.closed()
    }

    /// There was an answer.
    pub(super) fn open(&mut self) {
        self.refusals = 0;
    }

    /// Requests in a row that ended in a pause.
    pub(super) fn refusals(&self) -> u32 {
        self.refusals
    }

    fn closed(&self) -> Closed {
        Closed { outcome: self.closed_by, until: self.closed_until }
    }
}

/// A gate that nobody passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Closed {
    /// What closed it.
    pub(super) outcome: Outcome,
    /// When it opens.
    pub(super) until: Instant,
}

/// All gates, and how fast each may be passed.
#[derive(Debug)]
pub(super) struct Gates {
    gates: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Gate>>>>,
    pace: Pace<String>,
    /// The longest pause that is waited for.
    patience: Duration,
}

impl Gates {
    pub(super) fn new(per_second: f64, patience: Duration) -> Gates {
        Gates { gates: Mutex::default(), pace: Pace::new(per_second, 1), patience }
    }

    /// Stands in line before an origin; whoever holds the gate is the only one.
    pub(super) async fn at(&self, origin: &str) -> OwnedMutexGuard<Gate> {
        let gate = {
            let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
            if gates.len() >= CLEAN_AT {
                let now = Instant::now();
                gates.retain(|_, gate| {
                    gate.try_lock().is_ok_and(|gate| gate.closed_until > now) || is_wanted(gate)
                });
            }
            Arc::clone(gates.entry(origin.to_owned()).or_default())
        };
        gate.lock_owned().await
    }

    /// Waits for the turn of whoever holds the gate.
    ///
    /// # Errors
    /// [`Closed`] if a pause lasts longer than we wait.
    pub(super) async fn pass(&self, origin: &str, gate: &Gate) -> Result<(), Closed> {
        if gate.closed_until > Instant::now() + self.patience {
            return Err(gate.closed());
        }
        sleep_until(gate.closed_until).await;
        self.pace.turn(origin.to_owned()).await;
        Ok(())
    }
}

/// Whether somebody holds a gate or waits for it.
fn is_wanted(gate: &Arc<tokio::sync::Mutex<Gate>>) -> bool {
    Arc::strong_count(gate) > 1
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_short_pause_is_waited_for_and_a_long_one_is_not() {
        let gates = Gates::new(10.0, Duration::from_secs(10));
        let start = Instant::now();
        for (pause, passes, elapsed) in [(0, true, 0), (10, true, 10), (11, false, 10)] {
            let mut gate = gates.at("a").await;
            let closed = gate.close(Outcome::RateLimited, Duration::from_secs(pause));
            assert_eq!(closed.until, Instant::now() + Duration::from_secs(pause));
            assert_eq!(gates.pass("a", &gate).await, if passes { Ok(()) } else { Err(closed) }, "{pause}");
            assert_eq!(start.elapsed().as_secs(), elapsed, "{pause}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_at_a_time_at_the_pace_of_its_origin() {
        let gates = Arc::new(Gates::new(2.0, Duration::from_secs(10)));
        let start = Instant::now();
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..8 {
            let gates = Arc::clone(&gates);
            tasks.spawn(async move {
                let origin = if number % 2 == 0 { "a" } else { "b" };
                let gate = gates.at(origin).await;
                gates.pass(origin, &gate).await.unwrap();
                // An answer that takes longer than a turn.
                tokio::time::sleep(Duration::from_millis(700)).await;
                start.elapsed().as_millis()
            });
        }
        let mut ends = tasks.join_all().await;
        ends.sort_unstable();
        assert_eq!(ends, [700, 700, 1400, 1400, 2100, 2100, 2800, 2800]);
    }

    #[tokio::test(start_paused = true)]
    async fn gates_of_the_past_are_forgotten() {
        let gates = Gates::new(0.0, Duration::ZERO);
        let held = gates.at("held").await;
        gates.at("closed").await.close(Outcome::Timeout, Duration::from_secs(9));
        for number in 0..3 * CLEAN_AT {
            gates.at(&number.to_string()).await;
        }
        let kept = gates.gates.lock().unwrap();
        assert!(kept.len() <= CLEAN_AT && kept.contains_key("held") && kept.contains_key("closed"));
        drop(held);
    }
}
