//! `indicators`: what is thought malicious on the day: an open interval or a running lease upholds each row.

use std::borrow::Cow::{Borrowed, Owned};
use std::sync::Arc;

use panopticon_model::indicator::Indicator;
use panopticon_model::url::mask_mail;

use super::Column;

/// The columns; rows are sorted by registrable domain and observable.
pub(crate) fn columns<'a>() -> Vec<Column<&'a Arc<Indicator>>> {
    vec![
        Column::text("indicator_id", |row| Owned(row.id.to_string())),
        Column::text("observable", |row| mask_mail(&row.observable.canonical)),
        Column::text("kind", |row| Borrowed(row.observable.kind.as_str())),
        Column::text("host", |row| Borrowed(row.observable.place.host())),
        Column::maybe_text("registrable_domain", |row| row.observable.place.registrable_domain().map(Borrowed)),
        Column::text("host_role", |row| Borrowed(row.observable.place.role().as_str())),
        Column::maybe_text("platform", |row| row.observable.place.platform().map(Borrowed)),
        Column::text("abuse_class", |row| Borrowed(row.abuse_class.as_str())),
        Column::feeds("feed_ids", |row| &row.feed_ids),
        Column::instant("first_seen", |row| row.first_seen),
        Column::maybe_instant("last_seen", |row| row.last_seen),
        Column::maybe_instant("ended_at", |row| row.ended_at),
        // The subject of the case that the row belongs to; of class `other` it may have joined another class.
        Column::maybe_text("subject", |row| row.observable.place.subject().map(Borrowed)),
    ]
}

/// Puts rows in the order of the file.
pub(crate) fn sort(rows: &mut [&Arc<Indicator>]) {
    rows.sort_unstable_by(|a, b| {
        let key = |row: &Indicator| (row.abuse_class.as_str(), row.id);
        let (x, y) = (&a.observable, &b.observable);
        (x.place.registrable_domain(), &x.canonical, key(a)).cmp(&(
            y.place.registrable_domain(),
            &y.canonical,
            key(b),
        ))
    });
}
