//! `maltrail`: a file of trails of Maltrail, one a line under comments that name their source.
//!
//! ```text
//! # Reference: https://research.example/stealer-2026
//! evil.example
//! 198.51.100.7:8080
//! files.example/gate.php
//! /panel/gate.php
//! ```
//!
//! Names, addresses (their port dropped) and URLs are read. A trail that is a path alone names no host and is passed over.
//! The reference above is the label.
//!
//! - Class: malware, unless the configuration names another: a file is of one family.
//! - Absence: the file is complete.
//! - Removals: by absence only.
//! - Licence: MIT.

use std::io::BufRead;

use panopticon_model::sighting::AbuseClass;
use panopticon_model::time::Epoch;

use super::lines::{self, LineFormat, Parsed};
use super::row::{Fault, Kind, Row};
use super::{Absence, Emit, Format, Limits, SnapshotError};

/// The format.
pub const FORMAT: Format = Format {
    id: "maltrail",
    absence: Absence::Retract,
    abuse_class: AbuseClass::Malware,
    removals: "by absence: a file is complete",
    licence: "MIT",
    parse,
};

fn parse(input: &mut dyn BufRead, limits: &Limits, emit: &mut Emit<'_>) -> Result<Option<Epoch>, SnapshotError> {
    lines::each(input, limits, &mut Maltrail::default(), emit)?;
    Ok(None)
}

/// The reference of the trails that follow.
#[derive(Default)]
struct Maltrail(String);

impl LineFormat for Maltrail {
    fn line<'a>(&'a mut self, line: &'a str) -> Parsed<'a> {
        if let Some(comment) = line.strip_prefix('#') {
            if let Some(reference) = comment.trim_ascii().strip_prefix("Reference:") {
                self.0.clear();
                self.0.push_str(reference.trim_ascii());
            }
            return Parsed::Skip;
        }
        let trail = line.split(" #").next().unwrap_or_default().trim_ascii();
        if trail.starts_with('/') {
            return Parsed::Skip;
        }
        if trail.contains(|c: char| c.is_ascii_whitespace()) {
            return Parsed::Fault(Fault::Space);
        }
        let address = trail.rsplit_once(':').map(|(address, _)| address);
        let is_address = |text: &&str| text.parse::<std::net::Ipv4Addr>().is_ok();
        let value = address.filter(is_address).unwrap_or(trail);
        Parsed::Row(Row { label: &self.0, ..Row::listed(Kind::Any, value) })
    }
}
