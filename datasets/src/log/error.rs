//! What can be wrong with the log, and what to do about it.

use std::fmt;
use std::path::PathBuf;

use panopticon_model::time::Epoch;

use crate::durable::DurableError;

/// A log that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// A file operation failed.
    #[error(transparent)]
    File(#[from] DurableError),
    /// Bytes before the tail are not what was written. Restore the file: nothing after them can be trusted.
    #[error(
        "log segment `{}` is damaged at byte {offset}: {what}; restore this file from a copy, \
         the program does not skip what it cannot read",
        path.display()
    )]
    Damaged {
        /// The segment.
        path: PathBuf,
        /// Where the unreadable frame starts.
        offset: u64,
        /// What is wrong there.
        what: Damage,
    },
    /// The log was written by a newer program. Upgrade this one.
    #[error(
        "`{}` has format version {found} at byte {offset}, this program reads version {known}: upgrade it",
        path.display()
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// Where.
        offset: u64,
        /// The version in the file.
        found: u8,
        /// The version that this program reads.
        known: u8,
    },
    /// A segment that another one, or a base table, refers to is not there. Restore it.
    #[error("log segment `{}` is missing, but {needed_by} continues it: restore it from a copy", path.display())]
    Missing {
        /// The segment that should be there.
        path: PathBuf,
        /// Who refers to it.
        needed_by: String,
    },
    /// The epoch is not after the last one. The caller's clock went back: mint the last epoch plus one.
    #[error("epoch {at} is not after {last}, the last one in the log: mint a later one")]
    Regression {
        /// The epoch that was given.
        at: Epoch,
        /// The last epoch in the log.
        last: Epoch,
    },
    /// A record speaks of epochs or publications that do not follow from the log.
    #[error("{record} does not follow from the log: {reason}")]
    Order {
        /// The record: `publication 7`.
        record: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A row is too large for a frame. The source that made it should have capped it.
    #[error("a row of {bytes} bytes is larger than a frame of the log may be: let its source cap it")]
    TooLarge {
        /// The size of the row.
        bytes: usize,
    },
    /// A row cannot be written in the row format: a fault of the program.
    #[error("a row cannot be encoded: {0}; this is a fault of the program, please report it")]
    Encode(postcard::Error),
    /// An earlier write failed, so nothing more is written. Free the disk and start the program again.
    #[error("the log takes no more records since a write failed ({reason}): clear the cause and start again")]
    Poisoned {
        /// The first failure.
        reason: String,
    },
}

/// What is wrong with a frame or with the order of frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Damage {
    /// The file does not start as a segment does.
    Magic,
    /// The file ends inside a frame or inside an epoch.
    Torn,
    /// The length cannot be.
    Length,
    /// The checksum does not match.
    Checksum,
    /// A frame of a kind that has no place here.
    Order,
    /// The payload cannot be read though its checksum matches.
    Payload,
    /// The commit counts other rows than there are.
    Count,
    /// The commit, or the next segment, has another digest of what came before.
    Chain,
    /// The epoch is not after the one before it.
    Epoch,
    /// The name of the file is not that of its first epoch, or it holds no record.
    Name,
}

impl Damage {
    /// Whether an interrupted write may leave this at the end of a file.
    pub(crate) fn may_be_torn(self) -> bool {
        matches!(self, Damage::Torn | Damage::Length | Damage::Checksum)
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Damage::Magic => "it does not start as a segment does",
            Damage::Torn => "it ends inside a record",
            Damage::Length => "a length that cannot be",
            Damage::Checksum => "the checksum does not match",
            Damage::Order => "a frame that has no place here",
            Damage::Payload => "the payload cannot be read",
            Damage::Count => "the commit counts other rows",
            Damage::Chain => "the digest of what came before does not match",
            Damage::Epoch => "the epoch is not after the one before it",
            Damage::Name => "its name does not fit its content",
        })
    }
}
