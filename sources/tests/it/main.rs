//! Tests of the front door.

mod dns;
mod feeds;
mod fetch;
mod http;
mod ranks;
mod rdap;
mod webrisk;
mod zone;
