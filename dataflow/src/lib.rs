//! The engine room: changes of the inputs become diffs of standing views.
//!
//! Nothing here opens a file or a socket, reads a clock or starts a task: time is the epoch of the change.
//! The types of timely and differential appear in this crate only, and not in its interface.
//!
//! ```text
//!  sightings ─► temporal ─┐
//!  marks ─────► temporal ─┤                  ┌─► indicators ─┐
//!                         ├─► by subject ──► reduce          ├─► sink ─► EpochDiffs
//!  delegations ┐          │   (judge)        └─► cases ──────┘
//!  ranks ──────┴─► names ─┘
//!                  by registrable domain, looked up for the subjects that have sightings
//! ```
//!
//! There are two key shapes, both names: the subject of a case, and the registrable domain.

mod facts;
mod runtime;
mod shared;
mod temporal;
pub mod views;

pub use facts::{Fact, Phase};
pub use runtime::{Engine, EngineError, Options};
pub use shared::{Identified, Shared};
