//! Google Web Risk: whether a URL is known for malware, social engineering or unwanted software.
//!
//! ```text
//! Lookup   URL ───────────────────────────────────────────────► uris:search ───► Match or Clear
//! Update   URL ──expressions──► hashes ──lists──► hit? ──cache──► hashes:search ─► Match or Clear
//!          threatLists:computeDiff ──► lists, in one file       no hit: Clear, and nobody is asked
//! ```
//!
//! Lookup is the default: each URL that is measured is told to Google, and a match is kept until it expires. Update
//! keeps lists of hash prefixes and tells prefixes only, of what is on a list. Documentation:
//! <https://cloud.google.com/web-risk/docs>. Everything but [`WebRisk`] is a pure function, or a file.

pub mod api;
mod cache;
mod client;
pub mod expressions;
pub mod hash;
pub mod prefixes;
mod quiet;
pub mod rice;
mod service;
mod settings;
mod threat;
mod update;

pub use client::WebRisk;
pub use service::CallError;
pub use settings::{Constraints, Entries, EntriesError, Mode, Settings, SetupError};
pub use threat::{ThreatType, ThreatTypeError, ThreatTypes};
pub use update::{Refresh, Refreshed, UpdateError};
