//! The writer: the one way into the log.
//!
//! In go the heads of epochs and whole records; out comes a log that ends with a complete record. Rows go through
//! [`EpochWriter`]. It does not mint epochs and does not know what rows mean.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use panopticon_model::time::Epoch;
use panopticon_model::update::EpochHeader;

use super::Position;
use super::epoch::EpochWriter;
use super::error::LogError;
use super::frame::{self, Kind};
use super::records::linked;
use super::segment::{create, remove_hollow};
use super::v1;
use crate::durable::because;
use crate::faults;
use crate::layout::StateLayout;

/// The single writer of the log.
#[derive(Debug)]
pub(crate) struct LogWriter {
    layout: StateLayout,
    pub(super) current: Option<Current>,
    pub(super) poisoned: Option<String>,
}

/// The segment that is written to; it ends with a complete record.
#[derive(Debug)]
pub(super) struct Current {
    pub(super) path: PathBuf,
    pub(super) file: File,
    pub(super) end: Position,
}

impl LogWriter {
    /// A writer that continues at `end`; what follows it in its segment is cut off. Answers how many bytes that was.
    pub(crate) fn open(layout: StateLayout, end: Option<Position>) -> Result<(LogWriter, u64), LogError> {
        let Some(end) = end else {
            return Ok((LogWriter { layout, current: None, poisoned: None }, 0));
        };
        let path = layout.segment(end.segment);
        let file = OpenOptions::new().append(true).open(&path).map_err(because("open", &path))?;
        let length = file.metadata().map_err(because("look at", &path))?.len();
        let torn = length.saturating_sub(end.offset);
        if torn > 0 {
            cut(&file, &path, end.offset)?;
        }
        Ok((LogWriter { layout, current: Some(Current { path, file, end }), poisoned: None }, torn))
    }

    /// The end of the last record.
    pub(crate) fn end(&self) -> Option<&Position> {
        self.current.as_ref().map(|current| &current.end)
    }

    /// The last epoch.
    pub(crate) fn last_epoch(&self) -> Option<Epoch> {
        self.end().map(|end| end.last_epoch)
    }

    /// Starts an epoch. It does not exist until it is committed.
    pub(crate) fn begin(&mut self, header: &EpochHeader) -> Result<EpochWriter<'_>, LogError> {
        self.check()?;
        let last = self.last_epoch().unwrap_or_default();
        if header.at <= last {
            return Err(LogError::Regression { at: header.at, last });
        }
        let mut payload = Vec::new();
        v1::encode(header, &mut payload).map_err(LogError::Encode)?;
        let fresh = match self.end() {
            Some(end) if end.segment.day() == header.at.day() => None,
            _ => Some(self.rotate(header.at)?),
        };
        let chain = fresh.as_ref().map(|fresh| &fresh.end).or(self.end()).map_or([0; 32], |end| end.chain);
        Ok(EpochWriter::new(self, fresh, header.at, &chain, &payload))
    }

    /// Appends a record of one frame and syncs it.
    pub(crate) fn record(&mut self, kind: Kind, payload: &[u8]) -> Result<(), LogError> {
        self.check()?;
        let Some(current) = &mut self.current else {
            return Err(LogError::Order {
                record: "a publication".to_owned(),
                reason: "the log has no epoch yet; append one first".to_owned(),
            });
        };
        let mut bytes = Vec::new();
        frame::push(kind, &[payload], &mut bytes);
        let written = faults::write_all("log.write", &mut current.file, &bytes)
            .and_then(|()| faults::at("log.sync"))
            .and_then(|()| current.file.sync_data());
        match written {
            Ok(()) => {
                current.end.offset += bytes.len() as u64;
                current.end.chain = linked(&current.end.chain, kind, payload);
                Ok(())
            }
            Err(error) => {
                let error = because("append to", &current.path)(error);
                self.poison(&error.source.to_string());
                Err(error.into())
            }
        }
    }

    /// Refuses to go on after a failure.
    pub(super) fn check(&self) -> Result<(), LogError> {
        match &self.poisoned {
            Some(reason) => Err(LogError::Poisoned { reason: reason.clone() }),
            None => Ok(()),
        }
    }

    /// Cuts back to the last record if the disk still lets us, and takes no more.
    fn poison(&mut self, reason: &str) {
        if let Some(current) = &self.current {
            // A cut that fails leaves a torn tail, which the next open cuts off.
            let _ = cut(&current.file, &current.path, current.end.offset);
        }
        self.poisoned = Some(reason.to_owned());
    }

    /// Creates the segment that `first` starts.
    fn rotate(&mut self, first: Epoch) -> Result<Current, LogError> {
        let path = self.layout.segment(first);
        let previous = self.end().map(|end| (end.segment, end.chain));
        let last_epoch = self.last_epoch().unwrap_or_default();
        let created = create(&path, &v1::Header { first, previous }).and_then(|(chain, offset)| {
            let file = OpenOptions::new().append(true).open(&path).map_err(because("open", &path))?;
            Ok(Current { file, end: Position { segment: first, offset, chain, last_epoch }, path: path.clone() })
        });
        if let Err(error) = &created {
            self.poisoned = Some(error.to_string());
            // A segment without a record is removed at the next open if it cannot be removed now.
            let _ = remove_hollow(&path);
        }
        created
    }
}

/// Cuts a segment back to `length`.
pub(super) fn cut(file: &File, path: &Path, length: u64) -> Result<(), LogError> {
    faults::at("log.rollback")
        .and_then(|()| file.set_len(length))
        .and_then(|()| file.sync_all())
        .map_err(because("cut", path))?;
    Ok(())
}
