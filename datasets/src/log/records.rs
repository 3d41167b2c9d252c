//! The records of one segment: frames in, records out, their order and chain checked.
//!
//! Rows are not decoded here unless they are asked for: recovery only needs to know that they are whole.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom, Take};
use std::path::PathBuf;

use panopticon_model::time::Epoch;
use panopticon_model::update::{EpochHeader, Update};

use super::Position;
use super::error::{Damage, LogError};
use super::frame::{Found, Frames, Kind, VERSION, read_up_to};
use super::segment::{MAGIC, Segment, first_chain};
use super::v1::{self, PublishIntent, Sealed};
use crate::durable::because;

const BUFFER: usize = 1 << 20;

/// What comes next in a log.
#[derive(Debug)]
pub(crate) enum Step {
    /// An epoch starts.
    Epoch(EpochHeader),
    /// Some of its rows: [`Records::rows`] reads them.
    Rows,
    /// The epoch is complete.
    EndEpoch,
    /// A publication starts.
    Intent(PublishIntent),
    /// A publication is done.
    Sealed(Sealed),
}

/// Reads one segment.
pub(crate) struct Records {
    path: PathBuf,
    frames: Frames<BufReader<Take<File>>>,
    position: Position,
    epoch: Option<Open>,
    complete: u64,
}

/// An epoch that has begun.
struct Open {
    at: Epoch,
    rows: u64,
    chain: blake3::Hasher,
}

impl Records {
    /// Opens a segment at its start. `before` is the end of the segment before it, when that was read (its chain
    /// is for the caller to compare with the header); `limit` is the length up to which the segment counts.
    pub(crate) fn open(
        segment: &Segment,
        before: Option<&Position>,
        limit: Option<u64>,
    ) -> Result<(Records, v1::Header), LogError> {
        let mut records = Records::at(segment, 0, limit, before)?;
        let mut magic = [0; MAGIC.len()];
        read_up_to(records.frames.input(), &mut magic).map_err(because("read", &segment.path))?;
        if magic != *MAGIC {
            return Err(records.damaged(Damage::Magic));
        }
        records.frames.skip_to(MAGIC.len() as u64);
        if records.frame()? != Some(Kind::Header) {
            return Err(records.damaged(Damage::Magic));
        }
        let header: v1::Header =
            v1::decode(records.frames.payload()).map_err(|_| records.damaged(Damage::Payload))?;
        if header.first != segment.first {
            return Err(records.damaged(Damage::Name));
        }
        records.position.chain = first_chain(records.frames.payload());
        records.position.offset = records.frames.next_at();
        Ok((records, header))
    }

    /// Opens a segment at a border between two records.
    pub(crate) fn resume(segment: &Segment, from: &Position, limit: Option<u64>) -> Result<Records, LogError> {
        let mut records = Records::at(segment, from.offset, limit, Some(from))?;
        records.position = from.clone();
        Ok(records)
    }

    fn at(
        segment: &Segment,
        offset: u64,
        limit: Option<u64>,
        before: Option<&Position>,
    ) -> Result<Records, LogError> {
        let path = segment.path.clone();
        let mut file = File::open(&path).map_err(because("open", &path))?;
        let length = file.metadata().map_err(because("look at", &path))?.len();
        if length < offset {
            return Err(LogError::Damaged { path, offset: length, what: Damage::Torn });
        }
        file.seek(SeekFrom::Start(offset)).map_err(because("read", &path))?;
        let end = limit.unwrap_or(length).max(offset);
        let input = BufReader::with_capacity(BUFFER, file.take(end - offset));
        let last_epoch = before.map_or(Epoch(0), |before| before.last_epoch);
        Ok(Records {
            path,
            frames: Frames::new(input, offset),
            position: Position { segment: segment.first, offset, chain: [0; 32], last_epoch },
            epoch: None,
            complete: 0,
        })
    }

    /// The end of the last complete record.
    pub(crate) fn position(&self) -> &Position {
        &self.position
    }

    /// Whether an epoch has begun that is not complete.
    pub(crate) fn is_inside(&self) -> bool {
        self.epoch.is_some()
    }

    /// How many records are complete.
    pub(crate) fn complete(&self) -> u64 {
        self.complete
    }

    /// The error that says what is wrong with the frame that was read last.
    pub(crate) fn damaged(&self, what: Damage) -> LogError {
        LogError::Damaged { path: self.path.clone(), offset: self.frames.at(), what }
    }

    /// The rows of the step that was answered last, when it was [`Step::Rows`].
    pub(crate) fn rows(&self) -> Result<Vec<Update>, LogError> {
        v1::decode_rows(self.frames.payload()).map_err(|_| self.damaged(Damage::Payload))
    }

    /// The next step; none at the end of the file.
    pub(crate) fn step(&mut self) -> Result<Option<Step>, LogError> {
        let Some(kind) = self.frame()? else {
            return Ok(None);
        };
        let damaged = |what| LogError::Damaged { path: self.path.clone(), offset: self.frames.at(), what };
        let payload = self.frames.payload();
        match (kind, &mut self.epoch) {
            (Kind::Begin, None) => {
                let header: EpochHeader = v1::decode(payload).map_err(|_| damaged(Damage::Payload))?;
                let is_first = self.complete == 0 && self.position.segment > self.position.last_epoch;
                if is_first && header.at != self.position.segment {
                    return Err(damaged(Damage::Name));
                }
                if header.at <= self.position.last_epoch {
                    return Err(damaged(Damage::Epoch));
                }
                let mut chain = blake3::Hasher::new();
                chain.update(&self.position.chain);
                link(&mut chain, kind, payload);
                self.epoch = Some(Open { at: header.at, rows: 0, chain });
                Ok(Some(Step::Epoch(header)))
            }
            (Kind::Rows, Some(open)) => {
                let rows = v1::count_rows(payload).map_err(|_| damaged(Damage::Payload))?;
                open.rows = open.rows.saturating_add(rows);
                link(&mut open.chain, kind, payload);
                Ok(Some(Step::Rows))
            }
            (Kind::Commit, Some(open)) => {
                let commit: v1::Commit = v1::decode(payload).map_err(|_| damaged(Damage::Payload))?;
                if commit.rows != open.rows {
                    return Err(damaged(Damage::Count));
                }
                if commit.chain != *open.chain.finalize().as_bytes() {
                    return Err(damaged(Damage::Chain));
                }
                self.position.last_epoch = open.at;
                self.position.chain = commit.chain;
                self.epoch = None;
                self.completed();
                Ok(Some(Step::EndEpoch))
            }
            // A segment begins with the epoch that it is named after: what is appended to it is later than that.
            (Kind::Intent | Kind::Sealed, None) if self.position.segment > self.position.last_epoch => {
                Err(damaged(Damage::Order))
            }
            (Kind::Intent, None) => {
                let intent = v1::decode(payload).map_err(|_| damaged(Damage::Payload))?;
                self.position.chain = linked(&self.position.chain, kind, payload);
                self.completed();
                Ok(Some(Step::Intent(intent)))
            }
            (Kind::Sealed, None) => {
                let sealed = v1::decode(payload).map_err(|_| damaged(Damage::Payload))?;
                self.position.chain = linked(&self.position.chain, kind, payload);
                self.completed();
                Ok(Some(Step::Sealed(sealed)))
            }
            _ => Err(damaged(Damage::Order)),
        }
    }

    fn completed(&mut self) {
        self.complete += 1;
        self.position.offset = self.frames.next_at();
    }

    fn frame(&mut self) -> Result<Option<Kind>, LogError> {
        match self.frames.find().map_err(because("read", &self.path))? {
            Found::Frame(kind) => Ok(Some(kind)),
            Found::End => Ok(None),
            Found::Damaged(what) => Err(self.damaged(what)),
            Found::Version(found) => {
                Err(LogError::Version { path: self.path.clone(), offset: self.frames.at(), found, known: VERSION })
            }
        }
    }
}

/// Adds a frame to a chain.
pub(crate) fn link(chain: &mut blake3::Hasher, kind: Kind, payload: &[u8]) {
    chain.update(&[kind as u8]);
    chain.update(&(payload.len() as u64).to_le_bytes());
    chain.update(payload);
}

/// The chain after a record of one frame.
pub(crate) fn linked(before: &[u8; 32], kind: Kind, payload: &[u8]) -> [u8; 32] {
    let mut chain = blake3::Hasher::new();
    chain.update(before);
    link(&mut chain, kind, payload);
    chain.finalize().into()
}
