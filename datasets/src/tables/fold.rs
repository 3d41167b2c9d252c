//! The fold: updates in, what every key holds out, and beside it what changed.
//!
//! A plain function over ordered maps, so that it can serve as the oracle of everything that is cleverer.
//! Delegations are not held: their source says what stood before, and they pass through.

use std::collections::BTreeMap;
use std::sync::Arc;

use compact_str::CompactString;
use panopticon_model::campaign::{Campaign, CampaignKey};
use panopticon_model::id::Id;
use panopticon_model::lookalike::{CutOff, SurveyKey, Surveyed, Target, TargetKey};
use panopticon_model::name::HostName;
use panopticon_model::observation::{Observation, ObservationKey};
use panopticon_model::reputation::Reputation;
use panopticon_model::sighting::{FeedId, Sighting, SightingKey};
use panopticon_model::time::Epoch;
use panopticon_model::update::{
    Change, Changes, Delegation, DelegationKey, ErrorKey, FeedState, LineError, Mark, MarkTarget, ProtectedName,
    Update,
};
use panopticon_model::verdict::Verdict;

/// What every key holds, delegations aside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tables {
    /// The last epoch that is included.
    pub as_of: Epoch,
    /// Sightings.
    pub sightings: BTreeMap<SightingKey, Arc<Sighting>>,
    /// Marks.
    pub marks: BTreeMap<MarkTarget, Mark>,
    /// Ranks.
    pub ranks: BTreeMap<CompactString, u32>,
    /// Errors.
    pub errors: BTreeMap<ErrorKey, LineError>,
    /// Feeds.
    pub feeds: BTreeMap<FeedId, Arc<FeedState>>,
    /// Facts about the installation.
    pub settings: BTreeMap<CompactString, CompactString>,
    /// Sets of name servers. They are never removed.
    pub name_servers: BTreeMap<Id, Vec<HostName>>,
    /// Observations.
    pub observations: BTreeMap<ObservationKey, Arc<Observation>>,
    /// Probes under way, and when they will be over.
    pub claims: BTreeMap<ObservationKey, Epoch>,
    /// Protected names, and since when they are.
    pub protected_names: BTreeMap<ProtectedName, Epoch>,
    /// Reputations of name servers and addresses.
    pub reputations: BTreeMap<CompactString, Arc<Reputation>>,
    /// What cases were judged to be while they were open. The engine does not read them.
    pub verdicts: BTreeMap<Id, Arc<Verdict>>,
    /// Names that are not to be imitated.
    pub targets: BTreeMap<TargetKey, Arc<Target>>,
    /// When names that are looked at entered their zones.
    pub entered: BTreeMap<CompactString, Epoch>,
    /// What was counted of look-alikes.
    pub surveyed: BTreeMap<SurveyKey, Surveyed>,
    /// Scores from which names count as made by machines, by TLD.
    pub cut_offs: BTreeMap<CompactString, CutOff>,
    /// Campaigns of the last days.
    pub campaigns: BTreeMap<CampaignKey, Arc<Campaign>>,
}

impl Tables {
    /// Folds all updates of the epoch `at`, or a chunk of base rows as of `at`; answers what they change. A key that
    /// is updated several times has one change, from what it held before the first to what it holds after the last.
    pub fn apply(&mut self, at: Epoch, updates: impl IntoIterator<Item = Update>) -> Changes {
        let mut folding = self.fold(at);
        folding.add(updates);
        folding.finish()
    }

    /// Starts to fold the epoch `at`, whose updates come in chunks.
    pub fn fold(&mut self, at: Epoch) -> Folding<'_> {
        self.as_of = at;
        Folding { tables: self, changes: Changes::default() }
    }
}

/// An epoch that is being folded, chunk by chunk.
#[derive(Debug)]
pub struct Folding<'a> {
    tables: &'a mut Tables,
    changes: Changes,
}

impl Folding<'_> {
    /// Folds more updates of the epoch.
    pub fn add(&mut self, updates: impl IntoIterator<Item = Update>) {
        let Folding { tables, changes } = self;
        for update in updates {
            match update {
                Update::Sighting(key, value) => {
                    put(&mut tables.sightings, key, value, &mut changes.sightings);
                }
                Update::Mark(key, value) => put(&mut tables.marks, key, value, &mut changes.marks),
                Update::Rank(key, value) => put(&mut tables.ranks, key, value, &mut changes.ranks),
                Update::Error(key, value) => {
                    put(&mut tables.errors, key, value, &mut changes.errors);
                }
                Update::Feed(key, value) => put(&mut tables.feeds, key, value, &mut changes.feeds),
                Update::Delegation(key, before, after) => {
                    changes.delegations.push(Change { key, before, after });
                }
                Update::Setting(key, Some(value)) => {
                    tables.settings.insert(key, value);
                }
                Update::Setting(key, None) => {
                    tables.settings.remove(&key);
                }
                Update::NameServers(id, hosts) => {
                    tables.name_servers.insert(id, hosts);
                }
                Update::Observation(key, value) => {
                    put(&mut tables.observations, key, value, &mut changes.observations);
                }
                Update::Claim(key, value) => put(&mut tables.claims, key, value, &mut changes.claims),
                Update::ProtectedName(key, value) => {
                    put(&mut tables.protected_names, key, value, &mut changes.protected_names);
                }
                Update::Reputation(key, value) => {
                    put(&mut tables.reputations, key, value, &mut changes.reputations);
                }
                Update::Target(key, value) => put(&mut tables.targets, key, value, &mut changes.targets),
                Update::Entered(key, value) => put(&mut tables.entered, key, value, &mut changes.entered),
                Update::Surveyed(key, value) => put(&mut tables.surveyed, key, value, &mut changes.surveyed),
                Update::CutOff(key, value) => put(&mut tables.cut_offs, key, value, &mut changes.cut_offs),
                Update::Campaign(key, value) => {
                    put(&mut tables.campaigns, key, value, &mut changes.campaigns);
                }
                Update::Verdict(id, Some(verdict)) => {
                    tables.verdicts.insert(id, verdict);
                }
                Update::Verdict(id, None) => {
                    tables.verdicts.remove(&id);
                }
            }
        }
    }

    /// Takes the delegations that have come so far, so that a zone of any size passes in bounded memory. Only for
    /// sources that name an owner once an epoch: over two such answers nothing is netted.
    pub fn take_delegations(&mut self) -> Vec<Change<DelegationKey, Delegation>> {
        let mut delegations = std::mem::take(&mut self.changes.delegations);
        net(&mut delegations);
        delegations
    }

    /// What the epoch changes, each collection sorted by key.
    #[must_use]
    pub fn finish(self) -> Changes {
        let mut changes = self.changes;
        net(&mut changes.sightings);
        net(&mut changes.marks);
        net(&mut changes.ranks);
        net(&mut changes.errors);
        net(&mut changes.feeds);
        net(&mut changes.delegations);
        net(&mut changes.observations);
        net(&mut changes.claims);
        net(&mut changes.protected_names);
        net(&mut changes.reputations);
        net(&mut changes.targets);
        net(&mut changes.entered);
        net(&mut changes.surveyed);
        net(&mut changes.cut_offs);
        net(&mut changes.campaigns);
        changes
    }
}

fn put<K: Ord + Clone, V: Clone + PartialEq>(
    table: &mut BTreeMap<K, V>,
    key: K,
    after: Option<V>,
    changes: &mut Vec<Change<K, V>>,
) {
    let before = match &after {
        Some(value) => match table.get_mut(&key) {
            Some(held) if held == value => return,
            Some(held) => Some(std::mem::replace(held, value.clone())),
            None => table.insert(key.clone(), value.clone()),
        },
        None => match table.remove(&key) {
            None => return,
            before => before,
        },
    };
    changes.push(Change { key, before, after });
}

/// Sorts changes by key and leaves one a key, from the first `before` to the last `after`; none where both are equal.
pub fn net<K: Ord, V: PartialEq>(changes: &mut Vec<Change<K, V>>) {
    if !changes.is_sorted_by(|a, b| a.key < b.key) {
        changes.sort_by(|a, b| a.key.cmp(&b.key));
        // `dedup_by` keeps the earlier element: it takes over where the later one leads.
        changes.dedup_by(|later, earlier| {
            let same = later.key == earlier.key;
            if same {
                earlier.after = later.after.take();
            }
            same
        });
    }
    changes.retain(|change| change.before != change.after);
}
