//! Files and drop folders.
//!
//! A file is known by its time and length, then by its digest. In a folder every file is a snapshot of its own,
//! in the order of the names; names that begin with a dot or end in `.tmp`, `.part` or `~` are in the making.

use std::collections::HashMap;
use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use compact_str::{CompactString, format_compact};
use panopticon_model::id::Id;

use super::{FetchError, Fetched, Outcome, Request, stamp_in_name};
use crate::{archive, capped};

/// The digests of files that this process has read, so that a folder is not read anew every few minutes.
#[derive(Clone, Debug, Default)]
pub(super) struct Digests(Arc<Mutex<HashMap<(PathBuf, CompactString), Id>>>);

impl Digests {
    fn get(&self, path: &Path, mark: &CompactString) -> Option<Id> {
        let digests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        digests.get(&(path.to_owned(), mark.clone())).copied()
    }

    fn remember(&self, path: &Path, mark: CompactString, digest: Id) {
        let mut digests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        digests.insert((path.to_owned(), mark), digest);
    }
}

/// Reads the file, or the new files of the folder.
pub(super) fn fetch(path: &Path, request: &Request, digests: &Digests) -> Result<Outcome, FetchError> {
    let metadata = fs::metadata(path).map_err(io_error("read", path))?;
    let fetched = if metadata.is_dir() {
        new_files(path, request, digests)?
    } else {
        let mark = mark(&metadata);
        if request.known.etag.as_ref() == Some(&mark) {
            return Ok(Outcome::NotModified { etag: Some(mark), last_modified: None });
        }
        let fetched = read(path, request, &metadata)?;
        if request.known.digest == Some(fetched.digest) {
            return Ok(Outcome::NotModified { etag: fetched.etag, last_modified: None });
        }
        vec![fetched]
    };
    if fetched.is_empty() {
        return Ok(Outcome::NotModified { etag: None, last_modified: None });
    }
    Ok(Outcome::Fetched(fetched))
}

fn new_files(folder: &Path, request: &Request, digests: &Digests) -> Result<Vec<Fetched>, FetchError> {
    let known = &request.known;
    let (mut fetched, mut failed): (Vec<Fetched>, Vec<_>) = (Vec::new(), Vec::new());
    for path in snapshots(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let metadata = match fs::metadata(&path).map_err(io_error("read", &path)) {
            Ok(metadata) => metadata,
            Err(error) => {
                failed.push((name, error));
                continue;
            }
        };
        let stamp = stamp_of(&path);
        if !metadata.is_file() || stamp.is_some_and(|stamp| known.not_before.is_some_and(|first| stamp < first)) {
            continue;
        }
        let is_handled = |digest: Id| match stamp {
            Some(stamp) => known.handled.contains(&(stamp, digest)),
            None => known.handled.iter().any(|&(_, handled)| handled == digest),
        };
        let mark = mark(&metadata);
        if digests.get(&path, &mark).is_some_and(is_handled) {
            continue;
        }
        let file = match read(&path, request, &metadata) {
            Ok(file) => file,
            // One file must not stand in the way of those after it.
            Err(error) => {
                failed.push((name, error));
                continue;
            }
        };
        digests.remember(&path, mark, file.digest);
        let is_twin = |other: &Fetched| other.digest == file.digest && other.stamp == stamp;
        if !is_handled(file.digest) && !fetched.iter().any(is_twin) {
            fetched.push(Fetched { etag: None, ..file });
        }
    }
    if failed.is_empty() { Ok(fetched) } else { Err(FetchError::Files { failed, fetched }) }
}

/// The finished files of a folder, by name.
fn snapshots(folder: &Path) -> Result<Vec<PathBuf>, FetchError> {
    let entries: io::Result<Vec<PathBuf>> =
        fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let mut paths = entries.map_err(io_error("list", folder))?;
    paths.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        !name.starts_with('.') && ![".tmp", ".part", "~"].iter().any(|ending| name.ends_with(ending))
    });
    paths.sort();
    Ok(paths)
}

fn read(path: &Path, request: &Request, before: &Metadata) -> Result<Fetched, FetchError> {
    let shown = path.display().to_string();
    let file = File::open(path).map_err(io_error("read", path))?;
    let packed = capped::open(&file, request.caps, request.member.as_deref())
        .and_then(|content| archive::pack(content, &request.aside))
        .map_err(|source| FetchError::Content { shown: shown.clone(), source })?;
    let after = file.metadata().map_err(io_error("read", path))?;
    if mark(before) != mark(&after) {
        return Err(FetchError::Changing { path: path.to_owned() });
    }
    Ok(Fetched {
        file: packed.file,
        digest: packed.digest,
        bytes: packed.bytes,
        etag: Some(mark(&after)),
        last_modified: None,
        stamp: stamp_of(path),
        url_shown: shown,
    })
}

/// What tells a file as changed without reading it.
fn mark(metadata: &Metadata) -> CompactString {
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    format_compact!("{:x}-{:x}", modified.unwrap_or_default().as_nanos(), metadata.len())
}

fn stamp_of(path: &Path) -> Option<panopticon_model::time::Epoch> {
    stamp_in_name(path.file_name()?.to_str()?)
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FetchError {
    let path = path.to_owned();
    move |source| FetchError::File { action, path, source }
}
