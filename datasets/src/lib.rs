//! The shelves: what is kept on disk, and how it comes back after a crash.
//!
//! In go epochs of [`Update`](panopticon_model::update::Update)s, one writer at a time; out come the same epochs,
//! in the same order, for as long as they are retained. Nothing here parses a feed, knows a view or reads a clock.
//!
//! ```text
//! sources ──► Store::append ──► log/<first-epoch>.log        every epoch, fsynced before it counts
//!                               tables/<day>/                what all keys hold at the close of a day
//! Store::replay ◄── newest base, then the log after it
//! Store::history ◄── the log alone, from its first segment
//! ```
//!
//! - [`store`]: the one door; lock, recovery, retention.
//! - [`log`]: segments, frames, the writer and the torn tail.
//! - [`tables`]: the plain fold of the log, and base tables.
//! - [`layout`]: every path under `state/` and `out/`.
//! - [`durable`]: files that are written aside and renamed.
//! - [`faults`]: named points at which tests break things.
//! - [`mod@reference`]: tables that are part of the program.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that cannot go on ends here"))]

pub mod durable;
pub mod faults;
pub mod layout;
pub mod log;
pub mod reference;
pub mod store;
pub mod tables;
pub mod world;
