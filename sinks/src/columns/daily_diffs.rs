//! `daily_diffs`: what a day changed, net, and why.

use std::borrow::Cow::{Borrowed, Owned};

use panopticon_model::diff::DiffRow;
use panopticon_model::time::Day;

use super::Column;

/// A diff and the day whose diff it is. In Parquet the day is in the path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DatedDiff {
    /// The day.
    pub day: Day,
    /// What it changed.
    pub row: DiffRow,
}

/// The columns; rows are sorted by subject and id.
pub(crate) fn columns<'a>() -> Vec<Column<&'a DiffRow>> {
    vec![
        Column::text("changed_view", |row| Borrowed(row.changed_view().as_str())),
        Column::text("subject_id", |row| Owned(row.subject_id.to_string())),
        Column::text("subject", |row| Borrowed(row.subject.as_str())),
        Column::text("change", |row| Borrowed(row.change.as_str())),
        Column::text("cause", |row| Borrowed(row.cause.as_str())),
        Column::maybe_compared("before", |row| row.before.as_ref()),
        Column::maybe_compared("after", |row| row.after.as_ref()),
    ]
}

/// The columns with the day in front, for files that hold several days.
pub(crate) fn dated_columns<'a>() -> Vec<Column<&'a DatedDiff>> {
    vec![
        Column::text("day", |diff| Owned(diff.day.to_string())),
        Column::text("changed_view", |diff| Borrowed(diff.row.changed_view().as_str())),
        Column::text("subject_id", |diff| Owned(diff.row.subject_id.to_string())),
        Column::text("subject", |diff| Borrowed(diff.row.subject.as_str())),
        Column::text("change", |diff| Borrowed(diff.row.change.as_str())),
        Column::text("cause", |diff| Borrowed(diff.row.cause.as_str())),
        Column::maybe_compared("before", |diff| diff.row.before.as_ref()),
        Column::maybe_compared("after", |diff| diff.row.after.as_ref()),
    ]
}

/// Puts rows in the order of the file.
pub(crate) fn sort(rows: &mut [&DiffRow]) {
    rows.sort_unstable_by(|a, b| (&a.subject, a.subject_id).cmp(&(&b.subject, b.subject_id)));
}
