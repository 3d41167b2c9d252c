//! Requests: what is to be measured, from where, and what comes first.
//!
//! Every sighting names targets ([`targets`]): its URL, the same one over the other scheme, the root of its host,
//! the host, the registrable domain. The [`Plan`] says what is asked of each. A request stands as long as its target
//! is wanted and there is no observation of it that is young enough.

use std::collections::BTreeSet;
use std::sync::Arc;

use compact_str::{CompactString, ToCompactString, format_compact};
use serde::{Deserialize, Serialize};

use super::{Finding, Observation, ObservationKey, ProbeKind};
use crate::observable::{Observable, ObservableKind, top_level};
use crate::sighting::{Interval, Sighting};
use crate::time::{Epoch, HOUR_MS};

/// Something that is to be measured.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Request {
    /// What is measured, of what, from where.
    pub key: ObservationKey,
    /// What comes first: 0 before 1.
    pub priority: u8,
    /// The spelling that is fetched, where it is not the target itself.
    pub spelled: Option<Arc<str>>,
}

/// What a target is to the sightings that name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Level {
    /// The registrable domain.
    Domain,
    /// The host.
    Host,
    /// What a feed lists, as a URL.
    Listed,
    /// The same over the other scheme.
    Twin,
    /// The root of the host.
    Root,
}

/// A target with what it is to a sighting.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Wanted {
    /// What it is.
    pub level: Level,
    /// The spelling that is fetched, where it is not the target itself.
    pub spelled: Option<Arc<str>>,
}

/// How long after the end of its last interval a target is still measured: so that it is known whether what left a
/// list is gone.
pub const AFTERCARE_MS: u64 = 48 * HOUR_MS;

/// When a sighting stops to want anything measured; none while it is upheld without end.
#[must_use]
pub fn wanted_until(sighting: &Sighting) -> Option<Epoch> {
    sighting.intervals.last().and_then(Interval::ended_at).map(|end| end.plus(AFTERCARE_MS))
}

/// The targets that an observable names. Addresses name none: nobody's registry can do anything about them.
#[must_use]
pub fn targets(observable: &Observable) -> Vec<(CompactString, Wanted)> {
    let place = &observable.place;
    let Some(domain) = place.registrable_domain() else { return Vec::new() };
    let plain = |level| Wanted { level, spelled: None };
    let mut targets = vec![(CompactString::from(domain), plain(Level::Domain))];
    let host = place.host();
    targets.push((host.into(), plain(Level::Host)));
    let canonical = observable.canonical.as_ref();
    let roots = ["http", "https"].map(|scheme| format_compact!("{scheme}://{host}/"));
    if observable.kind == ObservableKind::Url {
        let spelled = observable.original.as_deref().map(Arc::from);
        targets.push((canonical.into(), Wanted { level: Level::Listed, spelled }));
        targets.extend(twin(canonical, host).map(|twin| (twin, plain(Level::Twin))));
        targets.extend(roots.map(|root| (root, plain(Level::Root))));
    } else {
        let [http, https] = roots;
        targets.extend([(http, plain(Level::Listed)), (https, plain(Level::Twin))]);
    }
    targets
}

/// The targets whose being gone says that what an observable shows is gone.
#[must_use]
pub fn own_targets(observable: &Observable) -> Vec<CompactString> {
    match observable.kind {
        ObservableKind::Url => vec![observable.canonical.to_compact_string()],
        ObservableKind::Host => {
            ["http", "https"].map(|scheme| format_compact!("{scheme}://{}/", observable.place.host())).into()
        }
        ObservableKind::Address => Vec::new(),
    }
}

/// A URL over the other scheme. One with a port of its own has none: there is one server behind a port.
fn twin(canonical: &str, host: &str) -> Option<CompactString> {
    let (scheme, rest) = canonical.split_once("://")?;
    let tail = rest.strip_prefix(host)?;
    let other = match scheme {
        "http" => "https",
        "https" => "http",
        _ => return None,
    };
    tail.starts_with('/').then(|| format_compact!("{other}://{rest}"))
}

/// The kind of probe that fetches a URL.
#[must_use]
pub fn fetch_kind(url: &str) -> Option<ProbeKind> {
    match url.split_once("://")?.0 {
        "http" => Some(ProbeKind::Http),
        "https" => Some(ProbeKind::Https),
        _ => None,
    }
}

/// What is asked of every target. Empty, nothing is measured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Whether the TLD's servers are asked.
    pub delegation: bool,
    /// The ids of filtering resolvers.
    pub filters: Vec<CompactString>,
    /// The ids of DNS blocklists.
    pub blocklists: Vec<CompactString>,
    /// The vantages from which everything is fetched: none, one, or two that are not at one place.
    pub vantages: Vec<CompactString>,
    /// The vantage that is asked as well where those two disagree.
    pub tie: Option<CompactString>,
    /// Whether Web Risk is asked.
    pub web_risk: bool,
    /// The TLDs whose RDAP is asked.
    pub rdap_tlds: BTreeSet<CompactString>,
}

impl Plan {
    /// Whether nothing is measured.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Plan::default()
    }

    /// What is asked of a target, each with the vantage.
    #[must_use]
    pub fn probes(&self, target: &str, level: Level) -> Vec<(ProbeKind, CompactString)> {
        let mut probes = Vec::new();
        let each = |kind, vantages: &[CompactString], probes: &mut Vec<_>| {
            probes.extend(vantages.iter().map(|vantage| (kind, vantage.clone())));
        };
        match level {
            Level::Domain => {
                if self.delegation {
                    probes.push((ProbeKind::Delegation, CompactString::default()));
                }
                each(ProbeKind::Filter, &self.filters, &mut probes);
                each(ProbeKind::Blocklist, &self.blocklists, &mut probes);
                if self.rdap_tlds.contains(top_level(target)) {
                    probes.push((ProbeKind::Rdap, CompactString::default()));
                }
            }
            Level::Host => each(ProbeKind::Filter, &self.filters, &mut probes),
            Level::Listed | Level::Twin | Level::Root => {
                if let Some(kind) = fetch_kind(target) {
                    each(kind, &self.vantages, &mut probes);
                }
                if level == Level::Listed && self.web_risk {
                    probes.push((ProbeKind::WebRisk, CompactString::default()));
                }
            }
        }
        probes
    }

    /// What comes first: what nobody has measured yet, and names before pages.
    #[must_use]
    pub fn priority(level: Level, measured_before: bool) -> u8 {
        level as u8 + if measured_before { 8 } else { 0 }
    }
}

/// What a place saw of a URL, as far as two of them can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Look {
    /// What it says of the target.
    pub finding: Finding,
    /// The similarity hash of the page.
    pub similarity: Option<u64>,
}

/// Bits in which the similarity hashes of two looks at one page may differ.
const ALIKE_BITS: u32 = 24;

impl Look {
    /// What an observation of a fetch saw; none if it saw nothing.
    #[must_use]
    pub fn of(kind: ProbeKind, observation: &Observation) -> Option<Look> {
        let finding = observation.outcome.finding(kind);
        let similarity = match &observation.facts {
            super::Facts::Http(facts) => facts.similarity,
            _ => None,
        };
        (kind.is_fetch() && finding != Finding::Inconclusive).then_some(Look { finding, similarity })
    }

    /// Whether two places saw different things: a page that is there for one of them only, or another page.
    #[must_use]
    pub fn differs_from(&self, other: &Look) -> bool {
        match (self.finding == Finding::Alive, other.finding == Finding::Alive) {
            (true, true) => match (self.similarity, other.similarity) {
                (Some(a), Some(b)) => (a ^ b).count_ones() > ALIKE_BITS,
                _ => false,
            },
            (a, b) => a != b,
        }
    }
}
