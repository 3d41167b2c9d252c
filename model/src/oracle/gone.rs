//! What was measured of the targets of a case, told instant by instant.

use std::collections::{BTreeMap, BTreeSet};

use compact_str::CompactString;

use super::{Exhibit, Inputs};
use crate::observation::{Gone, Observation, ObservationKey, ProbeKind, fetch_kind, own_targets};
use crate::time::Epoch;

/// What the measurements say of a case.
pub(super) struct Measured {
    /// Since when the case is measured gone, if it is.
    pub(super) gone_since: Option<Epoch>,
    /// When it was last found back after having been measured gone.
    pub(super) back_since: Option<Epoch>,
    /// Whether one of its targets was found alive, by an observation that counts.
    pub(super) alive: bool,
}

impl Measured {
    pub(super) fn of(inputs: &Inputs, valid: &[&Exhibit<'_>], now: Epoch) -> Measured {
        let domain = valid.iter().find_map(|exhibit| exhibit.sighting.observable.place.registrable_domain());
        // Every target, and when feeds began to list it.
        let mut targets: BTreeMap<CompactString, BTreeSet<Epoch>> = BTreeMap::new();
        for exhibit in valid {
            for target in own_targets(&exhibit.sighting.observable) {
                targets.entry(target).or_default().insert(exhibit.interval.first_seen);
            }
        }
        let begins: BTreeSet<Epoch> = targets.values().flatten().copied().collect();
        let fetched = |target: &CompactString, vantage: &CompactString| {
            let kind = fetch_kind(target)?;
            let key = ObservationKey { target: target.clone(), kind, vantage: vantage.clone() };
            Some((kind, inputs.observations.get(&key)?))
        };
        let delegation = domain.and_then(|domain| {
            let vantage = CompactString::default();
            let key = ObservationKey { target: domain.into(), kind: ProbeKind::Delegation, vantage };
            inputs.observations.get(&key)
        });
        let vantages = &inputs.plan.vantages;
        let is_gone = |at: Epoch| {
            let undelegated = delegation.is_some_and(|observation| was_gone(observation, &begins, at));
            let dead = |(target, begins): (&CompactString, &BTreeSet<Epoch>)| {
                let gone_from =
                    |vantage| fetched(target, vantage).is_some_and(|(_, seen)| was_gone(seen, begins, at));
                let is_new = begins.first().is_some_and(|first| at < *first);
                is_new || (vantages.len() > 1 && vantages.iter().all(gone_from))
            };
            let begun = begins.first().is_some_and(|first| *first <= at);
            begun && (undelegated || targets.iter().all(dead))
        };
        // The instants at which any of this can turn.
        let all = targets.keys().flat_map(|target| vantages.iter().filter_map(move |v| fetched(target, v)));
        let observations: Vec<_> = all.map(|(_, seen)| seen).chain(delegation).collect();
        let turns: BTreeSet<Epoch> = observations
            .iter()
            .flat_map(|seen| {
                seen.gone.iter().flat_map(|gone| [gone.confirmed_at, gone.until, Some(seen.valid_until)])
            })
            .flatten()
            .chain(begins.iter().copied())
            .filter(|at| *at <= now)
            .collect();
        let before = |at: Epoch| at > Epoch(0) && is_gone(at.minus(1));
        let began = turns.iter().rev().find(|at| is_gone(**at) && !before(**at));
        let alive = |target: &CompactString| {
            let seen = |vantage| fetched(target, vantage).is_some_and(|(kind, seen)| seen.is_alive(kind, now));
            vantages.iter().any(seen)
        };
        Measured {
            gone_since: if is_gone(now) { began.copied() } else { None },
            back_since: turns.iter().rev().copied().find(|at| before(*at) && !is_gone(*at)),
            alive: targets.keys().any(alive),
        }
    }
}

/// Whether an observation's target counted as gone at an instant. `begins` are the instants at which feeds began to
/// list it: what they list after the last look counts more than that look.
fn was_gone(observation: &Observation, begins: &BTreeSet<Epoch>, at: Epoch) -> bool {
    let known_until =
        begins.last().filter(|last| observation.valid_until <= **last).map(|_| observation.valid_until);
    let covers = |gone: &Gone| {
        let until = gone.until.or(known_until);
        gone.confirmed_at.is_some_and(|confirmed| confirmed <= at) && until.is_none_or(|until| at < until)
    };
    observation.gone.iter().any(covers)
}
