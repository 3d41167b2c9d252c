//! The store: the one door to the state folder. Lock, recovery, replay, append, close, expire.
//!
//! In go epochs and records of publications from one process; out come events, after a crash the same ones.
//!
//! ```text
//! open ──► replay ──► append, append, intend, seal, append, ... ──► close_day ──► append (a new segment)
//! ```
//!
//! A day is closed after the last epoch of the day is appended (and folded into the tables), after the publication
//! that closes it is sealed, and before the first epoch of the next day. A day that is not closed costs a longer
//! replay and nothing else. The store folds nothing itself and publishes nothing.

mod error;
mod replay;
mod retention;

use std::borrow::Borrow;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use panopticon_model::time::{Day, Epoch};
use panopticon_model::update::{EpochHeader, Update};

pub use error::StoreError;
pub use replay::Event;
pub use retention::Expired;

use crate::durable::{self, because};
use crate::faults;
use crate::layout::StateLayout;
use crate::log::frame::Kind;
use crate::log::{self, EpochWriter, LogError, LogWriter, Origin, PublishIntent, Sealed, Tail, v1};
use crate::tables::{self, Base, LogSoFar, Tables, TablesError};

/// The state folder of a running process.
#[derive(Debug)]
pub struct Store {
    layout: StateLayout,
    log: LogWriter,
    base: Option<Base>,
    sealed: Option<Sealed>,
    intent: Option<PublishIntent>,
    recovery: Recovery,
    // Dropped last.
    _lock: Lock,
}

/// What [`Store::open`] found and mended. Worth a line in the operator's log when it is not empty.
#[derive(Debug, Default)]
pub struct Recovery {
    /// Bytes of an interrupted write that were cut off the end of the log.
    pub torn_bytes: u64,
    /// Files that interrupted writers had left behind.
    pub leftovers: usize,
    /// Bases that cannot be used and why; older ones and the log serve instead.
    pub damaged_bases: Vec<(Day, TablesError)>,
}

impl Store {
    /// Opens a state folder, creating it when it is not there, and holds it against other processes. The log after
    /// the newest base is checked, and what an interrupted write left at its end is cut off.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when another process holds it; otherwise what is damaged or missing.
    pub fn open(state_dir: &Path) -> Result<Store, StoreError> {
        let layout = StateLayout::new(state_dir);
        durable::create_folders(state_dir)?;
        let lock = Lock::take(&layout.lock())?;
        for folder in [layout.log(), layout.tables(), layout.archive(), layout.zones()] {
            durable::create_folders(&folder)?;
        }
        let leftovers = durable::remove_leftovers(&layout.log())? + durable::remove_leftovers(&layout.tables())?;
        let mut found = tables::find(&layout)?;
        let base = found.bases.pop();
        let segments = log::list(&layout)?;
        let origin = match &base {
            Some(base) => Origin::After(&base.manifest().position),
            None => Origin::First,
        };
        if base.is_none()
            && let Some(first) = segments.first()
        {
            replay::check_is_first(first)?;
        }
        let end = log::walk(&layout, &segments, origin, Tail::Recover, &mut |_, _| Ok::<(), LogError>(()))?;
        if let Some(hollow) = &end.hollow {
            log::remove_hollow(&hollow.path)?;
        }
        let (log, torn_bytes) = LogWriter::open(layout.clone(), end.position)?;
        let manifest = base.as_ref().map(Base::manifest);
        let sealed = end.sealed.clone().or_else(|| manifest.and_then(|manifest| manifest.sealed.clone()));
        let intent = match (&end.intent, &end.sealed) {
            (None, None) => manifest.and_then(|manifest| manifest.intent.clone()),
            _ => end.intent,
        };
        let recovery = Recovery { torn_bytes, leftovers, damaged_bases: found.damaged };
        Ok(Store { layout, log, base, sealed, intent, recovery, _lock: lock })
    }

    /// Where everything lies.
    #[must_use]
    pub fn layout(&self) -> &StateLayout {
        &self.layout
    }

    /// What opening found and mended.
    #[must_use]
    pub fn recovery(&self) -> &Recovery {
        &self.recovery
    }

    /// The last epoch in the log; none when nothing was ever appended.
    #[must_use]
    pub fn last_epoch(&self) -> Option<Epoch> {
        self.log.last_epoch()
    }

    /// The last finished publication.
    #[must_use]
    pub fn last_sealed(&self) -> Option<&Sealed> {
        self.sealed.as_ref()
    }

    /// The publication that was started and not finished: its files may be there, whole or in part.
    #[must_use]
    pub fn open_intent(&self) -> Option<&PublishIntent> {
        self.intent.as_ref()
    }

    /// The newest base, from which replay starts.
    #[must_use]
    pub fn base(&self) -> Option<&Base> {
        self.base.as_ref()
    }

    /// The newest base of a day up to `day`; if all are younger, the oldest one. None before any day was closed.
    ///
    /// # Errors
    /// When the folder cannot be listed, or a base is of a later version.
    pub fn base_up_to(&self, day: Day) -> Result<Option<Base>, StoreError> {
        let found = tables::newest_before(&self.layout, day.next())?;
        Ok(if found.is_some() { found } else { tables::oldest(&self.layout)? })
    }

    /// The last day that was closed.
    #[must_use]
    pub fn last_closed(&self) -> Option<Day> {
        self.base.as_ref().map(|base| base.manifest().day)
    }

    /// Appends an epoch with all its rows; answers how many rows that were. When this answers, the epoch is durable.
    ///
    /// # Errors
    /// [`LogError::Regression`] when the epoch is not after the last one, [`StoreError::DayClosed`] when its day is
    /// closed; otherwise the log could not be written, nothing of the epoch remains, and nothing more is accepted.
    pub fn append<U: Borrow<Update>>(
        &mut self,
        header: &EpochHeader,
        rows: impl IntoIterator<Item = U>,
    ) -> Result<u64, StoreError> {
        let mut epoch = self.begin(header)?;
        epoch.extend(rows)?;
        Ok(epoch.commit()?)
    }

    /// Starts an epoch whose rows come one by one, from a reader that may fail: dropped without
    /// [`EpochWriter::commit`], the epoch never was.
    ///
    /// # Errors
    /// As [`Store::append`].
    pub fn begin(&mut self, header: &EpochHeader) -> Result<EpochWriter<'_>, StoreError> {
        match self.last_closed() {
            Some(day) if header.at < day.end() => Err(StoreError::DayClosed { day, at: header.at }),
            _ => Ok(self.log.begin(header)?),
        }
    }

    /// Records that a publication starts, before its first file appears.
    ///
    /// # Errors
    /// [`LogError::Order`] when its number is not after the last finished one or it goes beyond the log; otherwise
    /// the log could not be written.
    pub fn intend(&mut self, intent: &PublishIntent) -> Result<(), StoreError> {
        self.check_publication(intent.number, intent.upto)?;
        self.record("intent", Kind::Intent, intent)?;
        self.intent = Some(intent.clone());
        Ok(())
    }

    /// Records that a publication is done, after its last file is in place and synced.
    ///
    /// # Errors
    /// As [`Store::intend`].
    pub fn seal(&mut self, sealed: &Sealed) -> Result<(), StoreError> {
        self.check_publication(sealed.number, sealed.upto)?;
        self.record("seal", Kind::Sealed, sealed)?;
        self.sealed = Some(sealed.clone());
        self.intent = None;
        Ok(())
    }

    /// Writes the base as of the close of `day`. `tables` hold all epochs of the log, and all are before the end of
    /// the day. The next epoch starts a new segment. Closing the last closed day again does nothing; so does
    /// closing a day before the first epoch ever.
    ///
    /// # Errors
    /// [`StoreError::DayClosed`] when a later day is closed; [`TablesError::OutOfStep`] and
    /// [`TablesError::NotTheClose`] when the tables are not those of the close; otherwise a file could not be read
    /// or written, and the base before stays the newest one.
    pub fn close_day(&mut self, day: Day, tables: &Tables, program: &str) -> Result<(), StoreError> {
        let Some(end) = self.log.end().cloned() else {
            return Ok(());
        };
        if let Some(closed) = self.last_closed()
            && day <= closed
        {
            let at = tables.as_of;
            return if day == closed { Ok(()) } else { Err(StoreError::DayClosed { day: closed, at }) };
        }
        let log = LogSoFar {
            segments: log::list(&self.layout)?,
            end,
            sealed: self.sealed.clone(),
            intent: self.intent.clone(),
        };
        self.base = Some(tables::write(&self.layout, day, tables, self.base.as_ref(), &log, program)?);
        Ok(())
    }

    fn check_publication(&self, number: u64, upto: Epoch) -> Result<(), LogError> {
        let wrong = |reason: String| Err(LogError::Order { record: format!("publication {number}"), reason });
        match (&self.sealed, self.last_epoch()) {
            (Some(last), _) if number <= last.number => wrong(format!("publication {} is finished", last.number)),
            (Some(last), _) if upto < last.upto => wrong(format!("{} is published already", last.upto)),
            (_, Some(last)) if upto <= last => Ok(()),
            (_, last) => wrong(format!("it goes to {upto}, the log to {}", last.unwrap_or_default())),
        }
    }

    fn record<T: serde::Serialize>(&mut self, name: &str, kind: Kind, record: &T) -> Result<(), StoreError> {
        let folder = self.layout.log();
        let at = |point: &str| faults::at(&format!("{name}.{point}")).map_err(because("append to", &folder));
        at("before")?;
        let mut payload = Vec::new();
        v1::encode(record, &mut payload).map_err(LogError::Encode)?;
        self.log.record(kind, &payload)?;
        Ok(at("after")?)
    }
}

/// The lock of the state folder.
#[derive(Debug)]
struct Lock(File);

impl Lock {
    fn take(path: &Path) -> Result<Lock, StoreError> {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .map_err(because("open lock file", path))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock(file)),
            Err(TryLockError::WouldBlock) => Err(StoreError::Locked { path: PathBuf::from(path) }),
            Err(TryLockError::Error(error)) => Err(because("lock", path)(error).into()),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file is not enough: a child that is being started shares it until it runs its own program.
        let _ = self.0.unlock();
    }
}
