//! The lists in one file, so that a start needs diffs only.
//!
//! ```text
//! magic, version    "panopticon webrisk 1\n"
//! checksum          BLAKE3 over the rest, 32 octets
//! lists             postcard: type, version, times, prefixes of four bytes, longer ones
//! ```
//!
//! The file is written aside, synced and renamed. It can be lost without harm: a file that is not there, damaged, of
//! another version, or of lists larger than they may be now, is an empty database, and everything is fetched anew.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use panopticon_model::time::Epoch;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::{Lists, Prefixes, ThreatList};
use crate::webrisk::hash::{Prefix, SHORTEST};
use crate::webrisk::{Entries, ThreatType};

const MAGIC: &[u8] = b"panopticon webrisk 1\n";
const CHECKSUM: usize = 32;

/// The lists could not be written. They are in memory; check space and owner of the folder.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the lists of Web Risk to `{path}`")]
pub struct FileError {
    /// Where.
    pub path: PathBuf,
    /// Why not.
    #[source]
    pub source: io::Error,
}

#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    threat_type: &'a str,
    version: &'a [u8],
    due_at: Epoch,
    counts_until: Epoch,
    failures: u8,
    short: &'a [u8],
    #[serde(borrow)]
    long: Vec<&'a [u8]>,
}

/// The lists in `path`, each of at most `most` entries; none if there is no such file or it cannot be read.
#[must_use]
pub fn read(path: &Path, most: Entries) -> Lists {
    // The longest prefix and its length, and room for versions and times.
    let cap = u64::from(most.get()) * 34 * ThreatType::ALL.len() as u64 + (1 << 20);
    let mut bytes = Vec::new();
    match File::open(path).and_then(|file| file.take(cap).read_to_end(&mut bytes)) {
        Ok(_) => decode(&bytes, most).unwrap_or_default(),
        Err(_) => Lists::new(),
    }
}

/// Writes the lists to `path`.
///
/// # Errors
/// [`FileError`]; the file is then as it was.
pub fn write(path: &Path, lists: &Lists) -> Result<(), FileError> {
    let failed = |source| FileError { path: path.to_owned(), source };
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let bytes = encode(lists).map_err(failed)?;
    let mut file = NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(&bytes).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    // The new name lasts only once its folder is written.
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}

/// The bytes of the file.
///
/// # Errors
/// Those of the encoder; memory is all that it needs.
pub fn encode(lists: &Lists) -> io::Result<Vec<u8>> {
    let shorts: Vec<Vec<u8>> = lists
        .values()
        .map(|list| list.prefixes.short.iter().flat_map(|number| number.to_be_bytes()).collect())
        .collect();
    let stored: Vec<Stored<'_>> = lists
        .iter()
        .zip(&shorts)
        .map(|((threat_type, list), short)| Stored {
            threat_type: threat_type.as_str(),
            version: &list.version,
            due_at: list.due_at,
            counts_until: list.counts_until,
            failures: list.failures,
            short,
            long: list.prefixes.long.iter().map(Prefix::as_bytes).collect(),
        })
        .collect();
    let body = postcard::to_stdvec(&stored).map_err(io::Error::other)?;
    Ok([MAGIC, blake3::hash(&body).as_bytes(), &body].concat())
}

/// The lists in the bytes of a file, each of at most `most` entries; none if anything in them is not as it should be.
#[must_use]
pub fn decode(bytes: &[u8], most: Entries) -> Option<Lists> {
    let (checksum, body) = bytes.strip_prefix(MAGIC)?.split_at_checked(CHECKSUM)?;
    if blake3::hash(body).as_bytes() != checksum {
        return None;
    }
    let (stored, rest): (Vec<Stored<'_>>, _) = postcard::take_from_bytes(body).ok()?;
    let mut lists = Lists::new();
    for list in stored {
        let threat_type = list.threat_type.parse().ok()?;
        let prefixes = prefixes(&list, most)?;
        let Stored { version, due_at, counts_until, failures, .. } = list;
        let list = ThreatList { prefixes, version: version.to_vec(), due_at, counts_until, failures };
        if lists.insert(threat_type, Arc::new(list)).is_some() {
            return None;
        }
    }
    rest.is_empty().then_some(lists)
}

fn prefixes(list: &Stored<'_>, most: Entries) -> Option<Prefixes> {
    let (short, rest) = list.short.as_chunks::<SHORTEST>();
    if !rest.is_empty() || short.len() + list.long.len() > most.get() as usize {
        return None;
    }
    let long: Option<Vec<Prefix>> = list.long.iter().map(|bytes| Prefix::new(bytes)).collect();
    let prefixes = Prefixes { short: short.iter().map(|bytes| u32::from_be_bytes(*bytes)).collect(), long: long? };
    let has_short = prefixes.long.iter().any(|prefix| prefix.as_bytes().len() == SHORTEST);
    (!has_short && !prefixes.has_duplicates()).then_some(prefixes)
}
