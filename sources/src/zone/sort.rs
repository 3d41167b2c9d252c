//! Sorting more than fits into memory: runs that fill a budget are sorted, spilled and merged.
//!
//! Entries are a key and a payload, both plain bytes; they come out by key, entries of one key in no particular
//! order. A run that begins where the last one ended is appended to it, so that sorted input makes one run.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::memory::{Heap, Held, InMemory};

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
    held: Held,
    runs: Vec<File>,
    open: Option<Run>,
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
        // What is held is found by 32 bits.
        let budget = budget.min(3 << 30);
        Sorter { folder: folder.to_owned(), budget, held: Held::default(), runs: Vec::new(), open: None }
    }

    /// Adds an entry. Keys have at most 64 KiB.
    pub(super) fn push(&mut self, key: &[u8], payload: &[u8]) -> io::Result<()> {
        if self.held.bytes() + key.len() + payload.len() > self.budget && !self.held.is_empty() {
            self.spill()?;
        }
        let too_long = || io::Error::new(io::ErrorKind::InvalidInput, "an entry is too long to be sorted");
        self.held.push(key, payload).ok_or_else(too_long)
    }

    /// All entries, sorted.
    pub(super) fn finish(mut self) -> io::Result<Sorted> {
        if self.runs.is_empty() && self.open.is_none() {
            return Ok(Sorted::Memory(self.held.sorted()));
        }
        self.spill()?;
        self.close_run()?;
        Ok(Sorted::Files(Merge::new(self.runs)?))
    }

    /// Writes what is held as a run, or behind the run before.
    fn spill(&mut self) -> io::Result<()> {
        let mut sorted = std::mem::take(&mut self.held).sorted();
        let mut run = None;
        while let Some((key, payload)) = sorted.next() {
            let run = match &mut run {
                Some(run) => run,
                None => {
                    if self.open.as_ref().is_some_and(|run| run.last.as_slice() > key) {
                        self.close_run()?;
                    }
                    run.insert(self.open.take().map_or_else(|| Run::new(&self.folder), Ok)?)
                }
            };
            run.write(key, payload)?;
            run.last.clear();
            run.last.extend_from_slice(key);
        }
        self.open = run.or(self.open.take());
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
pub(super) enum Sorted {
    Memory(InMemory),
    Files(Merge),
}

impl Sorted {
    /// The next entry.
    pub(super) fn next(&mut self) -> io::Result<Option<(&[u8], &[u8])>> {
        match self {
            Sorted::Memory(entries) => Ok(entries.next()),
            Sorted::Files(merge) => merge.next(),
        }
    }
}

/// Runs that are read side by side.
pub(super) struct Merge {
    runs: Vec<Source>,
    /// Runs by their current key.
    heap: Heap,
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
        let heap = Heap::new(runs.len(), |a, b| key(&runs, a) < key(&runs, b));
        Ok(Merge { runs, heap, begun: false })
    }

    fn next(&mut self) -> io::Result<Option<(&[u8], &[u8])>> {
        let Merge { runs, heap, begun } = self;
        if std::mem::replace(begun, true)
            && let Some(least) = heap.first().and_then(|least| runs.get_mut(least))
        {
            if !least.advance()? {
                heap.remove_first();
            }
            heap.sift(0, |a, b| key(runs, a) < key(runs, b));
        }
        let least = heap.first().and_then(|least| runs.get(least));
        Ok(least.map(|least| least.entry.split_at(least.key)))
    }
}

fn key(runs: &[Source], at: usize) -> Option<&[u8]> {
    runs.get(at).and_then(|source| source.entry.get(..source.key))
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
            entries in prop::collection::vec((prop::collection::vec(0u8..4, 0..12), prop_oneof![9 => prop::collection::vec(any::<u8>(), 0..6), 1 => prop::collection::vec(any::<u8>(), 253..258)]), 0..300),
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
