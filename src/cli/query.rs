//! `query VIEW`: rows of a published view. A column has a value or has it not; all else is SQL, and DuckDB's job.

use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use panopticon_model::time::Day;
use panopticon_model::view::View;
use panopticon_sinks::parquet::read::{Query as Question, ReadError, When, equals, open, tlds};

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
    /// Columns and the values that they must have, or with `!=` must not have; a list has each of its words
    #[arg(value_name = "COLUMN=VALUE", value_parser = filter)]
    filters: Vec<Filter>,
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
        let (wanted, unwanted): (Vec<&Filter>, Vec<&Filter>) = self.filters.iter().partition(|filter| filter.is);
        let wanted: Vec<(String, String)> =
            wanted.into_iter().map(|Filter { column, value, .. }| (column.clone(), value.clone())).collect();
        let mut found = rows(&config.output, self.view, self.tld.as_deref(), self.as_of, &wanted)?;
        for Filter { column, value, .. } in unwanted {
            if !found.columns.contains(column) {
                let (view, column, columns) = (self.view, column.clone(), found.columns);
                return Err(ReadError::NoColumn { view, column, columns }.into());
            }
            found.rows.retain(|row| !row.get(column).is_some_and(|cell| equals(cell, value)));
        }
        printer.rows(self.format, &found.columns, &found.rows)?;
        if found.rows.is_empty() {
            printer.remark("no rows");
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What a row must be like.
#[derive(Clone, Debug)]
struct Filter {
    column: String,
    value: String,
    /// Whether the column must have the value, or must not.
    is: bool,
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

fn filter(text: &str) -> Result<Filter, String> {
    let (column, value) = text.split_once('=').ok_or("write COLUMN=VALUE, or COLUMN!=VALUE")?;
    let (column, is) = column.strip_suffix('!').map_or((column, true), |column| (column, false));
    Ok(Filter { column: column.to_owned(), value: value.to_owned(), is })
}
