//! `records.sql`: what the registry's own programs read, one script a TLD that loads unchanged into SQLite,
//! PostgreSQL and MariaDB. The rules that writer and readers share are in [`panopticon_model::records`].
//!
//! ```text
//! BEGIN
//! DROP and CREATE of all tables        in MariaDB each of these commits by itself
//! INSERT indicators, cases, daily_diffs, validated_indicators, remedies, probe_summaries,
//!        high_risk_names, protected_names, allow_list
//! INSERT meta                          counts and digest: without this row the load is torn
//! COMMIT
//! ```
//!
//! In SQLite and PostgreSQL a load happens wholly or not at all. MariaDB ends a transaction at every DDL statement,
//! so all DDL comes first and a second transaction holds the rows: a torn load leaves empty tables, and an empty
//! `meta` says so. Loading one day over another leaves the new one.
//!
//! Three column names are words of MariaDB's grammar (`change`, `before`, `rank` in some versions). They stay as
//! they are everywhere else: the script quotes them, and an executable comment, which only MariaDB reads, lets that
//! server take double quotes for names.

mod script;
mod tables;

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use panopticon_model::case::Case;
use panopticon_model::judgement::{Remedy, Validated};
use panopticon_model::lookalike::{HighRiskName, Target, TargetKey};
use panopticon_model::time::{Day, Epoch};
use panopticon_model::update::{Mark, MarkTarget};

use crate::columns::daily_diffs::DatedDiff;
use crate::columns::indicators::IndicatorRow;
use crate::columns::observations::ObservationRow;
use crate::files::write_aside;
use crate::sums::{Sums, Totals};
use crate::{SinkError, Written};

/// What a records.sql says.
pub struct Records<'a> {
    /// The TLD.
    pub tld: &'a str,
    /// The day that is published.
    pub day: Day,
    /// The last instant that is included.
    pub as_of: Epoch,
    /// Whether the day is over.
    pub closed: bool,
    /// The program and its version.
    pub program: &'a str,
    /// The rows of `indicators`, in any order.
    pub(crate) indicators: Vec<IndicatorRow<'a>>,
    /// The rows of `cases`, in any order.
    pub cases: Vec<&'a Arc<Case>>,
    /// The rows of `validated_indicators`, in any order.
    pub validated: Vec<&'a Arc<Validated>>,
    /// The rows of `remedies`, in any order.
    pub remedies: Vec<&'a Arc<Remedy>>,
    /// What counts of open cases: the rows of `probe_summaries`, in any order.
    pub(crate) observations: Vec<ObservationRow<'a>>,
    /// The diffs of the last days, in any order.
    pub diffs: Vec<DatedDiff>,
    /// The rows of `high_risk_names`, in any order.
    pub high_risk: Vec<&'a Arc<HighRiskName>>,
    /// Names that are not to be imitated: the rows of `protected_names`.
    pub targets: &'a BTreeMap<TargetKey, Arc<Target>>,
    /// Names that are marked as harmless: the rows of `allow_list`, in any order.
    pub marks: Vec<(&'a MarkTarget, &'a Mark)>,
}

/// The latest script of a TLD.
#[must_use]
pub fn latest(out: &Path, tld: &str) -> PathBuf {
    out.join("records").join(tld).join("records.sql")
}

/// The script of a TLD and a day.
#[must_use]
pub fn dated(out: &Path, tld: &str, day: Day) -> PathBuf {
    out.join("records").join(tld).join(format!("records-{day}.sql"))
}

/// Writes the script of a TLD: first the dated copy, then the latest one. Gives the sums of its bytes too.
///
/// # Errors
/// [`SinkError`]: a file could not be written; each is the old one or the new one.
pub fn write(out: &Path, records: &Records<'_>) -> Result<([Written; 2], Sums), SinkError> {
    let path = dated(out, records.tld, records.day);
    let mut totals = Totals::default();
    let first = write_aside(&path, |sink| {
        script::write(&mut totals.beside(sink), records).map_err(SinkError::io("write", &path))
    })?;
    let second = write_aside(&latest(out, records.tld), |sink| {
        let copied = File::open(&path).and_then(|mut file| io::copy(&mut file, sink));
        copied.map_err(SinkError::io("copy", &path))?;
        Ok(first.rows)
    })?;
    Ok(([first, second], totals.sums()))
}
