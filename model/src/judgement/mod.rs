//! Judgement: what is confirmed, what a case is, and who can fix it.
//!
//! ```text
//! Indicator ──┐                                 ┌─► Validated   gates: policy, guards, a fresh confirmation
//! Observation ├─► Dossier of a subject ─────────┤
//! rank, lists ┘                                 └─► Remedy      signals with published weights, added up
//! ```
//!
//! Nothing here reads a clock: an observation that counts no more is not in the dossier.

use std::collections::BTreeMap;

use crate::id::Id;

mod confirm;
mod dossier;
mod page;
mod policy;
mod remedy;
mod repute;
mod signal;
mod validated;

pub use confirm::confirms;
pub use dossier::{Dossier, Guard, Seconded, Seen, servers};
pub use policy::{Policies, Policy};
pub use remedy::{ABSTAIN, Party, Remedy, RemedyKind};
pub use signal::{Reason, SIGNALS, Signal, signals};
pub use validated::{Denied, Validated, counts_until, validate};

/// Judges a dossier: its rows of `validated_indicators`, and of `remedies`, one for each open case.
#[must_use]
pub fn judge(dossier: &Dossier<'_>, policy: &Policy) -> (Vec<Validated>, Vec<Remedy>) {
    let gates: BTreeMap<Id, Result<Validated, Denied>> =
        dossier.indicators.iter().map(|row| (row.id, validate(row, dossier, policy))).collect();
    let open = dossier.cases.iter().filter(|case| case.status.is_open());
    let remedies = open.map(|case| remedy::remedy(case, dossier, &gates, policy)).collect();
    (gates.into_values().filter_map(Result::ok).collect(), remedies)
}
