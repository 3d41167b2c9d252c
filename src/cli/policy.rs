//! `policy replay`: what another policy would have held for confirmed.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use compact_str::CompactString;
use panopticon_model::observable::top_level;
use panopticon_model::time::Day;
use panopticon_model::url::mask_mail;
use serde_json::Value;

use super::output::Row;
use super::{Format, Global, Printer};
use crate::wire::{Difference, Verdict, replay};

/// Try out a policy on the past
#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Which indicators another policy would have validated, day by day
    ///
    /// Lets the log pass under the policy that is configured and under another one, from the base tables before the first
    /// day (or from its first epoch, where there are none), and prints one row for each day and indicator that the one
    /// validates and the other does not, as of the close of the day (of a day that is not over: as of the last epoch). `was` is the policy that is configured now, whatever was in force then; `would`
    /// is the other. Each is `validated`, or the first gate that the indicator does not pass. `confirmed_by` is what confirms
    /// it.
    ///
    /// Nothing is changed, nothing is published, and a `run` may go on meanwhile.
    Replay(Replay),
}

/// A replay under another policy
#[derive(Debug, Args)]
#[command(
    after_long_help = "Example:\n  echo 'independent = 3' > stricter.toml\n  panopticon policy replay --policy stricter.toml --from 2025-03-01 --to 2025-03-05"
)]
pub(crate) struct Replay {
    /// The other policy: the keys of `[policy]`, in TOML; those that it leaves out are as configured, TLD by TLD
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// The first day
    #[arg(long, value_name = "DAY")]
    from: Day,
    /// The last day
    #[arg(long, value_name = "DAY")]
    to: Day,
    /// Only this TLD
    #[arg(long)]
    tld: Option<String>,
    /// How to print the rows
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Policy {
    pub(crate) fn run(&self, global: &Global, printer: &Printer) -> anyhow::Result<ExitCode> {
        match self {
            Policy::Replay(command) => command.run(global, printer),
        }
    }
}

const COLUMNS: [&str; 7] = ["day", "subject", "observable", "abuse_class", "was", "would", "confirmed_by"];

impl Replay {
    fn run(&self, global: &Global, printer: &Printer) -> anyhow::Result<ExitCode> {
        let Replay { policy, from, to, tld, format } = self;
        anyhow::ensure!(from <= to, "`--from` {from} is after `--to` {to}");
        let config = global.config()?;
        if let Some(tld) = tld {
            let known = config.tld_names();
            anyhow::ensure!(known.contains(tld), "tld `{tld}` is not configured; there are {}", known.join(", "));
        }
        let other = config.policies_with(policy)?;
        let found = replay(&config, &other, *from..=*to)?;
        let Some((first, last)) = found.compared else {
            anyhow::bail!("the log holds none of the days from {from} to {to}");
        };
        printer.remark(&format!("compared: the days from {first} to {last}"));
        let is_asked = |row: &&Difference| tld.as_ref().is_none_or(|tld| top_level(&row.subject) == tld);
        let rows: Vec<Row> = found.differences.iter().filter(is_asked).map(row).collect();
        if rows.is_empty() {
            printer.warning("no difference: both policies validate the same indicators");
        }
        if !rows.is_empty() || *format != Format::Table {
            printer.rows(*format, &COLUMNS.map(str::to_owned), &rows)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn row(of: &Difference) -> Row {
    let verdict = |verdict: Verdict| match verdict {
        Verdict::Validated => Value::from("validated"),
        Verdict::Denied(gate) => Value::from(gate),
    };
    let confirmed_by: Vec<&str> = of.confirmed_by.iter().map(CompactString::as_str).collect();
    let values: [Value; 7] = [
        of.day.to_string().into(),
        of.subject.as_str().into(),
        mask_mail(&of.observable).into(),
        of.abuse_class.as_str().into(),
        verdict(of.was),
        verdict(of.would),
        confirmed_by.into(),
    ];
    COLUMNS.iter().map(|column| (*column).to_owned()).zip(values).collect()
}
