//! The ranking: how popular the names under our TLDs are.

use std::collections::BTreeMap;
use std::fs::File;

use compact_str::{CompactString, format_compact};
use panopticon_model::time::Epoch;
use panopticon_model::update::{Cause, Update};
use panopticon_sources::capped;
use panopticon_sources::fetch::{self, Fetched, Known};
use panopticon_sources::ranks;

use super::feeds::one_line;
use super::{FeedReport, House, WireError};

/// The name of the ranking among the errors.
const RANKS: &str = "ranks";
/// The setting that holds the digest of the last ranking.
const DIGEST: &str = "ranks.digest";
/// The setting that holds the validator of the last answer.
const ETAG: &str = "ranks.etag";

impl House {
    /// Fetches and reads the ranking.
    pub(crate) fn read_ranks(&mut self, now: Epoch) -> Result<FeedReport, WireError> {
        let mut report = FeedReport::new(RANKS);
        let Some(config) = self.config.ranks.clone() else { return Ok(report) };
        let setting = |key: &str| self.tables().settings.get(key);
        let known = Known {
            etag: setting(ETAG).cloned(),
            digest: setting(DIGEST).and_then(|text| text.parse().ok()),
            ..Known::default()
        };
        let request = self.request(&config.location, known, now.0);
        match self.fetch_all(vec![request])?.pop() {
            Some(Ok(fetch::Outcome::Fetched(mut files))) => {
                if let Some(fetched) = files.pop() {
                    self.take_ranks(now, &fetched, &mut report)?;
                }
            }
            Some(Err(fetch::FetchError::Offline { .. })) => {
                report.outcome = "offline: last good state kept".to_owned();
            }
            Some(Err(error)) => self.source_failed(now, RANKS, &one_line(&error), &mut report)?,
            Some(Ok(fetch::Outcome::NotModified { .. })) | None => {
                self.source_recovered(now, RANKS)?;
            }
        }
        report.kept = self.tables().ranks.len() as u64;
        Ok(report)
    }

    /// If the ranking is no longer configured, its ranks go.
    pub(super) fn remove_ranks(&mut self, now: Epoch) -> Result<(), WireError> {
        if self.config.ranks.is_some() {
            return Ok(());
        }
        let mut updates: Vec<Update> = ranks::updates(&self.tables().ranks, &BTreeMap::new()).collect();
        updates.extend([DIGEST, ETAG].map(|key| Update::Setting(key.into(), None)));
        self.commit(now, Cause::Policy, RANKS, updates)?;
        Ok(())
    }

    fn take_ranks(&mut self, now: Epoch, fetched: &Fetched, report: &mut FeedReport) -> Result<(), WireError> {
        let places = &self.places;
        let registrable = |name: &panopticon_model::name::HostName| {
            let domain = places.in_scope(name).then(|| places.place(name).ok())??;
            Some(CompactString::from(domain.registrable_domain.as_str()))
        };
        let read = File::open(&fetched.file)
            .and_then(|file| capped::open(file, self.caps(), None))
            .and_then(|bytes| ranks::read(bytes, registrable));
        let ranking = match read {
            Ok(ranking) if ranking.rows > 0 => ranking,
            Ok(_) => return self.source_failed(now, RANKS, "no line is `rank,domain`", report),
            Err(error) => return self.source_failed(now, RANKS, &one_line(&error), report),
        };
        report.outcome = "loaded".to_owned();
        (report.rows, report.errors) = (ranking.rows, ranking.faults.count);
        let mut updates: Vec<Update> = ranks::updates(&self.tables().ranks, &ranking.ranks).collect();
        updates.push(Update::Setting(DIGEST.into(), Some(format_compact!("{}", fetched.digest))));
        updates.push(Update::Setting(ETAG.into(), fetched.etag.clone()));
        report.updates = self.commit(now, Cause::Evidence, RANKS, updates)?;
        self.source_read(now, RANKS, &ranking.faults)
    }
}
