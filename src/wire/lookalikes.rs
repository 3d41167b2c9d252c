//! Look-alikes: who is not to be imitated, when the names that are looked at entered their zones, and what the zones as a
//! whole say, counted at the close of a day.
//!
//! What is counted enters the log as any other input does: a view that reads it depends on what was said yesterday at
//! most, never on its own answer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use compact_str::{CompactString, format_compact};
use panopticon_dataflow::Lookalikes;
use panopticon_dataflow::lexical::{Sources, Survey, Tables, Variants, is_slip};
use panopticon_dataflow::risk::{Cutoff, Histogram, Model};
use panopticon_datasets::reference;
use panopticon_datasets::store::StoreError;
use panopticon_datasets::tables::{Base, Collection};
use panopticon_model::lookalike::{CutOff, SurveyKey, Surveyed, Target, TargetKey};
use panopticon_model::observable::top_level;
use panopticon_model::time::Epoch;
use panopticon_model::update::{Cause, Delegation, Update};
use panopticon_sources::capped::{self, Caps};
use panopticon_sources::lgr;

use super::{House, WireError};
use crate::config::{Config, ConfigError};

/// The reference tables of the program.
pub(crate) const TABLES: Sources<'static> = Sources {
    keyboards: reference::KEYBOARDS,
    glyphs: reference::GLYPHS,
    readings: reference::READINGS,
    keywords: reference::KEYWORDS,
};
/// The list of names that comes with the program.
const SHIPPED: &str = "shipped";
/// Names that were delegated so many days ago are no burst of today.
const ESTABLISHED_DAYS: u32 = 30;
/// Settings that say of a TLD that its zone was counted once.
const COUNTED: &str = "lookalikes.counted.";

/// By what the names of the zones are looked at; none where no zone is read.
pub(super) fn rules(config: &Config) -> Result<Option<Arc<Lookalikes>>, WireError> {
    if config.tlds.iter().all(|tld| tld.zones.is_empty()) {
        return Ok(None);
    }
    let mut variants = BTreeMap::new();
    for tld in &config.tlds {
        let Some(file) = &tld.variants else { continue };
        let wrong = |why: String| ConfigError::Wrong {
            file: config.file.clone(),
            message: format!("variants of tld `{}`: `{}`: {why}", tld.name, file.display()),
            hint: Some("name label generation rules in XML (RFC 7940)".to_owned()),
        };
        let input = std::fs::File::open(file).and_then(|file| capped::open(file, Caps::default(), None));
        let pairs = lgr::variants(input.map_err(|error| wrong(error.to_string()))?);
        let pairs = pairs.map_err(|error| wrong(error.to_string()))?;
        variants.insert(tld.name.as_str().into(), Arc::new(Variants::new(pairs)));
    }
    Ok(Some(Arc::new(Lookalikes {
        tables: Arc::new(Tables::parse(TABLES)?),
        variants: Arc::new(variants),
        places: Arc::new(config.places()?),
        model: Arc::new(Model::from_bytes(reference::DGA_MODEL)?),
    })))
}

/// Whether a setting says that a zone was counted.
pub(super) fn is_count(setting: &str) -> bool {
    setting.starts_with(COUNTED)
}

/// The owners that a base delegates, in their order.
fn owners(base: &Base) -> Result<impl Iterator<Item = Result<CompactString, StoreError>>, WireError> {
    let chunks = base.has(Collection::Delegations).then(|| base.rows(Collection::Delegations)).transpose();
    let chunks = chunks.map_err(StoreError::from)?;
    Ok(chunks.into_iter().flatten().flat_map(|chunk| {
        let rows = chunk.map_err(StoreError::from);
        let (rows, error) = match rows {
            Ok(rows) => (rows, None),
            Err(error) => (Vec::new(), Some(Err(error))),
        };
        let owners = rows.into_iter().filter_map(|row| match row {
            Update::Delegation(key, _, Some(_)) => Some(Ok(key.owner)),
            _ => None,
        });
        owners.chain(error)
    }))
}

impl House {
    /// The names of the list that comes along are looked for, or are not any more.
    pub(super) fn keep_shipped(&mut self, now: Epoch) -> Result<(), WireError> {
        let mut names = BTreeMap::new();
        if self.config.lookalikes.shipped {
            let parsed = reference::IMITATED.lines().filter_map(|line| {
                let (name, target) = Target::parse(line, self.places.list()).ok()??;
                Some((CompactString::from(name.as_str()), target))
            });
            names.extend(parsed);
        }
        let updates = self.look_for(SHIPPED, names);
        self.commit(now, Cause::Policy, "config", updates)?;
        Ok(())
    }

    /// The updates after which a list names these and no others.
    pub(super) fn look_for(&self, list: &str, names: BTreeMap<CompactString, Target>) -> Vec<Update> {
        let known = &self.tables().targets;
        let gone = known.keys().filter(|key| key.list == list && !names.contains_key(&key.name));
        let mut updates: Vec<Update> = gone.map(|key| Update::Target(key.clone(), None)).collect();
        updates.extend(
            names.into_iter().map(|(name, target)| {
                Update::Target(TargetKey { name, list: list.into() }, Some(Arc::new(target)))
            }),
        );
        updates
    }

    /// Names of a ranking as names that are looked for.
    pub(super) fn popular_targets(&self, names: &BTreeSet<CompactString>) -> BTreeMap<CompactString, Target> {
        let parsed = names.iter().filter_map(|name| Target::parse(name, self.places.list()).ok()?);
        parsed.map(|(name, target)| (name.as_str().into(), target)).collect()
    }

    /// Before a publication: zones that were never counted are, and it is noted when the names that are looked at
    /// entered their zones.
    pub(super) fn note_lookalikes(&mut self, now: Epoch) -> Result<(), WireError> {
        self.views.settle(self.last_epoch())?;
        let tlds: Vec<String> = self.config.tld_names();
        for tld in tlds {
            let key = format_compact!("{COUNTED}{tld}");
            if !self.tables().settings.contains_key(&key) && self.has_zone(&tld) {
                self.count_lookalikes(now, &tld)?;
            }
        }
        let standing = self.standing();
        let is_looked_at = |name: &CompactString| {
            let first = standing.typosquats.range((name.clone(), CompactString::default())..).next();
            first.is_some_and(|((of, _), _)| of == name) || standing.algorithmic.contains_key(name)
        };
        let came = self.views.entered.iter().filter(|(name, _)| is_looked_at(name));
        let mut updates: Vec<Update> = came.map(|(name, at)| Update::Entered(name.clone(), Some(*at))).collect();
        let known = self.tables().entered.keys();
        updates.extend(known.filter(|name| !is_looked_at(name)).map(|name| Update::Entered(name.clone(), None)));
        self.commit(now, Cause::Age, "lookalikes", updates)?;
        Ok(())
    }

    /// Counts all zones after the close of a day.
    pub(super) fn count_all_lookalikes(&mut self, now: Epoch) -> Result<(), WireError> {
        self.views.settle(self.last_epoch())?;
        for tld in self.config.tld_names() {
            if self.has_zone(&tld) {
                self.count_lookalikes(now, &tld)?;
            }
        }
        Ok(())
    }

    /// From which score on names under a TLD count as made by a machine: a quantile of those that were delegated 30 days
    /// ago and still are, and that no feed ever had. So a burst of new names cannot hide itself. As long as no day that is
    /// so long ago is known, the oldest one serves, and before the first close the zone as it is.
    fn cut_off(&self, tld: &str) -> Result<Option<CutOff>, WireError> {
        let per_million = self.config.lookalikes.per_million;
        let (Some(rules), true) = (&self.views.lookalikes, per_million > 0) else { return Ok(None) };
        let sightings = self.tables().sightings.values();
        let listed: BTreeSet<&str> =
            sightings.filter_map(|sighting| sighting.observable.place.registrable_domain()).collect();
        let mut own = Histogram::default();
        let mut count = |owner: &str| {
            if top_level(owner) == tld
                && !listed.contains(owner)
                && let Some((label, _)) = self.places.registrable(owner)
            {
                own.add(rules.model.score(label));
            }
        };
        match self.store.base() {
            Some(newest) => {
                let old = self.store.base_up_to(newest.manifest().day.back(ESTABLISHED_DAYS))?;
                let old = old.as_ref().unwrap_or(newest);
                // Both are sorted by owner.
                let mut now = owners(newest)?.peekable();
                for owner in owners(old)? {
                    let owner = owner?;
                    while now.next_if(|of| of.as_ref().is_ok_and(|of| *of < owner)).is_some() {}
                    match now.peek() {
                        Some(Ok(of)) if *of == owner => count(&owner),
                        Some(Err(_)) => drop(now.next().transpose()?),
                        _ => {}
                    }
                }
            }
            None => {
                self.each_domain(tld, |owner, _, _| count(owner))?;
            }
        }
        let cut_off = Cutoff::new(&own, rules.model.background(), f64::from(per_million) / 1e6);
        Ok(cut_off.milli().map(|score| CutOff {
            score,
            names: own.total(),
            per_million: (cut_off.share() * 1e6).round() as u32,
        }))
    }

    /// The zones of a TLD.
    fn apexes<'a>(&'a self, tld: &'a str) -> impl Iterator<Item = &'a String> {
        let zones = self.config.tlds.iter().filter(move |of| of.name == tld).flat_map(|tld| &tld.zones);
        zones.map(|zone| &zone.apex)
    }

    /// Shows the registered domains that the zones of a TLD delegate, each with its label.
    pub(super) fn each_domain(
        &self,
        tld: &str,
        mut visit: impl FnMut(&str, &str, Delegation),
    ) -> Result<(), WireError> {
        for apex in self.apexes(tld) {
            let Some(snapshot) = self.zone_snapshot(apex)? else { continue };
            let mut rows = snapshot.rows()?;
            while let Some(row) = rows.next_row()? {
                let owner = row.owner().owner;
                if let Some((label, _)) = self.places.registrable(&owner) {
                    visit(&owner, label, row.delegation);
                }
            }
        }
        Ok(())
    }

    fn has_zone(&self, tld: &str) -> bool {
        self.apexes(tld).any(|apex| self.zone_setting(apex).is_some())
    }

    /// Counts the look-alikes under a TLD: of whom there are many, and on which name servers.
    fn count_lookalikes(&mut self, now: Epoch, tld: &str) -> Result<(), WireError> {
        let rows = self.standing().typosquats.values().filter(|row| top_level(&row.name) == tld);
        let mut numbers: BTreeMap<CompactString, u32> = BTreeMap::new();
        let mut pairs: BTreeMap<&str, Vec<(u32, bool)>> = BTreeMap::new();
        for row in rows {
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            let number = *numbers.entry(row.target.clone()).or_insert(next);
            let slip = is_slip(row.findings.iter().map(|(how, _)| *how));
            pairs.entry(&row.name).or_default().push((number, slip));
        }
        // By label: a name stands for all that have its label.
        let label = |name: &str| CompactString::from(name.split('.').next().unwrap_or(name));
        let by_label: BTreeMap<CompactString, u32> =
            numbers.iter().map(|(name, number)| (label(name), *number)).collect();
        let protected: BTreeSet<&str> = self.tables().targets.keys().map(|key| key.name.as_str()).collect();
        let mut survey = Survey::default();
        self.each_domain(tld, |owner, of_owner, delegation| {
            let is_named_only = delegation.flags & Delegation::NAME_ONLY != 0;
            let servers = (!is_named_only).then_some(delegation.name_servers);
            survey.note(servers, pairs.get(owner).map_or(&[], Vec::as_slice));
            if let (Some(servers), true) = (servers, protected.contains(owner))
                && let Some(number) = by_label.get(of_owner)
            {
                survey.holds(*number, servers);
            }
        })?;
        let mut counted: BTreeMap<SurveyKey, Surveyed> = BTreeMap::new();
        for (name, number) in &numbers {
            let (crowded, holder) = (survey.crowded(*number), survey.holders(*number).next());
            if crowded || holder.is_some() {
                let row = Surveyed { crowded, holder, ..Surveyed::default() };
                counted.insert(SurveyKey::Target(tld.into(), name.clone()), row);
            }
        }
        counted.extend(survey.companies().map(|(set, company)| {
            let row = Surveyed {
                squatting: company.squatting,
                many_targets: company.many_targets,
                ..Surveyed::default()
            };
            (SurveyKey::Servers(tld.into(), set), row)
        }));
        let cut_off = self.cut_off(tld)?;
        let known = self.tables().surveyed.keys().filter(|key| match key {
            SurveyKey::Target(of, _) | SurveyKey::Servers(of, _) => of == tld,
        });
        let gone = known.filter(|key| !counted.contains_key(*key));
        let mut updates: Vec<Update> = gone.map(|key| Update::Surveyed(key.clone(), None)).collect();
        updates.extend(counted.into_iter().map(|(key, row)| Update::Surveyed(key, Some(row))));
        updates.push(Update::CutOff(tld.into(), cut_off));
        updates.push(Update::Setting(format_compact!("{COUNTED}{tld}"), Some("yes".into())));
        self.commit(now, Cause::Age, "lookalikes", updates)?;
        Ok(())
    }
}
