//! `urlhaus-json`: the JSON lists of URLhaus (abuse.ch), and what its API answers for a host.
//!
//! ```text
//! {"3821497":[{"dateadded":"2026-04-14 16:02:21 UTC","url":"http://files.example/bin.sh","url_status":"online",
//!   "last_online":"2026-04-14 16:02:21 UTC","threat":"malware_download","tags":["32-bit","elf"],"reporter":"r"}]}
//! {"query_status":"ok","host":"files.example","urls":[{"id":"3821497","url":"…","url_status":"online",
//!   "date_added":"2026-04-14 16:02:21 UTC","threat":"malware_download","larted":"true","tags":["elf"]}]}
//! ```
//!
//! The fields mean what they mean in `urlhaus-csv`. `larted` says that abuse.ch wrote to the hoster already: it is part of
//! the label.
//!
//! - Class, absence, removals, licence: as for `urlhaus-csv`.

use std::io::BufRead;

use panopticon_model::time::Epoch;
use serde::Deserialize;

use super::document::{self, DocumentFormat, Take, told};
use super::json::{Text, id_of, object_of};
use super::row::{Fault, Kind, Row};
use super::urlhaus_csv::{label, row, state};
use super::{Emit, Format, Limits, SnapshotError, urlhaus_csv};

/// The format.
pub const FORMAT: Format = Format { id: "urlhaus-json", parse, ..urlhaus_csv::FORMAT };

fn parse(input: &mut dyn BufRead, limits: &Limits, emit: &mut Emit<'_>) -> Result<Option<Epoch>, SnapshotError> {
    document::each(input, limits, &mut UrlHaus::default(), emit)?;
    Ok(None)
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow, default)]
    id: Text<'a>,
    #[serde(borrow, default)]
    url: Text<'a>,
    #[serde(borrow, default)]
    url_status: Text<'a>,
    #[serde(borrow, default, alias = "date_added")]
    dateadded: Text<'a>,
    #[serde(borrow, default)]
    last_online: Text<'a>,
    #[serde(borrow, default)]
    threat: Text<'a>,
    #[serde(borrow, default)]
    tags: Text<'a>,
    #[serde(borrow, default)]
    larted: Text<'a>,
}

#[derive(Default)]
struct UrlHaus {
    label: String,
}

impl DocumentFormat for UrlHaus {
    fn entry(&mut self, array: &str, object: &str, take: &mut Take<'_>) -> Result<(), SnapshotError> {
        let entry = object_of::<Entry<'_>>(object);
        take(told(entry.as_ref().map_err(Clone::clone).and_then(|entry| self.row(array, entry))))
    }
}

impl UrlHaus {
    fn row<'a>(&'a mut self, array: &'a str, entry: &'a Entry<'_>) -> Result<Row<'a>, Fault> {
        let state = state(entry.url_status.get())?;
        let (reported_at, last_seen) = (entry.dateadded.time()?, entry.last_online.time()?);
        let larted = if entry.larted.is_true() { "larted" } else { "" };
        label(&mut self.label, entry.threat.get(), entry.tags.get().split(',').chain([larted]));
        let known = Row { label: &self.label, reported_at, last_seen, state, ..Row::listed(Kind::Url, "") };
        row(id_of(&entry.id, array), entry.url.get(), known)
    }
}
