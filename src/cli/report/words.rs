//! Small words that reports share: cells of rows, counts, names that nobody should click, and the lines to type.

use std::collections::BTreeMap;

use panopticon_model::time::{DAY_MS, Day, Epoch};
use serde_json::Value;

use super::super::output::{Row, plain};

/// Letters of a cell at most.
const LONGEST: usize = 120;

/// The text of a cell; empty where there is none.
pub(super) fn text(row: &Row, column: &str) -> String {
    row.get(column).map(plain).unwrap_or_default()
}

/// The number of a cell; zero where there is none.
pub(super) fn number(row: &Row, column: &str) -> u64 {
    row.get(column).and_then(Value::as_u64).unwrap_or_default()
}

/// Whether a cell is `true`.
pub(super) fn flag(row: &Row, column: &str) -> bool {
    row.get(column).and_then(Value::as_bool).unwrap_or_default()
}

/// A list as people read it.
pub(super) fn list(row: &Row, column: &str) -> String {
    text(row, column).replace(',', ", ")
}

/// The instant of a cell.
pub(super) fn instant(row: &Row, column: &str) -> Option<Epoch> {
    row.get(column)?.as_str()?.parse().ok()
}

/// A row of a report.
pub(super) fn row<const N: usize>(cells: [(&str, Value); N]) -> Row {
    cells.into_iter().map(|(column, value)| (column.to_owned(), value)).collect()
}

/// How many rows have each text in a column.
pub(super) fn tally<'a>(rows: impl IntoIterator<Item = &'a Row>, column: &str) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(text(row, column)).or_default() += 1;
    }
    counts
}

/// The same as a filter of `query`: what is withdrawn has no end of its own while its feeds uphold it.
pub(super) const OPEN: &str = "ended_at= status!=withdrawn";

/// Whether a case is open.
pub(super) fn is_open(case: &Row) -> bool {
    matches!(text(case, "status").as_str(), "new" | "active" | "recurred")
}

/// What a change is about: its class after it, or before where nothing is left.
pub(super) fn class_of(diff: &Row) -> String {
    let either = state(diff, "after").or_else(|| state(diff, "before"));
    either.map(|state| text(&state, "abuse_class")).unwrap_or_default()
}

/// What a change says of its case, in the column `before` or `after`.
pub(super) fn state(diff: &Row, column: &str) -> Option<Row> {
    serde_json::from_str(diff.get(column)?.as_str()?).ok()
}

/// Whole days between two instants.
pub(super) fn whole_days(from: Epoch, to: Epoch) -> u64 {
    to.0.saturating_sub(from.0) / DAY_MS
}

/// The day of an instant in a cell.
pub(super) fn date(row: &Row, column: &str) -> Value {
    instant(row, column).map_or(Value::Null, |at| at.day().to_string().into())
}

/// `1 case`, `2 cases`.
pub(super) fn many(count: u64, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

/// `is` or `are`.
pub(super) fn are(count: u64) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

/// `was` or `were`.
pub(super) fn were(count: u64) -> &'static str {
    if count == 1 { "was" } else { "were" }
}

/// A URL or name that no program makes a link of.
pub(super) fn defanged(observable: &str) -> String {
    let (scheme, rest) = observable.split_once("://").unwrap_or(("", observable));
    let (host, page) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let scheme = if scheme.is_empty() { String::new() } else { format!("{}://", scheme.replace("tt", "xx")) };
    format!("{scheme}{}{page}", host.replace('.', "[.]"))
}

/// Text for a cell of a page: of a long one the beginning and the end.
pub(super) fn shortened(text: String) -> String {
    let count = text.chars().count();
    if count <= LONGEST {
        return text;
    }
    let (begin, end) = (text.chars().take(LONGEST * 2 / 3), text.chars().skip(count - LONGEST / 4));
    begin.chain(std::iter::once('…')).chain(end).collect()
}

/// The line that gives the rows of a view of a day.
pub(super) fn query(view: &str, tld: &str, day: Day, filter: &str) -> String {
    format!("panopticon query {view} --tld {tld} --as-of {day} {filter}").trim_end().to_owned()
}

/// The line that gives the rows of a view of several days.
pub(super) fn query_days(view: &str, tld: &str, days: impl Iterator<Item = Day>, filter: &str) -> String {
    let days: Vec<String> = days.map(|day| day.to_string()).collect();
    let ask = format!("panopticon query {view} --tld {tld} --as-of $d {filter}");
    format!("for d in {}; do {}; done", days.join(" "), ask.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_keeps_its_ends() {
        let of = |text: &str| shortened(text.to_owned());
        assert_eq!(of("hxxp://a[.]xx/"), "hxxp://a[.]xx/");
        assert_eq!(of(&"ä".repeat(LONGEST)), "ä".repeat(LONGEST));
        let long = of(&format!("begin{}end", "é".repeat(3000)));
        assert!(long.starts_with("beginé") && long.contains("é…é") && long.ends_with("éend"), "{long}");
        assert!(long.chars().count() <= LONGEST, "{long}");
    }
}
