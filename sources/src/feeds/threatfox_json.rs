//! `threatfox-json`: the JSON lists of ThreatFox (abuse.ch), and what its API answers to `get_iocs`.
//!
//! ```text
//! {"1844855":[{"ioc_value":"cdn.shop.example","ioc_type":"domain","threat_type":"payload_delivery",
//!   "malware_printable":"ClearFake","first_seen_utc":"2026-07-04 22:19:04","confidence_level":100,
//!   "is_compromised":false,"tags":"ClearFake,windows","reporter":"anonymous"}]}
//! {"query_status":"ok","data":[{"id":"1844855","ioc":"cdn.shop.example","ioc_type":"domain",…,"tags":["ClearFake"]}]}
//! ```
//!
//! The fields mean what they mean in `threatfox-csv`. The number of an entry is the key of its array, or its `id`.
//!
//! - Class, absence, removals, licence: as for `threatfox-csv`.

use std::io::BufRead;

use panopticon_model::time::Epoch;
use serde::Deserialize;

use super::document::{self, DocumentFormat, Take};
use super::json::{Text, id_of, object_of};
use super::lines::Parsed;
use super::threatfox_csv::{Ioc, row};
use super::{Emit, Format, Limits, SnapshotError, threatfox_csv};

/// The format.
pub const FORMAT: Format = Format { id: "threatfox-json", parse, ..threatfox_csv::FORMAT };

fn parse(input: &mut dyn BufRead, limits: &Limits, emit: &mut Emit<'_>) -> Result<Option<Epoch>, SnapshotError> {
    document::each(input, limits, &mut ThreatFox::default(), emit)?;
    Ok(None)
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow, default)]
    id: Text<'a>,
    #[serde(borrow, default, alias = "ioc")]
    ioc_value: Text<'a>,
    #[serde(borrow, default)]
    ioc_type: Text<'a>,
    #[serde(borrow, default)]
    threat_type: Text<'a>,
    #[serde(borrow, default)]
    malware_printable: Text<'a>,
    #[serde(borrow, default, alias = "first_seen")]
    first_seen_utc: Text<'a>,
    #[serde(borrow, default, alias = "last_seen")]
    last_seen_utc: Text<'a>,
    #[serde(borrow, default)]
    confidence_level: Text<'a>,
    #[serde(borrow, default)]
    is_compromised: Text<'a>,
    #[serde(borrow, default)]
    tags: Text<'a>,
}

#[derive(Default)]
struct ThreatFox {
    label: String,
}

impl DocumentFormat for ThreatFox {
    fn entry(&mut self, array: &str, object: &str, take: &mut Take<'_>) -> Result<(), SnapshotError> {
        let entry: Entry<'_> = match object_of(object) {
            Ok(entry) => entry,
            Err(fault) => return take(Parsed::Fault(fault)),
        };
        let times = entry.first_seen_utc.time().and_then(|first| Ok((first, entry.last_seen_utc.time()?)));
        let found = times.and_then(|(first_seen, last_seen)| {
            let ioc = Ioc {
                id: id_of(&entry.id, array),
                value: entry.ioc_value.get(),
                ioc_type: entry.ioc_type.get(),
                threat_type: entry.threat_type.get(),
                malware: entry.malware_printable.get(),
                tags: entry.tags.get(),
                is_compromised: entry.is_compromised.is_true(),
                confidence: entry.confidence_level.get(),
                first_seen,
                last_seen,
            };
            row(&ioc, &mut self.label)
        });
        match found {
            Ok(Some(row)) => take(Parsed::Row(row)),
            Ok(None) => take(Parsed::Skip),
            Err(fault) => take(Parsed::Fault(fault)),
        }
    }
}
