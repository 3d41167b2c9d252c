//! The input log: every epoch that ever entered, in the order in which it entered, fsynced before it counts.
//!
//! In go epochs from one writer; out come the same epochs. The log does not judge what it keeps and holds no state
//! of its own: [`crate::tables`] folds it.
//!
//! ```text
//! log/<first-epoch>.log   one segment a UTC day
//!   magic  "PNPTCLOG"
//!   Header { first, previous segment and its chain }
//!   Begin  { at, cause, source }          an epoch: any number of rows,
//!   Rows   [Update]  about 1 MiB each     in bounded memory
//!   Commit { rows, chain }                without it the epoch does not exist
//!   Intent { .. }                         a publication starts
//!   Sealed { .. }                         a publication is done
//! frame = length u32 LE, CRC32C u32 LE, version u8, kind u8, payload
//! ```
//!
//! **Rules.** (1) Rows are durable before their `Commit` is written, and the `Commit` before `append` answers. So a
//! valid record after an unreadable frame is damage, not a torn write: it is an error and never skipped. (2) What
//! follows the last complete record of the last segment is cut off when the log is opened. (3) The chain in each
//! `Commit` covers all bytes before it, across segments: nothing can be taken out of the middle unseen. (4) Epochs
//! strictly increase. (5) A write that fails cuts back to the last record and ends the writer: what a disk does
//! after a failed sync is not known, so the process must open the log anew.
//!
//! **Not guaranteed.** Damage inside the very last record looks like a torn write and is cut off as one.

mod epoch;
mod error;
pub(crate) mod frame;
mod records;
mod segment;
pub(crate) mod v1;
mod walk;
mod writer;

pub use epoch::EpochWriter;
pub use error::{Damage, LogError};
pub(crate) use records::Step;
pub(crate) use segment::{Segment, list, remove_hollow};
pub use v1::{PublishIntent, Sealed};
pub(crate) use walk::{Origin, Tail, continues, walk};
pub(crate) use writer::LogWriter;

use panopticon_model::time::Epoch;
use serde::{Deserialize, Serialize};

/// A border between two records of the log: where replay may start and an append continues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// The first epoch of the segment.
    pub segment: Epoch,
    /// The length of the segment up to here.
    pub offset: u64,
    /// The digest of all records up to here.
    pub chain: [u8; 32],
    /// The last epoch up to here.
    pub last_epoch: Epoch,
}
