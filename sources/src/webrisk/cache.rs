//! Answers that are used again: as long as they say themselves, and not a millisecond longer.
//!
//! An answer is kept whole under the prefix that it is for. Its parts end at instants of their own: a hash that was
//! on a list and whose time is over is not clear, it is not known (Web Risk, Caching:
//! <https://cloud.google.com/web-risk/docs/caching>).

use std::collections::{BTreeSet, HashMap};

use panopticon_model::time::Epoch;

use super::api::{Threats, Verdict};
use super::hash::{FullHash, Prefix};

/// Answers by prefix, bounded: what ends first goes first.
#[derive(Debug)]
pub(super) struct Cache {
    /// How much is kept: one for an answer, and one for each hash in it.
    capacity: usize,
    used: usize,
    answers: HashMap<Prefix, (Epoch, Threats)>,
    ends: BTreeSet<(Epoch, Prefix)>,
}

impl Cache {
    /// A cache of so many answers and hashes in them.
    pub(super) fn new(capacity: usize) -> Cache {
        Cache { capacity, used: 0, answers: HashMap::new(), ends: BTreeSet::new() }
    }

    /// What is known at `now` of a hash that begins with `prefix`.
    pub(super) fn verdict(&self, prefix: &Prefix, hash: &FullHash, now: Epoch) -> Option<Verdict> {
        let (_, answer) = self.answers.get(prefix)?;
        let verdict = answer.verdict(hash);
        verdict.expire_at.filter(|expire_at| now < *expire_at).map(|_| verdict)
    }

    /// Keeps the answer for `prefix`, in the place of an earlier one.
    pub(super) fn keep(&mut self, prefix: Prefix, answer: Threats, now: Epoch) {
        if let Some((end, _)) = self.answers.get(&prefix) {
            self.remove(*end, prefix);
        }
        let times = answer.threats.iter().map(|(_, found)| found.expire_at);
        let end = times.chain([answer.negative_expire_at]).max().flatten().unwrap_or_default();
        self.used += weight(&answer);
        self.answers.insert(prefix, (end, answer));
        self.ends.insert((end, prefix));
        while let Some((end, prefix)) = self.ends.first().copied() {
            if now < end && self.used <= self.capacity {
                break;
            }
            self.remove(end, prefix);
        }
    }

    fn remove(&mut self, end: Epoch, prefix: Prefix) {
        self.ends.remove(&(end, prefix));
        if let Some((_, answer)) = self.answers.remove(&prefix) {
            self.used -= weight(&answer);
        }
    }
}

fn weight(answer: &Threats) -> usize {
    1 + answer.threats.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::webrisk::{ThreatType, ThreatTypes};

    const HASH: FullHash = [1; 32];
    const OTHER: FullHash =
        [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    fn found(threat_type: ThreatType, expire_at: Option<u64>) -> Verdict {
        Verdict { types: ThreatTypes::from_iter([threat_type]), expire_at: expire_at.map(Epoch) }
    }

    fn answer(found: &[Verdict], negative: Option<u64>) -> Threats {
        Threats {
            threats: found.iter().map(|found| (HASH, *found)).collect(),
            negative_expire_at: negative.map(Epoch),
        }
    }

    /// What is known of `hash` at these instants, as types and the instant until which they are kept.
    fn check(answer: &Threats, hash: &FullHash, expected: &[(u64, Option<(usize, u64)>)]) {
        let prefix = Prefix::short(0x0101_0101);
        for (now, expected) in expected {
            let mut cache = Cache::new(100);
            cache.keep(prefix, answer.clone(), Epoch(0));
            let verdict = cache.verdict(&prefix, hash, Epoch(*now));
            let shown =
                verdict.map(|verdict| (verdict.types.iter().count(), verdict.expire_at.unwrap_or_default().0));
            assert_eq!(shown, *expected, "at {now}");
        }
    }

    #[test]
    fn each_part_of_an_answer_ends_by_itself() {
        let malware = |expire_at| found(ThreatType::Malware, expire_at);
        let phishing = |expire_at| found(ThreatType::SocialEngineering, expire_at);
        let both = answer(&[malware(Some(100))], Some(200));
        check(&both, &HASH, &[(0, Some((1, 100))), (99, Some((1, 100))), (100, None), (150, None), (200, None)]);
        check(&both, &OTHER, &[(0, Some((0, 200))), (199, Some((0, 200))), (200, None)]);
        let longer = answer(&[malware(Some(300))], Some(200));
        check(&longer, &HASH, &[(250, Some((1, 300))), (299, Some((1, 300))), (300, None)]);
        check(&longer, &OTHER, &[(199, Some((0, 200))), (200, None), (250, None)]);
        let twice = answer(&[malware(Some(300)), phishing(Some(150))], Some(200));
        check(&twice, &HASH, &[(149, Some((2, 150))), (150, None), (250, None)]);
        check(&answer(&[malware(None)], Some(200)), &HASH, &[(0, None)]);
        check(&answer(&[malware(Some(100))], None), &OTHER, &[(0, None)]);
        check(&answer(&[], Some(0)), &OTHER, &[(0, None)]);
    }

    #[test]
    fn a_new_answer_takes_the_place_of_the_old_one() {
        let mut cache = Cache::new(100);
        let prefix = Prefix::short(0x0101_0101);
        cache.keep(prefix, answer(&[found(ThreatType::Malware, Some(100))], Some(100)), Epoch(0));
        cache.keep(prefix, answer(&[], Some(50)), Epoch(1));
        assert_eq!(cache.verdict(&prefix, &HASH, Epoch(2)).map(|verdict| verdict.types.is_empty()), Some(true));
        assert_eq!(cache.used, 1);
        cache.keep(prefix, answer(&[], None), Epoch(3));
        assert_eq!((cache.verdict(&prefix, &HASH, Epoch(3)), cache.used), (None, 0));
    }

    proptest! {
        #[test]
        fn it_is_bounded_and_keeps_what_ends_last(
            capacity in 1usize..20,
            answers in prop::collection::vec((0u32..30, 0u64..1000, 0usize..4, 0u64..5), 1..100),
        ) {
            let mut cache = Cache::new(capacity);
            let mut now = Epoch(0);
            for (prefix, end, hashes, step) in answers {
                now = now.plus(step);
                let threats = answer(&vec![found(ThreatType::Malware, Some(end)); hashes], Some(end));
                cache.keep(Prefix::short(prefix), threats, now);
                prop_assert!(cache.used <= capacity);
                prop_assert_eq!(cache.ends.len(), cache.answers.len());
                prop_assert_eq!(cache.used, cache.answers.values().map(|(_, answer)| weight(answer)).sum::<usize>());
                prop_assert!(cache.ends.iter().all(|(end, _)| now < *end));
                prop_assert!(cache.verdict(&Prefix::short(prefix), &[9; 32], Epoch(end)).is_none());
            }
        }
    }
}
