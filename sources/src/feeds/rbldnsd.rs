//! `rbldnsd`: a data set of names (`dnset`) or addresses (`ip4set`) as rbldnsd reads it.
//!
//! ```text
//! $SOA 3600 bl.example hostmaster.example 0 600 300 86400 300
//! :127.0.0.2:Listed, see https://feed.example/?$
//! .shop.example
//! login.bank.example :127.0.0.4:phishing
//! !good.example
//! 198.51.100.7
//! ```
//!
//! A dot or `*.` in front stands for what is below as well, and lists the name. `!` takes something out of the list and is
//! passed over. What stands behind a name, or in the last line that begins with a colon, is its label, without the address.
//!
//! - Class: `other`, unless the configuration names one.
//! - Absence: the set is complete.
//! - Removals: by absence only.
//! - Licence: that of whoever keeps the set.

use std::io::BufRead;

use panopticon_model::time::Epoch;

use super::lines::{self, LineFormat, Parsed};
use super::row::{Fault, Kind, Row};
use super::{Emit, Format, Limits, SnapshotError, plain};

/// The format.
pub const FORMAT: Format = Format { id: "rbldnsd", parse, ..plain::FORMAT };

fn parse(input: &mut dyn BufRead, limits: &Limits, emit: &mut Emit<'_>) -> Result<Option<Epoch>, SnapshotError> {
    lines::each(input, limits, &mut Rbldnsd::default(), emit)?;
    Ok(None)
}

/// What is said of entries that say nothing themselves.
#[derive(Default)]
struct Rbldnsd(String);

impl LineFormat for Rbldnsd {
    fn line<'a>(&'a mut self, line: &'a str) -> Parsed<'a> {
        if let Some(said) = line.strip_prefix(':') {
            self.0.clear();
            self.0.push_str(text(said));
            return Parsed::Skip;
        }
        if line.starts_with(['#', '$', '!', ';']) {
            return Parsed::Skip;
        }
        let (entry, rest) = line.split_once([' ', '\t']).unwrap_or((line, ""));
        let value = entry.trim_start_matches("*.").trim_start_matches('.');
        if value.contains('/')
            || value.split_once('-').is_some_and(|(from, _)| from.parse::<std::net::Ipv4Addr>().is_ok())
        {
            return Parsed::Fault(Fault::Network);
        }
        let rest = rest.trim_ascii();
        let label = match rest.strip_prefix(':') {
            Some(said) => text(said),
            None if rest.is_empty() || rest.starts_with('#') => &self.0,
            None => rest,
        };
        Parsed::Row(Row { label, ..Row::listed(Kind::Any, value) })
    }
}

/// What stands behind the address of an answer.
fn text(said: &str) -> &str {
    said.split_once(':').map_or("", |(_address, text)| text.trim_ascii())
}
