//! The cases of a TLD, as the registry's people want to see them.

use panopticon_model::time::Epoch;
use serde::Serialize;

use crate::records::{Records, RecordsError, Row};

/// A case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseLine {
    /// Its id.
    pub case_id: String,
    /// The name that it is about.
    pub subject: String,
    /// The name that the registry registered.
    pub registrable_domain: String,
    /// The platform that the subject is a customer of.
    pub platform: Option<String>,
    /// What the name is said to be used for.
    pub abuse_class: String,
    /// Where the case stands.
    pub status: String,
    /// When the first interval that counts began.
    pub first_seen: String,
    /// When the last interval ended.
    pub ended_at: Option<String>,
    /// Evidence rows that count.
    pub evidence_count: i64,
    /// The feeds of that evidence.
    pub feed_ids: Vec<String>,
    /// Whether the zone delegates the registrable domain.
    pub delegated: Option<bool>,
    /// The place of the registrable domain in the ranking.
    pub rank: Option<i64>,
}

impl CaseLine {
    /// The names of the fields, in their order.
    pub const COLUMNS: [&str; 12] = [
        "case_id",
        "subject",
        "registrable_domain",
        "platform",
        "abuse_class",
        "status",
        "first_seen",
        "ended_at",
        "evidence_count",
        "feed_ids",
        "delegated",
        "rank",
    ];

    /// Whether a feed upholds the case.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.status.as_str(), "new" | "active" | "recurred")
    }

    fn of(row: &Row<'_>) -> Result<CaseLine, RecordsError> {
        let text = |name| row.text(name).map(str::to_owned);
        row.instant("first_seen")?;
        Ok(CaseLine {
            case_id: text("case_id")?,
            subject: text("subject")?,
            registrable_domain: text("registrable_domain")?,
            platform: row.maybe_text("platform")?.map(str::to_owned),
            abuse_class: text("abuse_class")?,
            status: text("status")?,
            first_seen: text("first_seen")?,
            ended_at: row.maybe_text("ended_at")?.map(str::to_owned),
            evidence_count: row.number("evidence_count")?,
            feed_ids: row.text("feed_ids")?.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect(),
            delegated: row.maybe_number("delegated")?.map(|flag| flag != 0),
            rank: row.maybe_number("rank")?,
        })
    }
}

/// The cases of a TLD, sorted by subject and class.
///
/// # Errors
/// [`RecordsError`] when the table is not as this version needs it.
pub fn cases(records: &Records) -> Result<Vec<CaseLine>, RecordsError> {
    let mut cases = records.table("cases")?.rows().map(|row| CaseLine::of(&row)).collect::<Result<Vec<_>, _>>()?;
    cases.sort_unstable_by(|a, b| (&a.subject, &a.abuse_class).cmp(&(&b.subject, &b.abuse_class)));
    Ok(cases)
}

/// The ids of the cases that evidence changed since an instant's day.
///
/// # Errors
/// [`RecordsError`] when the table is not as this version needs it.
pub fn changed_by_evidence(records: &Records, since: Epoch) -> Result<Vec<String>, RecordsError> {
    let since = since.day().to_string();
    let mut ids = Vec::new();
    for row in records.table("daily_diffs")?.rows() {
        if row.text("day")? >= since.as_str() && row.text("cause")? == "evidence" {
            ids.push(row.text("subject_id")?.to_owned());
        }
    }
    Ok(ids)
}
