//! `rpz`: a response policy zone (draft-vixie-dnsop-dns-rpz), as a file.
//!
//! ```text
//! $TTL 30
//! @ SOA rpz.example. hostmaster.example. 2202170343 300 1800 604800 30
//!   NS localhost.
//! shop.example CNAME . ; Malware download (2026-10-21), see https://feed.example/shop.example/
//! *.shop.example CNAME .
//! 32.7.100.51.198.rpz-ip CNAME rpz-drop.
//! good.example CNAME rpz-passthru.
//! ```
//!
//! What denies a name lists it; a wildcard lists the name below which it stands. `rpz-passthru.` is the opposite of an
//! indicator and passed over. An answer of its own (another CNAME, A, AAAA, TXT) denies as well. Of the triggers, names and
//! addresses (`rpz-ip`, one address, not a network) are read; `rpz-nsdname`, `rpz-nsip` and `rpz-client-ip` list no abuse
//! of the name and are told as faults. The comment is the label.
//!
//! - Class: `other`, unless the configuration names one.
//! - Absence: the zone is complete.
//! - Removals: by absence only.
//! - Licence: that of whoever keeps the zone.

use std::io::BufRead;

use panopticon_model::time::Epoch;

use super::lines::{self, LineFormat, Parsed};
use super::row::{Fault, Kind, Row};
use super::{Emit, Format, Limits, SnapshotError, plain};

/// The format.
pub const FORMAT: Format = Format { id: "rpz", parse, ..plain::FORMAT };

fn parse(input: &mut dyn BufRead, limits: &Limits, emit: &mut Emit<'_>) -> Result<Option<Epoch>, SnapshotError> {
    lines::each(input, limits, &mut Rpz::default(), emit)?;
    Ok(None)
}

#[derive(Default)]
struct Rpz {
    /// The origin in lower case, without dots at its ends.
    origin: String,
    /// Whether the record before ends in a later line.
    is_open: bool,
    value: String,
}

const TRIGGERS: [&str; 3] = [".rpz-nsdname", ".rpz-nsip", ".rpz-client-ip"];

impl LineFormat for Rpz {
    fn line<'a>(&'a mut self, line: &'a str) -> Parsed<'a> {
        if line.starts_with('#') {
            return Parsed::Skip;
        }
        let (record, comment) = line.split_once(';').unwrap_or((line, ""));
        let was_open = self.is_open;
        self.is_open = (was_open || record.contains('(')) && !record.contains(')');
        if was_open || record.trim_ascii().is_empty() {
            return Parsed::Skip;
        }
        let mut words = record.split_ascii_whitespace();
        let owner = words.next().unwrap_or_default();
        if owner.starts_with('$') {
            if let (true, Some(origin)) = (owner.eq_ignore_ascii_case("$ORIGIN"), words.next()) {
                self.origin = origin.trim_matches('.').to_ascii_lowercase();
            }
            return Parsed::Skip;
        }
        // TTL and class come in any order, or not at all.
        let is_kind =
            |word: &str| !word.bytes().all(|byte| byte.is_ascii_digit()) && !word.eq_ignore_ascii_case("IN");
        let is_type = |word: &str| {
            ["CNAME", "A", "AAAA", "TXT", "SOA", "NS"].iter().any(|kind| word.eq_ignore_ascii_case(kind))
        };
        // An owner that is left out: lines come without their blanks.
        if is_type(owner) && (owner.eq_ignore_ascii_case("NS") || owner.eq_ignore_ascii_case("SOA")) {
            return Parsed::Skip;
        }
        let Some(kind) = words.find(|word| is_kind(word)) else {
            return Parsed::BrokenOff(Fault::Missing("type"));
        };
        if ["SOA", "NS"].iter().any(|apex| kind.eq_ignore_ascii_case(apex)) {
            return Parsed::Skip;
        }
        if !is_type(kind) {
            let expected = "CNAME, A, AAAA or TXT";
            return Parsed::Fault(Fault::Word { field: "type", found: kind.to_owned(), expected });
        }
        let Some(data) = words.next() else { return Parsed::BrokenOff(Fault::Missing("data")) };
        if data.eq_ignore_ascii_case("rpz-passthru.") {
            return Parsed::Skip;
        }
        match self.trigger(owner) {
            Ok(true) => Parsed::Row(Row { label: comment.trim_ascii(), ..Row::listed(Kind::Any, &self.value) }),
            Ok(false) => Parsed::Skip,
            Err(fault) => Parsed::Fault(fault),
        }
    }
}

impl Rpz {
    /// Puts what an owner lists into `value`; false for the entries by which a zone is tried, and for the wildcard below the
    /// name that was listed just before.
    fn trigger(&mut self, owner: &str) -> Result<bool, Fault> {
        let owner = owner.to_ascii_lowercase();
        let relative = match owner.strip_suffix('.') {
            Some(absolute) => {
                absolute.strip_suffix(&self.origin).map_or(absolute, |rest| rest.trim_end_matches('.'))
            }
            None => &owner,
        };
        if relative.starts_with("testentry.") {
            return Ok(false);
        }
        if TRIGGERS.iter().any(|trigger| relative.ends_with(trigger)) {
            let expected = "a name, or an address in rpz-ip";
            return Err(Fault::Word { field: "trigger", found: relative.to_owned(), expected });
        }
        if relative.strip_prefix("*.").is_some_and(|name| name == self.value) {
            return Ok(false);
        }
        self.value.clear();
        match relative.strip_suffix(".rpz-ip") {
            None => self.value.push_str(relative.strip_prefix("*.").unwrap_or(relative)),
            Some(network) => self.value.push_str(&address(network)?),
        }
        if self.value.is_empty() || self.value == "@" { Err(Fault::Missing("name")) } else { Ok(true) }
    }
}

/// The address of a trigger: its length, then its parts from the last to the first; `zz` stands for the zeros that IPv6
/// leaves out.
fn address(network: &str) -> Result<String, Fault> {
    let (length, parts) = network.split_once('.').ok_or(Fault::Network)?;
    let parts: Vec<&str> = parts.split('.').rev().collect();
    match (length, parts.len()) {
        ("32", 4) => Ok(parts.join(".")),
        ("128", 2..) => {
            let text = parts.join(":").replace("zz", "");
            // At an end the two colons are one.
            let text = if text.starts_with(':') { format!(":{text}") } else { text };
            Ok(if text.ends_with(':') { format!("{text}:") } else { text })
        }
        _ => Err(Fault::Network),
    }
}
