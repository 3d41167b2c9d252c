//! The fold equals a naive one: a map from printed keys to printed values, no netting, no sharing.

use std::collections::HashMap;
use std::sync::Arc;

use panopticon_datasets::tables::Tables;
use panopticon_model::update::{Change, Changes, Update};
use proptest::prelude::*;

use crate::support::{at, delegation, one, update};

/// Key and value of an update as text; the collection is part of the key.
fn pair(update: &Update) -> (String, Option<String>) {
    fn text<K: std::fmt::Debug, V: std::fmt::Debug>(
        name: &str,
        key: &K,
        value: Option<&V>,
    ) -> (String, Option<String>) {
        (format!("{name} {key:?}"), value.map(|value| format!("{value:?}")))
    }
    match update {
        Update::Sighting(k, v) => text("sighting", k, v.as_ref()),
        Update::Mark(k, v) => text("mark", k, v.as_ref()),
        Update::Rank(k, v) => text("rank", k, v.as_ref()),
        Update::Error(k, v) => text("error", k, v.as_ref()),
        Update::Feed(k, v) => text("feed", k, v.as_ref()),
        Update::Setting(k, v) => text("setting", k, v.as_ref()),
        Update::Delegation(k, _, v) => text("delegation", k, v.as_ref()),
        Update::NameServers(k, v) => text("name servers", k, Some(v)),
        Update::Observation(k, v) => text("observation", k, v.as_ref()),
        Update::Claim(k, v) => text("claim", k, v.as_ref()),
        Update::ProtectedName(k, v) => text("protected name", k, v.as_ref()),
        Update::Reputation(k, v) => text("reputation", k, v.as_ref()),
        Update::Verdict(k, v) => text("verdict", k, v.as_ref()),
        Update::Target(k, v) => text("target", k, v.as_ref()),
        Update::Entered(k, v) => text("entered", k, v.as_ref()),
        Update::Surveyed(k, v) => text("surveyed", k, v.as_ref()),
        Update::CutOff(k, v) => text("cut-off", k, v.as_ref()),
        Update::Campaign(k, v) => text("campaign", k, v.as_ref()),
    }
}

fn rows(tables: &Tables) -> HashMap<String, String> {
    let mut all = HashMap::new();
    let mut put = |update: Update| {
        let (key, value) = pair(&update);
        all.insert(key, value.unwrap());
    };
    tables.sightings.iter().for_each(|(k, v)| put(Update::Sighting(k.clone(), Some(Arc::clone(v)))));
    tables.marks.iter().for_each(|(k, v)| put(Update::Mark(k.clone(), Some(v.clone()))));
    tables.ranks.iter().for_each(|(k, v)| put(Update::Rank(k.clone(), Some(*v))));
    tables.errors.iter().for_each(|(k, v)| put(Update::Error(k.clone(), Some(v.clone()))));
    tables.feeds.iter().for_each(|(k, v)| put(Update::Feed(k.clone(), Some(Arc::clone(v)))));
    tables.settings.iter().for_each(|(k, v)| put(Update::Setting(k.clone(), Some(v.clone()))));
    tables.name_servers.iter().for_each(|(k, v)| put(Update::NameServers(*k, v.clone())));
    tables.observations.iter().for_each(|(k, v)| put(Update::Observation(k.clone(), Some(Arc::clone(v)))));
    tables.claims.iter().for_each(|(k, v)| put(Update::Claim(k.clone(), Some(*v))));
    tables.protected_names.iter().for_each(|(k, v)| put(Update::ProtectedName(k.clone(), Some(*v))));
    tables.reputations.iter().for_each(|(k, v)| put(Update::Reputation(k.clone(), Some(Arc::clone(v)))));
    tables.verdicts.iter().for_each(|(k, v)| put(Update::Verdict(*k, Some(Arc::clone(v)))));
    tables.targets.iter().for_each(|(k, v)| put(Update::Target(k.clone(), Some(Arc::clone(v)))));
    tables.entered.iter().for_each(|(k, v)| put(Update::Entered(k.clone(), Some(*v))));
    tables.surveyed.iter().for_each(|(k, v)| put(Update::Surveyed(k.clone(), Some(*v))));
    tables.cut_offs.iter().for_each(|(k, v)| put(Update::CutOff(k.clone(), Some(*v))));
    tables.campaigns.iter().for_each(|(k, v)| put(Update::Campaign(k.clone(), Some(Arc::clone(v)))));
    all
}

/// Takes changes back and adds them: what is taken back must have been there.
fn advance(held: &mut HashMap<String, String>, changes: &Changes) {
    fn each<K: Clone + Ord, V: Clone + PartialEq>(
        held: &mut HashMap<String, String>,
        changes: &[Change<K, V>],
        make: impl Fn(K, Option<V>) -> Update,
    ) {
        assert!(changes.is_sorted_by(|a, b| a.key < b.key), "one change a key, in order");
        for change in changes {
            assert!(change.before != change.after, "a change changes something");
            let (key, before) = pair(&make(change.key.clone(), change.before.clone()));
            assert_eq!(held.remove(&key), before);
            if let (key, Some(after)) = pair(&make(change.key.clone(), change.after.clone())) {
                held.insert(key, after);
            }
        }
    }
    each(held, &changes.sightings, Update::Sighting);
    each(held, &changes.marks, Update::Mark);
    each(held, &changes.ranks, Update::Rank);
    each(held, &changes.errors, Update::Error);
    each(held, &changes.feeds, Update::Feed);
    each(held, &changes.observations, Update::Observation);
    each(held, &changes.claims, Update::Claim);
    each(held, &changes.protected_names, Update::ProtectedName);
    each(held, &changes.reputations, Update::Reputation);
    each(held, &changes.targets, Update::Target);
    each(held, &changes.entered, Update::Entered);
    each(held, &changes.surveyed, Update::Surveyed);
    each(held, &changes.cut_offs, Update::CutOff);
    each(held, &changes.campaigns, Update::Campaign);
}

proptest! {
    #[test]
    fn the_fold_is_a_map(epochs in proptest::collection::vec(proptest::collection::vec(update(), 0..20), 0..12)) {
        let mut tables = Tables::default();
        let mut naive: HashMap<String, String> = HashMap::new();
        let mut changed: HashMap<String, String> = HashMap::new();
        for (n, epoch) in epochs.iter().enumerate() {
            let changes = tables.apply(at(0, n as u64), epoch.iter().cloned());
            advance(&mut changed, &changes);
            for update in epoch.iter().filter(|update| !matches!(update, Update::Delegation(..))) {
                match pair(update) {
                    (key, Some(value)) => naive.insert(key, value),
                    (key, None) => naive.remove(&key),
                };
            }
            prop_assert_eq!(&rows(&tables), &naive);
            let expected: HashMap<String, String> = naive
                .iter()
                .filter(|(key, _)| !["setting", "name servers", "verdict"].iter().any(|word| key.starts_with(word)))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect();
            prop_assert_eq!(&changed, &expected);
        }
    }

    #[test]
    fn chunks_do_not_matter(epoch in proptest::collection::vec(update(), 0..30), size in 1..7usize) {
        let (mut whole, mut chunked) = (Tables::default(), Tables::default());
        let expected = whole.apply(at(0, 1), epoch.clone());
        let mut folding = chunked.fold(at(0, 1));
        for chunk in epoch.chunks(size) {
            folding.add(chunk.to_vec());
        }
        prop_assert_eq!(folding.finish(), expected);
        prop_assert_eq!(chunked, whole);
    }
}

#[test]
fn an_update_that_changes_nothing_is_no_change() {
    let mut tables = Tables::default();
    for collection in (0..5).chain(8..12).chain(13..18) {
        assert_eq!(tables.apply(at(0, 1), [one(collection, 1, Some(2))]).len(), 1);
        assert!(tables.apply(at(0, 2), [one(collection, 1, Some(2))]).is_empty());
        assert!(tables.apply(at(0, 3), [one(collection, 1, Some(3)), one(collection, 1, Some(2))]).is_empty());
        assert!(tables.apply(at(0, 4), [one(collection, 2, None)]).is_empty());
    }
}

#[test]
fn delegations_pass_through_net() {
    let mut tables = Tables::default();
    let changes = tables.apply(
        at(0, 1),
        [
            delegation(3, None, Some(1)),
            delegation(1, Some(1), Some(2)),
            delegation(2, Some(4), Some(4)),
            delegation(3, Some(1), Some(2)),
            delegation(1, Some(2), Some(1)),
        ],
    );
    let expected = tables.apply(at(0, 2), [delegation(3, None, Some(2))]);
    assert_eq!(changes, expected);
    assert_eq!(changes.len(), 1);
}
