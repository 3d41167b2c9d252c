//! The manifest of a base: written last, so that a base without one does not exist.
//!
//! Two lines: the manifest as JSON, and `blake3 <digest>` of the first line. In JSON, because a person who looks
//! into a base should see what it is.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use panopticon_model::time::{Day, Epoch};
use serde::{Deserialize, Serialize};

use super::{Collection, TablesError};
use crate::durable::{because, write_atomically};
use crate::log::{Position, PublishIntent, Sealed};

/// The version that this program writes and reads.
const FORMAT: u32 = 1;

/// What a base is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of the format.
    pub format: u32,
    /// The day at whose close the base stands.
    pub day: Day,
    /// The last epoch that it includes.
    pub as_of: Epoch,
    /// The version of the program that wrote it.
    pub program: String,
    /// Where in the log it stands.
    pub position: Position,
    /// The last finished publication up to there.
    pub sealed: Option<Sealed>,
    /// The publication that was started and not finished there.
    pub intent: Option<PublishIntent>,
    /// Its files.
    pub files: BTreeMap<Collection, FileEntry>,
}

/// What a manifest says of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// How many rows it has.
    pub rows: u64,
    /// How long it is.
    pub bytes: u64,
    /// The BLAKE3 digest of its bytes.
    pub blake3: String,
}

#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}

impl Manifest {
    /// The format that this program writes.
    pub(crate) const FORMAT: u32 = FORMAT;

    /// Writes the manifest: from now on the base exists.
    pub(crate) fn write(&self, path: &Path) -> Result<(), TablesError> {
        let line = serde_json::to_string(self).map_err(|error| damaged(path, error.to_string()))?;
        let digest = blake3::hash(line.as_bytes()).to_hex();
        write_atomically(path, |file| {
            file.write_all(format!("{line}\nblake3 {digest}\n").as_bytes()).map_err(because("write", path))?;
            Ok(())
        })
    }

    /// Reads a manifest.
    pub(crate) fn read(path: &Path) -> Result<Manifest, TablesError> {
        let text = fs::read(path).map_err(because("read", path))?;
        let text = String::from_utf8(text).map_err(|_| damaged(path, "it is not text"))?;
        let (line, rest) = text.split_once('\n').ok_or_else(|| damaged(path, "its second line is missing"))?;
        let digest = blake3::hash(line.as_bytes()).to_hex();
        if rest != format!("blake3 {digest}\n") {
            return Err(damaged(path, "its digest does not match"));
        }
        let format: FormatOnly = serde_json::from_str(line).map_err(|error| damaged(path, error.to_string()))?;
        if format.format != FORMAT {
            return Err(TablesError::Version { path: path.to_owned(), found: format.format, known: FORMAT });
        }
        serde_json::from_str(line).map_err(|error| damaged(path, error.to_string()))
    }
}

pub(crate) fn damaged(path: &Path, reason: impl Into<String>) -> TablesError {
    TablesError::Damaged { path: path.to_owned(), reason: reason.into() }
}
