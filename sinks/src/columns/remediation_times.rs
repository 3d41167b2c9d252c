//! `remediation_times`: how long it took until what was reported was gone.

use std::borrow::Cow::{Borrowed, Owned};

use panopticon_model::derived::RemediationTime;

use super::Column;

/// The columns; rows are sorted by subject and class.
pub(crate) fn columns<'a>() -> Vec<Column<&'a RemediationTime>> {
    vec![
        Column::text("case_id", |row| Owned(row.case.id.to_string())),
        Column::text("subject", |row| Borrowed(row.case.subject.as_str())),
        Column::text("registrable_domain", |row| Borrowed(row.case.registrable_domain.as_str())),
        Column::text("abuse_class", |row| Borrowed(row.case.abuse_class.as_str())),
        Column::instant("first_seen", |row| row.case.first_seen),
        Column::instant("ended_at", |row| row.ended_at),
        Column::number("days", |row| row.days()),
        Column::maybe_text("registrar", |row| row.registrar.as_deref().map(Borrowed)),
        Column::maybe_text("remedy", |row| row.remedy.map(|remedy| Borrowed(remedy.as_str()))),
        Column::maybe_instant("validated_at", |row| row.validated_at),
    ]
}

/// Puts rows in the order of the file.
pub(crate) fn sort(rows: &mut [&RemediationTime]) {
    rows.sort_unstable_by_key(|row| (&row.case.subject, row.case.abuse_class.as_str()));
}
