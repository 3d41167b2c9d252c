//! Episodes: the times in which a case was upheld without a gap, and how each ended.

use panopticon_model::case::CaseStatus;
use panopticon_model::id::Id;
use panopticon_model::sighting::{End, Interval};
use panopticon_model::time::Epoch;

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

/// The status that the spans of a case give it. Costs n log n if a span has ended, n otherwise.
pub fn status(spans: impl Iterator<Item = Span> + Clone) -> CaseStatus {
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
    let mut history: Vec<Span> = if any_ended { spans.collect() } else { Vec::new() };
    match (any_live, any_ended) {
        (false, _) if all_offline(&mut history) => CaseStatus::Remediated,
        (false, _) => CaseStatus::Expired,
        // Whatever ended before may have begun today as well: an all-clear in between makes it more than new.
        (true, true) if recurred(&mut history) => CaseStatus::Recurred,
        _ if new => CaseStatus::New,
        _ => CaseStatus::Active,
    }
}

/// Whether the running episode began after one that ended with every target offline.
fn recurred(spans: &mut [Span]) -> bool {
    spans.sort_unstable_by_key(|span| span.interval.first_seen);
    let mut covered = Epoch(0);
    let mut episode = 0;
    for (index, span) in spans.iter().enumerate() {
        if index > 0 && span.interval.first_seen > covered {
            episode = index;
        }
        covered = covered.max(span.interval.ended_at().unwrap_or(Epoch(u64::MAX)));
    }
    episode > 0 && all_offline(&mut spans[..episode])
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
