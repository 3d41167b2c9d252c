//! The row format never changes unseen: one small log, written by version 1, holds every kind of record and row.

use std::fs;
use std::path::Path;

use panopticon_datasets::store::Store;
use panopticon_model::update::Update;

use crate::measured;
use crate::support::{State, at, header, intent, one, sealed, segments};

/// The files are written once for each version and then never again. To write one (for a new version only, or with
/// collections that are new): remove it, then `PANOPTICON_WRITE_PINNED=1 cargo test -p panopticon-datasets pinned`.
const FOLDER: &str = "tests/data";

fn write(folder: &Path) -> State {
    let mut store = Store::open(folder).unwrap();
    let mut state = State::default();
    for (n, value) in [(1u8, Some(1)), (2, Some(2)), (3, None)] {
        let rows: Vec<Update> =
            (0..8).flat_map(|collection| (0..n).map(move |key| one(collection, key, value))).collect();
        store.append(&header(at(0, n.into())), &rows).unwrap();
        state.epoch(at(0, n.into()), &rows);
    }
    store.intend(&intent(1, at(0, 3))).unwrap();
    store.seal(&sealed(1, at(0, 3))).unwrap();
    store.intend(&intent(2, at(0, 3))).unwrap();
    state.seal(&sealed(1, at(0, 3)));
    state.intent = Some(intent(2, at(0, 3)));
    state
}

/// What measurement brought: every outcome, and every kind of fact with nothing left out.
fn write_measured(folder: &Path) -> State {
    let mut store = Store::open(folder).unwrap();
    let mut state = State::default();
    let epochs = [measured::rows(), (8..11).flat_map(|of| [one(of, 1, Some(1)), one(of, 2, None)]).collect()];
    for (n, rows) in (1..).zip(epochs) {
        store.append(&header(at(0, n)), &rows).unwrap();
        state.epoch(at(0, n), &rows);
    }
    state
}

/// Two rows of a collection, one of which changes and goes: what was counted at the close of a day (11), what cases were
/// judged to be (12), what is looked for in zones (13 to 16), what came together (17).
fn write_rows_of(collection: u8, folder: &Path) -> State {
    let mut store = Store::open(folder).unwrap();
    let mut state = State::default();
    for (n, value) in [(1, Some(2)), (2, Some(3)), (3, None)] {
        let rows = [one(collection, 1, value), one(collection, 2, Some(1))];
        store.append(&header(at(0, n)), &rows).unwrap();
        state.epoch(at(0, n), &rows);
    }
    state
}

fn check(name: &str, write: impl Fn(&Path) -> State) {
    let pinned = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER).join(name);
    let folder = crate::support::folder();
    let state = write(folder.path());
    let segment = segments(folder.path()).remove(0);
    let written = fs::read(&segment).unwrap();
    if std::env::var_os("PANOPTICON_WRITE_PINNED").is_some() && !pinned.exists() {
        fs::write(&pinned, &written).unwrap();
    }
    let kept = fs::read(&pinned).unwrap();
    assert!(
        written == kept,
        "{name}: rows are encoded otherwise than in version 1: logs that exist would be misread. \
         Keep version 1 as it is and write a version 2 beside it (datasets/src/log/v1.rs)"
    );
    // And what was written once still reads.
    fs::write(&segment, kept).unwrap();
    assert_eq!(State::of(&Store::open(folder.path()).unwrap()).unwrap(), state);
}

#[test]
fn the_bytes_of_version_1() {
    check("v1.log", write);
}

#[test]
fn the_bytes_of_reputations() {
    check("v1-reputations.log", |folder| write_rows_of(11, folder));
}

#[test]
fn the_bytes_of_verdicts() {
    check("v1-verdicts.log", |folder| write_rows_of(12, folder));
}

#[test]
fn the_bytes_of_look_alikes() {
    for (collection, name) in [(13, "targets"), (14, "entered"), (15, "surveyed"), (16, "cut-offs")] {
        check(&format!("v1-{name}.log"), |folder| write_rows_of(collection, folder));
    }
}

#[test]
fn the_bytes_of_campaigns() {
    check("v1-campaigns.log", |folder| write_rows_of(17, folder));
}

#[test]
fn the_bytes_of_what_is_measured() {
    check("v1-measured.log", write_measured);
}
