//! `plain`: a list of URLs, host names, domains and addresses, mixed, one a line.
//!
//! ```text
//! # a comment; so are lines that begin with ; or //
//! https://login.bank.example/verify    # and what follows white space and one of these marks
//! hxxp://shop[.]example/pay
//! shop.example
//! shop.example/pay
//! 198.51.100.7
//! ```
//!
//! The spelling decides what a row is: an address; a URL if it has a scheme, a path or a port (`http` where the
//! scheme is missing); else a host. A URL is never reduced to its host: whoever lists one page does not list a site.
//!
//! - Class: `other`, unless the configuration names one.
//! - Absence: the list is complete, what left it is delisted.
//! - Removals: by absence only.
//! - Licence: that of whoever keeps the list.

use std::io::BufRead;

use panopticon_model::sighting::AbuseClass;
use panopticon_model::time::Epoch;

use super::lines::{self, LineFormat, Parsed};
use super::row::{Fault, Kind, Row};
use super::{Absence, Emit, Format, Limits, SnapshotError};

/// The format.
pub const FORMAT: Format = Format {
    id: "plain",
    absence: Absence::Retract,
    abuse_class: AbuseClass::Other,
    removals: "by absence: the list is complete",
    licence: "that of whoever keeps the list",
    parse,
};

fn parse(input: &mut dyn BufRead, limits: &Limits, emit: &mut Emit<'_>) -> Result<Option<Epoch>, SnapshotError> {
    lines::each(input, limits, &mut Plain, emit)?;
    Ok(None)
}

const MARKS: [&str; 3] = ["#", ";", "//"];

struct Plain;

impl LineFormat for Plain {
    fn line<'a>(&'a mut self, line: &'a str) -> Parsed<'a> {
        let is_comment = |text: &str| MARKS.iter().any(|mark| text.starts_with(mark));
        if is_comment(line) {
            return Parsed::Skip;
        }
        match line.split_once(|c: char| c.is_ascii_whitespace()) {
            None => Parsed::Row(Row::listed(Kind::Any, line)),
            Some((value, rest)) if is_comment(rest.trim_ascii_start()) => {
                Parsed::Row(Row::listed(Kind::Any, value))
            }
            Some(_) => Parsed::Fault(Fault::Space),
        }
    }
}
