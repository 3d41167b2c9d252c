//! `feeds list|check|accept|catalogue|add|feedback`.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use clap::Subcommand;
use panopticon_model::time::Epoch;
use panopticon_model::view::View;
use panopticon_sources::feeds::catalogue::{CATALOGUE, Entry};
use serde_json::Value;

use super::feedback::feedback;
use super::output::Row;
use super::query::rows;
use super::{Format, Global, Printer, wall_clock};
use crate::config::{Config, Location};
use crate::wire::House;

/// List, check, accept and add feeds
#[derive(Debug, Subcommand)]
pub(crate) enum Feeds {
    /// The configured feeds: when they last were fetched and next will be, rows and faults, as of the last publication
    List {
        /// How to print the rows
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Fetch and read feeds without keeping anything; 4 if one has a fault
    Check {
        /// Only these feeds
        ids: Vec<String>,
        /// How to print the rows
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Feeds that the world offers, with their terms and where a key is to be had; needs no configuration
    Catalogue {
        /// How to print the rows
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Add a feed of the catalogue to the configuration
    Add {
        /// The feed, as `feeds catalogue` names it
        id: String,
    },
    /// What a feed still lists and should not, to send to its publisher: false positives and what was cleaned
    Feedback {
        /// The feed
        id: String,
        /// How to print the rows
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Let a snapshot count that was held back because the feed shrank too much
    Accept {
        /// The feed
        id: String,
        /// The instant of the decision, instead of the clock's
        #[arg(long, value_name = "INSTANT")]
        now: Option<Epoch>,
    },
}

impl Feeds {
    pub(crate) fn run(&self, global: &Global, printer: &Printer) -> anyhow::Result<ExitCode> {
        match self {
            Feeds::Catalogue { format } => catalogue(*format, printer),
            Feeds::Add { id } => add(&global.config()?, global, id, printer),
            Feeds::Feedback { id, format } => {
                let config = global.config()?;
                let is_known = config.feeds.iter().any(|feed| feed.id == *id);
                ensure!(is_known, "no feed `{id}` is configured in `{}`", global.config.display());
                let house = House::open(config.clone(), true)?;
                let found = feedback(&config, house.tables(), id)?;
                printer.rows(*format, &found.columns, &found.rows)?;
                if found.rows.is_empty() {
                    printer.remark("nothing that it lists is known to be wrong");
                }
                Ok(ExitCode::SUCCESS)
            }
            Feeds::List { format } => list(&global.config()?, *format, printer),
            Feeds::Check { ids, format } => check(global.config()?, global, ids, *format, printer),
            Feeds::Accept { id, now } => {
                let mut house = House::open(global.config()?, true)?;
                let now = house.start(*now, wall_clock())?;
                let report = house.accept_held(now, id)?;
                house.publish_today(now)?;
                printer.remark(&format!("{id}: {}; {} rows, {} ours", report.outcome, report.rows, report.kept));
                Ok(if report.failed { ExitCode::from(1) } else { ExitCode::SUCCESS })
            }
        }
    }
}

const OFFERED: [&str; 11] = [
    "id",
    "publisher",
    "format",
    "every",
    "absence",
    "removals",
    "licence",
    "tlp",
    "redistributable",
    "key_from",
    "url",
];

fn catalogue(format: Format, printer: &Printer) -> anyhow::Result<ExitCode> {
    let offered: Vec<Row> = CATALOGUE
        .iter()
        .map(|entry| {
            let (absence, removals) = entry.ends();
            let values: [Value; 11] = [
                entry.id.into(),
                entry.publisher.into(),
                entry.format.into(),
                entry.every.into(),
                absence.into(),
                removals.into(),
                entry.licence.into(),
                entry.tlp.as_str().into(),
                entry.redistributable.into(),
                entry.key.map_or(Value::Null, |key| key.whence.into()),
                entry.url.into(),
            ];
            OFFERED.iter().map(|column| (*column).to_owned()).zip(values).collect()
        })
        .collect();
    printer.rows(format, &OFFERED.map(str::to_owned), &offered)?;
    Ok(ExitCode::SUCCESS)
}

/// Appends the table of a feed to the configuration, which is read again before it counts.
fn add(config: &Config, global: &Global, id: &str, printer: &Printer) -> anyhow::Result<ExitCode> {
    let known = || CATALOGUE.iter().map(|entry| entry.id).collect::<Vec<_>>().join(", ");
    let entry = Entry::from_id(id);
    let entry =
        entry.with_context(|| format!("no feed of the catalogue is called `{id}`; there are {}", known()))?;
    let tlds: Vec<&str> = config.tlds.iter().map(|tld| tld.name.as_str()).collect();
    let mut tables = entry.placed(&tlds);
    tables.retain(|(id, _)| config.feeds.iter().all(|feed| feed.id != *id));
    ensure!(!tables.is_empty(), "`{}` has a feed `{id}` already", global.config.display());
    let added: Vec<&str> = tables.iter().map(|(id, _)| id.as_str()).collect();
    let text: String = tables.iter().map(|(id, url)| entry.table(id, url)).collect();
    let shown = || format!("cannot write `{}`", global.config.display());
    // Aside first: a configuration that cannot be read any more would stop the house.
    let before = std::fs::read_to_string(&global.config).with_context(shown)?;
    let folder = global.config.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut aside = tempfile::Builder::new()
        .permissions(std::fs::metadata(&global.config).with_context(shown)?.permissions())
        .tempfile_in(folder.unwrap_or(std::path::Path::new(".")))
        .with_context(shown)?;
    aside.write_all(format!("{}\n{}", before.trim_end(), text).as_bytes()).with_context(shown)?;
    Config::read(aside.path())?;
    aside.persist(&global.config).map_err(|error| error.error).with_context(shown)?;
    printer.remark(&format!(
        "{} is in `{}`: read its terms, then try `panopticon feeds check {}`",
        added.join(", "),
        global.config.display(),
        added.join(" ")
    ));
    if let Some(key) = entry.key {
        printer.remark(&format!(
            "its key comes from {}: enter it as `{} = \"…\"` in the secrets file",
            key.whence, key.secret
        ));
    }
    Ok(ExitCode::SUCCESS)
}

const COLUMNS: [&str; 12] = [
    "id",
    "format",
    "trusted",
    "from",
    "as_of",
    "fetched_at",
    "age",
    "next_at",
    "rows",
    "kept",
    "errors",
    "fault",
];

/// How long ago, in the two largest units.
fn age(from: Epoch, now: Epoch) -> String {
    let minutes = now.0.saturating_sub(from.0) / 60_000;
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

fn list(config: &Config, format: Format, printer: &Printer) -> anyhow::Result<ExitCode> {
    // Before the first publication there is nothing to know of the feeds yet.
    let known = rows(&config.output, View::Feeds, None, None, &[]).map(|found| found.rows).unwrap_or_default();
    let now = wall_clock();
    let of = |id: &str| known.iter().find(|row| row.get("feed_id").and_then(Value::as_str) == Some(id));
    let listed: Vec<Row> = config
        .feeds
        .iter()
        .map(|feed| {
            let state = |column: &str| of(&feed.id).and_then(|row| row.get(column)).cloned().unwrap_or_default();
            let held = state("held").as_u64().filter(|held| *held > 0).map(|_| "held back: see `feeds accept`");
            let fault = held.map_or_else(|| state("failure"), Value::from);
            let from = match &feed.location {
                Location::Path(path) => path.display().to_string(),
                Location::Url(url) => url.clone(),
            };
            let fetched = state("fetched_at").as_str().and_then(|at| at.parse::<Epoch>().ok());
            let values: [Value; 12] = [
                feed.id.as_str().into(),
                feed.format.as_str().into(),
                feed.trusted.into(),
                from.into(),
                state("as_of"),
                state("fetched_at"),
                fetched.map(|at| age(at, now)).into(),
                fetched.map(|at| at.plus(feed.every_ms).to_string()).into(),
                state("rows"),
                state("kept"),
                state("errors"),
                fault,
            ];
            COLUMNS.iter().map(|column| (*column).to_owned()).zip(values).collect()
        })
        .collect();
    printer.rows(format, &COLUMNS.map(str::to_owned), &listed)?;
    Ok(ExitCode::SUCCESS)
}

/// Reads the feeds into a state that is thrown away: the same code, and nothing of it stays.
fn check(
    config: Config,
    global: &Global,
    ids: &[String],
    format: Format,
    printer: &Printer,
) -> anyhow::Result<ExitCode> {
    let which: Vec<usize> = match ids {
        [] => (0..config.feeds.len()).collect(),
        ids => ids
            .iter()
            .map(|id| {
                let found = config.feeds.iter().position(|feed| feed.id == *id);
                found.ok_or_else(|| crate::wire::WireError::NoFeed(id.clone()))
            })
            .collect::<Result<_, _>>()?,
    };
    let folder = tempfile::tempdir()?;
    let config = Config { state: folder.path().join("state"), output: folder.path().join("out"), ..config };
    let mut house = House::open(config, global.offline)?;
    let now = house.start(Some(wall_clock()), wall_clock())?;
    let reports = house.read_feeds(now, &which, &mut |_| {})?;
    let columns = ["id", "outcome", "rows", "kept", "errors"].map(str::to_owned);
    let listed: Vec<Row> = reports
        .iter()
        .map(|report| {
            let values: [Value; 5] = [
                report.id.as_str().into(),
                report.outcome.as_str().into(),
                report.rows.into(),
                report.kept.into(),
                report.errors.into(),
            ];
            columns.iter().cloned().zip(values).collect()
        })
        .collect();
    printer.rows(format, &columns, &listed)?;
    let faulty = reports.iter().any(|report| report.failed || report.errors > 0);
    Ok(if faulty { ExitCode::from(4) } else { ExitCode::SUCCESS })
}
