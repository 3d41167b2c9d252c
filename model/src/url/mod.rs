//! URLs as feeds write them: read, brought into one form, made safe to publish.
//!
//! ```text
//! free text ──refang──► &str ──CanonicalUrl::parse──► ParsedUrl      identity of an observable; strict
//!                       bytes ──safe_browsing───────► String         look-ups at Web Risk; forgiving
//!                       &str ──mask_mail────────────► Cow<str>       everything that is published
//! ```
//!
//! What is fetched is the original string, never the canonical one. Nothing here opens a connection.

mod canonical;
mod escape;
mod host;
mod mask;
mod path;
mod refang;
mod safe_browsing;
mod split;

pub use canonical::{CanonicalUrl, ParsedUrl, Scheme, UrlError};
pub use host::UrlHost;
pub use mask::{mask_mail, mask_mail_within};
pub use refang::refang;
pub use safe_browsing::safe_browsing;
