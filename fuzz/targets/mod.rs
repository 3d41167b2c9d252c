//! What must hold for any bytes at all: one function a parser, called by the fuzzer and by the tests.
//!
//! A target panics when the parser does, and when an invariant is broken: what was read is canonical, counted,
//! within its caps, and the same however the bytes were cut into buffers. See `fuzz/README.md`.

pub mod capped;
pub mod config;
pub mod dns;
pub mod feeds;
pub mod http;
pub mod lgr;
pub mod log;
pub mod names;
pub mod parquet;
pub mod ranks;
pub mod rdap;
pub mod signing;
pub mod tables;
pub mod url;
pub mod webrisk;
pub mod words;
mod world;
pub mod zone;
