//! Whether a filtering resolver, as Quad9 is one, refuses a name that an unfiltered one gives.
//!
//! Both are asked at the same time in the same way; where the filter denies without saying why, both are asked again a
//! minute later. Ask for the host and for its registrable domain: lists of filters have both. Before anything is
//! believed, and every few minutes, the filter must pass its canaries; until it does, nothing is measured.

mod canary;
mod verdict;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use panopticon_model::name::HostName;
use panopticon_model::observation::{Measured, Outcome};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

use super::exchange::Client;
use super::message::{Class, Question, RecordType};
use super::random_label;
use super::server::Server;

pub use canary::{Canaries, is_blocked, is_called, is_nonexistent};
pub use verdict::{Round, Signals, judge, judge_again};

/// A filtering resolver, and how it is dealt with.
#[derive(Clone, Debug)]
pub struct Config {
    /// The filter.
    pub filtered: Server,
    /// A resolver of the same operator, or at least in the same place, that does not filter.
    pub unfiltered: Server,
    /// How the filter shows that it blocks.
    pub signals: Signals,
    /// What it must pass.
    pub canaries: Canaries,
    /// How long it is believed when it has passed.
    pub canary_interval: Duration,
    /// After what time both are asked again where the filter denies without saying why.
    pub repeat_after: Duration,
    /// What random names are made from.
    pub seed: u64,
}

impl Config {
    /// A filter with the signals of Quad9 and no canaries, which are looked at every ten minutes when there are some;
    /// asked again after a minute.
    #[must_use]
    pub fn new(filtered: Server, unfiltered: Server) -> Config {
        Config {
            filtered,
            unfiltered,
            signals: Signals::default(),
            canaries: Canaries::default(),
            canary_interval: Duration::from_secs(600),
            repeat_after: Duration::from_secs(60),
            seed: 0,
        }
    }
}

/// How long it is not believed when it has failed, if the interval is not shorter.
const DISTRUST: Duration = Duration::from_secs(60);

/// Whoever asks a filter.
pub struct Filter {
    client: Arc<Client>,
    config: Config,
    server: String,
    /// Until when the canaries count, and whether the filter passed.
    passed: Mutex<Option<(Instant, bool)>>,
    checks: AtomicU64,
}

impl Filter {
    /// Asks by `client`, at its pace; Quad9 asks for less than 500 questions a second.
    #[must_use]
    pub fn new(client: Arc<Client>, config: Config) -> Filter {
        let server = config.filtered.to_string();
        Filter { client, config, server, passed: Mutex::default(), checks: AtomicU64::new(0) }
    }

    /// Measures whether a name is blocked. What is no name comes to [`Outcome::Malformed`].
    pub async fn measure(&self, name: &str) -> Measured {
        let Ok(name) = HostName::parse(name) else { return Measured::bare(Outcome::Malformed) };
        if !self.is_trusted().await {
            return Measured::bare(Outcome::CanaryFailed);
        }
        let first = self.round(&name).await;
        match judge(&self.server, &first, &self.config.signals) {
            Some(measured) => measured,
            None => {
                sleep(self.config.repeat_after).await;
                judge_again(&self.server, &self.round(&name).await, &self.config.signals)
            }
        }
    }

    async fn round(&self, name: &HostName) -> Round {
        let question = Question::recursive(name.clone(), RecordType::A);
        let Config { filtered, unfiltered, .. } = &self.config;
        let (filtered, unfiltered) =
            tokio::join!(self.client.ask_twice(filtered, &question), self.client.ask_twice(unfiltered, &question));
        Round { filtered, unfiltered }
    }

    /// Whether the filter passes its canaries; whoever comes while they are looked at waits.
    async fn is_trusted(&self) -> bool {
        let mut passed = self.passed.lock().await;
        match *passed {
            Some((until, passed)) if Instant::now() < until => passed,
            _ => {
                let passes = self.passes().await;
                let interval = self.config.canary_interval;
                let lasts = if passes { interval } else { interval.min(DISTRUST) };
                *passed = Some((Instant::now() + lasts, passes));
                passes
            }
        }
    }

    async fn passes(&self) -> bool {
        let Config { canaries, signals, filtered, seed, .. } = &self.config;
        if let Some(ending) = &canaries.identity {
            let Ok(name) = HostName::parse("id.server") else { return false };
            let question = Question { class: Class::Chaos, ..Question::recursive(name, RecordType::Txt) };
            if !is_called(&self.client.ask_twice(filtered, &question).await, ending) {
                return false;
            }
        }
        if let Some(name) = &canaries.blocked
            && !is_blocked(&self.round(name).await, signals)
        {
            return false;
        }
        if let Some(zone) = &canaries.nonexistent_in {
            // Another one each time, so that no cache answers.
            let check = self.checks.fetch_add(1, Ordering::Relaxed);
            let label = random_label(seed.wrapping_add(check), &self.server);
            let Ok(name) = HostName::parse(&format!("{label}.{zone}")) else { return false };
            if !is_nonexistent(&self.round(&name).await, signals) {
                return false;
            }
        }
        true
    }
}
