//! What a registry demands before it holds a claim for confirmed.

use std::collections::{BTreeMap, BTreeSet};

use compact_str::CompactString;

use crate::origin::Origin;
use crate::sighting::FeedId;
use crate::time::DAY_MS;

/// The policy of a TLD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Feeds of which one is enough.
    pub trusted: BTreeSet<FeedId>,
    /// How many feeds are enough if none of them is trusted; zero for never.
    pub independent: usize,
    /// How long a measurement confirms, in milliseconds; no longer than it counts at all.
    pub fresh_ms: u64,
    /// Names of this rank or a better one are guarded; zero for none.
    pub guarded_rank: u32,
    /// Names and what is below them of which nothing is held for confirmed.
    pub allowed: BTreeSet<CompactString>,
    /// Feeds of which all names are of one origin.
    pub origins: BTreeMap<FeedId, Origin>,
}

impl Default for Policy {
    /// No feed is trusted, two are enough, a measurement confirms for a day, and the first 100,000 names are guarded.
    fn default() -> Policy {
        Policy {
            trusted: BTreeSet::new(),
            independent: 2,
            fresh_ms: DAY_MS,
            guarded_rank: 100_000,
            allowed: BTreeSet::new(),
            origins: BTreeMap::new(),
        }
    }
}

impl Policy {
    /// Whether the feeds that uphold something are enough.
    #[must_use]
    pub fn trusts(&self, feeds: &[FeedId]) -> bool {
        feeds.iter().any(|feed| self.trusted.contains(feed))
            || (self.independent > 0 && feeds.len() >= self.independent)
    }

    /// Whether a host is on the list of those of which nothing is confirmed, or below one.
    #[must_use]
    pub fn allows(&self, host: &str) -> bool {
        let above = std::iter::successors(Some(host), |name| name.split_once('.').map(|(_, above)| above));
        above.into_iter().any(|name| self.allowed.contains(name))
    }
}

/// The policies of an installation, by TLD.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policies {
    /// Of TLDs that have one of their own.
    pub by_tld: BTreeMap<CompactString, Policy>,
    /// Of all others.
    pub usual: Policy,
}

impl Policies {
    /// The policy of a TLD.
    #[must_use]
    pub fn of(&self, tld: &str) -> &Policy {
        self.by_tld.get(tld).unwrap_or(&self.usual)
    }
}
