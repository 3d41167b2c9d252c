//! Publishing: intent, files, seal. A crash in between is repaired by doing the same again.

use std::collections::BTreeMap;
use std::path::Path;

use compact_str::CompactString;
use panopticon_datasets::log::{PublishIntent, Sealed};
use panopticon_model::time::Day;
use panopticon_sinks::minisign::SigningKey;
use panopticon_sinks::{self as sinks, Lists, Measurements, Publication, Written, retention};

use super::views::Views;
use super::{House, PROGRAM, WireError};
use crate::config::Config;

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
        let publishing = Publishing {
            config: &self.config,
            key: self.key.as_ref(),
            views: &self.views,
            out: &self.config.output,
            earlier: None,
            program: PROGRAM,
            intent,
        };
        let written = publishing.write()?;
        let last = self.store.last_sealed().filter(|sealed| sealed.upto.day() == publishing.day());
        let before = last.map(|sealed| sealed.changes_len.clone()).unwrap_or_default();
        let changes_len = publishing.append_changes(&before)?;
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

/// A publication: the views at its last epoch, and where they go.
pub(super) struct Publishing<'a> {
    pub(super) config: &'a Config,
    pub(super) key: Option<&'a SigningKey>,
    pub(super) views: &'a Views,
    pub(super) out: &'a Path,
    /// Where the days before one were published, if not there.
    pub(super) earlier: Option<(&'a Path, Day)>,
    /// The program that publishes.
    pub(super) program: &'a str,
    pub(super) intent: &'a PublishIntent,
}

impl Publishing<'_> {
    /// The day of which it is.
    pub(super) fn day(&self) -> Day {
        self.intent.closes.unwrap_or(self.intent.upto.day())
    }

    fn publication<'p>(&'p self, tlds: &'p [String]) -> Publication<'p> {
        Publication {
            out: self.out,
            earlier: self.earlier,
            day: self.day(),
            as_of: self.intent.upto,
            closed: self.intent.closes.is_some(),
            program: self.program,
            tlds,
            key: self.key,
        }
    }

    /// Writes its files.
    pub(super) fn write(&self) -> Result<Vec<Written>, WireError> {
        let tables = &self.views.tables;
        let plan = self.config.plan();
        let written = self.publication(&self.config.tld_names()).write(sinks::Views {
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
        Ok(written)
    }

    /// Appends what changed since the publication before it to the change files of its day, which have so many bytes.
    /// Gives how many they have then.
    pub(super) fn append_changes(
        &self,
        before: &BTreeMap<String, u64>,
    ) -> Result<BTreeMap<String, u64>, WireError> {
        let tlds = self.config.tld_names();
        let publication = self.publication(&tlds);
        let since = self.views.since_publication.rows();
        let mut lengths = BTreeMap::new();
        for tld in &tlds {
            let length = before.get(tld).copied().unwrap_or(0);
            lengths.insert(tld.clone(), publication.append_changes(tld, length, &since)?);
        }
        Ok(lengths)
    }
}
