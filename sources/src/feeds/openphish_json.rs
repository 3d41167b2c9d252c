//! `openphish-json`: the premium list of OpenPhish, an object a line.
//!
//! ```text
//! {"url":"https://login.bank.example/a","brand":"PayPal","family_id":"a1b2","isotime":"2026-04-26T09:03:57Z","ip":"198.51.100.7"}
//! ```
//!
//! Read are `url`, `brand` (`Other` is none), `family_id` and `isotime` or `discover_time`; the rest, mail addresses among it, is passed over
//! unread.
//!
//! - Class: phishing.
//! - Absence: a lease of seven days, as of the public list.
//! - Removals: none are told.
//! - Licence: a contract with the publisher.

use std::borrow::Cow;
use std::io::BufRead;

use panopticon_model::sighting::AbuseClass;
use panopticon_model::time::Epoch;
use serde::Deserialize;

use super::csv_line::keep;
use super::lines::{self, LineFormat, Parsed};
use super::row::{Fault, Kind, Row};
use super::{Absence, DEFAULT_LEASE_MS, Emit, Format, Limits, SnapshotError, utc};

/// The format.
pub const FORMAT: Format = Format {
    id: "openphish-json",
    absence: Absence::Lease(DEFAULT_LEASE_MS),
    abuse_class: AbuseClass::Phishing,
    removals: "none are told: a URL leaves the window",
    licence: "a contract with OpenPhish",
    parse,
};

fn parse(input: &mut dyn BufRead, limits: &Limits, emit: &mut Emit<'_>) -> Result<Option<Epoch>, SnapshotError> {
    lines::each(input, limits, &mut OpenPhish::default(), emit)?;
    Ok(None)
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow, default)]
    url: Cow<'a, str>,
    #[serde(borrow, default)]
    brand: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    family_id: Option<Cow<'a, str>>,
    #[serde(borrow, default, alias = "discover_time")]
    isotime: Option<Cow<'a, str>>,
}

/// The texts of fields that had an escape in them.
#[derive(Default)]
struct OpenPhish([String; 3]);

impl LineFormat for OpenPhish {
    fn line<'a>(&'a mut self, line: &'a str) -> Parsed<'a> {
        if line.starts_with('#') {
            return Parsed::Skip;
        }
        // A list of values would do for an object without its names.
        if !line.starts_with('{') {
            return Parsed::Fault(Fault::Json);
        }
        let entry: Entry<'a> = match serde_json::from_str(line) {
            Ok(entry) => entry,
            Err(error) if error.is_eof() => return Parsed::BrokenOff(Fault::Json),
            Err(_) => return Parsed::Fault(Fault::Json),
        };
        let reported_at = match entry.isotime.as_deref() {
            None | Some("") => None,
            Some(text) => match utc::parse(text) {
                Some(at) => Some(at),
                None => return Parsed::Fault(Fault::Time(text.to_owned())),
            },
        };
        let [url_space, brand_space, label_space] = &mut self.0;
        let value = keep(entry.url, url_space);
        if value.is_empty() {
            return Parsed::Fault(Fault::Missing("URL"));
        }
        let brand = entry.brand.map(|brand| keep(brand, brand_space));
        let brand = brand.filter(|brand| !brand.is_empty() && !brand.eq_ignore_ascii_case("other"));
        let label = entry.family_id.map_or("", |family| keep(family, label_space));
        Parsed::Row(Row { brand, label, reported_at, ..Row::listed(Kind::Url, value) })
    }
}
