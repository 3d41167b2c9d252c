//! Addresses of a name, and name servers of a zone, through configured resolvers.
//!
//! Resolvers are asked in the order of configuration; the next one only if one fails. An answer that there is nothing
//! is an answer. Whether an address may be connected to is decided by whoever connects ([`crate::address`]).

use std::net::IpAddr;
use std::sync::Arc;

use compact_str::CompactString;
use panopticon_model::name::HostName;
use panopticon_model::observation::Outcome;

use super::error::AskError;
use super::exchange::Client;
use super::message::{Data, Question, Rcode, Record, RecordType, Reply};
use super::server::Server;

/// Addresses that are taken of one name.
pub const MAX_ADDRESSES: usize = 32;
/// Name servers that are taken of one zone. The root has 13.
pub const MAX_NAME_SERVERS: usize = 32;
/// Aliases that are followed within one reply.
const MAX_ALIASES: usize = 16;

/// Resolvers that find out for us.
#[derive(Clone)]
pub struct Resolver {
    client: Arc<Client>,
    servers: Vec<Server>,
}

/// Why nothing is known of a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// No resolver is configured. Name one.
    #[error("no resolver is configured")]
    NoResolver,
    /// No resolver answered; why the last one did not. Ask again later.
    #[error("no resolver answered: {0}")]
    Ask(#[from] AskError),
    /// The resolvers cannot answer, or do not want to; the last one's code. Ask again later.
    #[error("no resolver knows: {0}")]
    Failed(Rcode),
}

impl ResolveError {
    /// What it comes to for whoever needed the name.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            ResolveError::NoResolver => Outcome::NoServer,
            ResolveError::Ask(error) => error.outcome(),
            ResolveError::Failed(rcode) => rcode.outcome(),
        }
    }
}

impl Resolver {
    /// Resolvers that are asked by `client`, the first one first.
    #[must_use]
    pub fn new(client: Arc<Client>, servers: Vec<Server>) -> Resolver {
        Resolver { client, servers }
    }

    /// The addresses of a name over both protocols, IPv4 first, at most [`MAX_ADDRESSES`]. None if there is no such
    /// name, or no address of it.
    ///
    /// # Errors
    /// [`ResolveError`] if that could not be told.
    pub async fn addresses(&self, name: &HostName) -> Result<Vec<IpAddr>, ResolveError> {
        let ask = |record_type| self.ask(Question::recursive(name.clone(), record_type));
        let (v4, v6) = tokio::join!(ask(RecordType::A), ask(RecordType::Aaaa));
        let found = |reply: &Result<Reply, ResolveError>| match reply {
            Ok(reply) => addresses_of(name.as_str(), &reply.answers),
            Err(_) => Vec::new(),
        };
        let mut addresses = found(&v4);
        addresses.extend(found(&v6));
        if addresses.is_empty() {
            // One half of the answer does not tell that there is nothing.
            v4.and(v6)?;
        }
        addresses.truncate(MAX_ADDRESSES);
        Ok(addresses)
    }

    /// The name servers of a zone, sorted, at most [`MAX_NAME_SERVERS`]. None if there is no zone of that name.
    ///
    /// # Errors
    /// [`ResolveError`] if that could not be told.
    pub async fn name_servers(&self, zone: &HostName) -> Result<Vec<HostName>, ResolveError> {
        let reply = self.ask(Question::recursive(zone.clone(), RecordType::Ns)).await?;
        Ok(name_servers_of(zone.as_str(), &reply.answers))
    }

    /// Asks for anything; the answer is that it is there, or that it is not.
    pub(super) async fn ask(&self, question: Question) -> Result<Reply, ResolveError> {
        let mut failure = ResolveError::NoResolver;
        for server in &self.servers {
            match self.client.ask_twice(server, &question).await {
                Ok(reply) if reply.truncated => {
                    failure = AskError::Malformed("the answer is cut off".to_owned()).into();
                }
                Ok(reply) if matches!(reply.rcode, Rcode::NOERROR | Rcode::NXDOMAIN) => return Ok(reply),
                Ok(reply) => failure = ResolveError::Failed(reply.rcode),
                Err(error) => failure = error.into(),
            }
        }
        Err(failure)
    }
}

/// The addresses of a name in the records of an answer, aliases followed.
pub(super) fn addresses_of(name: &str, records: &[Record]) -> Vec<IpAddr> {
    let mut name = CompactString::new(name);
    for _ in 0..MAX_ALIASES {
        let alias = records.iter().find_map(|record| match &record.data {
            Data::Cname(target) if record.owner == name => Some(target),
            _ => None,
        });
        match alias {
            Some(target) => name = target.clone(),
            None => break,
        }
    }
    let own = records.iter().filter(|record| record.owner == name);
    own.filter_map(Record::address).take(MAX_ADDRESSES).collect()
}

/// The name servers of an owner among records, sorted. Names that no host can have are left out.
pub(super) fn name_servers_of(owner: &str, records: &[Record]) -> Vec<HostName> {
    let own = records.iter().filter(|record| record.owner == owner);
    let names = own.filter_map(|record| match &record.data {
        Data::Ns(name) => HostName::parse(name).ok(),
        _ => None,
    });
    let mut names: Vec<HostName> = names.take(MAX_NAME_SERVERS).collect();
    names.sort();
    names.dedup();
    names
}
