//! Rows for people and for programs: a table, JSON or CSV.

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;
use serde_json::Value;

use crate::records::Head;

/// A form of output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Table,
    /// One document.
    Json,
    /// A header and a line a row.
    Csv,
}

/// What is shown.
pub struct Shown<'a, R> {
    /// The name and version of the JSON form.
    pub schema: &'a str,
    /// All columns, in the order in which CSV has them.
    pub all: &'a [&'a str],
    /// The columns of the table.
    pub columns: &'a [&'a str],
    /// The rows.
    pub rows: &'a [R],
}

#[derive(Serialize)]
struct Document<'a, R> {
    schema: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tld: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    day: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<String>,
    rows: &'a [R],
}

/// Rows of records as text.
///
/// # Errors
/// [`serde_json::Error`] when a row cannot be shown: a fault of the program.
pub fn render<R: Serialize>(
    head: &Head,
    shown: &Shown<'_, R>,
    format: Format,
) -> Result<String, serde_json::Error> {
    form(Some(head), shown, format)
}

/// Rows that belong to no records, as text.
///
/// # Errors
/// [`serde_json::Error`] when a row cannot be shown: a fault of the program.
pub fn plain<R: Serialize>(shown: &Shown<'_, R>, format: Format) -> Result<String, serde_json::Error> {
    form(None, shown, format)
}

fn form<R: Serialize>(
    head: Option<&Head>,
    shown: &Shown<'_, R>,
    format: Format,
) -> Result<String, serde_json::Error> {
    if format == Format::Json {
        let document = Document {
            schema: shown.schema,
            tld: head.map(|head| head.tld.as_str()),
            day: head.map(|head| head.day.to_string()),
            as_of: head.map(|head| head.as_of.to_string()),
            rows: shown.rows,
        };
        return Ok(serde_json::to_string_pretty(&document)? + "\n");
    }
    let rows = shown.rows.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>()?;
    Ok(if format == Format::Csv { csv(shown.all, &rows) } else { table(shown.columns, &rows) })
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(values)) => values.iter().map(|value| cell(Some(value))).collect::<Vec<_>>().join(","),
        Some(other) => other.to_string(),
    }
}

fn csv(columns: &[&str], rows: &[Value]) -> String {
    let quoted = |text: String| {
        let special = text.contains([',', '"', '\n', '\r']);
        if special { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
    };
    let mut text = columns.join(",") + "\r\n";
    for row in rows {
        let cells: Vec<String> = columns.iter().map(|column| quoted(cell(row.get(column)))).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

fn table(columns: &[&str], rows: &[Value]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(columns.iter().map(|column| column.replace('_', " ").to_uppercase()));
    for row in rows {
        table.add_row(columns.iter().map(|column| cell(row.get(column))));
    }
    // Every cell has a blank on each side: the outer ones say nothing.
    let trimmed = |line: String| line.strip_prefix(' ').unwrap_or(&line).trim_end().to_owned() + "\n";
    table.lines().map(trimmed).collect()
}
