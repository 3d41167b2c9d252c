//! What can go wrong with the ledger.

use std::path::PathBuf;

use thiserror::Error;

use super::state::State;

/// Why the ledger did not do it. No message holds personal data.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// A file or folder cannot be used.
    #[error("cannot use {path}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Another process works with the ledger.
    #[error("another arke works with {0}: wait until it has ended")]
    InUse(PathBuf),
    /// The file is not a ledger.
    #[error("{0} is not a ledger of arke")]
    Foreign(PathBuf),
    /// The file was written by a later version.
    #[error("{path} has version {found}, this arke knows {known}: install the arke that wrote it, or a later one")]
    Later {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The latest that is known here.
        known: i64,
    },
    /// There is a ledger where one is to be restored.
    #[error("{0} exists: move it away before a backup is restored")]
    Exists(PathBuf),
    /// SQLite refused.
    #[error("the ledger cannot be read or written")]
    Sqlite(#[from] rusqlite::Error),
    /// No such message.
    #[error("no message {0}: `arke outbox` lists them")]
    NoMessage(String),
    /// That cannot happen to a message in its state.
    #[error("message {message_id} is {}: {what} does not apply", state.as_str())]
    Forbidden {
        /// The message.
        message_id: String,
        /// Where it stands.
        state: State,
        /// What was to happen.
        what: &'static str,
    },
    /// The bytes of the message are not kept any more.
    #[error("message {0} was emptied: it cannot be sent again")]
    Emptied(String),
    /// A value in the ledger is not one of those that this version writes.
    #[error("the ledger holds an unknown {0}: restore a backup")]
    Unknown(&'static str),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Random,
}
