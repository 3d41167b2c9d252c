//! `evidence`: who said what of an observable, and from when to when; intervals that ended are kept.

use std::borrow::Cow::{self, Borrowed, Owned};

use panopticon_model::id::Id;
use panopticon_model::observable::Place;
use panopticon_model::sighting::{Interval, Sighting, SightingKey, indicator_id};
use panopticon_model::url::mask_mail;

use super::Column;

/// A row, borrowed from the sighting whose interval it is.
#[derive(Clone, Copy)]
pub(crate) struct EvidenceRow<'a> {
    pub(crate) indicator_id: Id,
    pub(crate) key: &'a SightingKey,
    pub(crate) sighting: &'a Sighting,
    pub(crate) interval: &'a Interval,
}

impl<'a> EvidenceRow<'a> {
    /// The rows of a sighting, one an interval.
    pub(crate) fn of(key: &'a SightingKey, sighting: &'a Sighting) -> impl Iterator<Item = EvidenceRow<'a>> {
        let indicator_id = indicator_id(sighting.observable.id, sighting.abuse_class);
        sighting.intervals.iter().map(move |interval| EvidenceRow { indicator_id, key, sighting, interval })
    }
}

/// The columns; rows are sorted by indicator, feed, entry and start.
pub(crate) fn columns<'a>() -> Vec<Column<EvidenceRow<'a>>> {
    vec![
        Column::text("indicator_id", |row| Owned(row.indicator_id.to_string())),
        Column::text("feed_id", |row| Borrowed(row.key.feed.0.as_str())),
        Column::text("entry_id", |row| Owned(mask_mail(&row.key.entry.to_string()).into_owned())),
        Column::text("label", |row| mask_mail(&row.sighting.label)),
        Column::instant("first_seen", |row| row.interval.first_seen),
        Column::maybe_instant("ended_at", |row| row.interval.ended_at()),
        Column::maybe_text("end", |row| row.interval.end().map(|end| Borrowed(end.as_str()))),
        Column::maybe_number("confidence", |row| row.sighting.confidence.map(u64::from)),
        // When the feed says that it learned of the entry, and that it last saw the target at work.
        Column::maybe_instant("reported_at", |row| row.sighting.reported_at),
        Column::maybe_instant("last_seen", |row| row.sighting.last_seen),
        Column::maybe_text("brand", |row| row.sighting.brand.as_deref().map(mask_mail)),
        // What ended is not in `indicators` any more: the row says itself what it is about.
        Column::text("abuse_class", |row| Borrowed(row.sighting.abuse_class.as_str())),
        Column::text("observable", |row| mask_mail(&row.sighting.observable.canonical)),
        Column::maybe_text("registrable_domain", |row| place(row, Place::registrable_domain)),
        Column::maybe_text("subject", |row| place(row, Place::subject)),
    ]
}

fn place<'r>(row: &'r EvidenceRow<'_>, part: fn(&Place) -> Option<&str>) -> Option<Cow<'r, str>> {
    part(&row.sighting.observable.place).map(Borrowed)
}

/// Puts rows in the order of the file.
pub(crate) fn sort(rows: &mut [EvidenceRow<'_>]) {
    rows.sort_unstable_by(|a, b| {
        (a.indicator_id, a.key, a.interval.first_seen).cmp(&(b.indicator_id, b.key, b.interval.first_seen))
    });
}
