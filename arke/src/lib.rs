//! The registry's side: reads records.sql and says who would be told about what.
//!
//! ```text
//! records.sql ──records::read──► Records { entries }     arke cases
//! ```
//!
//! The script is read as text, by a grammar of its own statements; it is never executed. This version looks up
//! no contact and sends nothing.

pub mod bounce;
pub mod cases;
pub mod check;
pub mod config;
pub mod contact;
pub mod dns;
pub mod docket;
pub mod ledger;
pub mod lists;
mod names;
pub mod notice;
pub mod plan;
pub mod rdap;
pub mod records;
pub mod round;
pub mod send;
pub mod show;
pub mod verp;
