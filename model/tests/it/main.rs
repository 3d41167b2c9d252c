//! Integration tests of `panopticon-model`, in one binary: one link instead of many.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says what went wrong by failing")]

mod derived;
mod judgement;
mod names;
mod observation;
mod reputation;
