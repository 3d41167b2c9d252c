//! Observations: what we measured ourselves of a target, as far as it is known and as long as it counts.
//!
//! A feed's row is a claim; an observation is a fact with an instant. Nothing in it depends on when it is read: what
//! is measured again when, and how long it counts, is fixed by whoever measured.
//!
//! ```text
//! Request ──prober──► Measured ──observe(previous, measured, at)──► Observation ──► the log
//! ```

mod facts;
mod outcome;
mod request;
mod schedule;

use std::sync::Arc;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::id::{Id, IdKind};
use crate::observable::Place;
use crate::time::{Epoch, HOUR_MS};

pub use facts::{
    BlocklistFacts, DelegationFacts, Facts, FilterFacts, Hop, HttpFacts, RdapFacts, Signal, TlsFacts, WebRiskFacts,
};
pub use outcome::{Finding, Outcome};
pub use request::{
    AFTERCARE_MS, Level, Look, Plan, Request, Wanted, fetch_kind, own_targets, targets, wanted_until,
};
pub use schedule::{Measured, Schedule, observe};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProbeKind {
    /// Whether the TLD's own servers delegate a registrable domain, and whether its servers answer.
    Delegation,
    /// Whether a filtering resolver refuses a name that an unfiltered one gives.
    Filter,
    /// Whether a DNS blocklist lists a name.
    Blocklist,
    /// What a URL answers over HTTP.
    Http,
    /// What a URL answers over HTTPS.
    Https,
    /// Whether Google Web Risk knows a URL.
    WebRisk,
    /// What RDAP says of a registrable domain; object fields only.
    Rdap,
}

impl ProbeKind {
    /// All kinds, in the order in which they sort.
    pub const ALL: [ProbeKind; 7] = [
        ProbeKind::Delegation,
        ProbeKind::Filter,
        ProbeKind::Blocklist,
        ProbeKind::Http,
        ProbeKind::Https,
        ProbeKind::WebRisk,
        ProbeKind::Rdap,
    ];

    /// The word in columns.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ProbeKind::Delegation => "delegation",
            ProbeKind::Filter => "filter",
            ProbeKind::Blocklist => "blocklist",
            ProbeKind::Http => "http",
            ProbeKind::Https => "https",
            ProbeKind::WebRisk => "web-risk",
            ProbeKind::Rdap => "rdap",
        }
    }

    /// Whether the target is a URL that is fetched.
    #[must_use]
    pub fn is_fetch(self) -> bool {
        matches!(self, ProbeKind::Http | ProbeKind::Https)
    }
}

/// The key of an observation. All that is known of a target stands together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObservationKey {
    /// A name, or a URL in canonical form.
    pub target: CompactString,
    /// What was measured of it.
    pub kind: ProbeKind,
    /// From where: the id of a vantage, of a filtering resolver or of a blocklist; empty where there is one place
    /// only to ask.
    pub vantage: CompactString,
}

impl ObservationKey {
    /// The published id.
    #[must_use]
    pub fn id(&self) -> Id {
        Id::derive(
            IdKind::Observation,
            &[self.target.as_bytes(), self.kind.as_str().as_bytes(), self.vantage.as_bytes()],
        )
    }

    /// The host of the target.
    #[must_use]
    pub fn host(&self) -> &str {
        let host = self.target.split_once("://").map_or(self.target.as_str(), |(_, rest)| rest);
        let host = host.split(['/', '?']).next().unwrap_or(host);
        match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        }
    }
}

/// A time in which a target was found gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Gone {
    /// When it was found gone first.
    pub since: Epoch,
    /// When it was found gone again, at least [`GONE_TWICE_MS`] later: from then on it counts.
    pub confirmed_at: Option<Epoch>,
    /// When it was found alive again.
    pub until: Option<Epoch>,
}

/// How far two looks lie apart that together say that a target is gone.
pub const GONE_TWICE_MS: u64 = 6 * HOUR_MS;

/// What we measured of a target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Observation {
    /// Where the host of the target stands.
    pub place: Place,
    /// What was found when it could be told last; of a target of which it never could, why not.
    pub outcome: Outcome,
    /// When that was.
    pub observed_at: Epoch,
    /// When it is to be measured again.
    pub refresh_at: Epoch,
    /// Until when it counts. What could not be told counts at no time.
    pub valid_until: Epoch,
    /// How often in a row it could not be told since.
    pub failures: u8,
    /// Why not, the last time.
    pub failure: Option<Outcome>,
    /// When the target was gone; the last ones, in order.
    pub gone: SmallVec<[Gone; 1]>,
    /// The rest, by kind.
    pub facts: Facts,
}

impl Observation {
    /// Whether the target was found alive, as far as is known at `now`.
    #[must_use]
    pub fn is_alive(&self, kind: ProbeKind, now: Epoch) -> bool {
        now < self.valid_until && self.outcome.finding(kind) == Finding::Alive
    }
}

/// A measured target, as views carry it.
pub type Observed = (ObservationKey, Arc<Observation>);
