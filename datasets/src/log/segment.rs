//! Segments: the files of the log, how they are found and how a new one comes to be.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use panopticon_model::time::Epoch;

use super::error::LogError;
use super::frame::{self, Kind};
use super::v1;
use crate::durable::{self, because};
use crate::layout::{StateLayout, segment_first};

/// The first bytes of a segment.
pub(crate) const MAGIC: &[u8; 8] = b"PNPTCLOG";

/// A segment on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    /// Its first epoch, as in its name.
    pub(crate) first: Epoch,
    /// Its file.
    pub(crate) path: PathBuf,
}

/// All segments, oldest first. Files with other names are not ours.
pub(crate) fn list(layout: &StateLayout) -> Result<Vec<Segment>, LogError> {
    let folder = layout.log();
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(because("list", &folder)(error).into()),
    };
    let mut segments = Vec::new();
    for entry in entries {
        let path = entry.map_err(because("list", &folder))?.path();
        if let Some(first) = path.file_name().and_then(|name| name.to_str()).and_then(segment_first) {
            segments.push(Segment { first, path });
        }
    }
    segments.sort_by_key(|segment| segment.first);
    Ok(segments)
}

/// Creates a segment that holds its header and nothing else; answers its first chain and its length.
pub(crate) fn create(path: &Path, header: &v1::Header) -> Result<([u8; 32], u64), LogError> {
    let mut payload = Vec::new();
    v1::encode(header, &mut payload).map_err(LogError::Encode)?;
    let mut bytes = MAGIC.to_vec();
    frame::push(Kind::Header, &[&payload], &mut bytes);
    crate::faults::at("segment.create").map_err(because("create", path))?;
    durable::write_atomically(path, |file| -> Result<(), durable::DurableError> {
        file.write_all(&bytes).map_err(because("write", path))
    })?;
    crate::faults::at("segment.created").map_err(because("create", path))?;
    Ok((first_chain(&payload), bytes.len() as u64))
}

/// The chain at the start of a segment: it covers the header, and by it the chain of the segment before.
pub(crate) fn first_chain(header: &[u8]) -> [u8; 32] {
    blake3::hash(header).into()
}

/// Removes a segment that holds no record: its first epoch was never committed.
pub(crate) fn remove_hollow(path: &Path) -> Result<(), LogError> {
    fs::remove_file(path).map_err(because("remove", path))?;
    if let Some(folder) = path.parent() {
        durable::sync_folder(folder)?;
    }
    Ok(())
}
