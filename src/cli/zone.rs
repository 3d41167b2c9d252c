//! `zone check|diff|stats`: a zone file by itself, without configuration or state.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use compact_str::CompactString;
use panopticon_model::name::HostName;
use panopticon_model::update::{Delegation, Update};
use panopticon_sources::capped::{self, Caps};
use panopticon_sources::zone::{
    Diff, Guard, Name, Options, Settings, Snapshot, SnapshotError, Stats, from_names, from_zone,
};
use serde_json::Value;
use tempfile::TempDir;

use super::output::Row;
use super::{Format, Printer};

/// Check, compare and count zone files
#[derive(Debug, Subcommand)]
pub(crate) enum Zone {
    /// Read zone files to their ends; 4 if one has a fault or would be held back
    ///
    /// A zone is a master file (RFC 1035), or with `--names` a list of names, one a line; plain, gzip or zstd. One row a
    /// file, with the first thing that is wrong in it. `$INCLUDE` may read what lies in the folder of the file.
    Check(Check),
    /// Which delegations came, went or changed from one zone file to another
    ///
    /// In canonical order of the names. Case, order and times to live do not matter. Of a change, what came and what went
    /// of its name servers, and whether the name is signed (has DS records) and has glue now.
    Diff(DiffOf),
    /// What a zone delegates, in numbers, and to whom
    Stats(StatsOf),
}

/// How a file is read.
#[derive(Debug, Args)]
struct How {
    /// The name of the zone, if the file does not begin with absolute names or `$ORIGIN`
    #[arg(long, value_name = "NAME")]
    apex: Option<String>,
    /// The files are lists of names, one a line
    #[arg(long)]
    names: bool,
    /// How to print the rows
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Read zone files to their ends
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  panopticon zone check xx.zone\n  panopticon zone check --final-soa org.zone.gz\n  panopticon zone check --after yesterday.zone --max-shrink 5 today.zone"
)]
pub(crate) struct Check {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    how: How,
    /// The SOA record has to stand at the end once more, as in the files of CZDS
    #[arg(long)]
    final_soa: bool,
    /// The zone before: what would be held back after it is told
    #[arg(long, value_name = "FILE")]
    after: Option<PathBuf>,
    /// By how many per cent a zone may shrink, with `--after`
    #[arg(long, value_name = "PER CENT", default_value_t = 20, requires = "after")]
    max_shrink: u8,
}

/// Which delegations came, went or changed
#[derive(Debug, Args)]
#[command(after_long_help = "Example:\n  panopticon zone diff --format csv yesterday.zone today.zone.gz")]
pub(crate) struct DiffOf {
    /// The zone before
    before: PathBuf,
    /// The zone after
    after: PathBuf,
    #[command(flatten)]
    how: How,
}

/// What a zone delegates, in numbers
#[derive(Debug, Args)]
#[command(after_long_help = "Example:\n  panopticon zone stats xx.zone.zst")]
pub(crate) struct StatsOf {
    /// The zone
    file: PathBuf,
    #[command(flatten)]
    how: How,
}

impl Zone {
    pub(crate) fn run(&self, printer: &Printer) -> anyhow::Result<ExitCode> {
        match self {
            Zone::Check(command) => command.run(printer),
            Zone::Diff(command) => command.run(printer),
            Zone::Stats(command) => command.run(printer),
        }
    }
}

/// Whoever names a file means all of it; this is only against what never ends.
pub(super) const CAPS: Caps = Caps { max_bytes: 1 << 40, max_decoded_bytes: 1 << 42 };

impl How {
    fn read(&self, file: &Path, folder: &TempDir, printer: &Printer) -> anyhow::Result<Snapshot> {
        snapshot(file, self.apex.as_deref(), self.names, folder, printer)
    }
}

/// Reads a file into a snapshot in `folder`. A list with a faulty line is read as well; the line is told.
pub(super) fn snapshot(
    file: &Path,
    apex: Option<&str>,
    is_list: bool,
    folder: &TempDir,
    printer: &Printer,
) -> anyhow::Result<Snapshot> {
    let out = folder.path().join(format!("{}", blake3::hash(file.as_os_str().as_encoded_bytes()).to_hex()));
    let mut settings = Settings::new(folder.path());
    let input = File::open(file)
        .and_then(|file| capped::open_ahead(file, CAPS))
        .with_context(|| format!("cannot read `{}`", file.display()))?;
    if is_list {
        let (_, faults) = from_names(input, |_| true, &settings, &out)?;
        for fault in faults.first.iter().take(3) {
            printer.warning(&format!("`{}`, line {}: {}", file.display(), fault.line_number, fault.message));
        }
        if faults.count > 3 {
            printer.warning(&format!("`{}`: {} lines are no names", file.display(), faults.count));
        }
    } else {
        let apex = apex.map(|apex| Name::parse(apex.as_bytes(), Some(&Name::default())));
        let origin = apex.transpose().map_err(|fault| anyhow::anyhow!("the apex is no name: {fault}"))?;
        settings.options = Options::of_file(file, origin);
        from_zone(input, &settings, &out)?;
    }
    Ok(Snapshot::open(out)?)
}

impl Check {
    fn run(&self, printer: &Printer) -> anyhow::Result<ExitCode> {
        let folder = tempfile::tempdir()?;
        let before = self.after.as_deref().map(|file| self.how.read(file, &folder, printer)).transpose()?;
        let guard = Guard {
            max_shrink_percent: self.max_shrink.min(100),
            needs_final_soa: self.final_soa,
            ..Guard::default()
        };
        let mut is_sound = true;
        let mut rows = Vec::new();
        for file in &self.files {
            let read = self.how.read(file, &folder, printer);
            let fault = match &read {
                Err(error) => Some(innermost(error)),
                Ok(snapshot) => guard
                    .check(before.as_ref().map(Snapshot::meta), snapshot.meta())
                    .err()
                    .map(|held| format!("held back: {held}")),
            };
            is_sound &= fault.is_none();
            let meta = read.as_ref().ok().map(Snapshot::meta);
            rows.push(row([
                ("file", file.display().to_string().into()),
                ("apex", meta.and_then(|meta| meta.apex.as_deref()).into()),
                ("serial", meta.and_then(|meta| meta.serial).into()),
                ("delegations", meta.map(|meta| meta.rows).into()),
                ("out_of_zone", meta.map(|meta| meta.out_of_zone).into()),
                ("passed_over", meta.map(|meta| meta.skipped).into()),
                ("final_soa", meta.map(|meta| meta.ends_in_soa).into()),
                ("fault", fault.into()),
            ]));
        }
        let columns =
            ["file", "apex", "serial", "delegations", "out_of_zone", "passed_over", "final_soa", "fault"];
        printer.rows(self.how.format, &columns.map(str::to_owned), &rows)?;
        Ok(if is_sound { ExitCode::SUCCESS } else { ExitCode::from(4) })
    }
}

/// The cause of all: where a file is wrong and how.
fn innermost(error: &anyhow::Error) -> String {
    let said: Vec<String> =
        error.chain().skip(usize::from(error.chain().count() > 1)).map(ToString::to_string).collect();
    said.join(": ")
}

type Hosts = BTreeMap<u64, Vec<HostName>>;
/// A name, and its delegation before and after.
type Change = (CompactString, Option<Delegation>, Option<Delegation>);

impl DiffOf {
    fn run(&self, printer: &Printer) -> anyhow::Result<ExitCode> {
        let folder = tempfile::tempdir()?;
        let before = self.how.read(&self.before, &folder, printer)?;
        let after = self.how.read(&self.after, &folder, printer)?;
        if let Err(held) = Guard::default().check(Some(before.meta()), after.meta()) {
            printer.warning(&format!("`run` would hold this back: {held}"));
        }
        let changes = Diff::between(Some(&before), Some(&after))?.filter_map(|update| match update {
            Ok(Update::Delegation(key, from, to)) => Some(Ok((key.owner, from, to))),
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        });
        let changes: Vec<Change> = changes.collect::<Result<_, SnapshotError>>()?;
        let sets = |side: fn(&Change) -> Option<Delegation>| -> BTreeSet<u64> {
            changes.iter().filter_map(side).map(|delegation| delegation.name_servers).collect()
        };
        let old_hosts = before.hosts_of(&sets(|(_, from, _)| *from))?;
        let new_hosts = after.hosts_of(&sets(|(_, _, to)| *to))?;
        let hosts = |of: &Hosts, is: Option<Delegation>| -> BTreeSet<HostName> {
            is.and_then(|is| of.get(&is.name_servers)).into_iter().flatten().cloned().collect()
        };
        let rows: Vec<Row> = changes
            .iter()
            .map(|(owner, from, to)| {
                let (old, new) = (hosts(&old_hosts, *from), hosts(&new_hosts, *to));
                let texts = |some: std::collections::btree_set::Difference<'_, HostName>| -> Value {
                    some.map(|host| Value::from(host.as_str())).collect::<Vec<_>>().into()
                };
                let has = |flag: u8| to.map(|to| to.flags & flag != 0);
                row([
                    ("change", change(*from, *to).into()),
                    ("name", owner.as_str().into()),
                    ("name_servers_added", texts(new.difference(&old))),
                    ("name_servers_removed", texts(old.difference(&new))),
                    ("signed", has(Delegation::SIGNED).into()),
                    ("glue", has(Delegation::GLUE).into()),
                ])
            })
            .collect();
        let columns = ["change", "name", "name_servers_added", "name_servers_removed", "signed", "glue"];
        printer.rows(self.how.format, &columns.map(str::to_owned), &rows)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn change(from: Option<Delegation>, to: Option<Delegation>) -> &'static str {
    match (from, to) {
        (None, _) => "added",
        (_, None) => "removed",
        _ => "changed",
    }
}

impl StatsOf {
    fn run(&self, printer: &Printer) -> anyhow::Result<ExitCode> {
        let folder = tempfile::tempdir()?;
        let snapshot = self.how.read(&self.file, &folder, printer)?;
        let stats = Stats::of(&snapshot)?;
        let meta = snapshot.meta();
        let number = |measure: &str, value: u64| {
            row([("measure", measure.into()), ("of", Value::Null), ("value", value.into())])
        };
        let mut rows = vec![
            number("delegations", stats.delegations),
            number("signed", stats.signed),
            number("with glue", stats.with_glue),
            number("internationalised", stats.internationalised),
            number("more than one label below the apex", stats.deeper),
            number("sets of name servers", meta.sets),
            number("out of zone", meta.out_of_zone),
            number("records passed over", meta.skipped),
        ];
        rows.extend(stats.largest.iter().map(|(hosts, names)| {
            let hosts: Vec<&str> = hosts.iter().map(HostName::as_str).collect();
            row([("measure", "names at".into()), ("of", hosts.join(" ").into()), ("value", (*names).into())])
        }));
        printer.rows(self.how.format, &["measure", "of", "value"].map(str::to_owned), &rows)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn row<const N: usize>(values: [(&str, Value); N]) -> Row {
    values.into_iter().map(|(column, value)| (column.to_owned(), value)).collect()
}
