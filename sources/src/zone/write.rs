//! Writing the parts of a snapshot: rows, sets of name servers, counts of records.

use std::fs::File;
use std::io;

use compact_str::CompactString;
use panopticon_model::id::{Id, IdKind};
use panopticon_model::update::Delegation;

use super::blocks::{BlockWriter, StoredCounts, StoredRow, StoredSet};
use super::name::text_of_wire;
use super::sort::Sorter;

/// Appends a host behind its length.
pub(super) fn push_host(hosts: &mut Vec<u8>, host: &[u8]) {
    // A text has at most four times 254 octets.
    let length = u16::try_from(host.len()).unwrap_or(u16::MAX);
    hosts.extend_from_slice(&length.to_le_bytes());
    hosts.extend_from_slice(host);
}

/// The hosts that [`push_host`] wrote.
pub(super) fn hosts_of(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, rest) = bytes.split_first_chunk::<2>()?;
        let (host, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
        bytes = rest;
        Some(host)
    })
}

/// How many records an owner has beside its name servers: what a transfer of increments has to know to say whether one
/// is left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) ds: u16,
    pub(super) addresses: u16,
}

impl Counts {
    pub(super) const BYTES: usize = 4;

    pub(super) fn is_empty(self) -> bool {
        self == Counts::default()
    }

    pub(super) fn to_bytes(self) -> [u8; Self::BYTES] {
        let ([a, b], [c, d]) = (self.ds.to_le_bytes(), self.addresses.to_le_bytes());
        [a, b, c, d]
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Counts {
        match bytes {
            [a, b, c, d] => Counts { ds: u16::from_le_bytes([*a, *b]), addresses: u16::from_le_bytes([*c, *d]) },
            _ => Counts::default(),
        }
    }
}

/// Writes rows in the order of their keys.
pub(super) struct RowWriter {
    rows: BlockWriter,
    /// The key of the row before.
    last: Vec<u8>,
}

impl RowWriter {
    pub(super) fn new(rows: BlockWriter) -> RowWriter {
        RowWriter { rows, last: Vec::new() }
    }

    pub(super) fn write(&mut self, key: &[u8], delegation: Delegation) -> io::Result<()> {
        let (shared, rest) = shared(&self.last, key);
        let name_servers = delegation.name_servers.to_le_bytes();
        self.rows.push(&StoredRow { shared, rest, name_servers, flags: delegation.flags })?;
        self.last.clear();
        self.last.extend_from_slice(key);
        Ok(())
    }

    pub(super) fn finish(self) -> io::Result<File> {
        self.rows.finish()
    }
}

/// Writes counts in the order of their keys.
pub(super) struct CountsWriter {
    blocks: BlockWriter,
    last: Vec<u8>,
}

impl CountsWriter {
    pub(super) fn new(blocks: BlockWriter) -> CountsWriter {
        CountsWriter { blocks, last: Vec::new() }
    }

    pub(super) fn write(&mut self, key: &[u8], counts: Counts) -> io::Result<()> {
        let (shared, rest) = shared(&self.last, key);
        self.blocks.push(&StoredCounts { shared, rest, ds: counts.ds, addresses: counts.addresses })?;
        self.last.clear();
        self.last.extend_from_slice(key);
        Ok(())
    }

    pub(super) fn finish(self) -> io::Result<File> {
        self.blocks.finish()
    }
}

/// How much a key shares with the one before, and the rest of it.
fn shared<'k>(last: &[u8], key: &'k [u8]) -> (u16, &'k [u8]) {
    let shared = key.iter().zip(last).take_while(|(a, b)| a == b).count();
    // A key has at most twice 254 octets.
    (u16::try_from(shared).unwrap_or(u16::MAX), key.get(shared..).unwrap_or_default())
}

/// The id of a set of name servers, and the set as it is stored: in the order of the hosts, each once.
pub(super) fn set_of<'h>(hosts: impl Iterator<Item = &'h [u8]>) -> (Id, Vec<u8>) {
    let mut hosts: Vec<&[u8]> = hosts.collect();
    hosts.sort_unstable();
    hosts.dedup();
    let mut stored = Vec::new();
    hosts.iter().for_each(|host| push_host(&mut stored, host));
    (Id::derive(IdKind::NameServers, &hosts), stored)
}

/// What a delegation says of its set: the first octets of the id.
pub(super) fn short(id: &Id) -> u64 {
    id.0.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// Collects sets in any order and writes each of them once, by its id.
pub(super) struct SetsWriter {
    sets: Sorter,
}

impl SetsWriter {
    pub(super) fn new(sets: Sorter) -> SetsWriter {
        SetsWriter { sets }
    }

    /// Takes a set, its hosts in wire form as [`push_host`] wrote them; gives what a delegation says of it, 0 if it is empty.
    pub(super) fn take(&mut self, hosts: &[u8]) -> io::Result<u64> {
        if hosts.is_empty() {
            return Ok(0);
        }
        let texts: Vec<CompactString> = hosts_of(hosts).map(text_of_wire).collect();
        let (id, stored) = set_of(texts.iter().map(CompactString::as_bytes));
        self.sets.push(&id.0, &stored)?;
        Ok(short(&id))
    }

    /// Writes the sets; gives how many there are.
    pub(super) fn write(self, file: File) -> io::Result<(File, u64)> {
        let mut blocks = BlockWriter::new(file)?;
        let mut sorted = self.sets.finish()?;
        let mut last = Vec::new();
        let mut count = 0;
        while let Some((id, hosts)) = sorted.next()? {
            if id != last {
                blocks.push(&StoredSet { id, hosts })?;
                count += 1;
                last.clear();
                last.extend_from_slice(id);
            }
        }
        Ok((blocks.finish()?, count))
    }
}
