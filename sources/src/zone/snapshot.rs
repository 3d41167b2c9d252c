//! Snapshots: what a zone delegates, sorted, in one compact file.
//!
//! ```text
//! magic, version
//! rows     zstd frame: owner (its sort key, less what it shares with the one before), set, flags
//! sets     zstd frame: id of a set of name servers, its hosts; by id
//! counts   zstd frame: owner, DS and address records of it; for transfers of increments
//! meta     postcard: counts, serial, where the frames begin; then its length in four octets
//! ```
//!
//! Rows are in canonical order (RFC 4034 6.1), so that two snapshots are compared in one pass.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use compact_str::CompactString;
use panopticon_model::id::Id;
use panopticon_model::name::HostName;
use panopticon_model::update::{Delegation, DelegationKey};
use serde::{Deserialize, Serialize};

use super::blocks::{BlockReader, MAGIC, MAGIC_V1, StoredCounts, StoredRow, StoredSet, damaged};
use super::write::{Counts, hosts_of, short};
use super::{Options, ZoneError, text_of_key};

/// How to build a snapshot.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How to read the zone.
    pub options: Options,
    /// The most memory for sorting, in bytes; a zone takes some 45 bytes a delegation, and no more than it needs. Default
    /// 768 MiB, for zones of 10,000,000 names; what is larger spills.
    pub memory: usize,
    /// The folder for what does not fit; the files have no name and go away by themselves.
    pub spill: PathBuf,
}

impl Settings {
    /// The defaults, spilling to `spill`.
    #[must_use]
    pub fn new(spill: impl Into<PathBuf>) -> Settings {
        Settings { options: Options::default(), memory: 768 << 20, spill: spill.into() }
    }
}

/// A snapshot that could not be built or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// The zone cannot be read. The last good snapshot stays.
    #[error("the zone cannot be read")]
    Zone(#[from] ZoneError),
    /// The file system refuses. Check space and owner of the folder.
    #[error("cannot {action} `{path}`")]
    Io {
        /// What was tried.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// Not a snapshot of this version. Remove it: the next load then counts as the first.
    #[error(
        "`{path}` is no snapshot that this version can read; remove it, and the next load counts as the first"
    )]
    Format {
        /// Which.
        path: PathBuf,
    },
}

pub(super) fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> SnapshotError {
    let path = path.to_owned();
    move |source| SnapshotError::Io { action, path, source }
}

/// What a snapshot was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// A zone file.
    Zone,
    /// A list of names.
    Names,
}

/// What is known of a snapshot as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// What it was made from.
    pub kind: Kind,
    /// The apex: the owner of the SOA record. None without one.
    pub apex: Option<CompactString>,
    /// The serial of the SOA record.
    pub serial: Option<u32>,
    /// Whether the SOA record stands at the end once more, as in the files of CZDS: nothing was cut off.
    pub ends_in_soa: bool,
    /// Delegations.
    pub rows: u64,
    /// Distinct sets of name servers.
    pub sets: u64,
    /// Delegated names that are not below the apex; they are left out.
    pub out_of_zone: u64,
    /// Records of types that say nothing of delegations; of a list, names out of scope.
    pub skipped: u64,
    pub(super) rows_at: u64,
    pub(super) sets_at: u64,
    /// None in a snapshot of the first version.
    pub(super) counts_at: Option<u64>,
    pub(super) end: u64,
}

/// [`Meta`] as the first version wrote it: whoever has such a snapshot keeps it until the zone is read anew.
#[derive(Deserialize)]
struct MetaV1 {
    kind: Kind,
    apex: Option<CompactString>,
    serial: Option<u32>,
    ends_in_soa: bool,
    rows: u64,
    sets: u64,
    out_of_zone: u64,
    skipped: u64,
    rows_at: u64,
    sets_at: u64,
    end: u64,
}

impl From<MetaV1> for Meta {
    fn from(old: MetaV1) -> Meta {
        let MetaV1 { kind, apex, serial, ends_in_soa, rows, sets, out_of_zone, skipped, rows_at, sets_at, end } =
            old;
        Meta {
            kind,
            apex,
            serial,
            ends_in_soa,
            rows,
            sets,
            out_of_zone,
            skipped,
            rows_at,
            sets_at,
            counts_at: None,
            end,
        }
    }
}

/// Longer than any meta.
const MAX_META: u32 = 4096;

impl Meta {
    pub(super) fn empty(kind: Kind) -> Meta {
        Meta {
            kind,
            apex: None,
            serial: None,
            ends_in_soa: false,
            rows: 0,
            sets: 0,
            out_of_zone: 0,
            skipped: 0,
            rows_at: 0,
            sets_at: 0,
            counts_at: None,
            end: 0,
        }
    }

    pub(super) fn write(&self, file: &mut File) -> io::Result<()> {
        let bytes = postcard::to_stdvec(self).map_err(damaged)?;
        file.write_all(&bytes)?;
        file.write_all(&u32::try_from(bytes.len()).map_err(damaged)?.to_le_bytes())
    }

    fn read(file: &mut File) -> io::Result<Meta> {
        let mut magic = [0; MAGIC.len()];
        file.read_exact(&mut magic)?;
        let at = file.seek(SeekFrom::End(-4))?;
        let mut length = [0; 4];
        file.read_exact(&mut length)?;
        let length = u32::from_le_bytes(length);
        let from = at.checked_sub(u64::from(length));
        let is_known = magic == *MAGIC || magic == *MAGIC_V1;
        let Some(from) = from.filter(|_| is_known && length <= MAX_META) else {
            return Err(damaged("another format"));
        };
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = vec![0; length as usize];
        file.read_exact(&mut bytes)?;
        if magic == *MAGIC_V1 {
            return postcard::from_bytes::<MetaV1>(&bytes).map(Meta::from).map_err(damaged);
        }
        postcard::from_bytes(&bytes).map_err(damaged)
    }
}

/// A snapshot on disk.
#[derive(Clone, Debug)]
pub struct Snapshot {
    path: PathBuf,
    meta: Meta,
}

impl Snapshot {
    /// Opens the snapshot in `path`.
    ///
    /// # Errors
    /// [`SnapshotError::Io`], [`SnapshotError::Format`].
    pub fn open(path: impl Into<PathBuf>) -> Result<Snapshot, SnapshotError> {
        let path = path.into();
        let mut file = File::open(&path).map_err(io_error("open", &path))?;
        match Meta::read(&mut file) {
            Ok(meta) => Ok(Snapshot { path, meta }),
            Err(_) => Err(SnapshotError::Format { path }),
        }
    }

    /// What is known of it as a whole.
    #[must_use]
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// Its rows, in canonical order of their owners.
    ///
    /// # Errors
    /// [`SnapshotError::Io`].
    pub fn rows(&self) -> Result<Rows, SnapshotError> {
        let blocks = self.blocks(self.meta.rows_at, self.meta.sets_at)?;
        let row = Row { key: Vec::new(), delegation: Delegation { name_servers: 0, flags: 0 } };
        Ok(Rows { blocks, row, path: self.path.clone() })
    }

    /// Its sets of name servers, by their ids.
    ///
    /// # Errors
    /// [`SnapshotError::Io`].
    pub fn sets(&self) -> Result<Sets, SnapshotError> {
        let blocks = self.blocks(self.meta.sets_at, self.meta.counts_at.unwrap_or(self.meta.end))?;
        Ok(Sets { blocks, id: Id([0; 16]), hosts: Vec::new(), path: self.path.clone() })
    }

    /// The hosts of these sets, by what delegations say of them.
    ///
    /// # Errors
    /// [`SnapshotError::Io`].
    pub fn hosts_of(&self, wanted: &BTreeSet<u64>) -> Result<BTreeMap<u64, Vec<HostName>>, SnapshotError> {
        let mut found = BTreeMap::new();
        let mut sets = self.sets()?;
        while let Some(id) = sets.next_set()? {
            if wanted.contains(&short(&id)) {
                found.insert(short(&id), sets.hosts());
            }
        }
        Ok(found)
    }

    /// Its counts, in canonical order of their owners; none in a snapshot of the first version.
    pub(super) fn counts(&self) -> Result<Option<CountsReader>, SnapshotError> {
        let Some(counts_at) = self.meta.counts_at else { return Ok(None) };
        let blocks = self.blocks(counts_at, self.meta.end)?;
        Ok(Some(CountsReader { blocks, key: Vec::new(), path: self.path.clone() }))
    }

    fn blocks(&self, from: u64, to: u64) -> Result<BlockReader, SnapshotError> {
        let file = File::open(&self.path).map_err(io_error("open", &self.path))?;
        BlockReader::new(file, from, to).map_err(io_error("read", &self.path))
    }
}

/// A delegation in a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The sort key of the owner.
    pub key: Vec<u8>,
    /// What the zone says of it.
    pub delegation: Delegation,
}

impl Row {
    /// The owner as text: the key of the delegation in updates.
    #[must_use]
    pub fn owner(&self) -> DelegationKey {
        Row::key_of(&self.key)
    }

    pub(super) fn key_of(key: &[u8]) -> DelegationKey {
        DelegationKey { owner: text_of_key(key) }
    }
}

/// Reads the rows of a snapshot.
pub struct Rows {
    blocks: BlockReader,
    row: Row,
    path: PathBuf,
}

impl Rows {
    /// The next row, valid until the one after it is read; none at the end.
    ///
    /// # Errors
    /// [`SnapshotError::Io`] if the disk fails or the snapshot is damaged.
    pub fn next_row(&mut self) -> Result<Option<&Row>, SnapshotError> {
        let Some(stored) = self.blocks.next::<StoredRow<'_>>().map_err(io_error("read", &self.path))? else {
            return Ok(None);
        };
        self.row.key.truncate(usize::from(stored.shared));
        self.row.key.extend_from_slice(stored.rest);
        self.row.delegation =
            Delegation { name_servers: u64::from_le_bytes(stored.name_servers), flags: stored.flags };
        Ok(Some(&self.row))
    }
}

/// Reads the sets of a snapshot.
pub struct Sets {
    blocks: BlockReader,
    id: Id,
    hosts: Vec<u8>,
    path: PathBuf,
}

impl Sets {
    /// The id of the next set; none at the end.
    ///
    /// # Errors
    /// [`SnapshotError::Io`] if the disk fails or the snapshot is damaged.
    pub fn next_set(&mut self) -> Result<Option<Id>, SnapshotError> {
        let Some(stored) = self.blocks.next::<StoredSet<'_>>().map_err(io_error("read", &self.path))? else {
            return Ok(None);
        };
        let id = stored.id.try_into().map_err(|_| SnapshotError::Format { path: self.path.clone() })?;
        self.id = Id(id);
        self.hosts.clear();
        self.hosts.extend_from_slice(stored.hosts);
        Ok(Some(self.id))
    }

    /// The hosts of the set as they are stored.
    pub(super) fn stored_hosts(&self) -> &[u8] {
        &self.hosts
    }

    /// The hosts of the set. A name server that is no host name counts in the id and is left out here.
    #[must_use]
    pub fn hosts(&self) -> Vec<HostName> {
        host_names(&self.hosts)
    }
}

/// The host names among the hosts of a stored set.
pub(super) fn host_names(stored: &[u8]) -> Vec<HostName> {
    hosts_of(stored)
        .filter_map(|host| std::str::from_utf8(host).ok().and_then(|host| HostName::parse(host).ok()))
        .collect()
}

/// Reads the counts of a snapshot.
pub(super) struct CountsReader {
    blocks: BlockReader,
    key: Vec<u8>,
    path: PathBuf,
}

impl CountsReader {
    /// The next owner by its sort key, and how many records it has; none at the end.
    pub(super) fn next_counts(&mut self) -> Result<Option<(&[u8], Counts)>, SnapshotError> {
        let Some(stored) = self.blocks.next::<StoredCounts<'_>>().map_err(io_error("read", &self.path))? else {
            return Ok(None);
        };
        self.key.truncate(usize::from(stored.shared));
        self.key.extend_from_slice(stored.rest);
        Ok(Some((&self.key, Counts { ds: stored.ds, addresses: stored.addresses })))
    }
}
