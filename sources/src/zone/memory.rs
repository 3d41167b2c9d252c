//! Entries in memory, in sorted runs.

/// Entries of a run; few in tests, so that there are several.
const RUN: usize = if cfg!(test) { 16 } else { 1 << 20 };

/// Bytes in pieces, so that more of them never means to copy those that are there.
#[derive(Default)]
struct Arena {
    pieces: Vec<Vec<u8>>,
    used: usize,
}

impl Arena {
    const PIECE: usize = if cfg!(test) { 1 << 8 } else { 1 << 20 };
    /// What stands for a length that takes four octets more.
    const LONG: u8 = u8::MAX;

    /// Keeps an entry: key and payload, each behind its length. None if it is too long, or there is no more room.
    fn push(&mut self, key: &[u8], payload: &[u8]) -> Option<u32> {
        let most = 2 * (1 + size_of::<u32>()) + key.len() + payload.len();
        if self.pieces.last().is_none_or(|piece| piece.len() + most > Self::PIECE) {
            self.pieces.push(Vec::with_capacity(most.max(Self::PIECE)));
        }
        let number = self.pieces.len() - 1;
        let piece = self.pieces.last_mut()?;
        let before = piece.len();
        let at = u32::try_from(number * Self::PIECE + before).ok()?;
        for part in [key, payload] {
            match u8::try_from(part.len()) {
                Ok(short) if short < Self::LONG => piece.push(short),
                _ => {
                    piece.push(Self::LONG);
                    piece.extend_from_slice(&u32::try_from(part.len()).ok()?.to_le_bytes());
                }
            }
            piece.extend_from_slice(part);
        }
        self.used += piece.len() - before;
        Some(at)
    }

    fn entry(&self, at: u32) -> (&[u8], &[u8]) {
        let at = at as usize;
        let stored = || {
            let piece = self.pieces.get(at / Self::PIECE)?.get(at % Self::PIECE..)?;
            let (key, rest) = Self::part(piece)?;
            Some((key, Self::part(rest)?.0))
        };
        stored().unwrap_or_default()
    }

    /// What stands behind its length, and the rest.
    #[inline]
    fn part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
        let (short, rest) = bytes.split_first()?;
        if *short < Self::LONG {
            return rest.split_at_checked(usize::from(*short));
        }
        let (long, rest) = rest.split_first_chunk()?;
        rest.split_at_checked(u32::from_le_bytes(*long) as usize)
    }

    fn key(&self, entry: Entry) -> &[u8] {
        self.entry(entry.at).0
    }
}

/// An entry of the arena.
#[derive(Clone, Copy)]
struct Entry {
    /// Eight octets of the key behind what all keys of the run share: most comparisons end here.
    head: [u32; 2],
    at: u32,
}

/// Takes entries in any order.
#[derive(Default)]
pub(super) struct Held {
    arena: Arena,
    /// Runs, each sorted but the last.
    runs: Vec<Vec<Entry>>,
    entries: usize,
    /// The key of the last entry, and whether the last run came in order: then it need not be sorted.
    last: Vec<u8>,
    is_sorted: bool,
}

impl Held {
    /// Bytes that are in use.
    pub(super) fn bytes(&self) -> usize {
        self.arena.used + self.entries * size_of::<Entry>()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries == 0
    }

    /// Adds an entry; none if it is too long.
    pub(super) fn push(&mut self, key: &[u8], payload: &[u8]) -> Option<()> {
        let at = self.arena.push(key, payload)?;
        if self.runs.last().is_none_or(|run| run.len() >= RUN) {
            self.sort_last();
            // The first may stay small.
            self.runs.push(Vec::with_capacity(if self.runs.is_empty() { 0 } else { RUN }));
        }
        let run = self.runs.last_mut()?;
        self.is_sorted = run.is_empty() || self.is_sorted && self.last.as_slice() <= key;
        self.last.clear();
        self.last.extend_from_slice(key);
        run.push(Entry { head: [0; 2], at });
        self.entries += 1;
        Some(())
    }

    fn sort_last(&mut self) {
        let Held { arena, runs, .. } = self;
        let Some(run) = runs.last_mut().filter(|_| !self.is_sorted) else { return };
        let Some(first) = run.first().map(|entry| arena.key(*entry)) else { return };
        let shared = run.iter().fold(first.len(), |shared, entry| {
            let key = arena.key(*entry);
            let same = || first.iter().zip(key).take_while(|(a, b)| a == b).count();
            if key.get(..shared) == first.get(..shared) { shared } else { shared.min(same()) }
        });
        for entry in run.iter_mut() {
            let rest = arena.key(*entry).get(shared..).unwrap_or_default();
            let mut head = [0; 8];
            head.iter_mut().zip(rest).for_each(|(place, octet)| *place = *octet);
            let [a, b, c, d, e, f, g, h] = head;
            entry.head = [u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h])];
        }
        // Zones are mostly nearly sorted if not sorted: this sort is fast then.
        run.sort_by(|a, b| a.head.cmp(&b.head).then_with(|| arena.key(*a).cmp(arena.key(*b))));
    }

    /// All of them in their order.
    pub(super) fn sorted(mut self) -> InMemory {
        self.sort_last();
        let Held { arena, runs, .. } = self;
        let key = |entry: Option<&Entry>| entry.map(|entry| arena.key(*entry));
        let is_chain = runs.windows(2).all(|pair| match pair {
            [one, other] => key(one.last()) <= key(other.first()),
            _ => true,
        });
        let mut all = InMemory {
            arena,
            runs: runs.into_iter().map(|run| Reading { run, at: 0 }).collect(),
            order: Order::Chain(0),
        };
        if !is_chain {
            let heap = Heap::new(all.runs.len(), |a, b| all.is_before(a, b));
            all.order = Order::Heap { heap, begun: false };
        }
        all
    }
}

/// A run and how far it is read.
struct Reading {
    run: Vec<Entry>,
    at: usize,
}

enum Order {
    /// Each run begins where the one before ends; this one is being read.
    Chain(usize),
    Heap {
        heap: Heap,
        /// Whether the entry of the first run has been given.
        begun: bool,
    },
}

/// Gives entries in their order.
pub(super) struct InMemory {
    arena: Arena,
    runs: Vec<Reading>,
    order: Order,
}

impl InMemory {
    fn is_before(&self, a: usize, b: usize) -> bool {
        self.key(a) < self.key(b)
    }

    fn key(&self, run: usize) -> Option<&[u8]> {
        let reading = self.runs.get(run)?;
        reading.run.get(reading.at).map(|entry| self.arena.key(*entry))
    }

    /// The next entry: key and payload.
    pub(super) fn next(&mut self) -> Option<(&[u8], &[u8])> {
        let mut order = std::mem::replace(&mut self.order, Order::Chain(0));
        let entry = match &mut order {
            Order::Chain(current) => self.next_of_chain(current),
            Order::Heap { heap, begun } => self.next_of_heap(heap, begun),
        };
        self.order = order;
        entry.map(|entry| self.arena.entry(entry.at))
    }

    fn next_of_chain(&mut self, current: &mut usize) -> Option<Entry> {
        loop {
            let reading = self.runs.get_mut(*current)?;
            if let Some(entry) = reading.run.get(reading.at) {
                reading.at += 1;
                return Some(*entry);
            }
            *current += 1;
        }
    }

    fn next_of_heap(&mut self, heap: &mut Heap, begun: &mut bool) -> Option<Entry> {
        if std::mem::replace(begun, true)
            && let Some(least) = heap.first()
        {
            let reading = self.runs.get_mut(least)?;
            reading.at += 1;
            if reading.at >= reading.run.len() {
                heap.remove_first();
            }
            heap.sift(0, |a, b| self.is_before(a, b));
        }
        let reading = self.runs.get(heap.first()?)?;
        reading.run.get(reading.at).copied()
    }
}

/// Numbers of runs, the one that is to be read next at the front.
#[derive(Default)]
pub(super) struct Heap(Vec<usize>);

impl Heap {
    /// Of the runs below `count`, none of which is empty.
    pub(super) fn new(count: usize, is_before: impl Fn(usize, usize) -> bool) -> Heap {
        let mut heap = Heap((0..count).collect());
        for at in (0..count / 2).rev() {
            heap.sift(at, &is_before);
        }
        heap
    }

    pub(super) fn first(&self) -> Option<usize> {
        self.0.first().copied()
    }

    /// Takes the first away; the one that stands in its place must then be sifted.
    pub(super) fn remove_first(&mut self) {
        if !self.0.is_empty() {
            self.0.swap_remove(0);
        }
    }

    /// Lets the run at a place sink to where it belongs.
    pub(super) fn sift(&mut self, mut at: usize, is_before: impl Fn(usize, usize) -> bool) {
        loop {
            let mut least = at;
            for child in [2 * at + 1, 2 * at + 2] {
                if let (Some(child_run), Some(least_run)) = (self.0.get(child), self.0.get(least))
                    && is_before(*child_run, *least_run)
                {
                    least = child;
                }
            }
            if least == at {
                return;
            }
            self.0.swap(at, least);
            at = least;
        }
    }
}
