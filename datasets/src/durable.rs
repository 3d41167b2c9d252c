//! Files that appear whole or not at all: written aside, synced, renamed, and the folder synced.
//!
//! In go a path and a function that writes; out comes a file that survives a loss of power, or the old one.
//! It does not lock: two writers of one path are the caller's fault.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::faults;

/// A file operation that failed: what was tried, and on which path.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} `{}`: check that the disk has room and that the folder may be written", path.display())]
pub struct DurableError {
    /// What was tried: `create`, `write`, `rename`.
    pub action: &'static str,
    /// On which path.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

impl From<DurableError> for io::Error {
    fn from(error: DurableError) -> io::Error {
        io::Error::new(error.source.kind(), error)
    }
}

/// Names an I/O error after what was tried on which path.
pub(crate) fn because(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> DurableError {
    move |source| DurableError { action, path: path.to_owned(), source }
}

/// Puts what `write` writes in the place of `path`, whole or not at all. The file is written as `.<name>.tmp` in
/// the same folder, synced, renamed, and the folder is synced. When this fails, `path` holds what
/// it held (or the new content, if all that failed was to sync the folder).
///
/// A `BufWriter` around the file must be flushed by `write`.
///
/// # Errors
/// What `write` answers, or a [`DurableError`] that says which step failed.
pub fn write_atomically<T, E: From<DurableError>>(
    path: &Path,
    write: impl FnOnce(&mut File) -> Result<T, E>,
) -> Result<T, E> {
    let aside = aside(path)?;
    let written = (|| {
        let at = |name: &str, action| faults::at(name).map_err(because(action, &aside));
        at("durable.write", "write")?;
        let mut file = OpenOptions::new()
            .write(true)
            .read(true)
            .create(true)
            .truncate(true)
            .open(&aside)
            .map_err(because("create", &aside))?;
        let value = write(&mut file)?;
        at("durable.sync", "sync")?;
        file.sync_all().map_err(because("sync", &aside))?;
        at("durable.rename", "rename")?;
        fs::rename(&aside, path).map_err(because("rename a finished file to", path))?;
        Ok(value)
    })();
    match written {
        Ok(value) => {
            let folder = parent(path);
            faults::at("durable.folder").map_err(because("sync", folder))?;
            sync_folder(folder)?;
            Ok(value)
        }
        Err(error) => {
            // The reason is worth more than a failed clean-up: leftovers go when the store is next opened.
            let _ = fs::remove_file(&aside);
            Err(error)
        }
    }
}

/// Makes creations, renames and removals in a folder survive a loss of power.
///
/// # Errors
/// When the folder cannot be opened or synced.
pub fn sync_folder(folder: &Path) -> Result<(), DurableError> {
    File::open(folder).and_then(|handle| handle.sync_all()).map_err(because("sync folder", folder))
}

/// Creates a folder and those above it, durably.
///
/// # Errors
/// When one of them cannot be created or synced.
pub fn create_folders(folder: &Path) -> Result<(), DurableError> {
    if folder.is_dir() {
        return Ok(());
    }
    let above = parent(folder);
    create_folders(above)?;
    match fs::create_dir(folder) {
        Ok(()) => sync_folder(above),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(because("create folder", folder)(error)),
    }
}

/// Removes what interrupted writers left in a folder and the folders below it; answers how many files that were.
/// A folder that does not exist holds nothing.
///
/// # Errors
/// When a folder cannot be read or a leftover cannot be removed.
pub fn remove_leftovers(folder: &Path) -> Result<usize, DurableError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(because("list", folder)(error)),
    };
    let mut removed = 0;
    for entry in entries {
        let entry = entry.map_err(because("list", folder))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(because("look at", &path))?;
        if kind.is_dir() {
            removed += remove_leftovers(&path)?;
        } else if is_leftover(&path) {
            fs::remove_file(&path).map_err(because("remove", &path))?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Whether a path is one under which files are written before they are renamed.
#[must_use]
pub fn is_leftover(path: &Path) -> bool {
    path.file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| name.starts_with('.') && name.ends_with(".tmp"))
}

fn aside(path: &Path) -> Result<PathBuf, DurableError> {
    let Some(name) = path.file_name() else {
        return Err(because("write", path)(io::Error::new(io::ErrorKind::InvalidInput, "the path names no file")));
    };
    let mut aside = std::ffi::OsString::from(".");
    aside.push(name);
    aside.push(".tmp");
    Ok(path.with_file_name(aside))
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
