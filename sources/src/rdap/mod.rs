//! RDAP: what a registry says of a registrable domain, object fields only (RFC 9083).
//!
//! ```text
//! dns.json ──bootstrap::read──► bases ┐
//!                                     ├─Rdap::measure(domain)──► GET {base}/domain/{A-label} ──bytes──┐
//! credentials ────────────────────────┘                                                               │
//!                                     Measured { Found, RdapFacts } ◄──object::read(bytes, question)──┘
//! ```
//!
//! People are left out by the parser, not afterwards. Of an entity we know its roles; its contact card stays a slice
//! of the answer that nobody decodes, unless it is that of the registrar, of which we take the name, or of the
//! registrar's abuse desk, of which we take the address and the telephone.

mod access;
pub mod bootstrap;
mod card;
mod client;
mod entity;
pub mod error;
mod gate;
mod jcard;
mod jscontact;
mod lenient;
pub mod object;
mod preferred;
mod redaction;
mod reply;
pub mod status;

pub use access::{Credentials, RdapError, Service};
pub use client::{Rdap, Settings};
