//! `cases`: names, what they are used for, and where the matter stands.

use std::borrow::Cow::{Borrowed, Owned};
use std::sync::Arc;

use panopticon_model::case::Case;

use super::Column;

/// The columns; rows are sorted by subject and class.
pub(crate) fn columns<'a>() -> Vec<Column<&'a Arc<Case>>> {
    vec![
        Column::text("case_id", |row| Owned(row.id.to_string())),
        Column::text("subject", |row| Borrowed(row.subject.as_str())),
        Column::text("registrable_domain", |row| Borrowed(row.registrable_domain.as_str())),
        Column::maybe_text("platform", |row| row.platform.as_deref().map(Borrowed)),
        Column::text("abuse_class", |row| Borrowed(row.abuse_class.as_str())),
        Column::text("status", |row| Borrowed(row.status.as_str())),
        Column::instant("first_seen", |row| row.first_seen),
        Column::maybe_instant("ended_at", |row| row.ended_at),
        Column::number("evidence_count", |row| u64::from(row.evidence_count)),
        Column::feeds("feed_ids", |row| &row.feed_ids),
        Column::maybe_flag("delegated", |row| row.delegated),
        Column::maybe_number("rank", |row| row.rank.map(u64::from)),
    ]
}

/// Puts rows in the order of the file.
pub(crate) fn sort(rows: &mut [&Arc<Case>]) {
    rows.sort_unstable_by(|a, b| (&a.subject, a.abuse_class.as_str()).cmp(&(&b.subject, b.abuse_class.as_str())));
}
