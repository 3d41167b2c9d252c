//! Building a snapshot: what is said of owners, in any order, becomes sorted rows and sorted sets.
//!
//! Three sorts share one memory budget: rows by owner, sets by id, and hosts by name. The last one finds the
//! delegations that have glue, as a name server and the address of it may stand anywhere in the file.

use std::fs::File;
use std::io::{self, BufRead, Seek, Write};
use std::path::Path;

use panopticon_model::id::{Id, IdKind};
use panopticon_model::update::Delegation;

use super::blocks::{BlockWriter, MAGIC, StoredRow, StoredSet};
use super::snapshot::{Kind, Meta, Settings, SnapshotError, io_error};
use super::sort::Sorter;
use super::{Fault, Name, Record, ZoneReader};

/// Builds a snapshot of the zone in `input` and writes it to `out`, which the caller then renames.
///
/// # Errors
/// [`SnapshotError`]; `out` is then worth nothing.
pub fn from_zone(input: impl BufRead + Send, settings: &Settings, out: &Path) -> Result<Meta, SnapshotError> {
    let mut builder = Builder::new(settings);
    let mut reader = ZoneReader::new(input, settings.options.clone());
    let mut apex: Option<(Name, u32)> = None;
    let mut ends_in_soa = false;
    while let Some(record) = reader.next_record()? {
        ends_in_soa = false;
        let collected = match record {
            Record::Soa { owner, serial } => {
                match &apex {
                    None => apex = Some((owner.clone(), serial)),
                    Some((first, of_first)) if first == owner && *of_first == serial => ends_in_soa = true,
                    Some(_) => return Err(reader.fault(Fault::SecondSoa).into()),
                }
                Ok(())
            }
            Record::Ns { owner, target } => {
                let in_zone = apex.as_ref().is_none_or(|(apex, _)| target.is_at_or_below(apex));
                builder.name_server(owner, target, in_zone)
            }
            Record::Ds { owner } => builder.flag(owner, Delegation::SIGNED),
            Record::Address { owner } => builder.address(owner),
        };
        collected.map_err(io_error("sort in", &settings.spill))?;
    }
    let mut meta = Meta::empty(Kind::Zone);
    meta.skipped = reader.skipped();
    meta.ends_in_soa = ends_in_soa;
    meta.serial = apex.as_ref().map(|(_, serial)| *serial);
    meta.apex = apex.as_ref().map(|(apex, _)| apex.text());
    let apex = apex.map(|(apex, _)| apex).or_else(|| settings.options.origin.clone());
    builder.write(meta, apex.as_ref(), out)
}

/// Collects what is said of owners, in any order.
///
/// A payload in the sort of rows is flags and then the texts of name servers, each behind its length; several
/// payloads of one owner are joined. What has neither a name server nor [`Delegation::NAME_ONLY`] is dropped.
pub(super) struct Builder<'a> {
    settings: &'a Settings,
    rows: Sorter,
    hosts: Sorter,
    /// The owner of the records that are being collected: mostly they follow each other.
    owner: Name,
    key: Vec<u8>,
    payload: Vec<u8>,
    /// Buffers for one name server.
    text: String,
    host: Vec<u8>,
}

/// What stands behind the key of a host in the sort of hosts. No label is empty, so that both come before the
/// hosts below, and the address before those whom the host serves.
const ADDRESS: &[u8] = &[0];
const SERVES: &[u8] = &[0, 1];

/// An owner that is collected is closed at this size; the rest makes another payload.
const MAX_PAYLOAD: usize = 64 << 10;
/// Bytes of all name servers of one owner. An answer of the DNS holds less.
const MAX_SET: usize = 1 << 20;

impl<'a> Builder<'a> {
    pub(super) fn new(settings: &'a Settings) -> Self {
        let quarter = settings.memory / 4;
        Builder {
            settings,
            rows: Sorter::new(&settings.spill, 2 * quarter),
            hosts: Sorter::new(&settings.spill, quarter),
            owner: Name::default(),
            key: Vec::new(),
            payload: Vec::new(),
            text: String::new(),
            host: Vec::new(),
        }
    }

    fn name_server(&mut self, owner: &Name, target: &Name, in_zone: bool) -> io::Result<()> {
        self.turn_to(owner)?;
        self.text.clear();
        target.push_text(&mut self.text);
        push_host(&mut self.payload, self.text.as_bytes());
        if !in_zone {
            return Ok(());
        }
        self.host.clear();
        target.push_key(&mut self.host);
        self.host.extend_from_slice(SERVES);
        self.hosts.push(&self.host, &self.key)
    }

    pub(super) fn flag(&mut self, owner: &Name, flag: u8) -> io::Result<()> {
        self.turn_to(owner)?;
        if let Some(flags) = self.payload.first_mut() {
            *flags |= flag;
        }
        Ok(())
    }

    fn address(&mut self, host: &Name) -> io::Result<()> {
        self.host.clear();
        host.push_key(&mut self.host);
        self.host.extend_from_slice(ADDRESS);
        self.hosts.push(&self.host, &[])
    }

    /// Closes the owner before, unless it is this one.
    fn turn_to(&mut self, owner: &Name) -> io::Result<()> {
        if *owner == self.owner && !self.payload.is_empty() && self.payload.len() < MAX_PAYLOAD {
            return Ok(());
        }
        self.close()?;
        self.owner.clone_from(owner);
        owner.push_key(&mut self.key);
        self.payload.push(0);
        Ok(())
    }

    fn close(&mut self) -> io::Result<()> {
        if !self.payload.is_empty() {
            self.rows.push(&self.key, &self.payload)?;
        }
        self.key.clear();
        self.payload.clear();
        Ok(())
    }

    pub(super) fn write(self, meta: Meta, apex: Option<&Name>, out: &Path) -> Result<Meta, SnapshotError> {
        let spill = self.settings.spill.clone();
        let file = File::create(out).map_err(io_error("create", out))?;
        // Sorting and writing fail for one reason: the disk.
        self.write_to(file, meta, apex).map_err(io_error("sort and write a snapshot, by way of", &spill))
    }

    fn write_to(mut self, mut file: File, mut meta: Meta, apex: Option<&Name>) -> io::Result<Meta> {
        self.close()?;
        mark_glue(self.hosts, &mut self.rows)?;
        let sets = Sorter::new(&self.settings.spill, self.settings.memory / 2);
        let apex = apex.map(Name::key).unwrap_or_default();

        file.write_all(MAGIC)?;
        meta.rows_at = MAGIC.len() as u64;
        let mut writer =
            RowWriter { rows: BlockWriter::new(file)?, sets, recent: Recent::new(), last: Vec::new() };
        let mut group = Group::default();
        let mut sorted = self.rows.finish()?;
        loop {
            let entry = sorted.next()?;
            if let Some((key, payload)) = entry
                && group.is_open
                && key == group.key
            {
                group.add(payload)?;
                continue;
            }
            if group.is_open && group.is_delegation() && group.key != apex {
                if group.key.starts_with(&apex) {
                    writer.write(&mut group)?;
                    meta.rows += 1;
                } else {
                    meta.out_of_zone += 1;
                }
            }
            let Some((key, payload)) = entry else { break };
            group.open(key);
            group.add(payload)?;
        }

        let RowWriter { rows, sets, .. } = writer;
        let mut file = rows.finish()?;
        meta.sets_at = file.stream_position()?;
        let (mut file, count) = write_sets(sets, file)?;
        meta.sets = count;
        meta.end = file.stream_position()?;
        meta.write(&mut file)?;
        file.sync_all()?;
        Ok(meta)
    }
}

/// Flags every owner of whose name servers one has an address.
fn mark_glue(hosts: Sorter, rows: &mut Sorter) -> io::Result<()> {
    let mut with_address: Option<Vec<u8>> = None;
    let mut sorted = hosts.finish()?;
    while let Some((key, owner)) = sorted.next()? {
        if let Some(host) = key.strip_suffix(SERVES) {
            if with_address.as_deref() == Some(host) {
                rows.push(owner, &[Delegation::GLUE])?;
            }
        } else if let Some(host) = key.strip_suffix(ADDRESS) {
            let buffer = with_address.get_or_insert_default();
            buffer.clear();
            buffer.extend_from_slice(host);
        }
    }
    Ok(())
}

/// Writes the sets in the order of their ids, each once.
fn write_sets(sets: Sorter, file: File) -> io::Result<(File, u64)> {
    let mut blocks = BlockWriter::new(file)?;
    let mut sorted = sets.finish()?;
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

/// Appends a host behind its length.
fn push_host(hosts: &mut Vec<u8>, host: &[u8]) {
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

/// All that was said of one owner.
#[derive(Default)]
struct Group {
    is_open: bool,
    key: Vec<u8>,
    flags: u8,
    /// Its name servers, as they came.
    hosts: Vec<u8>,
}

impl Group {
    fn open(&mut self, key: &[u8]) {
        self.is_open = true;
        self.key.clear();
        self.key.extend_from_slice(key);
        self.flags = 0;
        self.hosts.clear();
    }

    fn add(&mut self, payload: &[u8]) -> io::Result<()> {
        if let Some((flags, hosts)) = payload.split_first() {
            self.flags |= flags;
            self.hosts.extend_from_slice(hosts);
        }
        if self.hosts.len() > MAX_SET {
            let what = "a name has more name servers than an answer of the DNS could hold";
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        Ok(())
    }

    fn is_delegation(&self) -> bool {
        !self.hosts.is_empty() || self.flags & Delegation::NAME_ONLY != 0
    }
}

struct RowWriter {
    rows: BlockWriter,
    sets: Sorter,
    recent: Recent,
    /// The key of the row before.
    last: Vec<u8>,
}

impl RowWriter {
    fn write(&mut self, group: &mut Group) -> io::Result<()> {
        let mut name_servers = [0; 8];
        if !group.hosts.is_empty() {
            let mut hosts: Vec<&[u8]> = hosts_of(&group.hosts).collect();
            hosts.sort_unstable();
            hosts.dedup();
            let id = Id::derive(IdKind::NameServers, &hosts);
            name_servers.copy_from_slice(&id.0[..8]);
            if self.recent.is_new(u64::from_le_bytes(name_servers)) {
                let mut stored = Vec::with_capacity(group.hosts.len());
                hosts.iter().for_each(|host| push_host(&mut stored, host));
                self.sets.push(&id.0, &stored)?;
            }
        }
        let shared = group.key.iter().zip(&self.last).take_while(|(a, b)| a == b).count();
        let rest = group.key.get(shared..).unwrap_or_default();
        // A key has at most twice 254 octets.
        let shared = u16::try_from(shared).unwrap_or(u16::MAX);
        self.rows.push(&StoredRow { shared, rest, name_servers, flags: group.flags })?;
        self.last.clone_from(&group.key);
        Ok(())
    }
}

/// Remembers sets that were just seen: few providers serve most names, and the sort of sets is spared them.
struct Recent(Vec<u64>);

impl Recent {
    const PLACES: u64 = 1 << 17;

    fn new() -> Recent {
        Recent(vec![0; 1 << 17])
    }

    fn is_new(&mut self, id: u64) -> bool {
        let place = usize::try_from(id % Recent::PLACES).unwrap_or(0);
        self.0.get_mut(place).is_none_or(|known| std::mem::replace(known, id) != id)
    }
}
