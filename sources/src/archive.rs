//! The archive of raw snapshots: what a source said, kept under the digest of its content.
//!
//! ```text
//! archive/<2 hex>/<32 hex>.zst     decoded content, zstd; the name is its digest
//! archive/aside/                   files that are being written; emptied at start
//! ```
//!
//! The digest is the first 128 bits of BLAKE3 over the decoded content, so that a source that merely packs the
//! same content anew is told as unchanged. Raw feeds may hold personal data: folders are 0700, files 0600, and
//! [`Archive::expire`] removes what is no longer referred to. One process writes; the archive takes no lock.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use panopticon_model::id::Id;
use tempfile::{NamedTempFile, TempPath};

use crate::capped::{self, Caps, Decoded};

/// A snapshot that could not be kept or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// The file system refuses. Check space and owner of the folder.
    #[error("cannot {action} `{path}`")]
    Io {
        /// What was tried.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// There is no such snapshot: it expired, or the archive was moved. Fetch the source again.
    #[error("the archive has no snapshot {0}")]
    Missing(Id),
}

impl ArchiveError {
    fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ArchiveError {
        let path = path.to_owned();
        move |source| ArchiveError::Io { action, path, source }
    }
}

/// Content that was decoded, digested and packed anew, in a file that is removed when dropped.
#[derive(Debug)]
pub struct Packed {
    /// The packed content, zstd.
    pub file: TempPath,
    /// The digest of the decoded content.
    pub digest: Id,
    /// The length of the decoded content.
    pub bytes: u64,
}

/// Packs decoded content into a file of `folder`, as the archive keeps it.
///
/// # Errors
/// Those of the reader, which may carry a [`capped::CapError`], and of the file system.
pub fn pack(mut reader: impl BufRead, folder: &Path) -> io::Result<Packed> {
    // tempfile creates files with mode 0600.
    let file = NamedTempFile::new_in(folder)?;
    let mut encoder = zstd::stream::write::Encoder::new(file, 1)?;
    encoder.include_checksum(true)?;
    let mut hasher = blake3::Hasher::new();
    let mut bytes = 0;
    loop {
        let chunk = match reader.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if chunk.is_empty() {
            break;
        }
        hasher.update(chunk);
        encoder.write_all(chunk)?;
        let count = chunk.len();
        bytes += count as u64;
        reader.consume(count);
    }
    let file = encoder.finish()?.into_temp_path();
    let mut digest = [0; 16];
    hasher.finalize_xof().fill(&mut digest);
    Ok(Packed { file, digest: Id(digest), bytes })
}

/// The archive in one folder.
#[derive(Debug)]
pub struct Archive {
    root: PathBuf,
}

/// What [`Archive::expire`] removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expired {
    /// Snapshots.
    pub files: u64,
    /// Their packed bytes.
    pub bytes: u64,
}

impl Archive {
    /// Opens the archive in `root`, creating it and emptying `aside/`.
    ///
    /// # Errors
    /// [`ArchiveError::Io`].
    pub fn open(root: impl Into<PathBuf>) -> Result<Archive, ArchiveError> {
        let archive = Archive { root: root.into() };
        let aside = archive.aside();
        create_folder(&aside)?;
        fs::set_permissions(&archive.root, fs::Permissions::from_mode(0o700))
            .map_err(ArchiveError::io("close to others", &archive.root))?;
        for entry in entries(&aside)? {
            fs::remove_file(&entry).map_err(ArchiveError::io("remove", &entry))?;
        }
        Ok(archive)
    }

    /// The folder for files in the making, on the same file system as the archive.
    #[must_use]
    pub fn aside(&self) -> PathBuf {
        self.root.join("aside")
    }

    /// Whether the archive holds a snapshot.
    #[must_use]
    pub fn contains(&self, digest: Id) -> bool {
        self.path(digest).is_file()
    }

    /// Keeps packed content for good; true if it is new. The file must lie on the archive's file system, best in
    /// [`Archive::aside`].
    ///
    /// # Errors
    /// [`ArchiveError::Io`].
    pub fn keep(&self, file: TempPath, digest: Id) -> Result<bool, ArchiveError> {
        let path = self.path(digest);
        if path.is_file() {
            return Ok(false);
        }
        let folder = path.parent().unwrap_or(&self.root);
        create_folder(folder)?;
        File::open(&file).and_then(|file| file.sync_all()).map_err(ArchiveError::io("write", &file))?;
        file.persist(&path).map_err(|error| ArchiveError::Io {
            action: "rename a file to",
            path: path.clone(),
            source: error.error,
        })?;
        // The new name lasts only once its folder is written.
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(ArchiveError::io("write", folder))?;
        Ok(true)
    }

    /// Keeps decoded content, and says under which digest.
    ///
    /// # Errors
    /// [`ArchiveError::Io`].
    pub fn put(&self, reader: impl Read) -> Result<Id, ArchiveError> {
        let aside = self.aside();
        let packed = pack(BufReader::with_capacity(1 << 20, reader), &aside)
            .map_err(ArchiveError::io("write in", &aside))?;
        self.keep(packed.file, packed.digest)?;
        Ok(packed.digest)
    }

    /// The decoded content of a snapshot. Damage on the disk shows as a read error.
    ///
    /// # Errors
    /// [`ArchiveError::Missing`], [`ArchiveError::Io`].
    pub fn read(&self, digest: Id) -> Result<Decoded<'static>, ArchiveError> {
        let path = self.path(digest);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(ArchiveError::Missing(digest)),
            Err(source) => return Err(ArchiveError::Io { action: "open", path, source }),
        };
        // The caps were kept when the snapshot came in.
        let caps = Caps { max_bytes: u64::MAX, max_decoded_bytes: u64::MAX };
        capped::open(file, caps, None).map_err(ArchiveError::io("read", &path))
    }

    /// Removes every snapshot that is not in `keep`.
    ///
    /// # Errors
    /// [`ArchiveError::Io`]; what was removed until then stays removed.
    pub fn expire(&self, keep: &BTreeSet<Id>) -> Result<Expired, ArchiveError> {
        let mut expired = Expired::default();
        let aside = self.aside();
        for folder in entries(&self.root)? {
            if folder == aside || !folder.is_dir() {
                continue;
            }
            for file in entries(&folder)? {
                let digest = file.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
                if digest.is_none_or(|digest: Id| keep.contains(&digest)) {
                    continue;
                }
                let bytes = fs::metadata(&file).map_err(ArchiveError::io("look at", &file))?.len();
                fs::remove_file(&file).map_err(ArchiveError::io("remove", &file))?;
                expired.files += 1;
                expired.bytes += bytes;
            }
        }
        Ok(expired)
    }

    /// Where the snapshot of this digest is, if it is there.
    #[must_use]
    pub fn path(&self, digest: Id) -> PathBuf {
        let name = digest.to_string();
        self.root.join(&name[..2]).join(format!("{name}.zst"))
    }
}

fn create_folder(path: &Path) -> Result<(), ArchiveError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(ArchiveError::io("create", path))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, ArchiveError> {
    fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
        .map_err(ArchiveError::io("list", folder))
}
