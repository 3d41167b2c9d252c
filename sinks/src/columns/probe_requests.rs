//! `probe_requests`: what is to be measured, and what comes first.

use std::borrow::Cow::Borrowed;
use std::sync::Arc;

use panopticon_model::observation::Request;
use panopticon_model::url::mask_mail;

use super::Column;

/// The columns; rows are sorted by priority and target.
pub(crate) fn columns<'a>() -> Vec<Column<&'a Arc<Request>>> {
    vec![
        Column::text("kind", |row| Borrowed(row.key.kind.as_str())),
        Column::text("target", |row| mask_mail(&row.key.target)),
        Column::text("vantage", |row| Borrowed(row.key.vantage.as_str())),
        Column::number("priority", |row| u64::from(row.priority)),
    ]
}

/// Puts rows in the order of the file.
pub(crate) fn sort(rows: &mut [&Arc<Request>]) {
    rows.sort_unstable_by(|a, b| (a.priority, &a.key).cmp(&(b.priority, &b.key)));
}
