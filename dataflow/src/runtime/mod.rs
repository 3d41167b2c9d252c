//! The engine as its owner sees it: changes go in by epoch, diffs come out by instant.
//!
//! Workers are threads of their own; the owner talks to them through bounded channels, so a burst slows the
//! owner and never grows the process. A panic on a worker thread would leave the others waiting for ever:
//! [`Engine::start`] installs a hook that ends the process then, for threads of the engine only.

mod flow;
mod lookalikes;
mod sink;
mod worker;

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::sync::{Arc, Once};
use std::thread::Thread;

use compact_str::CompactString;
use panopticon_model::judgement::Policies;
use panopticon_model::observation::Plan;
use panopticon_model::time::Epoch;
use panopticon_model::update::Changes;
use panopticon_model::view::EpochDiffs;
use timely::communication::WorkerGuards;

pub use lookalikes::Lookalikes;
use worker::Command;

/// Commands that may wait for a worker. One holds at most [`CHUNK`] rows.
const QUEUE: usize = 4;
/// Rows in a command.
const CHUNK: usize = 8192;

/// How the engine runs. Workers and cores do not change what it says.
#[derive(Clone, Debug)]
pub struct Options {
    /// Worker threads.
    pub workers: usize,
    /// Keep each worker on a core of its own. Left alone, the kernel may run two workers on one core.
    pub pin: bool,
    /// The TLDs of which a zone is read: only their cases say whether they are delegated.
    pub zone_tlds: BTreeSet<CompactString>,
    /// What is measured of whom.
    pub plan: Plan,
    /// What it takes to hold a claim for confirmed.
    pub policies: Policies,
    /// By what the names of the zones are looked at; none if they are not.
    pub lookalikes: Option<Arc<Lookalikes>>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            workers: 1,
            pin: false,
            zone_tlds: BTreeSet::new(),
            plan: Plan::default(),
            policies: Policies::default(),
            lookalikes: None,
        }
    }
}

/// The running engine.
pub struct Engine {
    workers: Vec<SyncSender<Command>>,
    threads: Vec<Thread>,
    diffs: Receiver<sink::Output>,
    guards: Option<WorkerGuards<()>>,
    /// No change may be fed before this epoch.
    now: Epoch,
    /// The worker that takes the next chunk.
    turn: usize,
}

impl Engine {
    /// Starts the workers.
    ///
    /// # Errors
    /// [`EngineError::Start`] when the threads cannot be started.
    pub fn start(options: &Options) -> Result<Engine, EngineError> {
        abort_on_worker_panic();
        let count = options.workers.max(1);
        let (senders, receivers): (Vec<_>, Vec<_>) = (0..count).map(|_| sync_channel(QUEUE)).unzip();
        let (output, diffs) = channel();
        let guards = worker::start(options, receivers, output).map_err(EngineError::Start)?;
        let threads = guards.guards().iter().map(|guard| guard.thread().clone()).collect();
        Ok(Engine { workers: senders, threads, diffs, guards: Some(guards), now: Epoch(0), turn: 0 })
    }

    /// Feeds changes at an epoch; it may be called any number of times for one epoch. Waits while the workers
    /// are behind.
    ///
    /// # Errors
    /// [`EngineError::Backwards`] for an epoch that is settled already; [`EngineError::Stopped`].
    pub fn feed(&mut self, at: Epoch, changes: Changes) -> Result<(), EngineError> {
        if at < self.now {
            return Err(EngineError::Backwards { at, now: self.now });
        }
        for chunk in worker::chunks(changes, CHUNK) {
            self.turn = (self.turn + 1) % self.workers.len();
            self.send(self.turn, Command::Feed(at, Box::new(chunk)))?;
        }
        Ok(())
    }

    /// Lets time pass to the end of `upto` and returns what changed since the last call, instant by instant:
    /// at the epochs that were fed, and where time alone changed something. A time that is settled already has
    /// nothing more to say.
    ///
    /// # Errors
    /// [`EngineError::Stopped`].
    pub fn settle(&mut self, upto: Epoch) -> Result<Vec<EpochDiffs>, EngineError> {
        if upto < self.now {
            return Ok(Vec::new());
        }
        self.now = upto.plus(1);
        for index in 0..self.workers.len() {
            self.send(index, Command::Advance(self.now))?;
        }
        let mut settled = Vec::new();
        loop {
            match self.diffs.recv().map_err(|_| EngineError::Stopped)? {
                sink::Output::Diffs(diffs) => settled.push(diffs),
                sink::Output::Settled(frontier) if frontier > upto => return Ok(settled),
                sink::Output::Settled(_) => {}
            }
        }
    }

    fn send(&self, index: usize, command: Command) -> Result<(), EngineError> {
        let (Some(worker), Some(thread)) = (self.workers.get(index), self.threads.get(index)) else {
            return Err(EngineError::Stopped);
        };
        worker.send(command).map_err(|_| EngineError::Stopped)?;
        thread.unpark();
        Ok(())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.workers.clear();
        self.threads.iter().for_each(Thread::unpark);
        drop(self.guards.take());
    }
}

/// Why the engine cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The worker threads could not be started.
    #[error("cannot start the engine: {0}")]
    Start(String),
    /// Changes came for a time that is settled.
    #[error("a change at {at} comes too late: the engine has settled everything before {now}")]
    Backwards {
        /// The epoch of the change.
        at: Epoch,
        /// The first epoch that is open.
        now: Epoch,
    },
    /// The workers are gone.
    #[error("the engine has stopped")]
    Stopped,
}

/// Ends the process when a worker panics: the others would wait for it for ever.
fn abort_on_worker_panic() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            others(panic);
            if std::thread::current().name().is_some_and(|name| name.starts_with(worker::THREAD_NAME)) {
                std::process::abort();
            }
        }));
    });
}
