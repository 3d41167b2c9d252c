//! `misp`: events of MISP, one or several after the other, as a feed of MISP has them in its files.
//!
//! ```text
//! {"Event":{"uuid":"…","info":"Phishing of May","date":"2026-05-08","Attribute":[
//!   {"uuid":"575c…","type":"url","category":"Payload delivery","value":"http://shop.example/a","to_ids":true,
//!    "deleted":false,"timestamp":"1778243286","comment":""}],
//!  "Object":[{"name":"url","Attribute":[…]}]}}
//! ```
//!
//! Read are attributes of the types `url`, `uri`, `link`, `domain`, `hostname`, `domain|ip`, `hostname|port`, `ip-src`,
//! `ip-dst`, with and without a port, also those of objects, where `to_ids` says that they are meant to be acted on. Of an
//! attribute that stands there several times the newest counts. The label is what the event is about, and the comment.
//!
//! - Class: malware, or phishing where the event or the attribute is about it.
//! - Absence: the events are all there are.
//! - Removals: `deleted`; or by absence.
//! - Licence: that of whoever shares the events.

use std::io::BufRead;

use panopticon_model::sighting::AbuseClass;
use panopticon_model::time::Epoch;
use serde::Deserialize;

use super::document::{self, DocumentFormat, Take};
use super::json::{Text, join, object_of};
use super::lines::Parsed;
use super::row::{Fault, Kind, Row, State};
use super::{Absence, Emit, Format, Limits, SnapshotError, Version};

/// The format.
pub const FORMAT: Format = Format {
    id: "misp",
    absence: Absence::Retract,
    abuse_class: AbuseClass::Malware,
    removals: "`deleted`, or by absence",
    licence: "that of whoever shares the events",
    parse,
};

fn parse(input: &mut dyn BufRead, limits: &Limits, emit: &mut Emit<'_>) -> Result<Option<Epoch>, SnapshotError> {
    document::each(input, limits, &mut Misp::default(), emit)?;
    Ok(None)
}

#[derive(Deserialize)]
struct Attribute<'a> {
    #[serde(borrow, default)]
    uuid: Text<'a>,
    #[serde(borrow, default, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow, default)]
    category: Text<'a>,
    #[serde(borrow, default)]
    value: Text<'a>,
    #[serde(borrow, default)]
    to_ids: Text<'a>,
    #[serde(borrow, default)]
    deleted: Text<'a>,
    #[serde(borrow, default)]
    timestamp: Text<'a>,
    #[serde(borrow, default)]
    comment: Text<'a>,
}

#[derive(Deserialize)]
struct Object<'a> {
    #[serde(borrow, default, rename = "Attribute")]
    attributes: Vec<Attribute<'a>>,
    #[serde(borrow, default)]
    deleted: Text<'a>,
}

#[derive(Default)]
struct Misp {
    /// What the event is about.
    info: String,
    label: String,
}

impl DocumentFormat for Misp {
    fn said(&mut self, key: &str, value: &str) {
        if key == "info" {
            // A key outside of entries is told as it is written.
            let text = serde_json::from_str(&format!("\"{value}\""));
            self.info = text.unwrap_or_else(|_| value.to_owned());
        }
    }

    fn entry(&mut self, array: &str, object: &str, take: &mut Take<'_>) -> Result<(), SnapshotError> {
        match array {
            "Attribute" => match object_of(object) {
                Ok(attribute) => self.attribute(&attribute, false, take),
                Err(fault) => take(Parsed::Fault(fault)),
            },
            "Object" => match object_of::<Object<'_>>(object) {
                Ok(object) => {
                    let is_deleted = object.deleted.is_true();
                    object.attributes.iter().try_for_each(|attribute| self.attribute(attribute, is_deleted, take))
                }
                Err(fault) => take(Parsed::Fault(fault)),
            },
            _ => Ok(()),
        }
    }
}

impl Misp {
    fn attribute(
        &mut self,
        attribute: &Attribute<'_>,
        is_deleted: bool,
        take: &mut Take<'_>,
    ) -> Result<(), SnapshotError> {
        let value = attribute.value.get();
        let first = value.split('|').next().unwrap_or_default();
        let (kind, value) = match attribute.kind.get() {
            "url" | "uri" | "link" => (Kind::Url, value),
            "domain" | "hostname" => (Kind::Host, value),
            "domain|ip" | "hostname|port" => (Kind::Host, first),
            "ip-src" | "ip-dst" => (Kind::Any, value),
            "ip-src|port" | "ip-dst|port" => (Kind::Any, first),
            _ => return Ok(()),
        };
        if !attribute.to_ids.is_true() {
            return Ok(());
        }
        if value.is_empty() {
            return take(Parsed::Fault(Fault::Missing("value")));
        }
        let seconds = attribute.timestamp.get();
        let at = match seconds.parse::<u64>() {
            Ok(seconds) => Some(Epoch(seconds.saturating_mul(1000))),
            Err(_) if seconds.is_empty() => None,
            Err(_) => return take(Parsed::Fault(Fault::Time(seconds.to_owned()))),
        };
        join(&mut self.label, [self.info.as_str(), attribute.category.get(), attribute.comment.get()]);
        let uuid = attribute.uuid.get();
        take(Parsed::Row(Row {
            entry: (!uuid.is_empty()).then_some(uuid),
            abuse_class: self.label.to_ascii_lowercase().contains("phish").then_some(AbuseClass::Phishing),
            label: &self.label,
            reported_at: at,
            version: at.filter(|_| !uuid.is_empty()).map(|at| Version { of: uuid, at }),
            state: if is_deleted || attribute.deleted.is_true() { State::Withdrawn } else { State::Present },
            ..Row::listed(kind, value)
        }))
    }
}
