//! What arke reads, what it refuses, and what it says. The file is the one that the tests of the sinks write.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod check;
mod cli;
mod config;
mod corpus;
mod days;
mod demo;
mod documents;
mod fetched;
mod high_risk;
mod made;
mod notice;
mod outbox;
mod plan;
mod rdap;
mod refusal;
mod signed;
mod whom;

use std::path::PathBuf;

/// A script as panopticon writes it.
pub(crate) fn golden() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../sinks/tests/data/records.sql"))
}
