//! The names of a scan: those that a zone delegates, or those of a list.

use std::fs::File;
use std::io::BufRead as _;
use std::path::Path;

use anyhow::Context as _;
use compact_str::{CompactString, format_compact};
use panopticon_model::name::{HostName, SuffixList};
use panopticon_model::update::Delegation;
use panopticon_sources::capped;
use panopticon_sources::zone::Snapshot;
use tempfile::TempDir;

use super::super::Printer;
use super::super::zone::{CAPS, snapshot};

/// The registered names of a zone.
pub(crate) struct Names {
    snapshot: Snapshot,
    tld: CompactString,
    suffixes: SuffixList,
}

/// What came of reading them.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// Registered names.
    pub(crate) names: u64,
    /// What a person should know.
    pub(crate) remarks: Vec<String>,
}

/// Opens a master file or a list of names, by what its first lines look like.
pub(super) fn open(file: &Path, tld: Option<&str>, folder: &TempDir, printer: &Printer) -> anyhow::Result<Names> {
    let is_list = is_list(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    let tld = tld.map(|tld| tld.trim_matches('.').to_lowercase());
    let snapshot = snapshot(file, tld.as_deref(), is_list, folder, printer)?;
    Names::of(snapshot, tld.as_deref())
}

/// Whether the first lines hold one word each, and no directive of a master file.
fn is_list(file: &Path) -> std::io::Result<bool> {
    let mut input = capped::open(File::open(file)?, CAPS, None)?;
    let head = String::from_utf8_lossy(input.fill_buf()?).into_owned();
    let lines = head.lines().take(20).filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    Ok(lines.into_iter().all(|line| !line.starts_with(['$', ';']) && line.split_whitespace().count() == 1))
}

impl Names {
    /// The names of a snapshot. A list says its TLD by its names, unless they have none.
    pub(crate) fn of(snapshot: Snapshot, tld: Option<&str>) -> anyhow::Result<Names> {
        let tld = match (tld, &snapshot.meta().apex) {
            (Some(tld), _) => HostName::parse(tld)?.as_str().into(),
            (None, Some(apex)) => apex.as_str().into(),
            (None, None) => first_tld(&snapshot)?.context("the names have no TLD: say it with `--tld`")?,
        };
        Ok(Names { snapshot, tld, suffixes: SuffixList::built_in() })
    }

    /// The TLD or zone of the names.
    pub(crate) fn tld(&self) -> &str {
        &self.tld
    }

    /// How many rows there are.
    pub(crate) fn count(&self) -> u64 {
        self.snapshot.meta().rows
    }

    /// Shows each registered name once: the name, its label before the public suffix, the id of its set of name servers.
    pub(crate) fn each(&self, visit: &mut dyn FnMut(&str, &str, Option<u64>)) -> anyhow::Result<Read> {
        let mut rows = self.snapshot.rows()?;
        let (mut read, mut elsewhere) = (Read::default(), 0_u64);
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
                elsewhere += 1;
                continue;
            };
            let Some((name, label)) = self.registered(relative, &full) else { continue };
            if name == last {
                continue;
            }
            read.names += 1;
            let servers = row.delegation.flags & Delegation::NAME_ONLY == 0;
            visit(name, label, servers.then_some(row.delegation.name_servers));
            last = name.into();
        }
        if elsewhere > 0 {
            read.remarks.push(format!("{elsewhere} names are not of .{} and were passed over", self.tld));
        }
        Ok(read)
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

/// The last label of the first name that has more than one.
fn first_tld(snapshot: &Snapshot) -> anyhow::Result<Option<CompactString>> {
    let mut rows = snapshot.rows()?;
    while let Some(row) = rows.next_row()? {
        if let Some((_, tld)) = row.owner().owner.rsplit_once('.') {
            return Ok(Some(tld.into()));
        }
    }
    Ok(None)
}
