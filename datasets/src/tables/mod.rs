//! Tables: what every key holds. The plain fold of the log, and its copy on disk as of a day's close.
//!
//! In goes the log; out come [`Changes`](panopticon_model::update::Changes) for the engine and base tables for the
//! next start. Everything here can be made again from the log while the log is retained. No view, no engine.

mod base;
mod delegations;
mod error;
mod file;
mod fold;
mod manifest;

pub use base::Base;
pub(crate) use base::{LogSoFar, MANIFEST, find, newest_before, oldest, write};
pub use error::TablesError;
pub use file::RowChunks;
pub use fold::{Folding, Tables, net};
pub use manifest::{FileEntry, Manifest};

use panopticon_model::update::Update;
use serde::{Deserialize, Serialize};

/// The collections of which base tables are kept, one file each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Collection {
    /// Facts about the installation.
    Settings,
    /// Sets of name servers.
    NameServers,
    /// Feeds.
    Feeds,
    /// Errors.
    Errors,
    /// Marks.
    Marks,
    /// Ranks.
    Ranks,
    /// Sightings.
    Sightings,
    /// Delegations.
    Delegations,
    /// Observations.
    Observations,
    /// Probes under way.
    Claims,
    /// Protected names.
    ProtectedNames,
    /// Reputations.
    Reputations,
    /// Verdicts.
    Verdicts,
    /// Names that are not to be imitated.
    Targets,
    /// When names entered their zones.
    Entered,
    /// What was counted of look-alikes.
    Surveyed,
    /// Scores from which names count as made by machines.
    CutOffs,
    /// Campaigns.
    Campaigns,
}

impl Collection {
    /// All collections, in the order in which they are replayed: what others refer to comes first.
    pub const ALL: [Collection; 18] = [
        Collection::Settings,
        Collection::NameServers,
        Collection::Feeds,
        Collection::Errors,
        Collection::Marks,
        Collection::Ranks,
        Collection::Sightings,
        Collection::Delegations,
        Collection::Observations,
        Collection::Claims,
        Collection::ProtectedNames,
        Collection::Reputations,
        Collection::Verdicts,
        Collection::Targets,
        Collection::Entered,
        Collection::Surveyed,
        Collection::CutOffs,
        Collection::Campaigns,
    ];

    /// The name in file names and manifests.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Collection::Settings => "settings",
            Collection::NameServers => "name_servers",
            Collection::Feeds => "feeds",
            Collection::Errors => "errors",
            Collection::Marks => "marks",
            Collection::Ranks => "ranks",
            Collection::Sightings => "sightings",
            Collection::Delegations => "delegations",
            Collection::Observations => "observations",
            Collection::Claims => "claims",
            Collection::ProtectedNames => "protected_names",
            Collection::Reputations => "reputations",
            Collection::Verdicts => "verdicts",
            Collection::Targets => "targets",
            Collection::Entered => "entered",
            Collection::Surveyed => "surveyed",
            Collection::CutOffs => "cut_offs",
            Collection::Campaigns => "campaigns",
        }
    }

    /// The collection that an update belongs to.
    #[must_use]
    pub fn of(update: &Update) -> Collection {
        match update {
            Update::Sighting(..) => Collection::Sightings,
            Update::Mark(..) => Collection::Marks,
            Update::Rank(..) => Collection::Ranks,
            Update::Error(..) => Collection::Errors,
            Update::Feed(..) => Collection::Feeds,
            Update::Setting(..) => Collection::Settings,
            Update::Delegation(..) => Collection::Delegations,
            Update::NameServers(..) => Collection::NameServers,
            Update::Observation(..) => Collection::Observations,
            Update::Claim(..) => Collection::Claims,
            Update::ProtectedName(..) => Collection::ProtectedNames,
            Update::Reputation(..) => Collection::Reputations,
            Update::Verdict(..) => Collection::Verdicts,
            Update::Target(..) => Collection::Targets,
            Update::Entered(..) => Collection::Entered,
            Update::Surveyed(..) => Collection::Surveyed,
            Update::CutOff(..) => Collection::CutOffs,
            Update::Campaign(..) => Collection::Campaigns,
        }
    }
}
