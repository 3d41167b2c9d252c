//! The registered domains of a snapshot, one after the other.

use compact_str::{CompactString, format_compact};
use panopticon_model::name::{HostName, SuffixList};
use panopticon_model::update::Delegation;

use super::snapshot::{Snapshot, SnapshotError};

/// The registered domains of a zone, or of a list of names.
pub struct Registered {
    snapshot: Snapshot,
    tld: CompactString,
    suffixes: SuffixList,
}

/// A registered domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Domain<'a> {
    /// Its name, lower-case, as A-labels.
    pub name: &'a str,
    /// Its label before the public suffix.
    pub label: &'a str,
    /// The id of its set of name servers; none of a name in a list.
    pub name_servers: Option<u64>,
}

/// How many names were looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Registered domains.
    pub domains: u64,
    /// Names of a list that are under another TLD.
    pub elsewhere: u64,
}

impl Registered {
    /// The domains of a snapshot. `tld` is the TLD of a list whose names leave it out; otherwise the apex of the zone, or
    /// the TLD of the first name of a list that has one. None when nothing says the TLD.
    ///
    /// # Errors
    /// [`SnapshotError`] when the snapshot cannot be read.
    pub fn new(snapshot: Snapshot, tld: Option<&str>) -> Result<Option<Registered>, SnapshotError> {
        let said =
            tld.map(CompactString::from).or_else(|| snapshot.meta().apex.as_deref().map(CompactString::from));
        let tld = match said {
            Some(tld) => Some(tld),
            None => first_tld(&snapshot)?,
        };
        Ok(tld.map(|tld| Registered { snapshot, tld, suffixes: SuffixList::built_in() }))
    }

    /// The TLD or zone.
    #[must_use]
    pub fn tld(&self) -> &str {
        &self.tld
    }

    /// How many names the snapshot has.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.snapshot.meta().rows
    }

    /// Shows each registered domain once.
    ///
    /// # Errors
    /// [`SnapshotError`] when the snapshot cannot be read.
    pub fn each(&self, visit: &mut dyn FnMut(Domain<'_>)) -> Result<Counted, SnapshotError> {
        let mut rows = self.snapshot.rows()?;
        let mut counted = Counted::default();
        let mut last = CompactString::default();
        while let Some(row) = rows.next_row()? {
            let owner = row.owner().owner;
            // A list may leave out the TLD.
            let full = match owner.contains('.') {
                true => owner,
                false => format_compact!("{owner}.{}", self.tld),
            };
            let Some(relative) = full.strip_suffix(self.tld.as_str()).and_then(|rest| rest.strip_suffix('.'))
            else {
                counted.elsewhere += 1;
                continue;
            };
            let Some((name, label)) = self.registered(relative, &full) else { continue };
            if name == last {
                continue;
            }
            counted.domains += 1;
            let is_delegated = row.delegation.flags & Delegation::NAME_ONLY == 0;
            let name_servers = is_delegated.then_some(row.delegation.name_servers);
            visit(Domain { name, label, name_servers });
            last = name.into();
        }
        Ok(counted)
    }

    /// The registered domain at or above a name, and its label. None for a public suffix.
    fn registered<'a>(&self, relative: &'a str, full: &'a str) -> Option<(&'a str, &'a str)> {
        if !relative.contains('.') {
            return Some((full, relative));
        }
        let host = HostName::parse(full).ok()?;
        let suffix = self.suffixes.icann_suffix(&host).unwrap_or(&self.tld);
        let rest = full.strip_suffix(suffix)?.strip_suffix('.')?;
        let label = rest.rsplit('.').next()?;
        Some((full.get(rest.len() - label.len()..)?, label))
    }
}

/// The TLD of the first name that has one.
fn first_tld(snapshot: &Snapshot) -> Result<Option<CompactString>, SnapshotError> {
    let mut rows = snapshot.rows()?;
    while let Some(row) = rows.next_row()? {
        if let Some((_, tld)) = row.owner().owner.rsplit_once('.') {
            return Ok(Some(tld.into()));
        }
    }
    Ok(None)
}
