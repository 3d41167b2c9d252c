//! `openphish-txt`: the public list of OpenPhish, one URL a line, no header, no times.
//!
//! ```text
//! https://login.bank.example/verify?id=1
//! http://198.51.100.7/~user/index.html
//! ```
//!
//! - Class: phishing.
//! - Absence: a lease of seven days. The list shows the newest entries; a URL leaves it after about twelve hours
//!   whatever happened to it.
//! - Removals: none are told.
//! - Licence: the publisher's terms of use; the public list is for non-commercial use, ask before you republish.

use std::io::BufRead;

use panopticon_model::sighting::AbuseClass;
use panopticon_model::time::Epoch;

use super::lines::{self, LineFormat, Parsed};
use super::row::{Kind, Row};
use super::{Absence, DEFAULT_LEASE_MS, Emit, Format, Limits, SnapshotError};

/// The format.
pub const FORMAT: Format = Format {
    id: "openphish-txt",
    absence: Absence::Lease(DEFAULT_LEASE_MS),
    abuse_class: AbuseClass::Phishing,
    removals: "none are told: a URL leaves the window after about twelve hours",
    licence: "OpenPhish terms of use; the public list is for non-commercial use",
    parse,
};

fn parse(input: &mut dyn BufRead, limits: &Limits, emit: &mut Emit<'_>) -> Result<Option<Epoch>, SnapshotError> {
    lines::each(input, limits, &mut OpenPhish, emit)?;
    Ok(None)
}

struct OpenPhish;

impl LineFormat for OpenPhish {
    fn line<'a>(&'a mut self, line: &'a str) -> Parsed<'a> {
        if line.starts_with('#') { Parsed::Skip } else { Parsed::Row(Row::listed(Kind::Url, line)) }
    }
}
