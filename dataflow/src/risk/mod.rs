//! Generated names: how much a label looks as if a program had drawn its letters, and why. Pure functions of values.
//!
//! ```text
//! label ─► pattern? ─► passed over
//!            │
//!            └─► runs of three characters ─► loose cut ─► features ─► trees ─► Score ─► Histogram ─► Cutoff
//!                    (first stage)              │          (second stage)      ▲
//!                                               └──────────────────────────────┘
//! ```
//!
//! - `spelling`, `grams`: the first stage, one look-up a character.
//! - `language`, `features`, `forest`: the second stage, for the few labels that the first one does not clear.
//! - `model`, `file`: the model as a value and as octets. It is trained by `train-dga` in `benches`.
//! - `pattern`: labels that are passed over; `reasons`: a score in words.
//! - `histogram`, `cutoff`: from which score on a zone's names are looked at.
//! - `campaign`: what the new names of a day share, which a single name cannot tell.
//!
//! All numbers are integers, so a score is the same on every machine. What a single label can tell and what not is in
//! `docs/dga.md`: names of words and short pronounceable ones are not found.

mod campaign;
mod cutoff;
mod features;
mod file;
mod forest;
mod grams;
mod histogram;
mod language;
mod model;
mod pattern;
mod reasons;
mod spelling;

pub use campaign::{Campaigns, Found};
pub use cutoff::{Cutoff, ENOUGH};
pub use features::{FEATURES, Feature};
pub use forest::{Node, Tree};
pub use grams::{GRAMS, place, share};
pub use histogram::{BUCKETS, Histogram, LIMIT, NeverCounted, WIDTH};
pub use language::{BIT, CLASSES, LETTERS, Language, RUN, SIZES, places};
pub use model::{Model, ModelError, Parts, Score};
pub use pattern::Pattern;
pub use reasons::Reason;
pub use spelling::{LONGEST, SYMBOLS, symbols};
