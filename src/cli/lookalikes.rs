//! `lookalikes`: which names of our zones imitate a name. Reads the copies of the zones that the last run left.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use panopticon_dataflow::lexical::{Context, Variants};
use panopticon_datasets::layout::StateLayout;
use panopticon_sinks::lookalikes::{self, LookalikeRow};
use panopticon_sources::zone::{Registered, Snapshot};

use super::output::Row;
use super::scan::{as_row, protected, rows_of, scan, summary};
use super::{Format, Global, Printer};

/// Which names of our zones imitate a name
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  panopticon lookalikes bank.xx\n  panopticon lookalikes paypal.com --tld xx --all --format csv\n\nThe zones are those that the last `run` read. `panopticon scan` does the same with a file, for many names at once."
)]
pub(crate) struct Lookalikes {
    /// The name, or only its label
    name: String,
    /// Only this TLD
    #[arg(long)]
    tld: Option<String>,
    /// Pairs that a reason speaks against as well, with the reason
    #[arg(long)]
    all: bool,
    /// How to print the rows
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Lookalikes {
    pub(crate) fn run(&self, global: &Global, printer: &Printer) -> anyhow::Result<ExitCode> {
        let config = global.config()?;
        let folder = StateLayout::new(&config.state).zones();
        let only = self.tld.as_deref().map(|tld| tld.trim_matches('.').to_lowercase());
        let zones = config.tlds.iter().filter(|tld| only.as_deref().is_none_or(|only| only == tld.name));
        let apexes: Vec<&str> = zones.flat_map(|tld| &tld.zones).map(|zone| zone.apex.as_str()).collect();
        anyhow::ensure!(!apexes.is_empty(), "no zone is configured here: `panopticon scan` reads a file");
        let protected = protected(std::slice::from_ref(&self.name))?;
        let mut rows: Vec<LookalikeRow> = Vec::new();
        for apex in apexes {
            let newest = newest(&folder, apex).with_context(|| format!("cannot read `{}`", folder.display()))?;
            let Some(newest) = newest else {
                printer.warning(&format!("the zone of .{apex} was not read yet: `panopticon run --once` does"));
                continue;
            };
            let Some(names) = Registered::new(Snapshot::open(newest)?, Some(apex))? else { continue };
            let mut scan = scan(&protected, apex, Variants::default())?;
            let counted = names.each(&mut |domain| scan.look(domain.name, domain.label, domain.name_servers))?;
            let found = scan.judge(|_| Context::default());
            let listed = found.iter().filter(|pair| self.all || !pair.is_held_back());
            rows.extend(listed.flat_map(rows_of));
            printer.remark(&summary(&found, counted.domains, apex, protected.names().len(), self.all));
        }
        let rows = rows.iter().map(as_row).collect::<Result<Vec<Row>, _>>()?;
        printer.rows(self.format, &lookalikes::COLUMNS.map(str::to_owned), &rows)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The newest copy of a zone.
fn newest(folder: &Path, apex: &str) -> std::io::Result<Option<PathBuf>> {
    let mut newest = None;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let digest =
            name.to_str().and_then(|name| name.strip_prefix(apex)?.strip_prefix('-')?.strip_suffix(".snap"));
        if digest.is_some_and(|digest| !digest.contains(['-', '.'])) {
            newest = newest.max(Some((entry.metadata()?.modified()?, entry.path())));
        }
    }
    Ok(newest.map(|(_, path)| path))
}
