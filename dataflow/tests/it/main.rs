//! Tests of the engine against the oracle.

mod histories;
mod oracle;
mod pitfalls;
