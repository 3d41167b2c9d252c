//! What a transfer of increments changes, record by record, and applying it to a snapshot.
//!
//! Times to live and case are gone before anything is compared: a record that is deleted and added again cancels out.
//! The result is the snapshot that reading the whole zone would have given; a delta that does not fit the snapshot is
//! refused, and the caller reads the whole zone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Seek, Write};
use std::path::Path;

use compact_str::CompactString;
use panopticon_model::id::Id;
use panopticon_model::update::{Delegation, Update};

use super::blocks::{BlockWriter, MAGIC, StoredSet};
use super::snapshot::{Meta, Snapshot, SnapshotError, host_names, io_error};
use super::write::{Counts, CountsWriter, RowWriter, hosts_of, set_of, short};
use super::{Name, Record, text_of_key};

/// What changed between two versions of a zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delta {
    owners: BTreeMap<Vec<u8>, OwnerDelta>,
}

/// What changed at one owner: how many of each record came, less how many went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct OwnerDelta {
    /// Name servers, by their text.
    hosts: BTreeMap<CompactString, i32>,
    ds: i32,
    addresses: i32,
}

/// A delta that was not applied.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeltaError {
    /// The snapshot cannot be read, or the new one not be written.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// It deletes what is not there, or adds what is: it is no delta of this snapshot. Read the whole zone.
    #[error("the changes do not fit what is known of `{owner}`")]
    Contradiction {
        /// The owner.
        owner: CompactString,
    },
    /// The snapshot does not say what a delta needs. Read the whole zone.
    #[error("the snapshot is of an older version")]
    NoCounts,
}

impl Delta {
    /// Notes that a record went.
    pub fn delete(&mut self, record: Record<'_>) {
        self.note(record, -1);
    }

    /// Notes that a record came.
    pub fn add(&mut self, record: Record<'_>) {
        self.note(record, 1);
    }

    /// How many owners it touches.
    #[must_use]
    pub fn owners(&self) -> usize {
        self.owners.len()
    }

    fn note(&mut self, record: Record<'_>, by: i32) {
        match record {
            Record::Soa { .. } => {}
            Record::Ns { owner, target } => {
                *self.owner(owner).hosts.entry(target.text()).or_default() += by;
            }
            Record::Ds { owner } => self.owner(owner).ds += by,
            Record::Address { owner } => self.owner(owner).addresses += by,
        }
    }

    fn owner(&mut self, owner: &Name) -> &mut OwnerDelta {
        self.owners.entry(owner.key()).or_default()
    }

    /// Applies it to the snapshot of the zone `apex`, writes the new one with `serial` to `out`, which the caller then
    /// renames, and gives what it comes to: new sets first, then delegations in canonical order.
    ///
    /// Memory is that of the changes; the snapshot is streamed.
    ///
    /// # Errors
    /// [`DeltaError`]; `out` is then worth nothing.
    pub fn apply(
        &self,
        before: &Snapshot,
        apex: &Name,
        serial: u32,
        out: &Path,
    ) -> Result<(Meta, Vec<Update>), DeltaError> {
        let apex_key = apex.key();
        let touched: BTreeMap<&[u8], &OwnerDelta> = self
            .owners
            .iter()
            .filter(|(key, change)| key.starts_with(&apex_key) && !change.is_nothing())
            .map(|(key, change)| (key.as_slice(), change))
            .collect();
        let counts = new_counts(before, &touched)?;
        let plan = Plan::of(before, apex, &touched, &counts)?;
        plan.write(before, &touched, &counts, serial, out)
    }
}

impl OwnerDelta {
    fn is_nothing(&self) -> bool {
        self.ds == 0 && self.addresses == 0 && self.hosts.values().all(|by| *by == 0)
    }

    /// The name servers after the change; none if it does not fit.
    fn after(&self, before: &[CompactString]) -> Option<BTreeSet<CompactString>> {
        let mut after: BTreeSet<CompactString> = before.iter().cloned().collect();
        for (host, by) in &self.hosts {
            let fits = match by {
                0 => true,
                1 => after.insert(host.clone()),
                -1 => after.remove(host),
                _ => false,
            };
            if !fits {
                return None;
            }
        }
        Some(after)
    }
}

/// Counts before and after, of the owners that are touched.
type NewCounts = BTreeMap<Vec<u8>, (Counts, Counts)>;

fn contradiction(key: &[u8]) -> DeltaError {
    DeltaError::Contradiction { owner: text_of_key(key) }
}

/// What the counts of touched owners become.
fn new_counts(before: &Snapshot, touched: &BTreeMap<&[u8], &OwnerDelta>) -> Result<NewCounts, DeltaError> {
    let mut counts: NewCounts = touched.keys().map(|key| (key.to_vec(), Default::default())).collect();
    each_count(before, |key, found| {
        if let Some((before, _)) = counts.get_mut(key) {
            *before = found;
        }
    })?;
    for (key, (before, after)) in &mut counts {
        let Some(change) = touched.get(key.as_slice()) else { continue };
        let sum = |count: u16, by: i32| i32::from(count).checked_add(by).and_then(|sum| u16::try_from(sum).ok());
        match (sum(before.ds, change.ds), sum(before.addresses, change.addresses)) {
            (Some(ds), Some(addresses)) => *after = Counts { ds, addresses },
            _ => return Err(contradiction(key)),
        }
    }
    Ok(counts)
}

fn each_count(snapshot: &Snapshot, mut each: impl FnMut(&[u8], Counts)) -> Result<(), DeltaError> {
    let mut reader = snapshot.counts()?.ok_or(DeltaError::NoCounts)?;
    while let Some((key, counts)) = reader.next_counts()? {
        each(key, counts);
    }
    Ok(())
}

/// The rows and sets that become others.
#[derive(Default)]
struct Plan {
    /// The delegations of touched owners before.
    before: BTreeMap<Vec<u8>, Delegation>,
    /// The set of each touched owner after; 0 if it is no delegation.
    sets_after: BTreeMap<Vec<u8>, u64>,
    /// The sets of these, as they are stored, by their ids.
    sets: BTreeMap<Id, Vec<u8>>,
    /// Whether a set has glue, for new sets and for those of which a host got or lost its addresses.
    glue: BTreeMap<u64, bool>,
}

impl Plan {
    fn of(
        snapshot: &Snapshot,
        apex: &Name,
        touched: &BTreeMap<&[u8], &OwnerDelta>,
        counts: &NewCounts,
    ) -> Result<Plan, DeltaError> {
        let mut plan = Plan::default();
        let apex_key = apex.key();
        let mut rows = snapshot.rows()?;
        while let Some(row) = rows.next_row()? {
            if touched.contains_key(row.key.as_slice()) {
                plan.before.insert(row.key.clone(), row.delegation);
            }
        }
        let turned: BTreeSet<CompactString> = counts
            .iter()
            .filter(|(_, (before, after))| (before.addresses == 0) != (after.addresses == 0))
            .map(|(key, _)| text_of_key(key))
            .collect();
        let mut hosts_before: BTreeMap<u64, Vec<CompactString>> =
            plan.before.values().map(|delegation| (delegation.name_servers, Vec::new())).collect();
        // The hosts of every set whose glue is to be told.
        let mut to_tell: BTreeMap<u64, Vec<CompactString>> = BTreeMap::new();
        let mut sets = snapshot.sets()?;
        while let Some(id) = sets.next_set()? {
            let stored = sets.stored_hosts();
            let known = hosts_before.get_mut(&short(&id));
            let is_turned =
                hosts_of(stored).any(|host| str::from_utf8(host).is_ok_and(|host| turned.contains(host)));
            if known.is_none() && !is_turned {
                continue;
            }
            let hosts = texts(stored);
            if is_turned {
                to_tell.insert(short(&id), hosts.clone());
            }
            if let Some(known) = known {
                *known = hosts;
            }
        }
        for (key, change) in touched {
            if **key == apex_key {
                continue;
            }
            let known = plan.before.get(*key).and_then(|delegation| hosts_before.get(&delegation.name_servers));
            let after = change.after(known.map_or(&[], Vec::as_slice)).ok_or_else(|| contradiction(key))?;
            if after.is_empty() {
                plan.sets_after.insert(key.to_vec(), 0);
                continue;
            }
            let (id, stored) = set_of(after.iter().map(CompactString::as_bytes));
            plan.sets_after.insert(key.to_vec(), short(&id));
            to_tell.insert(short(&id), after.into_iter().collect());
            plan.sets.insert(id, stored);
        }
        plan.glue = glue(snapshot, apex, counts, &to_tell)?;
        Ok(plan)
    }

    /// The delegation of an owner after the change.
    fn after(&self, key: &[u8], before: Option<Delegation>, counts: &NewCounts) -> Option<Delegation> {
        let name_servers = match self.sets_after.get(key) {
            Some(0) => return None,
            Some(set) => *set,
            None => before?.name_servers,
        };
        let mut flags = before.map_or(0, |before| before.flags);
        let mut set = |flag: u8, on: bool| flags = if on { flags | flag } else { flags & !flag };
        if let Some((_, after)) = counts.get(key) {
            set(Delegation::SIGNED, after.ds > 0);
        }
        if let Some(on) = self.glue.get(&name_servers) {
            set(Delegation::GLUE, *on);
        }
        Some(Delegation { name_servers, flags })
    }

    fn write(
        &self,
        before: &Snapshot,
        touched: &BTreeMap<&[u8], &OwnerDelta>,
        counts: &NewCounts,
        serial: u32,
        out: &Path,
    ) -> Result<(Meta, Vec<Update>), DeltaError> {
        let mut file = File::create(out).map_err(io_error("create", out))?;
        let mut meta = Meta { serial: Some(serial), ends_in_soa: true, rows: 0, sets: 0, ..before.meta().clone() };
        let written = |error| SnapshotError::Io { action: "write", path: out.to_owned(), source: error };
        file.write_all(MAGIC).map_err(written)?;
        meta.rows_at = MAGIC.len() as u64;

        // Sets that touched owners had may be of no use any more.
        let left = |key: &Vec<u8>, delegation: &Delegation| {
            self.sets_after.get(key).is_some_and(|set| *set != delegation.name_servers)
        };
        let left = self.before.iter().filter(|(key, delegation)| left(key, delegation));
        let mut unused: BTreeSet<u64> = left.map(|(_, delegation)| delegation.name_servers).collect();

        let mut updates = Vec::new();
        let mut writer = RowWriter::new(BlockWriter::new(file).map_err(written)?);
        let mut put = |key: &[u8], was: Option<Delegation>| {
            let is = self.after(key, was, counts);
            if let Some(is) = is {
                unused.remove(&is.name_servers);
                meta.rows += 1;
                writer.write(key, is).map_err(written)?;
            }
            if was != is {
                updates.push(Update::Delegation(super::Row::key_of(key), was, is));
            }
            Ok::<(), DeltaError>(())
        };
        let mut rows = before.rows()?;
        let mut new = touched.keys().filter(|key| !self.before.contains_key(**key)).peekable();
        while let Some(row) = rows.next_row()? {
            while let Some(key) = new.next_if(|key| **key < row.key.as_slice()) {
                put(key, None)?;
            }
            put(&row.key, Some(row.delegation))?;
        }
        new.try_for_each(|key| put(key, None))?;
        let mut file = writer.finish().map_err(written)?;

        meta.sets_at = file.stream_position().map_err(written)?;
        let (mut file, count, fresh) = self.write_sets(before, file, &unused, out)?;
        meta.sets = count;
        meta.counts_at = Some(file.stream_position().map_err(written)?);
        file = write_counts(before, file, counts, out)?;
        meta.end = file.stream_position().map_err(written)?;
        meta.write(&mut file).map_err(written)?;
        file.sync_all().map_err(written)?;
        updates.splice(0..0, fresh);
        Ok((meta, updates))
    }

    /// Merges new sets among those of the snapshot; gives the new ones as updates.
    fn write_sets(
        &self,
        before: &Snapshot,
        file: File,
        unused: &BTreeSet<u64>,
        out: &Path,
    ) -> Result<(File, u64, Vec<Update>), DeltaError> {
        let written = |error| SnapshotError::Io { action: "write", path: out.to_owned(), source: error };
        let mut blocks = BlockWriter::new(file).map_err(written)?;
        let mut count = 0;
        let mut fresh = Vec::new();
        let mut put = |id: &Id, hosts: &[u8]| {
            count += 1;
            blocks.push(&StoredSet { id: &id.0, hosts }).map_err(written)
        };
        let mut new = self.sets.iter().peekable();
        let mut sets = before.sets()?;
        while let Some(id) = sets.next_set()? {
            while let Some((new_id, hosts)) = new.next_if(|(new_id, _)| **new_id < id) {
                put(new_id, hosts)?;
                fresh.push(Update::NameServers(*new_id, host_names(hosts)));
            }
            new.next_if(|(new_id, _)| **new_id == id);
            if !unused.contains(&short(&id)) {
                put(&id, sets.stored_hosts())?;
            }
        }
        for (new_id, hosts) in new {
            put(new_id, hosts)?;
            fresh.push(Update::NameServers(*new_id, host_names(hosts)));
        }
        Ok((blocks.finish().map_err(written)?, count, fresh))
    }
}

/// Whether each of these sets has a host in the zone that has an address.
fn glue(
    snapshot: &Snapshot,
    apex: &Name,
    counts: &NewCounts,
    sets: &BTreeMap<u64, Vec<CompactString>>,
) -> Result<BTreeMap<u64, bool>, DeltaError> {
    let key_of = |host: &CompactString| {
        let name = Name::parse(host.as_bytes(), Some(&Name::default())).ok()?;
        name.is_at_or_below(apex).then(|| name.key())
    };
    let mut hosts: BTreeMap<Vec<u8>, bool> =
        sets.values().flatten().filter_map(key_of).map(|key| (key, false)).collect();
    each_count(snapshot, |key, counts| {
        if let Some(has) = hosts.get_mut(key) {
            *has = counts.addresses > 0;
        }
    })?;
    for (key, (_, after)) in counts {
        if let Some(has) = hosts.get_mut(key) {
            *has = after.addresses > 0;
        }
    }
    let has = |host: &CompactString| key_of(host).and_then(|key| hosts.get(&key).copied()).unwrap_or(false);
    Ok(sets.iter().map(|(set, of)| (*set, of.iter().any(has))).collect())
}

/// Merges new counts among those of the snapshot.
fn write_counts(before: &Snapshot, file: File, counts: &NewCounts, out: &Path) -> Result<File, DeltaError> {
    let written = |error| SnapshotError::Io { action: "write", path: out.to_owned(), source: error };
    let mut writer = CountsWriter::new(BlockWriter::new(file).map_err(written)?);
    let mut put = |key: &[u8], counts: Counts| {
        if counts.is_empty() { Ok(()) } else { writer.write(key, counts).map_err(written) }
    };
    let mut new = counts.iter().map(|(key, (_, after))| (key.as_slice(), *after)).peekable();
    let mut reader = before.counts()?.ok_or(DeltaError::NoCounts)?;
    while let Some((key, known)) = reader.next_counts()? {
        while let Some((new_key, after)) = new.next_if(|(new_key, _)| *new_key < key) {
            put(new_key, after)?;
        }
        match new.next_if(|(new_key, _)| *new_key == key) {
            Some((_, after)) => put(key, after)?,
            None => put(key, known)?,
        }
    }
    new.try_for_each(|(key, after)| put(key, after))?;
    Ok(writer.finish().map_err(written)?)
}

/// The hosts of a stored set as texts, which are ASCII.
fn texts(stored: &[u8]) -> Vec<CompactString> {
    hosts_of(stored).map(CompactString::from_utf8_lossy).collect()
}
