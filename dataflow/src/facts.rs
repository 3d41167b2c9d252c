//! Facts: the rows that the dataflow moves, and what time makes of them.

use std::sync::Arc;

use compact_str::CompactString;
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum NameFact {
    Delegation { name_servers: u64, flags: u8 },
    Rank(u32),
}

impl NameFact {
    /// What the fact says of a subject under the name.
    pub(crate) fn fact(self) -> Option<Fact> {
        match self {
            NameFact::Delegation { flags, .. } if flags & Delegation::NAME_ONLY != 0 => None,
            NameFact::Delegation { .. } => Some(Fact::Delegated),
            NameFact::Rank(rank) => Some(Fact::Rank(rank)),
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
