//! `threatfox-csv`: the CSV lists of ThreatFox (abuse.ch), fields quoted, a comma and a blank between them, CRLF.
//!
//! ```text
//! # "first_seen_utc","ioc_id","ioc_value","ioc_type","threat_type",…,"is_compromised","reference","tags",…   (one line)
//! "2026-07-04 22:19:04", "1844855", "cdn.shop.example", "domain", "payload_delivery", "js.clearfake", "None",
//!     "ClearFake", "", "100", "False", "None", "ClearFake,windows", "1", "anonymous"                      (one line)
//! # Number of entries: 1
//! ```
//!
//! Columns are chosen by the header; without one they are the fifteen of today. `None` is no value. Of types, `domain`,
//! `url` and `ip:port` are read, the port being dropped; hashes and mail addresses name nothing that a registry can act on
//! and are passed over. The label is the malware, the tags, and `compromised` where `is_compromised` says so.
//!
//! - Class: botnet for `botnet_cc`, else malware.
//! - Absence: a lease of seven days; the list shows the newest entries.
//! - Removals: none are told; entries expire at the publisher after six months.
//! - Integrity: `Number of entries` at the end; if it differs, the answer broke off.
//! - Licence: CC0; abuse.ch asks for fair use, and for a key (`Auth-Key`) per downloader.

use std::io::BufRead;

use panopticon_model::sighting::AbuseClass;
use panopticon_model::time::Epoch;

use super::csv_line::{Fields, Header, keep};
use super::lines::{self, LineFormat, Parsed};
use super::row::{Fault, Kind, Row};
use super::{Absence, DEFAULT_LEASE_MS, Emit, Format, Limits, SnapshotError, utc};

/// The format.
pub const FORMAT: Format = Format {
    id: "threatfox-csv",
    absence: Absence::Lease(DEFAULT_LEASE_MS),
    abuse_class: AbuseClass::Malware,
    removals: "none are told: entries leave the window, and expire after six months",
    licence: "CC0; abuse.ch asks for fair use and for a key per downloader",
    parse,
};

fn parse(input: &mut dyn BufRead, limits: &Limits, emit: &mut Emit<'_>) -> Result<Option<Epoch>, SnapshotError> {
    let mut threatfox = ThreatFox::default();
    lines::each(input, limits, &mut threatfox, emit)?;
    match threatfox.announced {
        Some((number, line)) if number != threatfox.entries => Err(SnapshotError::Truncated(line)),
        _ => Ok(threatfox.stamp),
    }
}

const COLUMNS: &str = "first_seen_utc,ioc_id,ioc_value,ioc_type,threat_type,fk_malware,malware_alias,\
                       malware_printable,last_seen_utc,confidence_level,is_compromised,reference,tags,anonymous,reporter";

#[derive(Default)]
struct ThreatFox {
    stamp: Option<Epoch>,
    header: Option<Header>,
    /// Entries so far, of any type; lines so far.
    entries: u64,
    lines: u64,
    /// How many there should be, and which line said so.
    announced: Option<(u64, u64)>,
    label: String,
    unescaped: [String; 2],
}

impl LineFormat for ThreatFox {
    fn line<'a>(&'a mut self, line: &'a str) -> Parsed<'a> {
        self.lines += 1;
        if let Some(comment) = line.strip_prefix('#') {
            self.comment(comment.trim_matches(['#', ' ', '\t']));
            return Parsed::Skip;
        }
        self.entries += 1;
        match self.row(line) {
            Ok(Some(row)) => Parsed::Row(row),
            Ok(None) => Parsed::Skip,
            Err(fault @ (Fault::Quotes | Fault::Fields { .. })) => Parsed::BrokenOff(fault),
            Err(fault) => Parsed::Fault(fault),
        }
    }
}

impl ThreatFox {
    fn comment(&mut self, comment: &str) {
        if let Some(stamp) = comment.strip_prefix("Last updated:") {
            self.stamp = utc::parse(stamp.trim_ascii()).or(self.stamp);
        } else if let Some(number) = comment.strip_prefix("Number of entries:") {
            self.announced = number.trim_ascii().parse().ok().map(|number| (number, self.lines));
        } else if let Some(header) = Header::of(comment, &["ioc_value", "ioc_type"]) {
            self.header = Some(header);
        }
    }

    fn row<'a>(&'a mut self, line: &'a str) -> Result<Option<Row<'a>>, Fault> {
        let header = self.header.get_or_insert_with(|| Header::of(COLUMNS, &[]).unwrap_or_default());
        let mut fields = Fields::of(line, header, "None", "as many as the header has, or 15")?;
        let (first_seen, last_seen) = (fields.time("first_seen_utc")?, fields.time("last_seen_utc")?);
        let [id, value] = ["ioc_id", "ioc_value"].map(|column| fields.take(column));
        let [id_space, value_space] = &mut self.unescaped;
        let ioc = Ioc {
            id: keep(id, id_space),
            value: keep(value, value_space),
            ioc_type: fields.text("ioc_type"),
            threat_type: fields.text("threat_type"),
            malware: fields.text("malware_printable"),
            tags: fields.text("tags"),
            is_compromised: fields.text("is_compromised").eq_ignore_ascii_case("true"),
            confidence: fields.text("confidence_level"),
            first_seen,
            last_seen,
        };
        row(&ioc, &mut self.label)
    }
}

/// An entry, whatever it was written in.
pub(super) struct Ioc<'a, 'w> {
    pub(super) id: &'a str,
    pub(super) value: &'a str,
    pub(super) ioc_type: &'w str,
    pub(super) threat_type: &'w str,
    pub(super) malware: &'w str,
    pub(super) tags: &'w str,
    pub(super) is_compromised: bool,
    pub(super) confidence: &'w str,
    pub(super) first_seen: Option<Epoch>,
    pub(super) last_seen: Option<Epoch>,
}

/// The row of an entry, its label in `label`; none for what no registry can act on.
pub(super) fn row<'a>(ioc: &Ioc<'a, '_>, label: &'a mut String) -> Result<Option<Row<'a>>, Fault> {
    let kind = match ioc.ioc_type {
        "domain" => Kind::Host,
        "url" => Kind::Url,
        "ip:port" => Kind::Any,
        found if found.ends_with("_hash") || matches!(found, "envelope_from" | "body_from" | "sha256" | "md5") => {
            return Ok(None);
        }
        found => {
            let found = found.to_owned();
            return Err(Fault::Word { field: "ioc_type", found, expected: "domain, url or ip:port" });
        }
    };
    let abuse_class = match ioc.threat_type {
        "botnet_cc" => AbuseClass::Botnet,
        _ => AbuseClass::Malware,
    };
    let confidence = ioc.confidence.parse().ok().filter(|confidence| *confidence <= 100);
    label.clear();
    let compromised = if ioc.is_compromised { "compromised" } else { "" };
    let tags = ioc.tags.split(',').map(str::trim_ascii);
    for word in [ioc.malware].into_iter().chain(tags).chain([compromised]) {
        let is_new = !word.is_empty() && label.split(',').all(|known| known != word);
        if is_new && !label.is_empty() {
            label.push(',');
        }
        if is_new {
            label.push_str(word);
        }
    }
    if ioc.value.is_empty() {
        return Err(Fault::Missing("value"));
    }
    // An address with its port, IPv6 in brackets.
    let value = match (kind, ioc.value.rsplit_once(':')) {
        (Kind::Any, Some((address, _))) => address.trim_matches(['[', ']']),
        _ => ioc.value,
    };
    Ok(Some(Row {
        entry: (!ioc.id.is_empty()).then_some(ioc.id),
        abuse_class: Some(abuse_class),
        label,
        confidence,
        reported_at: ioc.first_seen,
        last_seen: ioc.last_seen,
        ..Row::listed(kind, value)
    }))
}
