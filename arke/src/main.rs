//! The command line of arke.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use arke::cases::CaseLine;
use arke::records::signed::SIGNATURE;
use arke::records::{MAX_AGE_HOURS, Records, RecordsError, read_file, read_signed};
use arke::show::{Format, Shown, render};
use clap::{Args, Parser, Subcommand, ValueEnum};
use panopticon_model::time::Epoch;

/// The registry's side of panopticon: who would be told about what
///
/// Reads the records.sql that panopticon publishes, and checks it before it believes it. This version looks up no
/// contact and sends nothing.
#[derive(Parser)]
#[command(name = "arke", version, after_long_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  the records were refused, or could not be read
  2  wrong arguments";

#[derive(Subcommand)]
enum Command {
    /// List the cases of a TLD
    #[command(after_long_help = "\
Examples:
  arke cases --records out/records/xx/records.sql
  arke cases --records out/records/xx/records.sql --format csv > cases.csv")]
    Cases(Input),
}

#[derive(Args)]
struct Input {
    /// The records.sql of a TLD
    #[arg(long, value_name = "FILE")]
    records: PathBuf,
    /// The public key that the manifest beside FILE must be signed with
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// How rows are shown
    #[arg(long, value_enum, default_value_t)]
    format: FormatName,
    /// The time at which the records are read, instead of the clock's
    #[arg(long, value_name = "INSTANT")]
    now: Option<Epoch>,
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

fn main() -> ExitCode {
    let (mut out, mut err) = (io::stdout().lock(), io::stderr().lock());
    match run(&Cli::parse().command, &mut err)
        .and_then(|text| out.write_all(text.as_bytes()).context("cannot write the output"))
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let broken = error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe);
            if broken {
                return ExitCode::SUCCESS;
            }
            let _ = writeln!(err, "error: {error}");
            for cause in error.chain().skip(1) {
                let _ = writeln!(err, "  caused by: {cause}");
            }
            if let Some(error) = error.downcast_ref::<RecordsError>() {
                let _ = writeln!(err, "\nhint: {}", error.hint());
            }
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command, err: &mut impl Write) -> anyhow::Result<String> {
    match command {
        Command::Cases(input) => {
            let records = input.read(err)?;
            let rows: Vec<&CaseLine> = records.entries.iter().map(|entry| &entry.case).collect();
            let columns =
                ["subject", "abuse_class", "status", "first_seen", "ended_at", "evidence_count", "feed_ids"];
            let shown = Shown { schema: "arke.cases/v1", all: &CaseLine::COLUMNS, columns: &columns, rows: &rows };
            Ok(render(&records.head, &shown, input.format.into())?)
        }
    }
}

impl Input {
    fn read(&self, err: &mut impl Write) -> anyhow::Result<Records> {
        let about = || format!("`{}` is refused", self.records.display());
        let records = match &self.key {
            Some(key) => read_signed(&self.records, key).with_context(about)?,
            None => {
                let records = read_file(&self.records).with_context(about)?;
                if self.records.with_file_name(SIGNATURE).exists() {
                    writeln!(err, "note: nothing was verified beyond the digest; `--key` checks {SIGNATURE} too")?;
                }
                records
            }
        };
        let clock = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        let now = self.now.unwrap_or(Epoch(u64::try_from(clock).unwrap_or(u64::MAX)));
        records.check_age(now, MAX_AGE_HOURS).with_context(about)?;
        Ok(records)
    }
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }
}
