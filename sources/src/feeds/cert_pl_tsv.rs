//! `cert-pl-tsv`: the warning list of CERT Polska, version 2, columns parted by tabs, no header.
//!
//! ```text
//! 4    shop.example    2026-05-08T12:28:06+00:00
//! 5    bank.example    2026-05-08T12:28:06+00:00    2026-06-08T10:00:00+00:00
//! ```
//!
//! The columns are the number of the entry, the name, when it was entered, and when it was deleted. Times say their zone;
//! those of the first version of the list, which did not, are told as faults.
//!
//! - Class: phishing.
//! - Absence: the list is complete.
//! - Removals: a deletion time; or by absence.
//! - Licence: free of charge, for any use that protects; the source is to be named.

use std::io::BufRead;

use panopticon_model::sighting::AbuseClass;
use panopticon_model::time::Epoch;

use super::lines::{self, LineFormat, Parsed};
use super::row::{Fault, Kind, Row, State};
use super::{Absence, Emit, Format, Limits, SnapshotError, utc};

/// The format.
pub const FORMAT: Format = Format {
    id: "cert-pl-tsv",
    absence: Absence::Retract,
    abuse_class: AbuseClass::Phishing,
    removals: "a deletion time, or by absence",
    licence: "CERT Polska; free of charge, the source is to be named",
    parse,
};

fn parse(input: &mut dyn BufRead, limits: &Limits, emit: &mut Emit<'_>) -> Result<Option<Epoch>, SnapshotError> {
    lines::each(input, limits, &mut CertPl, emit)?;
    Ok(None)
}

struct CertPl;

impl LineFormat for CertPl {
    fn line<'a>(&'a mut self, line: &'a str) -> Parsed<'a> {
        if line.starts_with('#') {
            return Parsed::Skip;
        }
        let mut columns = line.split('\t').map(str::trim_ascii);
        let (id, name) = (columns.next().unwrap_or_default(), columns.next().unwrap_or_default());
        if name.is_empty() {
            let fault = Fault::Fields { found: line.split('\t').count(), expected: "3 or more, parted by tabs" };
            return Parsed::BrokenOff(fault);
        }
        let mut next = || time(columns.next().unwrap_or_default());
        match (next(), next()) {
            (Ok(came), Ok(gone)) => Parsed::Row(row(id, name, came, gone)),
            (Err(fault), _) | (_, Err(fault)) => Parsed::BrokenOff(fault),
        }
    }
}

/// A time that says its zone: one without is that of a clock which skips an hour a year.
pub(super) fn time(text: &str) -> Result<Option<Epoch>, Fault> {
    match text {
        "" | "null" | "NULL" => Ok(None),
        text if !text.ends_with(['Z', '0']) || text.len() < 20 => Err(Fault::Time(text.to_owned())),
        text => utc::parse(text).map(Some).ok_or_else(|| Fault::Time(text.to_owned())),
    }
}

/// The row of an entry that came, and perhaps went.
pub(super) fn row<'a>(id: &'a str, name: &'a str, came: Option<Epoch>, gone: Option<Epoch>) -> Row<'a> {
    Row {
        entry: (!id.is_empty()).then_some(id),
        reported_at: came,
        state: if gone.is_some() { State::Withdrawn } else { State::Present },
        ..Row::listed(Kind::Host, name)
    }
}
