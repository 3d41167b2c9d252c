//! Signals that others give: what feeds say of an origin, and the company that a name keeps.

use std::cmp::Reverse;

use compact_str::{CompactString, format_compact};

use super::dossier::Dossier;
use super::policy::Policy;
use super::signal::{Reason, Signal};
use crate::case::Case;
use crate::indicator::Indicator;
use crate::origin::Origin;
use crate::reputation::{Repute, is_address};

/// What the feeds of the indicators of a case say of its origin: as a whole, or by a label.
pub(super) fn feeds(own: &[&Indicator], policy: &Policy) -> Vec<Reason> {
    let said = |signal, origin, labelled: fn(&Indicator) -> bool| {
        let feeds = own.iter().flat_map(|row| row.feed_ids.iter());
        let feed = feeds.filter(|feed| policy.origins.get(*feed) == Some(&origin)).min();
        let by_label = || own.iter().any(|row| labelled(row)).then(|| CompactString::from("label"));
        let detail = feed.map(|feed| feed.0.clone()).or_else(by_label)?;
        Some(Reason { signal, detail })
    };
    let dedicated = said(Signal::FeedSaysDedicated, Origin::Dedicated, |row| row.labelled.dedicated);
    let compromised = said(Signal::FeedSaysCompromised, Origin::Compromised, |row| row.labelled.compromised);
    dedicated.into_iter().chain(compromised).collect()
}

/// What became of other names on the servers of a case. Of several servers the worst speaks for all.
pub(super) fn servers(case: &Case, dossier: &Dossier<'_>) -> Vec<Reason> {
    let worst = |signal, of_addresses: bool| {
        let own = dossier.repute.iter().filter(|(server, _)| is_address(server) == of_addresses);
        let bad = own.filter_map(|(server, repute)| Some((repute.against(&case.registrable_domain)?, server)));
        let ((confirmed, known), server) =
            bad.min_by_key(|((confirmed, _), server)| (Reverse(*confirmed), *server))?;
        Some(Reason { signal, detail: format_compact!("{server} {confirmed} of {known}") })
    };
    let bad = worst(Signal::BadNameServer, false);
    let clean = || {
        let (server, _) = dossier.repute.iter().find(|(_, repute)| ***repute == Repute::Clean)?;
        Some(Reason { signal: Signal::CleanNameServer, detail: server.clone() })
    };
    bad.or_else(clean).into_iter().chain(worst(Signal::BadAddress, true)).collect()
}
