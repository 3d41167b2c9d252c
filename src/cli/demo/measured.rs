//! What the probes said of every listed target, what the open cases are, and what no feed has, as tables for people.

use std::path::Path;

use panopticon_model::time::Day;
use panopticon_model::view::View;
use serde_json::Value;

use crate::cli::output::{Format, Printer, Row, plain};
use crate::cli::query::rows;

/// Prints a row for each indicator of a day, with the outcome of every probe.
pub(super) fn show(out: &Path, day: Day, printer: &Printer) -> anyhow::Result<()> {
    let mut found = rows(out, View::Indicators, None, Some(day), &[])?;
    found.rows.retain(|row| row.get("subject").is_some_and(Value::is_string));
    found.rows.iter_mut().for_each(for_people);
    found.columns =
        ["observable", "delegation", "quad9", "http", "https", "web risk", "registered", "registrar", "rank"]
            .map(str::to_owned)
            .into();
    Ok(printer.rows(Format::Table, &found.columns, &found.rows)?)
}

/// Adds what both places saw in one column, and days without hours.
fn for_people(row: &mut Row) {
    let text = |row: &Row, column: &str| row.get(column).map(plain).filter(|text| !text.is_empty());
    for scheme in ["http", "https"] {
        let places =
            ["a", "b"].map(|place| text(row, &format!("{scheme}_{place}")).unwrap_or_else(|| "-".to_owned()));
        let both = if places[0] == places[1] { places[0].clone() } else { places.join(" / ") };
        row.insert(scheme.to_owned(), both.into());
    }
    let created = text(row, "created_at").and_then(|at| Some(at.split_once('T')?.0.to_owned()));
    row.insert("registered".to_owned(), created.map_or(Value::Null, Value::String));
    let risk = text(row, "web_risk");
    row.insert("web risk".to_owned(), risk.map_or(Value::Null, Value::String));
}

/// Prints a row for each open case of a day: what it is, why, and whether it is validated.
pub(super) fn judged(out: &Path, day: Day, printer: &Printer) -> anyhow::Result<()> {
    let mut found = rows(out, View::Remedies, None, Some(day), &[])?;
    for row in &mut found.rows {
        let text = |column: &str| row.get(column).map(plain).unwrap_or_default();
        let validated = match text("denied") {
            denied if denied.is_empty() => "validated".to_owned(),
            denied => denied,
        };
        let because = text("reasons").replace(',', ", ");
        row.insert("confirmed".to_owned(), validated.into());
        row.insert("because".to_owned(), because.into());
    }
    found.columns =
        ["subject", "abuse_class", "remedy", "score", "confirmed", "because"].map(str::to_owned).into();
    Ok(printer.rows(Format::Table, &found.columns, &found.rows)?)
}

/// Prints a row for each name that no feed has and that somebody should look at.
pub(super) fn high_risk(out: &Path, day: Day, printer: &Printer) -> anyhow::Result<()> {
    let mut found = rows(out, View::HighRiskNames, None, Some(day), &[])?;
    for row in &mut found.rows {
        let entered = row.get("entered_at").map(plain).unwrap_or_default();
        let entered = entered.split_once('T').map_or("before", |(day, _)| day).to_owned();
        row.insert("entered".to_owned(), entered.into());
    }
    found.columns = ["name", "tier", "score", "target", "techniques", "entered"].map(str::to_owned).into();
    Ok(printer.rows(Format::Table, &found.columns, &found.rows)?)
}
