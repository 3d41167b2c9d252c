//! A sighting: one feed saying one thing of one observable, and the intervals in which it said so.
//!
//! Appearing in a list opens an interval; leaving it closes the interval, as a change of value. Only a
//! correction by the publisher removes the row. So the history that any view needs is in an input.

use std::fmt;
use std::sync::Arc;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::id::{Id, IdKind};
use crate::observable::Observable;
use crate::time::{DAY_MS, Epoch};

/// The name of a feed in the configuration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FeedId(pub CompactString);

impl From<&str> for FeedId {
    fn from(text: &str) -> FeedId {
        FeedId(text.into())
    }
}

impl fmt::Display for FeedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id of an entry inside its feed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum EntryId {
    /// The feed's own id.
    Own(CompactString),
    /// For feeds that number nothing: the hash of observable and label.
    Hash(Id),
}

impl EntryId {
    /// The id of an entry of a feed that numbers nothing.
    #[must_use]
    pub fn of(observable: &Observable, label: &str) -> EntryId {
        EntryId::Hash(Id::derive(IdKind::Entry, &[&observable.id.0, label.as_bytes()]))
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EntryId::Own(text) => f.write_str(text),
            EntryId::Hash(id) => fmt::Display::fmt(id, f),
        }
    }
}

impl fmt::Debug for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The key of a sighting.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SightingKey {
    /// Who says so.
    pub feed: FeedId,
    /// Which of its entries.
    pub entry: EntryId,
}

/// What a name is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AbuseClass {
    /// Imitating somebody to obtain credentials or money.
    Phishing,
    /// Serving malicious programs.
    Malware,
    /// Commanding infected machines.
    Botnet,
    /// Answering for names of others.
    Pharming,
    /// Advertised by unsolicited mail, as a carrier of another class.
    Spam,
    /// Deceiving to obtain money, without malware or stolen credentials.
    Scam,
    /// The feed does not say.
    Other,
}

impl AbuseClass {
    /// All classes, in the order in which they sort.
    pub const ALL: [AbuseClass; 7] = [
        AbuseClass::Phishing,
        AbuseClass::Malware,
        AbuseClass::Botnet,
        AbuseClass::Pharming,
        AbuseClass::Spam,
        AbuseClass::Scam,
        AbuseClass::Other,
    ];

    /// The word in columns, ids and the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            AbuseClass::Phishing => "phishing",
            AbuseClass::Malware => "malware",
            AbuseClass::Botnet => "botnet",
            AbuseClass::Pharming => "pharming",
            AbuseClass::Spam => "spam",
            AbuseClass::Scam => "scam",
            AbuseClass::Other => "other",
        }
    }
}

/// Why an interval ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// The entry left a complete list.
    Delisted,
    /// A lease ran out, or the feed has not loaded for seven days, or was removed from the configuration.
    Lapsed,
    /// The publisher took the entry back: it was wrong.
    Withdrawn,
    /// The publisher itself states that the target no longer answers.
    Offline,
    /// The publisher itself named the time until which the entry is valid (`valid_until` of STIX 2.1). It may lie ahead.
    Expired,
}

impl End {
    /// The word in columns.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            End::Delisted => "delisted",
            End::Lapsed => "lapsed",
            End::Withdrawn => "withdrawn",
            End::Offline => "offline",
            End::Expired => "expired",
        }
    }
}

/// A time in which a feed upheld an entry: from `first_seen` on, before `ended`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Interval {
    /// The stamp of the first snapshot that held the entry.
    pub first_seen: Epoch,
    /// When it ended and why. It may lie ahead: then a lease is running, or the publisher said until when it is valid.
    pub ended: Option<(Epoch, End)>,
}

impl Interval {
    /// An interval that is open from `first_seen` on.
    #[must_use]
    pub fn open(first_seen: Epoch) -> Interval {
        Interval { first_seen, ended: None }
    }

    /// Whether the feed upholds the entry at `now`, by presence or by lease.
    #[must_use]
    pub fn is_live(&self, now: Epoch) -> bool {
        self.first_seen <= now && self.ended.is_none_or(|(at, _)| now < at)
    }

    /// When it ended.
    #[must_use]
    pub fn ended_at(&self) -> Option<Epoch> {
        self.ended.map(|(at, _)| at)
    }

    /// Why it ended.
    #[must_use]
    pub fn end(&self) -> Option<End> {
        self.ended.map(|(_, end)| end)
    }

    /// Taken back as wrong: such an interval never counts, at no time.
    #[must_use]
    pub fn is_withdrawn(&self) -> bool {
        self.end() == Some(End::Withdrawn)
    }
}

/// How long a closed interval is kept.
pub const KEEP_CLOSED_MS: u64 = 400 * DAY_MS;
/// How long evidence outlives the last good load of its feed.
pub const FEED_SILENCE_MS: u64 = 7 * DAY_MS;

/// Intervals of a sighting, in order. Nearly always it is one.
pub type Intervals = SmallVec<[Interval; 1]>;

/// What a feed says of an observable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Sighting {
    /// What was seen.
    pub observable: Arc<Observable>,
    /// What the name is said to be used for.
    pub abuse_class: AbuseClass,
    /// The feed's own words for it, e-mail addresses masked.
    pub label: CompactString,
    /// The feed's own confidence, 0 to 100.
    pub confidence: Option<u8>,
    /// The brand that is imitated, in the feed's words.
    pub brand: Option<CompactString>,
    /// When the feed says that it learned of the entry.
    pub reported_at: Option<Epoch>,
    /// When the feed says that it last saw the target at work.
    pub last_seen: Option<Epoch>,
    /// When we saw the feed uphold the entry: at least one, in order, apart from each other.
    pub intervals: Intervals,
}

impl Sighting {
    /// Whether the feed upholds the entry at `now`.
    #[must_use]
    pub fn is_live(&self, now: Epoch) -> bool {
        self.intervals.iter().any(|interval| interval.is_live(now))
    }
}

/// The id of an indicator: an observable and what it is said to be used for.
#[must_use]
pub fn indicator_id(observable: Id, class: AbuseClass) -> Id {
    Id::derive(IdKind::Indicator, &[&observable.0, class.as_str().as_bytes()])
}

/// The id of a case: a subject and what it is said to be used for.
#[must_use]
pub fn case_id(subject: &str, class: AbuseClass) -> Id {
    Id::derive(IdKind::Case, &[subject.as_bytes(), class.as_str().as_bytes()])
}
