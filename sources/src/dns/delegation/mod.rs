//! Whether a domain is delegated: the servers of the zone above it are asked, not a resolver, and then its own ones.
//!
//! ```text
//! domain ──► zone above ──► its servers, until the verdict is settled ──► two servers of the domain ──► Measured
//!            configured,    NS, RD=0; DS where the server has the         SOA, RD=0; from one that works
//!            or resolved    domain's own zone, too                        A, AAAA, MX
//! ```
//!
//! A resolver would answer from its cache, would not tell what is not delegated from what is lame, and would ask the
//! servers as fast as it likes. Here each server has its pace, and is left alone for a while when it falls silent,
//! refuses, or asks for TCP, as servers do that limit the rate of their answers.

mod own;
mod verdict;
mod zones;

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use panopticon_model::name::HostName;
use panopticon_model::observation::{Measured, Outcome};
use tokio::time::Instant;

use super::error::AskError;
use super::exchange::Client;
use super::message::{Question, Rcode, RecordType, Reply};
use super::resolve::{ResolveError, Resolver};
use super::server::Server;

pub use own::{Holdings, Service, conclude, in_order};
pub use verdict::{Parent, Said, Verdict, judge};
pub use zones::Config;
use zones::{Zone, Zones};

/// Servers of a zone that are asked for one domain.
const MAX_ASKED: usize = 4;
/// Zones that may lie between the one that is known and the domain.
const MAX_CUTS: usize = 3;
/// Name servers of a domain that are asked whether they answer for it.
const MAX_OWN_ASKED: usize = 2;
/// Name servers of a domain whose addresses are looked for.
const MAX_OWN_TRIED: usize = 4;
/// How long a server is left alone that does not answer well; doubled each time.
const BACK_OFF: Duration = Duration::from_millis(100);
/// The longest time for which it is left alone.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(10);
/// Servers of which it is kept in mind that they do not answer well.
const MAX_STRAINED: usize = 1_000;

/// Whoever asks whether domains are delegated.
pub struct Delegations {
    client: Arc<Client>,
    resolver: Resolver,
    zones: Zones,
    turn: AtomicUsize,
    /// How often in a row a server did not answer well.
    strained: Mutex<HashMap<SocketAddr, u32>>,
}

impl Delegations {
    /// Asks name servers by `client`, at its pace, and looks for their addresses by `resolver`.
    #[must_use]
    pub fn new(client: Arc<Client>, resolver: Resolver, config: Config) -> Delegations {
        let zones = Zones::new(Arc::clone(&client), resolver.clone(), config);
        Delegations { client, resolver, zones, turn: AtomicUsize::new(0), strained: Mutex::default() }
    }

    /// Measures the delegation of a domain. What is no name comes to [`Outcome::Malformed`].
    pub async fn measure(&self, domain: &str) -> Measured {
        let Ok(domain) = HostName::parse(domain) else { return Measured::bare(Outcome::Malformed) };
        let mut zone = match self.zones.above(&domain).await {
            Ok(zone) => zone,
            Err(outcome) => return Measured::bare(outcome),
        };
        for _ in 0..MAX_CUTS {
            let verdict = self.ask_parent(&domain, &zone).await;
            let Some(cut) = &verdict.cut else {
                return match verdict.outcome {
                    // Boxed: most of what is asked for is not delegated, and would hold room for it.
                    Outcome::Delegated => Box::pin(self.ask_own(&domain, verdict)).await,
                    _ => verdict.into_measured(),
                };
            };
            zone = match self.zones.zone(cut).await {
                Ok(Some(zone)) => zone,
                Ok(None) => return Measured::bare(Outcome::NoServer),
                Err(outcome) => return Measured::bare(outcome),
            };
        }
        Measured::bare(Outcome::NoServer)
    }

    /// Asks servers of the zone one after the other, until another answer could not change the verdict.
    async fn ask_parent(&self, domain: &HostName, zone: &Zone) -> Verdict {
        let parent = zone.as_parent();
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let mut said = Vec::new();
        for (number, server) in zone.in_turn(turn).take(MAX_ASKED) {
            said.push(self.ask_one(*number, server, domain, RecordType::Ns).await);
            if said.last().is_some_and(|said| said.is_own_zone(domain)) {
                said.push(self.ask_one(*number, server, domain, RecordType::Ds).await);
            }
            let verdict = judge(domain, &parent, &said);
            if verdict.settled {
                return verdict;
            }
        }
        // A server that does not answer for a name may still say which copy of the zone it has.
        if said.iter().any(Said::is_authoritative) {
            let silent = said.iter().find(|said| !said.is_authoritative()).map(|said| said.server);
            if let Some((number, server)) = zone.servers.iter().find(|(number, _)| Some(*number) == silent) {
                said.push(self.ask_one(*number, server, &zone.name, RecordType::Soa).await);
            }
        }
        let verdict = judge(domain, &parent, &said);
        if verdict.outcome == Outcome::Refused {
            self.zones.doubt(zone).await;
        }
        verdict
    }

    async fn ask_one(&self, number: usize, server: &Server, name: &HostName, asked: RecordType) -> Said {
        let reply = self.client.ask(server, &Question::iterative(name.clone(), asked)).await;
        self.note(server, &reply);
        Said { server: number, asked, reply }
    }

    /// Leaves a server alone that does not answer well.
    fn note(&self, server: &Server, reply: &Result<Reply, AskError>) {
        let is_well = reply.as_ref().is_ok_and(|reply| !reply.over_tcp && reply.rcode != Rcode::REFUSED);
        let mut strained = self.strained.lock().unwrap_or_else(PoisonError::into_inner);
        if is_well {
            strained.remove(&server.address);
            return;
        }
        if strained.len() >= MAX_STRAINED {
            strained.clear();
        }
        let times = strained.entry(server.address).or_default();
        let wait = BACK_OFF.saturating_mul(1 << (*times).min(16)).min(LONGEST_BACK_OFF);
        *times = times.saturating_add(1);
        self.client.hold(server, Instant::now() + wait);
    }

    /// Asks the domain's own servers, and one that works what the domain holds.
    async fn ask_own(&self, domain: &HostName, verdict: Verdict) -> Measured {
        let mut services = Vec::new();
        let mut working = None;
        for name in in_order(&verdict).iter().take(MAX_OWN_TRIED) {
            let asked = services.iter().filter(|service| **service != Service::NoAddress).count();
            if asked == MAX_OWN_ASKED {
                break;
            }
            let service = match self.address(name, &verdict).await {
                Ok(Some(address)) => {
                    let server = Server::udp(SocketAddr::new(address, self.zones.config.port));
                    let question = Question::iterative(domain.clone(), RecordType::Soa);
                    let service = Service::of(domain, &self.client.ask_twice(&server, &question).await);
                    if service == Service::Works {
                        working.get_or_insert(server);
                    }
                    service
                }
                Ok(None) | Err(ResolveError::Failed(_)) => Service::NoAddress,
                Err(_) => Service::Unknown,
            };
            services.push(service);
        }
        let holdings = match &working {
            Some(server) => self.holdings(domain, server).await,
            None => Holdings::default(),
        };
        conclude(verdict, &services, holdings)
    }

    /// An address of a name server that may be asked, IPv4 before IPv6.
    async fn address(&self, name: &HostName, verdict: &Verdict) -> Result<Option<IpAddr>, ResolveError> {
        let glue = verdict.glue.iter().filter(|(of, _)| of == name).map(|(_, address)| *address);
        let best = |addresses: Vec<IpAddr>| addresses.into_iter().filter(|ip| self.zones.config.admits(*ip)).min();
        match best(glue.collect()) {
            Some(address) => Ok(Some(address)),
            None => Ok(best(self.resolver.addresses(name).await?)),
        }
    }

    async fn holdings(&self, domain: &HostName, server: &Server) -> Holdings {
        let ask = async |record_type| {
            self.client
                .ask_twice(server, &Question::iterative(domain.clone(), record_type))
                .await
                .unwrap_or_default()
        };
        let (v4, v6, mail) = tokio::join!(ask(RecordType::A), ask(RecordType::Aaaa), ask(RecordType::Mx));
        Holdings::of(domain, [&v4, &v6], &mail)
    }
}
