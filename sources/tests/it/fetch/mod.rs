//! Fetching, the archive, and the guarded door.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

mod archive;
mod capped;
mod http;
mod pages;
mod path;
pub(crate) mod server;
