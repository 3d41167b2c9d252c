//! `query VIEW`: rows of a published view. Equality filters only; SQL is DuckDB's job.

use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use panopticon_model::time::Day;
use panopticon_model::view::View;
use panopticon_sinks::parquet::read::{Query as Question, ReadError, When, open, tlds};

use super::output::Row;
use super::{Format, Global, Printer};

/// Rows of a published view
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  panopticon query cases --tld xx status=active\n  panopticon query indicators feed_ids=openphish --format csv\n  panopticon query cases --as-of 2025-03-01 --format jsonl\n\nFor SQL: cd out && duckdb -init views.sql"
)]
pub(crate) struct Query {
    /// The view: indicators, evidence, cases, daily_diffs, errors or feeds
    #[arg(value_parser = view)]
    view: View,
    /// Columns and the values that they must have; a list must contain it
    #[arg(value_name = "COLUMN=VALUE", value_parser = filter)]
    filters: Vec<(String, String)>,
    /// Only this TLD
    #[arg(long)]
    tld: Option<String>,
    /// The state at the close of this day, or at the last publication before
    #[arg(long, value_name = "DAY")]
    as_of: Option<Day>,
    /// How to print the rows
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Query {
    pub(crate) fn run(&self, global: &Global, printer: &Printer) -> anyhow::Result<ExitCode> {
        let config = global.config()?;
        let found = rows(&config.output, self.view, self.tld.as_deref(), self.as_of, &self.filters)?;
        printer.rows(self.format, &found.columns, &found.rows)?;
        if found.rows.is_empty() {
            printer.remark("no rows");
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Rows that were found, with their columns in order.
pub(crate) struct Found {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Row>,
}

/// Rows of a view, of one TLD or of all, each with its `tld`.
pub(crate) fn rows(
    out: &Path,
    view: View,
    tld: Option<&str>,
    as_of: Option<Day>,
    filters: &[(String, String)],
) -> Result<Found, ReadError> {
    let tlds = match tld {
        Some(tld) => vec![tld.trim_matches('.').to_ascii_lowercase()],
        None => tlds(out, view)?,
    };
    let when = as_of.map_or(When::Latest, When::AsOf);
    let mut found = Found { columns: Vec::new(), rows: Vec::new() };
    let mut missing = None;
    for tld in &tlds {
        let answer = match open(&Question { out, view, tld, when, filters }) {
            Ok(answer) => answer,
            // A TLD that was added later has no early days; that matters only if no other has.
            Err(error @ ReadError::BeyondRetention { .. }) => {
                missing = Some(error);
                continue;
            }
            Err(error) => return Err(error),
        };
        let columns = answer.columns().to_vec();
        for row in answer {
            let mut object = Row::new();
            object.insert("tld".to_owned(), tld.clone().into());
            object.extend(columns.iter().cloned().zip(row?));
            found.rows.push(object);
        }
        found.columns = std::iter::once("tld".to_owned()).chain(columns).collect();
    }
    match missing {
        Some(error) if found.columns.is_empty() => Err(error),
        _ => Ok(found),
    }
}

fn view(name: &str) -> Result<View, String> {
    let known = || View::ALL.map(View::as_str).join(", ");
    View::from_name(name).ok_or_else(|| format!("there is no such view; there are {}", known()))
}

fn filter(text: &str) -> Result<(String, String), String> {
    let (column, value) = text.split_once('=').ok_or("write COLUMN=VALUE")?;
    Ok((column.to_owned(), value.to_owned()))
}
