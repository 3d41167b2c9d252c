//! Damage: a torn tail is cut off, anything else is an error, nothing is skipped, nothing panics.

use std::fs;
use std::path::Path;

use panopticon_datasets::log::LogError;
use panopticon_datasets::store::{Store, StoreError};
use proptest::prelude::*;

use crate::support::{State, at, copy, delegation, header, intent, one, sealed, segments};

/// A log of one segment, and after each record the length of the file and the state.
fn history() -> (tempfile::TempDir, Vec<(u64, State)>) {
    let folder = crate::support::folder();
    let mut store = Store::open(folder.path()).unwrap();
    let mut state = State::default();
    let mut borders = Vec::new();
    let mark = |borders: &mut Vec<_>, state: &State| {
        let length = fs::metadata(&segments(folder.path())[0]).unwrap().len();
        borders.push((length, state.clone()));
    };
    for n in 1..=3u8 {
        let rows = [one(0, n, Some(n)), one(4, 1, Some(n)), one(n, n, None), delegation(n, None, Some(n))];
        let rows = if n == 2 { &rows[..0] } else { &rows[..] };
        store.append(&header(at(0, n.into())), rows).unwrap();
        state.epoch(at(0, n.into()), rows);
        mark(&mut borders, &state);
        if n < 3 {
            store.intend(&intent(n.into(), at(0, n.into()))).unwrap();
            state.intent = Some(intent(n.into(), at(0, n.into())));
            mark(&mut borders, &state);
        }
        if n < 2 {
            store.seal(&sealed(n.into(), at(0, n.into()))).unwrap();
            state.seal(&sealed(n.into(), at(0, n.into())));
            mark(&mut borders, &state);
        }
    }
    (folder, borders)
}

/// The length of a segment that holds no record.
fn head(folder: &Path) -> u64 {
    let bytes = fs::read(&segments(folder)[0]).unwrap();
    8 + 4 + 4 + u64::from(u32::from_le_bytes(bytes[8..12].try_into().unwrap()))
}

#[test]
fn a_log_cut_anywhere_is_the_state_before_or_after() {
    let (folder, borders) = history();
    let full = borders.last().unwrap().0;
    for cut in head(folder.path())..=full {
        let copy = copy(folder.path());
        let segment = &segments(copy.path())[0];
        fs::OpenOptions::new().write(true).open(segment).unwrap().set_len(cut).unwrap();
        let mut expected =
            borders.iter().rev().find(|(length, _)| *length <= cut).map_or(State::default(), |b| b.1.clone());

        // Readers see the same without mending anything.
        assert_eq!(State::of_history(copy.path()).unwrap(), expected, "history of a log cut at {cut}");
        let mut store = Store::open(copy.path()).unwrap();
        assert_eq!(State::of(&store).unwrap(), expected, "cut at {cut}");
        let whole = borders.iter().map(|b| b.0).chain([head(folder.path())]).any(|length| length == cut);
        assert_eq!(store.recovery().torn_bytes == 0, whole || expected == State::default(), "cut at {cut}");

        store.append(&header(at(0, 9)), [one(0, 7, Some(1))]).unwrap();
        expected.epoch(at(0, 9), &[one(0, 7, Some(1))]);
        drop(store);
        assert_eq!(
            State::of(&Store::open(copy.path()).unwrap()).unwrap(),
            expected,
            "appended after a cut at {cut}"
        );
    }
}

#[test]
fn a_flipped_byte_in_the_middle_is_an_error() {
    let (folder, borders) = history();
    let last = borders[borders.len() - 2].0;
    let copy = copy(folder.path());
    let segment = &segments(copy.path())[0];
    let bytes = fs::read(segment).unwrap();
    for offset in 0..bytes.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[offset] ^= flip;
            fs::write(segment, &damaged).unwrap();
            match Store::open(copy.path()) {
                // Only in the last record can damage look like a torn write.
                Ok(store) => {
                    assert!(offset as u64 >= last, "a flip of {flip:#x} at {offset} was not seen");
                    let state = State::of(&store).unwrap();
                    assert!(
                        borders[borders.len() - 2..].iter().any(|(_, whole)| state == *whole),
                        "flip at {offset}"
                    );
                }
                Err(StoreError::Log(LogError::Damaged { .. })) => {
                    assert_eq!(fs::read(segment).unwrap(), damaged, "what is damaged is left as it is");
                }
                Err(other) => panic!("flip at {offset}: {other}"),
            }
            if (offset as u64) < last {
                assert!(State::of_history(copy.path()).is_err(), "history with a flip at {offset}");
            }
        }
    }
}

#[test]
fn rows_of_the_last_epoch_are_not_a_tail() {
    // Rows are synced before their commit is written: unreadable rows before a commit were readable once.
    let (folder, borders) = history();
    let [.., (before, _), (after, _)] = borders.as_slice() else { panic!("two records") };
    let segment = &segments(folder.path())[0];
    let mut bytes = fs::read(segment).unwrap();
    assert_eq!(bytes.len() as u64, *after);
    bytes[usize::try_from(*before).unwrap() + 40] ^= 1;
    fs::write(segment, &bytes).unwrap();
    let error = Store::open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("damaged at byte") && error.contains("restore"), "{error}");
}

#[test]
fn what_stands_in_another_order_is_an_error() {
    let (folder, borders) = history();
    let segment = &segments(folder.path())[0];
    let bytes = fs::read(segment).unwrap();
    let border = |n: usize| usize::try_from(borders[n].0).unwrap();
    let head = usize::try_from(head(folder.path())).unwrap();
    let (first, rest) = (&bytes[head..border(0)], &bytes[border(0)..]);
    for (what, damaged) in [
        ("a record taken out", [&bytes[..border(0)], &bytes[border(1)..]].concat()),
        ("the first record taken out", [&bytes[..head], rest].concat()),
        ("a record twice", [&bytes[..border(0)], first, rest].concat()),
        (
            "records exchanged",
            [&bytes[..border(0)], &bytes[border(1)..border(2)], &bytes[border(0)..border(1)], &bytes[border(2)..]]
                .concat(),
        ),
        ("bytes between records", [&bytes[..border(0)], b"what is this", rest].concat()),
        ("zeros between records", [&bytes[..border(0)], &[0; 4096], rest].concat()),
    ] {
        fs::write(segment, damaged).unwrap();
        let opened = Store::open(folder.path()).map(|store| State::of(&store));
        assert!(matches!(opened, Err(StoreError::Log(LogError::Damaged { .. }))), "{what}: {opened:?}");
    }
    // Zeros at the end are what some file systems leave of an interrupted write.
    fs::write(segment, [&bytes[..], &[0; 4096]].concat()).unwrap();
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(State::of(&store).unwrap(), borders.last().unwrap().1);
    assert_eq!(store.recovery().torn_bytes, 4096);
}

#[test]
fn a_newer_version_asks_for_an_upgrade() {
    let (folder, _) = history();
    let segment = &segments(folder.path())[0];
    let mut bytes = fs::read(segment).unwrap();
    // The header frame, with version 2 and a checksum that fits.
    let length = 8 + u32::from_le_bytes(bytes[8..12].try_into().unwrap()) as usize;
    bytes[16] = 2;
    let crc = crc32c::crc32c_append(crc32c::crc32c(&bytes[8..12]), &bytes[16..8 + length]);
    bytes[12..16].copy_from_slice(&crc.to_le_bytes());
    fs::write(segment, bytes).unwrap();
    let error = Store::open(folder.path()).unwrap_err();
    assert!(matches!(&error, StoreError::Log(LogError::Version { found: 2, known: 1, .. })), "{error}");
    assert!(error.to_string().contains("upgrade"), "{error}");
}

#[test]
fn missing_segments_are_noticed() {
    let folder = crate::support::folder();
    let mut store = Store::open(folder.path()).unwrap();
    let mut state = State::default();
    for day in 0..4 {
        store.append(&header(at(day, 1)), [one(0, 1, Some(day as u8))]).unwrap();
        state.epoch(at(day, 1), &[one(0, 1, Some(day as u8))]);
    }
    drop(store);
    assert_eq!(segments(folder.path()).len(), 4, "a segment a day");
    assert_eq!(State::of(&Store::open(folder.path()).unwrap()).unwrap(), state);
    for missing in 0..3 {
        let copy = copy(folder.path());
        let gone = segments(copy.path())[missing].clone();
        fs::remove_file(&gone).unwrap();
        let error = Store::open(copy.path()).unwrap_err();
        match missing {
            0 => assert!(matches!(&error, StoreError::HistoryGone { .. }), "{error}"),
            _ => match &error {
                StoreError::Log(LogError::Missing { path, .. }) => assert_eq!(*path, gone),
                other => panic!("{other}"),
            },
        }
    }
    // A torn write can only be at the very end.
    let copy = copy(folder.path());
    let middle = &segments(copy.path())[1];
    let bytes = fs::read(middle).unwrap();
    for length in 0..bytes.len() {
        fs::write(middle, &bytes[..length]).unwrap();
        assert!(Store::open(copy.path()).is_err(), "segment in the middle cut at {length}");
    }
}

fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let frame = (any::<u8>(), proptest::collection::vec(any::<u8>(), 0..60)).prop_map(|(kind, payload)| {
        let length = (payload.len() as u32 + 2).to_le_bytes();
        let body = [&[1, kind % 11], payload.as_slice()].concat();
        let crc = crc32c::crc32c_append(crc32c::crc32c(&length), &body).to_le_bytes();
        [&length[..], &crc, &body].concat()
    });
    let noise = proptest::collection::vec(any::<u8>(), 0..200);
    proptest::collection::vec(prop_oneof![3 => frame, 1 => noise], 0..6).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn no_bytes_panic(head_len in 0..3usize, bytes in hostile()) {
        let folder = crate::support::folder();
        let mut store = Store::open(folder.path()).unwrap();
        store.append(&header(at(0, 1)), [one(0, 1, Some(1))]).unwrap();
        drop(store);
        let segment = &segments(folder.path())[0];
        let whole = fs::read(segment).unwrap();
        let keep = [0, head(folder.path()) as usize, whole.len()][head_len];
        fs::write(segment, [&whole[..keep], &bytes[..]].concat()).unwrap();
        let _ = State::of_history(folder.path());
        if let Ok(store) = Store::open(folder.path()) {
            let _ = State::of(&store);
        }
    }
}
