//! `errors`: lines that could not be read, and sources that could not be fetched.

use std::borrow::Cow::{Borrowed, Owned};

use panopticon_model::update::{ErrorKey, LineError};
use panopticon_model::url::mask_mail;

use super::Column;

/// A row: where the line is, and what is wrong with it.
pub(crate) type ErrorRow<'a> = (&'a ErrorKey, &'a LineError);

/// The columns; rows are sorted by feed and line.
pub(crate) fn columns<'a>() -> Vec<Column<ErrorRow<'a>>> {
    vec![
        Column::text("feed_id", |(key, _)| Borrowed(key.source.0.as_str())),
        Column::text("line_id", |(key, _)| Owned(key.line.to_string())),
        // From 1; 0 when the whole source is meant.
        Column::number("line_number", |(_, error)| error.line_number),
        Column::text("message", |(_, error)| mask_mail(&error.message)),
        Column::text("sample", |(_, error)| mask_mail(&error.sample)),
    ]
}

/// Puts rows in the order of the file.
pub(crate) fn sort(rows: &mut [ErrorRow<'_>]) {
    rows.sort_unstable_by_key(|(key, error)| (&key.source, error.line_number, key.line));
}
