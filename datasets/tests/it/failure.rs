//! Failures of the disk: nothing is half committed, the last state stays readable, the next start goes on.

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;

use panopticon_datasets::durable::{self, DurableError, write_atomically};
use panopticon_datasets::faults::arm;
use panopticon_datasets::log::LogError;
use panopticon_datasets::store::{Store, StoreError};
use panopticon_model::update::Update;

use crate::support::{DAY, State, at, header, intent, one, sealed};

#[test]
fn a_full_disk_leaves_the_epoch_before() {
    // Three writes: rows are flushed a mebibyte at a time.
    let large: Vec<Update> =
        (0..30).map(|n| Update::Setting(format!("big{n}").into(), Some("x".repeat(100_000).into()))).collect();
    let points =
        ["log.write", "log.barrier", "log.commit", "log.sync", "log.synced", "segment.create", "durable.rename"];
    for (point, nth) in points.into_iter().flat_map(|point| (1..=4).map(move |nth| (point, nth))) {
        for (rollback_fails, next_day) in [(false, false), (true, false), (false, true), (true, true)] {
            let folder = crate::support::folder();
            let mut store = Store::open(folder.path()).unwrap();
            let mut state = State::default();
            store.append(&header(at(0, 1)), [one(0, 1, Some(1))]).unwrap();
            state.epoch(at(0, 1), &[one(0, 1, Some(1))]);
            let next = at(u32::from(next_day), 2);
            let result = {
                let _full = arm(point, nth, ErrorKind::StorageFull);
                let _stuck = rollback_fails.then(|| arm("log.rollback", 1, ErrorKind::Other));
                store.append(&header(next), &large)
            };
            let name = format!("{point} {nth}, rollback fails {rollback_fails}, next day {next_day}");
            match result {
                Ok(_) => state.epoch(next, &large),
                Err(error) => {
                    assert!(!error.to_string().is_empty());
                    let again = store.append(&header(at(3, 1)), [one(0, 1, Some(2))]).unwrap_err();
                    assert!(matches!(again, StoreError::Log(LogError::Poisoned { .. })), "{name}: {again}");
                }
            }
            // The last state is readable, in this process and in the next.
            assert!(State::of(&store).unwrap() == state, "{name}");
            drop(store);
            let mut store = Store::open(folder.path()).unwrap();
            let mut after = State::of(&store).unwrap();
            if rollback_fails && ["log.sync", "log.synced"].contains(&point) && after != state {
                // The commit was written and could not be taken back: then the epoch is there, whole.
                state.epoch(next, &large);
            }
            assert!(after == state, "{name}");
            store.append(&header(at(4, 1)), [one(0, 2, Some(1))]).unwrap();
            after.epoch(at(4, 1), &[one(0, 2, Some(1))]);
            assert!(State::of(&store).unwrap() == after, "{name}");
        }
    }
}

#[test]
fn a_failed_record_of_a_publication_never_was() {
    for (point, nth) in
        [("log.write", 1), ("log.sync", 1), ("intent.before", 1), ("seal.before", 1), ("log.write", 2)]
    {
        let folder = crate::support::folder();
        let mut store = Store::open(folder.path()).unwrap();
        let mut state = State::default();
        store.append(&header(at(0, 1)), [one(0, 1, Some(1))]).unwrap();
        state.epoch(at(0, 1), &[one(0, 1, Some(1))]);
        let full = arm(point, nth, ErrorKind::StorageFull);
        if store.intend(&intent(1, at(0, 1))).is_ok() {
            state.intent = Some(intent(1, at(0, 1)));
        }
        let is_sealed = store.seal(&sealed(1, at(0, 1))).is_ok();
        if is_sealed {
            state.seal(&sealed(1, at(0, 1)));
        }
        assert_eq!(is_sealed, point == "intent.before", "{point} {nth}");
        drop(full);
        assert_eq!(State::of(&store).unwrap(), state, "{point} {nth}");
        drop(store);
        let mut store = Store::open(folder.path()).unwrap();
        assert_eq!(State::of(&store).unwrap(), state, "{point} {nth}");
        store.seal(&sealed(2, at(0, 1))).unwrap();
    }
}

#[test]
fn a_close_that_fails_leaves_the_base_before() {
    for point in
        ["durable.write", "durable.sync", "durable.rename", "durable.folder", "base.file", "base.manifest"]
    {
        for nth in 1..=9 {
            let folder = crate::support::folder();
            let mut store = Store::open(folder.path()).unwrap();
            let mut state = State::default();
            for day in 0..2 {
                let rows: Vec<Update> = (0..8).map(|collection| one(collection, 1, Some(day))).collect();
                store.append(&header(at(day.into(), 1)), &rows).unwrap();
                state.epoch(at(day.into(), 1), &rows);
                if day == 0 {
                    store.close_day(DAY, &state.tables, "test").unwrap();
                }
            }
            let full = arm(point, nth, ErrorKind::StorageFull);
            let closed = store.close_day(DAY.next(), &state.tables, "test");
            drop(full);
            if closed.is_err() {
                assert_eq!(store.last_closed(), Some(DAY), "{point} {nth}");
            }
            assert_eq!(State::of(&store).unwrap(), state, "{point} {nth}");
            drop(store);
            let mut store = Store::open(folder.path()).unwrap();
            assert_eq!(State::of(&store).unwrap(), state, "{point} {nth}");
            store.close_day(DAY.next(), &state.tables, "test").unwrap();
            assert_eq!(State::of(&store).unwrap(), state, "{point} {nth}");
        }
    }
}

#[test]
fn two_openers() {
    let folder = crate::support::folder();
    let store = Store::open(folder.path()).unwrap();
    let error = Store::open(folder.path()).unwrap_err();
    assert!(matches!(&error, StoreError::Locked { .. }), "{error}");
    let path = folder.path().join("lock");
    assert_eq!(
        error.to_string(),
        format!("another process holds `{}`: wait until it is done, or stop it", path.display())
    );
    drop(store);
    Store::open(folder.path()).unwrap();
}

#[test]
fn what_cannot_be_written_is_named() {
    let folder = crate::support::folder();
    // A file where a folder should be: refused to everybody, even to root.
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Store::open(&file.join("state")).unwrap_err().to_string();
    assert!(error.contains("file/state") && error.contains("may be written"), "{error}");

    let closed = folder.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o500)).unwrap();
    if fs::write(closed.join("probe"), "").is_err() {
        let error = Store::open(&closed.join("state")).unwrap_err().to_string();
        assert!(error.starts_with("cannot create folder `") && error.contains("closed/state"), "{error}");
    }
}

#[test]
fn a_file_is_whole_or_as_it_was() {
    let folder = crate::support::folder();
    let path = folder.path().join("records.sql");
    let put = |text: &str| {
        write_atomically(&path, |file| -> Result<(), DurableError> {
            file.write_all(text.as_bytes()).map_err(|source| DurableError {
                action: "write",
                path: path.clone(),
                source,
            })
        })
    };
    put("one").unwrap();
    for point in ["durable.write", "durable.sync", "durable.rename"] {
        let _full = arm(point, 1, ErrorKind::StorageFull);
        let error = put("two").unwrap_err();
        assert_eq!(error.source.kind(), ErrorKind::StorageFull);
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
    }
    put("two").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "two");

    // What a killed writer leaves goes, and nothing else.
    let below = folder.path().join("a/b");
    durable::create_folders(&below).unwrap();
    fs::write(below.join(".part-0.parquet.tmp"), "").unwrap();
    fs::write(below.join("other.tmp"), "").unwrap();
    assert_eq!(durable::remove_leftovers(folder.path()).unwrap(), 1);
    assert!(below.join("other.tmp").exists() && path.exists());
    assert_eq!(durable::remove_leftovers(&folder.path().join("nowhere")).unwrap(), 0);
    assert!(write_atomically(std::path::Path::new("/"), |_| Ok::<(), DurableError>(())).is_err());
}
