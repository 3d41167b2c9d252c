//! The same views, computed from scratch by DuckDB and Polars: inputs and outputs go through CSV files.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};
use panopticon_model::sighting::{Sighting, SightingKey};
use panopticon_model::time::Epoch;
use panopticon_model::update::Change;
use panopticon_model::view::{CaseRow, EpochDiffs};
use serde::Deserialize;

/// What the peers are told, as files in a folder.
pub struct Exchange {
    folder: PathBuf,
}

/// What a peer took for a set of changes.
#[derive(Clone, Debug, Deserialize)]
pub struct PeerTook {
    /// `duckdb` or `polars`, with its version.
    pub peer: String,
    /// The name of the set.
    pub set: String,
    /// CPU seconds of computing the views again and comparing them with the last ones.
    pub cpu: f64,
    /// Seconds that passed.
    pub wall: f64,
    /// Rows that changed.
    pub rows: u64,
    /// Whether they are those of the engine.
    pub same: bool,
}

impl Exchange {
    /// Files in `folder`.
    #[must_use]
    pub fn new(folder: &Path) -> Exchange {
        Exchange { folder: folder.to_owned() }
    }

    /// A CSV file with a header.
    ///
    /// # Errors
    /// Those of the file.
    pub fn file(&self, name: &str, header: &str) -> anyhow::Result<BufWriter<std::fs::File>> {
        let path = self.folder.join(name);
        let file = std::fs::File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        let mut file = BufWriter::with_capacity(1 << 20, file);
        writeln!(file, "{header}")?;
        Ok(file)
    }

    /// The changes of a set, and what the engine made of them.
    ///
    /// # Errors
    /// Those of the files.
    pub fn set(
        &self,
        name: &str,
        now: Epoch,
        changes: &[Change<SightingKey, std::sync::Arc<Sighting>>],
        diffs: &[EpochDiffs],
    ) -> anyhow::Result<()> {
        std::fs::write(self.folder.join(format!("{name}.now")), now.0.to_string())?;
        let mut file = self.file(&format!("{name}.changes.csv"), &format!("diff,{SIGHTINGS}"))?;
        for change in changes {
            for (diff, value) in [(-1, &change.before), (1, &change.after)] {
                if let Some(sighting) = value {
                    write_sighting(&mut file, &format!("{diff},"), &change.key, sighting)?;
                }
            }
        }
        let mut file = self.file(&format!("{name}.expected.csv"), "diff,row")?;
        let mut net = std::collections::BTreeMap::<String, i64>::new();
        for (row, diff) in diffs.iter().flat_map(|diffs| &diffs.indicators) {
            let feeds = joined(&row.feed_ids);
            let (last, end) = (instant(row.last_seen), instant(row.ended_at));
            let row = format!(
                "i|{}|{}|{feeds}|{}|{last}|{end}",
                row.observable.id,
                row.abuse_class.as_str(),
                row.first_seen.0
            );
            *net.entry(row).or_default() += diff;
        }
        for (row, diff) in diffs.iter().flat_map(|diffs| &diffs.cases) {
            let CaseRow::Standing(case) = row else { continue };
            let row = format!(
                "c|{}|{}|{}|{}|{}|{}|{}|{}",
                case.subject,
                case.abuse_class.as_str(),
                case.status.as_str(),
                case.first_seen.0,
                instant(case.ended_at),
                case.evidence_count,
                joined(&case.feed_ids),
                u8::from(case.delegated == Some(true)),
            );
            *net.entry(row).or_default() += diff;
        }
        for (row, diff) in net.iter().filter(|(_, diff)| **diff != 0) {
            writeln!(file, "{diff},{row}")?;
        }
        Ok(())
    }

    /// Has the peers do the sets of these names, one after the other, and compares what they say with what the engine said.
    /// A set whose name begins with `+` is only applied.
    ///
    /// # Errors
    /// When a peer fails, or says something else than the engine.
    pub fn run(&self, sets: &[String]) -> anyhow::Result<Vec<PeerTook>> {
        let python = python();
        let mut command = Command::new(&python);
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/views.py");
        let command = command.arg(program).arg(&self.folder).args(sets);
        let output = command
            .stderr(std::process::Stdio::inherit())
            .output()
            .with_context(|| format!("cannot run {}: `tests/run` installs it", python.display()))?;
        if !output.status.success() {
            bail!("the peers failed: {}", output.status);
        }
        let took: Vec<PeerTook> = String::from_utf8(output.stdout)?
            .lines()
            .map(serde_json::from_str)
            .collect::<Result<_, _>>()
            .context("cannot read what the peers took")?;
        if let Some(other) = took.iter().find(|took| !took.same) {
            bail!("{} has another answer to {:?}: see {}", other.peer, other.set, self.folder.display());
        }
        Ok(took)
    }
}

/// The Python that has the peers. Set by `READERS_PYTHON`, else where `tests/run` installs it.
#[must_use]
pub fn python() -> PathBuf {
    let installed = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/readers-venv/bin/python");
    std::env::var_os("READERS_PYTHON").map_or_else(installed, PathBuf::from)
}

/// The Python that has the peers of benches only, where `benches/peers/install` puts it.
#[must_use]
pub fn python_of_benches() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers-venv/bin/python")
}

/// The faster of the peers, by CPU time, at a set.
#[must_use]
pub fn fastest(took: &[PeerTook], set: &str) -> Option<Duration> {
    let seconds = took.iter().filter(|took| took.set == set).map(|took| took.cpu).min_by(f64::total_cmp)?;
    Some(Duration::from_secs_f64(seconds))
}

/// The columns of sightings: one row an interval; `last` marks the last one of a sighting.
pub const SIGHTINGS: &str =
    "feed,entry,observable,subject,domain,class,first_seen,ended_at,end,last,last_seen,reported";

/// Writes the intervals of a sighting, each after `prefix`.
///
/// # Errors
/// Those of the file.
pub fn write_sighting(
    file: &mut impl Write,
    prefix: &str,
    key: &SightingKey,
    sighting: &Sighting,
) -> std::io::Result<()> {
    let place = &sighting.observable.place;
    for (index, interval) in sighting.intervals.iter().enumerate() {
        writeln!(
            file,
            "{prefix}{},{},{},{},{},{},{},{},{},{},{},{}",
            key.feed,
            key.entry,
            sighting.observable.id,
            place.subject().unwrap_or_default(),
            place.registrable_domain().unwrap_or_default(),
            sighting.abuse_class.as_str(),
            interval.first_seen.0,
            instant(interval.ended_at()),
            interval.end().map_or("", panopticon_model::sighting::End::as_str),
            u8::from(index + 1 == sighting.intervals.len()),
            instant(sighting.last_seen),
            instant(sighting.reported_at),
        )?;
    }
    Ok(())
}

fn instant(at: Option<Epoch>) -> String {
    at.map_or(String::new(), |at| at.0.to_string())
}

fn joined(feeds: &[panopticon_model::sighting::FeedId]) -> String {
    feeds.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
