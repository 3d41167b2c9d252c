//! Files that appear whole: written aside in the same folder, synced, renamed, and the folder synced.
//!
//! The name aside is fixed, begins with a dot and ends in `.tmp`: a crash leaves at most one such file beside
//! each target, which no reader takes for data and the next write replaces. There is a single writer.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use panopticon_model::id::Id;

use crate::SinkError;

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Where it is.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// How many rows it holds.
    pub rows: u64,
    /// The first 128 bits of BLAKE3 of its bytes.
    pub digest: Id,
}

/// Writes a file aside and moves it to its place. `fill` says how many rows it wrote.
pub(crate) fn write_aside(
    path: &Path,
    fill: impl FnOnce(&mut Sink) -> Result<u64, SinkError>,
) -> Result<Written, SinkError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    create_folder(folder)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let aside = folder.join(format!(".{name}.tmp"));
    let file = File::create(&aside).map_err(SinkError::io("create", &aside))?;
    let mut sink = Sink { file: BufWriter::with_capacity(1 << 17, file), hasher: blake3::Hasher::new(), bytes: 0 };
    let rows = fill(&mut sink)?;
    let Sink { file, hasher, bytes } = sink;
    let file = file.into_inner().map_err(|e| SinkError::io("write", &aside)(e.into_error()))?;
    file.sync_all().map_err(SinkError::io("sync", &aside))?;
    drop(file);
    fs::rename(&aside, path).map_err(SinkError::io("rename to", path))?;
    sync_folder(folder)?;
    let mut digest = [0; 16];
    digest.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    Ok(Written { path: path.to_owned(), bytes, rows, digest: Id(digest) })
}

/// Creates a folder and those above it; each new one is synced into the one that holds it.
pub(crate) fn create_folder(folder: &Path) -> Result<(), SinkError> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    if let Some(above) = folder.parent() {
        create_folder(above)?;
    }
    match fs::create_dir(folder) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => Err(SinkError::io("create folder", folder)(e)),
        _ => sync_folder(folder.parent().unwrap_or(Path::new("."))),
    }
}

/// Makes the names in a folder last.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), SinkError> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder).and_then(|file| file.sync_all()).map_err(SinkError::io("sync folder", folder))
}

/// A file that is being written, its digest and its length.
pub(crate) struct Sink {
    file: BufWriter<File>,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl Write for Sink {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let n = self.file.write(buf)?;
        self.hasher.update(buf.get(..n).unwrap_or_default());
        self.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
