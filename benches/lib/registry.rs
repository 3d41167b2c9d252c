//! A registry on loopback: its zone `xx`, the names that are asked for, and what is true of them.
//!
//! Half of the names that are asked for are delegated. Their name servers have no address, so that a check of them is
//! one question to the registry's server, as it is of a name that is not delegated; but for [`HOSTED`] names, whose
//! server answers at [`HOST`].

use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::{Context, ensure};
use compact_str::CompactString;
use panopticon_model::name::HostName;
use panopticon_model::observation::{DelegationFacts, Facts, Measured, Outcome};
use panopticon_sources::dns::delegation::{Config, Delegations};
use panopticon_sources::dns::resolve::Resolver;
use panopticon_sources::probe::pace::Pace;

use crate::measure::side_by_side;
use crate::servers::{Zones, client};
use crate::world::{TLD, domain, mix};

/// Names with a server of their own, the first ones.
pub const HOSTED: u64 = 1_000;
/// Where that server is.
pub const HOST: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// The registry's zone: [`HOSTED`] names, and as many more as are given.
///
/// # Errors
/// Never.
pub fn zone(names: u64) -> anyhow::Result<Zones> {
    let mut text =
        format!("$TTL 3600\n@ SOA ns1 desk 1 7200 3600 1209600 3600\n@ NS ns1\nns1 A 127.0.0.1\nhost A {HOST}\n");
    for name in (0..HOSTED).map(domain) {
        writeln!(text, "{name}. NS host.{TLD}.")?;
    }
    for n in HOSTED..HOSTED + names {
        let (name, operator) = (domain(n), mix(n) % 4000);
        writeln!(text, "{name}. NS a.ns{operator}.example.\n{name}. NS b.ns{operator}.example.")?;
    }
    Ok(Zones { names: vec![TLD.to_owned()], text })
}

/// The zones of [`HOSTED`] names.
#[must_use]
pub fn hosted() -> Zones {
    let text = "$TTL 300\n@ SOA ns desk 1 7200 3600 1209600 3600\n@ NS host.xx.\n@ A 192.0.2.7\n@ MX 10 mail\n";
    Zones { names: (0..HOSTED).map(|n| domain(n).into()).collect(), text: text.to_owned() }
}

/// A name that is asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The name.
    pub name: CompactString,
    /// What is true of it.
    pub truth: Truth,
}

/// What is true of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It is delegated to servers that have no address.
    Delegated,
    /// It is delegated to a server that answers.
    Hosted,
    /// It is not delegated.
    Undelegated,
}

/// As many names to be asked for as the zone was given: each other one is delegated.
#[must_use]
pub fn asked(names: u64) -> Vec<Asked> {
    alternating(names, |n| Asked { name: domain(HOSTED + n), truth: Truth::Delegated })
}

/// The same, and those that are delegated have a server; they come again and again.
#[must_use]
pub fn asked_of_hosted(names: u64) -> Vec<Asked> {
    alternating(names, |n| Asked { name: domain(n % HOSTED), truth: Truth::Hosted })
}

fn alternating(names: u64, delegated: impl Fn(u64) -> Asked) -> Vec<Asked> {
    let none = |n| Asked { name: domain(HOSTED + names + n), truth: Truth::Undelegated };
    (0..names).map(|n| if n % 2 == 0 { delegated(n) } else { none(n) }).collect()
}

impl Asked {
    /// Whether that was measured which is true.
    ///
    /// # Errors
    /// If it was not.
    pub fn compare(&self, measured: &Measured) -> anyhow::Result<()> {
        let none = DelegationFacts::default();
        let facts = if let Facts::Delegation(facts) = &measured.facts { facts } else { &none };
        let found = match (measured.outcome, facts.name_servers.len(), facts.working) {
            (Outcome::Timeout, 2, (0, 0)) => Some(Truth::Delegated),
            (Outcome::Delegated, 1, (1, 1)) if facts.addresses.len() == 1 => Some(Truth::Hosted),
            (Outcome::Undelegated, 0, (0, 0)) => Some(Truth::Undelegated),
            _ => None,
        };
        ensure!(found == Some(self.truth), "{self:?} was measured as {measured:?}");
        Ok(())
    }
}

/// Whoever checks delegations of the zone at these servers, at a pace.
///
/// # Errors
/// If there is no server.
pub fn delegations(servers: &[SocketAddr], pace: Pace<SocketAddr>) -> anyhow::Result<Delegations> {
    let client = client(pace)?;
    let config = Config {
        servers: [(HostName::parse(TLD)?, servers.to_vec())].into(),
        allow_private: vec![HOST.into()],
        port: servers.first().context("there is no server")?.port(),
        seed: 1,
    };
    Ok(Delegations::new(Arc::clone(&client), Resolver::new(client, Vec::new()), config))
}

/// Checks names, so many at once; gives what was measured.
///
/// # Errors
/// If a check panics.
pub async fn check(
    delegations: &Arc<Delegations>,
    asked: &Arc<Vec<Asked>>,
    at_once: usize,
) -> anyhow::Result<Vec<Measured>> {
    let (delegations, of) = (Arc::clone(delegations), Arc::clone(asked));
    let measure = move |number: usize| {
        let (delegations, of) = (Arc::clone(&delegations), Arc::clone(&of));
        async move { delegations.measure(of.get(number).map_or("", |asked| &asked.name)).await }
    };
    side_by_side(asked.len(), at_once, measure).await
}
