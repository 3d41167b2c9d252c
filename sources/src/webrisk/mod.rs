//! Google Web Risk: whether a URL is known for malware, social engineering or unwanted software.
//!
//! ```text
//! Lookup   URL ───────────────────────────────────────────────► uris:search ───► Match or Clear
//! Update   URL ──expressions──► hashes ──lists──► hit? ──cache──► hashes:search ─► Match or Clear
//!          threatLists:computeDiff ──► lists, in one file       no hit: Clear, and nobody is asked
//! ```
//!
//! Lookup is the default: nothing is kept, and each URL that is measured is told to Google. Update keeps lists of hash
//! prefixes and tells prefixes only, of what is on a list. Documentation:
//! <https://cloud.google.com/web-risk/docs>. Everything here is a pure function, or a file.

pub mod api;
pub mod expressions;
pub mod hash;
pub mod prefixes;
pub mod rice;
mod settings;
mod threat;

pub use settings::{Constraints, Entries, EntriesError, Mode, Settings, SetupError};
pub use threat::{ThreatType, ThreatTypeError, ThreatTypes};
