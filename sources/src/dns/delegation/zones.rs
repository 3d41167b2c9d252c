//! Zones above domains: their servers, from configuration or from a resolver, and whether they answer for everything.
//!
//! What was found counts for an hour, and a failure for a minute; whoever asks meanwhile for the same zone waits for the
//! first one.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ipnet::IpNet;
use panopticon_model::name::HostName;
use panopticon_model::observation::Outcome;
use tokio::time::Instant;

use super::verdict::{Parent, Said, judge};
use crate::address::is_public;
use crate::dns::exchange::Client;
use crate::dns::message::{Question, RecordType};
use crate::dns::random_label;
use crate::dns::resolve::Resolver;
use crate::dns::server::Server;

/// How long the servers of a zone count.
const KNOWN_FOR: Duration = Duration::from_secs(3600);
/// How long a failure counts.
const FAILED_FOR: Duration = Duration::from_secs(60);
/// Zones that are kept in mind.
const MAX_ZONES: usize = 10_000;
/// Name servers of a zone whose addresses are looked up.
const MAX_LOOKUPS: usize = 13;
/// Name servers of a zone that are used: enough to ask others when two do not answer.
const MAX_SERVERS: usize = 6;
/// Servers that are asked whether the zone answers for everything.
const MAX_WILDCARD: usize = 3;

/// Whose servers are asked, and which.
#[derive(Clone, Debug)]
pub struct Config {
    /// The servers of zones, by zone; of all others, resolvers are asked. If it is one server for a zone, its word
    /// alone counts that a name is not there.
    pub servers: BTreeMap<HostName, Vec<SocketAddr>>,
    /// Networks that are asked although they are not public.
    pub allow_private: Vec<IpNet>,
    /// The port of name servers that are not configured.
    pub port: u16,
    /// What the name is made from that nobody can have registered.
    pub seed: u64,
}

impl Default for Config {
    /// Nothing but port 53.
    fn default() -> Config {
        Config { servers: BTreeMap::new(), allow_private: Vec::new(), port: 53, seed: 0 }
    }
}

impl Config {
    /// Whether an address that somebody else named may be asked.
    pub(super) fn admits(&self, address: IpAddr) -> bool {
        is_public(address) || self.allow_private.iter().any(|network| network.contains(&address))
    }
}

/// A zone with its servers.
#[derive(Debug)]
pub(super) struct Zone {
    pub(super) name: HostName,
    /// Each with the number of the server that it is an address of; first addresses first.
    pub(super) servers: Vec<(usize, Server)>,
    is_configured: bool,
    wildcard: Option<Vec<HostName>>,
}

impl Zone {
    pub(super) fn as_parent(&self) -> Parent<'_> {
        let quorum = if self.is_configured { self.servers.len().min(2) } else { 2 };
        Parent { zone: &self.name, quorum, wildcard: self.wildcard.as_deref() }
    }

    /// The servers, from another one on each time.
    pub(super) fn in_turn(&self, turn: usize) -> impl Iterator<Item = &(usize, Server)> {
        let start = turn.checked_rem(self.servers.len()).unwrap_or_default();
        self.servers.iter().cycle().skip(start).take(self.servers.len())
    }
}

/// What is known of a name that may be one of a zone.
#[derive(Clone)]
enum Known {
    Zone(Arc<Zone>),
    NoZone,
    Failed(Outcome),
}

type Entry = Arc<tokio::sync::Mutex<Option<(Instant, Known)>>>;

/// The zones that were needed so far.
pub(super) struct Zones {
    client: Arc<Client>,
    resolver: Resolver,
    pub(super) config: Config,
    entries: Mutex<HashMap<HostName, Entry>>,
}

impl Zones {
    pub(super) fn new(client: Arc<Client>, resolver: Resolver, config: Config) -> Zones {
        Zones { client, resolver, config, entries: Mutex::default() }
    }

    /// The nearest zone above a domain; configured ones are believed to be the nearest.
    pub(super) async fn above(&self, domain: &HostName) -> Result<Arc<Zone>, Outcome> {
        let above = std::iter::successors(domain.parent(), |name| name.split_once('.').map(|(_, parent)| parent))
            .filter_map(|name| HostName::parse(name).ok());
        if let Some(configured) = above.clone().find(|name| self.config.servers.contains_key(name)) {
            return self.zone(&configured).await?.ok_or(Outcome::NoServer);
        }
        for name in above {
            if let Some(zone) = self.zone(&name).await? {
                return Ok(zone);
            }
        }
        Err(Outcome::NoServer)
    }

    /// A zone, if there is one of that name.
    pub(super) async fn zone(&self, name: &HostName) -> Result<Option<Arc<Zone>>, Outcome> {
        let entry = self.entry(name);
        let mut entry = entry.lock().await;
        let known = match &*entry {
            Some((until, known)) if Instant::now() < *until => known.clone(),
            _ => {
                // Boxed: it is rare, and every check would hold room for it.
                let known = Box::pin(self.find(name)).await;
                let lasts = if matches!(known, Known::Failed(_)) { FAILED_FOR } else { KNOWN_FOR };
                *entry = Some((Instant::now() + lasts, known.clone()));
                known
            }
        };
        match known {
            Known::Zone(zone) => Ok(Some(zone)),
            Known::NoZone => Ok(None),
            Known::Failed(outcome) => Err(outcome),
        }
    }

    /// The servers of a zone do not want to be asked for it: they are looked up again, if that was not just done.
    pub(super) async fn doubt(&self, zone: &Zone) {
        let entry = self.entry(&zone.name);
        let mut entry = entry.lock().await;
        let old = Instant::now() + KNOWN_FOR - FAILED_FOR;
        if !zone.is_configured && entry.as_ref().is_some_and(|(until, _)| *until <= old) {
            *entry = None;
        }
    }

    fn entry(&self, name: &HostName) -> Entry {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MAX_ZONES && !entries.contains_key(name) {
            entries.clear();
        }
        Arc::clone(entries.entry(name.clone()).or_default())
    }

    async fn find(&self, name: &HostName) -> Known {
        let configured = self.config.servers.get(name);
        let servers = match configured {
            Some(addresses) => addresses.iter().map(|address| Server::udp(*address)).enumerate().collect(),
            None => match self.resolver.name_servers(name).await {
                Ok(names) if names.is_empty() => return Known::NoZone,
                Ok(names) => self.addresses(&names).await,
                Err(error) => return Known::Failed(error.outcome()),
            },
        };
        if servers.is_empty() {
            return Known::Failed(Outcome::NoServer);
        }
        let mut zone = Zone { name: name.clone(), servers, is_configured: configured.is_some(), wildcard: None };
        zone.wildcard = self.wildcard(&zone).await;
        Known::Zone(Arc::new(zone))
    }

    /// The addresses of name servers: the first one of each, then the second ones, and so on.
    async fn addresses(&self, names: &[HostName]) -> Vec<(usize, Server)> {
        let mut found = Vec::new();
        for name in names.iter().take(MAX_LOOKUPS) {
            let addresses = self.resolver.addresses(name).await.unwrap_or_default();
            let admitted: Vec<IpAddr> =
                addresses.into_iter().filter(|address| self.config.admits(*address)).collect();
            if !admitted.is_empty() {
                found.push(admitted);
            }
            if found.len() == MAX_SERVERS {
                break;
            }
        }
        let longest = found.iter().map(Vec::len).max().unwrap_or_default();
        let at = |place: usize| {
            let numbered = found.iter().enumerate();
            numbered.filter_map(move |(number, addresses)| Some((number, *addresses.get(place)?)))
        };
        (0..longest)
            .flat_map(at)
            .map(|(number, ip)| (number, Server::udp(SocketAddr::new(ip, self.config.port))))
            .collect()
    }

    /// Whether the zone answers for a name that nobody can have registered; and to which servers it refers then.
    async fn wildcard(&self, zone: &Zone) -> Option<Vec<HostName>> {
        let label = random_label(self.config.seed, zone.name.as_str());
        let name = HostName::parse(&format!("{label}.{}", zone.name)).ok()?;
        let question = Question::iterative(name.clone(), RecordType::Ns);
        let parent = Parent { zone: &zone.name, quorum: 1, wildcard: None };
        for (number, server) in zone.servers.iter().take(MAX_WILDCARD) {
            let reply = self.client.ask(server, &question).await;
            let verdict = judge(&name, &parent, &[Said { server: *number, asked: RecordType::Ns, reply }]);
            match verdict.outcome {
                Outcome::Undelegated => return None,
                Outcome::Delegated | Outcome::NoData => return Some(verdict.facts.name_servers),
                _ => {}
            }
        }
        None
    }
}
