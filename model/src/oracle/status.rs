//! Where a case stands, told by walking its intervals in time.

use std::collections::BTreeMap;

use super::Exhibit;
use crate::case::CaseStatus;
use crate::id::Id;
use crate::sighting::End;
use crate::time::Epoch;

/// The status that the valid exhibits of a case give it at `now`.
pub(super) fn status(valid: &[&Exhibit<'_>], now: Epoch) -> CaseStatus {
    if valid.is_empty() {
        return CaseStatus::Withdrawn;
    }
    if !valid.iter().any(|exhibit| exhibit.interval.is_live(now)) {
        return if all_offline(valid) { CaseStatus::Remediated } else { CaseStatus::Expired };
    }
    let episode = episode_start(valid, now);
    let earlier: Vec<_> = valid.iter().copied().filter(|exhibit| exhibit.interval.first_seen < episode).collect();
    if !earlier.is_empty() && all_offline(&earlier) {
        return CaseStatus::Recurred;
    }
    let opened = valid.iter().map(|exhibit| exhibit.interval.first_seen.day()).min();
    if opened == Some(now.day()) { CaseStatus::New } else { CaseStatus::Active }
}

/// Since when at least one interval has covered every instant up to `now`.
fn episode_start(valid: &[&Exhibit<'_>], now: Epoch) -> Epoch {
    let mut start = now;
    loop {
        // An interval that ends where another begins leaves no gap.
        let reaching = valid.iter().filter(|exhibit| {
            let interval = exhibit.interval;
            interval.first_seen <= start && interval.ended_at().is_none_or(|end| end >= start)
        });
        match reaching.map(|exhibit| exhibit.interval.first_seen).min() {
            Some(earliest) if earliest < start => start = earliest,
            _ => return start,
        }
    }
}

/// Whether for every target the last word was that it no longer answers.
fn all_offline(exhibits: &[&Exhibit<'_>]) -> bool {
    let mut last: BTreeMap<Id, (Epoch, bool)> = BTreeMap::new();
    for exhibit in exhibits {
        let Some((at, end)) = exhibit.interval.ended else { return false };
        let word = last.entry(exhibit.sighting.observable.id).or_insert((at, false));
        if at > word.0 {
            *word = (at, false);
        }
        if at == word.0 && end == End::Offline {
            word.1 = true;
        }
    }
    last.values().all(|(_, offline)| *offline)
}
