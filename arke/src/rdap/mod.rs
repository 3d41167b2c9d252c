//! RDAP: who holds a domain, and how they can be written to (RFC 7480, 9082, 9083).
//!
//! ```text
//! Settings, Auth ──Rdap::domain(name)──► GET {url}/domain/{A-label} ──bytes──► answer::read ──► Registration
//! ```
//!
//! An answer lives in memory, for as long as who asked for it keeps it. It holds personal data in the masked types of
//! [`crate::contact`]; errors hold none.

pub mod answer;
mod auth;
mod base;
mod client;
mod error;
mod gate;
mod reply;

pub use answer::{Contact, Email, Organisation, Registration, Role};
pub use auth::Auth;
pub use client::{Rdap, Settings};
pub use error::RdapError;
