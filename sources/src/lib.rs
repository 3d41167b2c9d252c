//! The front door: feeds, zones and ranks become updates.

pub mod address;
pub mod archive;
pub mod capped;
pub mod dns;
pub mod door;
pub mod feeds;
pub mod fetch;
pub mod given;
pub mod http;
pub mod lgr;
pub mod names;
pub mod probe;
pub mod ranks;
pub mod rdap;
pub mod retry_after;
pub mod webrisk;
pub mod zone;
