//! Where everything lies: every path under the state folder and the output folder.
//!
//! Pure functions of names and days; nothing here touches a disk. A path that is not made here does not exist.

use std::path::{Path, PathBuf};

use panopticon_model::time::{Day, Epoch};
use panopticon_model::view::View;

/// The state folder: what one process owns and recovers from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateLayout {
    root: PathBuf,
}

impl StateLayout {
    /// The layout of the state folder `root`.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> StateLayout {
        StateLayout { root: root.into() }
    }

    /// The state folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The file whose lock the owning process holds.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }

    /// The folder of the input log.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.root.join("log")
    }

    /// The segment of the log that starts with the epoch `first`. Names sort as epochs do.
    #[must_use]
    pub fn segment(&self, first: Epoch) -> PathBuf {
        self.log().join(segment_name(first))
    }

    /// The folder of all base tables.
    #[must_use]
    pub fn tables(&self) -> PathBuf {
        self.root.join("tables")
    }

    /// The folder of the base tables as of the close of `day`.
    #[must_use]
    pub fn base(&self, day: Day) -> PathBuf {
        self.tables().join(day.to_string())
    }

    /// The folder of archived snapshots.
    #[must_use]
    pub fn archive(&self) -> PathBuf {
        self.root.join("archive")
    }

    /// The folder of the last good copy of each zone, sorted, for the next comparison.
    #[must_use]
    pub fn zones(&self) -> PathBuf {
        self.root.join("zones")
    }
}

/// The name of the segment that starts with the epoch `first`.
pub(crate) fn segment_name(first: Epoch) -> String {
    format!("{:020}.log", first.0)
}

/// The first epoch of the segment of that name; none for a file that is no segment.
pub(crate) fn segment_first(name: &str) -> Option<Epoch> {
    let digits = name.strip_suffix(".log")?;
    let first = Epoch(digits.parse().ok()?);
    (segment_name(first) == name).then_some(first)
}

/// The output folder: what readers see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutLayout {
    root: PathBuf,
}

impl OutLayout {
    /// The layout of the output folder `root`.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> OutLayout {
        OutLayout { root: root.into() }
    }

    /// The output folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of one view: `view=cases`.
    #[must_use]
    pub fn view(&self, view: View) -> PathBuf {
        self.root.join(format!("view={}", view.as_str()))
    }

    /// The folder of one partition: `view=cases/tld=xx/date=2025-03-01`.
    #[must_use]
    pub fn partition(&self, view: View, tld: &str, day: Day) -> PathBuf {
        self.view(view).join(format!("tld={tld}")).join(format!("date={day}"))
    }

    /// The file of one partition.
    #[must_use]
    pub fn part(&self, view: View, tld: &str, day: Day) -> PathBuf {
        self.partition(view, tld, day).join("part-0.parquet")
    }

    /// The records of a TLD as they stand: `records/xx/records.sql`.
    #[must_use]
    pub fn records(&self, tld: &str) -> PathBuf {
        self.root.join("records").join(tld).join("records.sql")
    }

    /// The records of a TLD at the close of `day`: `records/xx/records-2025-03-01.sql`.
    #[must_use]
    pub fn records_of(&self, tld: &str, day: Day) -> PathBuf {
        self.root.join("records").join(tld).join(format!("records-{day}.sql"))
    }

    /// What changed in a TLD on `day`, one line a change, appended: `changes/xx/2025-03-01.jsonl`.
    #[must_use]
    pub fn changes(&self, tld: &str, day: Day) -> PathBuf {
        self.root.join("changes").join(tld).join(format!("{day}.jsonl"))
    }

    /// The statements that give the partitions their names in DuckDB.
    #[must_use]
    pub fn views_sql(&self) -> PathBuf {
        self.root.join("views.sql")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        let day: Day = "2025-03-01".parse().unwrap();
        let state = StateLayout::new("state");
        let out = OutLayout::new("out");
        for (path, expected) in [
            (state.lock(), "state/lock"),
            (state.segment(Epoch(1_740_787_200_000)), "state/log/00000001740787200000.log"),
            (state.base(day), "state/tables/2025-03-01"),
            (state.archive(), "state/archive"),
            (state.zones(), "state/zones"),
            (out.part(View::DailyDiffs, "xx", day), "out/view=daily_diffs/tld=xx/date=2025-03-01/part-0.parquet"),
            (out.records("xx"), "out/records/xx/records.sql"),
            (out.records_of("xx", day), "out/records/xx/records-2025-03-01.sql"),
            (out.changes("_", day), "out/changes/_/2025-03-01.jsonl"),
            (out.views_sql(), "out/views.sql"),
        ] {
            assert_eq!(path, Path::new(expected));
        }
    }

    #[test]
    fn segment_names_read_back() {
        for first in [0, 7, 1_740_787_200_000, u64::MAX] {
            assert_eq!(segment_first(&segment_name(Epoch(first))), Some(Epoch(first)));
        }
        for name in ["7.log", "00000001740787200000.tmp", "+0000001740787200000.log", "lock", ".log"] {
            assert_eq!(segment_first(name), None, "{name}");
        }
    }
}
