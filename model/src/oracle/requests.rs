//! `probe_requests`: what is wanted, less what is known.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use compact_str::CompactString;

use super::Inputs;
use crate::observation::{
    Level, Look, ObservationKey, Plan, ProbeKind, Request, Wanted, fetch_kind, targets, wanted_until,
};
use crate::time::Epoch;

pub(super) fn requests(inputs: &Inputs, now: Epoch) -> BTreeMap<ObservationKey, Arc<Request>> {
    let plan = &inputs.plan;
    let mut wanted: BTreeMap<CompactString, BTreeSet<Wanted>> = BTreeMap::new();
    if plan.is_empty() {
        return BTreeMap::new();
    }
    for sighting in inputs.sightings.values().filter(|sighting| wanted_until(sighting).is_none_or(|at| now < at)) {
        for (target, what) in targets(&sighting.observable) {
            wanted.entry(target).or_default().insert(what);
        }
    }
    let mut requests = BTreeMap::new();
    for (target, wanted) in wanted {
        let mut asked: BTreeMap<(ProbeKind, CompactString), Level> = BTreeMap::new();
        for what in &wanted {
            for probe in plan.probes(&target, what.level) {
                let level = asked.entry(probe).or_insert(what.level);
                *level = (*level).min(what.level);
            }
        }
        if let Some((kind, tie)) = tie(inputs, &target, now)
            && let Some(level) = asked.iter().filter(|((of, _), _)| *of == kind).map(|(_, level)| *level).min()
        {
            asked.insert((kind, tie), level);
        }
        let spelled = wanted.iter().filter_map(|what| what.spelled.clone()).min();
        for ((kind, vantage), level) in asked {
            let key = ObservationKey { target: target.clone(), kind, vantage };
            let known = inputs.observations.get(&key);
            if known.is_none_or(|known| known.refresh_at <= now) {
                let priority = Plan::priority(level, known.is_some());
                let spelled = spelled.clone().filter(|_| kind.is_fetch());
                requests.insert(key.clone(), Arc::new(Request { key, priority, spelled }));
            }
        }
    }
    requests
}

/// The third look at a URL, where two places have young observations that differ.
fn tie(inputs: &Inputs, target: &CompactString, now: Epoch) -> Option<(ProbeKind, CompactString)> {
    let kind = fetch_kind(target)?;
    let look = |vantage: &CompactString| {
        let key = ObservationKey { target: target.clone(), kind, vantage: vantage.clone() };
        let observation = inputs.observations.get(&key).filter(|observation| now < observation.refresh_at)?;
        Look::of(kind, observation)
    };
    let [first, second] = inputs.plan.vantages.as_slice() else { return None };
    look(first)?.differs_from(&look(second)?).then(|| Some((kind, inputs.plan.tie.clone()?)))?
}
