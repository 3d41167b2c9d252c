//! Tests of the front door.

mod dns;
mod feeds;
mod fetch;
mod ranks;
mod rdap;
mod webrisk;
mod zone;
