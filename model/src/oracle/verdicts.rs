//! `validated_indicators` and `remedies`: the dossier of every subject, gathered from everything there is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Inputs;
use crate::case::Case;
use crate::id::Id;
use crate::indicator::{Indicator, SECONDED_MS};
use crate::judgement::{Dossier, Remedy, Seen, Validated, counts_until, judge};
use crate::observable::top_level;
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
    let counts = |(key, seen): &(&ObservationKey, &Arc<Observation>)| {
        now < seen.valid_until && seen.outcome.finding(key.kind) != Finding::Inconclusive
    };
    let counting: Vec<_> = inputs.observations.iter().filter(counts).collect();
    let seconded = |row: &&Arc<Indicator>| row.seconded_at.is_some_and(|at| now < at.plus(SECONDED_MS));
    let measured = counting.iter().filter_map(|(_, seen)| seen.place.subject());
    let said_twice = indicators.values().filter(seconded).filter_map(|row| row.observable.place.subject());
    let subjects: BTreeSet<&str> = measured.chain(said_twice).collect();
    let mut verdicts = Verdicts::default();
    for subject in subjects {
        let policy = inputs.policies.of(top_level(subject));
        let own: Vec<&Arc<Indicator>> =
            indicators.values().filter(|row| row.observable.place.subject() == Some(subject)).collect();
        let cases: Vec<&Case> = cases.values().filter(|case| case.subject == subject).map(AsRef::as_ref).collect();
        let seen = counting.iter().filter(|(_, seen)| seen.place.subject() == Some(subject));
        let mut dossier = Dossier {
            indicators: own.clone(),
            seen: seen.map(|(key, seen)| Seen { key, seen, confirms: now < counts_until(seen, policy) }).collect(),
            seconded: own
                .iter()
                .copied()
                .filter(seconded)
                .filter_map(|row| Some((row.id, row.seconded_at?, row.seconded_at?.plus(SECONDED_MS))))
                .collect(),
            rank: cases.first().and_then(|case| case.rank),
            is_protected: cases.first().is_some_and(|case| inputs.protected.contains(&case.registrable_domain)),
            cases,
        };
        dossier.sort();
        let (validated, remedies) = judge(&dossier, policy);
        verdicts.0.extend(validated.into_iter().map(|row| (row.indicator.id, Arc::new(row))));
        verdicts.1.extend(remedies.into_iter().map(|row| (row.case_id, Arc::new(row))));
    }
    verdicts
}
