//! A worker thread: takes commands from a bounded channel, steps the dataflow, sleeps when there is nothing.

use std::sync::mpsc::{Receiver, Sender, TryRecvError};
use std::sync::{Arc, Mutex};

use compact_str::CompactString;
use differential_dataflow::trace::ExertionLogic;
use panopticon_model::campaign::{Campaign, CampaignKey};
use panopticon_model::lookalike::{CutOff, SurveyKey, Surveyed, Target};
use panopticon_model::reputation::Reputation;
use panopticon_model::time::Epoch;
use panopticon_model::update::{Change, Changes};
use timely::communication::WorkerGuards;
use timely::worker::Worker;

use super::flow::{Inputs, build};
use super::{Options, sink};
use crate::facts::{Marked, NameFact, Observed, Sighted};
use crate::lexical::ProtectedName;
use crate::shared::Shared;
use crate::views::risk::Entered;

/// How timely names its worker threads.
pub(super) const THREAD_NAME: &str = "timely:work";

/// Updates that an idle worker moves at a time, in each merge: a change that comes waits for so many at most.
const IDLE_EFFORT: usize = 4096;

/// What the owner asks of a worker.
pub(super) enum Command {
    /// Rows at an epoch.
    Feed(Epoch, Box<Rows>),
    /// Everything before this epoch is known.
    Advance(Epoch),
}

/// Rows with their differences, as the dataflow takes them.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) sightings: Vec<(Sighted, isize)>,
    pub(super) marks: Vec<(Marked, isize)>,
    pub(super) names: Vec<((CompactString, NameFact), isize)>,
    pub(super) observations: Vec<(Observed, isize)>,
    pub(super) targets: Vec<(ProtectedName, isize)>,
    pub(super) entered: Vec<(Entered, isize)>,
    pub(super) surveyed: Vec<((SurveyKey, Surveyed), isize)>,
    pub(super) cut_offs: Vec<((CompactString, CutOff), isize)>,
    pub(super) campaigns: Vec<((CampaignKey, Arc<Campaign>), isize)>,
}

/// Starts the workers; each takes the receiver of its index.
pub(super) fn start(
    options: &Options,
    receivers: Vec<Receiver<Command>>,
    output: Sender<sink::Output>,
) -> Result<WorkerGuards<()>, String> {
    let mut config = timely::Config::process(receivers.len());
    config.worker.set::<ExertionLogic>("differential/default_exert_logic".to_owned(), Arc::new(idle_effort));
    let receivers: Vec<_> = receivers.into_iter().map(|receiver| Mutex::new(Some(receiver))).collect();
    let output = Mutex::new(output);
    let options = Arc::new(options.clone());
    timely::execute(config, move |worker| {
        let index = worker.index();
        let receiver = receivers.get(index).and_then(|slot| slot.lock().ok()?.take());
        let sender = output.lock().map(|sender| sender.clone());
        let (Some(receiver), Ok(sender)) = (receiver, sender) else { return };
        if options.pin {
            pin_to_core(index);
        }
        let inputs = build(worker, &options, sender);
        serve(worker, inputs, &receiver);
    })
}

/// Merges of batches that were begun go on while nothing comes, so that the next change does not pay for them. Of each
/// level of batches is told how many it has; two of them are being merged.
fn idle_effort(levels: &[(usize, usize, usize)]) -> Option<usize> {
    levels.iter().any(|(_, batches, _)| *batches > 1).then_some(IDLE_EFFORT)
}

/// Serves commands until the owner is gone.
fn serve(worker: &mut Worker, mut inputs: Inputs, receiver: &Receiver<Command>) {
    loop {
        match receiver.try_recv() {
            Ok(Command::Feed(at, rows)) => {
                inputs.feed(at, *rows);
                worker.step();
            }
            Ok(Command::Advance(at)) => inputs.advance(at),
            Err(TryRecvError::Empty) => {
                worker.step_or_park(None);
            }
            Err(TryRecvError::Disconnected) => break,
        }
    }
    for dataflow in worker.installed_dataflows() {
        worker.drop_dataflow(dataflow);
    }
}

fn pin_to_core(index: usize) {
    let cores = core_affinity::get_core_ids().unwrap_or_default();
    if !cores.is_empty() {
        core_affinity::set_for_current(cores[index % cores.len()]);
    }
}

/// Changes as rows with differences, in chunks of at most about `size` rows.
pub(super) fn chunks(changes: Changes, size: usize) -> impl Iterator<Item = Rows> {
    let Changes { sightings, marks, ranks, delegations, observations, protected_names, reputations, .. } = changes;
    let (targets, entered, surveyed, cut_offs, campaigns) =
        (changes.targets, changes.entered, changes.surveyed, changes.cut_offs, changes.campaigns);
    let sightings = sightings.into_iter().map(|Change { key, before, after }| {
        let feed = key.feed;
        let row = |sighting| Sighted { sighting: Shared::from(sighting), feed: feed.clone() };
        (before.map(row), after.map(row))
    });
    let marks = marks.into_iter().map(|Change { key, before, after }| {
        let target = Arc::new(key);
        let row = |mark| Marked { target: Arc::clone(&target), mark };
        (before.map(row), after.map(row))
    });
    let ranks = ranks.into_iter().map(|Change { key, before, after }| {
        let row = |rank| (key.clone(), NameFact::Rank(rank));
        (before.map(row), after.map(row))
    });
    let protected = protected_names.into_iter().map(|Change { key, before, after }| {
        let row = |_| (key.domain.clone(), NameFact::Protected);
        (before.map(row), after.map(row))
    });
    // Most rows only remember, and say nothing to anybody.
    let reputations = reputations.into_iter().filter_map(|Change { key, before, after }| {
        let repute = |row: Option<Arc<Reputation>>| row.and_then(|row| row.repute(&key));
        let (before, after) = (repute(before), repute(after));
        let row = |repute| (key.clone(), NameFact::Repute(Arc::new(repute)));
        (before != after).then(|| (before.map(row), after.map(row)))
    });
    let delegations = delegations.into_iter().map(|Change { key, before, after }| {
        let row = |delegation| (key.owner.clone(), NameFact::from(delegation));
        (before.map(row), after.map(row))
    });
    let observations = observations.into_iter().map(|Change { key, before, after }| {
        let row = |observation| Observed { key: key.clone(), observation };
        (before.map(row), after.map(row))
    });
    let targets = targets.into_iter().map(|Change { before, after, .. }| {
        let row = |target: Arc<Target>| ProtectedName::from(Arc::unwrap_or_clone(target));
        (before.map(row), after.map(row))
    });
    let entered = entered.into_iter().map(|Change { key, before, after }| {
        let row = |at| Entered { name: key.clone(), at };
        (before.map(row), after.map(row))
    });
    let surveyed = surveyed.into_iter().map(|Change { key, before, after }| {
        let row = |counted| (key.clone(), counted);
        (before.map(row), after.map(row))
    });
    let cut_offs = cut_offs.into_iter().map(|Change { key, before, after }| {
        let row = |cut_off| (key.clone(), cut_off);
        (before.map(row), after.map(row))
    });
    let campaigns = campaigns.into_iter().map(|Change { key, before, after }| {
        let row = |campaign| (key.clone(), campaign);
        (before.map(row), after.map(row))
    });
    let mut campaigns = differences(campaigns).peekable();
    let mut targets = differences(targets).peekable();
    let mut entered = differences(entered).peekable();
    let mut surveyed = differences(surveyed).peekable();
    let mut cut_offs = differences(cut_offs).peekable();
    let mut sightings = differences(sightings).peekable();
    let mut marks = differences(marks).peekable();
    let mut names = differences(ranks.chain(delegations).chain(protected).chain(reputations)).peekable();
    let mut observations = differences(observations).peekable();
    std::iter::from_fn(move || {
        let any = sightings.peek().is_some() || marks.peek().is_some() || names.peek().is_some();
        let looks = targets.peek().is_some() || entered.peek().is_some() || surveyed.peek().is_some();
        let any = any || looks || cut_offs.peek().is_some() || campaigns.peek().is_some();
        (any || observations.peek().is_some()).then(|| Rows {
            sightings: sightings.by_ref().take(size).collect(),
            marks: marks.by_ref().take(size).collect(),
            names: names.by_ref().take(size).collect(),
            observations: observations.by_ref().take(size).collect(),
            targets: targets.by_ref().take(size).collect(),
            entered: entered.by_ref().take(size).collect(),
            surveyed: surveyed.by_ref().take(size).collect(),
            cut_offs: cut_offs.by_ref().take(size).collect(),
            campaigns: campaigns.by_ref().take(size).collect(),
        })
    })
}

/// One retraction and one insertion for each row that changed.
fn differences<R>(changes: impl Iterator<Item = (Option<R>, Option<R>)>) -> impl Iterator<Item = (R, isize)> {
    changes.flat_map(|(before, after)| before.map(|row| (row, -1)).into_iter().chain(after.map(|row| (row, 1))))
}
