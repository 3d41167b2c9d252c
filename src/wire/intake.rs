//! Intake: whatever is fetched, is fetched here, several at a time; then it is read one by one, in order.

use std::collections::HashMap;
use std::sync::Arc;

use compact_str::{CompactString, format_compact};
use panopticon_model::name::HostName;
use panopticon_model::time::Epoch;
use panopticon_model::update::Update;
use panopticon_sources::capped::Caps;
use panopticon_sources::fetch::{self, FetchError, Fetched, Fetcher, Known, Outcome, Pages, Request, Target};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::feeds::one_line;
use super::{FeedReport, House, WireError};
use crate::config::{Config, Location};

/// Fetches at one time.
const AT_ONCE: usize = 8;

/// The setting that holds the digest of a list that was read.
fn digest_of(source: &str) -> CompactString {
    format_compact!("{source}.digest")
}

/// The setting that holds the validator of the last answer.
fn etag_of(source: &str) -> CompactString {
    format_compact!("{source}.etag")
}

impl House {
    /// Fetches a list that stands by itself: a ranking, or names. None if it says nothing new, or cannot be had; the
    /// report says why.
    pub(super) fn fetch_list(
        &mut self,
        now: Epoch,
        source: &str,
        location: &Location,
        report: &mut FeedReport,
    ) -> Result<Option<Fetched>, WireError> {
        let setting = |key: CompactString| self.tables().settings.get(&key);
        let known = Known {
            etag: setting(etag_of(source)).cloned(),
            digest: setting(digest_of(source)).and_then(|text| text.parse().ok()),
            ..Known::default()
        };
        let request = self.request(location, known, now.0);
        match self.fetch_all(vec![request])?.pop() {
            Some(Ok(Outcome::Fetched(mut files))) => return Ok(files.pop()),
            Some(Err(FetchError::Offline { .. })) => report.outcome = "offline: last good state kept".to_owned(),
            Some(Err(error)) => self.source_failed(now, source, &one_line(&error), report)?,
            Some(Ok(Outcome::NotModified { .. })) | None => self.source_recovered(now, source)?,
        }
        Ok(None)
    }

    /// What is to be known of a list at the next fetch.
    pub(super) fn list_is_read(source: &str, fetched: &Fetched) -> [Update; 2] {
        [
            Update::Setting(digest_of(source), Some(format_compact!("{}", fetched.digest))),
            Update::Setting(etag_of(source), fetched.etag.clone()),
        ]
    }

    /// Nothing is to be known of a list any more.
    pub(super) fn list_is_gone(source: &str) -> [Update; 2] {
        [digest_of(source), etag_of(source)].map(|key| Update::Setting(key, None))
    }

    /// The registrable domain of a name that is in scope.
    pub(super) fn registrable(&self, name: &HostName) -> Option<CompactString> {
        let place = self.places.in_scope(name).then(|| self.places.place(name).ok())??;
        Some(place.registrable_domain.as_str().into())
    }

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
        let (caps, pages) = (self.caps(), Pages::One);
        Request { target, key: None, header: None, caps, member: None, aside, known, pages, last: None, seed }
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
            // A server is asked for one thing after the other, whatever it has.
            let mut servers: HashMap<Option<String>, Arc<Semaphore>> = HashMap::new();
            let mut tasks = JoinSet::new();
            let mut answers: Vec<_> = requests.iter().map(|_| None).collect();
            for (index, request) in requests.into_iter().enumerate() {
                let (fetcher, places) = (Arc::clone(&fetcher), Arc::clone(&places));
                let server = request.target.host();
                let room = if server.is_some() { 1 } else { AT_ONCE };
                let server = Arc::clone(servers.entry(server).or_insert_with(|| Arc::new(Semaphore::new(room))));
                tasks.spawn(async move {
                    let _turn = server.acquire().await;
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
