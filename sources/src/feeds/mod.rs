//! Feeds: what publishers say, read line by line, compared with what they said before.
//!
//! ```text
//! bytes ──Format──► Row ──door──► Claim ──► Snapshot ──accept──► Update
//!          one file     canonical,   sorted,    guard, then advance (in order)
//!          per format   placed       unique     or splice (late) on the intervals
//! ```
//!
//! Everything here is a pure function of its arguments: no sockets, no files, no clock. To add a format, copy the
//! smallest one, [`openphish_txt`], and enter it in [`FORMATS`]; the compliance test then runs over it.

pub mod accept;
pub mod adblock;
pub mod advance;
pub mod blackbook_csv;
pub mod catalogue;
pub mod cert_pl_json;
pub mod cert_pl_tsv;
pub mod csv;
mod csv_line;
mod document;
pub mod hosts;
pub mod intervals;
mod json;
mod known;
mod lines;
pub mod maltrail;
pub mod misp;
pub mod openphish_json;
pub mod openphish_txt;
pub mod phishing_database;
pub mod phishtank_csv;
pub mod phishtank_json;
pub mod plain;
pub mod rbldnsd;
mod row;
pub mod rpz;
mod shrink;
pub mod snapshot;
pub mod splice;
pub mod stix;
mod stix_pattern;
pub mod threatfox_csv;
pub mod threatfox_json;
pub mod urlhaus_csv;
pub mod urlhaus_json;
mod utc;
mod versions;

use std::fmt;
use std::io::{self, BufRead};

use compact_str::CompactString;
use panopticon_model::sighting::{AbuseClass, FeedId};
use panopticon_model::time::{DAY_MS, Epoch};

pub use row::{Fault, Kind, Line, Row, State};
pub use versions::Version;

/// What it means that an entry is no longer in a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absence {
    /// The list is complete: what left it is delisted.
    Retract,
    /// The list is a window of the newest entries: what left it counts for so many milliseconds more.
    Lease(u64),
}

/// The usual lease of a list that shows its newest entries only.
pub const DEFAULT_LEASE_MS: u64 = 7 * DAY_MS;

/// Where a format puts its rows: each line that is a row or should be one, and what was made of it.
pub type Emit<'a> = dyn FnMut(Line<'_>, Result<Row<'_>, Fault>) -> Result<(), SnapshotError> + 'a;

/// Reads a snapshot: emits its rows in their order and returns the stamp that it carries, if it does.
pub type Parse = fn(&mut dyn BufRead, &Limits, &mut Emit<'_>) -> Result<Option<Epoch>, SnapshotError>;

/// A format: how the bytes of one publisher become rows. Plain data, so that the registry of formats is a table.
#[derive(Clone, Copy)]
pub struct Format {
    /// The name in the configuration.
    pub id: &'static str,
    /// What absence means, unless the configuration says otherwise.
    pub absence: Absence,
    /// What the names are used for, where neither the row nor the configuration says it.
    pub abuse_class: AbuseClass,
    /// How the publisher tells that an entry is gone or was wrong.
    pub removals: &'static str,
    /// The terms under which the data is given.
    pub licence: &'static str,
    /// The reader.
    pub parse: Parse,
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

/// All formats.
pub const FORMATS: &[Format] = &[
    adblock::FORMAT,
    blackbook_csv::FORMAT,
    cert_pl_json::FORMAT,
    cert_pl_tsv::FORMAT,
    csv::FORMAT,
    hosts::FORMAT,
    maltrail::FORMAT,
    misp::FORMAT,
    openphish_json::FORMAT,
    openphish_txt::FORMAT,
    phishing_database::FORMAT,
    phishtank_csv::FORMAT,
    phishtank_json::FORMAT,
    plain::FORMAT,
    rbldnsd::FORMAT,
    rpz::FORMAT,
    stix::FORMAT,
    threatfox_csv::FORMAT,
    threatfox_json::FORMAT,
    urlhaus_csv::FORMAT,
    urlhaus_json::FORMAT,
];

impl Format {
    /// The format of that name.
    #[must_use]
    pub fn from_id(id: &str) -> Option<&'static Format> {
        FORMATS.iter().find(|format| format.id == id)
    }
}

/// A feed as the configuration describes it, as far as reading its snapshots goes.
#[derive(Clone, Debug)]
pub struct FeedSpec {
    /// The name of the feed.
    pub id: FeedId,
    /// How its bytes are read.
    pub format: &'static Format,
    /// The class of rows that name none.
    pub abuse_class: AbuseClass,
    /// What the columns of a table are, for the format `csv`.
    pub columns: Option<csv::Columns>,
}

impl FeedSpec {
    /// A feed with the class that its format has by default.
    #[must_use]
    pub fn new(id: FeedId, format: &'static Format) -> FeedSpec {
        FeedSpec { id, format, abuse_class: format.abuse_class, columns: None }
    }
}

/// What a snapshot may cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Octets of a line without its end; a longer one is an error row and is skipped without being held.
    pub max_line_bytes: usize,
    /// Rows of a snapshot, faulty ones included; more refuse the snapshot.
    pub max_rows: u64,
    /// Error rows that are kept one by one; the rest is one row with their number.
    pub max_errors: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { max_line_bytes: 64 * 1024, max_rows: 5_000_000, max_errors: 1000 }
    }
}

/// Why a whole snapshot is refused. The feed keeps its last good state.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// A web page, mostly an error page or a log-in form. Check the address and the key of the feed.
    #[error("the answer is a web page, not a list: check the feed's address and its key")]
    Html,
    /// An archive that nobody unpacked. Check the feed's address; archives are unpacked before they come here.
    #[error("the answer is a {0} archive that was not unpacked: check the feed's address and format")]
    Packed(&'static str),
    /// Not text. Check the address and the format of the feed.
    #[error("the answer is not text: check the feed's address and format")]
    Binary,
    /// There are lines, and none of them is a row. Check the address and the format of the feed.
    #[error("not one of {lines} lines can be read, line {number}: {message}; check the feed's address and format")]
    NoRow {
        /// How many lines.
        lines: u64,
        /// The first that is listed.
        number: u64,
        /// What is wrong with it.
        message: CompactString,
    },
    /// Brackets that do not match, or too many of them. Check the address and the format of the feed.
    #[error("the answer is no JSON document behind entry {0}: check the feed's address and format")]
    NoDocument(u64),
    /// The last row breaks off. Fetch again.
    #[error("the answer breaks off in line {0}: it will be fetched again")]
    Truncated(u64),
    /// More rows than are allowed. Raise the limit of the feed if it has really grown so much.
    #[error("the answer has more than {0} rows: raise `max_rows` of the feed if it has grown so much")]
    TooManyRows(u64),
    /// The bytes could not be read, or an archived snapshot is gone.
    #[error("the snapshot cannot be read")]
    Io(#[from] io::Error),
}
