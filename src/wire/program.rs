//! A new program, or other vantages, may judge otherwise. The difference to what is published is a diff of its own,
//! with its cause.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use panopticon_model::case::{Case, CaseStatus};
use panopticon_model::diff::Net;
use panopticon_model::id::Id;
use panopticon_model::sighting::{AbuseClass, FeedId};
use panopticon_model::time::{Day, Epoch};
use panopticon_model::update::Cause;
use panopticon_model::view::{Standing, View};
use panopticon_sinks::parquet::read::{Query, When, open};
use serde::Deserialize;
use serde_json::Value;

use super::WireError;

/// This program, as publications name it. A change of version is taken for a change of judgement.
pub(crate) const PROGRAM: &str = concat!("panopticon ", env!("CARGO_PKG_VERSION"));

/// Absorbs into `net` how what this program makes of the state differs from what was published of `day`.
/// A program that agrees, be it another version, absorbs nothing.
pub(super) fn absorb_change(
    out: &Path,
    tlds: &[String],
    day: Day,
    standing: &Standing,
    net: &mut Net,
    cause: Cause,
) -> Result<(), WireError> {
    for tld in tlds {
        let query = Query { out, view: View::Cases, tld, when: When::AsOf(day), filters: &[] };
        // A TLD that was added since has no publication to differ from.
        let Ok(rows) = open(&query) else { continue };
        if rows.day() != day {
            continue;
        }
        let columns = rows.columns().to_vec();
        let mut published: BTreeMap<Id, Case> = BTreeMap::new();
        for row in rows {
            let row = row.map_err(WireError::Published)?;
            let object: serde_json::Map<String, Value> = columns.iter().cloned().zip(row).collect();
            // Rows of another major version are left alone.
            if let Some(case) = published_case(object) {
                published.insert(case.id, case);
            }
        }
        let ours = standing.cases.values().filter(|case| case.tld() == tld);
        for case in ours {
            let before = published.remove(&case.id);
            net.absorb_case(before.as_ref(), Some(case), cause);
        }
        for case in published.values() {
            net.absorb_case(Some(case), None, cause);
        }
    }
    Ok(())
}

/// The columns of a published case that a diff compares.
#[derive(Deserialize)]
struct Published {
    case_id: String,
    subject: String,
    registrable_domain: String,
    abuse_class: AbuseClass,
    status: CaseStatus,
    feed_ids: Arc<[FeedId]>,
}

fn published_case(row: serde_json::Map<String, Value>) -> Option<Case> {
    let row: Published = serde_json::from_value(Value::Object(row)).ok()?;
    Some(Case {
        id: row.case_id.parse().ok()?,
        subject: row.subject.into(),
        registrable_domain: row.registrable_domain.into(),
        platform: None,
        abuse_class: row.abuse_class,
        status: row.status,
        first_seen: Epoch(0),
        ended_at: None,
        evidence_count: 0,
        feed_ids: row.feed_ids,
        delegated: None,
        rank: None,
    })
}
