//! The DNS half of measurement.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

mod delegation;
mod encrypted;
mod exchange;
mod filter;
mod hostile;
pub(crate) mod peers;
mod properties;
mod resolve;
mod script;
mod stub;
mod tables;
mod world;
