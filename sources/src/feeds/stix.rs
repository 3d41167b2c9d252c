//! `stix`: indicators of STIX 2.1, as a bundle or as pages of TAXII 2.1, one after the other.
//!
//! ```text
//! {"type":"bundle","id":"bundle--…","objects":[{"type":"indicator","spec_version":"2.1","id":"indicator--a831…",
//!   "created":"…","modified":"…","indicator_types":["malicious-activity"],"pattern_type":"stix",
//!   "pattern":"[domain-name:value = 'shop.example' OR url:value = 'http://shop.example/a']",
//!   "valid_from":"2026-05-08T12:28:06Z","valid_until":"2026-06-08T12:28:06Z","revoked":false}]}
//! ```
//!
//! Of a pattern are read comparisons of `url:value`, `domain-name:value`, `ipv4-addr:value` and `ipv6-addr:value` with `=`
//! and `IN`, joined by `OR` and `AND`; each value is a row. What compares other things alone is passed over; what takes
//! them back (`NOT`, `!=`), matches texts (`LIKE`, `MATCHES`), or asks for an order in time is a fault. Of an indicator that
//! stands there in several versions the last one counts, whole.
//!
//! - Class: malware, or phishing, botnet where `indicator_types`, `labels` or the name say so.
//! - Absence: a bundle is complete.
//! - Removals: `revoked`; `valid_until`, at that time; or by absence.
//! - Licence: that of whoever shares the collection.

use std::io::BufRead;

use panopticon_model::sighting::AbuseClass;
use panopticon_model::time::Epoch;
use serde::Deserialize;

use super::document::{self, DocumentFormat, Take};
use super::json::{Text, join, object_of};
use super::lines::Parsed;
use super::row::{Fault, Row, State};
use super::stix_pattern::values;
use super::{Absence, Emit, Format, Limits, SnapshotError, Version};

/// The format.
pub const FORMAT: Format = Format {
    id: "stix",
    absence: Absence::Retract,
    abuse_class: AbuseClass::Malware,
    removals: "`revoked`, `valid_until`, or by absence",
    licence: "that of whoever shares the collection",
    parse,
};

fn parse(input: &mut dyn BufRead, limits: &Limits, emit: &mut Emit<'_>) -> Result<Option<Epoch>, SnapshotError> {
    document::each(input, limits, &mut Stix::default(), emit)?;
    Ok(None)
}

#[derive(Deserialize)]
struct Object<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow, default)]
    id: Text<'a>,
    #[serde(borrow, default)]
    created: Text<'a>,
    #[serde(borrow, default)]
    modified: Text<'a>,
    #[serde(borrow, default)]
    revoked: Text<'a>,
    #[serde(borrow, default)]
    name: Text<'a>,
    #[serde(borrow, default)]
    indicator_types: Text<'a>,
    #[serde(borrow, default)]
    labels: Text<'a>,
    #[serde(borrow, default)]
    pattern: Text<'a>,
    #[serde(borrow, default)]
    pattern_type: Text<'a>,
    #[serde(borrow, default)]
    valid_until: Text<'a>,
    #[serde(borrow, default)]
    confidence: Text<'a>,
}

#[derive(Default)]
struct Stix {
    label: String,
}

impl DocumentFormat for Stix {
    fn entry(&mut self, _array: &str, object: &str, take: &mut Take<'_>) -> Result<(), SnapshotError> {
        let object: Object<'_> = match object_of(object) {
            Ok(object) => object,
            Err(fault) => return take(Parsed::Fault(fault)),
        };
        if object.kind.get() != "indicator" {
            return Ok(());
        }
        match self.indicator(&object, take) {
            Ok(done) => done,
            Err(fault) => take(Parsed::Fault(fault)),
        }
    }
}

impl Stix {
    fn indicator(&mut self, object: &Object<'_>, take: &mut Take<'_>) -> Result<Result<(), SnapshotError>, Fault> {
        let pattern_type = object.pattern_type.get();
        if pattern_type != "stix" {
            let found = pattern_type.to_owned();
            return Err(Fault::Word { field: "pattern_type", found, expected: "stix" });
        }
        if object.id.get().is_empty() {
            return Err(Fault::Missing("id"));
        }
        let (created, modified) = (time(&object.created)?, time(&object.modified)?);
        let state = match time(&object.valid_until)? {
            _ if object.revoked.is_true() => State::Withdrawn,
            Some(until) => State::Until(until),
            None => State::Present,
        };
        let version = modified.or(created).map(|at| Version { of: object.id.get(), at });
        let values = values(object.pattern.get())?;
        join(&mut self.label, [&object.name, &object.indicator_types, &object.labels].map(Text::get));
        let abuse_class = class(&self.label);
        let several = values.len() > 1;
        for (number, (kind, value)) in (1..).zip(&values) {
            let entry = if several { format!("{}/{number}", object.id.get()) } else { object.id.get().to_owned() };
            let row = Row {
                entry: Some(&entry),
                abuse_class,
                label: &self.label,
                confidence: object.confidence.get().parse().ok().filter(|confidence| *confidence <= 100),
                reported_at: created,
                version,
                state,
                ..Row::listed(*kind, value)
            };
            if let Err(error) = take(Parsed::Row(row)) {
                return Ok(Err(error));
            }
        }
        Ok(Ok(()))
    }
}

/// A timestamp of STIX has fractions of a second, which are dropped.
fn time(text: &Text<'_>) -> Result<Option<Epoch>, Fault> {
    match text.get() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| Fault::Time(text.to_owned())),
    }
}

/// The class that words say; none if they say nothing of it.
fn class(words: &str) -> Option<AbuseClass> {
    let words = words.to_ascii_lowercase();
    let has = |wanted: &[&str]| wanted.iter().any(|wanted| words.contains(wanted));
    if has(&["phish"]) {
        Some(AbuseClass::Phishing)
    } else if has(&["botnet", "command-and-control", "c2"]) {
        Some(AbuseClass::Botnet)
    } else {
        None
    }
}
