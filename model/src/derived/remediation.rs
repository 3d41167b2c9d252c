//! `remediation_times`: how long it took until what was reported was gone.

use std::collections::BTreeMap;
use std::sync::Arc;

use compact_str::CompactString;

use crate::case::{Case, CaseStatus};
use crate::id::Id;
use crate::judgement::RemedyKind;
use crate::observation::{Facts, Observation, ObservationKey, ProbeKind};
use crate::time::{DAY_MS, Epoch};
use crate::verdict::Verdict;

/// A row of the view `remediation_times`: a case that is remediated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RemediationTime {
    /// The case.
    pub case: Arc<Case>,
    /// When it was gone.
    pub ended_at: Epoch,
    /// The registrar of its registrable domain, as it was noted while the case was open, else as RDAP named it last.
    pub registrar: Option<CompactString>,
    /// What it was while it was open, if that was noted.
    pub remedy: Option<RemedyKind>,
    /// As of when it was found validated first, if it was.
    pub validated_at: Option<Epoch>,
}

impl RemediationTime {
    /// Full days from the first report to the end.
    #[must_use]
    pub fn days(&self) -> u64 {
        self.ended_at.0.saturating_sub(self.case.first_seen.0) / DAY_MS
    }
}

/// A row for each of the cases that is remediated, in their order. What has come back since is not.
#[must_use]
pub fn remediation_times<'a>(
    cases: impl IntoIterator<Item = &'a Arc<Case>>,
    observations: &BTreeMap<ObservationKey, Arc<Observation>>,
    verdicts: &BTreeMap<Id, Arc<Verdict>>,
) -> Vec<RemediationTime> {
    let registrar = |domain: &CompactString| {
        let key =
            ObservationKey { target: domain.clone(), kind: ProbeKind::Rdap, vantage: CompactString::default() };
        match &observations.get(&key)?.facts {
            Facts::Rdap(facts) => facts.registrar.clone(),
            _ => None,
        }
    };
    let remediated = cases.into_iter().filter(|case| case.status == CaseStatus::Remediated);
    let row = |case: &Arc<Case>| {
        let verdict = verdicts.get(&case.id);
        let noted = verdict.and_then(|verdict| verdict.registrar.clone());
        Some(RemediationTime {
            ended_at: case.ended_at?,
            registrar: noted.or_else(|| registrar(&case.registrable_domain)),
            remedy: verdict.map(|verdict| verdict.remedy),
            validated_at: verdict.and_then(|verdict| verdict.validated_at),
            case: Arc::clone(case),
        })
    };
    remediated.filter_map(row).collect()
}
