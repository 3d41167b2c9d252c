//! Tests of the engine against the oracle.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod dga;
mod histories;
mod lexical;
mod oracle;
mod pitfalls;
mod risks;
mod stories;
