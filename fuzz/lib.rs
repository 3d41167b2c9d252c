//! The targets as a library: each file in `fuzz_targets/` hands bytes to one of them.

#![allow(clippy::unwrap_used, reason = "a target ends at the first surprise")]

#[path = "targets/records_sql.rs"]
pub mod records_sql;
#[path = "targets/signed.rs"]
pub mod signed;
pub mod targets;
