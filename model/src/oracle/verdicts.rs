//! `validated_indicators` and `remedies`: the dossier of every subject, gathered from everything there is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Inputs;
use crate::case::Case;
use crate::id::Id;
use crate::indicator::{Indicator, SECONDED_MS};
use crate::judgement::{Dossier, Policy, Remedy, Seconded, Seen, Validated, counts_until, judge};
use crate::observable::{Place, top_level};
use crate::observation::{Finding, Observation, ObservationKey};
use crate::time::Epoch;

/// Both views, by the ids of their indicators and cases.
type Verdicts = (BTreeMap<Id, Arc<Validated>>, BTreeMap<Id, Arc<Remedy>>);

pub(super) fn verdicts(
    inputs: &Inputs,
    indicators: &BTreeMap<Id, Arc<Indicator>>,
    cases: &BTreeMap<Id, Arc<Case>>,
    now: Epoch,
) -> Verdicts {
    let counting: Vec<_> = inputs.observations.iter().filter(|(key, seen)| counts(key, seen, now)).collect();
    let measured = counting.iter().filter_map(|(_, seen)| seen.place.subject());
    let seconded = indicators.values().filter(|row| seconded(row, now).is_some());
    let said_twice = seconded.filter_map(|row| row.observable.place.subject());
    let subjects: BTreeSet<&str> = measured.chain(said_twice).collect();
    let mut verdicts = Verdicts::default();
    for subject in subjects {
        let policy = inputs.policies.of(top_level(subject));
        let cases: Vec<&Case> = cases.values().filter(|case| case.subject == subject).map(AsRef::as_ref).collect();
        let about = |place: &Place| place.subject() == Some(subject);
        let gathered = Gathered {
            indicators: indicators.values().filter(|row| about(&row.observable.place)).collect(),
            observations: counting.iter().copied().filter(|(_, seen)| about(&seen.place)).collect(),
            is_protected: cases.first().is_some_and(|case| inputs.protected.contains(&case.registrable_domain)),
            cases,
        };
        let mut dossier = gathered.dossier(policy, now);
        let (addresses, name_servers) = dossier.servers();
        for server in addresses.into_iter().chain(name_servers) {
            let repute = inputs.reputations.get(&server).and_then(|row| row.repute(&server));
            dossier.repute.extend(repute.map(|repute| (server, Arc::new(repute))));
        }
        dossier.looks = inputs.looks.get(subject).cloned();
        let (validated, remedies) = judge(&dossier, policy);
        verdicts.0.extend(validated.into_iter().map(|row| (row.indicator.id, Arc::new(row))));
        verdicts.1.extend(remedies.into_iter().map(|row| (row.case_id, Arc::new(row))));
    }
    verdicts
}

/// The rows of one subject, whether they count or not.
#[derive(Debug, Default)]
pub struct Gathered<'a> {
    /// Its indicators.
    pub indicators: Vec<&'a Arc<Indicator>>,
    /// Its cases.
    pub cases: Vec<&'a Case>,
    /// What was measured of it.
    pub observations: Vec<(&'a ObservationKey, &'a Arc<Observation>)>,
    /// Whether the registry holds its registrable domain critical.
    pub is_protected: bool,
}

impl<'a> Gathered<'a> {
    /// What counts of it under a policy at `now`, reputations aside: no gate asks for them.
    #[must_use]
    pub fn dossier(&self, policy: &Policy, now: Epoch) -> Dossier<'a> {
        let counting = self.observations.iter().filter(|(key, seen)| counts(key, seen, now));
        let mut dossier = Dossier {
            indicators: self.indicators.clone(),
            cases: self.cases.clone(),
            seen: counting
                .map(|(key, seen)| Seen { key, seen, confirms: now < counts_until(seen, policy) })
                .collect(),
            seconded: self.indicators.iter().filter_map(|row| seconded(row, now)).collect(),
            rank: self.cases.first().and_then(|case| case.rank),
            is_protected: self.is_protected,
            repute: BTreeMap::new(),
            looks: None,
        };
        dossier.sort();
        dossier
    }
}

fn counts(key: &ObservationKey, seen: &Observation, now: Epoch) -> bool {
    now < seen.valid_until && seen.outcome.finding(key.kind) != Finding::Inconclusive
}

fn seconded(row: &Indicator, now: Epoch) -> Option<Seconded> {
    let at = row.seconded_at?;
    let until = at.plus(SECONDED_MS);
    (now < until).then_some((row.id, at, until))
}
