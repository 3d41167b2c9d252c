//! Tests of the front door.

mod feeds;
mod fetch;
mod ranks;
mod webrisk;
mod zone;
