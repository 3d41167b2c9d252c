//! The cases of a TLD, as the registry's people want to see them.

use serde::Serialize;

use crate::records::{RecordsError, Row};

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

    pub(crate) fn of(row: &Row<'_>) -> Result<CaseLine, RecordsError> {
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
            feed_ids: row.words("feed_ids")?,
            delegated: row.maybe_number("delegated")?.map(|flag| flag != 0),
            rank: row.maybe_number("rank")?,
        })
    }
}
