//! Indicators and evidence: what is thought malicious, and who says so since when.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::id::Id;
use crate::observable::Observable;
use crate::origin::Labelled;
use crate::sighting::{AbuseClass, FeedId, Interval, Sighting, SightingKey, indicator_id};
use crate::time::{DAY_MS, Epoch};

/// A row of the view `indicators`: an observable in an abuse class, upheld by at least one feed now.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Indicator {
    /// The id of observable and class.
    pub id: Id,
    /// What was seen.
    pub observable: Arc<Observable>,
    /// What it is said to be used for.
    pub abuse_class: AbuseClass,
    /// The feeds that uphold it, sorted.
    pub feed_ids: Arc<[FeedId]>,
    /// When the first of its intervals that are kept began.
    pub first_seen: Epoch,
    /// The latest time at which a feed says that it saw the target at work.
    pub last_seen: Option<Epoch>,
    /// When the last running lease, or the last end that a publisher names, comes; none while a list holds the entry
    /// without one.
    pub ended_at: Option<Epoch>,
    /// When a feed last began to uphold it within a day after another one had; none if no two did.
    pub seconded_at: Option<Epoch>,
    /// What the labels of the feeds that uphold it say of its origin.
    pub labelled: Labelled,
}

/// How near to the first a second feed must say so to confirm it, and how long that counts, in milliseconds.
pub const SECONDED_MS: u64 = DAY_MS;

/// When a feed last began to uphold something within a day after another one had. `starts` are the beginnings of the
/// intervals that uphold it now, with their feeds.
#[must_use]
pub fn seconded_at(starts: &[(Epoch, &FeedId)]) -> Option<Epoch> {
    let second = |(at, feed): &&(Epoch, &FeedId)| {
        starts.iter().any(|(first, other)| other != feed && first <= at && at.0 - first.0 <= SECONDED_MS)
    };
    starts.iter().filter(second).map(|(at, _)| *at).max()
}

/// A row of the view `evidence`: one interval of one entry of a feed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Evidence {
    /// The indicator that the row speaks for.
    pub indicator_id: Id,
    /// Which entry of which feed.
    pub key: SightingKey,
    /// When.
    pub interval: Interval,
    /// What the feed says.
    pub sighting: Arc<Sighting>,
}

impl Evidence {
    /// The evidence rows of a sighting: one an interval.
    pub fn of(key: &SightingKey, sighting: &Arc<Sighting>) -> impl Iterator<Item = Evidence> {
        let indicator_id = indicator_id(sighting.observable.id, sighting.abuse_class);
        sighting.intervals.iter().map(move |interval| Evidence {
            indicator_id,
            key: key.clone(),
            interval: *interval,
            sighting: Arc::clone(sighting),
        })
    }
}
