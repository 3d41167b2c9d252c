//! Table files: rows of one collection, sorted by key, in compressed blocks.
//!
//! ```text
//! magic "PNPTCTBL", Table { collection }, Block { raw length u32 LE, zstd of [Update] } ..., End { rows }
//! ```
//!
//! The frames are those of the log. In go rows one by one, out come chunks of rows; neither side holds the table.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use panopticon_model::update::Update;

use super::{Collection, FileEntry, TablesError};
use crate::durable::{DurableError, because};
use crate::log::frame::{self, Found, Frames, Kind, MAX_PAYLOAD, read_up_to};
use crate::log::v1;

const MAGIC: &[u8; 8] = b"PNPTCTBL";
/// Level 1 writes three times as fast as level 3 and costs a tenth more room.
const ZSTD_LEVEL: i32 = 1;
const BUFFER: usize = 256 << 10;

/// Writes a table file.
pub(crate) struct TableWriter<'a> {
    path: PathBuf,
    out: Hashed<BufWriter<&'a mut File>>,
    zstd: zstd::bulk::Compressor<'static>,
    block_bytes: usize,
    rows: u64,
    raw: Vec<u8>,
    raw_rows: usize,
    packed: Vec<u8>,
    framed: Vec<u8>,
}

impl<'a> TableWriter<'a> {
    /// Starts a table in `file`, which is to become `path`, with blocks of about `block_bytes`.
    pub(crate) fn new(
        file: &'a mut File,
        path: &Path,
        collection: Collection,
        block_bytes: usize,
    ) -> Result<TableWriter<'a>, TablesError> {
        let zstd = zstd::bulk::Compressor::new(ZSTD_LEVEL).map_err(because("compress", path))?;
        let out = Hashed { inner: BufWriter::with_capacity(BUFFER, file), hash: blake3::Hasher::new(), bytes: 0 };
        let mut table = TableWriter {
            path: path.to_owned(),
            out,
            zstd,
            block_bytes,
            rows: 0,
            raw: Vec::new(),
            raw_rows: 0,
            packed: Vec::new(),
            framed: MAGIC.to_vec(),
        };
        frame::push(Kind::Table, &[collection.as_str().as_bytes()], &mut table.framed);
        table.write()?;
        Ok(table)
    }

    /// Adds a row; the caller adds them in the order of their keys.
    pub(crate) fn push(&mut self, row: &Update) -> Result<(), TablesError> {
        v1::encode(row, &mut self.raw).map_err(TablesError::Encode)?;
        self.raw_rows += 1;
        self.rows += 1;
        if self.raw.len() >= self.block_bytes || self.raw_rows >= 1 << 16 { self.end_block() } else { Ok(()) }
    }

    /// Ends the table; answers what the manifest says of it.
    pub(crate) fn finish(mut self) -> Result<FileEntry, TablesError> {
        self.end_block()?;
        frame::push(Kind::End, &[&self.rows.to_le_bytes()], &mut self.framed);
        self.write()?;
        self.out.inner.flush().map_err(because("write", &self.path))?;
        let blake3 = self.out.hash.finalize().to_hex().to_string();
        Ok(FileEntry { rows: self.rows, bytes: self.out.bytes, blake3 })
    }

    fn end_block(&mut self) -> Result<(), TablesError> {
        if self.raw_rows == 0 {
            return Ok(());
        }
        let mut block = Vec::with_capacity(self.raw.len() + 10);
        v1::rows_head(self.raw_rows, &mut block).map_err(TablesError::Encode)?;
        block.extend_from_slice(&self.raw);
        self.packed.clear();
        self.packed.reserve(zstd::zstd_safe::compress_bound(block.len()));
        self.zstd.compress_to_buffer(&block, &mut self.packed).map_err(because("compress", &self.path))?;
        let length = u32::try_from(block.len()).unwrap_or(u32::MAX).to_le_bytes();
        frame::push(Kind::Block, &[&length, &self.packed], &mut self.framed);
        self.raw.clear();
        self.raw_rows = 0;
        self.write()
    }

    fn write(&mut self) -> Result<(), TablesError> {
        self.out.write_all(&self.framed).map_err(because("write", &self.path))?;
        self.framed.clear();
        Ok(())
    }
}

/// Reads the rows of a table file in chunks, and ends with an error when they are not all there.
pub struct RowChunks {
    path: PathBuf,
    frames: Frames<BufReader<Hashed<File>>>,
    expected: Option<FileEntry>,
    zstd: zstd::bulk::Decompressor<'static>,
    rows: u64,
    done: bool,
}

impl RowChunks {
    /// Opens a table; `expected` is what the manifest says of it.
    pub(crate) fn open(
        path: &Path,
        collection: Collection,
        expected: Option<&FileEntry>,
    ) -> Result<RowChunks, TablesError> {
        let file = File::open(path).map_err(because("open", path))?;
        let hashed = Hashed { inner: file, hash: blake3::Hasher::new(), bytes: 0 };
        let mut input = BufReader::with_capacity(BUFFER, hashed);
        let mut magic = [0; MAGIC.len()];
        read_up_to(&mut input, &mut magic).map_err(because("read", path))?;
        let mut chunks = RowChunks {
            path: path.to_owned(),
            frames: Frames::new(input, MAGIC.len() as u64),
            expected: expected.cloned(),
            zstd: zstd::bulk::Decompressor::new().map_err(because("decompress", path))?,
            rows: 0,
            done: false,
        };
        if magic != *MAGIC
            || chunks.frame()? != Kind::Table
            || chunks.frames.payload() != collection.as_str().as_bytes()
        {
            return Err(chunks.damaged(format!("it is no table of {}", collection.as_str())));
        }
        Ok(chunks)
    }

    fn chunk(&mut self) -> Result<Option<Vec<Update>>, TablesError> {
        match self.frame()? {
            Kind::Block => {
                let rows = self.block()?;
                self.rows += rows.len() as u64;
                Ok(Some(rows))
            }
            Kind::End => self.end().map(|()| None),
            _ => Err(self.damaged("a frame that has no place here")),
        }
    }

    fn block(&mut self) -> Result<Vec<Update>, TablesError> {
        let unreadable = || TablesError::Damaged {
            path: self.path.clone(),
            reason: "a block cannot be decompressed or read".to_owned(),
        };
        let (length, packed) = self.frames.payload().split_first_chunk::<4>().ok_or_else(unreadable)?;
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
        if length > MAX_PAYLOAD {
            return Err(unreadable());
        }
        let raw = self.zstd.decompress(packed, length).map_err(|_| unreadable())?;
        v1::decode_rows(&raw).map_err(|_| unreadable())
    }

    fn end(&mut self) -> Result<(), TablesError> {
        let says = self.frames.payload().try_into().map(u64::from_le_bytes).ok();
        if says != Some(self.rows) || !matches!(self.frames.find(), Ok(Found::End)) {
            return Err(self.damaged("rows are missing, or follow the end"));
        }
        let read = self.frames.input().get_mut();
        let digest = read.hash.finalize().to_hex();
        let bytes = read.bytes;
        match &self.expected {
            Some(entry) if entry.rows != self.rows || entry.bytes != bytes || entry.blake3 != digest.as_str() => {
                Err(self.damaged("it is not the file that its manifest names"))
            }
            _ => Ok(()),
        }
    }

    fn frame(&mut self) -> Result<Kind, TablesError> {
        match self.frames.find().map_err(because("read", &self.path))? {
            Found::Frame(kind) => Ok(kind),
            Found::End => Err(self.damaged("it ends too early")),
            Found::Damaged(what) => Err(self.damaged(format!("{what} at byte {}", self.frames.at()))),
            Found::Version(found) => Err(TablesError::Version {
                path: self.path.clone(),
                found: found.into(),
                known: frame::VERSION.into(),
            }),
        }
    }

    fn damaged(&self, reason: impl Into<String>) -> TablesError {
        TablesError::Damaged { path: self.path.clone(), reason: reason.into() }
    }
}

impl Iterator for RowChunks {
    type Item = Result<Vec<Update>, TablesError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let chunk = self.chunk().transpose();
        self.done = !matches!(chunk, Some(Ok(_)));
        chunk
    }
}

/// The digest and length of a file, for one that is taken over as it is.
pub(crate) fn digest(path: &Path) -> Result<(u64, String), DurableError> {
    let file = File::open(path).map_err(because("open", path))?;
    let mut input = Hashed { inner: file, hash: blake3::Hasher::new(), bytes: 0 };
    io::copy(&mut BufReader::with_capacity(BUFFER, &mut input), &mut io::sink()).map_err(because("read", path))?;
    Ok((input.bytes, input.hash.finalize().to_hex().to_string()))
}

/// Digests what passes.
struct Hashed<T> {
    inner: T,
    hash: blake3::Hasher,
    bytes: u64,
}

impl<T> Hashed<T> {
    fn passed(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.passed(&buffer[..n]);
        Ok(n)
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(buffer)?;
        self.passed(&buffer[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
