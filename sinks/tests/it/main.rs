//! What is published, as its readers find it.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod changes;
mod derived;
mod export;
mod judged;
mod manifest;
mod measured;
mod publication;
mod read;
mod records;
mod world;
