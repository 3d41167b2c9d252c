//! What can go wrong with the store, and what to do about it.

use std::path::PathBuf;

use panopticon_model::time::{Day, Epoch};

use crate::durable::DurableError;
use crate::log::LogError;
use crate::tables::TablesError;

/// A state folder that cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process works on the state folder. Wait for it, or stop it.
    #[error("another process holds `{}`: wait until it is done, or stop it", path.display())]
    Locked {
        /// The lock file.
        path: PathBuf,
    },
    /// A file operation failed.
    #[error(transparent)]
    File(#[from] DurableError),
    /// The log cannot be read or written.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Base tables cannot be read or written.
    #[error(transparent)]
    Tables(#[from] TablesError),
    /// The epoch, or the base, belongs to a day that is closed. Mint a later epoch.
    #[error("day {day} is closed, {at} comes too late for it: mint an epoch after its end")]
    DayClosed {
        /// The last closed day.
        day: Day,
        /// What was to go into it.
        at: Epoch,
    },
    /// The log does not reach back far enough. Restore older segments, or a base.
    #[error(
        "the log starts with `{}`, which continues a segment that is gone, and no base table stands in for it: \
         restore older segments or base tables from a copy",
        first.display()
    )]
    HistoryGone {
        /// The first segment that is there.
        first: PathBuf,
    },
}
