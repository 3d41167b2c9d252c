//! Fetching targets: the guard, redirects, failures, pages, certificates; scripted servers and real ones.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

mod admit;
mod body;
mod certificate;
mod chain;
mod failure;
mod fetch;
mod hostile;
mod page;
mod peers;
mod proxies;
mod tables;
mod vantage;
mod world;
