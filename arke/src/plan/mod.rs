//! The plan: who is told what, and why; what waits, and for what. Pure: no clock, no file, no socket.
//!
//! ```text
//! docket, ledger ──met──► cases as they are remembered
//!                └─due──► decisions ──whom──► parties ──choose, with RDAP──► targets ──letters──► letters
//!                                                            └──► what the desk has to do by hand
//! ```

mod choose;
mod due;
mod letters;
mod met;
mod whom;

pub use choose::{ByHand, Known, Target, choose};
pub use due::{BACKLOG_DAYS, Decision, History, Told, Wait, due, is_fresh};
pub use letters::{Letter, Telling, letters};
pub use met::{met, registered};
pub use whom::{Party, PolicyLine, parties, table};
