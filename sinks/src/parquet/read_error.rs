//! Why a published view cannot be read, and what to do about it.

use std::io;
use std::path::PathBuf;

use panopticon_model::time::Day;
use panopticon_model::view::View;
use parquet::errors::ParquetError;

use super::SCHEMA_VERSION;

/// A published view could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The view of that TLD was never published here.
    #[error("no `{}` of tld `{tld}` is published in `{}`; check the folder and the tld, or publish first", view.as_str(), out.display())]
    NothingPublished {
        /// The view.
        view: View,
        /// The TLD.
        tld: String,
        /// The folder.
        out: PathBuf,
    },
    /// The asked day is before everything that is kept.
    #[error("`{}` of tld `{tld}` is published from {first} on, and {asked} is before that; ask for {first} or later", view.as_str())]
    BeyondRetention {
        /// The view.
        view: View,
        /// The TLD.
        tld: String,
        /// The asked day.
        asked: Day,
        /// The oldest day that is kept.
        first: Day,
    },
    /// The view has no such column.
    #[error("`{}` has no column `{column}`; it has {}", view.as_str(), columns.join(", "))]
    NoColumn {
        /// The view.
        view: View,
        /// The asked column.
        column: String,
        /// The columns that it has.
        columns: Vec<String>,
    },
    /// The file is of another major version, or not one of ours.
    #[error("`{}` has schema version `{found}` and this program reads {SCHEMA_VERSION}; use the program that wrote it, or publish anew", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The version that it states.
        found: String,
    },
    /// The file holds a value that the view does not allow.
    #[error("`{}` holds `{value}` in column `{column}`; the file is damaged, publish its day anew", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// The value.
        value: String,
    },
    /// The file system refused.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The Parquet reader refused.
    #[error("cannot decode `{}`; the file is damaged, publish its day anew", path.display())]
    Decode {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        #[source]
        source: ParquetError,
    },
}
