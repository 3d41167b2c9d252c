//! `completions` and `man`: made from the one definition of the command line.

use std::path::PathBuf;

use clap::{Args, CommandFactory};

use super::work::Desk;
use super::{Cli, Done};

/// Print completions for a shell
#[derive(Args)]
#[command(after_long_help = "Example:\n  arke completions bash > /etc/bash_completion.d/arke")]
pub(crate) struct Completions {
    /// The shell
    shell: clap_complete::Shell,
}

impl Completions {
    pub(crate) fn run(&self, desk: &mut Desk<'_>) -> anyhow::Result<Done> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "arke", &mut text);
        desk.print(&String::from_utf8_lossy(&text))?;
        Ok(Done::Well)
    }
}

/// Write manual pages, one a command
#[derive(Args)]
#[command(after_long_help = "Example:\n  arke man /usr/local/share/man/man1")]
pub(crate) struct Man {
    /// The folder for the pages
    folder: PathBuf,
}

impl Man {
    pub(crate) fn run(&self, _desk: &mut Desk<'_>) -> anyhow::Result<Done> {
        std::fs::create_dir_all(&self.folder)?;
        clap_mangen::generate_to(Cli::command(), &self.folder)?;
        Ok(Done::Well)
    }
}
