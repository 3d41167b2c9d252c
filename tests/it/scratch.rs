//! What is published equals a run from scratch: the log from its first epoch, folded by plain code, judged by the
//! oracle, written by the same sinks; then byte by byte.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use compact_str::CompactString;
use panopticon_datasets::log::PublishIntent;
use panopticon_datasets::store::{Event, Store, StoreError};
use panopticon_datasets::tables::Tables;
use panopticon_model::judgement::{Policies, Policy};
use panopticon_model::lookalike::{HighRiskName, Typosquat};
use panopticon_model::observation::Plan;
use panopticon_model::oracle::{self, Inputs};
use panopticon_model::sighting::FeedId;
use panopticon_model::time::Day;
use panopticon_model::update::{Delegation, Update};
use panopticon_model::view::{Standing, View};
use panopticon_sinks::parquet::read::{Query, When, open, read_daily_diffs};
use panopticon_sinks::{Lists, Measurements, Publication, Views};

/// Holds every closed day, and today, of a state and output folder against a run from scratch. Gives the days.
pub(crate) fn check(state: &Path, out: &Path, tlds: &[&str], zone_tlds: &[&str]) -> usize {
    check_measured(state, out, tlds, zone_tlds, &Plan::default(), &policies(&["urlhaus", "openphish"]))
}

/// The usual policy, with these feeds as the trusted ones.
pub(crate) fn policies(trusted: &[&str]) -> Policies {
    let trusted = trusted.iter().copied().map(FeedId::from).collect();
    Policies { usual: Policy { trusted, ..Policy::default() }, ..Policies::default() }
}

/// The same of an installation that measures.
pub(crate) fn check_measured(
    state: &Path,
    out: &Path,
    tlds: &[&str],
    zone_tlds: &[&str],
    plan: &Plan,
    policies: &Policies,
) -> usize {
    let mut scratch = Scratch {
        tables: Tables::default(),
        delegations: BTreeMap::new(),
        zone_tlds: zone_tlds.iter().map(|tld| CompactString::from(*tld)).collect(),
        tlds: tlds.iter().map(|tld| (*tld).to_owned()).collect(),
        plan: plan.clone(),
        policies: policies.clone(),
        yesterday: Standing::default(),
        days: BTreeSet::new(),
    };
    let mut publications: BTreeMap<Day, PublishIntent> = BTreeMap::new();
    Store::history(state, None, &mut |event| -> Result<(), StoreError> {
        if let Event::Intent(intent) = event {
            publications.insert(intent.closes.unwrap_or(intent.upto.day()), intent);
        }
        Ok(())
    })
    .unwrap();
    let last = publications.values().map(|intent| intent.number).collect::<BTreeSet<_>>();
    Store::history(state, None, &mut |event| -> Result<(), StoreError> {
        match event {
            Event::Epoch(header) => scratch.tables.as_of = header.at,
            Event::Rows(rows) => scratch.rows(rows),
            // Of the publications of a day only the last one is still there.
            Event::Intent(intent) if last.contains(&intent.number) => scratch.compare(out, &intent),
            _ => {}
        }
        Ok(())
    })
    .unwrap();
    scratch.days.len()
}

struct Scratch {
    tables: Tables,
    delegations: BTreeMap<CompactString, Delegation>,
    zone_tlds: BTreeSet<CompactString>,
    tlds: Vec<String>,
    plan: Plan,
    policies: Policies,
    yesterday: Standing,
    days: BTreeSet<Day>,
}

impl Scratch {
    fn rows(&mut self, rows: Vec<Update>) {
        for update in &rows {
            if let Update::Delegation(key, before, after) = update {
                assert_eq!(self.delegations.get(&key.owner), before.as_ref(), "{}", key.owner);
                match after {
                    Some(delegation) => self.delegations.insert(key.owner.clone(), *delegation),
                    None => self.delegations.remove(&key.owner),
                };
            }
        }
        let at = self.tables.as_of;
        self.tables.apply(at, rows);
    }

    fn compare(&mut self, out: &Path, intent: &PublishIntent) {
        let day = intent.closes.unwrap_or(intent.upto.day());
        let inputs = Inputs {
            sightings: self.tables.sightings.clone(),
            marks: self.tables.marks.clone(),
            ranks: self.tables.ranks.clone(),
            delegations: self.delegations.clone(),
            zone_tlds: self.zone_tlds.clone(),
            observations: self.tables.observations.clone(),
            plan: self.plan.clone(),
            protected: self.tables.protected_names.keys().map(|name| name.domain.clone()).collect(),
            reputations: self.tables.reputations.clone(),
            looks: self.tlds.iter().flat_map(|tld| looks(out, tld, day)).collect(),
            policies: self.policies.clone(),
        };
        let standing = oracle::standing(&inputs, intent.upto);
        let folder = tempfile::tempdir().unwrap();
        let publication = Publication {
            earlier: None,
            out: folder.path(),
            day,
            as_of: intent.upto,
            closed: intent.closes.is_some(),
            program: &intent.program,
            tlds: &self.tlds,
            key: None,
        };
        let views = Views {
            standing: &standing,
            sightings: &self.tables.sightings,
            errors: Box::new(self.tables.errors.iter()),
            feeds: Box::new(self.tables.feeds.iter().map(|(feed, state)| (feed, state.as_ref()))),
            daily: &[],
            measurements: Measurements {
                observations: &self.tables.observations,
                verdicts: &self.tables.verdicts,
                ranks: &self.tables.ranks,
                protected_names: &self.tables.protected_names,
                vantages: &self.plan.vantages,
                filter: self.plan.filters.iter().map(CompactString::as_str).find(|id| *id == "quad9"),
            },
            lists: Lists {
                targets: &self.tables.targets,
                marks: &self.tables.marks,
                campaigns: &self.tables.campaigns,
            },
        };
        publication.write(views).unwrap();
        // What looks dangerous is held against its own definition beside the engine.
        let elsewhere = [View::DailyDiffs, View::Typosquats, View::AlgorithmicNames, View::HighRiskNames];
        for view in View::ALL.into_iter().filter(|view| !elsewhere.contains(view)) {
            for tld in self.tlds.iter().map(String::as_str).chain(["_"]) {
                let ours = publication.partition(view, tld);
                let published = out.join(ours.strip_prefix(folder.path()).unwrap());
                let (ours, published) = (std::fs::read(ours).ok(), std::fs::read(published).ok());
                assert!(ours == published, "{} of {tld} on {day} differs from scratch", view.as_str());
            }
        }
        // Causes are not from scratch; everything else in the diffs is.
        let told: BTreeMap<_, _> = self
            .tlds
            .iter()
            .flat_map(|tld| read_daily_diffs(out, tld, day, day).unwrap())
            .filter(|diff| diff.row.changed_view() == View::Cases)
            .map(|diff| (diff.row.subject_id, (diff.row.change, diff.row.before, diff.row.after)))
            .collect();
        assert_eq!(told, oracle::changes(&self.yesterday, &standing), "daily_diffs of {day}");
        if intent.closes.is_some() {
            self.yesterday = standing;
        }
        self.days.insert(day);
    }
}

/// What the letters of names say, as the published pairs say it: a remedy counts it.
fn looks(out: &Path, tld: &str, day: Day) -> BTreeMap<CompactString, Arc<HighRiskName>> {
    let query = Query { out, view: View::Typosquats, tld, when: When::AsOf(day), filters: &[] };
    let Ok(answer) = open(&query) else { return BTreeMap::new() };
    let columns = answer.columns().to_vec();
    let mut pairs: BTreeMap<(CompactString, CompactString), Typosquat> = BTreeMap::new();
    for row in answer {
        let row: BTreeMap<String, serde_json::Value> = columns.iter().cloned().zip(row.unwrap()).collect();
        let text = |column: &str| CompactString::from(row[column].as_str().unwrap());
        let pair = pairs.entry((text("name"), text("target"))).or_insert_with(|| Typosquat {
            name: text("name"),
            target: text("target"),
            findings: Vec::new(),
            terms: Vec::new(),
            score: i32::try_from(row["score"].as_i64().unwrap()).unwrap(),
            tier: serde_json::from_value(row["tier"].clone()).unwrap(),
            suppressed_by: serde_json::from_value(row["suppressed_by"].clone()).unwrap(),
            entered_at: None,
        });
        pair.findings.push((serde_json::from_value(row["technique"].clone()).unwrap(), text("edit")));
    }
    let mut by_name: BTreeMap<CompactString, Vec<Arc<Typosquat>>> = BTreeMap::new();
    for pair in pairs.into_values() {
        by_name.entry(pair.name.clone()).or_default().push(Arc::new(pair));
    }
    let rows = by_name.into_iter().filter_map(|(name, pairs)| Some((name, HighRiskName::of(&pairs, None)?)));
    rows.map(|(name, row)| (name, Arc::new(row))).collect()
}
