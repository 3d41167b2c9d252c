//! Zones: from a registry's export to the delegations that changed.
//!
//! ```text
//! BIND file ──ZoneReader──► records ─┐
//! name list ──names──────► names ────┴─from_zone, from_names──► Snapshot (sorted rows, sorted sets) ─┐
//! Snapshot of the last good export ────────────────────────────────Guard, Diff─────────────────┴─► Update
//! ```
//!
//! Everything streams; sorting spills to files under a memory budget. A file is a snapshot of its own: where
//! second levels are zones of their own, each has a file and the files are told apart by their source.
//! Nothing here decides what is registered, and nothing resolves a name.

mod blocks;
mod build;
mod delta;
mod diff;
mod error;
mod hosts;
mod lines;
mod memory;
mod name;
mod names;
mod octets;
mod plain;
mod reader;
mod registered;
mod snapshot;
mod sort;
mod stats;
pub mod transfer;
mod write;

pub use build::from_zone;
pub use delta::{Delta, DeltaError};
pub use diff::{Diff, Guard, Held};
pub use error::{Fault, Position, ZoneError};
pub use name::{Name, text_of_key};
pub use names::from_names;
pub use reader::{Options, Record, ZoneReader};
pub use registered::{Counted, Domain, Registered};
pub use snapshot::{Kind, Meta, Row, Rows, Sets, Settings, Snapshot, SnapshotError};
pub use stats::Stats;
