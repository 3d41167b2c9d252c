//! The command line of arke.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
