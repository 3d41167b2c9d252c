//! Retention: what is old enough goes, and what recovery needs stays.
//!
//! Oldest first, so that a crash in between leaves a log that only starts later.

use std::fs;
use std::io;
use std::path::Path;

use panopticon_model::time::Day;

use super::{Store, StoreError};
use crate::durable::{self, because};
use crate::faults;
use crate::log;
use crate::tables::{self, Base};

/// What [`Store::expire`] removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expired {
    /// Segments of the log.
    pub segments: usize,
    /// Bases.
    pub bases: usize,
}

impl Store {
    /// Removes bases of days before `before`, and segments of the log all of whose epochs are of days before it.
    /// The newest base stays, whatever its age, and so does the log from there on; without a base the log stays.
    ///
    /// # Errors
    /// When something cannot be removed. What is left is whole.
    pub fn expire(&mut self, before: Day) -> Result<Expired, StoreError> {
        let mut expired = Expired::default();
        let Some(newest) = self.base.as_ref().map(Base::manifest) else {
            return Ok(expired);
        };
        let (keep_day, keep_segment) = (newest.day, newest.position.segment);
        let found = tables::find(&self.layout)?;
        let days = found.bases.iter().map(|base| base.manifest().day);
        for day in days.chain(found.damaged.iter().map(|(day, _)| *day)) {
            if day < before && day < keep_day {
                remove(&self.layout.base(day))?;
                expired.bases += 1;
            }
        }
        let segments = log::list(&self.layout)?;
        for (segment, next) in segments.iter().zip(segments.iter().skip(1)) {
            // All epochs of a segment are before the first one of the next.
            if segment.first < keep_segment && next.first <= before.start() {
                remove(&segment.path)?;
                expired.segments += 1;
            }
        }
        durable::sync_folder(&self.layout.tables())?;
        durable::sync_folder(&self.layout.log())?;
        Ok(expired)
    }
}

fn remove(path: &Path) -> Result<(), StoreError> {
    faults::at("expire.remove").map_err(because("remove", path))?;
    let removed = match fs::metadata(path) {
        Ok(data) if data.is_dir() => remove_base(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    Ok(removed.map_err(because("remove", path))?)
}

/// The manifest goes first: a base that is half removed does not exist.
fn remove_base(folder: &Path) -> io::Result<()> {
    fs::remove_file(folder.join(tables::MANIFEST))?;
    fs::remove_dir_all(folder)
}
