//! Cases: a name and what it is used for, with where the matter stands.
//!
//! A case gathers the indicators of one subject in one abuse class. Class `other` joins the specific cases of
//! its subject; alone it is a case of its own.
//!
//! ```text
//!      a feed upholds it, or a target was         no feed does, and every target was
//!      found alive since they dropped it          stated offline; or they were measured
//!   ┌──────┐ a day closes ┌────────┐              gone, whatever feeds say ┌────────────┐
//!   │ new  ├─────────────►│ active ├─────────────────────────────────────►│ remediated │
//!   └──┬───┘              └───┬────┘                                       └─────┬──────┘
//!      │   the rest           │      ┌─────────┐   evidence again, or back     │
//!      └──────────────────────┴─────►│ expired │            ┌──────────┐       │
//!                                    └─────────┘            │ recurred │◄──────┘
//!      every interval taken back or marked:                 └──────────┘
//!      withdrawn, from any state
//! ```

use std::sync::Arc;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::id::Id;
use crate::sighting::{AbuseClass, FeedId};
use crate::time::Epoch;

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaseStatus {
    /// A feed upholds it, and all its evidence began on the day of the publication.
    New,
    /// A feed upholds it, or none does any more and a target was found alive.
    Active,
    /// It is there again after it was remediated.
    Recurred,
    /// Every target was measured gone; or no feed upholds it, and each was stated offline.
    Remediated,
    /// No feed upholds it; whether the targets are gone was not measured, or could not be told.
    Expired,
    /// Its feeds took it back, or an operator marked it a false positive.
    Withdrawn,
}

impl CaseStatus {
    /// The word in columns.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            CaseStatus::New => "new",
            CaseStatus::Active => "active",
            CaseStatus::Recurred => "recurred",
            CaseStatus::Remediated => "remediated",
            CaseStatus::Expired => "expired",
            CaseStatus::Withdrawn => "withdrawn",
        }
    }

    /// Whether the abuse goes on, as far as is known.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, CaseStatus::New | CaseStatus::Active | CaseStatus::Recurred)
    }
}

/// A row of the view `cases`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Case {
    /// The id of subject and class.
    pub id: Id,
    /// The name that the case is about.
    pub subject: CompactString,
    /// The name that the registry registered.
    pub registrable_domain: CompactString,
    /// The platform that the subject is a customer of.
    pub platform: Option<CompactString>,
    /// What the name is said to be used for.
    pub abuse_class: AbuseClass,
    /// Where the case stands.
    pub status: CaseStatus,
    /// When the first interval that counts began.
    pub first_seen: Epoch,
    /// When the last interval ended; none while the case is open.
    pub ended_at: Option<Epoch>,
    /// Evidence rows that count: the live ones of an open case, all that are kept of a closed one.
    pub evidence_count: u32,
    /// The feeds of that evidence, sorted.
    pub feed_ids: Arc<[FeedId]>,
    /// Whether the zone delegates the registrable domain; none where no zone is read.
    pub delegated: Option<bool>,
    /// The place of the registrable domain in the ranking.
    pub rank: Option<u32>,
}

impl Case {
    /// The TLD that the case belongs to.
    #[must_use]
    pub fn tld(&self) -> &str {
        crate::observable::top_level(&self.registrable_domain)
    }
}
