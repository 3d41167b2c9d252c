//! The DNS half of measurement.

mod script;
mod tables;
