//! Where a case stands, told by walking its intervals in time.

use std::collections::BTreeMap;

use super::Exhibit;
use super::gone::Measured;
use crate::case::CaseStatus;
use crate::id::Id;
use crate::sighting::End;
use crate::time::Epoch;

/// The status that the valid exhibits of a case, and what was measured of their targets, give it at `now`.
pub(super) fn status(valid: &[&Exhibit<'_>], measured: &Measured, now: Epoch) -> CaseStatus {
    let Some(last) = valid.iter().map(|exhibit| exhibit.interval.ended_at().unwrap_or(now)).max() else {
        return CaseStatus::Withdrawn;
    };
    if measured.gone_since.is_some() {
        return CaseStatus::Remediated;
    }
    if !valid.iter().any(|exhibit| exhibit.interval.is_live(now)) && !measured.alive {
        return if all_offline(valid) { CaseStatus::Remediated } else { CaseStatus::Expired };
    }
    let episode = episode_start(valid, last.min(now));
    let earlier: Vec<_> = valid.iter().copied().filter(|exhibit| exhibit.interval.first_seen < episode).collect();
    // It was gone when the last feed had dropped it, or while they listed it.
    let dropped = earlier.iter().filter_map(|exhibit| exhibit.interval.ended_at()).max().unwrap_or(episode);
    if measured.back_since.is_some_and(|back| back >= dropped.min(episode)) {
        return CaseStatus::Recurred;
    }
    if !earlier.is_empty() && all_offline(&earlier) {
        return CaseStatus::Recurred;
    }
    let opened = valid.iter().map(|exhibit| exhibit.interval.first_seen.day()).min();
    if opened == Some(now.day()) { CaseStatus::New } else { CaseStatus::Active }
}

/// Since when at least one interval has covered every instant up to `end`.
fn episode_start(valid: &[&Exhibit<'_>], end: Epoch) -> Epoch {
    let mut start = end;
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
