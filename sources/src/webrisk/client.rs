//! The client: a URL goes in, what Web Risk knows of it comes out.

use std::sync::{Mutex, MutexGuard, PoisonError};

use panopticon_model::observation::{Facts, Measured, Outcome, WebRiskFacts};
use panopticon_model::time::Epoch;

use super::api::{self, Threats, Verdict};
use super::cache::Cache;
use super::expressions;
use super::hash::{FullHash, Prefix};
use super::quiet::Quiet;
use super::service::{CallError, Service};
use super::settings::{Mode, Settings, SetupError};
use super::threat::ThreatType;
use super::update::{Refresh, Update};
use crate::fetch;

/// Answers and hashes in them that are kept: 15 MB at most.
const CACHED: usize = 1 << 16;

/// The most that is read of an answer to a look-up.
const MAX_ANSWER: u64 = 256 << 10;

/// Asks Web Risk. Cheap to share.
#[derive(Debug)]
pub struct WebRisk {
    types: Vec<ThreatType>,
    service: Service,
    cache: Mutex<Cache>,
    quiet: Mutex<Quiet>,
    /// None for look-ups by URL.
    update: Option<Update>,
}

impl WebRisk {
    /// A client under `settings`, on the network as `network` says. A `rustls` crypto provider must be installed.
    /// Lists that a file has are read from it; this may take a moment.
    ///
    /// # Errors
    /// [`SetupError`].
    pub fn new(settings: &Settings, network: &fetch::Config) -> Result<WebRisk, SetupError> {
        let mut types = settings.threat_types.clone();
        types.sort_unstable();
        types.dedup();
        if types.is_empty() {
            return Err(SetupError::NoTypes);
        }
        let service = Service::new(settings, network)?;
        let update = match &settings.mode {
            Mode::Lookup => None,
            Mode::Update { constraints, file } => {
                Some(Update::new(&types, *constraints, file.clone(), settings.seed))
            }
        };
        let (cache, quiet) = (Mutex::new(Cache::new(CACHED)), Mutex::default());
        Ok(WebRisk { types, service, cache, quiet, update })
    }

    /// What Web Risk knows of `url` at `now`.
    ///
    /// [`Outcome::Match`] and [`Outcome::Clear`] come with [`WebRiskFacts`], and may be used until `not_after`. Look-ups
    /// by lists are [`Outcome::ServiceError`] until the lists have been fetched, and when they have grown too old.
    pub async fn measure(&self, url: &str, now: Epoch) -> Measured {
        match &self.update {
            None => self.by_url(url, now).await,
            Some(update) => self.by_hash(update, url, now).await,
        }
        .unwrap_or_else(|failure| failure)
    }

    /// Brings the lists that are due up to date. Without lists there is nothing to do.
    pub async fn refresh(&self, now: Epoch) -> Refresh {
        match &self.update {
            None => Refresh::default(),
            Some(update) => update.refresh(&self.service, now).await,
        }
    }

    /// When the next list is due; none without lists.
    #[must_use]
    pub fn next_refresh(&self) -> Option<Epoch> {
        self.update.as_ref().map(Update::due_at)
    }

    async fn by_url(&self, url: &str, now: Epoch) -> Result<Measured, Measured> {
        let hash = expressions::hash(url);
        if let Some(known) = self.cache().verdict(&Prefix::full(hash), &hash, now) {
            return Ok(measured(known, now));
        }
        let verdict = self.ask(&api::search_uris(&self.service.base, url, &self.types), now, api::uris).await?;
        if verdict.types.is_empty() {
            // It says nothing of how long that lasts.
            return Ok(Measured { not_after: None, ..measured(verdict, now) });
        }
        let answer = Threats { threats: vec![(hash, verdict)], negative_expire_at: None };
        self.cache().keep(Prefix::full(hash), answer, now);
        Ok(measured(verdict, now))
    }

    async fn by_hash(&self, update: &Update, url: &str, now: Epoch) -> Result<Measured, Measured> {
        // A URL without a form for look-ups is on no list, and nobody could look it up.
        let hashes = expressions::hashes(url).map_err(|_| Measured::bare(Outcome::Denied))?;
        let seen = update.look(&hashes, now);
        let mut verdict = Verdict { expire_at: Some(seen.counts_until), ..Verdict::default() };
        let mut failure = None;
        for (prefix, hashes) in seen.hits {
            match self.confirm(prefix, &hashes, now).await {
                Ok(confirmed) => verdict = verdict.and(confirmed),
                Err(failed) => failure = failure.or(Some(failed)),
            }
        }
        if !verdict.types.is_empty() {
            return Ok(measured(verdict, now));
        }
        if let Some(failure) = failure {
            return Err(failure);
        }
        match seen.due_at {
            Some(due_at) => Err(Measured {
                not_before: Some(due_at).filter(|due_at| now < *due_at),
                ..Measured::bare(Outcome::ServiceError)
            }),
            None => Ok(measured(verdict, now)),
        }
    }

    /// The verdict on hashes that begin with a prefix on a list.
    async fn confirm(&self, prefix: Prefix, hashes: &[FullHash], now: Epoch) -> Result<Verdict, Measured> {
        let known: Option<Vec<Verdict>> = {
            let cache = self.cache();
            hashes.iter().map(|hash| cache.verdict(&prefix, hash, now)).collect()
        };
        let verdicts = match known {
            Some(verdicts) => verdicts,
            None => {
                let url = api::search_hashes(&self.service.base, &prefix, &self.types);
                let answer = self.ask(&url, now, |body| api::hashes(body, &prefix)).await?;
                let verdicts = hashes.iter().map(|hash| answer.verdict(hash)).collect();
                self.cache().keep(prefix, answer, now);
                verdicts
            }
        };
        Ok(verdicts.into_iter().reduce(Verdict::and).unwrap_or_default())
    }

    /// Asks and reads, unless the service is left alone; what a failure comes to.
    async fn ask<T>(
        &self,
        url: &str,
        now: Epoch,
        read: impl FnOnce(&[u8]) -> Result<T, api::AnswerError>,
    ) -> Result<T, Measured> {
        let refused = || self.quiet().refuses(now).map_or(Ok(()), Err);
        refused()?;
        self.service.turn().await;
        // Whoever had a turn meanwhile may have met a failure.
        refused()?;
        let body = self.service.get(url, MAX_ANSWER, now).await;
        match body.and_then(|body| read(&body).map_err(CallError::from)) {
            Ok(answer) => {
                self.quiet().answered();
                Ok(answer)
            }
            Err(error) => Err(self.quiet().failed(&error, now)),
        }
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn quiet(&self) -> MutexGuard<'_, Quiet> {
        self.quiet.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A verdict as an observation has it. What may not be kept counts at `now` only.
fn measured(verdict: Verdict, now: Epoch) -> Measured {
    let outcome = if verdict.types.is_empty() { Outcome::Clear } else { Outcome::Match };
    let facts = WebRiskFacts { threat_types: verdict.types.words(), expire_at: verdict.expire_at };
    Measured {
        outcome,
        facts: Facts::WebRisk(facts),
        not_before: None,
        not_after: Some(verdict.expire_at.unwrap_or(now)),
    }
}
