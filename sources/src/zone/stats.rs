//! What a snapshot holds, in numbers.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use panopticon_model::name::HostName;
use panopticon_model::update::Delegation;

use super::{Snapshot, SnapshotError};

/// Numbers of a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Delegations.
    pub delegations: u64,
    /// Of these, with a DS record.
    pub signed: u64,
    /// Of these, with the address of a name server beside it.
    pub with_glue: u64,
    /// Of these, with a label of IDNA (`xn--`).
    pub internationalised: u64,
    /// Of these, more than one label below the apex.
    pub deeper: u64,
    /// The sets of name servers that serve most names, and how many: the largest first.
    pub largest: Vec<(Vec<HostName>, u64)>,
}

/// How many of the largest sets are told.
const LARGEST: usize = 10;

impl Stats {
    /// Counts what is in a snapshot; memory is that of its distinct sets.
    ///
    /// # Errors
    /// [`SnapshotError`].
    pub fn of(snapshot: &Snapshot) -> Result<Stats, SnapshotError> {
        let mut stats = Stats::default();
        // A list of names has no apex; it is of a TLD.
        let depth = match snapshot.meta().apex.as_deref() {
            None => 1,
            Some(".") => 0,
            Some(apex) => apex.split('.').count(),
        };
        let mut names: BTreeMap<u64, u64> = BTreeMap::new();
        let mut rows = snapshot.rows()?;
        while let Some(row) = rows.next_row()? {
            let has = |flag: u8| u64::from(row.delegation.flags & flag != 0);
            let mut labels = row.key.split(|octet| *octet == 0).filter(|label| !label.is_empty());
            stats.delegations += 1;
            stats.signed += has(Delegation::SIGNED);
            stats.with_glue += has(Delegation::GLUE);
            stats.internationalised += u64::from(labels.clone().any(|label| label.starts_with(b"xn--")));
            stats.deeper += u64::from(labels.nth(depth + 1).is_some());
            if row.delegation.name_servers != 0 {
                *names.entry(row.delegation.name_servers).or_default() += 1;
            }
        }
        let mut largest: Vec<(u64, u64)> = names.into_iter().collect();
        largest.sort_unstable_by_key(|(set, names)| (Reverse(*names), *set));
        largest.truncate(LARGEST);
        let sets: BTreeSet<u64> = largest.iter().map(|(set, _)| *set).collect();
        let mut hosts = snapshot.hosts_of(&sets)?;
        stats.largest =
            largest.iter().map(|(set, names)| (hosts.remove(set).unwrap_or_default(), *names)).collect();
        Ok(stats)
    }
}
