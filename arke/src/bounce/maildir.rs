//! A maildir: mails in `new/`, of which those that are done go to `cur/` with the flag S.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Of longer mails only this much is read.
const MAX_BYTES: u64 = 1 << 20;

/// A folder of mails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maildir(PathBuf);

/// Why a maildir cannot be used.
#[derive(Debug, Error)]
#[error("cannot use the maildir: {path}")]
pub struct MaildirError {
    /// The file or folder.
    path: PathBuf,
    #[source]
    source: std::io::Error,
}

impl Maildir {
    /// The maildir in a folder.
    #[must_use]
    pub fn new(folder: &Path) -> Maildir {
        Maildir(folder.to_owned())
    }

    /// Gives each new mail to `take`, in the order of their names, and moves it to `cur/` when that is done. A mail that
    /// is given twice, because the process ended in between, must do no harm.
    ///
    /// # Errors
    /// The first one of `take`; then that mail is still new.
    pub fn take<E: From<MaildirError>>(&self, mut take: impl FnMut(&[u8]) -> Result<(), E>) -> Result<usize, E> {
        let mails = self.names("new")?;
        for path in &mails {
            take(&read(path)?)?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let name = name.split(":2,").next().unwrap_or_default();
            let to = self.0.join("cur").join(format!("{name}:2,S"));
            std::fs::rename(path, to).map_err(|source| MaildirError { path: path.clone(), source })?;
        }
        Ok(mails.len())
    }

    /// The Message-IDs of all mails, as of blind copies of what was sent.
    ///
    /// # Errors
    /// [`MaildirError`] when it cannot be read.
    pub fn header_ids(&self) -> Result<Vec<String>, MaildirError> {
        let mut ids = Vec::new();
        for folder in ["new", "cur"] {
            for path in self.names(folder)? {
                ids.extend(super::header_id(&read(&path)?));
            }
        }
        Ok(ids)
    }

    fn names(&self, folder: &str) -> Result<Vec<PathBuf>, MaildirError> {
        let path = self.0.join(folder);
        let failed = |source| MaildirError { path: path.clone(), source };
        let mut found = Vec::new();
        for entry in std::fs::read_dir(&path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if entry.file_type().map_err(failed)?.is_file() {
                found.push(entry.path());
            }
        }
        found.sort_unstable();
        Ok(found)
    }
}

fn read(path: &Path) -> Result<Vec<u8>, MaildirError> {
    let failed = |source| MaildirError { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    File::open(path).map_err(failed)?.take(MAX_BYTES).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}
