//! Keeping the lists: each is fetched when it is due, as a diff to what is here.
//!
//! A list that cannot be fetched stays, until it counts no more. A list that a diff does not fit is dropped and
//! fetched whole, at once and once; if that does not fit either it rests, empty, like after any failure.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use panopticon_model::time::Epoch;

use super::api;
use super::hash::{FullHash, Prefix};
use super::prefixes::{self, DiffError, FileError, Lists, ThreatList};
use super::service::{CallError, Service};
use super::settings::Constraints;
use super::threat::ThreatType;

/// What [`super::WebRisk::refresh`] came to.
#[derive(Debug, Default)]
pub struct Refresh {
    /// The lists that were due, by type.
    pub lists: Vec<Refreshed>,
    /// Why the lists could not be saved, if so. They are in memory.
    pub unsaved: Option<FileError>,
}

/// A list that was due.
#[derive(Debug)]
pub struct Refreshed {
    /// Its type.
    pub threat_type: ThreatType,
    /// How many entries it has now.
    pub entries: usize,
    /// When it is due again.
    pub due_at: Epoch,
    /// Why it could not be fetched, if so.
    pub failure: Option<UpdateError>,
}

/// A list that could not be brought up to date. It is fetched again by itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpdateError {
    /// There is no answer.
    #[error("the list cannot be fetched")]
    Call(#[from] CallError),
    /// The answer does not fit what is here, not even as a whole list.
    #[error("the list does not fit what the server says of it; it was dropped")]
    Diff(#[from] DiffError),
    /// The program is ending.
    #[error("the work was stopped")]
    Stopped,
}

/// What the lists say of the hashes of a URL.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// Prefixes on any list, and the hashes that begin with them.
    pub(super) hits: BTreeMap<Prefix, Vec<FullHash>>,
    /// Until when hashes without a hit are clear.
    pub(super) counts_until: Epoch,
    /// When the lists that count no more are due.
    pub(super) due_at: Option<Epoch>,
}

/// The lists, and how they are kept.
#[derive(Debug)]
pub(super) struct Update {
    constraints: Constraints,
    file: Option<PathBuf>,
    seed: u64,
    lists: Mutex<Lists>,
    /// One refresh at a time.
    turn: tokio::sync::Mutex<()>,
}

impl Update {
    /// The lists of these types, as far as they are in the file.
    pub(super) fn new(types: &[ThreatType], constraints: Constraints, file: Option<PathBuf>, seed: u64) -> Update {
        let mut kept = file.as_deref().map(|file| prefixes::read(file, constraints.database)).unwrap_or_default();
        let lists = types.iter().map(|known| (*known, kept.remove(known).unwrap_or_default())).collect();
        Update { constraints, file, seed, lists: Mutex::new(lists), turn: tokio::sync::Mutex::default() }
    }

    /// When the next list is due.
    pub(super) fn due_at(&self) -> Epoch {
        self.lists().values().map(|list| list.due_at).min().unwrap_or_default()
    }

    /// What the lists say of `hashes` at `now`.
    pub(super) fn look(&self, hashes: &[FullHash], now: Epoch) -> Seen {
        let lists = self.lists();
        let mut hits: BTreeMap<Prefix, Vec<FullHash>> = BTreeMap::new();
        for hash in hashes {
            // What begins with a longer prefix begins with the shortest one too.
            let shortest = lists.values().filter_map(|list| list.prefixes.matching(hash).into_iter().next()).min();
            if let Some(prefix) = shortest {
                hits.entry(prefix).or_default().push(*hash);
            }
        }
        let counts_until = lists.values().map(|list| list.counts_until).min().unwrap_or_default();
        let behind = lists.values().filter(|list| list.counts_until <= now);
        Seen { hits, counts_until, due_at: behind.map(|list| list.due_at).min() }
    }

    /// Fetches the lists that are due, and saves them.
    pub(super) async fn refresh(&self, service: &Service, now: Epoch) -> Refresh {
        let _turn = self.turn.lock().await;
        let mut refresh = Refresh::default();
        let due: Vec<ThreatType> = {
            let lists = self.lists();
            lists.iter().filter(|(_, list)| list.due_at <= now).map(|(threat_type, _)| *threat_type).collect()
        };
        for threat_type in due {
            let failure = self.fetch(service, threat_type, now).await.err();
            if let Some(error) = &failure {
                let not_before = match error {
                    UpdateError::Call(error) => error.not_before(),
                    UpdateError::Diff(_) | UpdateError::Stopped => None,
                };
                self.put(threat_type, self.list(threat_type).failed(now, not_before, self.seed));
            }
            let list = self.list(threat_type);
            let (entries, due_at) = (list.prefixes.len(), list.due_at);
            refresh.lists.push(Refreshed { threat_type, entries, due_at, failure });
        }
        if let Some(file) = self.file.clone().filter(|_| !refresh.lists.is_empty()) {
            let lists = self.lists().clone();
            let saved = tokio::task::spawn_blocking(move || prefixes::write(&file, &lists)).await;
            refresh.unsaved = saved.ok().and_then(Result::err);
        }
        refresh
    }

    /// Fetches a list, a second time and whole if what is here is of no use.
    async fn fetch(&self, service: &Service, threat_type: ThreatType, now: Epoch) -> Result<(), UpdateError> {
        loop {
            let list = self.list(threat_type);
            let (error, rest) = match self.fetch_diff(service, threat_type, &list, now).await {
                Ok(updated) => {
                    self.put(threat_type, updated);
                    return Ok(());
                }
                Err(error @ UpdateError::Diff(_)) => (error, list.dropped()),
                Err(error @ UpdateError::Call(CallError::Refused(_))) => (error, list.without_version()),
                Err(error) => return Err(error),
            };
            self.put(threat_type, rest);
            // The rest has no version, so there is no third time.
            if list.version.is_empty() {
                return Err(error);
            }
        }
    }

    /// The list after a diff from its version.
    async fn fetch_diff(
        &self,
        service: &Service,
        threat_type: ThreatType,
        list: &Arc<ThreatList>,
        now: Epoch,
    ) -> Result<ThreatList, UpdateError> {
        let Constraints { diff: most, database } = self.constraints;
        let url = api::compute_diff(&service.base, threat_type, &list.version, self.constraints);
        // The longest prefix in base64 takes 44 bytes, a removal in JSON with its indentation about 20.
        let cap = u64::from(most.get()) * 64 + (1 << 20);
        service.turn().await;
        let body = service.get(&url, cap, now).await?;
        let list = Arc::clone(list);
        let work = move || {
            let diff = api::diff(&body, most).map_err(CallError::from)?;
            drop(body);
            Ok(list.updated(&diff, database, now)?)
        };
        // To unpack, sort and hash a million prefixes takes longer than others should wait.
        tokio::task::spawn_blocking(work).await.unwrap_or(Err(UpdateError::Stopped))
    }

    fn list(&self, threat_type: ThreatType) -> Arc<ThreatList> {
        self.lists().get(&threat_type).cloned().unwrap_or_default()
    }

    fn put(&self, threat_type: ThreatType, list: ThreatList) {
        self.lists().insert(threat_type, Arc::new(list));
    }

    fn lists(&self) -> MutexGuard<'_, Lists> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
