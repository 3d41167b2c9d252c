//! Reading published views back: rows of any view, as of the latest day or an earlier one, under equality filters.
//!
//! Reads published files only, and of these one partition: the newest whose day is not after the asked one. Row
//! groups whose statistics exclude a filter are skipped. Instants are given as ISO text, feed lists as arrays.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use panopticon_model::diff::{ComparedRow, DiffRow};
use panopticon_model::id::Id;
use panopticon_model::time::{Day, Epoch};
use panopticon_model::view::View;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::cells::{is_readable, value_at};
pub use super::read_error::ReadError;
use super::{FILE, KEY_AS_OF, KEY_SCHEMA, SCHEMA_VERSION, partition, tld_folder};
pub use crate::columns::daily_diffs::DatedDiff;

/// Which day is asked about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// The last one that is published.
    #[default]
    Latest,
    /// The state at that day: of the newest publication that is not later.
    AsOf(Day),
}

/// A question about one view of one TLD.
#[derive(Clone, Debug)]
pub struct Query<'a> {
    /// The folder of everything published.
    pub out: &'a Path,
    /// The view.
    pub view: View,
    /// The TLD; `_` for what has none.
    pub tld: &'a str,
    /// The day.
    pub when: When,
    /// Columns and the text that their value must equal; a list must contain it. All must hold.
    pub filters: &'a [(String, String)],
}

/// The days of a view of a TLD that are published, oldest first; none when it never was.
///
/// # Errors
/// [`ReadError::Io`] when the folder cannot be listed.
pub fn days(out: &Path, view: View, tld: &str) -> Result<Vec<Day>, ReadError> {
    let mut days: Vec<Day> = keys(&tld_folder(out, view, tld), "date=")?
        .into_iter()
        .filter_map(|day| day.parse().ok())
        .filter(|day| partition(out, view, tld, *day).join(FILE).is_file())
        .collect();
    days.sort_unstable();
    Ok(days)
}

/// The TLDs of which a view is published, sorted; `_` stands for what has none.
///
/// # Errors
/// [`ReadError::Io`] when the folder cannot be listed.
pub fn tlds(out: &Path, view: View) -> Result<Vec<String>, ReadError> {
    let mut tlds = keys(&out.join(format!("view={}", view.as_str())), "tld=")?;
    tlds.sort_unstable();
    Ok(tlds)
}

fn keys(folder: &Path, prefix: &str) -> Result<Vec<String>, ReadError> {
    let failed = |source| ReadError::Io { path: folder.to_owned(), source };
    let entries = match fs::read_dir(folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(failed)?,
    };
    let mut keys = Vec::new();
    for entry in entries {
        let name = entry.map_err(failed)?.file_name();
        keys.extend(name.to_str().and_then(|name| name.strip_prefix(prefix)).map(str::to_owned));
    }
    Ok(keys)
}

/// Opens the partition that answers a question.
///
/// # Errors
/// [`ReadError`]: nothing is published for that TLD and day, or the file is foreign or damaged.
pub fn open(query: &Query<'_>) -> Result<Rows, ReadError> {
    let days = days(query.out, query.view, query.tld)?;
    let Some(first) = days.first() else {
        return Err(ReadError::NothingPublished {
            view: query.view,
            tld: query.tld.to_owned(),
            out: query.out.to_owned(),
        });
    };
    let asked = match query.when {
        When::Latest => Day(u32::MAX),
        When::AsOf(day) => day,
    };
    let Some(day) = days.iter().rev().find(|day| **day <= asked) else {
        return Err(ReadError::BeyondRetention {
            view: query.view,
            tld: query.tld.to_owned(),
            asked,
            first: *first,
        });
    };
    let path = partition(query.out, query.view, query.tld, *day).join(FILE);
    Rows::open(path, query.view, *day, query.filters)
}

/// The rows of a partition that pass the filters, in the order of the file.
pub struct Rows {
    path: PathBuf,
    day: Day,
    as_of: Option<Epoch>,
    columns: Vec<String>,
    filters: Vec<(usize, String)>,
    reader: ParquetRecordBatchReader,
    pending: std::vec::IntoIter<Vec<Value>>,
}

impl Rows {
    fn open(path: PathBuf, view: View, day: Day, filters: &[(String, String)]) -> Result<Rows, ReadError> {
        let decode = |source| ReadError::Decode { path: path.clone(), source };
        let file = File::open(&path).map_err(|source| ReadError::Io { path: path.clone(), source })?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(decode)?;
        if !builder.metadata().row_groups().iter().all(has_places) {
            return Err(decode(ParquetError::General("a column has no place in the file".to_owned())));
        }
        let pairs = builder.metadata().file_metadata().key_value_metadata();
        let stated = |key: &str| {
            let pair = pairs.into_iter().flatten().find(|pair| pair.key == key);
            pair.and_then(|pair| pair.value.clone()).unwrap_or_default()
        };
        let major = |version: &str| version.split('.').next().map(str::to_owned);
        let found = stated(KEY_SCHEMA);
        if major(&found) != major(SCHEMA_VERSION) {
            return Err(ReadError::Foreign { path, found });
        }
        let as_of = stated(KEY_AS_OF).parse().ok();

        let roots: Vec<(usize, String)> = builder
            .schema()
            .fields()
            .iter()
            .enumerate()
            .filter(|(_, field)| is_readable(field.data_type()))
            .map(|(at, field)| (at, field.name().clone()))
            .collect();
        let columns: Vec<String> = roots.iter().map(|(_, name)| name.clone()).collect();
        let mut wanted = Vec::with_capacity(filters.len());
        for (name, text) in filters {
            let Some(at) = columns.iter().position(|column| column == name) else {
                return Err(ReadError::NoColumn { view, column: name.clone(), columns });
            };
            wanted.push((at, text.clone()));
        }
        let groups = builder.metadata().row_groups().iter().enumerate();
        let groups = groups.filter(|(_, group)| filters.iter().all(|filter| may_hold(group, filter)));
        let groups = groups.map(|(at, _)| at).collect();
        let mask = ProjectionMask::roots(builder.parquet_schema(), roots.iter().map(|(at, _)| *at));
        let reader = builder.with_row_groups(groups).with_projection(mask).build().map_err(decode)?;
        Ok(Rows { path, day, as_of, columns, filters: wanted, reader, pending: Vec::new().into_iter() })
    }

    /// The names of the columns.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The day of the partition that answers.
    #[must_use]
    pub fn day(&self) -> Day {
        self.day
    }

    /// The last instant that the partition includes.
    #[must_use]
    pub fn as_of(&self) -> Option<Epoch> {
        self.as_of
    }

    fn refill(&mut self) -> Result<bool, ReadError> {
        let decode = |source| ReadError::Decode { path: self.path.clone(), source };
        let Some(batch) = self.reader.next().transpose().map_err(|e| decode(e.into()))? else {
            return Ok(false);
        };
        let row = |at| batch.columns().iter().map(|array| value_at(array, at)).collect::<Vec<_>>();
        let passes =
            |row: &Vec<Value>| self.filters.iter().all(|(at, text)| row.get(*at).is_some_and(|v| equals(v, text)));
        let rows: Vec<Vec<Value>> = (0..batch.num_rows()).map(row).filter(passes).collect();
        self.pending = rows.into_iter();
        Ok(true)
    }
}

impl Iterator for Rows {
    type Item = Result<Vec<Value>, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.pending.next() {
                return Some(Ok(row));
            }
            match self.refill() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// Whether a cell is a text: null is the empty one, and a list is each of its words.
#[must_use]
pub fn equals(value: &Value, text: &str) -> bool {
    match value {
        Value::Null => text.is_empty(),
        Value::String(value) => value == text,
        Value::Array(values) => values.iter().any(|value| equals(value, text)),
        Value::Bool(flag) => text == if *flag { "true" } else { "false" },
        Value::Number(number) => number.to_string() == text,
        Value::Object(_) => false,
    }
}

/// Whether all columns of a row group begin somewhere and have a length: the library panics on negative ones.
fn has_places(group: &RowGroupMetaData) -> bool {
    let starts = |chunk: &ColumnChunkMetaData| {
        let dictionary = chunk.dictionary_page_offset().unwrap_or_default();
        dictionary >= 0 && chunk.data_page_offset() >= 0 && chunk.compressed_size() >= 0
    };
    group.columns().iter().all(starts)
}

/// Whether the statistics of a row group leave room for a text in a column.
fn may_hold(group: &RowGroupMetaData, (name, text): &(String, String)) -> bool {
    let chunk = group.columns().iter().find(|chunk| chunk.column_path().parts() == [name.as_str()]);
    let is_text = chunk.is_some_and(|chunk| chunk.column_type() == parquet::basic::Type::BYTE_ARRAY);
    let statistics = chunk.and_then(|chunk| chunk.statistics());
    let bounds = statistics.and_then(|s| s.min_bytes_opt().zip(s.max_bytes_opt()));
    let Some((min, max)) = bounds else { return true };
    text.is_empty() || !is_text || (min <= text.as_bytes() && text.as_bytes() <= max)
}

/// The diffs of the published days from `first` to `last`, by day. Days that are not published have none.
///
/// # Errors
/// [`ReadError`] when a published file is foreign or damaged.
pub fn read_daily_diffs(out: &Path, tld: &str, first: Day, last: Day) -> Result<Vec<DatedDiff>, ReadError> {
    let mut diffs = Vec::new();
    for day in days(out, View::DailyDiffs, tld)? {
        if day < first || day > last {
            continue;
        }
        let path = partition(out, View::DailyDiffs, tld, day).join(FILE);
        let mut rows = Rows::open(path, View::DailyDiffs, day, &[])?;
        let columns = rows.columns.clone();
        while let Some(row) = rows.next().transpose()? {
            let row = Fields { path: &rows.path, columns: &columns, row: &row };
            diffs.push(DatedDiff {
                day,
                row: DiffRow {
                    tld: tld.into(),
                    subject_id: row.parse::<Id>("subject_id")?,
                    subject: row.text("subject")?.into(),
                    change: row.word("change")?,
                    cause: row.word("cause")?,
                    before: row.compared("before")?,
                    after: row.compared("after")?,
                },
            });
        }
    }
    Ok(diffs)
}

/// A row whose values are taken by name.
struct Fields<'a> {
    path: &'a Path,
    columns: &'a [String],
    row: &'a [Value],
}

impl Fields<'_> {
    fn value(&self, name: &str) -> &Value {
        let at = self.columns.iter().position(|column| column == name);
        at.and_then(|at| self.row.get(at)).unwrap_or(&Value::Null)
    }

    fn damaged(&self, column: &str) -> ReadError {
        let value = self.value(column).to_string();
        ReadError::Damaged { path: self.path.to_owned(), column: column.to_owned(), value }
    }

    fn text(&self, name: &str) -> Result<&str, ReadError> {
        self.value(name).as_str().ok_or_else(|| self.damaged(name))
    }

    fn parse<T: std::str::FromStr>(&self, name: &str) -> Result<T, ReadError> {
        self.text(name)?.parse().map_err(|_| self.damaged(name))
    }

    fn word<T: DeserializeOwned>(&self, name: &str) -> Result<T, ReadError> {
        serde_json::from_value(self.value(name).clone()).map_err(|_| self.damaged(name))
    }

    fn compared(&self, name: &str) -> Result<Option<ComparedRow>, ReadError> {
        match self.value(name) {
            Value::Null => Ok(None),
            Value::String(text) => serde_json::from_str(text).map(Some).map_err(|_| self.damaged(name)),
            _ => Err(self.damaged(name)),
        }
    }
}
