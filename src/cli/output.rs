//! What the person at the terminal sees: the only place that prints.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Map, Value};

use super::Global;
use crate::config::ConfigError;
use crate::wire::{ClockError, WireError};

/// How rows are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table for people
    #[default]
    Table,
    /// One JSON array
    Json,
    /// Comma-separated values with a header
    Csv,
    /// One JSON object a line
    Jsonl,
}

/// A row: columns with their values, in order.
pub(crate) type Row = Map<String, Value>;

/// Prints; broken pipes end the program quietly.
pub(crate) struct Printer {
    quiet: bool,
}

impl Printer {
    pub(crate) fn new(quiet: bool) -> Printer {
        Printer { quiet }
    }

    /// Data, to stdout, with a line feed.
    pub(crate) fn data(&self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.write_all(b"\n")
    }

    /// A remark for the person, to stderr.
    #[expect(clippy::print_stderr, reason = "the one place that prints remarks")]
    pub(crate) fn remark(&self, text: &str) {
        if !self.quiet {
            eprintln!("{text}");
        }
    }

    /// A warning, to stderr; `--quiet` does not silence it.
    #[expect(clippy::print_stderr, reason = "the one place that prints warnings")]
    pub(crate) fn warning(&self, text: &str) {
        eprintln!("warning: {text}");
    }

    /// Rows, to stdout. `columns` gives their order and stands for an empty result.
    pub(crate) fn rows(&self, format: Format, columns: &[String], rows: &[Row]) -> io::Result<()> {
        let text = text(format, columns, rows)?;
        if text.is_empty() { Ok(()) } else { self.data(&text) }
    }

    /// Why a command failed: the error, its causes, and what to do.
    #[expect(clippy::print_stderr, reason = "the one place that prints errors")]
    pub(crate) fn failure(&self, error: &anyhow::Error) -> ExitCode {
        let broken_pipe = |cause: &(dyn std::error::Error + 'static)| {
            cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
        };
        if error.chain().any(broken_pipe) {
            return ExitCode::SUCCESS;
        }
        eprintln!("error: {error}");
        for cause in error.chain().skip(1) {
            eprintln!("  caused by: {cause}");
        }
        if let Some(hint) = error.chain().find_map(hint) {
            eprintln!("\nhint: {hint}");
        }
        let is_fault = |cause: &(dyn std::error::Error + 'static)| {
            cause.downcast_ref::<WireError>().is_some_and(WireError::is_fault)
        };
        ExitCode::from(if error.chain().any(is_fault) { 2 } else { 1 })
    }
}

fn hint(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    if let Some(error) = error.downcast_ref::<ConfigError>() {
        return error.hint();
    }
    if let Some(error) = error.downcast_ref::<WireError>() {
        return error.hint();
    }
    error.downcast_ref::<ClockError>().map(ClockError::hint)
}

/// A progress bar on stderr, unless nobody wants one.
pub(crate) fn progress_bar(global: &Global, template: &str) -> ProgressBar {
    let target = match global.quiet || global.no_progress {
        true => ProgressDrawTarget::hidden(),
        false => ProgressDrawTarget::stderr(),
    };
    let bar = ProgressBar::with_draw_target(Some(1), target);
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

/// Rows in a format; `columns` gives their order.
pub(crate) fn text(format: Format, columns: &[String], rows: &[Row]) -> io::Result<String> {
    Ok(match format {
        Format::Table => table(columns, rows),
        Format::Json => serde_json::to_string_pretty(rows)?,
        Format::Jsonl => {
            let lines: Result<Vec<String>, _> = rows.iter().map(serde_json::to_string).collect();
            lines?.join("\n")
        }
        Format::Csv => csv(columns, rows),
    })
}

/// A value as people read it.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

fn table(columns: &[String], rows: &[Row]) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(columns);
    for row in rows {
        table.add_row(columns.iter().map(|column| row.get(column).map(plain).unwrap_or_default()));
    }
    let text = table.to_string();
    text.lines().map(|line| line.trim_start_matches(' ').trim_end()).collect::<Vec<_>>().join("\n")
}

fn csv(columns: &[String], rows: &[Row]) -> String {
    let quote = |text: &str| {
        if text.contains([',', '"', '\n', '\r']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text.to_owned()
        }
    };
    let mut lines = vec![columns.iter().map(|column| quote(column)).collect::<Vec<_>>().join(",")];
    for row in rows {
        let cells = columns.iter().map(|column| quote(&row.get(column).map(plain).unwrap_or_default()));
        lines.push(cells.collect::<Vec<_>>().join(","));
    }
    lines.join("\n")
}
