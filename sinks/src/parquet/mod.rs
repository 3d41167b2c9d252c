//! Parquet: one file a view, TLD and day, for DuckDB, Polars, Spark and our own commands.
//!
//! zstd level 3, row groups of 128 Ki rows, page statistics, the sort order in the metadata. The key-value metadata
//! says which schema, view, day and instant a file is of; nothing in a file depends on a clock or a machine. The
//! partition keys `view`, `tld` and `date` are in the path only. A view without rows is a file without rows: its
//! schema is always there to be read.

mod cells;
pub mod read;
mod read_error;
pub(crate) mod write;

use std::path::{Path, PathBuf};

use panopticon_model::time::Day;
use panopticon_model::view::View;

/// The version of the columns of all views. Columns are added in a minor version; a reader refuses another major.
pub const SCHEMA_VERSION: &str = "1.2";

/// The name of the one file of a partition.
pub const FILE: &str = "part-0.parquet";

const KEY_SCHEMA: &str = "panopticon.schema";
const KEY_VIEW: &str = "panopticon.view";
const KEY_TLD: &str = "panopticon.tld";
const KEY_DAY: &str = "panopticon.day";
const KEY_AS_OF: &str = "panopticon.as_of";
const KEY_CLOSED: &str = "panopticon.closed";

/// The folder of a view's partition.
#[must_use]
pub fn partition(out: &Path, view: View, tld: &str, day: Day) -> PathBuf {
    tld_folder(out, view, tld).join(format!("date={day}"))
}

/// The folder of all days of a view of a TLD.
fn tld_folder(out: &Path, view: View, tld: &str) -> PathBuf {
    out.join(format!("view={}", view.as_str())).join(format!("tld={tld}"))
}
