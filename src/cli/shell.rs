//! `completions` and `man`: made from the one definition of the command line.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory as _};

use super::{Cli, Printer};

/// Print the completions of a shell
#[derive(Debug, Args)]
#[command(after_long_help = "Example:\n  panopticon completions bash > /etc/bash_completion.d/panopticon")]
pub(crate) struct Completions {
    /// The shell
    shell: clap_complete::Shell,
}

impl Completions {
    pub(crate) fn run(&self, printer: &Printer) -> anyhow::Result<ExitCode> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "panopticon", &mut text);
        printer.data(String::from_utf8_lossy(&text).trim_end())?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Print the manual page, or write one a command into a folder
#[derive(Debug, Args)]
#[command(after_long_help = "Example:\n  panopticon man /usr/local/share/man/man1")]
pub(crate) struct Man {
    /// The folder for the pages; without it the main page goes to stdout
    folder: Option<PathBuf>,
}

impl Man {
    pub(crate) fn run(&self, printer: &Printer) -> anyhow::Result<ExitCode> {
        if let Some(folder) = &self.folder {
            std::fs::create_dir_all(folder)?;
            clap_mangen::generate_to(Cli::command(), folder)?;
            return Ok(ExitCode::SUCCESS);
        }
        let mut text = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut text)?;
        printer.data(String::from_utf8_lossy(&text).trim_end())?;
        Ok(ExitCode::SUCCESS)
    }
}
