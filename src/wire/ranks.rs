//! The ranking: how popular the names under our TLDs are.

use std::collections::BTreeMap;
use std::fs::File;

use compact_str::{CompactString, format_compact};
use panopticon_model::time::Epoch;
use panopticon_model::update::{Cause, Update};
use panopticon_sources::fetch::Fetched;
use panopticon_sources::{capped, ranks};

use super::feeds::one_line;
use super::{FeedReport, House, WireError};
use crate::config::Location;

/// The name of the ranking among the errors.
const RANKS: &str = "ranks";
/// The setting that holds the id of the list that counts.
const LIST: &str = "ranks.list";
/// The setting that holds how many of its names are looked for.
const TOP: &str = "ranks.top";

impl House {
    /// Fetches and reads the ranking.
    pub(crate) fn read_ranks(&mut self, now: Epoch) -> Result<FeedReport, WireError> {
        let mut report = FeedReport::new(RANKS);
        let Some(config) = self.config.ranks.clone() else { return Ok(report) };
        if let Some(fetched) = self.fetch_list(now, RANKS, &config.location, &mut report)? {
            self.take_ranks(now, &config.location, &fetched, &mut report)?;
        }
        report.kept = self.tables().ranks.len() as u64;
        Ok(report)
    }

    /// If the ranking is no longer configured, its ranks go.
    pub(super) fn remove_ranks(&mut self, now: Epoch) -> Result<(), WireError> {
        if self.config.ranks.is_some() {
            let known = self.tables().settings.get(TOP).map_or("0", CompactString::as_str);
            if known != self.config.lookalikes.top.to_string() {
                // Other names are to be taken from it: it is read again.
                self.commit(now, Cause::Policy, RANKS, Self::list_is_gone(RANKS).into())?;
            }
            return Ok(());
        }
        let mut updates: Vec<Update> = ranks::updates(&self.tables().ranks, &BTreeMap::new()).collect();
        updates.extend(self.look_for(RANKS, BTreeMap::new()));
        updates.extend(Self::list_is_gone(RANKS));
        updates.extend([LIST, TOP].map(|key| Update::Setting(key.into(), None)));
        self.commit(now, Cause::Policy, RANKS, updates)?;
        Ok(())
    }

    fn take_ranks(
        &mut self,
        now: Epoch,
        location: &Location,
        fetched: &Fetched,
        report: &mut FeedReport,
    ) -> Result<(), WireError> {
        let read = File::open(&fetched.file)
            .and_then(|file| capped::open(file, self.caps(), None))
            .and_then(|bytes| ranks::read(bytes, self.config.lookalikes.top, |name| self.registrable(name)));
        let ranking = match read {
            Ok(ranking) if ranking.rows > 0 => ranking,
            Ok(_) => return self.source_failed(now, RANKS, "no line is `rank,domain`", report),
            Err(error) => return self.source_failed(now, RANKS, &one_line(&error), report),
        };
        let list = list_id(location).unwrap_or_else(|| format_compact!("{}", fetched.digest));
        report.outcome = format!("loaded list {list}");
        (report.rows, report.errors) = (ranking.rows, ranking.faults.count);
        let mut updates: Vec<Update> = ranks::updates(&self.tables().ranks, &ranking.ranks).collect();
        updates.extend(self.look_for(RANKS, self.popular_targets(&ranking.top)));
        updates.push(Update::Setting(TOP.into(), Some(format_compact!("{}", self.config.lookalikes.top))));
        updates.extend(Self::list_is_read(RANKS, fetched));
        updates.push(Update::Setting(LIST.into(), Some(list)));
        report.updates = self.commit(now, Cause::Evidence, RANKS, updates)?;
        self.source_read(now, RANKS, &ranking.faults)
    }
}

/// The id of a Tranco list, by which anybody can have it again: `.../download/<id>/1000000`, or `.../list/<id>`. Others
/// are known by their digest.
fn list_id(location: &Location) -> Option<CompactString> {
    let Location::Url(url) = location else { return None };
    let mut parts = url.split('/').skip_while(|part| !matches!(*part, "download" | "list"));
    let id = parts.nth(1).filter(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric()))?;
    Some(id.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_known_by_their_id() {
        let id = |url: &str| list_id(&Location::Url(url.to_owned())).map(String::from);
        assert_eq!(id("https://tranco-list.eu/download/XJNYN/1000000"), Some("XJNYN".to_owned()));
        assert_eq!(id("https://tranco-list.eu/list/XJNYN"), Some("XJNYN".to_owned()));
        assert_eq!(id("https://tranco-list.eu/top-1m.csv.zip"), None);
        assert_eq!(list_id(&Location::Path("list/XJNYN".into())), None);
    }
}
