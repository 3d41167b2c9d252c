//! The rows of a snapshot on disk: blocks of postcard values in a zstd frame.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Take, Write};

use serde::{Deserialize, Serialize};

/// What a snapshot begins with; the last octet is the version.
pub(super) const MAGIC: &[u8; 5] = b"PNZS\x02";
/// The version before, which had no counts.
pub(super) const MAGIC_V1: &[u8; 5] = b"PNZS\x01";

/// A block is closed at this size.
const BLOCK: usize = 64 << 10;
/// The longest block that is read: a block and the largest set.
const MAX_BLOCK: usize = 4 << 20;

/// A row: the sort key of its owner, less what it shares with the row before.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredRow<'a> {
    pub(super) shared: u16,
    pub(super) rest: &'a [u8],
    pub(super) name_servers: [u8; 8],
    pub(super) flags: u8,
}

/// How many records of other types an owner has; its sort key as in [`StoredRow`].
#[derive(Serialize, Deserialize)]
pub(super) struct StoredCounts<'a> {
    pub(super) shared: u16,
    pub(super) rest: &'a [u8],
    pub(super) ds: u16,
    pub(super) addresses: u16,
}

/// A set of name servers: its id, and its hosts behind their lengths.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredSet<'a> {
    pub(super) id: &'a [u8],
    pub(super) hosts: &'a [u8],
}

/// Writes values into a frame.
pub(super) struct BlockWriter {
    encoder: zstd::stream::write::Encoder<'static, File>,
    block: Vec<u8>,
}

impl BlockWriter {
    pub(super) fn new(file: File) -> io::Result<BlockWriter> {
        let mut encoder = zstd::stream::write::Encoder::new(file, 1)?;
        encoder.include_checksum(true)?;
        Ok(BlockWriter { encoder, block: Vec::with_capacity(BLOCK + 1024) })
    }

    pub(super) fn push(&mut self, value: &impl Serialize) -> io::Result<()> {
        self.block = postcard::to_extend(value, std::mem::take(&mut self.block)).map_err(damaged)?;
        if self.block.len() >= BLOCK { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        let length = u32::try_from(self.block.len()).map_err(damaged)?;
        self.encoder.write_all(&length.to_le_bytes())?;
        self.encoder.write_all(&self.block)?;
        self.block.clear();
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<File> {
        self.flush()?;
        self.encoder.finish()
    }
}

/// Reads values from a frame.
pub(super) struct BlockReader {
    decoder: BufReader<zstd::stream::read::Decoder<'static, BufReader<Take<File>>>>,
    block: Vec<u8>,
    at: usize,
}

impl BlockReader {
    /// Reads the frame between two places of a file.
    pub(super) fn new(mut file: File, from: u64, to: u64) -> io::Result<BlockReader> {
        file.seek(SeekFrom::Start(from))?;
        let frame = BufReader::with_capacity(BLOCK, file.take(to.saturating_sub(from)));
        let decoder = zstd::stream::read::Decoder::with_buffer(frame)?;
        Ok(BlockReader { decoder: BufReader::with_capacity(BLOCK, decoder), block: Vec::new(), at: 0 })
    }

    /// The next value; none at the end.
    pub(super) fn next<'a, T: Deserialize<'a>>(&'a mut self) -> io::Result<Option<T>> {
        while self.at >= self.block.len() {
            let mut length = [0; 4];
            match self.decoder.read(&mut length[..1])? {
                0 => return Ok(None),
                _ => self.decoder.read_exact(&mut length[1..])?,
            }
            let length = u32::from_le_bytes(length) as usize;
            if length > MAX_BLOCK {
                return Err(damaged("a block is too long"));
            }
            self.block.resize(length, 0);
            self.decoder.read_exact(&mut self.block)?;
            self.at = 0;
        }
        let all = self.block.len();
        let (value, rest) =
            postcard::take_from_bytes(self.block.get(self.at..).unwrap_or_default()).map_err(damaged)?;
        self.at = all - rest.len();
        Ok(Some(value))
    }
}

pub(super) fn damaged(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
