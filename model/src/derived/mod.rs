//! Derived views: what follows from the standing views and the tables in one pass. They are computed at each
//! publication, in time linear in the rows that they read, and keep no state.
//!
//! ```text
//! Standing::cases, observations, verdicts ──────────► remediation_times
//! Standing::indicators and ::validated,
//! sightings, observations ──────────────────────────► feed_scores
//! ```

mod remediation;
mod scores;

pub use remediation::{RemediationTime, remediation_times};
pub use scores::{FIRST_LOOK_MS, FeedScore, Scored, feed_scores};
