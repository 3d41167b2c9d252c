//! `campaigns`: names that came on one day and share what is rare in their zone.

use std::borrow::Cow::{Borrowed, Owned};

use compact_str::CompactString;
use panopticon_model::campaign::{Campaign, CampaignKey};

use super::Column;

/// A name of a campaign.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CampaignRow<'a> {
    pub(crate) name: &'a CompactString,
    pub(crate) key: &'a CampaignKey,
    pub(crate) campaign: &'a Campaign,
}

/// Rows in the order of the file: by name, day, and what is shared.
pub(crate) fn sort(rows: &mut [CampaignRow<'_>]) {
    rows.sort_unstable_by_key(|row| (row.name, row.key));
}

/// The columns.
pub(crate) fn columns<'a>() -> Vec<Column<CampaignRow<'a>>> {
    vec![
        Column::text("name", |row| Borrowed(row.name.as_str())),
        Column::text("day", |row| Owned(row.key.day.to_string())),
        Column::text("kind", |row| Borrowed(row.key.shared.kind())),
        Column::text("shared", |row| Borrowed(row.key.shared.text())),
        Column::number("names", |row| row.campaign.names.len() as u64),
        Column::number("others", |row| row.campaign.others),
    ]
}
