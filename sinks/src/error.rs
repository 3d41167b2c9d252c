//! What can go wrong on the way to the disk, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use crate::parquet::read::ReadError;

/// A publication could not be written. Nothing that was published before is damaged: write it again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SinkError {
    /// The file system refused; make room or mend the permissions, then publish again.
    #[error("cannot {action} `{}`; check free space and that this user may write there", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The Parquet writer refused; a fault of the program.
    #[error("cannot encode `{}`; this is a fault of the program, please report it", path.display())]
    Encode {
        /// The file.
        path: PathBuf,
        /// What the writer said.
        #[source]
        source: ::parquet::errors::ParquetError,
    },
    /// A change file is shorter than what was sealed: somebody cut it.
    #[error(
        "`{}` has {found} bytes but {sealed} were sealed; restore the file from a copy, or move it away together with the lines that its readers have seen",
        path.display()
    )]
    Cut {
        /// The change file.
        path: PathBuf,
        /// The length that was sealed.
        sealed: u64,
        /// Its length now.
        found: u64,
    },
    /// An earlier publication, needed for the diffs of the last days, cannot be read.
    #[error("cannot read the diffs of earlier days")]
    Earlier(#[from] ReadError),
}

impl SinkError {
    /// The error of an action on a path.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> SinkError + use<> {
        let path = path.to_owned();
        move |source| SinkError::Io { action, path, source }
    }

    /// The error of encoding a file.
    pub(crate) fn encode(path: &Path) -> impl Fn(::parquet::errors::ParquetError) -> SinkError + use<> {
        let path = path.to_owned();
        move |source| SinkError::Encode { path: path.clone(), source }
    }
}
