//! `typosquats`: registered domains that imitate a protected name, a row for each way in which they do.

use std::borrow::Cow::{self, Borrowed, Owned};

use panopticon_model::lookalike::{Technique, Typosquat};

use super::Column;

/// A pair, and one of its techniques with what was done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TyposquatRow<'a> {
    pub(crate) pair: &'a Typosquat,
    pub(crate) technique: Technique,
    pub(crate) edit: &'a str,
}

impl<'a> TyposquatRow<'a> {
    /// The rows of a pair.
    pub(crate) fn of(pair: &'a Typosquat) -> impl Iterator<Item = TyposquatRow<'a>> {
        pair.findings.iter().map(move |(technique, edit)| TyposquatRow { pair, technique: *technique, edit })
    }
}

/// The columns; rows are sorted by name, target and technique.
pub(crate) fn columns<'a>() -> Vec<Column<TyposquatRow<'a>>> {
    vec![
        Column::text("name", |row| Borrowed(row.pair.name.as_str())),
        Column::text("target", |row| Borrowed(row.pair.target.as_str())),
        Column::text("technique", |row| Borrowed(row.technique.as_str())),
        Column::text("edit", |row| Borrowed(row.edit)),
        Column::integer("score", |row| row.pair.score.into()),
        Column::text("tier", |row| Borrowed(row.pair.tier.as_str())),
        Column::maybe_text("suppressed_by", |row| row.pair.suppressed_by.map(|why| Borrowed(why.as_str()))),
        // One text a term: its points and its word.
        Column::maybe_list("terms", |row| Some(row.pair.terms.iter().map(term).collect())),
        Column::maybe_instant("entered_at", |row| row.pair.entered_at),
    ]
}

fn term((word, points): &(compact_str::CompactString, i32)) -> Cow<'static, str> {
    Owned(format!("{points:+} {word}"))
}
