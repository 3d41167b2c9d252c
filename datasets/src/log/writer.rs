//! The writer: the one way into the log.
//!
//! In go epochs, rows from any iterator, in memory for about one chunk; out comes a log that ends with a complete
//! record. It does not mint epochs and does not know what rows mean.

use std::borrow::Borrow;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use panopticon_model::time::Epoch;
use panopticon_model::update::{EpochHeader, Update};

use super::Position;
use super::error::LogError;
use super::frame::{self, Kind, MAX_PAYLOAD};
use super::records::{link, linked};
use super::segment::{create, remove_hollow};
use super::v1;
use crate::durable::because;
use crate::faults;
use crate::layout::StateLayout;

/// Encoded rows are written once there are as many bytes,
const CHUNK_BYTES: usize = 1 << 20;
/// or as many rows.
pub(crate) const CHUNK_ROWS: usize = 1 << 16;

/// The single writer of the log.
#[derive(Debug)]
pub(crate) struct LogWriter {
    layout: StateLayout,
    current: Option<Current>,
    poisoned: Option<String>,
}

/// The segment that is written to; it ends with a complete record.
#[derive(Debug)]
struct Current {
    path: PathBuf,
    file: File,
    end: Position,
}

impl LogWriter {
    /// A writer that continues at `end`; what follows it in its segment is cut off. Answers how many bytes that was.
    pub(crate) fn open(
        layout: StateLayout,
        end: Option<Position>,
    ) -> Result<(LogWriter, u64), LogError> {
        let Some(end) = end else {
            return Ok((
                LogWriter {
                    layout,
                    current: None,
                    poisoned: None,
                },
                0,
            ));
        };
        let path = layout.segment(end.segment);
        let file = OpenOptions::new()
            .append(true)
            .open(&path)
            .map_err(because("open", &path))?;
        let length = file.metadata().map_err(because("look at", &path))?.len();
        let torn = length.saturating_sub(end.offset);
        if torn > 0 {
            cut(&file, &path, end.offset)?;
        }
        Ok((
            LogWriter {
                layout,
                current: Some(Current { path, file, end }),
                poisoned: None,
            },
            torn,
        ))
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
            return Err(LogError::Regression {
                at: header.at,
                last,
            });
        }
        let mut payload = Vec::new();
        v1::encode(header, &mut payload).map_err(LogError::Encode)?;
        let fresh = match self.end() {
            Some(end) if end.segment.day() == header.at.day() => None,
            _ => Some(self.rotate(header.at)?),
        };
        let chain = fresh
            .as_ref()
            .map(|fresh| &fresh.end)
            .or(self.end())
            .map_or([0; 32], |end| end.chain);
        let mut epoch = EpochWriter {
            log: self,
            fresh,
            at: header.at,
            rows: 0,
            chunk: Vec::new(),
            chunk_rows: 0,
            chain: blake3::Hasher::new(),
            written: 0,
            pending: Vec::new(),
            done: false,
        };
        epoch.chain.update(&chain);
        epoch.frame(Kind::Begin, &[&payload]);
        Ok(epoch)
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

    fn check(&self) -> Result<(), LogError> {
        match &self.poisoned {
            Some(reason) => Err(LogError::Poisoned {
                reason: reason.clone(),
            }),
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
            let file = OpenOptions::new()
                .append(true)
                .open(&path)
                .map_err(because("open", &path))?;
            Ok(Current {
                file,
                end: Position {
                    segment: first,
                    offset,
                    chain,
                    last_epoch,
                },
                path: path.clone(),
            })
        });
        if let Err(error) = &created {
            self.poisoned = Some(error.to_string());
            // A segment without a record is removed at the next open if it cannot be removed now.
            let _ = remove_hollow(&path);
        }
        created
    }
}

fn cut(file: &File, path: &Path, length: u64) -> Result<(), LogError> {
    faults::at("log.rollback")
        .and_then(|()| file.set_len(length))
        .and_then(|()| file.sync_all())
        .map_err(because("cut", path))?;
    Ok(())
}

/// An epoch that is being written. Dropped without [`EpochWriter::commit`], it never was.
#[derive(Debug)]
#[must_use = "an epoch that is not committed does not exist"]
pub struct EpochWriter<'a> {
    log: &'a mut LogWriter,
    fresh: Option<Current>,
    at: Epoch,
    rows: u64,
    chunk: Vec<u8>,
    chunk_rows: usize,
    chain: blake3::Hasher,
    written: u64,
    pending: Vec<u8>,
    done: bool,
}

impl EpochWriter<'_> {
    /// Adds a row.
    ///
    /// # Errors
    /// When it is too large for a frame, or the log cannot be written; then nothing of the epoch remains.
    pub fn push(&mut self, row: &Update) -> Result<(), LogError> {
        self.log.check()?;
        let before = self.chunk.len();
        v1::encode(row, &mut self.chunk).map_err(LogError::Encode)?;
        let bytes = self.chunk.len() - before;
        if bytes > MAX_PAYLOAD - CHUNK_BYTES - 16 {
            self.chunk.truncate(before);
            return Err(LogError::TooLarge { bytes });
        }
        self.chunk_rows += 1;
        if self.chunk.len() >= CHUNK_BYTES || self.chunk_rows >= CHUNK_ROWS {
            self.end_chunk()?;
        }
        Ok(())
    }

    /// Adds rows.
    ///
    /// # Errors
    /// As [`EpochWriter::push`].
    pub fn extend<U: Borrow<Update>>(
        &mut self,
        rows: impl IntoIterator<Item = U>,
    ) -> Result<(), LogError> {
        rows.into_iter().try_for_each(|row| self.push(row.borrow()))
    }

    /// Makes the epoch exist; answers how many rows it has.
    ///
    /// # Errors
    /// When the log cannot be written or synced; then nothing of the epoch remains.
    pub fn commit(mut self) -> Result<u64, LogError> {
        self.log.check()?;
        self.end_chunk()?;
        // Rows are durable before the commit is written: a commit behind unreadable rows always means damage.
        self.flush()?;
        self.sync("log.barrier")?;
        let chain: [u8; 32] = self.chain.finalize().into();
        let mut payload = Vec::new();
        v1::encode(
            &v1::Commit {
                rows: self.rows,
                chain,
            },
            &mut payload,
        )
        .map_err(LogError::Encode)?;
        frame::push(Kind::Commit, &[&payload], &mut self.pending);
        self.attempt(|_| faults::at("log.commit"))?;
        self.flush()?;
        self.sync("log.sync")?;
        self.attempt(|_| faults::at("log.synced"))?;
        self.done = true;
        if let Some(fresh) = self.fresh.take() {
            self.log.current = Some(fresh);
        }
        if let Some(current) = &mut self.log.current {
            current.end.offset += self.written;
            current.end.chain = chain;
            current.end.last_epoch = self.at;
        }
        Ok(self.rows)
    }

    fn end_chunk(&mut self) -> Result<(), LogError> {
        if self.chunk_rows == 0 {
            return Ok(());
        }
        let mut head = Vec::new();
        v1::rows_head(self.chunk_rows, &mut head).map_err(LogError::Encode)?;
        let chunk = std::mem::take(&mut self.chunk);
        self.frame(Kind::Rows, &[&head, &chunk]);
        self.rows += self.chunk_rows as u64;
        self.chunk_rows = 0;
        self.chunk = chunk;
        self.chunk.clear();
        if self.pending.len() >= CHUNK_BYTES {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn frame(&mut self, kind: Kind, payload: &[&[u8]]) {
        let start = self.pending.len();
        frame::push(kind, payload, &mut self.pending);
        link(&mut self.chain, kind, &self.pending[start + frame::HEAD..]);
    }

    fn flush(&mut self) -> Result<(), LogError> {
        let pending = std::mem::take(&mut self.pending);
        self.attempt(|file| faults::write_all("log.write", file, &pending))?;
        self.written += pending.len() as u64;
        self.pending = pending;
        self.pending.clear();
        Ok(())
    }

    fn sync(&mut self, point: &str) -> Result<(), LogError> {
        self.attempt(|file| faults::at(point).and_then(|()| file.sync_data()))
    }

    fn attempt(
        &mut self,
        act: impl FnOnce(&mut File) -> std::io::Result<()>,
    ) -> Result<(), LogError> {
        let Some(current) = self.fresh.as_mut().or(self.log.current.as_mut()) else {
            return Ok(());
        };
        act(&mut current.file).map_err(|error| {
            let error = because("append to", &current.path)(error);
            self.log.poisoned = Some(error.source.to_string());
            error.into()
        })
    }
}

impl Drop for EpochWriter<'_> {
    fn drop(&mut self) {
        if self.done {
            return;
        }
        let undone = match (self.fresh.take(), &self.log.current) {
            (Some(fresh), _) => remove_hollow(&fresh.path),
            (None, Some(current)) if self.written > 0 || self.log.poisoned.is_some() => {
                cut(&current.file, &current.path, current.end.offset)
            }
            (None, _) => Ok(()),
        };
        if let Err(error) = undone {
            self.log.poisoned.get_or_insert(error.to_string());
        }
    }
}
