//! Durable storage through its public doors: what is appended comes back, after any crash, or an error says why not.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on ends here")]

mod crash;
mod damage;
mod failure;
mod fold;
mod measured;
mod pinned;
mod recovery;
mod retention;
mod support;
