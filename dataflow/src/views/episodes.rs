//! Episodes: the times in which a case was upheld without a gap, and how each ended.

use panopticon_model::case::CaseStatus;
use panopticon_model::id::Id;
use panopticon_model::sighting::{End, Interval};
use panopticon_model::time::Epoch;

use super::absence::Measured;

/// One interval that counts, of one target.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// The observable.
    pub observable: Id,
    /// When it was upheld.
    pub interval: Interval,
    /// Whether it is upheld now.
    pub live: bool,
    /// Whether its sighting began today.
    pub began_today: bool,
}

/// The status that the spans of a case, and what was measured of its targets, give it. Costs n log n if a span has
/// ended, n otherwise.
pub fn status(spans: impl Iterator<Item = Span> + Clone, measured: &Measured) -> CaseStatus {
    let (mut any, mut any_live, mut any_ended, mut new) = (false, false, false, true);
    for span in spans.clone() {
        any = true;
        any_live |= span.live;
        any_ended |= !span.live;
        new &= span.began_today;
    }
    if !any {
        return CaseStatus::Withdrawn;
    }
    if measured.gone_since().is_some() {
        return CaseStatus::Remediated;
    }
    let back_since = measured.back_since();
    let mut history: Vec<Span> = if any_ended || back_since.is_some() { spans.collect() } else { Vec::new() };
    if !any_live && !measured.alive {
        return if all_offline(&mut history) { CaseStatus::Remediated } else { CaseStatus::Expired };
    }
    match new {
        // Whatever ended before may have begun today as well: an all-clear in between makes it more than new.
        _ if recurred(&mut history, back_since) => CaseStatus::Recurred,
        true => CaseStatus::New,
        false => CaseStatus::Active,
    }
}

/// Whether the running episode began after one that ended with every target offline, or the case came back after
/// it was measured gone.
fn recurred(spans: &mut [Span], back_since: Option<Epoch>) -> bool {
    spans.sort_unstable_by_key(|span| span.interval.first_seen);
    let mut covered = Epoch(0);
    let mut episode = 0;
    for (index, span) in spans.iter().enumerate() {
        if index > 0 && span.interval.first_seen > covered {
            episode = index;
        }
        covered = covered.max(span.interval.ended_at().unwrap_or(Epoch(u64::MAX)));
    }
    let begin = spans.get(episode).map(|span| span.interval.first_seen).unwrap_or_default();
    // It was gone when the last feed had dropped it, or while they listed it.
    let dropped = spans[..episode].iter().filter_map(|span| span.interval.ended_at()).max().unwrap_or(begin);
    back_since.is_some_and(|back| back >= dropped.min(begin))
        || (episode > 0 && all_offline(&mut spans[..episode]))
}

/// Whether the last word on every target was that it no longer answers.
fn all_offline(spans: &mut [Span]) -> bool {
    // Per target the latest end comes first, and `offline` before the others at the same instant.
    spans.sort_unstable_by_key(|span| {
        let offline = span.interval.end() == Some(End::Offline);
        (span.observable, std::cmp::Reverse(span.interval.ended_at()), !offline)
    });
    spans
        .chunk_by(|a, b| a.observable == b.observable)
        .all(|words| words.first().is_some_and(|last| last.interval.end() == Some(End::Offline)))
}
