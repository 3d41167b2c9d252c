//! The names of a scan: those that a zone delegates, or those of a list.

use std::fs::File;
use std::io::BufRead as _;
use std::path::Path;

use anyhow::Context as _;
use panopticon_dataflow::lexical::Variants;
use panopticon_sources::capped::{self, Caps};
use panopticon_sources::lgr;
use panopticon_sources::zone::Registered;
use tempfile::TempDir;

use super::super::Printer;
use super::super::zone::{CAPS, snapshot};

/// Opens a master file or a list of names, by what its first lines look like.
pub(super) fn open(
    file: &Path,
    tld: Option<&str>,
    folder: &TempDir,
    printer: &Printer,
) -> anyhow::Result<Registered> {
    let is_list = is_list(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    let tld = tld.map(|tld| tld.trim_matches('.').to_lowercase());
    let snapshot = snapshot(file, tld.as_deref(), is_list, folder, printer)?;
    Registered::new(snapshot, tld.as_deref())?.context("the names have no TLD: say it with `--tld`")
}

/// Whether the first lines hold one word each, and no directive of a master file.
fn is_list(file: &Path) -> std::io::Result<bool> {
    let mut input = capped::open(File::open(file)?, CAPS, None)?;
    let head = String::from_utf8_lossy(input.fill_buf()?).into_owned();
    let mut lines = head.lines().take(20).filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    Ok(lines.all(|line| !line.starts_with(['$', ';']) && line.split_whitespace().count() == 1))
}

/// The variants of a TLD's own table.
pub(super) fn variants(file: &Path) -> anyhow::Result<Variants> {
    let shown = || format!("cannot read `{}`", file.display());
    let input = File::open(file).and_then(|file| capped::open(file, Caps::default(), None)).with_context(shown)?;
    let pairs = lgr::variants(input).with_context(|| format!("`{}`", file.display()))?;
    Ok(Variants::new(pairs))
}
