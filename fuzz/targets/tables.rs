//! Base tables: blocks that decompress to anything, and manifests that say anything, each with the right digests.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use panopticon_datasets::store::{Event, Store, StoreError};
use panopticon_datasets::tables::{Collection, Tables};
use panopticon_model::time::{DAY_MS, Epoch};
use panopticon_model::update::{Cause, EpochHeader, Update};
use serde_json::Value;
use tempfile::TempDir;

use super::world::{folder, frame, pieces};

/// 2025-03-01 at six.
const AT: Epoch = Epoch(20_148 * DAY_MS + 21_600_000);

/// A table file of the recipe: blocks of rows that are packed here, and frames as they are.
pub fn table_blocks(data: &[u8]) {
    let Some((&collection, data)) = data.split_first() else { return };
    let collection = Collection::ALL[usize::from(collection) % Collection::ALL.len()];
    let mut bytes = b"PNPTCTBL".to_vec();
    frame(7, collection.as_str().as_bytes(), &mut bytes);
    let mut rows = 0_u64;
    for (kind, piece) in pieces(data) {
        match kind {
            0 => {
                rows = rows.saturating_add(postcard::take_from_bytes::<u64>(piece).map_or(0, |(count, _)| count));
                let mut block = u32::try_from(piece.len()).unwrap().to_le_bytes().to_vec();
                block.extend(zstd::encode_all(piece, 1).unwrap());
                frame(8, &block, &mut bytes);
            }
            kind => frame(kind, piece, &mut bytes),
        }
    }
    frame(9, &rows.to_le_bytes(), &mut bytes);

    let state = copy_of_state();
    let base = base_of(state.path());
    fs::write(base.join(format!("{}.tbl", collection.as_str())), &bytes).unwrap();
    let manifest = fs::read_to_string(base.join("manifest.json")).unwrap();
    let mut manifest: Value = serde_json::from_str(manifest.lines().next().unwrap()).unwrap();
    let entry = &mut manifest["files"][collection.as_str()];
    entry["rows"] = rows.into();
    entry["bytes"] = bytes.len().into();
    entry["blake3"] = blake3::hash(&bytes).to_hex().as_str().into();
    write_manifest(&base, manifest.to_string().as_bytes());
    check(state.path());
}

/// Any bytes as the first line of the manifest.
pub fn manifest(data: &[u8]) {
    let state = copy_of_state();
    write_manifest(&base_of(state.path()), data);
    check(state.path());
}

/// The store is refused, or it can be read to its end or to an error, and goes on.
fn check(state: &Path) {
    let Ok(mut store) = Store::open(state) else { return };
    let mut tables = Tables::default();
    let replayed = store.replay::<StoreError>(&mut |event| {
        if let Event::Rows(rows) = event {
            tables.apply(AT, rows);
        }
        Ok(())
    });
    let last = store.last_epoch().unwrap_or_default();
    if replayed.is_ok() && last.0 < u64::MAX {
        let header = EpochHeader { at: last.plus(1), cause: Cause::Evidence, source: "test".into() };
        let _ = store.append(&header, [Update::Rank("shop.xx".into(), Some(8))]);
    }
}

fn write_manifest(base: &Path, line: &[u8]) {
    let mut bytes = line.to_vec();
    bytes.extend(format!("\nblake3 {}\n", blake3::hash(line).to_hex()).into_bytes());
    fs::write(base.join("manifest.json"), bytes).unwrap();
}

fn base_of(state: &Path) -> PathBuf {
    state.join("tables").join(AT.day().to_string())
}

/// A state with one closed day, made once and copied each time.
fn copy_of_state() -> TempDir {
    static STATE: OnceLock<TempDir> = OnceLock::new();
    let state = STATE.get_or_init(|| {
        let state = folder();
        let mut store = Store::open(state.path()).unwrap();
        let row = Update::Rank("shop.xx".into(), Some(7));
        let header = |at| EpochHeader { at, cause: Cause::Evidence, source: "test".into() };
        store.append(&header(AT), [&row]).unwrap();
        let mut tables = Tables::default();
        tables.apply(AT, [row]);
        store.close_day(AT.day(), &tables, "test").unwrap();
        store.append(&header(AT.day().end()), [Update::Rank("pay.xx".into(), Some(9))]).unwrap();
        drop(store);
        state
    });
    let copy = folder();
    copy_into(state.path(), copy.path());
    copy
}

fn copy_into(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&target).unwrap();
            copy_into(&entry.path(), &target);
        } else {
            // Not `fs::copy`: the timer of the fuzzer can interrupt it.
            fs::write(target, fs::read(entry.path()).unwrap()).unwrap();
        }
    }
}
