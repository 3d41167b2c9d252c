//! `phishtank-json`: the verified list of PhishTank as a JSON array.
//!
//! ```text
//! [{"phish_id":"8123456","url":"https://login.bank.example/a","submission_time":"2026-04-26T09:03:57+00:00",
//!   "verified":"yes","online":"yes","details":[…],"target":"PayPal"}]
//! ```
//!
//! The fields mean what they mean in `phishtank-csv`; `details` are not read.
//!
//! - Class: phishing.
//! - Absence: the list is complete.
//! - Removals: by absence; `online` says no, or `verified` does.
//! - Licence: the publisher's terms of use; a key per application.

use std::io::BufRead;

use panopticon_model::time::Epoch;
use serde::Deserialize;

use super::document::{self, DocumentFormat, Take, told};
use super::json::{Text, object_of};
use super::phishtank_csv::{row, state};
use super::row::{Fault, Row};
use super::{Emit, Format, Limits, SnapshotError, phishtank_csv};

/// The format.
pub const FORMAT: Format = Format { id: "phishtank-json", parse, ..phishtank_csv::FORMAT };

fn parse(input: &mut dyn BufRead, limits: &Limits, emit: &mut Emit<'_>) -> Result<Option<Epoch>, SnapshotError> {
    document::each(input, limits, &mut PhishTank, emit)?;
    Ok(None)
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow, default)]
    phish_id: Text<'a>,
    #[serde(borrow, default)]
    url: Text<'a>,
    #[serde(borrow, default)]
    submission_time: Text<'a>,
    #[serde(borrow, default)]
    verified: Text<'a>,
    #[serde(borrow, default)]
    online: Text<'a>,
    #[serde(borrow, default)]
    target: Text<'a>,
}

struct PhishTank;

impl DocumentFormat for PhishTank {
    fn entry(&mut self, _array: &str, object: &str, take: &mut Take<'_>) -> Result<(), SnapshotError> {
        let entry = object_of::<Entry<'_>>(object);
        take(told(entry.as_ref().map_err(Clone::clone).and_then(Entry::row)))
    }
}

impl Entry<'_> {
    fn row(&self) -> Result<Row<'_>, Fault> {
        let state = state(self.verified.get(), self.online.get())?;
        row(self.phish_id.get(), self.url.get(), self.target.get(), self.submission_time.time()?, state)
    }
}
