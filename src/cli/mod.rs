//! The command line: what can be asked, one file a command.
//!
//! Data goes to stdout, everything else to stderr. Exit codes: 0 done; 1 failed for a reason that you can
//! change; 2 wrong arguments or a fault of the program; 3 done but a source failed (`--strict`); 4 a check found
//! something; 130 interrupted.

mod config;
mod demo;
mod diff;
mod explain;
mod export;
mod feedback;
mod feeds;
mod init;
mod lookalikes;
mod mark;
mod marks;
mod output;
mod policy;
mod query;
mod replay;
mod report;
mod run;
mod scan;
mod shell;
mod zone;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use panopticon_model::time::Epoch;

use crate::config::Config;
pub(crate) use output::{Format, Printer};

/// Which names of a TLD are used for abuse, whether that is still true, and why we say so.
#[derive(Debug, Parser)]
#[command(
    name = "panopticon",
    version,
    max_term_width = 100,
    after_long_help = "Examples:\n  panopticon init xx\n  panopticon run --once\n  panopticon diff --tld xx\n  panopticon explain shop.xx\n\nExit codes:\n  0    done\n  1    failed for a reason that you can change\n  2    wrong arguments, or a fault of the program\n  3    done, but a source failed (only with --strict)\n  4    a check found something\n  130  interrupted"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command understands.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Global {
    /// The configuration file
    #[arg(
        long,
        short,
        global = true,
        value_name = "FILE",
        default_value = "panopticon.toml",
        env = "PANOPTICON_CONFIG"
    )]
    pub(crate) config: PathBuf,
    /// Say nothing on stderr but errors
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Show no progress bars
    #[arg(long, global = true, env = "PANOPTICON_NO_PROGRESS")]
    pub(crate) no_progress: bool,
    /// Open no socket: feeds with a url keep their last good state
    #[arg(long, global = true)]
    pub(crate) offline: bool,
}

impl Global {
    /// Reads the configuration.
    pub(crate) fn config(&self) -> anyhow::Result<Config> {
        Ok(Config::read(&self.config)?)
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a commented configuration for a TLD, with feeds that need no key
    Init(init::Init),
    /// Read all sources, bring the views up to date and publish
    Run(run::Run),
    /// List, check, accept and add feeds
    #[command(subcommand)]
    Feeds(feeds::Feeds),
    /// What changed in a day or between two, and why
    Diff(diff::Diff),
    /// Why a name or URL is listed: its evidence, and the rule that decided
    Explain(explain::Explain),
    /// Rows of a published view
    Query(query::Query),
    /// What is validated, for resolvers, ad blockers, spreadsheets and programs
    Export(export::Export),
    /// What a day changed and what is open, or a month on one page
    Report(report::ReportCommand),
    /// Decide on a name or URL by hand
    Mark(mark::Mark),
    /// What people decided on names and URLs
    #[command(subcommand)]
    Marks(marks::Marks),
    /// Which names of a zone imitate protected names, or look machine-made; needs no configuration
    Scan(scan::ScanCommand),
    /// Which names of our zones imitate a name
    Lookalikes(lookalikes::Lookalikes),
    /// Try out a policy on the past
    #[command(subcommand)]
    Policy(policy::Policy),
    Replay(replay::Replay),
    /// Check or show the configuration
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Check, compare and count zone files
    #[command(subcommand)]
    Zone(zone::Zone),
    /// A few days of a small sample world, from feeds to files
    Demo(demo::Demo),
    /// Print the completions of a shell
    Completions(shell::Completions),
    /// Print the manual page, or write one a command into a folder
    Man(shell::Man),
}

/// Runs the command line of this process.
pub(crate) fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { 2 } else { 0 };
            // Nobody is left to tell when the terminal is gone.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let printer = Printer::new(cli.global.quiet);
    match cli.command.run(&cli.global, &printer) {
        Ok(code) => code,
        Err(error) => printer.failure(&error),
    }
}

impl Command {
    fn run(self, global: &Global, printer: &Printer) -> anyhow::Result<ExitCode> {
        match self {
            Command::Init(command) => command.run(global, printer),
            Command::Run(command) => command.run(global, printer),
            Command::Feeds(command) => command.run(global, printer),
            Command::Diff(command) => command.run(global, printer),
            Command::Explain(command) => command.run(global, printer),
            Command::Export(command) => command.run(global, printer),
            Command::Query(command) => command.run(global, printer),
            Command::Report(command) => command.run(global, printer),
            Command::Mark(command) => command.run(global, printer),
            Command::Marks(command) => command.run(global, printer),
            Command::Scan(command) => command.run(global, printer),
            Command::Lookalikes(command) => command.run(global, printer),
            Command::Policy(command) => command.run(global, printer),
            Command::Replay(command) => command.run(global, printer),
            Command::Config(command) => command.run(global, printer),
            Command::Zone(command) => command.run(printer),
            Command::Demo(command) => command.run(global, printer),
            Command::Completions(command) => command.run(printer),
            Command::Man(command) => command.run(printer),
        }
    }
}

/// The wall clock: read here, and given to the log as an epoch.
pub(crate) fn wall_clock() -> Epoch {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Epoch(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Writes a file that must not be there yet.
pub(crate) fn create_new(path: &Path, text: &str) -> anyhow::Result<()> {
    create(path, text, std::fs::OpenOptions::new().write(true).create_new(true))
}

/// Writes a file that must not be there yet and that only its owner may read.
pub(crate) fn create_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    create(path, text, &options)
}

fn create(path: &Path, text: &str, options: &std::fs::OpenOptions) -> anyhow::Result<()> {
    use std::io::Write as _;
    let mut file = options
        .open(path)
        .map_err(|error| anyhow::Error::new(error).context(format!("cannot create `{}`", path.display())))?;
    file.write_all(text.as_bytes())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }
}
