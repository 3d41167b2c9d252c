//! Views: what is maintained, and the diffs by which it is.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Debug;
use std::sync::Arc;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::case::Case;
use crate::id::Id;
use crate::indicator::Indicator;
use crate::judgement::{Remedy, Validated};
use crate::lookalike::{AlgorithmicName, HighRiskName, Typosquat};
use crate::observation::{ObservationKey, Request};
use crate::time::Epoch;

/// The views that are published, under the names of their partitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// What is thought malicious now.
    Indicators,
    /// Who says so, since when; closed intervals included.
    Evidence,
    /// Names and what they are used for.
    Cases,
    /// What changed in a day, and why.
    DailyDiffs,
    /// What could not be read.
    Errors,
    /// The feeds themselves: age, rows, faults.
    Feeds,
    /// What we measured ourselves.
    Observations,
    /// What is to be measured.
    ProbeRequests,
    /// What passes every gate of the policy.
    ValidatedIndicators,
    /// What an open case is, and who can fix it.
    Remedies,
    /// How long it took until remediated cases were gone.
    RemediationTimes,
    /// What each feed is worth.
    FeedScores,
    /// Registered domains that imitate a protected name.
    Typosquats,
    /// Registered domains that look as if a machine had made them.
    AlgorithmicNames,
    /// What no feed has, and a person should look at.
    HighRiskNames,
    /// Names that came on one day and share what is rare in their zone.
    Campaigns,
}

impl View {
    /// All published views.
    pub const ALL: [View; 16] = [
        View::Indicators,
        View::Evidence,
        View::Cases,
        View::DailyDiffs,
        View::Errors,
        View::Feeds,
        View::Observations,
        View::ProbeRequests,
        View::ValidatedIndicators,
        View::Remedies,
        View::RemediationTimes,
        View::FeedScores,
        View::Typosquats,
        View::AlgorithmicNames,
        View::HighRiskNames,
        View::Campaigns,
    ];

    /// The name in paths, columns and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            View::Indicators => "indicators",
            View::Evidence => "evidence",
            View::Cases => "cases",
            View::DailyDiffs => "daily_diffs",
            View::Errors => "errors",
            View::Feeds => "feeds",
            View::Observations => "observations",
            View::ProbeRequests => "probe_requests",
            View::ValidatedIndicators => "validated_indicators",
            View::Remedies => "remedies",
            View::RemediationTimes => "remediation_times",
            View::FeedScores => "feed_scores",
            View::Typosquats => "typosquats",
            View::AlgorithmicNames => "algorithmic_names",
            View::HighRiskNames => "high_risk_names",
            View::Campaigns => "campaigns",
        }
    }

    /// The view of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<View> {
        View::ALL.into_iter().find(|view| view.as_str() == name)
    }
}

/// A row of the collection behind the view `cases`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CaseRow {
    /// A case that stands.
    Standing(Arc<Case>),
    /// The id of a case of class `other` that does not stand because its subject has a specific case.
    Joined(Id),
}

/// What one instant changed, in every maintained view. The order of rows is the same in every run; a multiplicity
/// is +1 or -1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EpochDiffs {
    /// The instant: a logged epoch, or one at which time alone changed something.
    pub at: Epoch,
    /// Changes of `indicators`.
    pub indicators: Vec<(Arc<Indicator>, i64)>,
    /// Changes of `cases`.
    pub cases: Vec<(CaseRow, i64)>,
    /// Changes of `probe_requests`.
    pub requests: Vec<(Arc<Request>, i64)>,
    /// Changes of `validated_indicators`.
    pub validated: Vec<(Arc<Validated>, i64)>,
    /// Changes of `remedies`.
    pub remedies: Vec<(Arc<Remedy>, i64)>,
    /// Changes of `typosquats`.
    pub typosquats: Vec<(Arc<Typosquat>, i64)>,
    /// Changes of `algorithmic_names`.
    pub algorithmic: Vec<(Arc<AlgorithmicName>, i64)>,
    /// Changes of `high_risk_names`.
    pub high_risk: Vec<(Arc<HighRiskName>, i64)>,
}

impl EpochDiffs {
    /// Whether the instant changes no view.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let EpochDiffs {
            at: _,
            indicators,
            cases,
            requests,
            validated,
            remedies,
            typosquats,
            algorithmic,
            high_risk,
        } = self;
        indicators.is_empty()
            && cases.is_empty()
            && requests.is_empty()
            && validated.is_empty()
            && remedies.is_empty()
            && typosquats.is_empty()
            && algorithmic.is_empty()
            && high_risk.is_empty()
    }
}

/// The maintained views as a reader sees them: the sum of all diffs up to `as_of`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The last instant that is included.
    pub as_of: Epoch,
    /// `indicators` by id.
    pub indicators: BTreeMap<Id, Arc<Indicator>>,
    /// `cases` by id.
    pub cases: BTreeMap<Id, Arc<Case>>,
    /// `probe_requests` by what they ask for.
    pub requests: BTreeMap<ObservationKey, Arc<Request>>,
    /// `validated_indicators` by the id of the indicator.
    pub validated: BTreeMap<Id, Arc<Validated>>,
    /// `remedies` by the id of the case.
    pub remedies: BTreeMap<Id, Arc<Remedy>>,
    /// `typosquats` by the registered domain and what it imitates.
    pub typosquats: BTreeMap<(CompactString, CompactString), Arc<Typosquat>>,
    /// `algorithmic_names` by the registered domain.
    pub algorithmic: BTreeMap<CompactString, Arc<AlgorithmicName>>,
    /// `high_risk_names` by the registered domain.
    pub high_risk: BTreeMap<CompactString, Arc<HighRiskName>>,
}

impl Standing {
    /// Adds the diffs of one instant.
    ///
    /// # Errors
    /// [`MultiplicityError`] when a row would stand twice, or leaves without having stood: a fault of the engine.
    pub fn apply(&mut self, diffs: &EpochDiffs) -> Result<(), MultiplicityError> {
        let indicators = diffs.indicators.iter().map(|(row, diff)| (row.id, row, *diff));
        apply_rows(&mut self.indicators, indicators, diffs.at)?;
        let cases = diffs.cases.iter().filter_map(|(row, diff)| match row {
            CaseRow::Standing(case) => Some((case.id, case, *diff)),
            CaseRow::Joined(_) => None,
        });
        apply_rows(&mut self.cases, cases, diffs.at)?;
        let requests = diffs.requests.iter().map(|(row, diff)| (row.key.clone(), row, *diff));
        apply_rows(&mut self.requests, requests, diffs.at)?;
        let validated = diffs.validated.iter().map(|(row, diff)| (row.indicator.id, row, *diff));
        apply_rows(&mut self.validated, validated, diffs.at)?;
        let remedies = diffs.remedies.iter().map(|(row, diff)| (row.case_id, row, *diff));
        apply_rows(&mut self.remedies, remedies, diffs.at)?;
        let pair = |row: &Typosquat| (row.name.clone(), row.target.clone());
        let typosquats = diffs.typosquats.iter().map(|(row, diff)| (pair(row), row, *diff));
        apply_rows(&mut self.typosquats, typosquats, diffs.at)?;
        let algorithmic = diffs.algorithmic.iter().map(|(row, diff)| (row.name.clone(), row, *diff));
        apply_rows(&mut self.algorithmic, algorithmic, diffs.at)?;
        let high_risk = diffs.high_risk.iter().map(|(row, diff)| (row.name.clone(), row, *diff));
        apply_rows(&mut self.high_risk, high_risk, diffs.at)?;
        self.as_of = diffs.at;
        Ok(())
    }
}

fn apply_rows<'a, K: Ord + Debug, R: PartialEq + 'a>(
    standing: &mut BTreeMap<K, Arc<R>>,
    rows: impl Iterator<Item = (K, &'a Arc<R>, i64)> + Clone,
    at: Epoch,
) -> Result<(), MultiplicityError> {
    if standing.is_empty() {
        *standing = from_nothing(rows, at)?;
        return Ok(());
    }
    for (key, row, diff) in rows.clone() {
        if diff < 0 && (diff != -1 || standing.remove(&key).as_ref() != Some(row)) {
            return Err(MultiplicityError::of(&key, at, diff));
        }
    }
    for (key, row, diff) in rows {
        if diff > 0 {
            match standing.entry(key) {
                Entry::Vacant(place) if diff == 1 => {
                    place.insert(Arc::clone(row));
                }
                place => return Err(MultiplicityError::of(place.key(), at, diff)),
            }
        }
    }
    Ok(())
}

/// The rows of a map that held none: sorted first, since a map that is built in order is built several times faster.
fn from_nothing<'a, K: Ord + Debug, R: 'a>(
    rows: impl Iterator<Item = (K, &'a Arc<R>, i64)>,
    at: Epoch,
) -> Result<BTreeMap<K, Arc<R>>, MultiplicityError> {
    let mut rows: Vec<_> = rows.collect();
    rows.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    let twice = rows.windows(2).find(|pair| pair[0].0 == pair[1].0).map(|pair| &pair[1]);
    if let Some((key, _, diff)) = twice.or_else(|| rows.iter().find(|(_, _, diff)| *diff != 1)) {
        return Err(MultiplicityError::of(key, at, *diff));
    }
    Ok(rows.into_iter().map(|(key, row, _)| (key, Arc::clone(row))).collect())
}

/// A row that would stand more than once, or leaves without having stood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("row {key} has multiplicity {diff} at {at}; this is a fault of the program, please report it")]
pub struct MultiplicityError {
    /// The key of the row.
    pub key: String,
    /// When.
    pub at: Epoch,
    /// Its multiplicity.
    pub diff: i64,
}

impl MultiplicityError {
    fn of(key: &impl Debug, at: Epoch, diff: i64) -> MultiplicityError {
        MultiplicityError { key: format!("{key:?}"), at, diff }
    }
}
