//! What is to be measured of a target: what is wanted of it, less what is known.

use std::sync::Arc;

use compact_str::CompactString;
use panopticon_model::observation::{
    Level, Look, Observation, ObservationKey, Plan, ProbeKind, Request, Wanted, fetch_kind, wanted_until,
};
use panopticon_model::sighting::Sighting;
use panopticon_model::time::Epoch;
use serde::{Deserialize, Serialize};

use crate::facts::{Observed, Sighted, Timed};
use crate::shared::Shared;

/// What is known of a target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TargetFact {
    /// A sighting wants it measured.
    Wanted(Wanted),
    /// It was measured.
    Asked(Asked),
}

/// That a target was measured.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Asked {
    /// What was measured.
    pub kind: ProbeKind,
    /// From where.
    pub vantage: CompactString,
    /// Whether that is young enough.
    pub fresh: bool,
    /// What was seen, of a fetch.
    pub look: Option<Look>,
}

/// The requests of a target.
pub fn requests(plan: &Plan, target: &str, facts: &[(&TargetFact, isize)], rows: &mut Vec<Request>) {
    let wanted =
        || facts.iter().filter_map(|(fact, _)| if let TargetFact::Wanted(w) = fact { Some(w) } else { None });
    let asked =
        || facts.iter().filter_map(|(fact, _)| if let TargetFact::Asked(a) = fact { Some(a) } else { None });
    let mut probes: Vec<(ProbeKind, CompactString, Level)> = wanted()
        .flat_map(|what| {
            plan.probes(target, what.level).into_iter().map(|(kind, vantage)| (kind, vantage, what.level))
        })
        .collect();
    probes.sort_unstable();
    // Sorted by level last: the first of several is the one that comes first.
    probes.dedup_by(|later, earlier| (later.0, &later.1) == (earlier.0, &earlier.1));
    if let Some((kind, tie)) = tie(plan, target, &asked())
        && let Some(level) = probes.iter().filter(|probe| probe.0 == kind).map(|probe| probe.2).min()
    {
        probes.push((kind, tie, level));
    }
    let spelled = wanted().filter_map(|what| what.spelled.clone()).min();
    for (kind, vantage, level) in probes {
        let known = asked().find(|asked| asked.kind == kind && asked.vantage == vantage);
        if known.is_some_and(|known| known.fresh) {
            continue;
        }
        let key = ObservationKey { target: target.into(), kind, vantage };
        let spelled = spelled.clone().filter(|_| kind.is_fetch());
        rows.push(Request { key, priority: Plan::priority(level, known.is_some()), spelled });
    }
}

/// The third look at a URL that two places see differently.
fn tie<'a>(
    plan: &Plan,
    target: &str,
    asked: &(impl Iterator<Item = &'a Asked> + Clone),
) -> Option<(ProbeKind, CompactString)> {
    let ([first, second], tie, kind) = (plan.vantages.as_slice(), plan.tie.as_ref()?, fetch_kind(target)?) else {
        return None;
    };
    let look = |vantage: &CompactString| {
        asked.clone().find(|asked| asked.fresh && asked.kind == kind && asked.vantage == *vantage)?.look
    };
    look(first)?.differs_from(&look(second)?).then(|| (kind, tie.clone()))
}

/// A sighting as long as it wants anything measured.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Wanting(pub(crate) Shared<Sighting>);

impl From<Sighted> for Wanting {
    fn from(sighted: Sighted) -> Wanting {
        Wanting(sighted.sighting)
    }
}

impl Timed for Wanting {
    type Says = Shared<Sighting>;

    fn at(&self, now: Epoch) -> Option<Self::Says> {
        wanted_until(self.0.row()).is_none_or(|until| now < until).then(|| self.0.clone())
    }

    fn turns(&self) -> [Option<Epoch>; 2] {
        [wanted_until(self.0.row()), None]
    }
}

/// An observation, as long as it is young enough and afterwards.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Aging(pub(crate) Observed);

impl Timed for Aging {
    type Says = (CompactString, TargetFact);

    fn at(&self, now: Epoch) -> Option<Self::Says> {
        let Observed { key, observation } = &self.0;
        let observation: &Arc<Observation> = observation;
        let asked = Asked {
            kind: key.kind,
            vantage: key.vantage.clone(),
            fresh: now < observation.refresh_at,
            look: Look::of(key.kind, observation),
        };
        Some((key.target.clone(), TargetFact::Asked(asked)))
    }

    fn turns(&self) -> [Option<Epoch>; 2] {
        [Some(self.0.observation.refresh_at), None]
    }
}
