//! Updates: what enters. An update says what a key holds from an epoch on, or that it holds nothing.
//!
//! The log keeps updates; [`Change`] adds what the key held before, which the tables know, so that the engine
//! can turn it into one retraction and one insertion without state of its own.

use std::sync::Arc;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::campaign::{Campaign, CampaignKey};
use crate::id::Id;
use crate::lookalike::{CutOff, SurveyKey, Surveyed, Target, TargetKey};
use crate::name::HostName;
use crate::observation::{Observation, ObservationKey};
use crate::reputation::Reputation;
use crate::sighting::{FeedId, Sighting, SightingKey};
use crate::time::Epoch;
use crate::verdict::Verdict;

/// Why an epoch was minted. Every line of a daily diff carries the cause of the epoch that made it; only
/// `Evidence` may lead to a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The world says something new, or an operator decided on a name.
    Evidence,
    /// The registry changed what it wants to see.
    Policy,
    /// The suffix rules changed: the same hosts belong to other names.
    Suffix,
    /// A feed was taken out of the configuration.
    FeedRemoved,
    /// The program changed.
    Program,
    /// Time passed.
    Age,
    /// A case of class `other` gave way to, or took over from, a specific one.
    Reclassified,
}

impl Cause {
    /// The word in columns.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::Evidence => "evidence",
            Cause::Policy => "policy",
            Cause::Suffix => "suffix",
            Cause::FeedRemoved => "feed-removed",
            Cause::Program => "program",
            Cause::Age => "age",
            Cause::Reclassified => "reclassified",
        }
    }
}

/// What stands at the head of an epoch in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpochHeader {
    /// The instant that the epoch was given.
    pub at: Epoch,
    /// Why it was minted.
    pub cause: Cause,
    /// Where its updates come from: `feed:openphish`, `zone:xx.zone`, `mark`, `clock`.
    pub source: CompactString,
}

/// What a key holds from an epoch on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Update {
    /// A feed says something, says it otherwise, or takes the row back.
    Sighting(SightingKey, Option<Arc<Sighting>>),
    /// An operator decided on a name or an observable.
    Mark(MarkTarget, Option<Mark>),
    /// The place of a registrable domain in a ranking (1 is the most popular).
    Rank(CompactString, Option<u32>),
    /// A line of a feed that cannot be read, or a feed that cannot be fetched.
    Error(ErrorKey, Option<LineError>),
    /// What we know of a feed itself.
    Feed(FeedId, Option<Arc<FeedState>>),
    /// A fact about this installation: suffix rules, TLDs, program version.
    Setting(CompactString, Option<CompactString>),
    /// A delegation of a zone. Zones are too large to keep beside the engine: their reader, which compares two
    /// sorted snapshots anyway, says what stood before.
    Delegation(DelegationKey, Before<Delegation>, Option<Delegation>),
    /// A set of name servers, under the id by which delegations refer to it.
    NameServers(Id, Vec<HostName>),
    /// What we measured of a target; none when nobody wants to know it any more.
    Observation(ObservationKey, Option<Arc<Observation>>),
    /// A probe is under way, and will be over at the instant; none when it is.
    Claim(ObservationKey, Option<Epoch>),
    /// A name that the registry itself holds critical, and since when.
    ProtectedName(ProtectedName, Option<Epoch>),
    /// What became of the names that rest on a name server or an address, as of the close of a day.
    Reputation(CompactString, Option<Arc<Reputation>>),
    /// What an open case was judged to be, by its id.
    Verdict(Id, Option<Arc<Verdict>>),
    /// A name that is not to be imitated.
    Target(TargetKey, Option<Arc<Target>>),
    /// When a registered domain that is looked at entered its zone.
    Entered(CompactString, Option<Epoch>),
    /// What was counted of look-alikes at the close of a day.
    Surveyed(SurveyKey, Option<Surveyed>),
    /// From which score on a name counts as made by a machine, by TLD, as of the close of a day.
    CutOff(CompactString, Option<CutOff>),
    /// Names that came on one day and share something rare.
    Campaign(CampaignKey, Option<Arc<Campaign>>),
}

/// What stood before, where the source knows it better than the tables.
pub type Before<T> = Option<T>;

/// A row's passage from what a key held to what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change<K, V> {
    /// The key.
    pub key: K,
    /// What it held; none when the key is new.
    pub before: Option<V>,
    /// What it holds; none when the row is gone.
    pub after: Option<V>,
}

/// The changes of one epoch, in the collections that the engine reads. Unchanged rows are not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Sightings.
    pub sightings: Vec<Change<SightingKey, Arc<Sighting>>>,
    /// Marks.
    pub marks: Vec<Change<MarkTarget, Mark>>,
    /// Ranks.
    pub ranks: Vec<Change<CompactString, u32>>,
    /// Errors.
    pub errors: Vec<Change<ErrorKey, LineError>>,
    /// Feeds.
    pub feeds: Vec<Change<FeedId, Arc<FeedState>>>,
    /// Delegations.
    pub delegations: Vec<Change<DelegationKey, Delegation>>,
    /// Observations.
    pub observations: Vec<Change<ObservationKey, Arc<Observation>>>,
    /// Probes under way.
    pub claims: Vec<Change<ObservationKey, Epoch>>,
    /// Protected names.
    pub protected_names: Vec<Change<ProtectedName, Epoch>>,
    /// Reputations.
    pub reputations: Vec<Change<CompactString, Arc<Reputation>>>,
    /// Names that are not to be imitated.
    pub targets: Vec<Change<TargetKey, Arc<Target>>>,
    /// When names entered their zones.
    pub entered: Vec<Change<CompactString, Epoch>>,
    /// What was counted of look-alikes.
    pub surveyed: Vec<Change<SurveyKey, Surveyed>>,
    /// Scores from which names count as made by machines.
    pub cut_offs: Vec<Change<CompactString, CutOff>>,
    /// Campaigns.
    pub campaigns: Vec<Change<CampaignKey, Arc<Campaign>>>,
}

impl Changes {
    /// Whether the epoch changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many rows change.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sightings.len()
            + self.marks.len()
            + self.ranks.len()
            + self.errors.len()
            + self.feeds.len()
            + self.delegations.len()
            + self.observations.len()
            + self.claims.len()
            + self.protected_names.len()
            + self.reputations.len()
            + self.targets.len()
            + self.entered.len()
            + self.surveyed.len()
            + self.cut_offs.len()
            + self.campaigns.len()
    }
}

/// What an operator's mark is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MarkTarget {
    /// Everything at or below a name. `subject` is the name of the cases that it touches.
    Name {
        /// The marked name.
        name: HostName,
        /// The subject that the name belongs to: the name itself or one above it.
        subject: CompactString,
    },
    /// One observable, in every class.
    Observable {
        /// Its id.
        id: Id,
        /// Its canonical value, for people.
        canonical: CompactString,
        /// The subject that its host belongs to, or its address.
        subject: CompactString,
    },
}

impl MarkTarget {
    /// The name by which the mark is judged.
    #[must_use]
    pub fn subject(&self) -> &str {
        match self {
            MarkTarget::Name { subject, .. } | MarkTarget::Observable { subject, .. } => subject,
        }
    }

    /// What is marked, as people write it: a name, an address or a canonical URL.
    #[must_use]
    pub fn marked(&self) -> &str {
        match self {
            MarkTarget::Name { name, .. } => name.as_str(),
            MarkTarget::Observable { canonical, .. } => canonical,
        }
    }
}

/// An operator's decision: for now there is one kind, `false-positive`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Mark {
    /// The reason that the operator gave.
    pub reason: CompactString,
    /// When the mark was set.
    pub since: Epoch,
    /// When it stops to count; none means until it is taken back.
    pub until: Option<Epoch>,
}

impl Mark {
    /// Whether the mark counts at `now`.
    #[must_use]
    pub fn is_live(&self, now: Epoch) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// That a list of the registry names a domain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ProtectedName {
    /// The registrable domain.
    pub domain: CompactString,
    /// The list.
    pub list: CompactString,
}

/// The key of an error.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ErrorKey {
    /// The feed or zone that the line is in.
    pub source: FeedId,
    /// The hash of the line; of the words `fetch` or `more` for what is about the whole source.
    pub line: Id,
}

/// A line that cannot be read: data, not a failure.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LineError {
    /// The line number in the snapshot that had it first, from 1; 0 when the whole source is meant.
    pub line_number: u64,
    /// What is wrong with it, and what would be right.
    pub message: CompactString,
    /// The start of the line, e-mail addresses masked.
    pub sample: CompactString,
}

/// What we know of a feed itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FeedState {
    /// The stamp of the last good snapshot.
    pub as_of: Option<Epoch>,
    /// When it was fetched.
    pub fetched_at: Option<Epoch>,
    /// Archived snapshots that still count, oldest first: stamp and digest of the archived bytes.
    pub snapshots: Vec<(Epoch, Id)>,
    /// Rows of the last good snapshot that could be read.
    pub rows: u64,
    /// Of these, rows under the TLDs of this installation: they are kept.
    pub kept: u64,
    /// Lines of the last good snapshot that could not be read.
    pub errors: u64,
    /// Snapshots held back because they shrank too much: stamp, rows and digest.
    pub held: Vec<(Epoch, u64, Id)>,
    /// The last failure to load, when it is younger than the last good load.
    pub failure: Option<CompactString>,
    /// Validators of the last good answer, for conditional requests.
    pub etag: Option<CompactString>,
    /// The `Last-Modified` of the last good answer.
    pub last_modified: Option<CompactString>,
    /// Whether its evidence has lapsed: no good load for seven days, or out of the configuration.
    pub lapsed: bool,
}

/// The key of a delegation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DelegationKey {
    /// The owner, absolute. It ends in the TLD; one zone source speaks for a name.
    pub owner: CompactString,
}

/// What the zone says of a delegated name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Delegation {
    /// The first 64 bits of the id of the set of its name servers.
    pub name_servers: u64,
    /// [`Delegation::SIGNED`], [`Delegation::GLUE`].
    pub flags: u8,
}

impl Delegation {
    /// The name has a DS record.
    pub const SIGNED: u8 = 1;
    /// At least one of its name servers has an address in the zone.
    pub const GLUE: u8 = 2;
    /// From a list of names: nothing is known of its name servers.
    pub const NAME_ONLY: u8 = 4;

    /// What [`Delegation::name_servers`] holds for the set of an id.
    #[must_use]
    pub fn set(id: Id) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = id.0;
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }
}
