//! Publishing: intent, files, seal. A crash in between is repaired by doing the same again.

use std::collections::BTreeMap;

use compact_str::CompactString;
use panopticon_datasets::log::{PublishIntent, Sealed};
use panopticon_model::time::Day;
use panopticon_sinks::{Lists, Measurements, Publication, Views, retention};

use super::{House, PROGRAM, WireError};

/// The filter that has a column of its own in `indicators`.
const QUAD9: &str = "quad9";

impl House {
    /// Publishes everything up to the last epoch. `closes` is the day that is over now; its files become final.
    pub(super) fn publish(&mut self, closes: Option<Day>) -> Result<(), WireError> {
        let number = self.store.last_sealed().map_or(0, |sealed| sealed.number) + 1;
        let intent = PublishIntent { number, upto: self.last_epoch(), closes, program: PROGRAM.to_owned() };
        self.store.intend(&intent)?;
        self.finish(&intent)
    }

    /// Writes the files of a publication and seals it. The views stand at its last epoch.
    pub(super) fn finish(&mut self, intent: &PublishIntent) -> Result<(), WireError> {
        let day = intent.closes.unwrap_or(intent.upto.day());
        let tlds = self.config.tld_names();
        let publication = Publication {
            out: &self.config.output,
            day,
            as_of: intent.upto,
            closed: intent.closes.is_some(),
            program: PROGRAM,
            tlds: &tlds,
            key: self.key.as_ref(),
        };
        let tables = &self.views.tables;
        let plan = self.config.plan();
        let written = publication.write(Views {
            standing: &self.views.standing,
            sightings: &tables.sightings,
            errors: Box::new(tables.errors.iter()),
            feeds: Box::new(tables.feeds.iter().map(|(feed, state)| (feed, state.as_ref()))),
            daily: &self.views.day.rows(),
            measurements: Measurements {
                observations: &tables.observations,
                verdicts: &tables.verdicts,
                ranks: &tables.ranks,
                protected_names: &tables.protected_names,
                vantages: &plan.vantages,
                filter: plan.filters.iter().map(CompactString::as_str).find(|id| *id == QUAD9),
            },
            lists: Lists { targets: &tables.targets, marks: &tables.marks, campaigns: &tables.campaigns },
        })?;
        let since = self.views.since_publication.rows();
        let last = self.store.last_sealed().filter(|sealed| sealed.upto.day() == day);
        let mut changes_len = BTreeMap::new();
        for tld in &tlds {
            let sealed = last.and_then(|sealed| sealed.changes_len.get(tld)).copied().unwrap_or(0);
            changes_len.insert(tld.clone(), publication.append_changes(tld, sealed, &since)?);
        }
        let mut digest = blake3::Hasher::new();
        for file in &written {
            digest.update(&file.digest.0);
        }
        let sealed = Sealed {
            number: intent.number,
            upto: intent.upto,
            program: PROGRAM.to_owned(),
            digest: *digest.finalize().as_bytes(),
            changes_len,
        };
        self.store.seal(&sealed)?;
        self.views.sealed(intent.closes);
        Ok(())
    }

    /// Removes what is older than the retention, after the close of `day`: closed evidence (as data, with an
    /// epoch of its own), log, bases, archived snapshots and dated files.
    pub(super) fn expire(&mut self, day: Day) -> Result<(), WireError> {
        self.expire_evidence(day.end())?;
        self.forget_observations(day.end())?;
        let before = day.back(self.config.retention_days);
        self.store.expire(before)?;
        self.archive.expire(&self.archived())?;
        retention::expire(&self.config.output, before)?;
        Ok(())
    }
}
