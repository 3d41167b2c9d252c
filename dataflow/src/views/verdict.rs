//! Judging what was measured of a subject: what is confirmed, what its cases are, who can fix them.
//!
//! Only subjects of which something is known beside what one feed says are judged: where nothing is measured, nothing
//! is kept here.

use std::sync::Arc;

use compact_str::CompactString;
use panopticon_model::id::Id;
use panopticon_model::indicator::{Indicator, SECONDED_MS};
use panopticon_model::judgement::{Dossier, Policies, Remedy, Seen, Validated, counts_until, judge, servers};
use panopticon_model::lookalike::HighRiskName;
use panopticon_model::observable::top_level;
use panopticon_model::observation::{Finding, Observation, ObservationKey};
use panopticon_model::reputation::Repute;
use panopticon_model::time::Epoch;
use serde::{Deserialize, Serialize};

use super::feed_lists::FeedLists;
use super::subject::{Row, indicator_of};
use crate::facts::{Fact, Observed, Timed};

/// What is known of a subject that is judged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Known {
    /// An indicator or a case.
    Row(Row),
    /// Something that was measured and counts; with true, also to confirm.
    Seen(ObservationKey, Arc<Observation>, bool),
    /// A second feed confirms an indicator, since and until an instant.
    Seconded(Id, Epoch, Epoch),
    /// The place of the registrable domain in the ranking.
    Rank(u32),
    /// The registry holds the registrable domain critical.
    Protected,
    /// What became of other names on a server that it rests on.
    Repute(CompactString, Arc<Repute>),
    /// What the letters of its registrable domain say.
    Looks(Arc<HighRiskName>),
}

impl Known {
    /// The servers that a subject is seen to rest on.
    pub(crate) fn servers(&self) -> Vec<CompactString> {
        match self {
            Known::Seen(_, seen, _) => servers(seen),
            _ => Vec::new(),
        }
    }

    /// What a fact says that concerns a judgement.
    pub(crate) fn of(fact: &Fact) -> Option<Known> {
        match fact {
            Fact::Rank(rank) => Some(Known::Rank(*rank)),
            Fact::Protected => Some(Known::Protected),
            _ => None,
        }
    }
}

/// A row of one of the two views.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Verdict {
    /// Of `validated_indicators`.
    Validated(Arc<Validated>),
    /// Of `remedies`.
    Remedy(Arc<Remedy>),
}

/// The verdicts on a subject.
pub fn verdicts(
    subject: &str,
    known: &[(&Known, isize)],
    policies: &Policies,
    feed_lists: &mut FeedLists,
    out: &mut Vec<Verdict>,
) {
    let mut indicators: Vec<Arc<Indicator>> = Vec::new();
    let mut dossier = Dossier::default();
    for (known, _) in known {
        match known {
            Known::Row(Row::Listed(sighting, feed)) => {
                indicators.extend(indicator_of(sighting, feed, feed_lists).map(Arc::new));
            }
            Known::Row(Row::Indicator(row)) => indicators.push(Arc::clone(row.row())),
            Known::Row(Row::Case(case)) => dossier.cases.push(case.row()),
            Known::Row(Row::Joined(_)) => {}
            Known::Seen(key, seen, confirms) => dossier.seen.push(Seen { key, seen, confirms: *confirms }),
            Known::Seconded(id, at, until) => dossier.seconded.push((*id, *at, *until)),
            Known::Rank(rank) => dossier.rank = Some(*rank),
            Known::Protected => dossier.is_protected = true,
            Known::Looks(row) => dossier.looks = Some(Arc::clone(row)),
            Known::Repute(server, repute) => {
                dossier.repute.insert(server.clone(), Arc::clone(repute));
            }
        }
    }
    dossier.indicators = indicators.iter().collect();
    dossier.sort();
    let policy = policies.of(top_level(subject));
    let (validated, remedies) = judge(&dossier, policy);
    out.extend(validated.into_iter().map(|row| Verdict::Validated(Arc::new(row))));
    out.extend(remedies.into_iter().map(|row| Verdict::Remedy(Arc::new(row))));
}

/// An observation as long as it counts, and as long as it may confirm.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Counting {
    observed: Observed,
    confirms_until: Epoch,
}

impl Counting {
    pub(crate) fn new(observed: Observed, policies: &Policies) -> Counting {
        let policy = policies.of(observed.observation.place.tld());
        Counting { confirms_until: counts_until(&observed.observation, policy), observed }
    }
}

impl Timed for Counting {
    type Says = (CompactString, Known);

    fn at(&self, now: Epoch) -> Option<Self::Says> {
        let Observed { key, observation } = &self.observed;
        let subject = observation.place.subject()?;
        let counts =
            now < observation.valid_until && observation.outcome.finding(key.kind) != Finding::Inconclusive;
        let confirms = now < self.confirms_until;
        counts.then(|| (subject.into(), Known::Seen(key.clone(), Arc::clone(observation), confirms)))
    }

    fn turns(&self) -> [Option<Epoch>; 2] {
        [Some(self.observed.observation.valid_until), Some(self.confirms_until)]
    }
}

/// An indicator that a second feed confirms for a while.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Seconding {
    subject: CompactString,
    id: Id,
    at: Epoch,
}

impl Seconding {
    /// What a row of a subject says, if it is an indicator that two feeds uphold.
    pub(crate) fn of(subject: &CompactString, row: &Row) -> Option<Seconding> {
        let Row::Indicator(row) = row else { return None };
        let at = row.row().seconded_at?;
        Some(Seconding { subject: subject.clone(), id: row.row().id, at })
    }
}

impl Timed for Seconding {
    type Says = (CompactString, Known);

    fn at(&self, now: Epoch) -> Option<Self::Says> {
        let until = self.at.plus(SECONDED_MS);
        (now < until).then(|| (self.subject.clone(), Known::Seconded(self.id, self.at, until)))
    }

    fn turns(&self) -> [Option<Epoch>; 2] {
        [Some(self.at.plus(SECONDED_MS)), None]
    }
}
