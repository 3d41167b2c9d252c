//! A row whose values are taken by name.

use std::str::FromStr;

use compact_str::CompactString;
use panopticon_model::records::Value;
use panopticon_model::time::Epoch;

use super::RecordsError;

/// A row whose values are taken by name.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    pub(super) table: &'a str,
    pub(super) columns: &'a [String],
    pub(super) values: &'a [Value],
}

impl<'a> Row<'a> {
    /// The table that it is of.
    #[must_use]
    pub fn table(&self) -> &'a str {
        self.table
    }

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

    /// A short text.
    pub(crate) fn word(&self, name: &str) -> Result<CompactString, RecordsError> {
        self.text(name).map(CompactString::from)
    }

    /// A short text that may be null.
    pub(crate) fn maybe_word(&self, name: &str) -> Result<Option<CompactString>, RecordsError> {
        Ok(self.maybe_text(name)?.map(CompactString::from))
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

    /// An instant that may be null, as [`Row::instant`].
    pub(crate) fn maybe_instant(&self, name: &str) -> Result<Option<Epoch>, RecordsError> {
        self.maybe_number(&format!("{name}_ms"))?.map(|_| self.instant(name)).transpose()
    }

    /// A text that says something else.
    pub(crate) fn parse<T: FromStr>(&self, name: &str) -> Result<T, RecordsError> {
        self.text(name)?.parse().map_err(|_| self.wrong(name))
    }
}
