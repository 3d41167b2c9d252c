//! What a zone as a whole says of its look-alikes: how many each protected name has, and on whose name servers they stand.
//!
//! Everything is counted, so that a zone is surveyed label by label, in any order.

use std::collections::{BTreeSet, HashMap};

use super::judge::Context;
use super::technique::{TYPING, Technique};

/// A protected name with more neighbours by one slip than this is crowded.
const CROWD: u32 = 20;
/// Fewer names on a set of name servers than this say nothing of who runs it.
const MANY_NAMES: u32 = 50;
/// One in so many names that is a look-alike makes name servers those of a squatter.
const SQUATTING_ONE_IN: u32 = 5;
/// Look-alikes of so many protected names on one set of name servers are more than a coincidence,
const MANY_TARGETS: usize = 3;
/// if one in so many of its names is a look-alike: big hosters have some of everything.
const TARGETS_ONE_IN: u32 = 10;
/// A set of name servers with more names than this is a hoster's, and says nothing of who holds a name.
const OWN_SERVERS: u32 = 500;

/// Counts of a zone.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    neighbours: HashMap<u32, u32>,
    servers: HashMap<u64, Servers>,
    holders: HashMap<u32, BTreeSet<u64>>,
}

#[derive(Clone, Debug, Default)]
struct Servers {
    names: u32,
    lookalikes: u32,
    /// At most [`MANY_TARGETS`] of them: more say no more.
    targets: BTreeSet<u32>,
}

impl Survey {
    /// Counts a registered label: the id of its set of name servers, where that is known, and the numbers of the names
    /// that it imitates, each with whether it [`is_slip`].
    pub fn note(&mut self, servers: Option<u64>, pairs: &[(u32, bool)]) {
        for (target, _) in pairs.iter().filter(|(_, is_slip)| *is_slip) {
            *self.neighbours.entry(*target).or_default() += 1;
        }
        let Some(servers) = servers else { return };
        let servers = self.servers.entry(servers).or_default();
        servers.names += 1;
        if !pairs.is_empty() {
            servers.lookalikes += 1;
            // One name that imitates several is one look-alike all the same.
            if let Some((target, _)) = pairs.first().filter(|_| servers.targets.len() < MANY_TARGETS) {
                servers.targets.insert(*target);
            }
        }
    }

    /// Notes that a protected name itself stands in the zone, on these name servers.
    pub fn holds(&mut self, target: u32, servers: u64) {
        self.holders.entry(target).or_default().insert(servers);
    }

    /// What the zone says of a pair: of the context, `crowded`, `squatting_servers`, `many_targets` and `defensive`.
    #[must_use]
    pub fn context(&self, servers: Option<u64>, target: u32) -> Context {
        let company = servers.and_then(|id| self.company(id)).unwrap_or_default();
        Context {
            crowded: self.crowded(target),
            squatting_servers: company.squatting,
            many_targets: company.many_targets,
            defensive: servers.is_some_and(|id| self.holders(target).any(|holder| holder == id)),
            ..Context::default()
        }
    }

    /// Whether a protected name has so many neighbours that one of them says little.
    #[must_use]
    pub fn crowded(&self, target: u32) -> bool {
        self.neighbours.get(&target).is_some_and(|count| *count > CROWD)
    }

    /// The sets of name servers on which a protected name itself stands, those of hosters left out.
    pub fn holders(&self, target: u32) -> impl Iterator<Item = u64> + '_ {
        let holders = self.holders.get(&target).into_iter().flatten().copied();
        holders.filter(|id| self.servers.get(id).is_some_and(|of| of.names <= OWN_SERVERS))
    }

    /// The sets of name servers of which there is something to say.
    pub fn companies(&self) -> impl Iterator<Item = (u64, Company)> + '_ {
        let all = self.servers.keys().filter_map(|id| Some((*id, self.company(*id)?)));
        all.filter(|(_, company)| company.squatting || company.many_targets)
    }

    fn company(&self, id: u64) -> Option<Company> {
        let of = self.servers.get(&id)?;
        let one_in = |many: u32| of.lookalikes.saturating_mul(many) >= of.names;
        Some(Company {
            squatting: of.names >= MANY_NAMES && one_in(SQUATTING_ONE_IN),
            many_targets: of.targets.len() >= MANY_TARGETS && one_in(TARGETS_ONE_IN),
        })
    }
}

/// What the names on a set of name servers say of one of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Company {
    /// A large part of them are look-alikes.
    pub squatting: bool,
    /// They are look-alikes of three protected names or more.
    pub many_targets: bool,
}

/// Whether a pair is one slip away: such neighbours are counted.
#[must_use]
pub fn is_slip(mut techniques: impl Iterator<Item = Technique>) -> bool {
    techniques.any(|technique| TYPING.contains(&technique))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(target: u32, technique: Technique) -> (u32, bool) {
        (target, is_slip([technique].into_iter()))
    }

    #[test]
    fn a_crowd_is_told_from_a_few() {
        let mut survey = Survey::default();
        for _ in 0..CROWD {
            survey.note(None, &[pair(1, Technique::Omission), pair(2, Technique::Combosquatting)]);
        }
        assert!(!survey.context(None, 1).crowded);
        survey.note(None, &[pair(1, Technique::Addition), pair(2, Technique::Combosquatting)]);
        assert!(survey.context(None, 1).crowded);
        assert!(!survey.context(None, 2).crowded, "words around a name are no slips");
    }

    #[test]
    fn name_servers_speak_when_enough_of_their_names_are_lookalikes() {
        let mut survey = Survey::default();
        for number in 0..MANY_NAMES {
            let pairs = [pair(number % 2, Technique::Omission)];
            survey.note(Some(7), if number < 10 { &pairs } else { &[] });
        }
        let context = survey.context(Some(7), 0);
        assert!(context.squatting_servers && !context.many_targets, "{context:?}");
        survey.note(Some(7), &[pair(0, Technique::Omission), pair(2, Technique::Omission)]);
        assert!(!survey.context(Some(7), 0).many_targets, "one name with two targets");
        survey.note(Some(7), &[pair(2, Technique::Omission)]);
        assert!(survey.context(Some(7), 0).many_targets);
        for _ in 0..100 {
            survey.note(Some(7), &[]);
        }
        assert_eq!(survey.context(Some(7), 0), Context::default());
        assert_eq!(survey.context(None, 0), Context::default());
    }

    #[test]
    fn the_holders_own_servers_are_defensive_and_a_hosters_are_not() {
        let mut survey = Survey::default();
        survey.note(Some(7), &[]);
        survey.holds(3, 7);
        assert!(survey.context(Some(7), 3).defensive);
        assert!(!survey.context(Some(7), 4).defensive && !survey.context(Some(8), 3).defensive);
        for _ in 0..OWN_SERVERS {
            survey.note(Some(7), &[]);
        }
        assert!(!survey.context(Some(7), 3).defensive);
    }
}
