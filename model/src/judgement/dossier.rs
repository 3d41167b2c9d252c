//! What is known of a subject when it is judged.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use compact_str::{CompactString, ToCompactString};

use crate::case::Case;
use crate::id::Id;
use crate::indicator::Indicator;
use crate::lookalike::HighRiskName;
use crate::name::HostRole;
use crate::observation::{Facts, Observation, ObservationKey, Outcome, ProbeKind, RdapFacts};
use crate::reputation::{Repute, is_address};
use crate::sighting::AbuseClass;
use crate::time::Epoch;

/// Everything that counts of a subject at an instant. The order of rows does not matter to any judgement.
#[derive(Clone, Debug, Default)]
pub struct Dossier<'a> {
    /// Its indicators.
    pub indicators: Vec<&'a Arc<Indicator>>,
    /// Its cases.
    pub cases: Vec<&'a Case>,
    /// What was measured of its targets and still counts.
    pub seen: Vec<Seen<'a>>,
    /// Indicators that a second feed has confirmed lately: their ids, since when and until when.
    pub seconded: Vec<Seconded>,
    /// The place of its registrable domain in the ranking.
    pub rank: Option<u32>,
    /// Whether the registry holds its registrable domain critical.
    pub is_protected: bool,
    /// The servers that it rests on, of which something speaks for or against it.
    pub repute: BTreeMap<CompactString, Arc<Repute>>,
    /// Whom its registrable domain imitates, or that a machine made it.
    pub looks: Option<Arc<HighRiskName>>,
}

/// Something that was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen<'a> {
    /// What, of what, from where.
    pub key: &'a ObservationKey,
    /// What was found.
    pub seen: &'a Observation,
    /// Whether it is young enough to confirm something.
    pub confirms: bool,
}

/// That a second feed says the same of an indicator.
pub type Seconded = (Id, Epoch, Epoch);

impl<'a> Dossier<'a> {
    /// The open cases to which an indicator of a class belongs: its own, and of class `other` any.
    pub fn open_cases(&self, class: AbuseClass) -> impl Iterator<Item = &'a Case> + '_ {
        let belongs = move |case: &&&Case| class == AbuseClass::Other || case.abuse_class == class;
        self.cases.iter().filter(|case| case.status.is_open()).filter(belongs).copied()
    }

    /// Whether the TLD's servers were found not to delegate the registrable domain.
    #[must_use]
    pub fn is_undelegated(&self) -> bool {
        self.seen.iter().any(|of| of.key.kind == ProbeKind::Delegation && of.seen.outcome == Outcome::Undelegated)
    }

    /// What RDAP says of the registrable domain.
    #[must_use]
    pub fn rdap(&self) -> Option<&'a RdapFacts> {
        self.seen.iter().find_map(|of| match &of.seen.facts {
            Facts::Rdap(facts) => Some(facts.as_ref()),
            _ => None,
        })
    }

    /// Puts everything into one order, so that what is said of it does not depend on how it was gathered.
    pub fn sort(&mut self) {
        self.indicators.sort_unstable();
        self.cases.sort_unstable();
        self.seen.sort_unstable_by(|a, b| a.key.cmp(b.key));
        self.seconded.sort_unstable();
    }

    /// The addresses of its hosts, and its name servers, sorted.
    #[must_use]
    pub fn servers(&self) -> (Vec<CompactString>, Vec<CompactString>) {
        let all: BTreeSet<CompactString> = self.seen.iter().flat_map(|of| servers(of.seen)).collect();
        all.into_iter().partition(|server| is_address(server))
    }

    /// Whether its name is one that nobody is to call malicious without a human decision.
    #[must_use]
    pub fn guard(&self, guarded_rank: u32) -> Option<Guard> {
        let is_platform = self.cases.iter().any(|case| case.platform.is_some())
            || self.indicators.iter().any(|row| row.observable.place.role() == HostRole::Platform);
        // What is known of the platform's own name says nothing of its customers.
        if is_platform {
            return Some(Guard::Platform);
        }
        if self.is_protected {
            return Some(Guard::Protected);
        }
        self.rank.is_some_and(|rank| rank <= guarded_rank).then_some(Guard::Ranked)
    }
}

/// What was seen of where a target is: its addresses, and the name servers of its registrable domain.
#[must_use]
pub fn servers(seen: &Observation) -> Vec<CompactString> {
    match &seen.facts {
        Facts::Http(facts) => facts.address.iter().map(ToCompactString::to_compact_string).collect(),
        Facts::Delegation(facts) => {
            let addresses = facts.addresses.iter().map(ToCompactString::to_compact_string);
            addresses.chain(facts.name_servers.iter().map(|host| CompactString::from(host.as_str()))).collect()
        }
        _ => Vec::new(),
    }
}

/// Why a name is guarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Guard {
    /// Names below it belong to others.
    Platform,
    /// The registry holds it critical.
    Protected,
    /// Many people use it.
    Ranked,
}
