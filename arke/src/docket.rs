//! The docket: each case of the records with all that a decision about it needs.

use std::collections::{HashMap, HashSet};

use compact_str::CompactString;
use panopticon_model::id::Id;
use panopticon_model::time::Epoch;
use serde::Deserialize;

use crate::cases::{CaseLine, Words};
use crate::records::{RecordsError, Row};

/// The class of what is bad in a way that nobody says.
const OTHER: &str = "other";

/// A name within the first so many of the ranking is not written to without a person.
pub const TOP_RANK: i64 = 100_000;

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
    /// Why a person has to decide: `ranked`, `protected`.
    pub guarded: Option<&'static str>,
    /// Whether it came back after it was gone.
    pub recurred: bool,
    /// What it is, and who can mend it.
    pub remedy: RemedyRow,
    /// What of it is confirmed, sorted by observable.
    pub confirmed: Vec<Confirmed>,
    /// Why it came to be confirmed, if that was within the days that the records hold: `evidence`, `policy`.
    pub cause: Option<CompactString>,
}

/// What a case is, and who can mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemedyRow {
    /// `malicious`, `compromised`, `platform`, `unclear`.
    pub remedy: CompactString,
    /// Why a person has to decide, by the records: `ranked-name`, `protected-name`.
    pub held_back: Option<CompactString>,
    /// If nothing is confirmed, the gate that holds it up.
    pub denied: Option<CompactString>,
    /// The registrar, as the records name it.
    pub registrar: Option<CompactString>,
    /// Where its hosts are.
    pub addresses: Words,
    /// The name servers.
    pub name_servers: Words,
}

impl Default for RemedyRow {
    /// Of a case of which nothing was measured.
    fn default() -> RemedyRow {
        RemedyRow {
            remedy: "unclear".into(),
            held_back: None,
            denied: None,
            registrar: None,
            addresses: Words::from([]),
            name_servers: Words::from([]),
        }
    }
}

/// A confirmed indicator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmed {
    /// Its id.
    pub indicator_id: Id,
    /// What it is: a URL or a host.
    pub observable: CompactString,
    /// `url`, `host`.
    pub kind: CompactString,
    /// The feeds that uphold it.
    pub feed_ids: Words,
    /// When it was first seen.
    pub first_seen: Epoch,
    /// What confirms it.
    pub confirmed_by: Words,
    /// When it was confirmed last.
    pub confirmed_at: Epoch,
    /// Until when that counts.
    pub valid_until: Epoch,
}

/// The docket of a TLD, while the rows of its records pass by. Lists of words are few and shared.
#[derive(Default)]
pub(crate) struct Docket {
    cases: Vec<CaseLine>,
    confirmed: HashMap<(CompactString, CompactString), Vec<Confirmed>>,
    remedies: HashMap<Id, RemedyRow>,
    /// Of each case the last day on which it came to be confirmed, and why.
    causes: HashMap<Id, (CompactString, CompactString)>,
    /// Names that the registry holds critical.
    protected: HashSet<CompactString>,
    words: HashMap<String, Words>,
}

impl Docket {
    /// The tables without which there is none.
    pub(crate) const TABLES: &[&str] = &["indicators", "cases", "daily_diffs", "validated_indicators", "remedies"];

    pub(crate) fn row(&mut self, row: &Row<'_>) -> Result<(), RecordsError> {
        match row.table() {
            "indicators" => self.indicator(row),
            "cases" => self.case(row),
            "daily_diffs" => self.diff(row),
            "validated_indicators" => self.confirmed(row),
            "remedies" => self.remedy(row),
            _ => Ok(()),
        }
    }

    fn indicator(&mut self, row: &Row<'_>) -> Result<(), RecordsError> {
        if row.number("protected")? != 0 {
            self.protected.extend(row.maybe_word("registrable_domain")?);
        }
        Ok(())
    }

    fn case(&mut self, row: &Row<'_>) -> Result<(), RecordsError> {
        let feed_ids = self.words(row, "feed_ids")?;
        self.cases.push(CaseLine {
            case_id: row.parse("case_id")?,
            subject: row.word("subject")?,
            registrable_domain: row.word("registrable_domain")?,
            platform: row.maybe_word("platform")?,
            abuse_class: row.word("abuse_class")?,
            status: row.word("status")?,
            first_seen: row.instant("first_seen")?,
            ended_at: row.maybe_instant("ended_at")?,
            evidence_count: row.number("evidence_count")?,
            feed_ids,
            delegated: row.maybe_number("delegated")?.map(|flag| flag != 0),
            rank: row.maybe_number("rank")?,
        });
        Ok(())
    }

    fn confirmed(&mut self, row: &Row<'_>) -> Result<(), RecordsError> {
        let Some(subject) = row.maybe_word("subject")? else { return Ok(()) };
        let confirmed = Confirmed {
            indicator_id: row.parse("indicator_id")?,
            observable: row.text("observable")?.into(),
            kind: row.word("kind")?,
            feed_ids: self.words(row, "feed_ids")?,
            first_seen: row.instant("first_seen")?,
            confirmed_by: self.words(row, "confirmed_by")?,
            confirmed_at: row.instant("confirmed_at")?,
            valid_until: row.instant("valid_until")?,
        };
        self.confirmed.entry((subject, row.word("abuse_class")?)).or_default().push(confirmed);
        Ok(())
    }

    fn diff(&mut self, row: &Row<'_>) -> Result<(), RecordsError> {
        let (before, after) = (row.maybe_text("before")?, row.maybe_text("after")?);
        if is_confirmed(after) && !is_confirmed(before) {
            let (day, cause) = (row.word("day")?, row.word("cause")?);
            let known = self.causes.entry(row.parse("subject_id")?).or_default();
            if day >= known.0 {
                *known = (day, cause);
            }
        }
        Ok(())
    }

    fn remedy(&mut self, row: &Row<'_>) -> Result<(), RecordsError> {
        let remedy = RemedyRow {
            remedy: row.word("remedy")?,
            held_back: row.maybe_word("held_back")?,
            denied: row.maybe_word("denied")?,
            registrar: row.maybe_word("registrar")?,
            addresses: self.words(row, "addresses")?,
            name_servers: self.words(row, "name_servers")?,
        };
        self.remedies.insert(row.parse("case_id")?, remedy);
        Ok(())
    }

    /// Words with commas between; none where it is null.
    fn words(&mut self, row: &Row<'_>, name: &str) -> Result<Words, RecordsError> {
        let list = row.maybe_text(name)?.unwrap_or_default();
        if let Some(known) = self.words.get(list) {
            return Ok(Words::clone(known));
        }
        let words: Words = list.split(',').filter(|word| !word.is_empty()).map(CompactString::from).collect();
        self.words.insert(list.to_owned(), Words::clone(&words));
        Ok(words)
    }

    /// The cases, sorted by subject and class.
    pub(crate) fn entries(self) -> Vec<Entry> {
        let Docket { mut cases, mut confirmed, mut remedies, mut causes, protected, .. } = self;
        cases.sort_unstable_by(|a, b| (&a.subject, &a.abuse_class).cmp(&(&b.subject, &b.abuse_class)));
        let specific: HashSet<CompactString> =
            cases.iter().filter(|case| case.abuse_class != OTHER).map(|case| case.subject.clone()).collect();
        let mut others: HashMap<CompactString, Vec<Confirmed>> = HashMap::new();
        for subject in specific {
            if let Some(rows) = confirmed.remove(&(subject.clone(), OTHER.into())) {
                others.insert(subject, rows);
            }
        }
        let entry = |case: CaseLine| {
            let (subject, class) = (&case.subject, &case.abuse_class);
            let mut own = confirmed.remove(&(subject.clone(), class.clone())).unwrap_or_default();
            // An indicator of class `other` belongs to all the specific cases of its subject.
            own.extend(others.get(subject).into_iter().flatten().cloned());
            own.sort_unstable_by(|a, b| a.observable.cmp(&b.observable));
            Entry {
                standing: standing(&case.status),
                guarded: match case.rank {
                    _ if protected.contains(&case.registrable_domain) => Some("protected"),
                    Some(rank) if rank <= TOP_RANK => Some("ranked"),
                    _ => None,
                },
                recurred: case.status == "recurred",
                remedy: remedies.remove(&case.case_id).unwrap_or_default(),
                confirmed: own,
                cause: causes.remove(&case.case_id).map(|(_, cause)| cause),
                case,
            }
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
