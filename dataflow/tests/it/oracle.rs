//! Incremental equals from scratch, after every epoch of random histories; and what must not matter (workers,
//! chunks, restarts) does not.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use panopticon_dataflow::{Engine, Options};
use panopticon_model::diff::Net;
use panopticon_model::oracle;
use panopticon_model::time::{Day, Epoch};
use panopticon_model::update::{Cause, Changes};
use panopticon_model::view::{EpochDiffs, Standing};
use proptest::prelude::*;

use crate::histories::{START, Step, World, history};

fn engine(workers: usize, world: &World) -> Engine {
    let inputs = &world.inputs;
    let options = Options {
        workers,
        pin: false,
        zone_tlds: inputs.zone_tlds.clone(),
        plan: inputs.plan.clone(),
        policies: inputs.policies.clone(),
        lookalikes: None,
    };
    Engine::start(&options).unwrap()
}

/// Runs a history and holds the views, and the net of every day, against the oracle.
fn run(workers: usize, rows_a_feed: usize, history: &[Step]) -> Vec<EpochDiffs> {
    let mut world = World::new();
    let mut engine = engine(workers, &world);
    let (mut standing, mut net) = (Standing::default(), Net::default());
    let mut day_start = Standing::default();
    let (mut now, mut all) = (START, Vec::new());
    for step in history {
        let at = world.next(now, step.gap);
        // Days close on the way.
        for day in (now.day().0..at.day().0).map(Day) {
            absorb(&mut engine, day.end().minus(1), &mut standing, &mut net, &mut all);
            let close = oracle::standing(&world.inputs, day.end().minus(1));
            check(&standing, &close, &net, &day_start);
            day_start = close;
            net.clear();
        }
        let changes = world.happen(at, &step.events);
        for part in split(changes, rows_a_feed) {
            engine.feed(at, part).unwrap();
        }
        absorb(&mut engine, at, &mut standing, &mut net, &mut all);
        check(&standing, &oracle::standing(&world.inputs, at), &net, &day_start);
        now = at;
    }
    all
}

fn absorb(engine: &mut Engine, upto: Epoch, standing: &mut Standing, net: &mut Net, all: &mut Vec<EpochDiffs>) {
    for diffs in engine.settle(upto).unwrap() {
        standing.apply(&diffs).unwrap();
        net.absorb(&diffs, standing, Cause::Evidence);
        all.push(diffs);
    }
    standing.as_of = upto;
}

fn check(standing: &Standing, expected: &Standing, net: &Net, day_start: &Standing) {
    assert_same("indicators", &standing.indicators, &expected.indicators);
    assert_same("cases", &standing.cases, &expected.cases);
    assert_same("probe_requests", &standing.requests, &expected.requests);
    assert_same("validated_indicators", &standing.validated, &expected.validated);
    assert_same("remedies", &standing.remedies, &expected.remedies);
    assert_eq!(standing, expected);
    let told: Vec<_> =
        net.rows().into_iter().map(|row| (row.subject_id, (row.change, row.before, row.after))).collect();
    assert_eq!(told.into_iter().collect::<BTreeMap<_, _>>(), oracle::changes(day_start, expected));
}

/// Tells of the rows that differ, and of no others.
fn assert_same<K: Ord + Debug, V: PartialEq + Debug>(
    view: &str,
    told: &BTreeMap<K, V>,
    expected: &BTreeMap<K, V>,
) {
    let keys: BTreeSet<&K> = told.keys().chain(expected.keys()).collect();
    for key in keys {
        assert_eq!(told.get(key), expected.get(key), "{key:?} of {view}");
    }
}

/// The changes of an epoch in parts of a few rows, as a bulk load would bring them.
fn split(changes: Changes, rows: usize) -> Vec<Changes> {
    let mut parts = Vec::new();
    for sightings in changes.sightings.chunks(rows) {
        parts.push(Changes { sightings: sightings.to_vec(), ..Changes::default() });
    }
    parts.push(Changes { sightings: Vec::new(), ..changes });
    parts
}

/// Runs a history; after `cut` steps a second engine starts from the tables, and both go on.
fn restart(history: &[Step], cut: usize) {
    let mut world = World::new();
    let mut first = engine(1, &world);
    let (mut standing, mut now, mut rest) = (Standing::default(), START, history);
    while let [step, later @ ..] = rest {
        let at = world.next(now, step.gap);
        first.feed(at, world.happen(at, &step.events)).unwrap();
        absorb(&mut first, at, &mut standing, &mut Net::default(), &mut Vec::new());
        (now, rest) = (at, later);
        if history.len() - rest.len() > cut {
            break;
        }
    }
    // A fresh engine gets the tables as they are, at once.
    let mut empty = World::new();
    std::mem::swap(&mut empty.inputs, &mut world.inputs);
    let snapshot = empty.inputs.clone();
    empty.inputs.sightings.clear();
    empty.inputs.marks.clear();
    empty.inputs.ranks.clear();
    empty.inputs.delegations.clear();
    empty.inputs.observations.clear();
    empty.inputs.protected.clear();
    empty.inputs.reputations.clear();
    let mut second = engine(2, &empty);
    let everything = empty.become_(snapshot);
    second.feed(now, everything).unwrap();
    let mut restarted = Standing::default();
    absorb(&mut second, now, &mut restarted, &mut Net::default(), &mut Vec::new());
    assert_eq!(&restarted, &standing);
    for step in rest {
        let at = empty.next(now, step.gap);
        let changes = empty.happen(at, &step.events);
        first.feed(at, changes.clone()).unwrap();
        second.feed(at, changes).unwrap();
        absorb(&mut first, at, &mut standing, &mut Net::default(), &mut Vec::new());
        absorb(&mut second, at, &mut restarted, &mut Net::default(), &mut Vec::new());
        assert_eq!(&restarted, &standing);
        now = at;
    }
}

/// Runs work on a thread of its own and fails when it does not end: a frontier that stalls would wait for ever.
fn under_a_deadline<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = std::sync::mpsc::channel();
    let worker = std::thread::spawn(move || sender.send(work()));
    match receiver.recv_timeout(std::time::Duration::from_secs(60)) {
        Ok(result) => result,
        Err(std::sync::mpsc::RecvTimeoutError::Timeout) => panic!("the frontier stalls"),
        Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => {
            std::panic::resume_unwind(worker.join().unwrap_err())
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn incremental_equals_from_scratch(history in history()) {
        under_a_deadline(move || run(1, 1000, &history));
    }

    #[test]
    fn workers_and_chunks_do_not_matter(history in history()) {
        let (one, fine, coarse) =
            under_a_deadline(move || (run(1, 1000, &history), run(2, 1, &history), run(2, 3, &history)));
        prop_assert_eq!(&one, &fine);
        prop_assert_eq!(&one, &coarse);
    }

    #[test]
    fn a_restart_from_the_tables_says_the_same(history in history(), cut in 0usize..25) {
        under_a_deadline(move || restart(&history, cut));
    }
}
