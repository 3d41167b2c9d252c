//! A process that is killed at any named point: the next one finds the state before or after the step that it was
//! in, never one in between, and goes on from there to the same end.
//!
//! The killed process is this test binary once more, told by its environment what to do.

use std::path::Path;
use std::process::Command;

use panopticon_datasets::store::Store;
use panopticon_model::time::Day;

use crate::support::{DAY, State, at, delegation, header, intent, one, sealed};

const FOLDER: &str = "PANOPTICON_TEST_STATE";

/// All points, with how often the script passes each at least.
const POINTS: [(&str, u32); 18] = [
    ("durable.write", 12),
    ("durable.sync", 12),
    ("durable.rename", 12),
    ("durable.folder", 12),
    ("segment.create", 3),
    ("segment.created", 3),
    ("log.write", 14),
    ("log.barrier", 6),
    ("log.commit", 6),
    ("log.sync", 8),
    ("log.synced", 6),
    ("intent.before", 2),
    ("intent.after", 2),
    ("seal.before", 2),
    ("seal.after", 2),
    ("base.file", 16),
    ("base.manifest", 2),
    ("base.done", 2),
];

/// The steps of a small life: three days, two of them published and closed, then retention.
const STEPS: usize = 14;

fn step(n: usize, store: &mut Store, state: &State) {
    let last = state.tables.as_of;
    match n {
        3 | 8 => store.intend(&intent(n as u64, last)).unwrap(),
        4 | 9 => store.seal(&sealed(n as u64, last)).unwrap(),
        5 | 10 => store.close_day(last.day(), &state.tables, "test").unwrap(),
        13 => drop(store.expire(Day(DAY.0 + 9)).unwrap()),
        _ => {
            let (at, rows) = epoch(n);
            store.append(&header(at), &rows).unwrap();
        }
    }
}

fn epoch(n: usize) -> (panopticon_model::time::Epoch, Vec<panopticon_model::update::Update>) {
    let value = n as u8;
    let day = (n > 5) as u32 + (n > 10) as u32;
    let rows = [one(0, value % 3, Some(value)), delegation(value % 4, None, Some(value)), one(value % 8, 1, None)];
    (at(day, n as u64), rows.into_iter().collect())
}

/// What a step does, folded by hand.
fn folded(n: usize, mut state: State) -> State {
    let last = state.tables.as_of;
    match n {
        3 | 8 => state.intent = Some(intent(n as u64, last)),
        4 | 9 => state.seal(&sealed(n as u64, last)),
        5 | 10 | 13 => {}
        _ => {
            let (at, rows) = epoch(n);
            state.epoch(at, &rows);
        }
    }
    state
}

/// The states before each step, and at the end.
fn states() -> Vec<State> {
    (0..STEPS).fold(vec![State::default()], |mut states, n| {
        let next = folded(n, states[n].clone());
        states.push(next);
        states
    })
}

/// The process that is killed. In an ordinary run there is nothing to do.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let folder = Path::new(&folder);
    let states = states();
    let mut store = Store::open(folder).unwrap();
    for (n, state) in states.iter().enumerate().take(STEPS) {
        step(n, &mut store, state);
        std::fs::write(folder.join("done"), (n + 1).to_string()).unwrap();
    }
}

#[test]
fn a_killed_process_is_followed_by_one_that_goes_on() {
    let states = states();
    let removals = [("expire.remove", 2)];
    for (point, times) in POINTS.into_iter().chain(removals) {
        let mut nth = 0;
        loop {
            nth += 1;
            let folder = crate::support::folder();
            let status = Command::new(std::env::current_exe().unwrap())
                .args(["crash::child", "--exact"])
                .env(FOLDER, folder.path())
                .env("PANOPTICON_CRASH_AT", format!("{point}:{nth}"))
                .output()
                .unwrap()
                .status;
            let done = std::fs::read_to_string(folder.path().join("done")).unwrap_or_default();
            let done: usize = done.parse().unwrap_or(0);
            let mut store = Store::open(folder.path()).unwrap();
            let state = State::of(&store).unwrap();
            if status.success() {
                assert_eq!((done, &state), (STEPS, &states[STEPS]));
                assert!(nth > times, "{point} was passed {} times only", nth - 1);
                break;
            }
            let name = format!("killed at {point}:{nth} in step {done}");
            let reached = if state == states[done] { done } else { done + 1 };
            assert_eq!(state, states[reached], "{name}");
            // Steps that leave no trace in the state are taken once more: they must bear it.
            let silent = state == states[done] && states.get(done + 1) == Some(&state);
            let from = if silent { done } else { reached };
            for (n, state) in states.iter().enumerate().take(STEPS).skip(from) {
                step(n, &mut store, state);
            }
            drop(store);
            assert_eq!(&State::of(&Store::open(folder.path()).unwrap()).unwrap(), &states[STEPS], "{name}");
        }
    }
}
