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

/// The status that the spans of a case give it. Sorts the spans by time; costs n log n.
pub fn status(spans: &mut [Span]) -> CaseStatus {
    if spans.is_empty() {
        return CaseStatus::Withdrawn;
    }
    if !spans.iter().any(|span| span.live) {
        return if all_offline(spans) { CaseStatus::Remediated } else { CaseStatus::Expired };
    }
    if spans.iter().all(|span| span.began_today) {
        // Whatever ended before began today as well; only an all-clear in between makes it more than new.
        return if recurred(spans) { CaseStatus::Recurred } else { CaseStatus::New };
    }
    if recurred(spans) { CaseStatus::Recurred } else { CaseStatus::Active }
}

/// Whether the running episode began after one that ended with every target offline.
fn recurred(spans: &mut [Span]) -> bool {
    if spans.iter().all(|span| span.live) {
        return false;
    }
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
