//! The prober at work beside the house, and what it is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use panopticon_model::observation::{Finding, Measured, ObservationKey, ProbeKind, Request};
use panopticon_model::time::Epoch;
use panopticon_sources::probe::{Event, Prober};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::task::AbortHandle;

use super::WireError;

/// Requests of one kind that are with the prober at one time: a slow kind keeps no other from its turn.
const WITH_PROBER: usize = 4096;
/// How often it is looked what else may be asked, at the least.
pub(crate) const ASK_EVERY: Duration = Duration::from_secs(1);
/// Events that wait for the house.
const WAITING: usize = 64;
/// Observations that are logged together.
const TOGETHER: usize = 2048;
/// How long observations are gathered before they are logged.
pub(super) const GATHER: Duration = Duration::from_millis(200);

/// What wakes the house while it waits.
pub(crate) enum Wake {
    /// Somebody asks it to stop.
    Stop,
    /// The prober has something to say.
    Probe(Event),
    /// A zone changed, by its TLD and its place there.
    Zone(usize, usize),
}

/// What the house heard while it waited.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// Somebody asks it to stop.
    pub(crate) stop: bool,
    /// Zones that changed.
    pub(crate) zones: BTreeSet<(usize, usize)>,
}

/// How far measuring is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Measuring {
    /// Measurements that are done.
    pub(crate) done: u64,
    /// Of these, those of which nothing could be told.
    pub(crate) untold: u64,
    /// Requests that stand.
    pub(crate) waiting: usize,
}

impl fmt::Display for Measuring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Measuring { done, untold, waiting } = self;
        write!(f, "{done} done, {untold} of them could not be told, {waiting} waiting")
    }
}

/// The prober at work, on threads of its own.
pub(crate) struct Probing {
    requests: mpsc::Sender<Vec<Request>>,
    running: AbortHandle,
    thread: JoinHandle<()>,
    /// What the prober was asked and has not answered.
    asked: BTreeSet<ObservationKey>,
    /// How much that was when it was last asked, and when.
    given: usize,
    asked_at: Instant,
    /// What it is asked before everything else.
    first: Vec<Request>,
    /// What has to be answered before the next publication.
    confirming: BTreeSet<ObservationKey>,
    /// What is done and not logged yet.
    done: Vec<(ObservationKey, Box<Measured>)>,
    since: Instant,
    pub(crate) measuring: Measuring,
}

impl Probing {
    /// Starts a prober. What it says wakes whoever waits at the other end of `wake`.
    pub(crate) fn start(
        prober: Prober,
        wake: SyncSender<Wake>,
        clock: impl Fn() -> Epoch + Clone + Send + Sync + 'static,
    ) -> Result<Probing, WireError> {
        let io = |source| WireError::Io { path: "the network".into(), source };
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(io)?;
        let (requests, incoming) = mpsc::channel(4);
        let (events, mut told) = mpsc::channel(WAITING);
        let running = runtime.spawn(prober.run(incoming, events, clock)).abort_handle();
        let thread = std::thread::Builder::new().name("prober".to_owned()).spawn(move || {
            while let Some(event) = told.blocking_recv() {
                if wake.send(Wake::Probe(event)).is_err() {
                    break;
                }
            }
            runtime.shutdown_background();
        });
        Ok(Probing {
            requests,
            running,
            thread: thread.map_err(io)?,
            asked: BTreeSet::new(),
            given: 0,
            asked_at: Instant::now(),
            first: Vec::new(),
            confirming: BTreeSet::new(),
            done: Vec::new(),
            since: Instant::now(),
            measuring: Measuring::default(),
        })
    }

    /// Whether nothing is with the prober or about to be, and nothing waits to be logged.
    pub(super) fn is_idle(&self) -> bool {
        self.asked.is_empty() && self.first.is_empty() && self.done.is_empty()
    }

    /// Whether everything is answered that was to be confirmed.
    pub(crate) fn is_confirmed(&self) -> bool {
        self.confirming.is_empty()
    }

    /// Gives the prober more to do, if it has little: what is to be confirmed first, then what is asked for in
    /// `standing`; nothing that is under way by `claims` at the instant `now`.
    pub(super) fn ask(
        &mut self,
        standing: &BTreeMap<ObservationKey, Arc<Request>>,
        claims: &BTreeMap<ObservationKey, Epoch>,
        now: Epoch,
    ) {
        if self.asked.len() > self.given / 2 && self.asked_at.elapsed() < ASK_EVERY {
            return;
        }
        self.measuring.waiting = standing.len() + self.first.len();
        let asked = &self.asked;
        let is_free =
            |key: &ObservationKey| !asked.contains(key) && claims.get(key).is_none_or(|until| *until <= now);
        let mut batch: Vec<Request> = self.first.extract_if(.., |request| is_free(&request.key)).collect();
        let known: BTreeSet<&ObservationKey> = batch.iter().map(|request| &request.key).collect();
        let free = standing.values().filter(|request| is_free(&request.key) && !known.contains(&request.key));
        let mut free: Vec<&Request> = free.map(AsRef::as_ref).collect();
        free.sort_unstable_by(|a, b| (a.priority, &a.key).cmp(&(b.priority, &b.key)));
        let mut of_kind: BTreeMap<ProbeKind, usize> = BTreeMap::new();
        for kind in asked.iter().chain(known).map(|key| key.kind) {
            *of_kind.entry(kind).or_default() += 1;
        }
        let has_room = |request: &&Request| {
            let with_prober = of_kind.entry(request.key.kind).or_default();
            *with_prober += 1;
            *with_prober <= WITH_PROBER
        };
        let more: Vec<Request> = free.into_iter().filter(has_room).cloned().collect();
        batch.extend(more);
        if !batch.is_empty() {
            self.give(batch);
        }
    }

    /// Never waits for the prober, which may wait for the house: what does not fit is asked for the next time.
    fn give(&mut self, batch: Vec<Request>) {
        let keys: Vec<ObservationKey> = batch.iter().map(|request| request.key.clone()).collect();
        match self.requests.try_send(batch) {
            Ok(()) => {
                self.asked.extend(keys);
                (self.given, self.asked_at) = (self.asked.len(), Instant::now());
            }
            Err(TrySendError::Full(batch) | TrySendError::Closed(batch)) => {
                let confirms = |of: &Request| self.confirming.contains(&of.key);
                self.first.extend(batch.into_iter().filter(confirms));
            }
        }
    }

    /// Has these answered before everything else.
    pub(super) fn confirm(&mut self, requests: Vec<Request>) {
        self.confirming = requests.iter().map(|request| request.key.clone()).collect();
        self.first = requests;
    }

    /// Takes what the prober has done. It is logged together with what comes within a short time.
    pub(super) fn done(&mut self, key: ObservationKey, measured: Box<Measured>) {
        if self.done.is_empty() {
            self.since = Instant::now();
        }
        self.done.push((key, measured));
    }

    /// Whether it is time to log what is done.
    pub(super) fn is_full(&self) -> bool {
        self.done.len() >= TOGETHER || (!self.done.is_empty() && self.since.elapsed() >= GATHER)
    }

    /// What is done, to be logged.
    pub(super) fn take_done(&mut self) -> Vec<(ObservationKey, Box<Measured>)> {
        for (key, measured) in &self.done {
            self.asked.remove(key);
            self.confirming.remove(key);
            self.measuring.done += 1;
            let finding = measured.outcome.finding(key.kind);
            self.measuring.untold += u64::from(finding == Finding::Inconclusive);
        }
        std::mem::take(&mut self.done)
    }

    /// Ends the prober, once nobody listens at the other end of its `wake`. What is under way stays asked for.
    pub(crate) fn stop(self) {
        self.running.abort();
        // A thread that has panicked has said so.
        let _ = self.thread.join();
    }
}
