//! `algorithmic_names`: registered domains that look as if a machine had made them.

use std::borrow::Cow::Borrowed;
use std::sync::Arc;

use panopticon_model::lookalike::AlgorithmicName;

use super::Column;

/// The columns; rows are sorted by name.
pub(crate) fn columns<'a>() -> Vec<Column<&'a Arc<AlgorithmicName>>> {
    vec![
        Column::text("name", |row| Borrowed(row.name.as_str())),
        Column::integer("score", |row| row.score.into()),
        Column::integer("cut_off", |row| row.cut_off.into()),
        Column::maybe_list("reasons", |row| {
            Some(row.reasons.iter().map(|reason| Borrowed(reason.as_str())).collect())
        }),
        Column::maybe_text("suppressed_by", |row| row.suppressed_by.map(|why| Borrowed(why.as_str()))),
        Column::maybe_instant("entered_at", |row| row.entered_at),
    ]
}
