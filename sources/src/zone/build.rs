//! Building a snapshot: what is said of owners, in any order, becomes sorted rows and sorted sets.
//!
//! Three sorts share one memory budget: rows by owner, sets by id, and hosts by name. The last one finds the
//! delegations that have glue, as a name server and the address of it may stand anywhere in the file.

use std::fs::File;
use std::io::{self, BufRead, Seek, Write};
use std::path::Path;

use panopticon_model::update::Delegation;

use super::blocks::{BlockWriter, MAGIC};
use super::hosts::HostSets;
use super::snapshot::{Kind, Meta, Settings, SnapshotError, io_error};
use super::sort::Sorter;
use super::write::{Counts, CountsWriter, RowWriter, SetsWriter, push_host};
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
        if let Record::Soa { owner, serial } = record {
            match &apex {
                None => apex = Some((owner.clone(), serial)),
                Some((first, of_first)) if first == owner && *of_first == serial => ends_in_soa = true,
                Some(_) => return Err(reader.fault(Fault::SecondSoa).into()),
            }
        } else {
            builder.record(record, apex.as_ref().map(|(apex, _)| apex))?;
        }
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
/// Several payloads of one owner in the sort of rows are joined. What has neither a name server nor
/// [`Delegation::NAME_ONLY`] makes no row.
pub(super) struct Builder<'a> {
    settings: &'a Settings,
    rows: Sorter,
    sets: HostSets,
    hosts: Sorter,
    /// The owner of the records that are being collected: mostly they follow each other.
    owner: Name,
    key: Vec<u8>,
    is_open: bool,
    flags: u8,
    /// DS records of the owner.
    ds: u16,
    /// Its name servers.
    servers: Vec<u8>,
    payload: Vec<u8>,
    /// A buffer for the key of a host.
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
        let part = settings.memory / 16;
        Builder {
            settings,
            rows: Sorter::new(&settings.spill, 10 * part),
            sets: HostSets::new(part),
            hosts: Sorter::new(&settings.spill, 3 * part),
            owner: Name::default(),
            key: Vec::new(),
            is_open: false,
            flags: 0,
            ds: 0,
            servers: Vec::new(),
            payload: Vec::new(),
            host: Vec::new(),
        }
    }

    /// Takes what a record says of its owner; an SOA record says nothing. Without an apex every name server may have
    /// its address in the zone.
    pub(super) fn record(&mut self, record: Record<'_>, apex: Option<&Name>) -> Result<(), SnapshotError> {
        let taken = match record {
            Record::Soa { .. } => Ok(()),
            Record::Ns { owner, target } => {
                self.name_server(owner, target, apex.is_none_or(|apex| target.is_at_or_below(apex)))
            }
            Record::Ds { owner } => self.turn_to(owner).map(|()| self.ds = self.ds.saturating_add(1)),
            Record::Address { owner } => self.address(owner),
        };
        taken.map_err(io_error("sort in", &self.settings.spill))
    }

    fn name_server(&mut self, owner: &Name, target: &Name, in_zone: bool) -> io::Result<()> {
        self.turn_to(owner)?;
        push_host(&mut self.servers, target.labels_wire());
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
        self.flags |= flag;
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
        if self.is_open && *owner == self.owner && self.servers.len() < MAX_PAYLOAD {
            return Ok(());
        }
        self.close()?;
        self.owner.clone_from(owner);
        owner.push_key(&mut self.key);
        self.is_open = true;
        Ok(())
    }

    fn close(&mut self) -> io::Result<()> {
        if self.is_open {
            let counts = Counts { ds: std::mem::take(&mut self.ds), addresses: 0 };
            let servers = match self.sets.number(&self.servers) {
                _ if self.servers.is_empty() => Servers::None,
                Some(number) => Servers::Known(number),
                None => Servers::Hosts(&self.servers),
            };
            Payload { flags: self.flags, counts, servers }.write(&mut self.payload);
            self.rows.push(&self.key, &self.payload)?;
        }
        self.is_open = false;
        self.flags = 0;
        self.key.clear();
        self.servers.clear();
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
        let part = self.settings.memory / 16;
        let mut sets = SetsWriter::new(Sorter::new(&self.settings.spill, part));
        let mut counts = Sorter::new(&self.settings.spill, part);
        // What delegations say of the sets that have a number, once one of them does.
        let mut known: Vec<Option<u64>> = vec![None; self.sets.count()];
        let apex = apex.map(Name::key).unwrap_or_default();

        file.write_all(MAGIC)?;
        meta.rows_at = MAGIC.len() as u64;
        let mut rows = RowWriter::new(BlockWriter::new(file)?);
        let mut group = Group::default();
        let mut sorted = self.rows.finish()?;
        loop {
            let entry = sorted.next()?;
            if let Some((key, payload)) = entry
                && group.is_open
                && key == group.key
            {
                group.add(Payload::read(payload), &self.sets)?;
                continue;
            }
            if group.is_open && group.key.starts_with(&apex) && !group.counts.is_empty() {
                counts.push(&group.key, &group.counts.to_bytes())?;
            }
            if group.is_open && group.is_delegation() && group.key != apex {
                if group.key.starts_with(&apex) {
                    let name_servers = match group.known.map(|number| (number, known.get_mut(number as usize))) {
                        Some((number, Some(said))) => match *said {
                            Some(said) => said,
                            None => *said.insert(sets.take(self.sets.get(number))?),
                        },
                        _ => sets.take(&group.hosts)?,
                    };
                    rows.write(&group.key, Delegation { name_servers, flags: group.flags() })?;
                    meta.rows += 1;
                } else {
                    meta.out_of_zone += 1;
                }
            }
            let Some((key, payload)) = entry else { break };
            group.open(key);
            group.add(Payload::read(payload), &self.sets)?;
        }

        let mut file = rows.finish()?;
        meta.sets_at = file.stream_position()?;
        let (mut file, count) = sets.write(file)?;
        meta.sets = count;
        meta.counts_at = Some(file.stream_position()?);
        let mut writer = CountsWriter::new(BlockWriter::new(file)?);
        let mut sorted = counts.finish()?;
        while let Some((key, counts)) = sorted.next()? {
            writer.write(key, Counts::from_bytes(counts))?;
        }
        let mut file = writer.finish()?;
        meta.end = file.stream_position()?;
        meta.write(&mut file)?;
        file.sync_all()?;
        Ok(meta)
    }
}

/// What is said of an owner at once.
struct Payload<'p> {
    flags: u8,
    counts: Counts,
    servers: Servers<'p>,
}

/// Name servers of an owner.
enum Servers<'p> {
    None,
    /// The set with this number.
    Known(u32),
    /// As [`push_host`] wrote them.
    Hosts(&'p [u8]),
}

impl<'p> Payload<'p> {
    /// Bits of the first octet, beside the flags of a delegation: whether counts follow, and whether the number of a set does.
    const COUNTED: u8 = 0x80;
    const KNOWN: u8 = 0x40;

    fn write(&self, out: &mut Vec<u8>) {
        out.clear();
        out.push(self.flags);
        let mut said = 0;
        if !self.counts.is_empty() {
            said |= Self::COUNTED;
            out.extend_from_slice(&self.counts.to_bytes());
        }
        match self.servers {
            Servers::None => {}
            Servers::Known(number) => {
                said |= Self::KNOWN;
                out.extend_from_slice(&number.to_le_bytes());
            }
            Servers::Hosts(hosts) => out.extend_from_slice(hosts),
        }
        out.iter_mut().take(1).for_each(|first| *first |= said);
    }

    fn read(bytes: &'p [u8]) -> Payload<'p> {
        let (first, rest) = bytes.split_first().unwrap_or((&0, &[]));
        let has = |bit: u8| first & bit != 0;
        let length = if has(Self::COUNTED) { Counts::BYTES } else { 0 };
        let (counts, rest) = rest.split_at_checked(length).unwrap_or_default();
        let servers = match rest.first_chunk() {
            Some(number) if has(Self::KNOWN) => Servers::Known(u32::from_le_bytes(*number)),
            _ if rest.is_empty() => Servers::None,
            _ => Servers::Hosts(rest),
        };
        let flags = first & !(Self::COUNTED | Self::KNOWN);
        Payload { flags, counts: Counts::from_bytes(counts), servers }
    }
}

/// Flags every owner of whose name servers one has an address, and says of each host how many it has.
fn mark_glue(hosts: Sorter, rows: &mut Sorter) -> io::Result<()> {
    let mut payload = Vec::new();
    let mut host_now = Vec::new();
    let mut addresses = 0u16;
    let mut sorted = hosts.finish()?;
    loop {
        let entry = sorted.next()?;
        if let Some((key, _)) = entry
            && key.strip_suffix(ADDRESS) == Some(&host_now)
        {
            addresses = addresses.saturating_add(1);
            continue;
        }
        if addresses > 0 && entry.is_none_or(|(key, _)| key.strip_suffix(SERVES) != Some(&host_now)) {
            let counts = Counts { ds: 0, addresses };
            Payload { flags: 0, counts, servers: Servers::None }.write(&mut payload);
            rows.push(&host_now, &payload)?;
            addresses = 0;
        }
        let Some((key, owner)) = entry else { return Ok(()) };
        if let Some(host) = key.strip_suffix(ADDRESS) {
            host_now.clear();
            host_now.extend_from_slice(host);
            addresses = 1;
        } else if addresses > 0 {
            let (flags, counts) = (Delegation::GLUE, Counts::default());
            Payload { flags, counts, servers: Servers::None }.write(&mut payload);
            rows.push(owner, &payload)?;
        }
    }
}

/// All that was said of one owner.
#[derive(Default)]
struct Group {
    is_open: bool,
    key: Vec<u8>,
    flags: u8,
    counts: Counts,
    /// The number of its set of name servers, if all of them came at once.
    known: Option<u32>,
    /// Else its name servers, as they came.
    hosts: Vec<u8>,
}

impl Group {
    fn open(&mut self, key: &[u8]) {
        self.is_open = true;
        self.key.clear();
        self.key.extend_from_slice(key);
        self.flags = 0;
        self.counts = Counts::default();
        self.known = None;
        self.hosts.clear();
    }

    fn add(&mut self, payload: Payload<'_>, sets: &HostSets) -> io::Result<()> {
        let Payload { flags, counts, servers } = payload;
        self.flags |= flags;
        self.counts.ds = self.counts.ds.saturating_add(counts.ds);
        self.counts.addresses = self.counts.addresses.saturating_add(counts.addresses);
        let more = match servers {
            Servers::None => return Ok(()),
            Servers::Known(number) if self.known.is_none() && self.hosts.is_empty() => {
                self.known = Some(number);
                return Ok(());
            }
            Servers::Known(number) => sets.get(number),
            Servers::Hosts(hosts) => hosts,
        };
        if let Some(number) = self.known.take() {
            self.hosts.extend_from_slice(sets.get(number));
        }
        self.hosts.extend_from_slice(more);
        if self.hosts.len() > MAX_SET {
            let what = "a name has more name servers than an answer of the DNS could hold";
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        Ok(())
    }

    fn flags(&self) -> u8 {
        if self.counts.ds > 0 { self.flags | Delegation::SIGNED } else { self.flags }
    }

    fn is_delegation(&self) -> bool {
        self.known.is_some() || !self.hosts.is_empty() || self.flags & Delegation::NAME_ONLY != 0
    }
}
