//! Recovery: the newest base and the log after it say the same as the whole log, and as a naive fold.

use std::collections::BTreeMap;
use std::fs;

use panopticon_datasets::log::LogError;
use panopticon_datasets::store::{Event, Store, StoreError};
use panopticon_datasets::tables::{Collection, TablesError};
use panopticon_model::time::Epoch;
use panopticon_model::update::Update;
use proptest::prelude::*;

use crate::support::{DAY, State, at, copy, delegation, header, intent, one, sealed, segments, update};

/// A day of random epochs.
#[derive(Clone, Debug)]
struct TestDay {
    skipped: u32,
    epochs: Vec<Vec<Update>>,
    publishes: bool,
    closes: bool,
    restarts: bool,
}

fn day() -> impl Strategy<Value = TestDay> {
    let epochs = proptest::collection::vec(proptest::collection::vec(update(), 0..8), 0..4);
    let flags = (0..2u32, any::<bool>(), any::<bool>(), any::<bool>());
    (flags, epochs).prop_map(|((skipped, publishes, closes, restarts), epochs)| TestDay {
        skipped,
        epochs,
        publishes,
        closes,
        restarts,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn base_and_tail_equal_the_whole_log(days in proptest::collection::vec(day(), 1..6)) {
        let folder = crate::support::folder();
        let mut store = Store::open(folder.path()).unwrap();
        let mut state = State::default();
        let (mut number, mut publication, mut closed) = (0, 0, None);
        for day in days {
            number += 1 + day.skipped;
            for (n, rows) in day.epochs.iter().enumerate() {
                let epoch = at(number, n as u64);
                prop_assert_eq!(store.append(&header(epoch), rows).unwrap(), rows.len() as u64);
                state.epoch(epoch, rows);
            }
            if day.publishes && store.last_epoch().is_some() {
                publication += 1;
                store.intend(&intent(publication, state.tables.as_of)).unwrap();
                state.intent = Some(intent(publication, state.tables.as_of));
                if publication % 3 > 0 {
                    store.seal(&sealed(publication, state.tables.as_of)).unwrap();
                    state.seal(&sealed(publication, state.tables.as_of));
                }
            }
            if day.closes {
                store.close_day(at(number, 0).day(), &state.tables, "test").unwrap();
                closed = store.last_epoch().map(|_| at(number, 0).day()).or(closed);
            }
            if day.restarts {
                drop(store);
                store = Store::open(folder.path()).unwrap();
            }
            prop_assert_eq!(store.last_closed(), closed);
            prop_assert_eq!(&State::of(&store).unwrap(), &state);
            prop_assert_eq!(&State::of_history(folder.path()).unwrap(), &state);
        }
        drop(store);
        prop_assert_eq!(&State::of(&Store::open(folder.path()).unwrap()).unwrap(), &state);
    }
}

#[test]
fn an_empty_folder_is_an_empty_state() {
    let folder = crate::support::folder();
    let below = folder.path().join("a/b");
    let mut store = Store::open(&below).unwrap();
    assert_eq!(State::of(&store).unwrap(), State::default());
    assert_eq!(State::of_history(&below).unwrap(), State::default());
    store.close_day(DAY, &State::default().tables, "test").unwrap();
    assert_eq!((store.last_epoch(), store.last_closed()), (None, None));
    assert!(matches!(store.seal(&sealed(1, at(0, 1))), Err(StoreError::Log(LogError::Order { .. }))));
    for folder in ["log", "tables", "archive", "zones"] {
        assert!(below.join(folder).is_dir());
    }
}

#[test]
fn epochs_come_back_whole_and_in_order_whatever_their_size() {
    // Three chunks: by rows, by bytes, and the rest.
    let rows: Vec<Update> = (0..150_000u32)
        .map(|n| Update::Rank(format!("rank{n}.xx").into(), Some(n)))
        .chain((0..40).map(|n| Update::Setting(format!("big{n}").into(), Some("x".repeat(100_000).into()))))
        .collect();
    let folder = crate::support::folder();
    let mut store = Store::open(folder.path()).unwrap();
    store.append(&header(at(0, 1)), &rows).unwrap();
    store.append(&header(at(0, 2)), &rows[..0]).unwrap();
    let (mut events, mut chunks, mut read) = (Vec::new(), 0, Vec::new());
    store
        .replay(&mut |event| {
            match event {
                Event::Rows(rows) => {
                    chunks += 1;
                    read.extend(rows);
                }
                event => events.push(event),
            }
            Ok::<(), StoreError>(())
        })
        .unwrap();
    assert_eq!(
        events,
        [Event::Epoch(header(at(0, 1))), Event::EndEpoch, Event::Epoch(header(at(0, 2))), Event::EndEpoch]
    );
    assert!(read == rows && chunks > 5, "{chunks} chunks");
}

#[test]
fn history_starts_where_it_is_asked_to() {
    let folder = crate::support::folder();
    let mut store = Store::open(folder.path()).unwrap();
    let epochs: Vec<Epoch> = (0..3).flat_map(|day| [at(day, 1), at(day, 5)]).collect();
    for epoch in &epochs {
        store.append(&header(*epoch), [one(0, 1, Some(1))]).unwrap();
    }
    let from = |from| {
        let mut seen = Vec::new();
        Store::history(folder.path(), from, &mut |event| {
            if let Event::Epoch(header) = event {
                seen.push(header.at);
            }
            Ok::<(), StoreError>(())
        })
        .unwrap();
        seen
    };
    assert_eq!(from(None), epochs);
    for start in [at(0, 0), at(0, 1), at(0, 2), at(1, 0), at(1, 1), at(2, 5), at(2, 6), at(9, 0)] {
        let expected: Vec<Epoch> = epochs.iter().copied().filter(|epoch| *epoch >= start).collect();
        assert_eq!(from(Some(start)), expected, "from {start}");
    }
}

#[test]
fn what_does_not_follow_is_refused_and_changes_nothing() {
    let folder = crate::support::folder();
    let mut store = Store::open(folder.path()).unwrap();
    let mut state = State::default();
    store.append(&header(at(0, 5)), [one(0, 1, Some(1))]).unwrap();
    state.epoch(at(0, 5), &[one(0, 1, Some(1))]);
    for back in [Epoch(0), at(0, 4), at(0, 5)] {
        let error = store.append(&header(back), [one(0, 2, Some(1))]).unwrap_err();
        assert!(matches!(&error, StoreError::Log(LogError::Regression { .. })), "{error}");
    }
    assert!(matches!(store.intend(&intent(1, at(0, 6))), Err(StoreError::Log(LogError::Order { .. }))));
    store.seal(&sealed(1, at(0, 5))).unwrap();
    state.seal(&sealed(1, at(0, 5)));
    assert!(matches!(store.seal(&sealed(1, at(0, 5))), Err(StoreError::Log(LogError::Order { .. }))));

    // Tables of another epoch, a day that is not over, a day that is closed.
    let mut other = state.clone();
    other.epoch(at(0, 6), &[]);
    let error = store.close_day(DAY, &other.tables, "test").unwrap_err();
    assert!(matches!(&error, StoreError::Tables(TablesError::OutOfStep { .. })), "{error}");
    let error = store.close_day(DAY.back(1), &state.tables, "test").unwrap_err();
    assert!(matches!(&error, StoreError::Tables(TablesError::NotTheClose { .. })), "{error}");
    store.close_day(DAY, &state.tables, "test").unwrap();
    store.close_day(DAY, &state.tables, "test").unwrap();
    let error = store.append(&header(DAY.end().minus(1)), [one(0, 2, Some(1))]).unwrap_err();
    assert!(matches!(&error, StoreError::DayClosed { .. }), "{error}");
    let error = store.close_day(DAY.back(1), &state.tables, "test").unwrap_err();
    assert!(matches!(&error, StoreError::DayClosed { .. }), "{error}");
    assert_eq!(State::of(&store).unwrap(), state);
    store.append(&header(DAY.end()), [one(0, 2, Some(1))]).unwrap();
    assert_eq!(segments(folder.path()).len(), 2, "the day after a close is a new segment");
}

#[test]
fn an_epoch_that_is_given_up_never_was() {
    let folder = crate::support::folder();
    let mut store = Store::open(folder.path()).unwrap();
    let mut state = State::default();
    for n in 0..4 {
        // In a new segment, and in one that is there.
        let mut epoch = store.begin(&header(at(n, 1))).unwrap();
        for n in 0..100_000u32 {
            epoch.push(&Update::Rank(format!("rank{n}.xx").into(), Some(n))).unwrap();
        }
        drop(epoch);
        assert_eq!(State::of(&store).unwrap(), state);
        if n % 2 == 1 {
            store.append(&header(at(n, 0)), [one(0, 1, Some(1))]).unwrap();
            state.epoch(at(n, 0), &[one(0, 1, Some(1))]);
        }
    }
    drop(store);
    let store = Store::open(folder.path()).unwrap();
    assert_eq!((State::of(&store).unwrap(), store.recovery().torn_bytes), (state, 0));
}

#[test]
fn untouched_collections_are_shared_between_bases() {
    let folder = crate::support::folder();
    let mut store = Store::open(folder.path()).unwrap();
    let mut state = State::default();
    let mut close = |day: u32, rows: &[Update]| {
        store.append(&header(at(day, 1)), rows).unwrap();
        state.epoch(at(day, 1), rows);
        store.close_day(at(day, 0).day(), &state.tables, "test").unwrap();
        assert_eq!(State::of(&store).unwrap(), state);
    };
    let all: Vec<Update> = (0..8).map(|collection| one(collection, 1, Some(1))).collect();
    close(0, &all);
    close(1, &[delegation(2, None, Some(2)), one(2, 1, None)]);
    close(2, &[]);
    let inodes = |day: u32| -> BTreeMap<&str, u64> {
        use std::os::unix::fs::MetadataExt;
        let base = folder.path().join("tables").join(at(day, 0).day().to_string());
        let inode = |name: &'static str| (name, fs::metadata(base.join(format!("{name}.tbl"))).unwrap().ino());
        Collection::ALL.map(|collection| inode(collection.as_str())).into()
    };
    let changed: Vec<&str> =
        inodes(0).into_iter().filter(|(name, inode)| inodes(1)[name] != *inode).map(|i| i.0).collect();
    assert_eq!(changed, ["delegations", "ranks"]);
    assert_eq!(inodes(1), inodes(2));
}

#[test]
fn a_base_of_a_program_that_knew_less_is_opened_and_the_next_one_has_everything() {
    let folder = crate::support::folder();
    let mut store = Store::open(folder.path()).unwrap();
    let mut state = State::default();
    let known: Vec<Update> = (0..8).map(|collection| one(collection, 1, Some(1))).collect();
    store.append(&header(at(0, 1)), &known).unwrap();
    state.epoch(at(0, 1), &known);
    store.close_day(at(0, 0).day(), &state.tables, "test").unwrap();
    drop(store);
    // As it was written before anything was measured.
    let base = folder.path().join("tables").join(at(0, 0).day().to_string());
    let path = base.join("manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    let mut manifest: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    let unknown = [
        Collection::Observations,
        Collection::Claims,
        Collection::ProtectedNames,
        Collection::Reputations,
        Collection::Verdicts,
        Collection::Targets,
        Collection::Entered,
        Collection::Surveyed,
        Collection::CutOffs,
        Collection::Campaigns,
    ];
    for collection in unknown {
        assert!(manifest["files"].as_object_mut().unwrap().remove(collection.as_str()).is_some());
        fs::remove_file(base.join(format!("{}.tbl", collection.as_str()))).unwrap();
    }
    let line = manifest.to_string();
    fs::write(&path, format!("{line}\nblake3 {}\n", blake3::hash(line.as_bytes()).to_hex())).unwrap();

    let mut store = Store::open(folder.path()).unwrap();
    assert_eq!((store.last_closed(), store.recovery().damaged_bases.len()), (Some(at(0, 0).day()), 0));
    assert_eq!(State::of(&store).unwrap(), state);
    let more: Vec<Update> = (8..13).map(|collection| one(collection, 1, Some(1))).collect();
    store.append(&header(at(1, 1)), &more).unwrap();
    state.epoch(at(1, 1), &more);
    store.close_day(at(1, 0).day(), &state.tables, "test").unwrap();
    drop(store);
    let store = Store::open(folder.path()).unwrap();
    assert_eq!((store.last_closed(), State::of(&store).unwrap()), (Some(at(1, 0).day()), state));
}

#[test]
fn a_damaged_base_gives_way_to_the_one_before() {
    let folder = crate::support::folder();
    let mut store = Store::open(folder.path()).unwrap();
    let mut state = State::default();
    for day in 0..3 {
        let rows = [one(0, day as u8, Some(1)), delegation(day as u8, None, Some(1))];
        store.append(&header(at(day, 1)), &rows).unwrap();
        state.epoch(at(day, 1), &rows);
        store.close_day(at(day, 0).day(), &state.tables, "test").unwrap();
    }
    drop(store);
    let newest = at(2, 0).day();
    for (file, change) in [("manifest.json", 0), ("sightings.tbl", 1), ("delegations.tbl", 2)] {
        let copy = copy(folder.path());
        let path = copy.path().join("tables").join(newest.to_string()).join(file);
        let mut bytes = fs::read(&path).unwrap();
        match change {
            0 => bytes[30] ^= 1,
            1 => bytes.truncate(bytes.len() - 1),
            _ => bytes.clear(),
        }
        fs::write(&path, bytes).unwrap();
        let mut store = Store::open(copy.path()).unwrap();
        assert_eq!(store.last_closed(), Some(at(1, 0).day()), "{file}");
        assert_eq!(store.recovery().damaged_bases.len(), 1, "{file}");
        assert_eq!(State::of(&store).unwrap(), state, "{file}");
        store.close_day(newest, &state.tables, "test").unwrap();
        assert_eq!(State::of(&store).unwrap(), state, "{file} mended");
    }
    // Every flipped byte of a table, or of the manifest, is seen.
    for file in ["manifest.json", "sightings.tbl"] {
        let copy = copy(folder.path());
        let path = copy.path().join("tables").join(newest.to_string()).join(file);
        let bytes = fs::read(&path).unwrap();
        for offset in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[offset] ^= 1;
            fs::write(&path, damaged).unwrap();
            let Ok(store) = Store::open(copy.path()) else {
                continue;
            };
            match State::of(&store) {
                Ok(read) => {
                    assert!(read == state && !store.recovery().damaged_bases.is_empty(), "{file} {offset}");
                }
                Err(error) => assert!(matches!(&error, StoreError::Tables(_)), "{error}"),
            }
        }
    }
}
