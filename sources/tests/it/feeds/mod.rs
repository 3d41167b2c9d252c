//! Feeds: formats, the door, intervals, acceptance.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod accept;
mod compliance;
mod door;
mod formats;
mod intervals;
mod world;
