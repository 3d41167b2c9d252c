//! `blackbook-csv`: the list of malicious domains of Blackbook (Miroslav Stampar).
//!
//! ```text
//! Domain,Malware,Date added,Source
//! evil.example,keitaro,2026-09-01,ViriBack
//! ```
//!
//! - Class: malware.
//! - Absence: the list is complete; entries are rarely taken from it.
//! - Removals: by absence only.
//! - Licence: MIT.

use std::borrow::Cow;
use std::io::BufRead;

use panopticon_model::sighting::AbuseClass;
use panopticon_model::time::{Day, Epoch};

use super::csv_line::{self, Header, keep};
use super::lines::{self, LineFormat, Parsed};
use super::row::{Fault, Kind, Row};
use super::{Absence, Emit, Format, Limits, SnapshotError};

/// The format.
pub const FORMAT: Format = Format {
    id: "blackbook-csv",
    absence: Absence::Retract,
    abuse_class: AbuseClass::Malware,
    removals: "by absence: the list is complete",
    licence: "MIT",
    parse,
};

fn parse(input: &mut dyn BufRead, limits: &Limits, emit: &mut Emit<'_>) -> Result<Option<Epoch>, SnapshotError> {
    lines::each(input, limits, &mut Blackbook::default(), emit)?;
    Ok(None)
}

#[derive(Default)]
struct Blackbook([String; 2]);

impl LineFormat for Blackbook {
    fn line<'a>(&'a mut self, line: &'a str) -> Parsed<'a> {
        if line.starts_with('#') || Header::of(line, &["domain", "malware"]).is_some() {
            return Parsed::Skip;
        }
        let mut fields: [Cow<'a, str>; 4] = [const { Cow::Borrowed("") }; 4];
        let found = match csv_line::split(line, &mut fields) {
            Ok(found @ 3..=4) => found,
            Ok(found) => return Parsed::BrokenOff(Fault::Fields { found, expected: "4" }),
            Err(_) => return Parsed::BrokenOff(Fault::Quotes),
        };
        let [domain, malware, added, _source] = fields;
        let reported_at = match added.parse::<Day>() {
            Ok(day) => Some(day.start()),
            Err(_) if added.is_empty() && found == 4 => None,
            Err(_) => return Parsed::BrokenOff(Fault::Time(added.into_owned())),
        };
        let [domain_space, malware_space] = &mut self.0;
        let (domain, label) = (keep(domain, domain_space), keep(malware, malware_space));
        if domain.is_empty() {
            return Parsed::Fault(Fault::Missing("domain"));
        }
        Parsed::Row(Row { label, reported_at, ..Row::listed(Kind::Host, domain) })
    }
}
