//! `urlhaus-csv`: the CSV lists of URLhaus (abuse.ch), fields quoted, LF or CRLF, the header inside a comment.
//!
//! ```text
//! # Last updated: 2026-04-14 16:02:21 (UTC)
//! # id,dateadded,url,url_status,last_online,threat,tags,urlhaus_link,reporter
//! "3821497","2026-04-14 16:02:21","http://files.example/bin.sh","online","2026-04-14 16:02:21","malware_download",
//!     "32-bit,elf,mips,Mozi","https://urlhaus.abuse.ch/url/3821497/","reporter"                     (one line)
//!
//! # Dateadded (UTC),URL,URL_status,Threat,Host,IPaddress,ASnumber,Country
//! "2026-04-14 16:02:21","http://files.example/bin.sh","online","malware_download","files.example","192.0.2.7","64500","XX"
//! ```
//!
//! The second is the list of a TLD, a network or a country. Columns are chosen by the header, in a comment or not; without
//! one by their number: nine, or eight before `last_online` came, or eight of which the first is a time. Times are UTC
//! without a zone. The label is the threat and the tags.
//!
//! - Class: malware.
//! - Absence: a lease of seven days, because `csv_recent` is a window of thirty days, as the list of a TLD is one of its
//!   newest. `csv_online` and the full dump are complete: set `absence = "retract"` for them.
//! - Removals: `url_status` says `offline` while the row stays; a URL taken back is simply absent.
//! - Licence: CC0; abuse.ch asks for fair use, and for a key (`Auth-Key`) per downloader.

use std::borrow::Cow;
use std::io::BufRead;

use panopticon_model::sighting::AbuseClass;
use panopticon_model::time::Epoch;

use super::csv_line::{self, CsvFault};
use super::lines::{self, LineFormat, Parsed};
use super::row::{Fault, Kind, Row, State};
use super::{Absence, DEFAULT_LEASE_MS, Emit, Format, Limits, SnapshotError, utc};

/// The format.
pub const FORMAT: Format = Format {
    id: "urlhaus-csv",
    absence: Absence::Lease(DEFAULT_LEASE_MS),
    abuse_class: AbuseClass::Malware,
    removals: "`url_status` says offline; a URL taken back is absent",
    licence: "CC0; abuse.ch asks for fair use and for a key per downloader",
    parse,
};

fn parse(input: &mut dyn BufRead, limits: &Limits, emit: &mut Emit<'_>) -> Result<Option<Epoch>, SnapshotError> {
    let mut urlhaus = UrlHaus::default();
    lines::each(input, limits, &mut urlhaus, emit)?;
    Ok(urlhaus.stamp)
}

/// More columns than any variant had.
const MAX_FIELDS: usize = 24;

/// The places of the columns that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Columns {
    count: usize,
    id: Option<usize>,
    dateadded: Option<usize>,
    url: Option<usize>,
    url_status: Option<usize>,
    last_online: Option<usize>,
    threat: Option<usize>,
    tags: Option<usize>,
}

impl Columns {
    /// From a header; none if it is not one.
    fn of_header(header: &str) -> Option<Columns> {
        let names: Vec<&str> =
            header.split(',').map(|name| name.trim_end_matches("(UTC)").trim_matches([' ', '"'])).collect();
        let at = |wanted: &str| names.iter().position(|name| name.eq_ignore_ascii_case(wanted));
        (at("url").is_some() && at("dateadded").is_some()).then(|| Columns {
            count: names.len(),
            id: at("id"),
            dateadded: at("dateadded"),
            url: at("url"),
            url_status: at("url_status"),
            last_online: at("last_online"),
            threat: at("threat"),
            tags: at("tags"),
        })
    }

    /// From the number of fields, and the first of them.
    fn of_fields(count: usize, first: &str) -> Option<Columns> {
        match count {
            8 if utc::parse(first).is_some() => {
                Columns::of_header("dateadded,url,url_status,threat,host,ipaddress,asnumber,country")
            }
            8 => Columns::of_header("id,dateadded,url,url_status,threat,tags,urlhaus_link,reporter"),
            9 => Columns::of_header("id,dateadded,url,url_status,last_online,threat,tags,urlhaus_link,reporter"),
            _ => None,
        }
    }
}

/// What `url_status` says.
pub(super) fn state(url_status: &str) -> Result<State, Fault> {
    match url_status {
        "online" | "unknown" | "" => Ok(State::Present),
        "offline" => Ok(State::Offline),
        found => {
            let found = found.to_owned();
            Err(Fault::Word { field: "url_status", found, expected: "online, offline or unknown" })
        }
    }
}

/// Writes the threat and the tags into `label`.
pub(super) fn label<'t>(label: &mut String, threat: &str, tags: impl Iterator<Item = &'t str>) {
    label.clear();
    label.push_str(threat);
    let mut separator = if threat.is_empty() { "" } else { " " };
    for tag in tags.map(str::trim_ascii).filter(|tag| !tag.is_empty()) {
        label.push_str(separator);
        label.push_str(tag);
        separator = ",";
    }
}

#[derive(Default)]
struct UrlHaus {
    stamp: Option<Epoch>,
    header: Option<Columns>,
    /// The columns of rows that no header fits.
    guessed: Option<Columns>,
    /// Whether a line has been read that is no comment.
    begun: bool,
    label: String,
    /// The texts of fields that had a doubled quote in them, where a row has to outlive its split.
    unescaped: [String; 2],
}

impl LineFormat for UrlHaus {
    fn line<'a>(&'a mut self, line: &'a str) -> Parsed<'a> {
        if let Some(comment) = line.strip_prefix('#') {
            self.comment(comment.trim_matches(['#', ' ', '\t']));
            return Parsed::Skip;
        }
        if !std::mem::replace(&mut self.begun, true)
            && let Some(columns) = Columns::of_header(line)
        {
            self.header = Some(columns);
            return Parsed::Skip;
        }
        match self.row(line) {
            Ok(row) => Parsed::Row(row),
            Err(fault @ (Fault::Quotes | Fault::Fields { .. })) => Parsed::BrokenOff(fault),
            Err(fault) => Parsed::Fault(fault),
        }
    }
}

impl UrlHaus {
    fn comment(&mut self, comment: &str) {
        if let Some(stamp) = comment.strip_prefix("Last updated:") {
            self.stamp = utc::parse(stamp.trim_ascii()).or(self.stamp);
        } else if let Some(columns) = Columns::of_header(comment) {
            self.header = Some(columns);
        }
    }

    /// The columns of a row with so many fields; a header that does not fit gives way to the fields.
    fn columns(&mut self, count: usize, first: &str) -> Option<Columns> {
        if let Some(columns) = self.header.filter(|columns| columns.count == count) {
            return Some(columns);
        }
        if self.guessed.is_none_or(|columns| columns.count != count) {
            self.guessed = Columns::of_fields(count, first);
        }
        self.guessed
    }

    fn row<'a>(&'a mut self, line: &'a str) -> Result<Row<'a>, Fault> {
        let mut fields: [Cow<'a, str>; MAX_FIELDS] = [const { Cow::Borrowed("") }; MAX_FIELDS];
        let found = csv_line::split(line, &mut fields).map_err(|fault| match fault {
            CsvFault::Open | CsvFault::Stray => Fault::Quotes,
        })?;
        let columns = self
            .columns(found, &fields[0])
            .ok_or(Fault::Fields { found, expected: "8 or 9, or as many as the header has" })?;
        let text = |column: Option<usize>| {
            let field = column.and_then(|column| fields.get(column)).map_or("", AsRef::as_ref);
            if field == "None" { "" } else { field }
        };
        let time = |column: Option<usize>| match text(column) {
            "" => Ok(None),
            text => utc::parse(text).map(Some).ok_or_else(|| Fault::Time(text.to_owned())),
        };
        let state = state(text(columns.url_status))?;
        let (reported_at, last_seen) = (time(columns.dateadded)?, time(columns.last_online)?);
        label(&mut self.label, text(columns.threat), text(columns.tags).split(','));
        let [id_space, url_space] = &mut self.unescaped;
        let mut take = |column: Option<usize>| {
            column.and_then(|column| fields.get_mut(column)).map(std::mem::take).unwrap_or_default()
        };
        let (id, value) = (take(columns.id), take(columns.url));
        let (id, value) = (csv_line::keep(id, id_space), csv_line::keep(value, url_space));
        row(id, value, Row { label: &self.label, reported_at, last_seen, state, ..Row::listed(Kind::Url, "") })
    }
}

/// The row of an entry, from its id, its URL, and what else is known of it.
pub(super) fn row<'a>(id: &'a str, value: &'a str, known: Row<'a>) -> Result<Row<'a>, Fault> {
    if value.is_empty() {
        return Err(Fault::Missing("URL"));
    }
    Ok(Row { entry: (!id.is_empty()).then_some(id), value, ..known })
}
