//! The docket: each case of the records with all that a decision about it needs.

use std::collections::{BTreeMap, BTreeSet};

use panopticon_model::time::Epoch;
use serde::Deserialize;

use crate::cases::CaseLine;
use crate::records::{RecordsError, Row};

/// The class of what is bad in a way that nobody says.
const OTHER: &str = "other";

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Somebody upholds it.
    Open,
    /// It was measured gone.
    Remediated,
    /// Nobody upholds it any more, and nobody looked.
    Expired,
    /// It was wrong.
    Withdrawn,
}

/// A case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What the records say of it.
    pub case: CaseLine,
    /// Where it stands.
    pub standing: Standing,
    /// Whether it came back after it was gone.
    pub recurred: bool,
    /// When it was first seen.
    pub first_seen: Epoch,
    /// What it is: `malicious`, `compromised`, `platform`, `unclear`.
    pub remedy: String,
    /// Why a person has to decide, by the records: `ranked-name`, `protected-name`.
    pub held_back: Option<String>,
    /// If nothing is confirmed, the gate that holds it up.
    pub denied: Option<String>,
    /// The registrar, as the records name it.
    pub registrar: Option<String>,
    /// Where its hosts are.
    pub addresses: Vec<String>,
    /// The name servers.
    pub name_servers: Vec<String>,
    /// What of it is confirmed, sorted by observable.
    pub confirmed: Vec<Confirmed>,
    /// Why it came to be confirmed, if that was within the days that the records hold: `evidence`, `policy`.
    pub cause: Option<String>,
}

/// A confirmed indicator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmed {
    /// Its id.
    pub indicator_id: String,
    /// What it is: a URL or a host.
    pub observable: String,
    /// `url`, `host`.
    pub kind: String,
    /// The feeds that uphold it.
    pub feed_ids: Vec<String>,
    /// When it was first seen.
    pub first_seen: Epoch,
    /// What confirms it.
    pub confirmed_by: Vec<String>,
    /// When it was confirmed last.
    pub confirmed_at: Epoch,
    /// Until when that counts.
    pub valid_until: Epoch,
}

/// The docket of a TLD, while the rows of its records pass by.
#[derive(Default)]
pub(crate) struct Docket {
    cases: Vec<CaseLine>,
    confirmed: BTreeMap<(String, String), Vec<Confirmed>>,
    remedies: BTreeMap<String, RemedyRow>,
    /// Of each case the last day on which it came to be confirmed, and why.
    causes: BTreeMap<String, (String, String)>,
}

impl Docket {
    /// The tables without which there is none.
    pub(crate) const TABLES: &[&str] = &["cases", "daily_diffs", "validated_indicators", "remedies"];

    pub(crate) fn row(&mut self, row: &Row<'_>) -> Result<(), RecordsError> {
        match row.table() {
            "cases" => self.cases.push(CaseLine::of(row)?),
            "daily_diffs" => self.diff(row)?,
            "validated_indicators" => self.confirmed(row)?,
            "remedies" => {
                self.remedies.insert(row.text("case_id")?.to_owned(), RemedyRow::of(row)?);
            }
            _ => {}
        }
        Ok(())
    }

    fn confirmed(&mut self, row: &Row<'_>) -> Result<(), RecordsError> {
        let Some(subject) = row.maybe_text("subject")? else { return Ok(()) };
        let key = (subject.to_owned(), row.text("abuse_class")?.to_owned());
        self.confirmed.entry(key).or_default().push(Confirmed {
            indicator_id: row.text("indicator_id")?.to_owned(),
            observable: row.text("observable")?.to_owned(),
            kind: row.text("kind")?.to_owned(),
            feed_ids: row.words("feed_ids")?,
            first_seen: row.instant("first_seen")?,
            confirmed_by: row.words("confirmed_by")?,
            confirmed_at: row.instant("confirmed_at")?,
            valid_until: row.instant("valid_until")?,
        });
        Ok(())
    }

    fn diff(&mut self, row: &Row<'_>) -> Result<(), RecordsError> {
        let (before, after) = (row.maybe_text("before")?, row.maybe_text("after")?);
        if is_confirmed(after) && !is_confirmed(before) {
            let (day, cause) = (row.text("day")?.to_owned(), row.text("cause")?.to_owned());
            let known = self.causes.entry(row.text("subject_id")?.to_owned()).or_default();
            if day >= known.0 {
                *known = (day, cause);
            }
        }
        Ok(())
    }

    /// The cases, sorted by subject and class.
    pub(crate) fn entries(self) -> Result<Vec<Entry>, RecordsError> {
        let Docket { mut cases, confirmed, mut remedies, mut causes } = self;
        cases.sort_unstable_by(|a, b| (&a.subject, &a.abuse_class).cmp(&(&b.subject, &b.abuse_class)));
        let entry = |case: CaseLine| {
            // An indicator of class `other` belongs to the specific cases of its subject.
            let mut own: Vec<Confirmed> = Vec::new();
            for class in BTreeSet::from([case.abuse_class.as_str(), OTHER]) {
                let key = (case.subject.clone(), class.to_owned());
                own.extend(confirmed.get(&key).into_iter().flatten().cloned());
            }
            own.sort_unstable_by(|a, b| a.observable.cmp(&b.observable));
            let remedy = remedies.remove(&case.case_id).unwrap_or_else(RemedyRow::unknown);
            let first_seen = case.first_seen.parse();
            Ok(Entry {
                standing: standing(&case.status),
                recurred: case.status == "recurred",
                first_seen: first_seen
                    .map_err(|_| RecordsError::Value { column: "cases.first_seen".to_owned() })?,
                remedy: remedy.remedy,
                held_back: remedy.held_back,
                denied: remedy.denied,
                registrar: remedy.registrar,
                addresses: remedy.addresses,
                name_servers: remedy.name_servers,
                confirmed: own,
                cause: causes.remove(&case.case_id).map(|(_, cause)| cause),
                case,
            })
        };
        cases.into_iter().map(entry).collect()
    }
}

fn standing(status: &str) -> Standing {
    match status {
        "remediated" => Standing::Remediated,
        "expired" => Standing::Expired,
        "withdrawn" => Standing::Withdrawn,
        _ => Standing::Open,
    }
}

/// Whether compared fields say that a case is confirmed.
fn is_confirmed(compared: Option<&str>) -> bool {
    #[derive(Deserialize)]
    struct Fields {
        validated: bool,
    }
    compared.is_some_and(|text| serde_json::from_str::<Fields>(text).is_ok_and(|fields| fields.validated))
}

struct RemedyRow {
    remedy: String,
    held_back: Option<String>,
    denied: Option<String>,
    registrar: Option<String>,
    addresses: Vec<String>,
    name_servers: Vec<String>,
}

impl RemedyRow {
    /// Of a case of which nothing was measured.
    fn unknown() -> RemedyRow {
        RemedyRow {
            remedy: "unclear".to_owned(),
            held_back: None,
            denied: None,
            registrar: None,
            addresses: Vec::new(),
            name_servers: Vec::new(),
        }
    }

    fn of(row: &Row<'_>) -> Result<RemedyRow, RecordsError> {
        let owned = |name| row.maybe_text(name).map(|text| text.map(str::to_owned));
        Ok(RemedyRow {
            remedy: row.text("remedy")?.to_owned(),
            held_back: owned("held_back")?,
            denied: owned("denied")?,
            registrar: owned("registrar")?,
            addresses: row.words("addresses")?,
            name_servers: row.words("name_servers")?,
        })
    }
}
