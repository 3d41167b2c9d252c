//! Probing: requests become measurements, within budgets.

mod lane;
pub mod pace;
mod prober;
mod queue;

pub use lane::{Event, LaneBudget};
pub use prober::{Prober, Probes, other_agent};
