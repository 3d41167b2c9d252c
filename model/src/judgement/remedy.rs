//! `remedies`: what an open case is, and who can fix it.

use std::collections::BTreeMap;
use std::sync::Arc;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::dossier::{Dossier, Guard};
use super::policy::Policy;
use super::signal::{Reason, signals};
use super::validated::{Denied, Validated};
use crate::case::Case;
use crate::id::Id;
use crate::indicator::Indicator;
use crate::sighting::AbuseClass;

/// Sums between these two say nothing: the first is the lowest of `malicious`, the second the highest of `compromised`.
pub const ABSTAIN: (i32, i32) = (30, -20);

/// What a case is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RemedyKind {
    /// The name was registered for it.
    Malicious,
    /// The name is somebody's who was broken into.
    Compromised,
    /// A customer of a platform, or the platform itself.
    Platform,
    /// It cannot be told, or a human has to.
    Unclear,
}

impl RemedyKind {
    /// The word in columns.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            RemedyKind::Malicious => "malicious",
            RemedyKind::Compromised => "compromised",
            RemedyKind::Platform => "platform",
            RemedyKind::Unclear => "unclear",
        }
    }
}

/// Who can fix it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Party {
    /// Whose name it is.
    Registrant,
    /// Who runs the server.
    Hoster,
    /// Who runs the platform.
    PlatformOperator,
    /// Who registered the name for somebody.
    Registrar,
    /// Who runs the TLD.
    Registry,
}

impl Party {
    /// The word in columns.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Party::Registrant => "registrant",
            Party::Hoster => "hoster",
            Party::PlatformOperator => "platform-operator",
            Party::Registrar => "registrar",
            Party::Registry => "registry",
        }
    }
}

/// A row of the view `remedies`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Remedy {
    /// The id of the case.
    pub case_id: Id,
    /// The name that the case is about.
    pub subject: CompactString,
    /// The name that the registry registered.
    pub registrable_domain: CompactString,
    /// What the name is said to be used for.
    pub abuse_class: AbuseClass,
    /// What the case is.
    pub kind: RemedyKind,
    /// Whether one of its indicators is validated.
    pub validated: bool,
    /// If none is: the gate at which the one that came furthest was held up.
    pub denied: Option<CompactString>,
    /// The sum of the weights of all reasons.
    pub score: i32,
    /// Why the sum does not decide, if it does not: `protected-name`, `ranked-name`.
    pub held_back: Option<CompactString>,
    /// The signals, in their order.
    pub reasons: Vec<Reason>,
    /// Who can fix it, whom to ask first.
    pub parties: Vec<Party>,
    /// The registrar, as RDAP names it.
    pub registrar: Option<CompactString>,
    /// The addresses of the hosts, sorted.
    pub addresses: Vec<CompactString>,
    /// The name servers, sorted.
    pub name_servers: Vec<CompactString>,
}

impl Remedy {
    /// Whether the name is confirmed, and registered for abuse by what is known of itself: the company that it keeps
    /// aside, so that a reputation does not feed on itself. Not if a human has to decide.
    #[must_use]
    pub fn is_malicious_by_itself(&self) -> bool {
        let own = self.reasons.iter().filter(|reason| !reason.signal.is_of_company());
        let sum: i32 = own.map(|reason| reason.signal.weight()).sum();
        let decides = self.kind != RemedyKind::Platform && self.held_back.is_none();
        self.validated && decides && sum >= ABSTAIN.0
    }
}

/// The remedy of a case; `gates` are what became of the indicators of the dossier.
pub(super) fn remedy(
    case: &Case,
    dossier: &Dossier<'_>,
    gates: &BTreeMap<Id, Result<Validated, Denied>>,
    policy: &Policy,
) -> Remedy {
    let belongs =
        |row: &&Arc<Indicator>| row.abuse_class == case.abuse_class || row.abuse_class == AbuseClass::Other;
    let own: Vec<&Indicator> = dossier.indicators.iter().copied().filter(belongs).map(Arc::as_ref).collect();
    let own_gates: Vec<_> = own.iter().filter_map(|row| gates.get(&row.id)).collect();
    let validated = own_gates.iter().any(|gate| gate.is_ok());
    // Of several the one that came furthest says what is missing.
    let denied = own_gates.iter().filter_map(|gate| gate.as_ref().err()).max().copied();
    let reasons = signals(case, &own, dossier, policy);
    let score = reasons.iter().map(|reason| reason.signal.weight()).sum();
    let guard = dossier.guard(policy.guarded_rank);
    let by_score = match score {
        score if score >= ABSTAIN.0 => RemedyKind::Malicious,
        score if score <= ABSTAIN.1 => RemedyKind::Compromised,
        _ => RemedyKind::Unclear,
    };
    // A human decides whether a name that many rely on was registered for abuse.
    let (kind, held_back) = match (guard, by_score) {
        (Some(Guard::Platform), _) => (RemedyKind::Platform, None),
        (Some(Guard::Protected), RemedyKind::Malicious) => (RemedyKind::Unclear, Some("protected-name".into())),
        (Some(Guard::Ranked), RemedyKind::Malicious) => (RemedyKind::Unclear, Some("ranked-name".into())),
        (_, kind) => (kind, None),
    };
    let (addresses, name_servers) = dossier.servers();
    Remedy {
        case_id: case.id,
        subject: case.subject.clone(),
        registrable_domain: case.registrable_domain.clone(),
        abuse_class: case.abuse_class,
        kind,
        validated,
        denied: denied.filter(|_| !validated).map(|denied| denied.as_str().into()),
        score,
        held_back,
        reasons,
        parties: parties(kind),
        registrar: dossier.rdap().and_then(|rdap| rdap.registrar.clone()),
        addresses,
        name_servers,
    }
}

/// Who can fix what, whom to ask first. Only whoever answers for a name can take it away; whoever was broken into can
/// mend it, and the hoster sees how it came about.
fn parties(kind: RemedyKind) -> Vec<Party> {
    match kind {
        RemedyKind::Malicious => vec![Party::Registrar, Party::Registry],
        RemedyKind::Compromised => vec![Party::Registrant, Party::Hoster],
        RemedyKind::Platform => vec![Party::PlatformOperator],
        RemedyKind::Unclear => vec![Party::Registrant, Party::Registrar],
    }
}
