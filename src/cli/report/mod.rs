//! `report`: a day for those who work on it, or a month for those who answer for it, from published files only.
//!
//! ```text
//! published rows ─► daily, monthly (pure) ─► Report ─► markdown, html, JSON
//! ```

mod chart;
mod daily;
mod fixed;
mod html;
mod markdown;
mod median;
mod monthly;
mod published;
mod told;
mod words;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use panopticon_model::time::{Day, Epoch};
use panopticon_model::view::View;
use panopticon_sinks::parquet::read::{ReadError, days};
use serde::Serialize;

use super::output::Row;
use super::{Global, Printer};
use monthly::Month;
use published::Published;

/// What a day changed and what is open, or a month on one page
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  panopticon report --tld xx\n  panopticon report --tld xx --day 2025-03-03 --format html --output day.html\n  panopticon report --tld xx --month 2025-03"
)]
pub(crate) struct ReportCommand {
    /// The TLD
    #[arg(long)]
    tld: String,
    /// The day; the last published one by default
    #[arg(long, conflicts_with = "month")]
    day: Option<Day>,
    /// A month instead of a day, as YYYY-MM
    #[arg(long)]
    month: Option<Month>,
    /// What arke told, as `arke told --format json` writes it: counts, no personal data
    #[arg(long, value_name = "FILE", requires = "month")]
    told: Option<PathBuf>,
    /// How to write the report
    #[arg(long, value_enum, default_value_t)]
    format: ReportFormat,
    /// Write into this file instead of stdout
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum ReportFormat {
    /// One page that needs nothing else: no script, no network
    Html,
    /// Markdown
    #[default]
    Markdown,
    /// One JSON object
    Json,
}

impl ReportCommand {
    pub(crate) fn run(&self, global: &Global, printer: &Printer) -> anyhow::Result<ExitCode> {
        let out = global.config()?.output;
        let tld = self.tld.trim_matches('.').to_ascii_lowercase();
        let report = match self.month {
            Some(month) => {
                let told = self.told.as_deref().map(|file| told::read(file, &tld, month)).transpose()?;
                of_month(&out, &tld, month, told)?
            }
            None => of_day(&out, &tld, self.day)?,
        };
        let text = match self.format {
            ReportFormat::Html => html::page(&report)?,
            ReportFormat::Markdown => markdown::text(&report),
            ReportFormat::Json => serde_json::to_string_pretty(&report)?,
        };
        match &self.output {
            None => printer.data(text.trim_end())?,
            Some(file) => {
                std::fs::write(file, text).with_context(|| format!("cannot write `{}`", file.display()))?;
                printer.remark(&format!("wrote `{}`", file.display()));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// A report, in the order in which it is read. Renderers add no facts to it.
#[derive(Debug, Serialize)]
struct Report {
    schema: &'static str,
    tld: String,
    /// `2025-03-01`, or `2025-03`.
    period: String,
    title: String,
    /// The last instant that it includes.
    as_of: Epoch8601,
    program: &'static str,
    sections: Vec<Section>,
}

impl Report {
    fn new(tld: &str, period: String, title: String, as_of: Epoch, sections: Vec<Section>) -> Report {
        let (schema, program) = ("panopticon.report/v1", concat!("panopticon ", env!("CARGO_PKG_VERSION")));
        Report { schema, tld: tld.to_owned(), period, title, as_of: Epoch8601(as_of), program, sections }
    }
}

/// An instant that is written as text.
#[derive(Clone, Copy, Debug)]
struct Epoch8601(Epoch);

impl Serialize for Epoch8601 {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A heading, what it says in sentences, and tables.
#[derive(Debug, Serialize)]
struct Section {
    id: &'static str,
    title: &'static str,
    says: Vec<String>,
    /// The commands that give the rows behind the sentences, where no table has them.
    queries: Vec<String>,
    tables: Vec<Table>,
}

impl Section {
    /// A section. Of tables without rows only the commands stay, to see for oneself.
    fn new(id: &'static str, title: &'static str, says: Vec<String>, tables: Vec<Table>) -> Section {
        let (tables, empty): (Vec<Table>, Vec<Table>) =
            tables.into_iter().partition(|table| !table.rows.is_empty());
        let mut queries: Vec<String> = Vec::new();
        for query in empty.into_iter().flat_map(|table| table.queries) {
            let stands = |table: &Table| table.queries.contains(&query);
            if !queries.contains(&query) && !tables.iter().any(stands) {
                queries.push(query);
            }
        }
        Section { id, title, says, queries, tables }
    }
}

/// Rows under a caption, with the commands that give the rows behind them.
#[derive(Debug, Serialize)]
struct Table {
    id: &'static str,
    caption: &'static str,
    queries: Vec<String>,
    columns: Vec<&'static str>,
    rows: Vec<Row>,
    /// How many more rows there are.
    left_out: usize,
    /// The columns of a chart that stands above the table: across, and up.
    #[serde(skip_serializing_if = "Option::is_none")]
    chart: Option<[&'static str; 2]>,
}

/// How many days the course of a day's report goes back.
const COURSE_DAYS: u32 = 7;

/// How many rows of a table are shown, so that a day stays on two pages.
const SHOWN: usize = 12;
/// How many names stand for all of a campaign.
const EXAMPLES: usize = 3;

impl Table {
    /// A table that shows all of its rows.
    fn whole(
        id: &'static str,
        caption: &'static str,
        queries: Vec<String>,
        columns: &[&'static str],
        rows: Vec<Row>,
    ) -> Table {
        Table { id, caption, queries, columns: columns.to_vec(), rows, left_out: 0, chart: None }
    }

    /// The same, without the rows that are more than this.
    fn capped(mut self, shown: usize) -> Table {
        self.left_out = self.rows.len().saturating_sub(shown);
        self.rows.truncate(shown);
        self
    }
}

fn of_day(out: &Path, tld: &str, day: Option<Day>) -> anyhow::Result<Report> {
    let published = days(out, View::DailyDiffs, tld)?;
    let newest = published.last().copied().unwrap_or_default();
    let day = day.unwrap_or(newest);
    let files = Published { out, tld, day };
    // Before the days are looked at: its errors say which TLD or which first day there is.
    let as_of = files.as_of()?;
    anyhow::ensure!(
        published.contains(&day),
        "nothing is published of tld `{tld}` for {day}; the last day that is published is {newest}"
    );
    let mut material = files.material()?;
    let weeks = published.into_iter().filter(|of| *of <= day && *of > day.back(COURSE_DAYS));
    let counted = weeks.map(|day| Ok((day, Published { out, tld, day }.open_cases()?)));
    material.course = counted.collect::<Result<_, ReadError>>()?;
    Ok(daily::report(tld, day, as_of, &material))
}

fn of_month(out: &Path, tld: &str, month: Month, told: Option<u64>) -> anyhow::Result<Report> {
    let published = days(out, View::DailyDiffs, tld)?;
    let newest = Published { out, tld, day: Day(u32::MAX) };
    let mut as_of = newest.as_of()?;
    let mut lived = Vec::new();
    for day in published.iter().copied().filter(|day| month.holds(*day)) {
        let files = Published { out, tld, day };
        as_of = files.as_of()?;
        lived.push(monthly::day(day, &files.diffs()?, &files.cases()?, &files.times()?));
    }
    let ends = published.first().zip(published.last()).map(|(first, last)| format!("{first} to {last}"));
    anyhow::ensure!(
        !lived.is_empty(),
        "nothing is published of tld `{tld}` for {month}; ask for a month within {}",
        ends.unwrap_or_default()
    );
    Ok(monthly::report(tld, month, as_of, &lived, told))
}
