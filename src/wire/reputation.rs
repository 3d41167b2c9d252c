//! Reputations: at the close of a day it is counted how many of the names on each server were registered for abuse.
//!
//! What was judged since is not in it, and it does not change before the next close: no feedback within the flow, and
//! one case changes few rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use compact_str::CompactString;
use panopticon_datasets::store::StoreError;
use panopticon_datasets::tables::Collection;
use panopticon_model::case::CaseStatus;
use panopticon_model::judgement::servers;
use panopticon_model::observable::top_level;
use panopticon_model::reputation::{Reputation, is_address};
use panopticon_model::time::Day;
use panopticon_model::update::{Cause, Delegation, Update};

use super::{House, WireError};

/// Names by the server on which they rest.
type ByServer = BTreeMap<CompactString, BTreeSet<CompactString>>;

impl House {
    /// Counts after the close of `day`. Without measurements nothing is judged, and nothing is counted.
    pub(super) fn count_reputations(&mut self, day: Day) -> Result<(), WireError> {
        if self.tables().observations.is_empty() && self.tables().reputations.is_empty() {
            return Ok(());
        }
        // Retention may have said something since the day was published.
        self.views.settle(self.last_epoch())?;
        let mut resting = self.measured_on();
        let crowds = self.delegated_to(&mut resting)?;
        let (confirmed, cleared) = self.confirmed();
        let rows = &self.tables().reputations;
        let nobody = BTreeSet::new();
        let all: BTreeSet<&CompactString> = resting.keys().chain(crowds.keys()).chain(rows.keys()).collect();
        let updates = all.into_iter().map(|server| {
            let here = resting.get(server).unwrap_or(&nobody);
            let known = |row: &BTreeMap<CompactString, _>| {
                let measured = here.iter().filter(|domain| !row.contains_key(*domain)).count();
                measured + crowds.get(server).copied().unwrap_or(0)
            };
            let confirmed = here.intersection(&confirmed).cloned();
            let before = rows.get(server).map(AsRef::as_ref);
            let row = Reputation::close(server, before, confirmed, &cleared, known, day.end());
            Update::Reputation(server.clone(), row.map(Arc::new))
        });
        let updates = updates.collect();
        self.commit(day.end(), Cause::Age, "reputation", updates)?;
        Ok(())
    }

    /// Registrable domains that are confirmed as registered for abuse, and those of which it was taken back that they
    /// are abused at all.
    fn confirmed(&self) -> (BTreeSet<CompactString>, BTreeSet<CompactString>) {
        let remedies = self.standing().remedies.values().filter(|row| row.is_malicious_by_itself());
        let confirmed: BTreeSet<_> = remedies.map(|row| row.registrable_domain.clone()).collect();
        let of = |withdrawn: bool| {
            let cases = self.standing().cases.values();
            let cases = cases.filter(move |case| (case.status == CaseStatus::Withdrawn) == withdrawn);
            cases.map(|case| case.registrable_domain.clone()).collect::<BTreeSet<_>>()
        };
        let cleared = &of(true) - &of(false);
        (confirmed, cleared)
    }

    /// The registrable domains that were measured on each server. How many names rest on a name server nobody knows
    /// whose zone is not read: there, all that are known are listed ones, and every name server would look bad.
    fn measured_on(&self) -> ByServer {
        let zoned = self.config.zone_tlds();
        let mut resting = ByServer::new();
        for seen in self.tables().observations.values().filter(|seen| seen.place.platform().is_none()) {
            let Some(domain) = seen.place.registrable_domain() else { continue };
            for server in servers(seen) {
                if is_address(&server) || zoned.contains(top_level(domain)) {
                    resting.entry(server).or_default().insert(domain.into());
                }
            }
        }
        resting
    }

    /// How many names the zones delegate to each name server, as of the day's close; those that are measured, or were
    /// confirmed once, are put among the names that are `resting` and not counted.
    fn delegated_to(&self, resting: &mut ByServer) -> Result<BTreeMap<CompactString, usize>, WireError> {
        let Some(base) = self.store.base().filter(|base| base.has(Collection::Delegations)) else {
            return Ok(BTreeMap::new());
        };
        let measured = resting.values().flatten();
        let remembered = self.tables().reputations.values().flat_map(|row| row.confirmed.keys());
        let by_name: BTreeSet<CompactString> = measured.chain(remembered).cloned().collect();
        let mut crowds: BTreeMap<u64, usize> = BTreeMap::new();
        let mut named: BTreeMap<u64, Vec<CompactString>> = BTreeMap::new();
        for chunk in base.rows(Collection::Delegations).map_err(StoreError::from)? {
            for update in chunk.map_err(StoreError::from)? {
                let Update::Delegation(key, _, Some(delegation)) = update else { continue };
                if delegation.flags & Delegation::NAME_ONLY != 0 {
                    continue;
                }
                match by_name.contains(&key.owner) {
                    true => named.entry(delegation.name_servers).or_default().push(key.owner),
                    false => *crowds.entry(delegation.name_servers).or_default() += 1,
                }
            }
        }
        let mut by_server = BTreeMap::new();
        for (id, hosts) in &self.tables().name_servers {
            let set = Delegation::set(*id);
            for host in hosts {
                let server = CompactString::from(host.as_str());
                if let Some(crowd) = crowds.get(&set) {
                    *by_server.entry(server.clone()).or_default() += crowd;
                }
                if let Some(names) = named.get(&set) {
                    resting.entry(server).or_default().extend(names.iter().cloned());
                }
            }
        }
        Ok(by_server)
    }
}
