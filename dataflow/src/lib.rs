//! The engine room: changes of the inputs become diffs of standing views.
//!
//! Nothing here opens a file or a socket, reads a clock or starts a task: time is the epoch of the change.
//! The types of timely and differential appear in this crate only, and not in its interface.
//!
//! ```text
//!  sightings ───► temporal ─┐
//!  marks ───────► temporal ─┤                  ┌─► indicators ─┐
//!  observations ► temporal ─┼─► by subject ──► reduce          │
//!  delegations ┐            │   (judge)        └─► cases ──────┼─► sink ─► EpochDiffs
//!  ranks ──────┼─► names ───┘                                  │
//!  undelegated ┘   by registrable domain, looked up for the    │
//!                  subjects that have sightings                │
//!  targets of sightings ► temporal ─┐                          │
//!  observations by age ─► temporal ─┴─► by target ─► requests ─┘
//! ```
//!
//! Names of the zones that imitate somebody, or that a machine made, have a flow of their own beside it: it reads the same
//! names, sightings and marks, and what it finds of a subject that is judged goes into the judgement (`runtime::lookalikes`).
//!
//! There are three key shapes, all names: the subject of a case, the registrable domain, and the target of a probe.
//! The last one is empty where nothing is measured.
//!
//! [`lexical`] and [`risk`] stand by themselves: pure functions that say which labels imitate a protected name, and
//! which look as if a program had made them.

mod facts;
pub mod lexical;
pub mod risk;
mod runtime;
mod shared;
mod temporal;
pub mod views;

pub use facts::{Absence, Fact, Found, Phase};
pub use runtime::{Engine, EngineError, Lookalikes, Options};
pub use shared::{Identified, Shared};
