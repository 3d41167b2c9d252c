//! The truth table of confirming: which probe of which kind of observable says that a feed is right.
//!
//! A URL is confirmed by its own content, seen from at least one place. A host is confirmed by a filter that signals
//! its block, by Web Risk, or by a second feed that says the same within a day. A delegation, or a page at the root,
//! confirms nothing.

use super::page::{PageKind, page_kind};
use crate::observable::ObservableKind;
use crate::observation::{Facts, Observation, Outcome, ProbeKind, Signal};

/// Whether an observation of a target of an observable of `kind` confirms what feeds say of it.
#[must_use]
pub fn confirms(kind: ObservableKind, probe: ProbeKind, seen: &Observation) -> bool {
    match (kind, probe) {
        (ObservableKind::Url, ProbeKind::Http | ProbeKind::Https) => match (seen.outcome, &seen.facts) {
            (Outcome::TooLarge, _) => true,
            (Outcome::Content, Facts::Http(facts)) => page_kind(facts) == PageKind::Ordinary,
            (Outcome::Content, _) => true,
            _ => false,
        },
        (ObservableKind::Host, ProbeKind::Filter) => seen.outcome == Outcome::Blocked && is_signalled(&seen.facts),
        (ObservableKind::Host, ProbeKind::WebRisk) => seen.outcome == Outcome::Match,
        _ => false,
    }
}

/// Whether a filter said that it blocks, so that nothing had to be inferred.
fn is_signalled(facts: &Facts) -> bool {
    match facts {
        Facts::Filter(facts) => matches!(facts.signal, Some(Signal::ExtendedError | Signal::NoRecursion)),
        _ => false,
    }
}
