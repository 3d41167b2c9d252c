//! A new program, or other vantages, may judge otherwise. The difference to what is published is a diff of its own,
//! with its cause.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use panopticon_model::case::{Case, CaseStatus};
use panopticon_model::diff::Net;
use panopticon_model::id::Id;
use panopticon_model::judgement::{Remedy, RemedyKind};
use panopticon_model::sighting::{AbuseClass, FeedId};
use panopticon_model::time::{Day, Epoch};
use panopticon_model::update::Cause;
use panopticon_model::view::{Standing, View};
use panopticon_sinks::parquet::read::{Query, Rows, When, open};
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
        let mut published: BTreeMap<Id, Case> = BTreeMap::new();
        for object in objects(rows) {
            // Rows of another major version are left alone.
            if let Some(case) = published_case(object?) {
                published.insert(case.id, case);
            }
        }
        let judged = published_remedies(&query)?;
        let ours = standing.cases.values().filter(|case| case.tld() == tld);
        for case in ours {
            let before = published.remove(&case.id);
            let after = standing.remedies.get(&case.id).map(Arc::as_ref);
            net.absorb_case((before.as_ref(), judged.get(&case.id)), (Some(case), after), cause);
        }
        for case in published.values() {
            net.absorb_case((Some(case), judged.get(&case.id)), (None, None), cause);
        }
    }
    Ok(())
}

/// Published rows as objects, by the names of their columns.
fn objects(rows: Rows) -> impl Iterator<Item = Result<serde_json::Map<String, Value>, WireError>> {
    let columns = rows.columns().to_vec();
    rows.map(move |row| Ok(columns.iter().cloned().zip(row.map_err(WireError::Published)?).collect()))
}

/// The remedies that were published beside the cases of a query. A program that judged nothing published none.
fn published_remedies(cases: &Query<'_>) -> Result<BTreeMap<Id, Remedy>, WireError> {
    let mut published = BTreeMap::new();
    let Ok(rows) = open(&Query { view: View::Remedies, ..*cases }) else { return Ok(published) };
    for object in objects(rows) {
        if let Ok(row) = serde_json::from_value::<PublishedRemedy>(Value::Object(object?))
            && let Ok(case_id) = row.case_id.parse()
        {
            published.insert(case_id, row.remedy(case_id));
        }
    }
    Ok(published)
}

/// The columns of a published remedy that a diff compares.
#[derive(Deserialize)]
struct PublishedRemedy {
    case_id: String,
    subject: String,
    registrable_domain: String,
    abuse_class: AbuseClass,
    remedy: RemedyKind,
    validated: bool,
}

impl PublishedRemedy {
    fn remedy(self, case_id: Id) -> Remedy {
        Remedy {
            case_id,
            subject: self.subject.into(),
            registrable_domain: self.registrable_domain.into(),
            abuse_class: self.abuse_class,
            kind: self.remedy,
            validated: self.validated,
            denied: None,
            score: 0,
            held_back: None,
            reasons: Vec::new(),
            parties: Vec::new(),
            registrar: None,
            addresses: Vec::new(),
            name_servers: Vec::new(),
        }
    }
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
