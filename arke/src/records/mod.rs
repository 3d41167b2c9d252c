//! Reading `records.sql`: the whole file or nothing of it.
//!
//! ```text
//! bytes ──statements──► text of a statement ──parse──► rows, one by one ──► docket
//!   └─ length, SHA-256, BLAKE3 of all of it, if a manifest vouches for it
//! ```
//!
//! The script is read as text, statement by statement, and is never executed. A file is refused when it is not plain
//! (see [`panopticon_model::records`]), holds a statement that our writer does not write, ends before its `COMMIT`, is of
//! another major version, or when counts or digest differ from the rows: what was gathered until then is thrown away.
//! Tables and columns that a later minor version adds are counted, digested and otherwise ignored.

mod error;
mod fetch;
mod intake;
mod lists;
mod parse;
mod row;
pub mod signed;
mod statements;
mod tokens;

use std::io::BufRead;

use panopticon_model::records::{DIGEST, META, SCHEMA_VERSION};
use panopticon_model::time::{Day, Epoch, HOUR_MS};

use crate::docket::{Docket, Entry};
use parse::Script;
use statements::Statements;

pub use error::RecordsError;
pub use fetch::{FetchError, fetch};
pub use intake::{read_file, read_signed};
pub use lists::{HighRiskRow, Lists};
pub use row::Row;
pub use signed::SIGNATURE;

/// The greatest file that is read.
pub const MAX_BYTES: u64 = 4 << 30;

/// The longest manifest, signature or public key that is read.
pub const MAX_SIGNED_BYTES: u64 = 1 << 20;

/// How old a file may be: a day, and two hours for its publication to arrive.
pub const MAX_AGE_HOURS: u64 = 26;

/// What a script says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The TLD.
    pub tld: String,
    /// The day that was published.
    pub day: Day,
    /// The last instant that is included.
    pub as_of: Epoch,
    /// The program that wrote it.
    pub program: String,
}

/// What a script says, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Records {
    /// What it says of itself.
    pub head: Head,
    /// Its cases, sorted by subject and class.
    pub entries: Vec<Entry>,
    /// Its lists.
    pub lists: Lists,
}

impl Records {
    /// Refuses records that are too old, or from a time to come.
    ///
    /// # Errors
    /// [`RecordsError::Age`] when `as_of` and `now` are more than `hours` apart.
    pub fn check_age(&self, now: Epoch, hours: u64) -> Result<(), RecordsError> {
        let as_of = self.head.as_of;
        if as_of.0.abs_diff(now.0) > hours.saturating_mul(HOUR_MS) {
            return Err(RecordsError::Age { as_of, now, hours });
        }
        Ok(())
    }
}

/// Reads a script.
///
/// # Errors
/// [`RecordsError`]: it is not whole, ours and consistent.
pub fn read(input: impl BufRead) -> Result<Records, RecordsError> {
    let mut docket = Docket::default();
    let mut lists = Lists::default();
    let (head, tables) = scan(input, &mut |row| {
        docket.row(row)?;
        lists.row(row)
    })?;
    for table in Docket::TABLES {
        if !tables.iter().any(|known| known == table) {
            return Err(RecordsError::Missing { what: "table", name: (*table).to_owned() });
        }
    }
    Ok(Records { head, entries: docket.entries(), lists })
}

/// Walks through a script; every row is shown as it passes by. Rows count only if the whole script is good. Gives what
/// the script says of itself, and the names of its tables.
///
/// # Errors
/// [`RecordsError`]: it is not whole, ours and consistent; or what `each` refuses.
pub fn scan(
    input: impl BufRead,
    each: &mut dyn FnMut(&Row<'_>) -> Result<(), RecordsError>,
) -> Result<(Head, Vec<String>), RecordsError> {
    let mut statements = Statements::new(input);
    let mut script = Script::default();
    while let Some((text, line)) = statements.next()? {
        script.read(text, line, each)?;
    }
    let read = script.finish()?;
    let meta = Row { table: META, columns: &read.meta_columns, values: &read.meta };
    let found = meta.text("schema_version")?;
    let major = |version: &str| version.split('.').next().map(str::to_owned);
    if major(found) != major(SCHEMA_VERSION) {
        return Err(RecordsError::Version { found: found.to_owned() });
    }
    for (table, found) in &read.counts {
        let column = format!("{table}_rows");
        if table == META || !read.meta_columns.contains(&column) {
            continue;
        }
        let stated = meta.number(&column)?;
        if u64::try_from(stated).ok() != Some(*found) {
            return Err(RecordsError::Count { table: table.clone(), stated, found: *found });
        }
    }
    let stated = meta.text(DIGEST)?;
    if read.digest != stated {
        return Err(RecordsError::Digest { stated: stated.to_owned(), found: read.digest });
    }
    let head = Head {
        tld: meta.text("tld")?.to_owned(),
        day: meta.parse("day")?,
        as_of: meta.instant("as_of")?,
        program: meta.text("program")?.to_owned(),
    };
    Ok((head, read.counts.into_iter().map(|(table, _)| table).collect()))
}
