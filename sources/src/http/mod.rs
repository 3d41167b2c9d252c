//! Fetching targets: what a URL answers, seen from a vantage, without being led anywhere and without being fooled
//! about whose failure it was.
//!
//! ```text
//! URL ──admit──► Admitted, pinned ──dial: way of the vantage, tls──► exchange ──► body ──► page, hash
//!         ▲                                                              │
//!         └───────────────────────────── chain: redirects ◄──────────────┘      failure ──► Outcome
//! ```
//!
//! [`Fetcher`] ties it together. Decisions are pure: the guard ([`admit`]), redirects ([`chain`]), whose failure it
//! was ([`failure`]), which vantages are one place ([`vantage`]), what a page and a certificate say ([`page`],
//! [`certificate`]). `dial`, `tls` and `exchange` are thin.
//!
//! `reqwest` is not used here: it dials by itself, cannot keep to an address that was checked once there is a proxy,
//! and does not tell a dead proxy from a dead target.
//!
//! No cookies, no scripts, no retries, no credentials for targets; no body is kept.

pub mod admit;
pub mod body;
pub mod certificate;
pub mod chain;
mod config;
mod dial;
mod exchange;
pub mod failure;
mod fetcher;
pub mod page;
mod text;
mod tls;
mod tunnel;
pub mod vantage;
mod way;
mod wire;

pub use admit::{Resolve, ResolveError};
pub use config::{Config, Limits, SetupError};
pub use fetcher::Fetcher;
pub use vantage::{NoWay, Places, SamePlace, Vantage, places};
pub use way::{Credentials, Proxy, Way, WayError};
