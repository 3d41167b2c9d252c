//! `remedies`: what an open case is, why, and who can fix it.

use std::borrow::Cow::{self, Borrowed, Owned};
use std::sync::Arc;

use compact_str::CompactString;
use panopticon_model::judgement::Remedy;
use panopticon_model::url::mask_mail;

use super::Column;

/// The columns; rows are sorted by subject and class.
pub(crate) fn columns<'a>() -> Vec<Column<&'a Arc<Remedy>>> {
    vec![
        Column::text("case_id", |row| Owned(row.case_id.to_string())),
        Column::text("subject", |row| Borrowed(row.subject.as_str())),
        Column::text("registrable_domain", |row| Borrowed(row.registrable_domain.as_str())),
        Column::text("abuse_class", |row| Borrowed(row.abuse_class.as_str())),
        Column::text("remedy", |row| Borrowed(row.kind.as_str())),
        Column::integer("score", |row| i64::from(row.score)),
        Column::flag("validated", |row| row.validated),
        Column::maybe_text("denied", |row| row.denied.as_deref().map(Borrowed)),
        Column::maybe_text("held_back", |row| row.held_back.as_deref().map(Borrowed)),
        // One text a signal: its weight, its word, and what exactly.
        Column::maybe_list("reasons", |row| Some(row.reasons.iter().map(reason).collect())),
        Column::maybe_list("parties", |row| {
            Some(row.parties.iter().map(|party| Borrowed(party.as_str())).collect())
        }),
        Column::maybe_text("registrar", |row| row.registrar.as_deref().map(Borrowed)),
        Column::maybe_list("addresses", |row| Some(texts(&row.addresses))),
        Column::maybe_list("name_servers", |row| Some(texts(&row.name_servers))),
    ]
}

fn reason(reason: &panopticon_model::judgement::Reason) -> Cow<'static, str> {
    let (weight, word) = (reason.signal.weight(), reason.signal.as_str());
    let detail = mask_mail(&reason.detail);
    Owned(format!("{weight:+} {word} {detail}").trim_end().to_owned())
}

fn texts(list: &[CompactString]) -> Vec<Cow<'_, str>> {
    list.iter().map(|text| Borrowed(text.as_str())).collect()
}

/// Puts rows in the order of the file.
pub(crate) fn sort(rows: &mut [&Arc<Remedy>]) {
    rows.sort_unstable_by(|a, b| (&a.subject, a.abuse_class.as_str()).cmp(&(&b.subject, b.abuse_class.as_str())));
}
