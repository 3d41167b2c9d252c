//! Keeping house: what the configuration changes, what time ends, and which updates say anything.

use std::collections::BTreeSet;
use std::sync::Arc;

use compact_str::CompactString;
use panopticon_datasets::tables::Tables;
use panopticon_model::name::{HostName, Places};
use panopticon_model::observable::{Observable, Place};
use panopticon_model::observation::{Observation, own_targets, targets, wanted_until};
use panopticon_model::sighting::{Sighting, SightingKey};
use panopticon_model::time::{DAY_MS, Epoch};
use panopticon_model::update::{Cause, MarkTarget, Update};
use panopticon_sources::feeds::accept;
use panopticon_sources::feeds::intervals::expired;

use super::{House, PROGRAM, WireError};

/// How long an observation is kept that nobody wants to know.
const FORGET_MS: u64 = 30 * DAY_MS;
/// The setting that holds the digest of the rules by which names are placed.
const RULES: &str = "rules";
/// The setting that holds the TLDs.
const TLDS: &str = "tlds";
/// The setting that holds the vantages that must agree.
pub(super) const VANTAGES: &str = "vantages";
/// What it takes to hold a claim for confirmed.
pub(super) const POLICIES: &str = "policies";
/// The setting that holds the program of the last run.
const LAST_PROGRAM: &str = "program";

/// Whether an update changes what its key holds.
pub(super) fn changes_something(tables: &Tables, update: &Update) -> bool {
    match update {
        Update::Sighting(key, value) => tables.sightings.get(key) != value.as_ref(),
        Update::Mark(key, value) => tables.marks.get(key) != value.as_ref(),
        Update::Rank(key, value) => tables.ranks.get(key) != value.as_ref(),
        Update::Error(key, value) => tables.errors.get(key) != value.as_ref(),
        Update::Feed(key, value) => tables.feeds.get(key) != value.as_ref(),
        Update::Setting(key, value) => tables.settings.get(key) != value.as_ref(),
        Update::Delegation(_, before, after) => before != after,
        Update::NameServers(id, _) => !tables.name_servers.contains_key(id),
        Update::Observation(key, value) => tables.observations.get(key) != value.as_ref(),
        Update::Claim(key, value) => tables.claims.get(key) != value.as_ref(),
        Update::ProtectedName(key, value) => tables.protected_names.get(key) != value.as_ref(),
        Update::Reputation(key, value) => tables.reputations.get(key) != value.as_ref(),
        Update::Verdict(id, value) => tables.verdicts.get(id) != value.as_ref(),
        Update::Target(key, value) => tables.targets.get(key) != value.as_ref(),
        Update::Entered(key, value) => tables.entered.get(key) != value.as_ref(),
        Update::Surveyed(key, value) => tables.surveyed.get(key) != value.as_ref(),
        Update::CutOff(key, value) => tables.cut_offs.get(key) != value.as_ref(),
        Update::Campaign(key, value) => tables.campaigns.get(key) != value.as_ref(),
    }
}

impl House {
    /// Compares the configuration with what the state was made under, and makes up for the difference.
    pub(super) fn reconcile(&mut self, now: Epoch) -> Result<(), WireError> {
        self.remove_feeds(now)?;
        self.remove_zones(now)?;
        self.remove_ranks(now)?;
        self.remove_protected(now)?;
        self.keep_shipped(now)?;
        self.remove_errors(now)?;
        let tlds = self.config.tld_names().join(" ");
        let known_tlds = self.setting(TLDS);
        let rules = self.places.digest().to_owned();
        if self.setting(RULES).is_some_and(|known| known != rules)
            || known_tlds.as_ref().is_some_and(|known| *known != tlds)
        {
            self.replace_all(now)?;
        }
        if known_tlds.is_some_and(|known| tlds.split(' ').any(|tld| !known.split(' ').any(|old| old == tld))) {
            self.reread_archive(now)?;
        }
        let settings = [(RULES, rules), (TLDS, tlds), (LAST_PROGRAM, PROGRAM.to_owned())];
        let mut settings: Vec<Update> =
            settings.map(|(key, value)| Update::Setting(key.into(), Some(value.into()))).into();
        let vantages = Some(self.config.vantages_setting()).filter(|vantages| !vantages.is_empty());
        settings.push(Update::Setting(VANTAGES.into(), vantages));
        settings.push(Update::Setting(POLICIES.into(), Some(self.config.policies_setting())));
        self.commit(now, Cause::Policy, "config", settings)?;
        Ok(())
    }

    fn setting(&self, key: &str) -> Option<String> {
        self.tables().settings.get(key).map(|value| value.as_str().to_owned())
    }

    /// Feeds that are no longer configured: their evidence ends.
    fn remove_feeds(&mut self, now: Epoch) -> Result<(), WireError> {
        let configured = |id: &str| self.config.feeds.iter().any(|feed| feed.id == id);
        let gone: Vec<_> = self.tables().feeds.keys().filter(|feed| !configured(&feed.0)).cloned().collect();
        for feed in gone {
            let updates = accept::removed(self.current(&feed), now);
            self.commit(now, Cause::FeedRemoved, &format!("feed:{feed}"), updates)?;
        }
        Ok(())
    }

    /// What cannot be read of a source that is no longer configured is nobody's business.
    fn remove_errors(&mut self, now: Epoch) -> Result<(), WireError> {
        let configured: BTreeSet<String> = self.config.source_names().collect();
        let gone = self.tables().errors.keys().filter(|key| !configured.contains(key.source.0.as_str()));
        let updates = gone.map(|key| Update::Error(key.clone(), None)).collect();
        self.commit(now, Cause::Policy, "config", updates)?;
        Ok(())
    }

    /// The same hosts may stand elsewhere now, or out of scope.
    fn replace_all(&mut self, now: Epoch) -> Result<(), WireError> {
        let (mut moved, mut left) = (Vec::new(), Vec::new());
        for (key, sighting) in &self.tables().sightings {
            match placed(&self.places, &sighting.observable.place) {
                Replaced::Same => {}
                Replaced::Moved(place) => moved.push(with_place(key, sighting, place)),
                Replaced::Left => left.push(Update::Sighting(key.clone(), None)),
            }
        }
        for (target, mark) in &self.tables().marks {
            if let Some(target_now) = with_subject(&self.places, target) {
                moved.push(Update::Mark(target.clone(), None));
                moved.push(Update::Mark(target_now, Some(mark.clone())));
            }
        }
        for (key, seen) in &self.tables().observations {
            match placed(&self.places, &seen.place) {
                Replaced::Same => {}
                Replaced::Moved(place) => {
                    let seen = Observation { place, ..seen.as_ref().clone() };
                    moved.push(Update::Observation(key.clone(), Some(Arc::new(seen))));
                }
                Replaced::Left => left.push(Update::Observation(key.clone(), None)),
            }
        }
        // Lists are read again: their names may belong to other domains.
        left.extend(self.config.list_sources().iter().flat_map(|source| Self::list_is_gone(source)));
        self.commit(now, Cause::Suffix, "rules", moved)?;
        self.commit(now, Cause::Policy, "config", left)?;
        Ok(())
    }

    /// Observations that nobody wants to know any more are dropped: their target is not wanted, and no case needs to
    /// know that it was gone.
    pub(super) fn forget_observations(&mut self, now: Epoch) -> Result<(), WireError> {
        let tables = self.tables();
        if tables.observations.is_empty() {
            return Ok(());
        }
        let (mut wanted, mut told) = (BTreeSet::new(), BTreeSet::new());
        for sighting in tables.sightings.values() {
            if wanted_until(sighting).is_none_or(|until| now < until) {
                wanted.extend(targets(&sighting.observable).into_iter().map(|(target, _)| target));
            } else {
                told.extend(own_targets(&sighting.observable));
                told.extend(sighting.observable.place.registrable_domain().map(CompactString::from));
            }
        }
        let old = tables.observations.iter().filter(|(key, seen)| {
            let is_needed = wanted.contains(&key.target) || (told.contains(&key.target) && !seen.gone.is_empty());
            !is_needed && seen.observed_at.plus(FORGET_MS) < now
        });
        let updates = old.map(|(key, _)| Update::Observation(key.clone(), None)).collect();
        self.commit(now, Cause::Age, "retention", updates)?;
        Ok(())
    }

    /// Evidence of feeds that have not loaded for seven days lapses, when it is due.
    pub(super) fn lapse(&mut self, now: Epoch) -> Result<(), WireError> {
        let feeds: Vec<_> = self.tables().feeds.keys().cloned().collect();
        for feed in feeds {
            let updates = accept::lapsed(self.current(&feed), now);
            self.commit(now, Cause::Age, &format!("feed:{feed}"), updates)?;
        }
        Ok(())
    }

    /// Intervals that ended long ago are dropped.
    pub(super) fn expire_evidence(&mut self, now: Epoch) -> Result<(), WireError> {
        let old = |(key, sighting): (&SightingKey, &Arc<Sighting>)| {
            Some(Update::Sighting(key.clone(), expired(sighting, now)?.map(Arc::new)))
        };
        let mut updates: Vec<Update> = self.tables().sightings.iter().filter_map(old).collect();
        let marks = self.tables().marks.iter().filter(|(_, mark)| !mark.is_live(now));
        updates.extend(marks.map(|(target, _)| Update::Mark(target.clone(), None)));
        self.commit(now, Cause::Age, "retention", updates)?;
        Ok(())
    }
}

/// Where a host stands under other rules.
enum Replaced {
    Same,
    Moved(Place),
    Left,
}

fn placed(places: &Places, place: &Place) -> Replaced {
    if place.registrable_domain().is_none() {
        return Replaced::Same;
    }
    let Ok(host) = HostName::parse(place.host()) else { return Replaced::Left };
    if !places.in_scope(&host) {
        return Replaced::Left;
    }
    match places.place(&host) {
        Ok(placement) => {
            let now = Place::of_name(&host, &placement);
            if now == *place { Replaced::Same } else { Replaced::Moved(now) }
        }
        Err(_) => Replaced::Left,
    }
}

fn with_place(key: &SightingKey, sighting: &Sighting, place: Place) -> Update {
    let observable = Observable { place, ..sighting.observable.as_ref().clone() };
    let sighting = Sighting { observable: Arc::new(observable), ..sighting.clone() };
    Update::Sighting(key.clone(), Some(Arc::new(sighting)))
}

/// A mark whose name belongs to another subject now.
fn with_subject(places: &Places, target: &MarkTarget) -> Option<MarkTarget> {
    match target {
        MarkTarget::Name { name, subject } => {
            let now = CompactString::from(places.place(name).ok()?.subject.as_str());
            (now != *subject).then(|| MarkTarget::Name { name: name.clone(), subject: now })
        }
        MarkTarget::Observable { id, canonical, subject } => {
            let host = HostName::parse(subject).ok()?;
            let now = CompactString::from(places.place(&host).ok()?.subject.as_str());
            (now != *subject).then(|| MarkTarget::Observable {
                id: *id,
                canonical: canonical.clone(),
                subject: now,
            })
        }
    }
}
