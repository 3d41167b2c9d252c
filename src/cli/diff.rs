//! `diff`: what changed in a day or between two, and why.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use panopticon_model::time::Day;
use panopticon_model::view::View;
use panopticon_sinks::parquet::read::days;
use serde_json::Value;

use super::output::{Row, plain};
use super::query::{Found, rows};
use super::{Format, Global, Printer};

/// What changed in a day or between two, and why
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  panopticon diff --tld xx\n  panopticon diff --tld xx 2025-03-01 --format json\n  panopticon diff --tld xx 2025-03-01..2025-03-03"
)]
pub(crate) struct Diff {
    /// The day; the last published one by default. `FIRST..LAST`: net between the closes of two days
    #[arg(value_parser = span)]
    day: Option<Span>,
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
        let (out, tld) = (&config.output, self.tld.as_deref());
        match self.day {
            None => show(out, tld, None, self.format, printer)?,
            Some(Span::Day(day)) => show(out, tld, Some(day), self.format, printer)?,
            Some(Span::Between(first, last)) => {
                let tlds = tld.map_or_else(|| config.tld_names(), |tld| vec![tld.to_owned()]);
                print(net(out, &tlds, first, last)?, self.format, printer)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Which changes are asked for.
#[derive(Clone, Copy, Debug)]
enum Span {
    /// Those of a day.
    Day(Day),
    /// Those after the close of the first, up to the close of the last.
    Between(Day, Day),
}

fn span(text: &str) -> Result<Span, String> {
    let day = |text: &str| text.parse::<Day>().map_err(|error| error.to_string());
    match text.split_once("..") {
        None => Ok(Span::Day(day(text)?)),
        Some((first, last)) => match (day(first)?, day(last)?) {
            (first, last) if first < last => Ok(Span::Between(first, last)),
            _ => Err("the second day comes after the first".to_owned()),
        },
    }
}

/// The net of the daily changes between two closes: what is as it was is left out. Cause and kind are those of the last
/// change, or of the first if that brought what is still there.
fn net(out: &Path, tlds: &[String], first: Day, last: Day) -> anyhow::Result<Found> {
    let mut found = Found { columns: Vec::new(), rows: Vec::new() };
    for tld in tlds {
        let published = days(out, View::DailyDiffs, tld)?;
        for day in [first, last] {
            anyhow::ensure!(published.contains(&day), "nothing is published of tld `{tld}` for {day}");
        }
        let mut net: BTreeMap<(String, String), Row> = BTreeMap::new();
        for day in published.into_iter().filter(|day| first < *day && *day <= last) {
            let of_day = rows(out, View::DailyDiffs, Some(tld), Some(day), &[])?;
            found.columns = of_day.columns;
            for mut row in of_day.rows {
                let word = |column: &str| row.get(column).map(plain).unwrap_or_default();
                let key = (word("changed_view"), word("subject_id"));
                if let Some(before) = net.remove(&key) {
                    let was = before.get("before").cloned().unwrap_or_default();
                    let is_new = was.is_null() && row.get("after").is_some_and(|after| !after.is_null());
                    for column in ["change", "cause"].into_iter().filter(|_| is_new) {
                        row.insert(column.to_owned(), before.get(column).cloned().unwrap_or_default());
                    }
                    row.insert("before".to_owned(), was);
                }
                if row.get("before") != row.get("after") {
                    net.insert(key, row);
                }
            }
        }
        found.rows.extend(net.into_values());
    }
    Ok(found)
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
    print(rows(out, View::DailyDiffs, tld, day, &[])?, format, printer)
}

fn print(mut found: Found, format: Format, printer: &Printer) -> anyhow::Result<()> {
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
