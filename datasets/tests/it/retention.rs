//! Retention: what goes is old, and what recovery needs stays.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use panopticon_datasets::store::{Expired, Store, StoreError};
use panopticon_model::time::Day;

use crate::support::{DAY, State, at, copy, delegation, header, one, segments};

#[test]
fn expiry_never_takes_what_recovery_needs() {
    let folder = crate::support::folder();
    let mut store = Store::open(folder.path()).unwrap();
    let mut state = State::default();
    for day in 0..8u32 {
        for n in 0..2 {
            let rows = [one(0, day as u8, Some(n)), delegation(day as u8, None, Some(n))];
            store.append(&header(at(day, n.into())), &rows).unwrap();
            state.epoch(at(day, n.into()), &rows);
        }
        // Days 2, 5 and 7 stay open.
        if ![2, 5, 7].contains(&day) {
            store.close_day(at(day, 0).day(), &state.tables, "test").unwrap();
        }
    }
    drop(store);
    for before in 0..12 {
        let before = Day(DAY.0 + before);
        let copy = copy(folder.path());
        let mut store = Store::open(copy.path()).unwrap();
        let expired = store.expire(before).unwrap();
        assert_eq!(store.expire(before).unwrap(), Expired::default(), "twice is once");
        assert_eq!(State::of(&store).unwrap(), state, "expired before {before}");
        drop(store);
        let store = Store::open(copy.path()).unwrap();
        assert_eq!(State::of(&store).unwrap(), state, "reopened, expired before {before}");
        for day in (DAY.0..DAY.0 + 8).map(Day).filter(|day| *day >= before) {
            assert!(store.layout().segment(day.start()).exists(), "{day} is not before {before}");
        }
        let history = State::of_history(copy.path());
        match expired.segments {
            0 => assert_eq!(history.unwrap().tables, state.tables),
            _ => assert!(matches!(history, Err(StoreError::HistoryGone { .. }))),
        }
        for day in (DAY.0..DAY.0 + 12).map(Day) {
            match State::of_history_of(copy.path(), day) {
                Ok((base, known)) => {
                    assert!(
                        base.is_none_or(|base| base < day) && known.tables == state.tables,
                        "{day} of {before}"
                    );
                    assert!(known.delegations == state.delegations, "{day} of {before}");
                    assert_eq!(base, bases(copy.path()).range(..day).next_back().copied());
                }
                Err(StoreError::HistoryGone { .. }) => {
                    assert!(expired.segments > 0 && bases(copy.path()).range(..day).next().is_none());
                }
                Err(error) => panic!("{day} of {before}: {error}"),
            }
        }
    }
    // All that is left at the end: the newest base, and the segments from there on.
    let mut store = Store::open(folder.path()).unwrap();
    assert_eq!(store.expire(Day(u32::MAX)).unwrap(), Expired { segments: 6, bases: 4 });
    assert_eq!(segments(folder.path()).len(), 2);
    assert_eq!(fs::read_dir(folder.path().join("tables")).unwrap().count(), 1);
}

/// The days of the bases that are there.
fn bases(folder: &Path) -> BTreeSet<Day> {
    let names = fs::read_dir(folder.join("tables")).unwrap().map(|entry| entry.unwrap().file_name());
    names.map(|name| name.to_str().unwrap().parse().unwrap()).collect()
}

#[test]
fn without_a_base_the_log_stays() {
    let folder = crate::support::folder();
    let mut store = Store::open(folder.path()).unwrap();
    for day in 0..3 {
        store.append(&header(at(day, 1)), [one(0, 1, Some(1))]).unwrap();
    }
    assert_eq!(store.expire(Day(u32::MAX)).unwrap(), Expired::default());
}

#[test]
fn a_log_that_lost_its_base_says_so() {
    let folder = crate::support::folder();
    let mut store = Store::open(folder.path()).unwrap();
    let mut state = State::default();
    for day in 0..3 {
        store.append(&header(at(day, 1)), [one(0, 1, Some(1))]).unwrap();
        state.epoch(at(day, 1), &[one(0, 1, Some(1))]);
        store.close_day(at(day, 0).day(), &state.tables, "test").unwrap();
    }
    store.expire(Day(u32::MAX)).unwrap();
    drop(store);
    fs::remove_dir_all(folder.path().join("tables")).unwrap();
    let error = Store::open(folder.path()).unwrap_err();
    assert!(matches!(&error, StoreError::HistoryGone { .. }), "{error}");
    // And a base that lost its log.
    let folder = copy(folder.path());
    fs::remove_dir_all(folder.path().join("log")).unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    store.append(&header(at(0, 1)), [one(0, 1, Some(1))]).unwrap();
    state.tables.as_of = at(0, 1);
    store.close_day(DAY, &state.tables, "test").unwrap();
    drop(store);
    fs::remove_dir_all(folder.path().join("log")).unwrap();
    let error = Store::open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("is missing, but a base table continues it"), "{error}");
}
