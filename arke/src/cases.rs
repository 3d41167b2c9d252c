//! The cases of a TLD, as the registry's people want to see them.

use std::fmt::Display;
use std::sync::Arc;

use compact_str::CompactString;
use panopticon_model::id::Id;
use panopticon_model::time::Epoch;
use serde::{Serialize, Serializer};

/// A list of words that many rows share.
pub type Words = Arc<[CompactString]>;

/// A case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseLine {
    /// Its id.
    #[serde(serialize_with = "as_text")]
    pub case_id: Id,
    /// The name that it is about.
    pub subject: CompactString,
    /// The name that the registry registered.
    pub registrable_domain: CompactString,
    /// The platform that the subject is a customer of.
    pub platform: Option<CompactString>,
    /// What the name is said to be used for.
    pub abuse_class: CompactString,
    /// Where the case stands.
    pub status: CompactString,
    /// When the first interval that counts began.
    #[serde(serialize_with = "as_text")]
    pub first_seen: Epoch,
    /// When the last interval ended.
    #[serde(serialize_with = "as_maybe_text")]
    pub ended_at: Option<Epoch>,
    /// Evidence rows that count.
    pub evidence_count: i64,
    /// The feeds of that evidence.
    pub feed_ids: Words,
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
}

/// Ids and instants are text for readers.
fn as_text<S: Serializer>(value: &impl Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

fn as_maybe_text<S: Serializer>(value: &Option<impl Display>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_none(),
    }
}
