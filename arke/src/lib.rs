//! The registry's side: tells those who can fix an abused name, once.
//!
//! ```text
//! records.sql ──records──► docket ─┐
//! RDAP ────────rdap────────────────┼─plan──► letters ──notice──► bytes ──ledger──► outbox ──send──► mail
//! arke.json ───config──────────────┘                                      ▲
//! maildir ─────bounce─────────────────────────────────────────────────────┘
//! ```
//!
//! `plan` is pure: what is due, whom it is told, by which contact. `round` puts it all together for one TLD. The script
//! is read as text, by a grammar of its own statements; it is never executed. An answer of RDAP lives in memory; what
//! leaves is in the ledger, byte by byte, for as long as the retention says.

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
