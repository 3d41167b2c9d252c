//! `phishtank-csv`: the verified list of PhishTank, a header and fields that are quoted where they have to be.
//!
//! ```text
//! phish_id,url,phish_detail_url,submission_time,verified,verification_time,online,target
//! 8123456,https://login.bank.example/a,http://www.phishtank.com/phish_detail.php?phish_id=8123456,2026-04-26T09:03:57+00:00,
//!     yes,2026-04-26T10:48:17+00:00,yes,PayPal                                                               (one line)
//! ```
//!
//! Columns are chosen by the header, which is the first line; without one they are these eight. `Other` is no brand.
//!
//! - Class: phishing.
//! - Absence: the list is complete: what left it is no longer verified or no longer online.
//! - Removals: by absence; `online` says `no` where a row stays; a row that is not verified is taken back.
//! - Licence: the publisher's terms of use; a key per application, a descriptive User-Agent, and no more than the limits
//!   that its answers name (509 when they are passed).

use std::io::BufRead;

use panopticon_model::sighting::AbuseClass;
use panopticon_model::time::Epoch;

use super::csv_line::{Fields, Header, keep};
use super::lines::{self, LineFormat, Parsed};
use super::row::{Fault, Kind, Row, State};
use super::{Absence, Emit, Format, Limits, SnapshotError};

/// The format.
pub const FORMAT: Format = Format {
    id: "phishtank-csv",
    absence: Absence::Retract,
    abuse_class: AbuseClass::Phishing,
    removals: "by absence; `online` says no, or `verified` does",
    licence: "PhishTank terms of use; a key per application",
    parse,
};

fn parse(input: &mut dyn BufRead, limits: &Limits, emit: &mut Emit<'_>) -> Result<Option<Epoch>, SnapshotError> {
    lines::each(input, limits, &mut PhishTank::default(), emit)?;
    Ok(None)
}

const COLUMNS: &str = "phish_id,url,phish_detail_url,submission_time,verified,verification_time,online,target";

#[derive(Default)]
struct PhishTank {
    header: Option<Header>,
    unescaped: [String; 3],
}

impl LineFormat for PhishTank {
    fn line<'a>(&'a mut self, line: &'a str) -> Parsed<'a> {
        if line.starts_with('#') {
            return Parsed::Skip;
        }
        if let Some(header) = Header::of(line, &["phish_id", "url"]) {
            self.header = Some(header);
            return Parsed::Skip;
        }
        match self.row(line) {
            Ok(row) => Parsed::Row(row),
            Err(fault @ (Fault::Quotes | Fault::Fields { .. })) => Parsed::BrokenOff(fault),
            Err(fault) => Parsed::Fault(fault),
        }
    }
}

impl PhishTank {
    fn row<'a>(&'a mut self, line: &'a str) -> Result<Row<'a>, Fault> {
        let header = self.header.get_or_insert_with(|| Header::of(COLUMNS, &[]).unwrap_or_default());
        let mut fields = Fields::of(line, header, "", "as many as the header has, or 8")?;
        let state = state(fields.text("verified"), fields.text("online"))?;
        let reported_at = fields.time("submission_time")?;
        let [id, value, brand] = ["phish_id", "url", "target"].map(|column| fields.take(column));
        let [id_space, value_space, brand_space] = &mut self.unescaped;
        row(keep(id, id_space), keep(value, value_space), keep(brand, brand_space), reported_at, state)
    }
}

/// What `verified` and `online` say.
pub(super) fn state(verified: &str, online: &str) -> Result<State, Fault> {
    let is = |field: &'static str, word: &str| match word {
        "yes" | "y" | "" => Ok(true),
        "no" | "n" => Ok(false),
        found => Err(Fault::Word { field, found: found.to_owned(), expected: "yes or no" }),
    };
    Ok(match (is("verified", verified)?, is("online", online)?) {
        (false, _) => State::Withdrawn,
        (true, false) => State::Offline,
        (true, true) => State::Present,
    })
}

/// The row of an entry; `Other` is no brand.
pub(super) fn row<'a>(
    id: &'a str,
    value: &'a str,
    brand: &'a str,
    reported_at: Option<Epoch>,
    state: State,
) -> Result<Row<'a>, Fault> {
    if value.is_empty() {
        return Err(Fault::Missing("URL"));
    }
    Ok(Row {
        entry: (!id.is_empty()).then_some(id),
        brand: Some(brand).filter(|brand| !brand.is_empty() && !brand.eq_ignore_ascii_case("other")),
        reported_at,
        state,
        ..Row::listed(Kind::Url, value)
    })
}
