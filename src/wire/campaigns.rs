//! Campaigns: what the names of a day that closes share, and the rest of their zone does not.
//!
//! They are found once a day, when all of its names are there, and enter the log as any other input does.

use std::collections::BTreeMap;
use std::sync::Arc;

use compact_str::CompactString;
use panopticon_dataflow::risk::Campaigns;
use panopticon_model::campaign::{Campaign, CampaignKey};
use panopticon_model::observable::top_level;
use panopticon_model::time::{Day, Epoch};
use panopticon_model::update::{Cause, Update};

use super::{House, WireError};

/// Campaigns of so many days are kept.
const KEPT_DAYS: u32 = 7;

impl House {
    /// Before the publication that closes a day: the campaigns of that day.
    pub(super) fn note_campaigns(&mut self, now: Epoch, day: Day) -> Result<(), WireError> {
        let mut updates = Vec::new();
        for tld in self.config.tld_names() {
            updates.extend(self.campaigns_of(&tld, day)?);
        }
        let old = self.tables().campaigns.keys().filter(|key| key.day <= day.back(KEPT_DAYS));
        updates.extend(old.map(|key| Update::Campaign(key.clone(), None)));
        self.commit(now, Cause::Age, "campaigns", updates)?;
        Ok(())
    }

    fn campaigns_of(&self, tld: &str, day: Day) -> Result<Vec<Update>, WireError> {
        let mut new: BTreeMap<&str, Vec<&CompactString>> = BTreeMap::new();
        for name in self.views.entered.keys().filter(|name| top_level(name) == tld) {
            if let Some((label, _)) = self.places.registrable(name) {
                new.entry(label).or_default().push(name);
            }
        }
        let mut campaigns = Campaigns::of_day(new.keys().copied());
        if campaigns.is_empty() {
            return Ok(Vec::new());
        }
        self.each_domain(tld, |_, label, _| campaigns.note(label))?;
        let found = campaigns.found().into_iter().map(|(shared, found)| {
            let names = found.labels.iter().filter_map(|label| new.get(label.as_str()));
            let mut names: Vec<CompactString> = names.flatten().map(|name| (*name).clone()).collect();
            names.sort_unstable();
            let key = CampaignKey { tld: tld.into(), day, shared };
            Update::Campaign(key, Some(Arc::new(Campaign { names, others: found.others })))
        });
        Ok(found.collect())
    }
}
