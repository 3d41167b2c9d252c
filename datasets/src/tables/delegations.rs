//! The base of delegations: the base before it, merged with what the log says since.
//!
//! In go updates of any number in any order; they are sorted in runs that fit the budget, runs are spilled to
//! files, and all are merged with the previous base. Out comes one sorted table. Memory is the budget, and one
//! block for each run.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use compact_str::CompactString;
use panopticon_model::update::{Delegation, DelegationKey, Update};

use super::file::{RowChunks, TableWriter};
use super::{Collection, TablesError};
use crate::durable::because;

/// Bytes of updates that are held before a run is spilled.
pub(crate) const BUDGET: usize = 128 << 20;
/// Blocks of runs are small, because one of each run is in memory.
const RUN_BLOCK: usize = 128 << 10;

/// The newest update of each owner, sorted, with runs on disk where memory does not suffice.
pub(crate) struct Sorter {
    folder: PathBuf,
    budget: usize,
    held: Vec<Row>,
    held_bytes: usize,
    runs: Vec<PathBuf>,
    next: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    owner: CompactString,
    /// The place in the log: of two rows of an owner the greater one holds.
    place: u64,
    after: Option<Delegation>,
}

impl Sorter {
    /// A sorter that spills to `folder`.
    pub(crate) fn new(folder: &Path, budget: usize) -> Sorter {
        Sorter { folder: folder.to_owned(), budget, held: Vec::new(), held_bytes: 0, runs: Vec::new(), next: 0 }
    }

    /// Adds an update, in log order.
    pub(crate) fn push(&mut self, owner: CompactString, after: Option<Delegation>) -> Result<(), TablesError> {
        let heap = if owner.is_heap_allocated() { owner.capacity() } else { 0 };
        self.held_bytes += size_of::<Row>() + heap;
        self.held.push(Row { owner, place: self.next, after });
        self.next += 1;
        if self.held_bytes >= self.budget { self.spill() } else { Ok(()) }
    }

    /// Merges everything with the `previous` base into `out`.
    pub(crate) fn merge(
        &mut self,
        previous: Option<RowChunks>,
        out: &mut TableWriter<'_>,
    ) -> Result<(), TablesError> {
        let mut sources: Vec<Source> = Vec::new();
        // Sources are in the order of the log: the previous base, spilled runs, what is held.
        sources.extend(previous.map(Source::chunks));
        for run in &self.runs {
            sources.push(Source::chunks(RowChunks::open(run, Collection::Delegations, None)?));
        }
        self.sort();
        sources.push(Source::rows(std::mem::take(&mut self.held)));
        let mut heap = BinaryHeap::new();
        for (index, source) in sources.iter_mut().enumerate() {
            heap.extend(source.next()?.map(|(owner, after)| Reverse(Head { owner, index, after })));
        }
        let mut newest: Option<(CompactString, Option<Delegation>)> = None;
        while let Some(Reverse(Head { owner, index, after })) = heap.pop() {
            match &mut newest {
                Some(newest) if newest.0 == owner => newest.1 = after,
                newest => write(out, newest.replace((owner, after)))?,
            }
            if let Some(source) = sources.get_mut(index) {
                heap.extend(source.next()?.map(|(owner, after)| Reverse(Head { owner, index, after })));
            }
        }
        write(out, newest)
    }

    /// Sorts what is held and leaves the newest row of each owner.
    fn sort(&mut self) {
        self.held.sort_unstable();
        self.held.dedup_by(|later, earlier| {
            let same = later.owner == earlier.owner;
            if same {
                earlier.after = later.after;
            }
            same
        });
    }

    fn spill(&mut self) -> Result<(), TablesError> {
        self.sort();
        let path = self.folder.join(format!(".run-{}.tmp", self.runs.len()));
        let mut file = File::create(&path).map_err(because("create", &path))?;
        self.runs.push(path.clone());
        let mut table = TableWriter::new(&mut file, &path, Collection::Delegations, RUN_BLOCK)?;
        for row in self.held.drain(..) {
            table.push(&update(row.owner, row.after))?;
        }
        table.finish()?;
        self.held_bytes = 0;
        Ok(())
    }
}

impl Drop for Sorter {
    fn drop(&mut self) {
        for run in &self.runs {
            // Runs that cannot be removed now are leftovers, removed when the store is next opened.
            let _: io::Result<()> = fs::remove_file(run);
        }
    }
}

fn update(owner: CompactString, after: Option<Delegation>) -> Update {
    Update::Delegation(DelegationKey { owner }, None, after)
}

/// A delegation that ended leaves no row.
fn write(out: &mut TableWriter<'_>, row: Option<(CompactString, Option<Delegation>)>) -> Result<(), TablesError> {
    match row {
        Some((owner, after @ Some(_))) => out.push(&update(owner, after)),
        _ => Ok(()),
    }
}

/// The next row of a source; equal owners leave the heap in the order of the log.
#[derive(PartialEq, Eq)]
struct Head {
    owner: CompactString,
    index: usize,
    after: Option<Delegation>,
}

impl Ord for Head {
    fn cmp(&self, other: &Head) -> Ordering {
        self.owner.cmp(&other.owner).then(self.index.cmp(&other.index))
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Head) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Sorted rows, from a file or from memory.
struct Source {
    chunks: Option<RowChunks>,
    rows: std::vec::IntoIter<Update>,
    held: std::vec::IntoIter<Row>,
}

impl Source {
    fn chunks(chunks: RowChunks) -> Source {
        Source { chunks: Some(chunks), rows: Vec::new().into_iter(), held: Vec::new().into_iter() }
    }

    fn rows(held: Vec<Row>) -> Source {
        Source { chunks: None, rows: Vec::new().into_iter(), held: held.into_iter() }
    }

    fn next(&mut self) -> Result<Option<(CompactString, Option<Delegation>)>, TablesError> {
        loop {
            if let Some(row) = self.held.next() {
                return Ok(Some((row.owner, row.after)));
            }
            for row in self.rows.by_ref() {
                if let Update::Delegation(key, _, after) = row {
                    return Ok(Some((key.owner, after)));
                }
            }
            match self.chunks.as_mut().and_then(Iterator::next) {
                Some(chunk) => self.rows = chunk?.into_iter(),
                None => return Ok(None),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use compact_str::format_compact;
    use proptest::prelude::*;

    use super::*;
    use crate::durable::write_atomically;

    type Held = BTreeMap<CompactString, Delegation>;

    /// Merges `updates` into the table at `path` and answers what it holds then.
    fn merged(path: &Path, updates: &[(u8, Option<u8>)], budget: usize) -> Held {
        let previous = path.exists().then(|| RowChunks::open(path, Collection::Delegations, None).unwrap());
        let mut sorter = Sorter::new(path.parent().unwrap(), budget);
        for (owner, after) in updates {
            let after = after.map(|flags| Delegation { name_servers: 1, flags });
            sorter.push(format_compact!("{owner:03}.xx"), after).unwrap();
        }
        let next = path.with_extension("next");
        write_atomically(&next, |file| {
            let mut out = TableWriter::new(file, path, Collection::Delegations, 64)?;
            sorter.merge(previous, &mut out)?;
            out.finish()
        })
        .unwrap();
        drop(sorter);
        fs::rename(&next, path).unwrap();
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "runs are removed");
        let rows = RowChunks::open(path, Collection::Delegations, None).unwrap();
        let rows: Vec<Update> = rows.flat_map(Result::unwrap).collect();
        let key = |row: &Update| match row {
            Update::Delegation(key, None, Some(after)) => (key.owner.clone(), *after),
            other => panic!("{other:?}"),
        };
        assert!(rows.is_sorted_by(|a, b| key(a).0 < key(b).0));
        rows.iter().map(key).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

        #[test]
        fn runs_and_base_merge_to_the_newest(
            periods in proptest::collection::vec(
                proptest::collection::vec((0..40u8, proptest::option::of(0..4u8)), 0..60), 1..4),
            budget in prop_oneof![Just(1), Just(400), Just(BUDGET)],
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("delegations.tbl");
            let mut expected = Held::new();
            for updates in periods {
                for (owner, after) in &updates {
                    let owner = format_compact!("{owner:03}.xx");
                    match after {
                        Some(flags) => expected.insert(owner, Delegation { name_servers: 1, flags: *flags }),
                        None => expected.remove(&owner),
                    };
                }
                prop_assert_eq!(merged(&path, &updates, budget), expected.clone());
            }
        }
    }
}
