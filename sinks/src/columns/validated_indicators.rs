//! `validated_indicators`: what passes every gate of the policy; only these may lead to a notice.

use std::borrow::Cow::{Borrowed, Owned};
use std::sync::Arc;

use panopticon_model::judgement::Validated;
use panopticon_model::url::mask_mail;

use super::Column;

/// The columns; rows are sorted by registrable domain and observable.
pub(crate) fn columns<'a>() -> Vec<Column<&'a Arc<Validated>>> {
    vec![
        Column::text("indicator_id", |row| Owned(row.indicator.id.to_string())),
        Column::text("observable", |row| mask_mail(&row.indicator.observable.canonical)),
        Column::text("kind", |row| Borrowed(row.indicator.observable.kind.as_str())),
        Column::maybe_text("registrable_domain", |row| {
            row.indicator.observable.place.registrable_domain().map(Borrowed)
        }),
        Column::maybe_text("subject", |row| row.indicator.observable.place.subject().map(Borrowed)),
        Column::text("abuse_class", |row| Borrowed(row.indicator.abuse_class.as_str())),
        Column::feeds("feed_ids", |row| &row.indicator.feed_ids),
        Column::instant("first_seen", |row| row.indicator.first_seen),
        Column::maybe_list("confirmed_by", |row| {
            Some(row.confirmed_by.iter().map(|by| Borrowed(by.as_str())).collect())
        }),
        Column::instant("confirmed_at", |row| row.confirmed_at),
        Column::instant("valid_until", |row| row.valid_until),
    ]
}

/// Puts rows in the order of the file.
pub(crate) fn sort(rows: &mut [&Arc<Validated>]) {
    let key = |row: &&Arc<Validated>| {
        let observable = &row.indicator.observable;
        let domain = observable.place.registrable_domain().map(str::to_owned);
        (domain, observable.canonical.clone(), row.indicator.id)
    };
    rows.sort_by_cached_key(key);
}
