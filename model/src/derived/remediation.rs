//! `remediation_times`: how long it took until what was reported was gone.

use std::collections::BTreeMap;
use std::sync::Arc;

use compact_str::CompactString;

use crate::case::{Case, CaseStatus};
use crate::observation::{Facts, Observation, ObservationKey, ProbeKind};
use crate::time::{DAY_MS, Epoch};

/// A row of the view `remediation_times`: a case that is remediated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RemediationTime {
    /// The case.
    pub case: Arc<Case>,
    /// When it was gone.
    pub ended_at: Epoch,
    /// The registrar of its registrable domain, as RDAP named it last.
    pub registrar: Option<CompactString>,
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
        Some(RemediationTime {
            ended_at: case.ended_at?,
            registrar: registrar(&case.registrable_domain),
            case: Arc::clone(case),
        })
    };
    remediated.filter_map(row).collect()
}
