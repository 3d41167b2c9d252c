//! `indicators`: what is thought malicious on the day: an open interval or a running lease upholds each row.

use std::borrow::Cow::{self, Borrowed, Owned};
use std::ops::Deref;
use std::sync::Arc;

use panopticon_model::indicator::Indicator;
use panopticon_model::observation::Outcome;
use panopticon_model::url::mask_mail;

use super::Column;
use crate::measured::Measured;

/// A row: an indicator, and what was measured of it.
#[derive(Clone, Debug)]
pub(crate) struct IndicatorRow<'a> {
    pub(crate) indicator: &'a Arc<Indicator>,
    pub(crate) measured: Measured<'a>,
}

impl Deref for IndicatorRow<'_> {
    type Target = Indicator;

    fn deref(&self) -> &Indicator {
        self.indicator
    }
}

/// The columns; rows are sorted by registrable domain and observable.
pub(crate) fn columns<'a>() -> Vec<Column<IndicatorRow<'a>>> {
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
        // What was measured, as long as it counts. `a` and `b` are the two places.
        Column::maybe_text("delegation", |row| row.measured.delegation.map(word)),
        Column::maybe_text("quad9", |row| row.measured.filter.map(word)),
        Column::maybe_text("http_a", |row| row.measured.fetches[0][0].map(word)),
        Column::maybe_text("https_a", |row| row.measured.fetches[1][0].map(word)),
        Column::maybe_text("http_b", |row| row.measured.fetches[0][1].map(word)),
        Column::maybe_text("https_b", |row| row.measured.fetches[1][1].map(word)),
        Column::maybe_text("web_risk", |row| row.measured.web_risk.map(word)),
        Column::maybe_number("rank", |row| row.measured.rank.map(u64::from)),
        Column::maybe_instant("created_at", |row| row.measured.rdap?.created_at),
        Column::maybe_list("epp_statuses", |row| {
            Some(row.measured.rdap?.epp_statuses.iter().map(|status| Borrowed(status.as_str())).collect())
        }),
        Column::maybe_text("registrar", |row| Some(Borrowed(row.measured.rdap?.registrar.as_deref()?))),
        Column::maybe_flag("cloaking", |row| row.measured.cloaking),
        Column::flag("protected", |row| row.measured.protected),
    ]
}

fn word(outcome: Outcome) -> Cow<'static, str> {
    Borrowed(outcome.as_str())
}

/// Puts rows in the order of the file.
pub(crate) fn sort(rows: &mut [IndicatorRow<'_>]) {
    rows.sort_unstable_by(|a, b| {
        let key = |row: &IndicatorRow<'_>| (row.abuse_class.as_str(), row.id);
        let (x, y) = (&a.observable, &b.observable);
        (x.place.registrable_domain(), &x.canonical, key(a)).cmp(&(
            y.place.registrable_domain(),
            &y.canonical,
            key(b),
        ))
    });
}
