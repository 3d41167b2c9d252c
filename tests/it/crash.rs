//! Killed at any named point, and run again: the same files, nothing twice, nothing lost.

use panopticon_datasets::world::DAYS;

use crate::common::{assert_same_files, live, ok, put_day, run_of, settle_world};
use crate::scratch;

/// Where a run may be killed, and how often it passes there on the second day.
const POINTS: [&str; 8] = [
    "intent.before",
    "intent.after",
    "seal.before",
    "seal.after",
    "seal.before:2",
    "seal.after:2",
    "intent.before:2",
    "intent.after:2",
];

#[test]
fn killed_between_write_and_seal_changes_nothing() {
    let calm = tempfile::tempdir().unwrap();
    live(calm.path(), 3);
    for point in POINTS {
        let folder = tempfile::tempdir().unwrap();
        settle_world(folder.path());
        put_day(folder.path(), &DAYS[0]);
        ok(&mut run_of(folder.path(), &DAYS[0]));
        put_day(folder.path(), &DAYS[1]);
        let killed = run_of(folder.path(), &DAYS[1]).env("PANOPTICON_CRASH_AT", point).output().unwrap();
        assert!(!killed.status.success(), "{point} was not passed");
        ok(&mut run_of(folder.path(), &DAYS[1]));
        put_day(folder.path(), &DAYS[2]);
        ok(&mut run_of(folder.path(), &DAYS[2]));
        assert_same_files(&calm.path().join("out"), &folder.path().join("out"));
        scratch::check(&folder.path().join("state"), &folder.path().join("out"), &["xx", "zz"], &["xx"]);
    }
}
