//! Fields of a CSV line: quoted or not, separated by commas, white space around them allowed.
//!
//! A record is a line: no field of the feeds that we read holds a line break, and so a stray quote costs one row
//! and not the rest of the snapshot. Nothing is allocated unless a quoted field has a doubled quote in it.

use std::borrow::Cow;

use panopticon_model::time::Epoch;

use super::row::Fault;
use super::utc;

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CsvFault {
    /// The line ends inside quotes.
    Open,
    /// Text after a closing quote.
    Stray,
}

/// Splits `line` at its commas.
pub(super) fn split<'a>(line: &'a str, fields: &mut [Cow<'a, str>]) -> Result<usize, CsvFault> {
    split_at(line, ',', fields)
}

/// Splits `line` into `fields`; returns how many there are. Fields beyond the room are counted and not kept.
#[inline]
pub(super) fn split_at<'a>(
    line: &'a str,
    separator: char,
    fields: &mut [Cow<'a, str>],
) -> Result<usize, CsvFault> {
    let (mut rest, mut count) = (line, 0);
    // A tab that separates is no white space around a field.
    let blank = |text: char| text.is_ascii_whitespace() && text != separator;
    loop {
        let start = rest.trim_start_matches(blank);
        let (field, after) = match start.strip_prefix('"') {
            Some(quoted) => unquote(quoted)?,
            None => {
                let end = start.find(separator).unwrap_or(start.len());
                let (field, after) = start.split_at_checked(end).unwrap_or((start, ""));
                (Cow::Borrowed(field.trim_ascii_end()), after)
            }
        };
        if let Some(slot) = fields.get_mut(count) {
            *slot = field;
        }
        count += 1;
        match after.trim_start_matches(blank).strip_prefix(separator) {
            Some(next) => rest = next,
            None if after.trim_ascii().is_empty() => return Ok(count),
            None => return Err(CsvFault::Stray),
        }
    }
}

/// The field whose opening quote was just taken off, and what follows its closing quote.
fn unquote(text: &str) -> Result<(Cow<'_, str>, &str), CsvFault> {
    let mut whole: Option<String> = None;
    let mut rest = text;
    loop {
        let end = memchr::memchr(b'"', rest.as_bytes()).ok_or(CsvFault::Open)?;
        let (part, after) = rest.split_at_checked(end).ok_or(CsvFault::Open)?;
        let after = after.strip_prefix('"').unwrap_or(after);
        match after.strip_prefix('"') {
            Some(next) => {
                let whole = whole.get_or_insert_default();
                whole.push_str(part);
                whole.push('"');
                rest = next;
            }
            None => {
                let field = match whole {
                    None => Cow::Borrowed(part),
                    Some(whole) => Cow::Owned(whole + part),
                };
                return Ok((field, after));
            }
        }
    }
}

/// A field that outlives its split: one that had a doubled quote in it is kept in `space`.
pub(super) fn keep<'a>(field: Cow<'a, str>, space: &'a mut String) -> &'a str {
    match field {
        Cow::Borrowed(field) => field,
        Cow::Owned(field) => {
            *space = field;
            space
        }
    }
}

/// Columns by their names, as a header has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Header(Vec<String>);

impl Header {
    /// The header in a line; none if one of these columns is missing.
    pub(super) fn of(line: &str, wanted: &[&str]) -> Option<Header> {
        let names: Vec<String> =
            line.split(',').map(|name| name.trim_matches([' ', '"', '\t']).to_ascii_lowercase()).collect();
        wanted.iter().all(|wanted| names.iter().any(|name| name == wanted)).then_some(Header(names))
    }

    /// How many columns there are.
    fn len(&self) -> usize {
        self.0.len()
    }

    /// The place of a column.
    fn at(&self, wanted: &str) -> Option<usize> {
        self.0.iter().position(|name| name == wanted)
    }
}

/// More columns than any of these feeds has.
const MOST: usize = 24;

/// The fields of a row, by the names of their columns.
pub(super) struct Fields<'a, 'h> {
    header: &'h Header,
    fields: [Cow<'a, str>; MOST],
    /// The word that stands for no value.
    none: &'static str,
}

impl<'a, 'h> Fields<'a, 'h> {
    /// Those of a line with as many fields as the header has.
    pub(super) fn of(
        line: &'a str,
        header: &'h Header,
        none: &'static str,
        expected: &'static str,
    ) -> Result<Self, Fault> {
        let mut fields = [const { Cow::Borrowed("") }; MOST];
        let found = split(line, &mut fields).map_err(|_| Fault::Quotes)?;
        if found == header.len() {
            Ok(Fields { header, fields, none })
        } else {
            Err(Fault::Fields { found, expected })
        }
    }

    /// A field; empty where there is none.
    pub(super) fn text(&self, column: &str) -> &str {
        let field = self.header.at(column).and_then(|at| self.fields.get(at)).map_or("", AsRef::as_ref);
        if field == self.none { "" } else { field }
    }

    /// A time in UTC.
    pub(super) fn time(&self, column: &str) -> Result<Option<Epoch>, Fault> {
        match self.text(column) {
            "" => Ok(None),
            text => utc::parse(text).map(Some).ok_or_else(|| Fault::Time(text.to_owned())),
        }
    }

    /// A field as it stands there, which is then empty.
    pub(super) fn take(&mut self, column: &str) -> Cow<'a, str> {
        let field = self.header.at(column).and_then(|at| self.fields.get_mut(at));
        field.map(std::mem::take).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expect: Result<&[&str], CsvFault>) {
        let mut fields: [Cow<'_, str>; 4] = Default::default();
        let found = split(line, &mut fields).map(|count| &fields[..count.min(4)]);
        assert_eq!(
            found.map(|fields| fields.iter().map(AsRef::as_ref).collect::<Vec<_>>()),
            expect.map(Vec::from)
        );
    }

    #[test]
    fn fields_of_a_line() {
        check("", Ok(&[""]));
        check("a,b", Ok(&["a", "b"]));
        check(r#""a","b,c","""d"" e""#, Ok(&["a", "b,c", "\"d\" e"]));
        check(r#" "a" , "b" , c d , "" "#, Ok(&["a", "b", "c d", ""]));
        check(r#"a"b,c"#, Ok(&["a\"b", "c"]));
        check(",,", Ok(&["", "", ""]));
        check("a,b,c,d,e,f", Ok(&["a", "b", "c", "d"]));
        check(r#""a","b"#, Err(CsvFault::Open));
        check(r#""a"""#, Err(CsvFault::Open));
        check(r#""a"b,c"#, Err(CsvFault::Stray));
    }
}
