//! The words: names, observables, sightings, indicators, cases, updates, diffs.
//!
//! Types and pure functions only. Nothing here opens a file, a socket or a clock, and nothing here can hold
//! personal data: those types exist in `arke` alone.
//!
//! ```text
//! Update ──► Sighting, Mark, Rank, Delegation        what enters           update, sighting
//!            Observable, Place, HostName             what it is about      observable, name, url
//! View   ──► Indicator, Evidence, Case               what is maintained    indicator, case
//!            RemediationTime, FeedScore              what follows from it  derived
//! Diff   ──► CaseDiff, Compared, Net                 what is published     diff
//! oracle     every view from scratch, the specification that the engine is tested against
//! ```

pub mod campaign;
pub mod case;
pub mod derived;
pub mod diff;
pub mod hint;
pub mod id;
pub mod indicator;
pub mod judgement;
pub mod lookalike;
pub mod name;
pub mod observable;
pub mod observation;
pub mod oracle;
pub mod origin;
pub mod records;
pub mod reputation;
pub mod sighting;
pub mod time;
pub mod tlp;
pub mod update;
pub mod url;
pub mod verdict;
pub mod view;
