//! The house as a whole.
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod architecture;
mod bad_input;
mod campaigns;
mod catalogue;
mod causes;
mod cli;
mod common;
mod config;
mod corpus;
mod crash;
mod export;
mod fetching;
mod history;
mod long_run;
mod measuring;
mod names;
mod past;
mod policy;
mod readme;
mod real_lists;
mod rebuilt;
mod replay;
mod report;
mod reputation;
mod scan;
mod scratch;
mod server;
mod signing;
mod surroundings;
mod tidy;
mod vantages;
mod world;
mod zone;
mod zone_primary;
