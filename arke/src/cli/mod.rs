//! The command line of arke.

mod cases;
mod config;
mod demo;
mod high_risk;
mod keep;
mod notify;
mod outbox;
mod policy;
mod replay;
mod shell;
mod template;
mod work;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use arke::config::ConfigError;
use arke::records::RecordsError;
use arke::show::{Format, Shown, plain};
use clap::{Args, Parser, Subcommand, ValueEnum};
use panopticon_model::time::Epoch;
use serde::Serialize;

/// The registry's side of panopticon: tells those who can fix an abused name, once
///
/// Reads the records.sql that panopticon publishes, asks the registry's own RDAP server who holds a name, and writes to
/// its contacts, its registrar and the registry's desk. Personal data stays in the folder `state` of its configuration.
#[derive(Parser)]
#[command(name = "arke", version, after_long_help = EXIT_CODES)]
pub(crate) struct Cli {
    /// The configuration; without it ./arke.json, else /etc/arke/arke.json
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The time that it is, instead of the clock's: to play earlier days again
    #[arg(long, global = true, value_name = "INSTANT")]
    now: Option<Epoch>,
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  the records or the configuration were refused, or something failed
  2  wrong arguments
  3  done, but some notices failed";

#[derive(Subcommand)]
enum Command {
    /// Write a small configuration to begin with
    Init(config::Init),
    /// Check or show the configuration
    #[command(subcommand)]
    Config(config::Command),
    /// List cases, with what the registry knows of them; mark or release one
    Cases(cases::Cases),
    /// Say who would be told about what; with --send, tell them
    Notify(notify::Notify),
    /// One round for cron: bounces in, notices out, the desk's daily mail
    Run(notify::Run),
    /// Messages: list, show, release, cancel, resolve
    #[command(subcommand)]
    Outbox(outbox::Command),
    /// Stop all sending until `resume`
    Pause(keep::Pause),
    /// Send again
    Resume,
    /// Whom the policy tells what, as a table
    #[command(subcommand)]
    Policy(policy::Command),
    /// Check the texts of notices, or look at one
    #[command(subcommand)]
    Template(template::Command),
    /// Send one notice with made-up facts to yourself
    SendTest(template::SendTest),
    /// Marks of cases, for panopticon to read; without personal data
    #[command(subcommand)]
    Marks(cases::Marks),
    /// List names of the zone that imitate a protected name and that no feed has yet; nobody is written to
    HighRisk(high_risk::HighRiskCommand),
    /// How many cases somebody was told of, day by day
    Told(cases::Told),
    /// What is kept of a person: export it, or erase it
    #[command(subcommand)]
    Subject(keep::Subject),
    /// Copy the ledger while it is in use
    Backup(keep::Backup),
    /// Put a copy of the ledger back; everything waits for review then
    Restore(keep::Restore),
    /// Play several days of a made-up registry, on this machine alone
    Demo(demo::Demo),
    /// Print completions for a shell
    Completions(shell::Completions),
    /// Write manual pages
    Man(shell::Man),
}

#[derive(Clone, Copy, Default, ValueEnum)]
enum FormatName {
    /// For people
    #[default]
    Table,
    /// One document
    Json,
    /// A header and a line a row
    Csv,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Format {
        match name {
            FormatName::Table => Format::Table,
            FormatName::Json => Format::Json,
            FormatName::Csv => Format::Csv,
        }
    }
}

/// How rows are shown.
#[derive(Args, Clone, Copy)]
struct Shape {
    /// How rows are shown
    #[arg(long, value_enum, default_value_t)]
    format: FormatName,
}

/// Rows that belong to no records.
fn rows<R: Serialize>(
    schema: &str,
    all: &[&str],
    columns: &[&str],
    rows: &[R],
    shape: Shape,
) -> anyhow::Result<String> {
    Ok(plain(&Shown { schema, all, columns, rows }, shape.format.into())?)
}

/// Done, or done with something that failed.
enum Done {
    Well,
    Partly,
}

pub(crate) fn main() -> ExitCode {
    let cli = Cli::parse();
    let (mut out, mut err) = (io::stdout().lock(), io::stderr().lock());
    let mut desk = work::Desk { config: cli.config, now: cli.now, out: &mut out, err: &mut err };
    let done = match cli.command {
        Command::Init(init) => init.run(&mut desk),
        Command::Config(command) => command.run(&mut desk),
        Command::Cases(cases) => cases.run(&mut desk),
        Command::Notify(notify) => notify.run(&mut desk),
        Command::Run(run) => run.run(&mut desk),
        Command::Outbox(command) => command.run(&mut desk),
        Command::Pause(pause) => pause.run(&mut desk),
        Command::Resume => keep::resume(&mut desk),
        Command::Policy(command) => command.run(&mut desk),
        Command::Template(command) => command.run(&mut desk),
        Command::SendTest(test) => test.run(&mut desk),
        Command::Marks(marks) => marks.run(&mut desk),
        Command::HighRisk(command) => command.run(&mut desk),
        Command::Told(told) => told.run(&mut desk),
        Command::Subject(subject) => subject.run(&mut desk),
        Command::Backup(backup) => backup.run(&mut desk),
        Command::Restore(restore) => restore.run(&mut desk),
        Command::Demo(demo) => demo.run(&mut desk),
        Command::Completions(completions) => completions.run(&mut desk),
        Command::Man(man) => man.run(&mut desk),
    };
    match done {
        Ok(Done::Well) => ExitCode::SUCCESS,
        Ok(Done::Partly) => ExitCode::from(3),
        Err(error) => failed(&error, &mut err),
    }
}

fn failed(error: &anyhow::Error, err: &mut impl Write) -> ExitCode {
    if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
        return ExitCode::SUCCESS;
    }
    let _ = writeln!(err, "error: {error}");
    for cause in error.chain().skip(1) {
        let _ = writeln!(err, "  caused by: {cause}");
    }
    let hint = error.chain().find_map(|cause| {
        let records = cause.downcast_ref::<RecordsError>().map(|error| error.hint().to_owned());
        records.or_else(|| cause.downcast_ref::<ConfigError>().map(ConfigError::hint))
    });
    if let Some(hint) = hint {
        let _ = writeln!(err, "\nhint: {hint}");
    }
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }
}
