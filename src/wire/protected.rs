//! Names that the registry itself holds critical: government, banks, whoever must not be acted on by a machine alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;

use compact_str::CompactString;
use panopticon_model::time::Epoch;
use panopticon_model::update::{Cause, ProtectedName, Update};
use panopticon_sources::{capped, names};

use super::feeds::one_line;
use super::{FeedReport, House, WireError};

/// How lists are called among the sources.
const SOURCE: &str = "protected:";

impl House {
    /// Fetches and reads one of the lists.
    pub(crate) fn read_protected(&mut self, now: Epoch, which: usize) -> Result<FeedReport, WireError> {
        let Some(list) = self.config.protected.get(which).cloned() else {
            return Ok(FeedReport::new("protected"));
        };
        let source = list.source();
        let mut report = FeedReport::new(&source);
        let Some(fetched) = self.fetch_list(now, &source, &list.location, &mut report)? else { return Ok(report) };
        let read = File::open(&fetched.file)
            .and_then(|file| capped::open(file, self.caps(), None))
            .and_then(|bytes| names::protected(bytes, self.places.list(), |name| self.registrable(name)));
        let found = match read {
            Ok(found) => found,
            Err(error) => {
                self.source_failed(now, &source, &one_line(&error), &mut report)?;
                return Ok(report);
            }
        };
        report.outcome = "loaded".to_owned();
        (report.rows, report.errors, report.kept) = (found.rows, found.faults.count, found.domains.len() as u64);
        let mut updates = self.protect(now, &list.id, found.domains);
        updates.extend(self.look_for(&source, found.targets));
        updates.extend(Self::list_is_read(&source, &fetched));
        report.updates = self.commit(now, Cause::Policy, &source, updates)?;
        self.source_read(now, &source, &found.faults)?;
        Ok(report)
    }

    /// The updates after which a list protects these domains and no others.
    fn protect(&self, now: Epoch, list: &str, domains: BTreeSet<CompactString>) -> Vec<Update> {
        let known = &self.tables().protected_names;
        let gone = known.keys().filter(|name| name.list == list && !domains.contains(&name.domain));
        let mut updates: Vec<Update> = gone.map(|name| Update::ProtectedName(name.clone(), None)).collect();
        let names = domains.into_iter().map(|domain| ProtectedName { domain, list: list.into() });
        let come = names.filter(|name| !known.contains_key(name));
        updates.extend(come.map(|name| Update::ProtectedName(name, Some(now))));
        updates
    }

    /// Lists that are no longer configured protect nobody.
    pub(super) fn remove_protected(&mut self, now: Epoch) -> Result<(), WireError> {
        let configured = |list: &str| self.config.protected.iter().any(|of| of.id == list);
        let guarded = self.tables().protected_names.keys().map(|name| name.list.as_str());
        let looked_for = self.tables().targets.keys().filter_map(|key| key.list.strip_prefix(SOURCE));
        let lists = guarded.chain(looked_for).filter(|list| !configured(list));
        let gone: BTreeSet<CompactString> = lists.map(CompactString::from).collect();
        for list in gone {
            let source = format!("{SOURCE}{list}");
            let mut updates = self.protect(now, &list, BTreeSet::new());
            updates.extend(self.look_for(&source, BTreeMap::new()));
            updates.extend(Self::list_is_gone(&source));
            self.commit(now, Cause::Policy, "config", updates)?;
        }
        Ok(())
    }
}
