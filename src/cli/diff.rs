//! `diff`: what changed in a day, and why.

use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use panopticon_model::time::Day;
use panopticon_model::view::View;
use panopticon_sinks::parquet::read::days;
use serde_json::Value;

use super::output::{Row, plain};
use super::query::rows;
use super::{Format, Global, Printer};

/// What changed in a day, and why
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  panopticon diff --tld xx\n  panopticon diff --tld xx 2025-03-01 --format json"
)]
pub(crate) struct Diff {
    /// The day; the last published one by default
    day: Option<Day>,
    /// Only this TLD
    #[arg(long)]
    tld: Option<String>,
    /// How to print the rows
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Diff {
    pub(crate) fn run(&self, global: &Global, printer: &Printer) -> anyhow::Result<ExitCode> {
        let config = global.config()?;
        show(&config.output, self.tld.as_deref(), self.day, self.format, printer)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Prints what changed in a day.
pub(crate) fn show(
    out: &Path,
    tld: Option<&str>,
    day: Option<Day>,
    format: Format,
    printer: &Printer,
) -> anyhow::Result<()> {
    if let (Some(day), Some(tld)) = (day, tld) {
        let published = days(out, View::DailyDiffs, tld)?;
        anyhow::ensure!(published.contains(&day), "nothing is published of tld `{tld}` for {day}");
    }
    let mut found = rows(out, View::DailyDiffs, tld, day, &[])?;
    if format == Format::Table {
        found.columns = ["tld", "change", "subject", "cause", "was", "is"].map(str::to_owned).into();
        found.rows.iter_mut().for_each(for_people);
    }
    if found.rows.is_empty() && format == Format::Table {
        printer.remark("nothing changed");
        return Ok(());
    }
    printer.rows(format, &found.columns, &found.rows)?;
    Ok(())
}

/// Adds `was` and `is`: the JSON of `before` and `after`, in a few words.
fn for_people(row: &mut Row) {
    for (column, words) in [("before", "was"), ("after", "is")] {
        let state =
            row.get(column).and_then(Value::as_str).and_then(|text| serde_json::from_str::<Row>(text).ok());
        let text = state.map(|state| {
            let part = |key: &str| state.get(key).map(plain).unwrap_or_default();
            if state.contains_key("tier") {
                let made =
                    (state.get("algorithmic") == Some(&Value::Bool(true))).then(|| "made by a machine".to_owned());
                let target = Some(part("target")).filter(|target| !target.is_empty());
                let imitates = target.map(|target| format!("imitates {target}"));
                let what: Vec<String> = imitates.into_iter().chain(made).collect();
                return format!("{}: {}", part("tier"), what.join(", "));
            }
            let validated = state.get("validated") == Some(&Value::Bool(true));
            let judged = [part("remedy"), if validated { "validated".to_owned() } else { String::new() }];
            let judged = judged.iter().filter(|word| !word.is_empty()).map(|word| format!(", {word}"));
            let judged: String = judged.collect();
            format!("{} {} ({}){judged}", part("status"), part("abuse_class"), part("feed_ids"))
        });
        row.insert(words.to_owned(), text.map_or(Value::Null, Value::String));
    }
}
