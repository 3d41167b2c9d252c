//! What can be wrong with base tables, and what to do about it.

use std::path::PathBuf;

use panopticon_model::time::{Day, Epoch};

use crate::durable::DurableError;
use crate::log::LogError;

/// Base tables that cannot be read or written. They can always be made again from the log while it is retained.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TablesError {
    /// A file operation failed.
    #[error(transparent)]
    File(#[from] DurableError),
    /// The log that the tables are folded from cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A table file or manifest is not what was written. Without its folder the base before it is used.
    #[error(
        "base table `{}` is damaged: {reason}; move its folder away, the base before it and the log hold the same rows",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file was written by a newer program. Upgrade this one.
    #[error("base table `{}` has format version {found}, this program reads {known}: upgrade it", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// The version in the file.
        found: u32,
        /// The version that this program reads.
        known: u32,
    },
    /// The tables are not those of the log. The caller forgot to fold an epoch, or folded one that is not logged.
    #[error("tables as of {tables} do not belong to a log that ends at {log}: fold each epoch after appending it")]
    OutOfStep {
        /// The last epoch in the tables.
        tables: Epoch,
        /// The last epoch in the log.
        log: Epoch,
    },
    /// The day is not over in the tables, or they go beyond it. Close a day before the first epoch after it.
    #[error(
        "day {day} cannot be closed with tables as of {as_of}: close it before an epoch of the next day is appended"
    )]
    NotTheClose {
        /// The day.
        day: Day,
        /// The last epoch in the tables.
        as_of: Epoch,
    },
    /// A row cannot be written in the row format: a fault of the program.
    #[error("a row cannot be encoded: {0}; this is a fault of the program, please report it")]
    Encode(postcard::Error),
}
