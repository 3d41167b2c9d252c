//! `feed_scores`: what each feed is worth to a TLD.

use std::borrow::Cow::Borrowed;

use panopticon_model::derived::FeedScore;
use panopticon_model::sighting::FeedId;

use super::Column;

/// A row: the feed and its score.
pub(crate) type FeedScoreRow<'a> = (&'a FeedId, &'a FeedScore);

/// The columns; rows are sorted by feed.
pub(crate) fn columns<'a>() -> Vec<Column<FeedScoreRow<'a>>> {
    vec![
        Column::text("feed_id", |(feed, _)| Borrowed(feed.0.as_str())),
        Column::number("live", |(_, score)| score.live),
        Column::number("unique", |(_, score)| score.unique),
        Column::number("first", |(_, score)| score.first),
        Column::number("confirmed", |(_, score)| score.confirmed),
        Column::number("denied", |(_, score)| score.denied),
        Column::number("dead_on_arrival", |(_, score)| score.dead_on_arrival),
        Column::number("withdrawn", |(_, score)| score.withdrawn),
    ]
}
