//! Panopticon: what a TLD registry must know of the abuse of its names. See ARCHITECTURE.md.

mod allocator;
mod cli;
mod config;
mod wire;

use std::process::ExitCode;

fn main() -> ExitCode {
    allocator::keep_freed_memory();
    // The one provider of cryptography; nothing else may install one before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // A panic has told where it was; whoever called us gets the code for a fault of the program.
    std::panic::catch_unwind(cli::main).unwrap_or(ExitCode::from(2))
}
