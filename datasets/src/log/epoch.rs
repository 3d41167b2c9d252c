//! An epoch on its way into the log.
//!
//! In go rows, one by one, in memory for about one chunk; out come frames, and a commit that makes them count. An
//! epoch that is dropped before, for whatever reason, is cut off again.

use std::borrow::Borrow;
use std::fs::File;

use panopticon_model::time::Epoch;
use panopticon_model::update::Update;

use super::error::LogError;
use super::frame::{self, Kind, MAX_PAYLOAD};
use super::records::link;
use super::segment::remove_hollow;
use super::v1;
use super::writer::{Current, LogWriter, cut};
use crate::durable::because;
use crate::faults;

/// Encoded rows are written once there are as many bytes,
const CHUNK_BYTES: usize = 1 << 20;
/// or as many rows.
const CHUNK_ROWS: usize = 1 << 16;

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

impl<'a> EpochWriter<'a> {
    /// Starts an epoch in the `fresh` segment, or in the current one, with `header` as it is encoded.
    pub(super) fn new(
        log: &'a mut LogWriter,
        fresh: Option<Current>,
        at: Epoch,
        chain: &[u8; 32],
        header: &[u8],
    ) -> EpochWriter<'a> {
        let mut epoch = EpochWriter {
            log,
            fresh,
            at,
            rows: 0,
            chunk: Vec::new(),
            chunk_rows: 0,
            chain: blake3::Hasher::new(),
            written: 0,
            pending: Vec::new(),
            done: false,
        };
        epoch.chain.update(chain);
        epoch.frame(Kind::Begin, &[header]);
        epoch
    }

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
    pub fn extend<U: Borrow<Update>>(&mut self, rows: impl IntoIterator<Item = U>) -> Result<(), LogError> {
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
        v1::encode(&v1::Commit { rows: self.rows, chain }, &mut payload).map_err(LogError::Encode)?;
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
        if self.pending.len() >= CHUNK_BYTES { self.flush() } else { Ok(()) }
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

    fn attempt(&mut self, act: impl FnOnce(&mut File) -> std::io::Result<()>) -> Result<(), LogError> {
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
