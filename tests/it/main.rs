//! The house as a whole.
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod architecture;
mod cli;
mod common;
mod corpus;
mod crash;
mod replay;
mod scratch;
mod tidy;
mod world;
