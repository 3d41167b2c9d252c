//! `phishing-database`: the lists of Phishing.Database by state, one after the other: domains, links or addresses, one a line.
//!
//! ```text
//! # list ACTIVE
//! login.bank.example
//! # list INACTIVE
//! shop.example
//! # list INVALID
//! no.such.example
//! ```
//!
//! The lines that begin with `# list` are put there when the lists are fetched; a single list has none, and is taken for the
//! active one. An entry in two of them is what the first says. To move from one list to another changes its state.
//!
//! - Class: phishing.
//! - Absence: the lists are complete.
//! - Removals: an inactive entry is offline, an invalid one is taken back; or by absence.
//! - Licence: MIT.

use std::io::BufRead;

use panopticon_model::sighting::AbuseClass;
use panopticon_model::time::Epoch;

use super::lines::{self, LineFormat, Parsed};
use super::row::{Kind, Row, State};
use super::{Absence, Emit, Format, Limits, SnapshotError};

/// The format.
pub const FORMAT: Format = Format {
    id: "phishing-database",
    absence: Absence::Retract,
    abuse_class: AbuseClass::Phishing,
    removals: "by moving to the list of inactive or of invalid entries, or by absence",
    licence: "MIT",
    parse,
};

fn parse(input: &mut dyn BufRead, limits: &Limits, emit: &mut Emit<'_>) -> Result<Option<Epoch>, SnapshotError> {
    lines::each(input, limits, &mut Lists(State::Present), emit)?;
    Ok(None)
}

/// What being on the list that is read says.
struct Lists(State);

impl LineFormat for Lists {
    fn line<'a>(&'a mut self, line: &'a str) -> Parsed<'a> {
        if let Some(comment) = line.strip_prefix('#') {
            self.0 = match comment.trim_ascii().strip_prefix("list ") {
                Some("ACTIVE") => State::Present,
                Some("INACTIVE") => State::Offline,
                Some("INVALID") => State::Withdrawn,
                _ => self.0,
            };
            return Parsed::Skip;
        }
        Parsed::Row(Row { state: self.0, ..Row::listed(Kind::Any, line) })
    }
}
