//! `replay`: past days, published again from the log.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use panopticon_model::time::Day;

use super::{Global, Printer};
use crate::wire::rebuild;

/// Publish past days again, from the log, and compare them with what was published
///
/// Lets the log pass from the base tables before the first day (or from its first epoch, where there are none), and writes
/// what the publications of those days wrote into a folder of its own: views, changes, and records.sql of each day. Only
/// days that are over are written. Each file is then compared with the published one, octet by octet; a file that differs,
/// or is not there, is named, and the exit code is 4. Nothing of the state and of the output is changed, and a `run` may go
/// on meanwhile.
#[derive(Debug, Args)]
#[command(after_long_help = "Example:\n  panopticon replay --from 2025-03-01 --to 2025-03-04 --output again")]
pub(crate) struct Replay {
    /// The first day
    #[arg(long, value_name = "DAY")]
    from: Day,
    /// The last day
    #[arg(long, value_name = "DAY")]
    to: Day,
    /// Where the files go: a folder that is empty, or not there
    #[arg(long, value_name = "FOLDER")]
    output: PathBuf,
}

impl Replay {
    pub(crate) fn run(&self, global: &Global, printer: &Printer) -> anyhow::Result<ExitCode> {
        let Replay { from, to, output } = self;
        anyhow::ensure!(from <= to, "`--from` {from} is after `--to` {to}");
        let is_used = std::fs::read_dir(output).is_ok_and(|mut entries| entries.next().is_some());
        anyhow::ensure!(!is_used, "`{}` is not empty: name another folder", output.display());
        let config = global.config()?;
        let days = rebuild(&config, *from..=*to, output)?;
        let (Some(first), Some(last)) = (days.first(), days.last()) else {
            anyhow::bail!("no day from {from} to {to} was closed: the log holds none of them");
        };
        let mut files = Vec::new();
        files_of(output, Path::new(""), &mut files)
            .with_context(|| format!("cannot read `{}`", output.display()))?;
        // Files without a day are those of the last day that was published, and not of these.
        files.retain(|file| is_dated(file));
        let same = |file: &&PathBuf| {
            let read = |folder: &Path| std::fs::read(folder.join(file)).ok();
            read(output).is_some_and(|again| read(&config.output) == Some(again))
        };
        let (same, others): (Vec<&PathBuf>, Vec<&PathBuf>) = files.iter().partition(same);
        for file in &others {
            let there = config.output.join(file).exists();
            let how =
                if there { "differs from what was published" } else { "is no longer among what was published" };
            printer.warning(&format!("{} {how}", file.display()));
        }
        printer.remark(&format!(
            "{} days, {first} to {last}: {} files, {} as they were published, to the octet",
            days.len(),
            files.len(),
            same.len()
        ));
        Ok(if others.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(4) })
    }
}

/// Whether a file is of one day: its name or its folder says so.
fn is_dated(file: &Path) -> bool {
    let parts = file.iter().filter_map(|part| part.to_str());
    let mut days = parts.map(|part| part.trim_start_matches("date=").trim_start_matches("records-"));
    days.any(|part| part.split('.').next().is_some_and(|day| day.parse::<Day>().is_ok()))
}

/// The files below a folder, as seen from it, in order.
fn files_of(folder: &Path, below: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries = std::fs::read_dir(folder.join(below))?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_unstable_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = below.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            files_of(folder, &path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}
