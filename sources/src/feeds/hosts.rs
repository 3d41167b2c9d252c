//! `hosts`: a hosts file whose entries are pointed nowhere.
//!
//! ```text
//! # Last updated: 2026-06-24 14:05:05 (UTC)
//! 127.0.0.1    shop.example
//! 0.0.0.0 login.bank.example pay.bank.example   # a comment
//! ```
//!
//! The first word is an address, mostly `127.0.0.1`, `0.0.0.0` or `::1`; what it is does not matter, since it is where the
//! reader's machine is sent and not where the name is. Each of several names is a row. Names of the machine itself are
//! passed over.
//!
//! - Class: `other`, unless the configuration names one.
//! - Absence: the list is complete.
//! - Removals: by absence only.
//! - Licence: that of whoever keeps the list.

use std::io::BufRead;
use std::net::IpAddr;

use panopticon_model::time::Epoch;

use super::lines::{self, LineFormat, Parsed};
use super::row::{Fault, Kind, Row};
use super::{Emit, Format, Limits, SnapshotError, plain, utc};

/// The format.
pub const FORMAT: Format = Format { id: "hosts", parse, ..plain::FORMAT };

fn parse(input: &mut dyn BufRead, limits: &Limits, emit: &mut Emit<'_>) -> Result<Option<Epoch>, SnapshotError> {
    let mut hosts = Hosts { stamp: None };
    lines::each(input, limits, &mut hosts, emit)?;
    Ok(hosts.stamp)
}

/// Names that mean the machine that reads the file.
const OWN: [&str; 12] = [
    "localhost",
    "localhost.localdomain",
    "local",
    "broadcasthost",
    "ip6-localhost",
    "ip6-loopback",
    "ip6-localnet",
    "ip6-mcastprefix",
    "ip6-allnodes",
    "ip6-allrouters",
    "ip6-allhosts",
    "0.0.0.0",
];

struct Hosts {
    stamp: Option<Epoch>,
}

impl LineFormat for Hosts {
    fn line<'a>(&'a mut self, line: &'a str) -> Parsed<'a> {
        if let Some(comment) = line.strip_prefix('#') {
            if let Some(stamp) = comment.trim_matches(['#', ' ', '\t']).strip_prefix("Last updated:") {
                self.stamp = utc::parse(stamp.trim_ascii()).or(self.stamp);
            }
            return Parsed::Skip;
        }
        let text = line.split('#').next().unwrap_or_default();
        let mut words = text.split_ascii_whitespace();
        let (Some(address), Some(name)) = (words.next(), words.next()) else {
            return Parsed::Fault(Fault::Missing("name behind its address"));
        };
        // A zone behind an IPv6 address: fe80::1%lo0.
        if address.split('%').next().is_none_or(|address| address.parse::<IpAddr>().is_err()) {
            return Parsed::Fault(Fault::Missing("address"));
        }
        named(name)
    }

    /// The names behind the first one.
    fn more<'a>(&'a mut self, line: &'a str, part: usize) -> Option<Parsed<'a>> {
        let text = line.split('#').next().filter(|text| !text.is_empty())?;
        let mut words = text.split_ascii_whitespace();
        let is_address = words.next()?.split('%').next().is_some_and(|address| address.parse::<IpAddr>().is_ok());
        words.nth(part).filter(|_| is_address).map(named)
    }
}

fn named(name: &str) -> Parsed<'_> {
    if OWN.iter().any(|own| name.eq_ignore_ascii_case(own)) {
        Parsed::Skip
    } else {
        Parsed::Row(Row::listed(Kind::Host, name))
    }
}
