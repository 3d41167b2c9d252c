//! The oracle: every view from scratch, in plain code over maps.
//!
//! This is the specification. It is written for reading, not for speed, and shares no logic with the engine:
//! tests hold the engine's answer against it after every epoch, and `tests/` replays real histories against it.
//!
//! In: what the tables hold at an instant. Out: the views as of that instant.

mod gone;
mod requests;
mod status;
mod verdicts;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use compact_str::CompactString;

use crate::case::{Case, CaseStatus};
use crate::diff::{ChangeKind, Compared, ComparedRow};
use crate::id::Id;
use crate::indicator::{Indicator, seconded_at};
use crate::judgement::Policies;
use crate::lookalike::HighRiskName;
use crate::observable::top_level;
use crate::observation::{Observation, ObservationKey, Plan};
use crate::origin::Labelled;
use crate::reputation::Reputation;
use crate::sighting::{AbuseClass, FeedId, Interval, Sighting, SightingKey, case_id, indicator_id};
use crate::time::Epoch;
use crate::update::{Delegation, Mark, MarkTarget};
use crate::view::Standing;

pub use verdicts::Gathered;

/// What the views are computed from: the tables as of an instant.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// Sightings.
    pub sightings: BTreeMap<SightingKey, Arc<Sighting>>,
    /// Marks.
    pub marks: BTreeMap<MarkTarget, Mark>,
    /// Ranks of registrable domains.
    pub ranks: BTreeMap<CompactString, u32>,
    /// Delegations by owner.
    pub delegations: BTreeMap<CompactString, Delegation>,
    /// The TLDs of which a zone is read.
    pub zone_tlds: BTreeSet<CompactString>,
    /// Observations.
    pub observations: BTreeMap<ObservationKey, Arc<Observation>>,
    /// What is measured.
    pub plan: Plan,
    /// Names that the registry holds critical.
    pub protected: BTreeSet<CompactString>,
    /// Reputations of name servers and addresses.
    pub reputations: BTreeMap<CompactString, Arc<Reputation>>,
    /// What the letters of names say: the oracle of that stands beside the engine.
    pub looks: BTreeMap<CompactString, Arc<HighRiskName>>,
    /// What it takes to hold a claim for confirmed.
    pub policies: Policies,
}

/// The maintained views as of `now`.
#[must_use]
pub fn standing(inputs: &Inputs, now: Epoch) -> Standing {
    let (indicators, cases) = (indicators(inputs, now), cases(inputs, now));
    let (validated, remedies) = verdicts::verdicts(inputs, &indicators, &cases, now);
    let requests = requests::requests(inputs, now);
    Standing { as_of: now, indicators, cases, requests, validated, remedies, ..Standing::default() }
}

/// `indicators`: observables in a class that at least one feed upholds now, and that no mark covers.
fn indicators(inputs: &Inputs, now: Epoch) -> BTreeMap<Id, Arc<Indicator>> {
    let mut groups: BTreeMap<Id, Vec<(&FeedId, &Sighting)>> = BTreeMap::new();
    for (key, sighting) in &inputs.sightings {
        if !is_marked(inputs, sighting, now) {
            let id = indicator_id(sighting.observable.id, sighting.abuse_class);
            groups.entry(id).or_default().push((&key.feed, sighting));
        }
    }
    let mut rows = BTreeMap::new();
    for (id, group) in groups {
        let live: Vec<_> = group.iter().filter(|(_, sighting)| sighting.is_live(now)).collect();
        let Some((_, first)) = live.first() else { continue };
        let running: Vec<(&Interval, &FeedId)> = live
            .iter()
            .filter_map(|(feed, sighting)| Some((sighting.intervals.iter().find(|i| i.is_live(now))?, *feed)))
            .collect();
        let starts: Vec<_> = running.iter().map(|(interval, feed)| (interval.first_seen, *feed)).collect();
        let mut ends: Vec<Option<Epoch>> = running.iter().map(|(interval, _)| interval.ended_at()).collect();
        ends.sort();
        let counted = group.iter().flat_map(|(_, sighting)| &sighting.intervals).filter(|i| !i.is_withdrawn());
        let indicator = Indicator {
            id,
            observable: Arc::clone(live.iter().map(|(_, s)| &s.observable).min().unwrap_or(&first.observable)),
            abuse_class: first.abuse_class,
            feed_ids: live.iter().map(|(feed, _)| (*feed).clone()).collect::<BTreeSet<_>>().into_iter().collect(),
            first_seen: counted.map(|interval| interval.first_seen).min().unwrap_or_default(),
            last_seen: group.iter().filter_map(|(_, sighting)| sighting.last_seen).max(),
            // An open interval has no end; among leases the last one counts.
            ended_at: if ends.first() == Some(&None) { None } else { ends.pop().flatten() },
            seconded_at: seconded_at(&starts),
            labelled: Labelled::of(live.iter().map(|(_, sighting)| sighting.label.as_str())),
        };
        rows.insert(id, Arc::new(indicator));
    }
    rows
}

/// One interval of one sighting, as a case sees it.
struct Exhibit<'a> {
    feed: &'a FeedId,
    sighting: &'a Sighting,
    interval: &'a Interval,
    /// Taken back by the feed, or marked by an operator: it never counts.
    void: bool,
}

/// `cases`: what the exhibits of a subject say, class by class.
fn cases(inputs: &Inputs, now: Epoch) -> BTreeMap<Id, Arc<Case>> {
    let mut subjects: BTreeMap<&str, Vec<Exhibit<'_>>> = BTreeMap::new();
    for (key, sighting) in &inputs.sightings {
        let Some(subject) = sighting.observable.place.subject() else { continue };
        let marked = is_marked(inputs, sighting, now);
        for interval in &sighting.intervals {
            let void = marked || interval.is_withdrawn();
            subjects.entry(subject).or_default().push(Exhibit { feed: &key.feed, sighting, interval, void });
        }
    }
    let mut rows = BTreeMap::new();
    for (subject, exhibits) in subjects {
        let specific: BTreeSet<AbuseClass> = exhibits
            .iter()
            .filter(|exhibit| !exhibit.void && exhibit.sighting.abuse_class != AbuseClass::Other)
            .map(|exhibit| exhibit.sighting.abuse_class)
            .collect();
        for class in AbuseClass::ALL {
            if class == AbuseClass::Other && !specific.is_empty() {
                continue;
            }
            // Evidence of class `other` joins every specific case that has evidence of its own left.
            let joins = |of: AbuseClass| of == class || (of == AbuseClass::Other && specific.contains(&class));
            let own: Vec<&Exhibit<'_>> = exhibits.iter().filter(|e| joins(e.sighting.abuse_class)).collect();
            if !own.is_empty() {
                let case = case(inputs, subject, class, &own, now);
                rows.insert(case.id, Arc::new(case));
            }
        }
    }
    rows
}

fn case(inputs: &Inputs, subject: &str, class: AbuseClass, own: &[&Exhibit<'_>], now: Epoch) -> Case {
    let valid: Vec<&Exhibit<'_>> = own.iter().copied().filter(|exhibit| !exhibit.void).collect();
    let measured = gone::Measured::of(inputs, &valid, now);
    let status = status::status(&valid, &measured, now);
    let considered = if status == CaseStatus::Withdrawn { own.to_vec() } else { valid };
    let live = |exhibit: &&Exhibit<'_>| exhibit.interval.is_live(now);
    let counted: Vec<&Exhibit<'_>> = if status.is_open() && considered.iter().any(live) {
        considered.iter().copied().filter(live).collect()
    } else {
        considered.clone()
    };
    let ends: Option<Vec<Epoch>> = considered.iter().map(|exhibit| exhibit.interval.ended_at()).collect();
    let places = || own.iter().map(|exhibit| &exhibit.sighting.observable.place);
    let domain = CompactString::from(places().find_map(|place| place.registrable_domain()).unwrap_or(subject));
    let zone_is_read = inputs.zone_tlds.contains(top_level(&domain));
    Case {
        id: case_id(subject, class),
        subject: subject.into(),
        // A host of the platform's own has no platform: then neither has the case.
        platform: places().map(|place| place.platform()).min().flatten().map(CompactString::from),
        abuse_class: class,
        status,
        first_seen: considered.iter().map(|exhibit| exhibit.interval.first_seen).min().unwrap_or_default(),
        ended_at: match (status.is_open(), measured.gone_since) {
            (true, _) => None,
            (false, Some(since)) if status == CaseStatus::Remediated => Some(since),
            (false, _) => ends.and_then(|ends| ends.into_iter().max()),
        },
        evidence_count: u32::try_from(counted.len()).unwrap_or(u32::MAX),
        feed_ids: counted.iter().map(|e| e.feed.clone()).collect::<BTreeSet<_>>().into_iter().collect(),
        delegated: zone_is_read.then(|| {
            inputs.delegations.get(&domain).is_some_and(|delegation| delegation.flags & Delegation::NAME_ONLY == 0)
        }),
        rank: inputs.ranks.get(&domain).copied(),
        registrable_domain: domain,
    }
}

/// Whether an operator's mark covers the sighting: on its observable, or on its host or a name above it of the
/// same subject. To mark a platform says nothing of its customers.
fn is_marked(inputs: &Inputs, sighting: &Sighting, now: Epoch) -> bool {
    inputs.marks.iter().any(|(target, mark)| {
        mark.is_live(now)
            && match target {
                MarkTarget::Observable { id, .. } => *id == sighting.observable.id,
                MarkTarget::Name { name, subject } => {
                    let place = &sighting.observable.place;
                    place.subject() == Some(subject.as_str())
                        && format!(".{}", place.host()).ends_with(&format!(".{}", name.as_str()))
                }
            }
    })
}

/// The change of every case between two states of `cases`, without causes: what `daily_diffs` must say.
#[must_use]
pub fn changes(
    before: &Standing,
    after: &Standing,
) -> BTreeMap<Id, (ChangeKind, Option<ComparedRow>, Option<ComparedRow>)> {
    let ids: BTreeSet<Id> = before.cases.keys().chain(after.cases.keys()).copied().collect();
    ids.into_iter()
        .filter_map(|id| {
            let compared = |standing: &Standing| {
                let remedy = standing.remedies.get(&id).map(Arc::as_ref);
                standing.cases.get(&id).map(|case| Compared::of(case, remedy))
            };
            let (then, now) = (compared(before), compared(after));
            let change = ChangeKind::between(then.as_ref(), now.as_ref())?;
            Some((id, (change, then.map(ComparedRow::Case), now.map(ComparedRow::Case))))
        })
        .collect()
}
