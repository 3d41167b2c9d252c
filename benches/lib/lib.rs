//! What the benches share: a large world that is the same on every machine, ways to measure, and the peers.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

#[path = "../../src/allocator.rs"]
mod allocator;
pub mod dga;
pub mod labels;
pub mod load;
pub mod measure;
pub mod peers;
pub mod registry;
pub mod remedies;
pub mod servers;
pub mod shared;
pub mod views;
pub mod world;

/// Sets the allocator as the program does.
pub fn keep_freed_memory() {
    allocator::keep_freed_memory();
}

/// Whether only a thousandth is to be done: unless `cargo bench` asks, which names itself in an argument.
#[must_use]
pub fn small() -> bool {
    asked("--small") || !asked("--bench")
}

/// Whether an argument is given.
#[must_use]
pub fn asked(option: &str) -> bool {
    std::env::args().any(|argument| argument == option)
}
