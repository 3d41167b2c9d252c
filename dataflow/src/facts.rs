//! Facts: the rows that the dataflow moves, and what time makes of them.

use std::sync::Arc;

use compact_str::CompactString;
use panopticon_model::id::Id;
use panopticon_model::observable::{Observable, ObservableKind};
use panopticon_model::observation::{Gone, Observation, ObservationKey, ProbeKind};
use panopticon_model::reputation::Repute;
use panopticon_model::sighting::{FeedId, Interval, Sighting};
use panopticon_model::time::Epoch;
use panopticon_model::update::{Delegation, Mark, MarkTarget};
use serde::{Deserialize, Serialize};

use crate::shared::Shared;

/// What is known of a subject. Sightings come first and sort by observable, then class, so that the facts of
/// one indicator stand together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Fact {
    /// A feed says something of an observable of the subject.
    Sighting(Shared<Sighting>, FeedId, Phase),
    /// An operator decided on the subject, a host below it, or an observable.
    Mark(Arc<MarkTarget>),
    /// The zone delegates the registrable domain.
    Delegated,
    /// The place of the registrable domain in the ranking.
    Rank(u32),
    /// A URL of the subject was found alive or gone from a place.
    Found(Arc<Found>),
    /// The TLD's servers were found not to delegate the registrable domain.
    Undelegated(Arc<Absence>),
    /// The registry holds the registrable domain critical.
    Protected,
}

/// What a place saw of a URL, as far as a case wants to know it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Found {
    /// The id of the URL as an observable.
    pub url: Id,
    /// From where.
    pub vantage: CompactString,
    /// Found alive, by an observation that counts.
    pub alive: bool,
    /// When it was gone.
    pub absence: Absence,
}

/// When a target was gone, and until when that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Absence {
    /// The times that were confirmed.
    pub gone: Vec<Gone>,
    /// If the last of them has no end: until when it is known.
    pub known_until: Option<Epoch>,
}

impl Absence {
    /// The absence that an observation tells of.
    pub(crate) fn of(observation: &Observation) -> Absence {
        let gone: Vec<Gone> =
            observation.gone.iter().filter(|gone| gone.confirmed_at.is_some()).copied().collect();
        let lasts = gone.last().is_some_and(|gone| gone.until.is_none());
        Absence { known_until: lasts.then_some(observation.valid_until), gone }
    }
}

/// What time makes of a sighting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Phase {
    /// The feed upholds it now; if so, by its last interval.
    pub live: bool,
    /// Its first interval that counts began on this day.
    pub began_today: bool,
}

/// What is known of a name, whatever its subjects: 16 bytes, since a zone has ten million of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum NameFact {
    Delegation {
        name_servers: u64,
        flags: u8,
    },
    Rank(u32),
    Undelegated(Arc<Absence>),
    Protected,
    /// Of a name server or address: what became of the names that rest on it.
    Repute(Arc<Repute>),
}

impl NameFact {
    /// What the fact says of a subject under the name.
    pub(crate) fn fact(&self) -> Option<Fact> {
        match self {
            NameFact::Delegation { flags, .. } if flags & Delegation::NAME_ONLY != 0 => None,
            NameFact::Delegation { .. } => Some(Fact::Delegated),
            NameFact::Rank(rank) => Some(Fact::Rank(*rank)),
            NameFact::Undelegated(absence) => Some(Fact::Undelegated(Arc::clone(absence))),
            NameFact::Protected => Some(Fact::Protected),
            NameFact::Repute(_) => None,
        }
    }
}

impl From<Delegation> for NameFact {
    fn from(delegation: Delegation) -> NameFact {
        NameFact::Delegation { name_servers: delegation.name_servers, flags: delegation.flags }
    }
}

/// A row whose meaning depends on the time: it changes at known instants only.
pub(crate) trait Timed {
    /// What it says at an instant; none when it says nothing.
    type Says: Ord + Clone + 'static;

    /// What it says at `now`.
    fn at(&self, now: Epoch) -> Option<Self::Says>;

    /// The instants at which that changes, in any order.
    fn turns(&self) -> [Option<Epoch>; 2];
}

/// A sighting under the name that it is judged by: its subject, or its address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Sighted {
    pub(crate) sighting: Shared<Sighting>,
    pub(crate) feed: FeedId,
}

impl Sighted {
    /// The name by which a sighting is judged.
    pub(crate) fn subject(&self) -> CompactString {
        let place = &self.sighting.row().observable.place;
        place.subject().unwrap_or(place.host()).into()
    }
}

impl Timed for Sighted {
    type Says = (CompactString, Fact);

    fn at(&self, now: Epoch) -> Option<Self::Says> {
        let sighting = self.sighting.row();
        let phase = Phase {
            live: sighting.is_live(now),
            began_today: began(sighting).is_some_and(|began| began.day() == now.day()),
        };
        Some((self.subject(), Fact::Sighting(self.sighting.clone(), self.feed.clone(), phase)))
    }

    fn turns(&self) -> [Option<Epoch>; 2] {
        let sighting = self.sighting.row();
        let day_end = began(sighting).map(|began| began.day().end());
        [day_end, sighting.intervals.last().and_then(Interval::ended_at)]
    }
}

/// When the first interval that counts began.
pub(crate) fn began(sighting: &Sighting) -> Option<Epoch> {
    sighting.intervals.iter().find(|interval| !interval.is_withdrawn()).map(|interval| interval.first_seen)
}

/// A mark with what it is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Marked {
    pub(crate) target: Arc<MarkTarget>,
    pub(crate) mark: Mark,
}

impl Timed for Marked {
    type Says = (CompactString, Fact);

    fn at(&self, now: Epoch) -> Option<Self::Says> {
        self.mark.is_live(now).then(|| (self.target.subject().into(), Fact::Mark(Arc::clone(&self.target))))
    }

    fn turns(&self) -> [Option<Epoch>; 2] {
        [self.mark.until, None]
    }
}

/// An observation with what it is of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Observed {
    pub(crate) key: ObservationKey,
    pub(crate) observation: Arc<Observation>,
}

impl Observed {
    /// The absence of a registrable domain from its TLD, if it is that which was observed.
    pub(crate) fn absence(&self) -> Option<(CompactString, NameFact)> {
        let absence = Absence::of(&self.observation);
        (self.key.kind == ProbeKind::Delegation && !absence.gone.is_empty())
            .then(|| (self.key.target.clone(), NameFact::Undelegated(Arc::new(absence))))
    }
}

impl Timed for Observed {
    type Says = (CompactString, Fact);

    /// Of a fetch: what a case wants to know of it.
    fn at(&self, now: Epoch) -> Option<Self::Says> {
        let subject = self.observation.place.subject().filter(|_| self.key.kind.is_fetch())?;
        let alive = self.observation.is_alive(self.key.kind, now);
        let absence = Absence::of(&self.observation);
        let url = Observable::id_of(ObservableKind::Url, &self.key.target);
        let found = Found { url, vantage: self.key.vantage.clone(), alive, absence };
        (found.alive || !found.absence.gone.is_empty()).then(|| (subject.into(), Fact::Found(Arc::new(found))))
    }

    fn turns(&self) -> [Option<Epoch>; 2] {
        [self.key.kind.is_fetch().then_some(self.observation.valid_until), None]
    }
}
