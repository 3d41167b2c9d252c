//! Feeds: formats, the door, intervals, acceptance.

mod accept;
mod compliance;
mod door;
mod formats;
mod intervals;
mod world;
