//! What was measured of an indicator: looked up in the table of observations when the indicator is published.
//!
//! An observation stands in a summary as long as it counts; where nothing could be told, why not.

use std::collections::BTreeMap;
use std::sync::Arc;

use compact_str::{CompactString, format_compact};
use panopticon_model::id::Id;
use panopticon_model::indicator::Indicator;
use panopticon_model::observable::ObservableKind;
use panopticon_model::observation::{
    Facts, Finding, Look, Observation, ObservationKey, Outcome, ProbeKind, RdapFacts,
};
use panopticon_model::time::Epoch;
use panopticon_model::update::ProtectedName;
use panopticon_model::verdict::Verdict;

/// The tables that are looked into.
#[derive(Clone, Copy, Debug)]
pub struct Measurements<'a> {
    /// Observations.
    pub observations: &'a BTreeMap<ObservationKey, Arc<Observation>>,
    /// What cases were judged to be while they were open.
    pub verdicts: &'a BTreeMap<Id, Arc<Verdict>>,
    /// Ranks of registrable domains.
    pub ranks: &'a BTreeMap<CompactString, u32>,
    /// Names that the registry holds critical.
    pub protected_names: &'a BTreeMap<ProtectedName, Epoch>,
    /// The vantages `a` and `b`.
    pub vantages: &'a [CompactString],
    /// The filtering resolver of the column `quad9`.
    pub filter: Option<&'a str>,
}

/// What was measured of one indicator.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measured<'a> {
    pub(crate) delegation: Option<Outcome>,
    pub(crate) filter: Option<Outcome>,
    /// Over HTTP from `a` and `b`, then over HTTPS.
    pub(crate) fetches: [[Option<Outcome>; 2]; 2],
    /// Whether the two places see different things.
    pub(crate) cloaking: Option<bool>,
    pub(crate) web_risk: Option<Outcome>,
    pub(crate) rank: Option<u32>,
    pub(crate) rdap: Option<&'a RdapFacts>,
    pub(crate) protected: bool,
}

impl<'a> Measurements<'a> {
    /// What was measured of an indicator, as of an instant.
    pub(crate) fn of(&self, indicator: &Indicator, as_of: Epoch) -> Measured<'a> {
        let place = &indicator.observable.place;
        let Some(domain) = place.registrable_domain() else { return Measured::default() };
        let domain = CompactString::from(domain);
        let rank = self.ranks.get(&domain).copied();
        let first = ProtectedName { domain: domain.clone(), list: CompactString::default() };
        let protected = self.protected_names.range(first..).next().is_some_and(|(name, _)| name.domain == domain);
        if self.observations.is_empty() {
            return Measured { rank, protected, ..Measured::default() };
        }
        let seen = |target: &CompactString, kind, vantage: &str| {
            let key = ObservationKey { target: target.clone(), kind, vantage: vantage.into() };
            self.observations.get(&key).filter(|seen| is_telling(seen, kind, as_of)).map(Arc::as_ref)
        };
        let word = |target: &CompactString, kind, vantage| seen(target, kind, vantage).map(|seen| seen.outcome);
        let urls = urls(indicator);
        let fetched = [ProbeKind::Http, ProbeKind::Https].map(|kind| {
            let url = urls.iter().find(|(of, _)| *of == kind).map(|(_, url)| url);
            [0, 1].map(|at| seen(url?, kind, self.vantages.get(at)?).map(|seen| (kind, seen)))
        });
        let filter = self.filter.and_then(|filter| {
            let host = word(&place.host().into(), ProbeKind::Filter, filter);
            stronger(host, word(&domain, ProbeKind::Filter, filter))
        });
        let listed = urls.first().map(|(_, url)| url);
        Measured {
            delegation: word(&domain, ProbeKind::Delegation, ""),
            filter,
            fetches: fetched.map(|places| places.map(|seen| seen.map(|(_, seen)| seen.outcome))),
            cloaking: cloaking(&fetched),
            web_risk: listed.and_then(|url| word(url, ProbeKind::WebRisk, "")),
            rank,
            rdap: seen(&domain, ProbeKind::Rdap, "").and_then(|seen| match &seen.facts {
                Facts::Rdap(facts) => Some(facts.as_ref()),
                _ => None,
            }),
            protected,
        }
    }
}

/// Whether an observation still has something to say: it counts, or it could never be told.
fn is_telling(seen: &Observation, kind: ProbeKind, as_of: Epoch) -> bool {
    as_of < seen.valid_until || seen.outcome.finding(kind) == Finding::Inconclusive
}

/// The URLs by which an indicator is fetched, the one that feeds list first.
fn urls(indicator: &Indicator) -> Vec<(ProbeKind, CompactString)> {
    let observable = &indicator.observable;
    let both = |rest: &str| {
        [
            (ProbeKind::Http, format_compact!("http://{rest}")),
            (ProbeKind::Https, format_compact!("https://{rest}")),
        ]
    };
    match observable.kind {
        ObservableKind::Url => {
            let Some((scheme, rest)) = observable.canonical.split_once("://") else { return Vec::new() };
            let mut urls: Vec<_> = both(rest).into();
            if scheme == "https" {
                urls.reverse();
            }
            urls
        }
        ObservableKind::Host => both(&format!("{}/", observable.place.host())).into(),
        ObservableKind::Address => Vec::new(),
    }
}

/// Of what a filter says of a host and of its registrable domain: that it blocks, else what it says of the host.
fn stronger(host: Option<Outcome>, domain: Option<Outcome>) -> Option<Outcome> {
    let blocks = |word: &Outcome| matches!(word, Outcome::Blocked | Outcome::BlockedAndNonexistent);
    host.filter(blocks).or(domain.filter(blocks)).or(host).or(domain)
}

/// Whether over one of the schemes the two places see different things; none if no scheme has two looks.
fn cloaking(fetched: &[[Option<(ProbeKind, &Observation)>; 2]; 2]) -> Option<bool> {
    let differ = |[a, b]: &[Option<(ProbeKind, &Observation)>; 2]| {
        let look = |seen: &Option<(ProbeKind, &Observation)>| seen.and_then(|(kind, seen)| Look::of(kind, seen));
        Some(look(a)?.differs_from(&look(b)?))
    };
    fetched.iter().filter_map(differ).reduce(|a, b| a || b)
}
