//! Truth tables: files of tab-separated columns in `tests/data`, with comments.

/// The rows of a table, each with the line for a message.
pub(super) fn rows(table: &str) -> impl Iterator<Item = (&str, Vec<&str>)> {
    let lines = table.lines().filter(|line| !line.is_empty() && !line.starts_with("# "));
    lines.map(|line| (line, line.split('\t').collect()))
}

/// A table with its place.
macro_rules! table {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/", $name))
    };
}

pub(super) use table;
