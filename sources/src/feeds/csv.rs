//! `csv`: anybody's table of characters, whose columns the configuration describes.
//!
//! ```text
//! columns = { value = "indicator", kind = "host", entry = 1, reported_at = "first_seen", separator = ";" }
//! ```
//!
//! A column is the number of its place, from 1, or its name in the header: a line, or a comment, that has all names that
//! are asked for, ahead of all rows. Fields may be quoted; a line that begins with `#` is a comment. Times are in UTC, written as feeds do, after RFC 3339, as a day, or in seconds since 1970.
//!
//! Without a description the value is the column that is called `url`, `domain`, `hostname`, `host`, `fqdn`, `indicator` or
//! `value`, or else the first.
//!
//! - Class: `other`, unless the configuration names one.
//! - Absence: the list is complete.
//! - Removals: by absence only.
//! - Licence: that of whoever keeps the list.

use std::borrow::Cow;
use std::io::BufRead;

use panopticon_model::time::Epoch;

use super::csv_line::{keep, split_at};
use super::lines::{self, LineFormat, Parsed};
use super::row::{Fault, Kind, Row};
use super::{Emit, Format, Limits, SnapshotError, plain, utc};

/// The format, with no description.
pub const FORMAT: Format = Format { id: "csv", parse, ..plain::FORMAT };

/// More columns than anybody describes.
const MOST: usize = 64;

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// By its place, from 1.
    Place(usize),
    /// By its name in the header.
    Name(String),
}

/// What the columns of a table are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// What stands between columns; a comma if nothing is said.
    pub separator: Option<char>,
    /// What the values are; a URL, a host or an address if nothing is said.
    pub kind: Option<Kind>,
    /// The URL, host or address. None for the usual names.
    pub value: Option<Column>,
    /// The publisher's own id of an entry.
    pub entry: Option<Column>,
    /// Words of the publisher.
    pub label: Option<Column>,
    /// The brand that is imitated.
    pub brand: Option<Column>,
    /// When the publisher learned of it.
    pub reported_at: Option<Column>,
    /// When the publisher last saw it at work.
    pub last_seen: Option<Column>,
    /// From 0 to 100.
    pub confidence: Option<Column>,
}

const VALUE: usize = 0;
/// The usual names of the column with the value.
const USUAL: [&str; 7] = ["url", "domain", "hostname", "host", "fqdn", "indicator", "value"];

impl Columns {
    /// In the order in which they are read.
    fn all(&self) -> [Option<&Column>; 7] {
        let Columns { value, entry, label, brand, reported_at, last_seen, confidence, .. } = self;
        [value, entry, label, brand, reported_at, last_seen, confidence].map(Option::as_ref)
    }
}

fn parse(input: &mut dyn BufRead, limits: &Limits, emit: &mut Emit<'_>) -> Result<Option<Epoch>, SnapshotError> {
    read(input, limits, &Columns::default(), emit)
}

/// Reads a table whose columns are these.
pub(super) fn read(
    input: &mut dyn BufRead,
    limits: &Limits,
    columns: &Columns,
    emit: &mut Emit<'_>,
) -> Result<Option<Epoch>, SnapshotError> {
    let places = columns.all().map(|column| match column {
        Some(Column::Place(place)) => Some(place.saturating_sub(1)),
        _ => None,
    });
    let needs_header = columns.all().iter().flatten().any(|column| matches!(column, Column::Name(_)));
    let mut table = Table { columns, places, needs_header, begun: false, spaces: Default::default() };
    lines::each(input, limits, &mut table, emit)?;
    Ok(None)
}

struct Table<'c> {
    columns: &'c Columns,
    /// Where each column is, as far as that is known.
    places: [Option<usize>; 7],
    /// Names are asked for, and no header was seen.
    needs_header: bool,
    /// A line was seen that is no comment.
    begun: bool,
    /// The texts of fields that had a doubled quote in them.
    spaces: [String; 4],
}

impl LineFormat for Table<'_> {
    fn line<'a>(&'a mut self, line: &'a str) -> Parsed<'a> {
        let comment = line.strip_prefix('#');
        if self.needs_header || !self.begun {
            self.begun |= comment.is_none();
            if self.is_header(comment.unwrap_or(line)) {
                self.needs_header = false;
                return Parsed::Skip;
            }
        }
        if comment.is_some() {
            return Parsed::Skip;
        }
        if self.needs_header {
            return Parsed::Fault(Fault::Missing("header with the described columns above it"));
        }
        match self.row(line) {
            Ok(row) => Parsed::Row(row),
            Err(fault @ Fault::Quotes) => Parsed::BrokenOff(fault),
            Err(fault) => Parsed::Fault(fault),
        }
    }
}

impl Table<'_> {
    fn separator(&self) -> char {
        self.columns.separator.unwrap_or(',')
    }

    /// Whether a line has all names that are asked for; then it says where they are.
    fn is_header(&mut self, line: &str) -> bool {
        let names: Vec<String> = line
            .split(self.separator())
            .map(|name| name.trim_matches([' ', '"', '\t']).to_ascii_lowercase())
            .collect();
        let at = |wanted: &str| names.iter().position(|name| name.eq_ignore_ascii_case(wanted));
        let mut places = self.places;
        for (place, column) in places.iter_mut().zip(self.columns.all()) {
            if let Some(Column::Name(name)) = column {
                *place = at(name);
                if place.is_none() {
                    return false;
                }
            }
        }
        if self.columns.value.is_none() {
            places[VALUE] = USUAL.iter().find_map(|name| at(name));
        }
        let is_header = self.needs_header || (self.columns.value.is_none() && places[VALUE].is_some());
        if is_header {
            self.places = places;
        }
        is_header
    }

    fn row<'a>(&'a mut self, line: &'a str) -> Result<Row<'a>, Fault> {
        let mut fields: [Cow<'a, str>; MOST] = [const { Cow::Borrowed("") }; MOST];
        split_at(line, self.separator(), &mut fields).map_err(|_| Fault::Quotes)?;
        let [value, entry, label, brand, reported_at, last_seen, confidence] = self.places;
        let text = |place: Option<usize>| place.and_then(|place| fields.get(place)).map_or("", AsRef::as_ref);
        let (reported_at, last_seen) = (time(text(reported_at))?, time(text(last_seen))?);
        let confidence = text(confidence).parse().ok().filter(|confidence| *confidence <= 100);
        // Two of them may be the same column.
        let [value, entry, label, brand] = [value.or(Some(VALUE)), entry, label, brand]
            .map(|place| place.and_then(|place| fields.get(place)).cloned().unwrap_or_default());
        let [value_space, entry_space, label_space, brand_space] = &mut self.spaces;
        let (value, entry) = (keep(value, value_space), keep(entry, entry_space));
        let (label, brand) = (keep(label, label_space), keep(brand, brand_space));
        if value.is_empty() {
            return Err(Fault::Missing("value"));
        }
        Ok(Row {
            entry: (!entry.is_empty()).then_some(entry),
            label,
            brand: (!brand.is_empty()).then_some(brand),
            reported_at,
            last_seen,
            confidence,
            ..Row::listed(self.columns.kind.unwrap_or(Kind::Any), value)
        })
    }
}

fn time(text: &str) -> Result<Option<Epoch>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    let seconds = || text.parse::<u64>().ok().map(|seconds| Epoch(seconds.saturating_mul(1000)));
    let found = utc::parse(text).or_else(seconds).or_else(|| text.parse().ok());
    found.map(Some).ok_or_else(|| Fault::Time(text.to_owned()))
}
