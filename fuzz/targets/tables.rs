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

/// A state with one closed day, made once, kept in memory and laid out anew each time.
fn copy_of_state() -> TempDir {
    static STATE: OnceLock<Vec<(PathBuf, Vec<u8>)>> = OnceLock::new();
    let files = STATE.get_or_init(|| {
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
        let mut files = Vec::new();
        collect(state.path(), state.path(), &mut files);
        files
    });
    let copy = folder();
    for (path, bytes) in files {
        let path = copy.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    copy
}

/// The files below a folder, by their path in `root`.
fn collect(root: &Path, folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            files.push((path.strip_prefix(root).unwrap().to_owned(), fs::read(&path).unwrap()));
        }
    }
}
