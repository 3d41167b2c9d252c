//! Why a zone was not transferred, and what to do.

use std::io;
use std::net::SocketAddr;

use compact_str::CompactString;

use super::super::{DeltaError, SnapshotError};

/// A zone that was not transferred. The last good snapshot stays.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// No connection.
    #[error("cannot connect to {primary} over TCP; check the address, and whether it lets us in")]
    Connect {
        /// The primary server.
        primary: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// Silence, or a stream that stops.
    #[error("{primary} stopped answering; nothing of this transfer counts")]
    Silent {
        /// The primary server.
        primary: SocketAddr,
    },
    /// The stream broke.
    #[error("the connection to {primary} broke: {said}; nothing of this transfer counts")]
    Broken {
        /// The primary server.
        primary: SocketAddr,
        /// What is known of it.
        said: CompactString,
    },
    /// The server does not let us.
    #[error("{primary} refuses `{apex}` ({said}); allow the transfer to us there, or name the right key here")]
    Refused {
        /// The primary server.
        primary: SocketAddr,
        /// The zone.
        apex: CompactString,
        /// Its answer.
        said: CompactString,
    },
    /// A signature is missing or wrong: another key, a clock that is off, or somebody in between.
    #[error("the answer of {primary} is not signed as it should be ({said}); compare key and clock of both sides")]
    Unauthentic {
        /// The primary server.
        primary: SocketAddr,
        /// What is wrong.
        said: CompactString,
    },
    /// The answer is no transfer of this zone.
    #[error("the answer of {primary} is no transfer of `{apex}`: {why}")]
    NoTransfer {
        /// The primary server.
        primary: SocketAddr,
        /// The zone.
        apex: CompactString,
        /// What it is.
        why: &'static str,
    },
    /// An older zone than the one that is known (RFC 1982): the primary fell back, or another server answers.
    #[error("held back: serial {after} of {primary} is older than {before}")]
    SerialBack {
        /// The primary server.
        primary: SocketAddr,
        /// The serial that is known.
        before: u32,
        /// The serial that is served.
        after: u32,
    },
    /// More than a zone may have.
    #[error("the zone is larger than {limit} bytes; raise `max_bytes`")]
    TooLarge {
        /// How much it may have.
        limit: u64,
    },
    /// The disk.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
}

impl From<DeltaError> for TransferError {
    /// Only the disk is left when a delta that does not fit was seen to.
    fn from(error: DeltaError) -> TransferError {
        match error {
            DeltaError::Snapshot(error) => TransferError::Snapshot(error),
            other => TransferError::Snapshot(SnapshotError::Io {
                action: "apply changes to",
                path: "the snapshot".into(),
                source: io::Error::other(other.to_string()),
            }),
        }
    }
}
