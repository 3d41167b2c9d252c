//! Reading `records.sql`: the whole file or nothing of it.
//!
//! A file is refused when it is not plain (see [`panopticon_model::records`]), holds a statement that our writer
//! does not write, ends before its `COMMIT`, is of another major version, or when counts or digest differ from the
//! rows. Tables and columns that a later minor version adds are counted, digested and otherwise ignored.

mod error;
mod parse;
pub mod signed;
mod tokens;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use panopticon_model::records::{DIGEST, Digest, META, SCHEMA_VERSION, Value};
use panopticon_model::time::{Day, Epoch, HOUR_MS};

pub use error::RecordsError;
use signed::Voucher;

/// The greatest file that is read: it is held in memory.
pub const MAX_BYTES: u64 = 1 << 30;

/// The longest manifest, signature or public key that is read.
pub const MAX_SIGNED_BYTES: u64 = 1 << 20;

/// How old a file may be: a day, and two hours for its publication to arrive.
pub const MAX_AGE_HOURS: u64 = 26;

/// A table of the script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// The names of its columns.
    pub columns: Vec<String>,
    /// Its rows.
    pub rows: Vec<Vec<Value>>,
}

/// What a script says, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Records {
    /// The TLD.
    pub tld: String,
    /// The day that was published.
    pub day: Day,
    /// The last instant that is included.
    pub as_of: Epoch,
    /// The program that wrote it.
    pub program: String,
    tables: Vec<Table>,
}

impl Records {
    /// A table of the script.
    ///
    /// # Errors
    /// [`RecordsError::Missing`] when the script has none of that name.
    pub fn table(&self, name: &str) -> Result<&Table, RecordsError> {
        find(&self.tables, name)
    }

    /// Refuses records that are too old, or from a time to come.
    ///
    /// # Errors
    /// [`RecordsError::Age`] when `as_of` and `now` are more than `hours` apart.
    pub fn check_age(&self, now: Epoch, hours: u64) -> Result<(), RecordsError> {
        if self.as_of.0.abs_diff(now.0) > hours.saturating_mul(HOUR_MS) {
            return Err(RecordsError::Age { as_of: self.as_of, now, hours });
        }
        Ok(())
    }
}

/// Reads a file.
///
/// # Errors
/// [`RecordsError`]: the file cannot be read, or is not whole, ours and consistent.
pub fn read_file(path: &Path) -> Result<Records, RecordsError> {
    read(&load(path, MAX_BYTES)?)
}

/// Reads a file that the manifest beside it names and the owner of the public key in `key` has signed.
///
/// # Errors
/// [`RecordsError`]: as [`read_file`], and when key, signature, manifest or digests do not fit.
pub fn read_signed(path: &Path, key: &Path) -> Result<Records, RecordsError> {
    let bytes = load(path, MAX_BYTES)?;
    let beside = |name| load(&path.with_file_name(name), MAX_SIGNED_BYTES);
    let (key, manifest) = (load(key, MAX_SIGNED_BYTES)?, beside(signed::MANIFEST)?);
    let voucher = Voucher { key: &key, manifest: &manifest, signature: &beside(signed::SIGNATURE)? };
    voucher.check(&path.file_name().unwrap_or_default().to_string_lossy(), &bytes)?;
    read(&bytes)
}

fn load(path: &Path, most: u64) -> Result<Vec<u8>, RecordsError> {
    let failed = |source| RecordsError::Io { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() as u64 > most {
        return Err(RecordsError::TooLarge { path: path.to_owned(), most });
    }
    Ok(bytes)
}

/// Reads the bytes of a script.
///
/// # Errors
/// [`RecordsError`]: they are not whole, ours and consistent.
pub fn read(bytes: &[u8]) -> Result<Records, RecordsError> {
    let tables = parse::parse(tokens::plain_text(bytes)?)?;
    let meta = find(&tables, META)?;
    let [row] = meta.rows.as_slice() else { return Err(RecordsError::Torn) };
    let meta = Row { columns: &meta.columns, values: row, table: META };
    let found = meta.text("schema_version")?;
    let major = |version: &str| version.split('.').next().map(str::to_owned);
    if major(found) != major(SCHEMA_VERSION) {
        return Err(RecordsError::Version { found: found.to_owned() });
    }
    for table in &tables {
        check_count(table, &meta)?;
    }
    let found = digest_of(&tables);
    let stated = meta.text(DIGEST)?;
    if found != stated {
        return Err(RecordsError::Digest { stated: stated.to_owned(), found });
    }
    Ok(Records {
        tld: meta.text("tld")?.to_owned(),
        day: meta.parse("day")?,
        as_of: meta.instant("as_of")?,
        program: meta.text("program")?.to_owned(),
        tables,
    })
}

fn check_count(table: &Table, meta: &Row<'_>) -> Result<(), RecordsError> {
    let column = format!("{}_rows", table.name);
    if table.name == META || !meta.columns.contains(&column) {
        return Ok(());
    }
    let (stated, found) = (meta.number(&column)?, table.rows.len());
    if u64::try_from(stated).ok() != Some(found as u64) {
        return Err(RecordsError::Count { table: table.name.clone(), stated, found });
    }
    Ok(())
}

fn digest_of(tables: &[Table]) -> String {
    let mut digest = Digest::new();
    for table in tables {
        digest.table(&table.name);
        let own = |at: usize| table.name == META && table.columns.get(at).is_some_and(|column| column == DIGEST);
        for row in &table.rows {
            digest.row(row.iter().enumerate().filter(|(at, _)| !own(*at)).map(|(_, value)| value));
        }
    }
    digest.finish()
}

fn find<'a>(tables: &'a [Table], name: &str) -> Result<&'a Table, RecordsError> {
    let missing = || RecordsError::Missing { what: "table", name: name.to_owned() };
    tables.iter().find(|table| table.name == name).ok_or_else(missing)
}

impl Table {
    /// The rows, whose values are taken by name.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|values| Row { columns: &self.columns, values, table: &self.name })
    }
}

/// A row whose values are taken by name.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    table: &'a str,
    columns: &'a [String],
    values: &'a [Value],
}

impl<'a> Row<'a> {
    fn value(&self, name: &str) -> Result<&'a Value, RecordsError> {
        let at = self.columns.iter().position(|column| column == name);
        let missing = || RecordsError::Missing { what: "column", name: format!("{}.{name}", self.table) };
        at.and_then(|at| self.values.get(at)).ok_or_else(missing)
    }

    fn wrong(&self, name: &str) -> RecordsError {
        RecordsError::Value { column: format!("{}.{name}", self.table) }
    }

    /// A text that may be null.
    ///
    /// # Errors
    /// [`RecordsError::Missing`] without such a column, [`RecordsError::Value`] when it holds no text.
    pub fn maybe_text(&self, name: &str) -> Result<Option<&'a str>, RecordsError> {
        match self.value(name)? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            Value::Number(_) => Err(self.wrong(name)),
        }
    }

    /// A text.
    ///
    /// # Errors
    /// As [`Row::maybe_text`], and when it is null.
    pub fn text(&self, name: &str) -> Result<&'a str, RecordsError> {
        self.maybe_text(name)?.ok_or_else(|| self.wrong(name))
    }

    /// A number that may be null.
    ///
    /// # Errors
    /// [`RecordsError::Missing`] without such a column, [`RecordsError::Value`] when it holds no number.
    pub fn maybe_number(&self, name: &str) -> Result<Option<i64>, RecordsError> {
        match self.value(name)? {
            Value::Null => Ok(None),
            Value::Number(number) => Ok(Some(*number)),
            Value::Text(_) => Err(self.wrong(name)),
        }
    }

    /// A number.
    ///
    /// # Errors
    /// As [`Row::maybe_number`], and when it is null.
    pub fn number(&self, name: &str) -> Result<i64, RecordsError> {
        self.maybe_number(name)?.ok_or_else(|| self.wrong(name))
    }

    /// An instant: the number in `<name>_ms`, which must say the same as the text in `<name>`.
    ///
    /// # Errors
    /// As [`Row::number`], and when the two columns differ.
    pub fn instant(&self, name: &str) -> Result<Epoch, RecordsError> {
        let ms = u64::try_from(self.number(&format!("{name}_ms"))?).map_err(|_| self.wrong(name))?;
        if self.text(name)? != Epoch(ms).to_string() { Err(self.wrong(name)) } else { Ok(Epoch(ms)) }
    }

    fn parse<T: std::str::FromStr>(&self, name: &str) -> Result<T, RecordsError> {
        self.text(name)?.parse().map_err(|_| self.wrong(name))
    }
}
