//! Bases: all tables as of a day's close, one file a collection, and the manifest.
//!
//! In go the tables, the base before, and the log since then; out comes a folder `tables/<day>`. A collection that
//! the log did not touch since the base before is that base's file, under a second name. Delegations are merged
//! from the base before and the log, because [`Tables`] does not hold them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use panopticon_model::time::Day;
use panopticon_model::update::Update;

use super::delegations::{BUDGET, Sorter};
use super::file::{RowChunks, TableWriter, digest};
use super::manifest::damaged;
use super::{Collection, FileEntry, Manifest, Tables, TablesError};
use crate::durable::{self, because, write_atomically};
use crate::faults;
use crate::layout::StateLayout;
use crate::log::{Origin, Position, PublishIntent, Sealed, Segment, Step, Tail, walk};

/// The file whose existence makes a base.
pub(crate) const MANIFEST: &str = "manifest.json";
const BLOCK: usize = 1 << 20;

/// A base on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    folder: PathBuf,
    manifest: Manifest,
}

impl Base {
    /// What it is.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The file of a collection.
    fn file(&self, collection: Collection) -> PathBuf {
        file(&self.folder, collection)
    }

    /// Whether it has a collection: a base of an earlier program lacks those that it did not know.
    #[must_use]
    pub fn has(&self, collection: Collection) -> bool {
        self.manifest.files.contains_key(&collection)
    }

    /// The rows of a collection, sorted by key, as updates that set them.
    ///
    /// # Errors
    /// When the file cannot be opened or is not what its manifest says; so does each chunk.
    pub fn rows(&self, collection: Collection) -> Result<RowChunks, TablesError> {
        RowChunks::open(&self.file(collection), collection, self.manifest.files.get(&collection))
    }

    /// Opens the base in `folder`; none when it has no manifest. Contents are checked when they are read.
    pub(crate) fn open(folder: &Path) -> Result<Option<Base>, TablesError> {
        let manifest = match Manifest::read(&folder.join(MANIFEST)) {
            Err(TablesError::File(error)) if error.source.kind() == io::ErrorKind::NotFound => {
                return Ok(None);
            }
            manifest => manifest?,
        };
        let base = Base { folder: folder.to_owned(), manifest };
        for collection in base.manifest.files.keys().copied() {
            let path = base.file(collection);
            let bytes = fs::metadata(&path).map(|data| data.len()).ok();
            if bytes.is_none() || bytes != base.manifest.files.get(&collection).map(|entry| entry.bytes) {
                return Err(damaged(&path, "it is missing or has another length than its manifest says"));
            }
        }
        Ok(Some(base))
    }
}

/// The bases of a state folder.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Those that can be used, oldest first.
    pub(crate) bases: Vec<Base>,
    /// Those that cannot, and why.
    pub(crate) damaged: Vec<(Day, TablesError)>,
}

/// Finds all bases, and removes folders of bases that never came to be.
pub(crate) fn find(layout: &StateLayout) -> Result<Found, TablesError> {
    let tables = layout.tables();
    let mut found = Found::default();
    for day in days(layout)? {
        let folder = layout.base(day);
        match Base::open(&folder) {
            Ok(Some(base)) if base.manifest.day == day => found.bases.push(base),
            Ok(Some(_)) => found.damaged.push((day, damaged(&folder, "its manifest is that of another day"))),
            Ok(None) => {
                fs::remove_dir_all(&folder).map_err(because("remove", &folder))?;
                durable::sync_folder(&tables)?;
            }
            Err(error @ TablesError::Version { .. }) => return Err(error),
            Err(error) => found.damaged.push((day, error)),
        }
    }
    Ok(found)
}

/// The newest base of a day before `day` that can be used. Changes nothing: another process may be writing one.
pub(crate) fn newest_before(layout: &StateLayout, day: Day) -> Result<Option<Base>, TablesError> {
    first_usable(layout, days(layout)?.range(..day).rev())
}

/// The oldest base that can be used.
pub(crate) fn oldest(layout: &StateLayout) -> Result<Option<Base>, TablesError> {
    first_usable(layout, days(layout)?.iter())
}

/// The days of which there are folders.
fn days(layout: &StateLayout) -> Result<BTreeSet<Day>, TablesError> {
    let tables = layout.tables();
    let entries = match fs::read_dir(&tables) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        entries => entries.map_err(because("list", &tables))?,
    };
    let mut days = BTreeSet::new();
    for entry in entries {
        let entry = entry.map_err(because("list", &tables))?;
        days.extend(entry.file_name().to_str().and_then(|name| name.parse::<Day>().ok()));
    }
    Ok(days)
}

fn first_usable<'d>(
    layout: &StateLayout,
    days: impl Iterator<Item = &'d Day>,
) -> Result<Option<Base>, TablesError> {
    for of in days {
        match Base::open(&layout.base(*of)) {
            Ok(Some(base)) if base.manifest.day == *of => return Ok(Some(base)),
            Err(error @ TablesError::Version { .. }) => return Err(error),
            _ => {}
        }
    }
    Ok(None)
}

/// The log as [`write`] needs it.
#[derive(Clone, Debug)]
pub(crate) struct LogSoFar {
    pub(crate) segments: Vec<Segment>,
    pub(crate) end: Position,
    pub(crate) sealed: Option<Sealed>,
    pub(crate) intent: Option<PublishIntent>,
}

/// Writes the base as of the close of `day`: `tables` hold all epochs before the end of the day, and `log` ends
/// with the last of them. `previous` is the newest base before.
///
/// # Errors
/// When the tables are not those of the log at the close of the day, or a file cannot be read or written. Then the
/// base does not exist.
pub(crate) fn write(
    layout: &StateLayout,
    day: Day,
    tables: &Tables,
    previous: Option<&Base>,
    log: &LogSoFar,
    program: &str,
) -> Result<Base, TablesError> {
    if tables.as_of != log.end.last_epoch {
        return Err(TablesError::OutOfStep { tables: tables.as_of, log: log.end.last_epoch });
    }
    if tables.as_of >= day.end() {
        return Err(TablesError::NotTheClose { day, as_of: tables.as_of });
    }
    let folder = layout.base(day);
    durable::create_folders(&folder)?;
    let mut sorter = Sorter::new(&folder, BUDGET);
    let touched = read_log(layout, previous, log, &mut sorter)?;
    let mut files = BTreeMap::new();
    for collection in Collection::ALL {
        faults::at("base.file").map_err(because("write", &folder))?;
        let path = file(&folder, collection);
        let kept = previous.filter(|base| !touched.contains(&collection) && base.has(collection));
        let entry = match (kept, collection) {
            (Some(previous), _) => link(previous, collection, &path)?,
            (None, Collection::Delegations) => {
                let before = previous.map(|base| base.rows(collection)).transpose()?;
                table(&path, collection, |out| sorter.merge(before, out))?
            }
            (None, _) => table(&path, collection, |out| rows_of(tables, collection, &mut |row| out.push(&row)))?,
        };
        check_count(tables, collection, &entry, &path)?;
        files.insert(collection, entry);
    }
    durable::sync_folder(&folder)?;
    let manifest = Manifest {
        format: Manifest::FORMAT,
        day,
        as_of: tables.as_of,
        program: program.to_owned(),
        position: log.end.clone(),
        sealed: log.sealed.clone(),
        intent: log.intent.clone(),
        files,
    };
    let path = folder.join(MANIFEST);
    faults::at("base.manifest").map_err(because("write", &path))?;
    manifest.write(&path)?;
    faults::at("base.done").map_err(because("write", &path))?;
    Ok(Base { folder, manifest })
}

/// Reads the log since the previous base: gathers delegations, answers which collections it touches.
fn read_log(
    layout: &StateLayout,
    previous: Option<&Base>,
    log: &LogSoFar,
    sorter: &mut Sorter,
) -> Result<BTreeSet<Collection>, TablesError> {
    let origin = previous.map_or(Origin::First, |base| Origin::After(&base.manifest.position));
    let mut touched = BTreeSet::new();
    walk(layout, &log.segments, origin, Tail::Limit(log.end.offset), &mut |step, records| {
        let Step::Rows = step else { return Ok(()) };
        for row in records.rows()? {
            touched.insert(Collection::of(&row));
            if let Update::Delegation(key, _, after) = row {
                sorter.push(key.owner, after)?;
            }
        }
        Ok::<(), TablesError>(())
    })?;
    Ok(touched)
}

fn file(folder: &Path, collection: Collection) -> PathBuf {
    folder.join(format!("{}.tbl", collection.as_str()))
}

fn table(
    path: &Path,
    collection: Collection,
    fill: impl FnOnce(&mut TableWriter<'_>) -> Result<(), TablesError>,
) -> Result<FileEntry, TablesError> {
    write_atomically(path, |file| {
        let mut out = TableWriter::new(file, path, collection, BLOCK)?;
        fill(&mut out)?;
        out.finish()
    })
}

/// Gives the file of the base before a second name; copies where the disk knows no second names.
fn link(previous: &Base, collection: Collection, path: &Path) -> Result<FileEntry, TablesError> {
    let from = previous.file(collection);
    let Some(entry) = previous.manifest.files.get(&collection) else {
        return Err(damaged(&from, "its manifest does not name it"));
    };
    if path.exists() {
        fs::remove_file(path).map_err(because("replace", path))?;
    }
    if fs::hard_link(&from, path).is_err() {
        write_atomically(path, |file| -> Result<(), TablesError> {
            let mut source = fs::File::open(&from).map_err(because("open", &from))?;
            io::copy(&mut source, file).map_err(because("write", path))?;
            Ok(())
        })?;
        if digest(path)? != (entry.bytes, entry.blake3.clone()) {
            return Err(damaged(&from, "it is not the file that its manifest names"));
        }
    }
    Ok(entry.clone())
}

/// The tables say how many rows there must be: a collection that is taken over may not have changed.
fn check_count(
    tables: &Tables,
    collection: Collection,
    entry: &FileEntry,
    path: &Path,
) -> Result<(), TablesError> {
    let rows = match collection {
        Collection::Settings => tables.settings.len(),
        Collection::NameServers => tables.name_servers.len(),
        Collection::Feeds => tables.feeds.len(),
        Collection::Errors => tables.errors.len(),
        Collection::Marks => tables.marks.len(),
        Collection::Ranks => tables.ranks.len(),
        Collection::Sightings => tables.sightings.len(),
        Collection::Delegations => return Ok(()),
        Collection::Observations => tables.observations.len(),
        Collection::Claims => tables.claims.len(),
        Collection::ProtectedNames => tables.protected_names.len(),
        Collection::Reputations => tables.reputations.len(),
        Collection::Verdicts => tables.verdicts.len(),
        Collection::Targets => tables.targets.len(),
        Collection::Entered => tables.entered.len(),
        Collection::Surveyed => tables.surveyed.len(),
        Collection::CutOffs => tables.cut_offs.len(),
        Collection::Campaigns => tables.campaigns.len(),
    };
    if rows as u64 == entry.rows {
        return Ok(());
    }
    Err(damaged(path, format!("it has {} rows and the tables in memory have {rows}", entry.rows)))
}

/// The rows of a collection that the tables hold.
fn rows_of(
    tables: &Tables,
    collection: Collection,
    push: &mut dyn FnMut(Update) -> Result<(), TablesError>,
) -> Result<(), TablesError> {
    match collection {
        Collection::Settings => {
            tables.settings.iter().try_for_each(|(k, v)| push(Update::Setting(k.clone(), Some(v.clone()))))
        }
        Collection::NameServers => {
            tables.name_servers.iter().try_for_each(|(k, v)| push(Update::NameServers(*k, v.clone())))
        }
        Collection::Feeds => {
            tables.feeds.iter().try_for_each(|(k, v)| push(Update::Feed(k.clone(), Some(Arc::clone(v)))))
        }
        Collection::Errors => {
            tables.errors.iter().try_for_each(|(k, v)| push(Update::Error(k.clone(), Some(v.clone()))))
        }
        Collection::Marks => {
            tables.marks.iter().try_for_each(|(k, v)| push(Update::Mark(k.clone(), Some(v.clone()))))
        }
        Collection::Ranks => tables.ranks.iter().try_for_each(|(k, v)| push(Update::Rank(k.clone(), Some(*v)))),
        Collection::Sightings => {
            tables.sightings.iter().try_for_each(|(k, v)| push(Update::Sighting(k.clone(), Some(Arc::clone(v)))))
        }
        Collection::Delegations => Ok(()),
        Collection::Observations => {
            let rows = &mut tables.observations.iter();
            rows.try_for_each(|(k, v)| push(Update::Observation(k.clone(), Some(Arc::clone(v)))))
        }
        Collection::Claims => tables.claims.iter().try_for_each(|(k, v)| push(Update::Claim(k.clone(), Some(*v)))),
        Collection::ProtectedNames => {
            let rows = &mut tables.protected_names.iter();
            rows.try_for_each(|(k, v)| push(Update::ProtectedName(k.clone(), Some(*v))))
        }
        Collection::Reputations => {
            let rows = &mut tables.reputations.iter();
            rows.try_for_each(|(k, v)| push(Update::Reputation(k.clone(), Some(Arc::clone(v)))))
        }
        Collection::Verdicts => {
            let rows = &mut tables.verdicts.iter();
            rows.try_for_each(|(k, v)| push(Update::Verdict(*k, Some(Arc::clone(v)))))
        }
        Collection::Targets => {
            let rows = &mut tables.targets.iter();
            rows.try_for_each(|(k, v)| push(Update::Target(k.clone(), Some(Arc::clone(v)))))
        }
        Collection::Entered => {
            tables.entered.iter().try_for_each(|(k, v)| push(Update::Entered(k.clone(), Some(*v))))
        }
        Collection::Surveyed => {
            tables.surveyed.iter().try_for_each(|(k, v)| push(Update::Surveyed(k.clone(), Some(*v))))
        }
        Collection::CutOffs => {
            tables.cut_offs.iter().try_for_each(|(k, v)| push(Update::CutOff(k.clone(), Some(*v))))
        }
        Collection::Campaigns => {
            let rows = &mut tables.campaigns.iter();
            rows.try_for_each(|(k, v)| push(Update::Campaign(k.clone(), Some(Arc::clone(v)))))
        }
    }
}
