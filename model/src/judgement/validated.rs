//! `validated_indicators`: what passes every gate of the policy.

use std::collections::BTreeSet;
use std::sync::Arc;

use compact_str::{CompactString, ToCompactString, format_compact};
use serde::{Deserialize, Serialize};

use super::confirm::confirms;
use super::dossier::{Dossier, Guard, Seen};
use super::policy::Policy;
use crate::indicator::Indicator;
use crate::observable::ObservableKind;
use crate::observation::{Observation, ObservationKey, own_targets};
use crate::time::Epoch;

/// A row of the view `validated_indicators`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Validated {
    /// What is validated.
    pub indicator: Arc<Indicator>,
    /// What confirms it, sorted: `http ch`, `filter quad9`, `web-risk`, `second-feed`.
    pub confirmed_by: Vec<CompactString>,
    /// When it was confirmed last.
    pub confirmed_at: Epoch,
    /// Until when that counts.
    pub valid_until: Epoch,
}

/// The gate that an indicator does not pass; the first of them, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Denied {
    /// It belongs to no open case.
    NoCase,
    /// An operator allows the name.
    Allowed,
    /// No trusted feed upholds it, and too few others do.
    Untrusted,
    /// A guarded name is listed as a whole.
    Guarded(Guard),
    /// The TLD does not delegate the name.
    Undelegated,
    /// Nothing that we measured confirms it, or no longer.
    Unconfirmed,
}

impl Denied {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Denied::NoCase => "no-open-case",
            Denied::Allowed => "allow-listed",
            Denied::Untrusted => "too-few-feeds",
            Denied::Guarded(Guard::Protected) => "protected-name",
            Denied::Guarded(Guard::Ranked) => "ranked-name",
            Denied::Guarded(Guard::Platform) => "platform",
            Denied::Undelegated => "undelegated",
            Denied::Unconfirmed => "not-confirmed",
        }
    }
}

/// Holds an indicator of a dossier against a policy. The observations of the dossier are those that count now.
///
/// # Errors
/// The gate that it does not pass.
pub fn validate(indicator: &Arc<Indicator>, dossier: &Dossier<'_>, policy: &Policy) -> Result<Validated, Denied> {
    let observable = &indicator.observable;
    if dossier.open_cases(indicator.abuse_class).next().is_none() {
        return Err(Denied::NoCase);
    }
    if policy.allows(observable.place.host()) {
        return Err(Denied::Allowed);
    }
    if !policy.trusts(&indicator.feed_ids) {
        return Err(Denied::Untrusted);
    }
    // Somebody must be told of a bad page on a good site; a good site as a whole is listed by mistake.
    let guard = dossier.guard(policy.guarded_rank).filter(|_| observable.kind == ObservableKind::Host);
    if let Some(guard) = guard {
        return Err(Denied::Guarded(guard));
    }
    if dossier.is_undelegated() {
        return Err(Denied::Undelegated);
    }
    let mut confirmed = Confirmed::default();
    let targets = targets(indicator);
    for Seen { key, seen, .. } in dossier.seen.iter().filter(|of| of.confirms) {
        if targets.contains(&key.target) && confirms(observable.kind, key.kind, seen) {
            confirmed.add(by(key), seen.observed_at, counts_until(seen, policy));
        }
    }
    if observable.kind == ObservableKind::Host {
        for (_, at, until) in dossier.seconded.iter().filter(|(id, _, _)| *id == indicator.id) {
            confirmed.add("second-feed".into(), *at, *until);
        }
    }
    confirmed.row(indicator).ok_or(Denied::Unconfirmed)
}

/// Until when an observation may confirm under a policy.
#[must_use]
pub fn counts_until(seen: &Observation, policy: &Policy) -> Epoch {
    seen.valid_until.min(seen.observed_at.plus(policy.fresh_ms))
}

/// The targets whose observations can confirm an indicator: its own pages; of a host also the names themselves.
fn targets(indicator: &Indicator) -> BTreeSet<CompactString> {
    let observable = &indicator.observable;
    let mut targets: BTreeSet<CompactString> = own_targets(observable).into_iter().collect();
    if observable.kind == ObservableKind::Host {
        targets.insert(observable.place.host().to_compact_string());
    }
    targets
}

fn by(key: &ObservationKey) -> CompactString {
    match key.vantage.is_empty() {
        true => key.kind.as_str().into(),
        false => format_compact!("{} {}", key.kind.as_str(), key.vantage),
    }
}

#[derive(Default)]
struct Confirmed {
    by: BTreeSet<CompactString>,
    at: Epoch,
    until: Epoch,
}

impl Confirmed {
    fn add(&mut self, by: CompactString, at: Epoch, until: Epoch) {
        self.by.insert(by);
        self.at = self.at.max(at);
        self.until = self.until.max(until);
    }

    fn row(self, indicator: &Arc<Indicator>) -> Option<Validated> {
        (!self.by.is_empty()).then(|| Validated {
            indicator: Arc::clone(indicator),
            confirmed_by: self.by.into_iter().collect(),
            confirmed_at: self.at,
            valid_until: self.until,
        })
    }
}
