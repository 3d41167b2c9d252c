//! The input log: bytes that may be damaged, and frames that are whole and hold anything.

use std::fs;
use std::path::Path;

use panopticon_datasets::layout::StateLayout;
use panopticon_datasets::store::{Event, Store, StoreError};
use panopticon_datasets::tables::Tables;
use panopticon_model::time::Epoch;
use panopticon_model::update::{Cause, EpochHeader, Update};
use serde::Serialize;

use super::world::{folder, frame, pieces};

/// The first epoch of the log that the tests hold fixed, so that its bytes are a seed.
const FIRST: Epoch = Epoch(1_740_787_200_001);

/// Any bytes as the one segment of a log.
pub fn log_bytes(data: &[u8]) {
    let first = data.get(18..).and_then(|data| postcard::take_from_bytes::<u64>(data).ok());
    check_log(data, first.map_or(FIRST, |(first, _)| Epoch(first)));
}

/// A recipe of frames: those that need a checksum, a count or a chain get the right one.
pub fn log_frames(data: &[u8]) {
    let mut header = Vec::new();
    push(&(FIRST, None::<(Epoch, [u8; 32])>), &mut header);
    let mut bytes = b"PNPTCLOG".to_vec();
    frame(1, &header, &mut bytes);
    let mut chain: [u8; 32] = *blake3::hash(&header).as_bytes();
    let mut open: Option<(blake3::Hasher, u64)> = None;
    for (kind, piece) in pieces(data) {
        let mut payload = piece.to_vec();
        match (kind, &mut open) {
            (2, None) => {
                let mut hasher = blake3::Hasher::new();
                hasher.update(&chain);
                link(&mut hasher, 2, piece);
                open = Some((hasher, 0));
            }
            (3, Some((hasher, rows))) => {
                let count = postcard::take_from_bytes::<u64>(piece).map_or(0, |(count, _)| count);
                *rows = rows.saturating_add(count);
                link(hasher, 3, piece);
            }
            (4, Some((hasher, rows))) => {
                chain = *hasher.finalize().as_bytes();
                payload.clear();
                push(&(*rows, chain), &mut payload);
                open = None;
            }
            (5 | 6, None) => {
                let mut hasher = blake3::Hasher::new();
                hasher.update(&chain);
                link(&mut hasher, kind, piece);
                chain = *hasher.finalize().as_bytes();
            }
            _ => {}
        }
        frame(kind, &payload, &mut bytes);
    }
    check_log(&bytes, FIRST);
}

fn push(value: &impl Serialize, out: &mut Vec<u8>) {
    out.extend(postcard::to_stdvec(value).unwrap());
}

fn link(chain: &mut blake3::Hasher, kind: u8, payload: &[u8]) {
    chain.update(&[kind]);
    chain.update(&u64::try_from(payload.len()).unwrap().to_le_bytes());
    chain.update(payload);
}

/// The log is an error or a valid beginning; then it can be read again and written on.
fn check_log(bytes: &[u8], first: Epoch) {
    let folder = folder();
    let layout = StateLayout::new(folder.path());
    fs::create_dir(layout.log()).unwrap();
    fs::write(layout.segment(first), bytes).unwrap();
    let from_log = events(|visit| Store::history(folder.path(), None, visit));
    assert_eq!(fs::read(layout.segment(first)).unwrap(), bytes, "history changes nothing");
    let Ok(store) = Store::open(folder.path()) else {
        assert!(from_log.is_err(), "history reads what the store refuses");
        return;
    };
    let torn = usize::try_from(store.recovery().torn_bytes).unwrap();
    if let Ok(left) = fs::read(layout.segment(first)) {
        assert!(bytes.starts_with(&left) && left.len() + torn == bytes.len(), "only a tail is cut off");
    }
    let replayed = events(|visit| store.replay(visit));
    assert_eq!(replayed.is_ok(), from_log.is_ok());
    let Ok(replayed) = replayed else { return };
    assert_eq!(Some(&replayed), from_log.ok().as_ref());
    let last = fold(&replayed);
    assert_eq!(store.last_epoch().unwrap_or_default(), last);
    go_on(store, folder.path(), &replayed, last);
}

type Visit<'a> = dyn FnMut(Event) -> Result<(), StoreError> + 'a;

fn events(read: impl FnOnce(&mut Visit<'_>) -> Result<(), StoreError>) -> Result<Vec<Event>, String> {
    let mut events = Vec::new();
    let read = read(&mut |event| {
        events.push(event);
        Ok(())
    });
    read.map(|()| events).map_err(|error| error.to_string())
}

/// Folds the events: epochs are complete and strictly increase.
fn fold(events: &[Event]) -> Epoch {
    let mut tables = Tables::default();
    let mut open: Option<(Epoch, Vec<Update>)> = None;
    for event in events {
        match event {
            Event::Epoch(header) => {
                assert!(open.is_none() && header.at > tables.as_of);
                open = Some((header.at, Vec::new()));
            }
            Event::Rows(rows) => open.as_mut().unwrap().1.extend_from_slice(rows),
            Event::EndEpoch => {
                let (at, rows) = open.take().unwrap();
                rows.iter().for_each(look_at);
                tables.apply(at, rows);
            }
            Event::Base { .. } => panic!("there is no base"),
            Event::Intent(_) | Event::Sealed(_) => {}
        }
    }
    assert!(open.is_none(), "an epoch that does not end was shown");
    tables.as_of
}

/// What is derived from a row must not panic, whatever the row says.
fn look_at(row: &Update) {
    match row {
        Update::Sighting(_, Some(sighting)) => {
            let place = &sighting.observable.place;
            let _ = (place.registrable_domain(), place.subject(), place.platform(), place.tld());
        }
        Update::Mark(target, _) => {
            let _ = target.subject();
        }
        _ => {}
    }
}

/// One epoch more, and everything is still there.
fn go_on(mut store: Store, folder: &Path, before: &[Event], last: Epoch) {
    if last.0 == u64::MAX {
        return;
    }
    let header = EpochHeader { at: last.plus(1), cause: Cause::Evidence, source: "test".into() };
    let row = Update::Rank("shop.xx".into(), Some(7));
    store.append(&header, [&row]).unwrap();
    drop(store);
    assert_eq!(Store::open(folder).unwrap().last_epoch(), Some(header.at));
    let after = events(|visit| Store::history(folder, None, visit)).unwrap();
    let (kept, added) = after.split_at(before.len());
    assert_eq!(kept, before);
    assert_eq!(added, [Event::Epoch(header), Event::Rows(vec![row]), Event::EndEpoch]);
}
