//! The Web Risk API v1: what is asked, as URLs, and what is answered, as JSON.
//!
//! Reference: <https://cloud.google.com/web-risk/docs/reference/rest>. Both halves are pure. The key is not part of a
//! request: it travels in a header, as Google recommends, so no URL, message or log can show it.

mod answer;
mod json;
mod request;

pub use answer::{AnswerError, Threats, Verdict, diff, hashes, is_about_key, uris};
pub use request::{Base, BaseError, compute_diff, search_hashes, search_uris};
