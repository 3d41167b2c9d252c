//! Intake: whatever is fetched, is fetched here, several at a time; then it is read one by one, in order.

use std::sync::Arc;

use panopticon_sources::capped::Caps;
use panopticon_sources::fetch::{self, FetchError, Fetcher, Known, Outcome, Request, Target};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::{House, WireError};
use crate::config::{Config, Location};

/// Fetches at one time.
const AT_ONCE: usize = 8;

impl House {
    /// The caps of this installation.
    pub(super) fn caps(&self) -> Caps {
        Caps { max_bytes: self.config.max_bytes, max_decoded_bytes: self.config.max_decoded_bytes }
    }

    /// A request without secret for a location.
    pub(super) fn request(&self, location: &Location, known: Known, seed: u64) -> Request {
        let target = match location {
            Location::Path(path) => Target::Path(path.clone()),
            Location::Url(url) => Target::Url(url.clone()),
        };
        let aside = self.archive.aside();
        Request { target, key: None, header: None, caps: self.caps(), member: None, aside, known, seed }
    }

    /// Fetches all requests; the answers are in their order.
    pub(super) fn fetch_all(&self, requests: Vec<Request>) -> Result<Vec<Result<Outcome, FetchError>>, WireError> {
        let needs_network = requests.iter().any(|request| matches!(request.target, Target::Url(_)));
        let fetcher = Arc::new(fetcher(&self.config, self.offline || !needs_network)?);
        let io = |source| WireError::Io { path: "the network".into(), source };
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(io)?;
        Ok(runtime.block_on(async move {
            let places = Arc::new(Semaphore::new(AT_ONCE));
            let mut tasks = JoinSet::new();
            let mut answers: Vec<_> = requests.iter().map(|_| None).collect();
            for (index, request) in requests.into_iter().enumerate() {
                let (fetcher, places) = (Arc::clone(&fetcher), Arc::clone(&places));
                tasks.spawn(async move {
                    let _place = places.acquire().await;
                    (index, fetcher.fetch(&request).await)
                });
            }
            while let Some(Ok((index, answer))) = tasks.join_next().await {
                if let Some(slot) = answers.get_mut(index) {
                    *slot = Some(answer);
                }
            }
            answers
                .into_iter()
                .map(|answer| {
                    answer.unwrap_or_else(|| Err(FetchError::Setup { what: "finish a fetch", source: None }))
                })
                .collect()
        }))
    }
}

fn fetcher(config: &Config, offline: bool) -> Result<Fetcher, FetchError> {
    let user_agent = config.user_agent.clone();
    Fetcher::new(fetch::Config { user_agent, offline, ca: config.ca.clone(), ..fetch::Config::default() })
}
