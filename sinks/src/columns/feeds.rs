//! `feeds`: how old the sources are, how many rows they gave, and what fails.

use std::borrow::Cow::Borrowed;

use panopticon_model::sighting::FeedId;
use panopticon_model::update::FeedState;
use panopticon_model::url::mask_mail;

use super::Column;

/// A row: the feed and what we know of it.
pub(crate) type FeedRow<'a> = (&'a FeedId, &'a FeedState);

/// The columns; rows are sorted by feed.
pub(crate) fn columns<'a>() -> Vec<Column<FeedRow<'a>>> {
    vec![
        Column::text("feed_id", |(feed, _)| Borrowed(feed.0.as_str())),
        Column::maybe_instant("as_of", |(_, state)| state.as_of),
        Column::maybe_instant("fetched_at", |(_, state)| state.fetched_at),
        Column::number("rows", |(_, state)| state.rows),
        Column::number("kept", |(_, state)| state.kept),
        Column::number("errors", |(_, state)| state.errors),
        Column::number("snapshots", |(_, state)| state.snapshots.len() as u64),
        Column::number("held", |(_, state)| state.held.len() as u64),
        Column::maybe_text("failure", |(_, state)| state.failure.as_deref().map(mask_mail)),
        Column::flag("lapsed", |(_, state)| state.lapsed),
    ]
}
