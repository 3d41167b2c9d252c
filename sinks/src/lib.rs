//! The post room: views and their diffs become files that others read. Diff → bytes; no clock, no engine.
//!
//! ```text
//! Views ──Publication::write──► out/view=<view>/tld=<tld>/date=<day>/part-0.parquet      parquet
//!                               out/records/<tld>/records.sql, records-<day>.sql         records_sql
//!                               out/records/<tld>/manifest.json, manifest.json.minisig   manifest, minisign
//!                               out/views.sql                                            views_sql
//! diffs since the last seal ──changes::append──► out/changes/<tld>/<day>.jsonl           changes
//! rows of views ──export::write──► hosts, RPZ, adblock, CSV, JSON lines                  export
//! parquet::read ──► rows of any published view, for the commands that ask
//! ```
//!
//! Every file is written aside, synced and renamed, so a reader sees the old one or the new one. The same views
//! give the same bytes, wherever and whenever they are written. What is published is masked: e-mail addresses in
//! observables and in the feeds' words show as `[email]`, while ids are over the full text.

pub mod changes;
mod columns;
mod error;
pub mod export;
mod files;
pub mod lookalikes;
pub mod manifest;
mod measured;
pub mod minisign;
pub mod parquet;
mod publication;
pub mod records_sql;
pub mod retention;
pub mod sums;
pub mod views_sql;

pub use error::SinkError;
pub use files::Written;
pub use measured::Measurements;
pub use publication::{Lists, Publication, Views};
