//! Probing: requests become observations, within budgets.

#[expect(dead_code, reason = "used by the prober")]
mod lane;
pub mod pace;
mod queue;

pub use lane::{Event, LaneBudget};
