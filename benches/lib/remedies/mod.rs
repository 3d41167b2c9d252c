//! How good the remedies are, measured on names that public data labels.
//!
//! ```text
//! blackbook, URLhaus ──► Listings ─┐
//! Tranco, tiers, new names ► Known ┴─► Labelled ──judge──► Judged ──► confusion, signals, curve
//! ```
//!
//! All of it is pure but for the bench `remedies`, which opens the files. No name is ever resolved.

mod known;
mod labelled;
mod listings;
mod tally;

pub use known::{Fact, Known};
pub use labelled::{Evidence, Judged, Labelled, Truth, labelled};
pub use listings::{Entry, Feed, Listed, Listings};
pub use tally::{
    Decided, KINDS, Point, SETS, SignalSet, THRESHOLDS, confusion, curve, fired, guarded_and_malicious,
};
