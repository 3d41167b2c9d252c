//! The DNS half of measurement: what servers say of a name, asked one by one, and what that comes to.
//!
//! ```text
//! delegation ─┐                                  ┌─ UDP ──► TCP
//! filter ─────┼─► exchange::Client ─► Question ──┼─ TCP, TLS, HTTPS
//! blocklist ──┤   pace, deadline      Reply ◄────┘
//! resolve ────┘
//! ```
//!
//! Each kind of probe is a pure function from replies to [`panopticon_model::observation::Measured`], and a thin part
//! that asks. No type of the DNS library leaves this module. Nothing here reads a clock but for waiting.

pub mod blocklist;
mod connection;
pub mod delegation;
pub mod error;
pub mod exchange;
pub mod filter;
pub mod message;
pub mod resolve;
pub mod server;

/// A label of 20 letters and digits that nobody can have registered: the same one for the same seed and purpose.
fn random_label(seed: u64, purpose: &str) -> String {
    const LABEL: usize = 20;
    let mut hasher = blake3::Hasher::new_derive_key("panopticon 2026-11 random label");
    hasher.update(&seed.to_le_bytes());
    hasher.update(purpose.as_bytes());
    let mut letters = [0; LABEL];
    hasher.finalize_xof().fill(&mut letters);
    // 256 is no multiple of 36; that some letters are a little more frequent does no harm.
    letters.iter().map(|byte| char::from_digit(u32::from(byte % 36), 36).unwrap_or('x')).collect()
}
