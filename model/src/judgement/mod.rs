//! Judgement: what is confirmed, what a case is, and who can fix it.
//!
//! ```text
//! Indicator ──┐                                 ┌─► Validated   gates: policy, guards, a fresh confirmation
//! Observation ├─► Dossier of a subject ─────────┤
//! rank, lists ┘                                 └─► Remedy      signals with published weights, added up
//! ```
//!
//! Nothing here reads a clock: an observation that counts no more is not in the dossier.

mod confirm;
mod dossier;
mod page;
mod policy;
mod remedy;
mod signal;
mod validated;

pub use confirm::{confirms, is_signalled};
pub use dossier::{Dossier, Guard, Seconded, Seen};
pub use page::{PageKind, page_kind};
pub use policy::{Policies, Policy};
pub use remedy::{ABSTAIN, Party, Remedy, RemedyKind, remedies};
pub use signal::{Reason, SIGNALS, Signal, signals};
pub use validated::{Denied, Validated, counts_until, validate};
