//! Sorting more than fits into memory: runs that fill a budget are sorted, spilled and merged.
//!
//! Entries are a key and a payload, both plain bytes; they come out by key, entries of one key in no particular
//! order. A run that begins where the last one ended is appended to it, so that sorted input makes one run.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, Write};
use std::path::{Path, PathBuf};

type Encoder = zstd::stream::write::Encoder<'static, File>;
type Decoder = zstd::stream::read::Decoder<'static, BufReader<File>>;

/// Runs that are merged at once; each has a buffer and a window.
const FAN: usize = 64;
const BUFFER: usize = 64 << 10;
/// How runs are packed: they are read once and soon, so that speed is worth more than size.
const SPEED: i32 = -5;

/// Takes entries in any order.
pub(super) struct Sorter {
    folder: PathBuf,
    budget: usize,
    bytes: Vec<u8>,
    entries: Vec<Entry>,
    runs: Vec<File>,
    open: Option<Run>,
}

/// Where an entry lies in the buffer. The key stands before the payload.
#[derive(Clone, Copy)]
struct Entry {
    /// Eight octets of the key behind what all keys share: most comparisons end here.
    head: u64,
    at: u32,
    key: u16,
    payload: u32,
}

/// A run that is being written.
struct Run {
    encoder: Encoder,
    chunk: Vec<u8>,
    last: Vec<u8>,
}

impl Sorter {
    /// A sorter that holds `budget` bytes and spills to nameless files in `folder`.
    pub(super) fn new(folder: &Path, budget: usize) -> Sorter {
        Sorter {
            folder: folder.to_owned(),
            budget: budget.min(u32::MAX as usize),
            bytes: Vec::new(),
            entries: Vec::new(),
            runs: Vec::new(),
            open: None,
        }
    }

    /// Adds an entry. Keys have at most 64 KiB.
    pub(super) fn push(&mut self, key: &[u8], payload: &[u8]) -> io::Result<()> {
        let used = self.bytes.len() + self.entries.len() * size_of::<Entry>();
        if used + key.len() + payload.len() + size_of::<Entry>() > self.budget && !self.entries.is_empty() {
            self.spill()?;
        }
        let too_long = |_| io::Error::new(io::ErrorKind::InvalidInput, "an entry is too long to be sorted");
        self.entries.push(Entry {
            head: 0,
            at: u32::try_from(self.bytes.len()).map_err(too_long)?,
            key: u16::try_from(key.len()).map_err(too_long)?,
            payload: u32::try_from(payload.len()).map_err(too_long)?,
        });
        self.bytes.extend_from_slice(key);
        self.bytes.extend_from_slice(payload);
        Ok(())
    }

    /// All entries, sorted.
    pub(super) fn finish(mut self) -> io::Result<Sorted> {
        if self.runs.is_empty() && self.open.is_none() {
            self.sort();
            return Ok(Sorted(From::Memory { bytes: self.bytes, entries: self.entries.into_iter() }));
        }
        self.spill()?;
        self.close_run()?;
        self.bytes = Vec::new();
        self.entries = Vec::new();
        Ok(Sorted(From::Runs(Merge::new(self.runs)?)))
    }

    fn sort(&mut self) {
        let bytes = &self.bytes;
        let Some(first) = self.entries.first().map(|entry| entry.key(bytes)) else { return };
        let shared = self.entries.iter().fold(first.len(), |shared, entry| {
            let same = first.iter().zip(entry.key(bytes)).take_while(|(a, b)| a == b).count();
            shared.min(same)
        });
        for entry in &mut self.entries {
            let rest = entry.key(bytes).get(shared..).unwrap_or_default();
            let mut head = [0; 8];
            for (place, octet) in head.iter_mut().zip(rest) {
                *place = *octet;
            }
            entry.head = u64::from_be_bytes(head);
        }
        self.entries.sort_unstable_by(|a, b| a.head.cmp(&b.head).then_with(|| a.key(bytes).cmp(b.key(bytes))));
    }

    /// Writes the buffer as a run, or behind the run before.
    fn spill(&mut self) -> io::Result<()> {
        self.sort();
        let first = self.entries.first().map(|entry| entry.key(&self.bytes));
        if let (Some(run), Some(first)) = (&self.open, first)
            && run.last.as_slice() > first
        {
            self.close_run()?;
        }
        let mut run = match self.open.take() {
            Some(run) => run,
            None => Run::new(&self.folder)?,
        };
        for entry in &self.entries {
            run.write(entry.key(&self.bytes), entry.payload(&self.bytes))?;
        }
        if let Some(entry) = self.entries.last() {
            run.last.clear();
            run.last.extend_from_slice(entry.key(&self.bytes));
        }
        self.open = Some(run);
        self.bytes.clear();
        self.entries.clear();
        Ok(())
    }

    fn close_run(&mut self) -> io::Result<()> {
        let Some(run) = self.open.take() else { return Ok(()) };
        self.runs.push(run.finish()?);
        if self.runs.len() >= FAN {
            let mut merged = Run::new(&self.folder)?;
            let mut merge = Merge::new(std::mem::take(&mut self.runs))?;
            while let Some((key, payload)) = merge.next()? {
                merged.write(key, payload)?;
            }
            self.runs.push(merged.finish()?);
        }
        Ok(())
    }
}

impl Entry {
    fn key<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        let at = self.at as usize;
        bytes.get(at..at + usize::from(self.key)).unwrap_or_default()
    }

    fn payload<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        let at = self.at as usize + usize::from(self.key);
        bytes.get(at..at + self.payload as usize).unwrap_or_default()
    }
}

impl Run {
    fn new(folder: &Path) -> io::Result<Run> {
        let encoder = Encoder::new(tempfile::tempfile_in(folder)?, SPEED)?;
        Ok(Run { encoder, chunk: Vec::with_capacity(BUFFER + 1024), last: Vec::new() })
    }

    fn write(&mut self, key: &[u8], payload: &[u8]) -> io::Result<()> {
        // The lengths fit: push has looked.
        let key_length = u16::try_from(key.len()).unwrap_or(u16::MAX);
        let payload_length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
        self.chunk.extend_from_slice(&key_length.to_le_bytes());
        self.chunk.extend_from_slice(&payload_length.to_le_bytes());
        self.chunk.extend_from_slice(key);
        self.chunk.extend_from_slice(payload);
        if self.chunk.len() >= BUFFER {
            self.encoder.write_all(&self.chunk)?;
            self.chunk.clear();
        }
        Ok(())
    }

    fn finish(mut self) -> io::Result<File> {
        self.encoder.write_all(&self.chunk)?;
        let mut file = self.encoder.finish()?;
        file.rewind()?;
        Ok(file)
    }
}

/// Entries by key.
pub(super) struct Sorted(From);

enum From {
    Memory { bytes: Vec<u8>, entries: std::vec::IntoIter<Entry> },
    Runs(Merge),
}

impl Sorted {
    /// The next entry.
    pub(super) fn next(&mut self) -> io::Result<Option<(&[u8], &[u8])>> {
        match &mut self.0 {
            From::Memory { bytes, entries } => {
                Ok(entries.next().map(|entry| (entry.key(bytes), entry.payload(bytes))))
            }
            From::Runs(merge) => merge.next(),
        }
    }
}

/// Runs that are read side by side.
struct Merge {
    runs: Vec<Source>,
    /// A heap of runs by their current key; the first has the least.
    heap: Vec<usize>,
    begun: bool,
}

/// A run that is being read.
struct Source {
    decoder: BufReader<Decoder>,
    entry: Vec<u8>,
    key: usize,
}

impl Merge {
    fn new(files: Vec<File>) -> io::Result<Merge> {
        let mut runs = Vec::with_capacity(files.len());
        for file in files {
            let decoder = Decoder::with_buffer(BufReader::with_capacity(BUFFER, file))?;
            let mut source =
                Source { decoder: BufReader::with_capacity(BUFFER, decoder), entry: Vec::new(), key: 0 };
            if source.advance()? {
                runs.push(source);
            }
        }
        let mut merge = Merge { heap: (0..runs.len()).collect(), runs, begun: false };
        for at in (0..merge.heap.len() / 2).rev() {
            merge.sift(at);
        }
        Ok(merge)
    }

    fn next(&mut self) -> io::Result<Option<(&[u8], &[u8])>> {
        if self.begun
            && let Some(&least) = self.heap.first()
        {
            if !self.runs[least].advance()? {
                self.heap.swap_remove(0);
            }
            self.sift(0);
        }
        self.begun = true;
        let Some(&least) = self.heap.first() else { return Ok(None) };
        let source = &self.runs[least];
        Ok(Some(source.entry.split_at(source.key)))
    }

    /// Lets the run at `at` sink to its place.
    fn sift(&mut self, mut at: usize) {
        loop {
            let mut least = at;
            for child in [2 * at + 1, 2 * at + 2] {
                if child < self.heap.len() && self.key(child) < self.key(least) {
                    least = child;
                }
            }
            if least == at {
                return;
            }
            self.heap.swap(at, least);
            at = least;
        }
    }

    fn key(&self, at: usize) -> &[u8] {
        let source = &self.runs[self.heap[at]];
        source.entry.get(..source.key).unwrap_or_default()
    }
}

impl Source {
    fn advance(&mut self) -> io::Result<bool> {
        let mut lengths = [0; 6];
        match self.decoder.read_exact(&mut lengths) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
            Err(error) => return Err(error),
        }
        self.key = usize::from(u16::from_le_bytes([lengths[0], lengths[1]]));
        let payload = u32::from_le_bytes([lengths[2], lengths[3], lengths[4], lengths[5]]) as usize;
        self.entry.resize(self.key + payload, 0);
        self.decoder.read_exact(&mut self.entry)?;
        Ok(true)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Pair = (Vec<u8>, Vec<u8>);

    /// All entries that come out, and how many runs there were.
    fn sorted(entries: &[Pair], budget: usize) -> (Vec<Pair>, usize) {
        let folder = tempfile::tempdir().unwrap();
        let mut sorter = Sorter::new(folder.path(), budget);
        for (key, payload) in entries {
            sorter.push(key, payload).unwrap();
        }
        let runs = sorter.runs.len() + usize::from(sorter.open.is_some());
        let mut sorted = sorter.finish().unwrap();
        let mut all = Vec::new();
        while let Some((key, payload)) = sorted.next().unwrap() {
            all.push((key.to_vec(), payload.to_vec()));
        }
        assert!(all.windows(2).all(|pair| pair[0].0 <= pair[1].0));
        all.sort();
        (all, runs)
    }

    proptest! {
        #[test]
        fn a_tiny_budget_gives_what_memory_gives(
            entries in prop::collection::vec((prop::collection::vec(0u8..4, 0..12), prop::collection::vec(any::<u8>(), 0..6)), 0..300),
            budget in 1usize..2000,
        ) {
            let mut expected = entries.clone();
            expected.sort();
            prop_assert_eq!(&sorted(&entries, budget).0, &expected);
            prop_assert_eq!(&sorted(&entries, 1 << 20).0, &expected);
        }
    }

    #[test]
    fn sorted_input_makes_one_run_and_reversed_input_many() {
        let up: Vec<_> = (0u32..500).map(|n| (n.to_be_bytes().to_vec(), vec![1])).collect();
        let down: Vec<_> = up.iter().rev().cloned().collect();
        assert_eq!(sorted(&up, 200), (up.clone(), 1));
        let (all, runs) = sorted(&down, 200);
        assert_eq!(all, up);
        assert!(runs > 1 && runs <= FAN + 1, "{runs}");
    }
}
