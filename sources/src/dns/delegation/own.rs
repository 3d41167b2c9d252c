//! The domain's own servers: whether one of them answers for it, and what the domain holds.

use std::cmp::Reverse;
use std::net::IpAddr;

use compact_str::CompactString;
use panopticon_model::name::HostName;
use panopticon_model::observation::{Measured, Outcome};

use super::verdict::Verdict;
use crate::dns::error::AskError;
use crate::dns::message::{Data, Rcode, Reply, soa};
use crate::dns::resolve::addresses_of;

/// Mail exchangers that are taken of one domain.
const MAX_MAIL_SERVERS: usize = 16;

/// Whether a name server answers for the domain that is delegated to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// It does.
    Works,
    /// It was asked, and does not.
    Lame,
    /// It has no address that may be asked.
    NoAddress,
    /// That could not be told: there is no way to it from here, or its address could not be looked up.
    Unknown,
}

impl Service {
    /// What the answer to a question for the SOA record of the domain, without recursion, says of the server.
    #[must_use]
    pub fn of(domain: &HostName, answer: &Result<Reply, AskError>) -> Service {
        match answer {
            Ok(reply) => {
                let owner = soa(&reply.answers).map(|(owner, _)| owner);
                let works = reply.rcode == Rcode::NOERROR && reply.authoritative && owner == Some(domain.as_str());
                if works { Service::Works } else { Service::Lame }
            }
            Err(AskError::Unreachable(_)) => Service::Unknown,
            Err(_) => Service::Lame,
        }
    }
}

/// What a domain holds, as a server of its own says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Its addresses, sorted.
    pub addresses: Vec<IpAddr>,
    /// Its mail exchangers, best first.
    pub mail_servers: Vec<CompactString>,
}

impl Holdings {
    /// Takes them from the answers for A, AAAA and MX.
    #[must_use]
    pub fn of(domain: &HostName, addresses: [&Reply; 2], mail: &Reply) -> Holdings {
        let mut own: Vec<IpAddr> =
            addresses.iter().flat_map(|reply| addresses_of(domain.as_str(), &reply.answers)).collect();
        own.sort();
        own.dedup();
        let mut exchangers: Vec<(u16, &CompactString)> = mail
            .answers
            .iter()
            .filter(|record| record.owner == domain.as_str())
            .filter_map(|record| match &record.data {
                // The root in the place of a name says that there is none (RFC 7505).
                Data::Mx { preference, exchange } if !exchange.is_empty() => Some((*preference, exchange)),
                _ => None,
            })
            .collect();
        exchangers.sort();
        let mail_servers = exchangers.into_iter().take(MAX_MAIL_SERVERS).map(|(_, exchange)| exchange.clone());
        Holdings { addresses: own, mail_servers: mail_servers.collect() }
    }
}

/// What a delegation comes to when servers of the domain were asked.
#[must_use]
pub fn conclude(mut verdict: Verdict, services: &[Service], holdings: Holdings) -> Measured {
    let number = |wanted: &[Service]| {
        let matching = services.iter().filter(|service| wanted.contains(service)).count();
        u8::try_from(matching).unwrap_or(u8::MAX)
    };
    let working = number(&[Service::Works]);
    verdict.facts.working = (working, number(&[Service::Works, Service::Lame]));
    verdict.facts.addresses = holdings.addresses;
    verdict.facts.mail_servers = holdings.mail_servers;
    verdict.outcome = match working {
        0 if services.contains(&Service::Unknown) => Outcome::Timeout,
        0 => Outcome::Lame,
        _ => Outcome::Delegated,
    };
    verdict.into_measured()
}

/// Name servers in the order in which they are asked: those first of which the parent gave the address.
#[must_use]
pub fn in_order(verdict: &Verdict) -> Vec<HostName> {
    let mut names = verdict.facts.name_servers.clone();
    names.sort_by_key(|name| Reverse(verdict.glue.iter().any(|(of, _)| of == name)));
    names
}
