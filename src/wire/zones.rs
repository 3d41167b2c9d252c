//! Zones: read into a sorted snapshot, compared with the last one, logged as what changed.
//!
//! A snapshot is in place before the epoch that speaks of it, and the epoch names it: after a crash either the
//! old snapshot counts or the new one, and no delegation is told twice.

use std::fs::File;
use std::path::{Path, PathBuf};

use compact_str::{CompactString, format_compact};
use panopticon_datasets::durable;
use panopticon_model::sighting::FeedId;
use panopticon_model::time::Epoch;
use panopticon_model::update::{Cause, ErrorKey, LineError, Update};
use panopticon_sources::capped::{self, Faults};
use panopticon_sources::feeds::accept;
use panopticon_sources::feeds::snapshot::{FETCH, whole_feed};
use panopticon_sources::zone::{
    Diff, Guard, Meta, Name, Options, Settings, Snapshot, SnapshotError, from_names, from_zone,
};

use super::feeds::one_line;
use super::{FeedReport, House, WireError};
use crate::config::{Zone, ZoneFrom};

/// Settings that begin with this name the snapshot of a zone; the rest is the apex.
const SNAPSHOT: &str = "zone.";

impl House {
    /// Reads a zone of the configuration.
    pub(crate) fn read_zone(&mut self, now: Epoch, tld: usize, zone: usize) -> Result<FeedReport, WireError> {
        let Some(zone) = self.config.tlds.get(tld).and_then(|tld| tld.zones.get(zone)).cloned() else {
            return Ok(FeedReport::new("zone"));
        };
        let mut report = FeedReport::new(&format!("zone:{}", zone.apex));
        match &zone.from {
            ZoneFrom::File(file, _) | ZoneFrom::Names(file) => {
                self.read_zone_file(now, &zone, file, &mut report)?;
            }
            ZoneFrom::Primary(address, key) => {
                self.transfer_zone(now, &zone, *address, key.as_deref(), &mut report)?;
            }
        }
        Ok(report)
    }

    fn read_zone_file(
        &mut self,
        now: Epoch,
        zone: &Zone,
        file: &Path,
        report: &mut FeedReport,
    ) -> Result<(), WireError> {
        let source = report.id.clone();
        let stamp = match file_stamp(file) {
            Ok(stamp) => stamp,
            Err(error) => {
                let message = format!("cannot read `{}`: {error}", file.display());
                return self.source_failed(now, &source, &message, report);
            }
        };
        let before = self.zone_snapshot(&zone.apex)?;
        if self.zone_setting(&zone.apex).is_some_and(|(_, known)| known == stamp) {
            report.rows = before.map_or(0, |snapshot| snapshot.meta().rows);
            return self.source_recovered(now, &source);
        }
        let aside = self.zone_aside(&zone.apex);
        let (meta, faults) = match self.build(zone, file, &aside) {
            Ok((meta, faults)) if zone.is_names_only() && meta.rows == 0 && faults.count > 0 => {
                let message = format!("not one of {} lines is a name; the file is no list of names", faults.count);
                return self.source_failed(now, &source, &message, report);
            }
            Ok(built) => built,
            Err(error) => return self.source_failed(now, &source, &one_line(&error), report),
        };
        if let Err(held) = guard(zone).check(before.as_ref().map(Snapshot::meta), &meta) {
            return self.source_failed(now, &source, &format!("held back: {held}"), report);
        }
        let changes = |after: &Snapshot| Diff::between(before.as_ref(), Some(after));
        report.updates = self.take_zone(now, &zone.apex, &stamp, &aside, changes)?;
        (report.rows, report.kept, report.errors) = (meta.rows, meta.rows, faults.count);
        report.outcome = "loaded".to_owned();
        self.source_read(now, &source, &faults)
    }

    /// Where the snapshot of a zone is written before it counts.
    pub(super) fn zone_aside(&self, apex: &str) -> PathBuf {
        self.store.layout().zones().join(format!(".{apex}.tmp"))
    }

    /// Builds the sorted snapshot of a zone file.
    fn build(&self, zone: &Zone, file: &Path, aside: &Path) -> Result<(Meta, Faults), SnapshotError> {
        let input = File::open(file)
            .and_then(|file| capped::open_ahead(file, self.caps()))
            .map_err(|source| SnapshotError::Io { action: "read", path: file.to_owned(), source })?;
        let mut settings = Settings::new(self.store.layout().zones());
        if zone.is_names_only() {
            return from_names(input, |name| self.places.in_scope(name), &settings, aside);
        }
        let origin = Name::parse(format!("{}.", zone.apex).as_bytes(), None).ok();
        settings.options = Options::of_file(file, origin);
        // A zone with one fault is refused whole: it has no faulty lines.
        Ok((from_zone(input, &settings, aside)?, Faults::default()))
    }

    /// Puts a snapshot in place and logs what it changes; `changes` is asked twice and says the same.
    pub(super) fn take_zone<C>(
        &mut self,
        now: Epoch,
        apex: &str,
        stamp: &str,
        aside: &Path,
        changes: impl Fn(&Snapshot) -> Result<C, SnapshotError>,
    ) -> Result<usize, WireError>
    where
        C: Iterator<Item = Result<Update, SnapshotError>>,
    {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| WireError::Io { path, source }
        };
        let file = File::open(aside).map_err(io(aside))?;
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(&file).map_err(io(aside))?;
        let digest = hasher.finalize().to_hex();
        let name = format!("{apex}-{}.snap", &digest[..32]);
        let path = self.store.layout().zones().join(&name);
        file.sync_all().map_err(io(aside))?;
        std::fs::rename(aside, &path).map_err(io(&path))?;
        durable::sync_folder(&self.store.layout().zones())
            .map_err(panopticon_datasets::store::StoreError::from)?;
        let after = Snapshot::open(&path)?;
        let header = self.mint(now, Cause::Evidence, &format!("zone:{apex}"));
        let setting = Update::Setting(setting_key(apex), Some(format_compact!("{name} {stamp}")));
        let old = self.zone_setting(apex).map(|(path, _)| path);
        // The difference is read twice: first into the log, then, once it is durable, into the engine.
        let mut epoch = self.store.begin(&header)?;
        epoch.extend([&setting])?;
        let mut count = 0;
        for update in changes(&after)? {
            epoch.extend([&update?])?;
            count += 1;
        }
        epoch.commit()?;
        self.views.epoch(&header);
        self.views.rows(vec![setting])?;
        self.views.in_chunks(changes(&after)?)?;
        if let Some(old) = old.filter(|old| *old != path) {
            // What is no longer named is of no use; if it cannot be removed, it only takes space.
            let _ = std::fs::remove_file(old);
        }
        Ok(count)
    }

    /// Zones that are no longer configured: their delegations go.
    pub(super) fn remove_zones(&mut self, now: Epoch) -> Result<(), WireError> {
        let configured =
            |apex: &str| self.config.tlds.iter().flat_map(|tld| &tld.zones).any(|zone| zone.apex == apex);
        let known = self.tables().settings.keys().filter_map(|key| key.strip_prefix(SNAPSHOT));
        let gone: Vec<String> = known.filter(|apex| !configured(apex)).map(str::to_owned).collect();
        for apex in gone {
            let path = self.zone_setting(&apex).map(|(path, _)| path);
            let Some(before) = self.zone_snapshot(&apex)? else { continue };
            let header = self.mint(now, Cause::Policy, &format!("zone:{apex}"));
            let setting = Update::Setting(setting_key(&apex), None);
            let mut epoch = self.store.begin(&header)?;
            epoch.extend([&setting])?;
            for update in Diff::between(Some(&before), None)? {
                epoch.extend([&update?])?;
            }
            epoch.commit()?;
            self.views.epoch(&header);
            self.views.rows(vec![setting])?;
            self.views.in_chunks(Diff::between(Some(&before), None)?)?;
            if let Some(path) = path {
                let _ = std::fs::remove_file(path);
            }
        }
        Ok(())
    }

    /// The snapshot that counts, and what its file looked like.
    pub(super) fn zone_setting(&self, apex: &str) -> Option<(PathBuf, String)> {
        let value = self.tables().settings.get(&setting_key(apex))?;
        let (name, stamp) = value.split_once(' ')?;
        Some((self.store.layout().zones().join(name), stamp.to_owned()))
    }

    pub(super) fn zone_snapshot(&self, apex: &str) -> Result<Option<Snapshot>, WireError> {
        self.zone_setting(apex).map(|(path, _)| Ok(Snapshot::open(path)?)).transpose()
    }

    /// A zone or ranking that could not be read: its last good state stays, and the error is data.
    pub(super) fn source_failed(
        &mut self,
        now: Epoch,
        source: &str,
        message: &str,
        report: &mut FeedReport,
    ) -> Result<(), WireError> {
        report.failed = true;
        report.outcome = format!("failed: {message}");
        let error = LineError { line_number: 0, message: message.into(), sample: CompactString::default() };
        let update = Update::Error(error_key(source), Some(error));
        report.updates += self.commit(now, Cause::Evidence, source, vec![update])?;
        Ok(())
    }

    /// The source was read: its faulty lines are data, and what was wrong with it before is no more.
    pub(super) fn source_read(&mut self, now: Epoch, source: &str, faults: &Faults) -> Result<(), WireError> {
        let id = FeedId::from(source);
        let updates = accept::line_errors(&self.tables().errors, &id, &faults.rows(&id));
        self.commit(now, Cause::Evidence, source, updates)?;
        Ok(())
    }

    /// The source says what it said before: if it could not be read in between, that is over.
    pub(super) fn source_recovered(&mut self, now: Epoch, source: &str) -> Result<(), WireError> {
        self.commit(now, Cause::Evidence, source, vec![Update::Error(error_key(source), None)])?;
        Ok(())
    }
}

/// When a snapshot of this zone is held back.
pub(super) fn guard(zone: &Zone) -> Guard {
    let needs_final_soa = matches!(zone.from, ZoneFrom::File(_, true));
    Guard { max_shrink_percent: zone.shrink_percent, needs_final_soa, ..Guard::default() }
}

/// Whether a setting names the snapshot of a zone.
pub(super) fn is_snapshot(setting: &str) -> bool {
    setting.starts_with(SNAPSHOT)
}

fn setting_key(apex: &str) -> CompactString {
    format_compact!("{SNAPSHOT}{apex}")
}

fn error_key(source: &str) -> ErrorKey {
    whole_feed(&FeedId::from(source), FETCH)
}

/// What tells whether a file has changed: its digest, which costs a reading and is never wrong.
fn file_stamp(path: &Path) -> std::io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok(hasher.finalize().to_hex()[..32].to_owned())
}
