//! The verdict on a delegation: what the servers of the parent zone said of a domain, taken together.
//!
//! | a server says (NS, RD=0) | means |
//! |---|---|
//! | NS records of the domain in the authority section | it is delegated |
//! | NS records of a name above, below the zone | another zone lies between; its servers are the ones to ask |
//! | NXDOMAIN, AA, SOA of the parent | it does not exist |
//! | NOERROR, AA, SOA of the parent | it exists, and is not delegated |
//! | NOERROR, AA, NS records of the domain in the answer section | the server has the domain's own zone as well |
//! | anything else | nothing |
//!
//! A server that has the domain's own zone does not tell whether the parent refers to it; its answer for DS does, as
//! that type belongs to the parent (RFC 4035 3.1.4.1). A referral is believed at once. That there is none is believed
//! when enough servers say so, because secondaries lag; or when another one has the same serial of the zone.

use std::collections::BTreeSet;
use std::net::IpAddr;

use compact_str::CompactString;
use panopticon_model::name::HostName;
use panopticon_model::observation::{DelegationFacts, Facts, Measured, Outcome};

use crate::dns::error::AskError;
use crate::dns::message::{Data, Rcode, Record, RecordType, Reply, soa};
use crate::dns::resolve::name_servers_of;

/// The zone above a domain.
#[derive(Clone, Copy, Debug)]
pub struct Parent<'a> {
    /// Its name.
    pub zone: &'a HostName,
    /// How many of its servers must say that there is no delegation.
    pub quorum: usize,
    /// The zone answers for names that nobody can have registered; with the name servers that it gives for those.
    pub wildcard: Option<&'a [HostName]>,
}

/// What a server of the parent zone said.
#[derive(Clone, Debug)]
pub struct Said {
    /// Which server; two addresses of the same one have the same number.
    pub server: usize,
    /// For what it was asked: NS or DS of the domain, SOA of the zone.
    pub asked: RecordType,
    /// What it said.
    pub reply: Result<Reply, AskError>,
}

/// What it comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// [`Outcome::Delegated`] as long as the domain's own servers are not asked.
    pub outcome: Outcome,
    /// Whether another answer cannot change it.
    pub settled: bool,
    /// What is known of the delegation.
    pub facts: DelegationFacts,
    /// Addresses of the domain's name servers that came with the referral.
    pub glue: Vec<(HostName, IpAddr)>,
    /// A zone between the parent and the domain, whose servers are the ones to ask.
    pub cut: Option<HostName>,
}

impl Said {
    /// Whether it is from the domain's own zone, so that the same server is to be asked for DS.
    #[must_use]
    pub fn is_own_zone(&self, domain: &HostName) -> bool {
        let own =
            |reply: &Reply| reply.authoritative && !name_servers_of(domain.as_str(), &reply.answers).is_empty();
        self.asked == RecordType::Ns && self.reply.as_ref().is_ok_and(own)
    }

    /// Whether it says something of the zone at all.
    #[must_use]
    pub fn is_authoritative(&self) -> bool {
        self.reply.as_ref().is_ok_and(|reply| reply.authoritative)
    }
}

impl Verdict {
    /// As it is.
    #[must_use]
    pub fn into_measured(self) -> Measured {
        Measured { facts: Facts::Delegation(Box::new(self.facts)), ..Measured::bare(self.outcome) }
    }
}

/// What one answer says by itself.
enum Word<'a> {
    Refers(&'a Reply),
    RefersAbove(HostName),
    Nonexistent,
    /// It exists in the parent zone; of an answer for NS: without a delegation.
    Exists,
    /// It exists, and has a DS record.
    Signed,
    /// The server has the domain's own zone.
    OwnZone(&'a Reply),
    /// Nothing of the domain, but of the zone.
    Serial,
    Nothing(Outcome),
}

/// Judges a domain by what servers of its parent zone said, in any order.
#[must_use]
pub fn judge(domain: &HostName, parent: &Parent<'_>, said: &[Said]) -> Verdict {
    let tally = Tally::of(domain, parent, said);
    let (outcome, settled) =
        tally.outcome(|servers| servers.len() >= parent.quorum || has_twin(domain, parent, said, servers));
    let (name_servers, glue) = match tally.delegation() {
        Some((section, reply)) => {
            let name_servers = name_servers_of(domain.as_str(), section);
            let glue = glue(&name_servers, &reply.additionals);
            (name_servers, glue)
        }
        None => (Vec::new(), Vec::new()),
    };
    let facts = DelegationFacts {
        asked: count(tally.asked.len()),
        answered: count(tally.answered.len()),
        serials: serials(domain, parent, said),
        signed: match (tally.signed, tally.unsigned) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        },
        glue: !glue.is_empty(),
        name_servers,
        ..DelegationFacts::default()
    };
    let told =
        matches!(outcome, Outcome::Delegated | Outcome::Undelegated | Outcome::NoData | Outcome::Inconsistent);
    let cut = tally.cut.filter(|_| !told);
    let outcome = under_wildcard(outcome, parent, &facts.name_servers);
    Verdict { outcome, settled, facts, glue, cut }
}

/// Which servers said what.
#[derive(Default)]
struct Tally<'a> {
    asked: BTreeSet<usize>,
    answered: BTreeSet<usize>,
    own_zone: BTreeSet<usize>,
    nonexistent: BTreeSet<usize>,
    exists: BTreeSet<usize>,
    /// The parent has a DS record for the domain.
    signed: bool,
    /// The parent has the domain without one, as a server says that has the domain's own zone, too.
    unsigned: bool,
    referral: Option<&'a Reply>,
    copy: Option<&'a Reply>,
    cut: Option<HostName>,
    failure: Option<Outcome>,
}

impl<'a> Tally<'a> {
    fn of(domain: &HostName, parent: &Parent<'_>, said: &'a [Said]) -> Tally<'a> {
        let mut tally = Tally::default();
        let mut exists_by_ds = BTreeSet::new();
        for Said { server, asked, reply } in said {
            tally.asked.insert(*server);
            let word = word(domain, parent, *asked, reply);
            if let Word::Nothing(outcome) = word {
                tally.failure = Some(outcome);
                continue;
            }
            tally.answered.insert(*server);
            match word {
                Word::Refers(reply) => tally.referral = tally.referral.or(Some(reply)),
                Word::RefersAbove(cut) => tally.cut = Some(cut),
                Word::OwnZone(reply) => {
                    tally.own_zone.insert(*server);
                    tally.copy = tally.copy.or(Some(reply));
                }
                Word::Signed => tally.signed = true,
                Word::Nonexistent => _ = tally.nonexistent.insert(*server),
                Word::Exists if *asked == RecordType::Ds => _ = exists_by_ds.insert(*server),
                Word::Exists => _ = tally.exists.insert(*server),
                Word::Serial | Word::Nothing(_) => {}
            }
        }
        tally.unsigned = !tally.own_zone.is_disjoint(&exists_by_ds);
        tally
    }

    /// The records that name the servers of the domain, and the reply that they are from.
    fn delegation(&self) -> Option<(&'a [Record], &'a Reply)> {
        let confirmed = self.copy.filter(|_| self.signed || self.unsigned);
        let referral = self.referral.map(|reply| (reply.authorities.as_slice(), reply));
        referral.or(confirmed.map(|reply| (reply.answers.as_slice(), reply)))
    }

    /// The outcome, and whether another answer cannot change it; where `enough` servers say that there is nothing.
    fn outcome(&self, enough: impl Fn(&BTreeSet<usize>) -> bool) -> (Outcome, bool) {
        let (none, exists) = (!self.nonexistent.is_empty(), !self.exists.is_empty());
        match (self.delegation().is_some(), none, exists) {
            (true, false, false) => (Outcome::Delegated, true),
            (false, true, false) if enough(&self.nonexistent) => (Outcome::Undelegated, true),
            (false, false, true) if enough(&self.exists) => (Outcome::NoData, true),
            (true, true, _) | (true, _, true) | (_, true, true) => (Outcome::Inconsistent, true),
            // A copy of the domain's own zone, of which the parent may know nothing.
            _ if !self.own_zone.is_empty() => (Outcome::Inconsistent, false),
            // If all spoke, another one to ask is missing.
            _ => (self.failure.unwrap_or(Outcome::NoServer), self.cut.is_some() && !none && !exists),
        }
    }
}

/// What an outcome is worth in a zone that answers for everything.
fn under_wildcard(outcome: Outcome, parent: &Parent<'_>, name_servers: &[HostName]) -> Outcome {
    match (outcome, parent.wildcard) {
        (Outcome::Undelegated | Outcome::NoData, Some(_)) => Outcome::Wildcard,
        (Outcome::Delegated, Some(of_all)) if !of_all.is_empty() && of_all == name_servers => Outcome::Wildcard,
        _ => outcome,
    }
}

fn word<'a>(
    domain: &HostName,
    parent: &Parent<'_>,
    asked: RecordType,
    reply: &'a Result<Reply, AskError>,
) -> Word<'a> {
    let reply = match reply {
        Ok(reply) if reply.truncated => return Word::Nothing(Outcome::Malformed),
        Ok(reply) => reply,
        Err(error) => return Word::Nothing(error.outcome()),
    };
    if !matches!(reply.rcode, Rcode::NOERROR | Rcode::NXDOMAIN) {
        return Word::Nothing(reply.rcode.outcome());
    }
    match asked {
        RecordType::Ns if reply.rcode == Rcode::NOERROR && reply.answers.is_empty() => {
            referral(domain, parent, reply)
        }
        RecordType::Ns | RecordType::Ds => of_parent(domain, parent, asked, reply),
        _ if reply.authoritative && soa_of_parent(domain, parent, &reply.answers).is_some() => Word::Serial,
        _ => Word::Nothing(Outcome::Refused),
    }
}

/// A reply without an answer: a referral, or that there is none.
fn referral<'a>(domain: &HostName, parent: &Parent<'_>, reply: &'a Reply) -> Word<'a> {
    let owners = reply.authorities.iter().filter(|record| matches!(record.data, Data::Ns(_)));
    let mut owners = owners.map(|record| &record.owner);
    match owners.next() {
        Some(owner) if *owner == domain.as_str() => Word::Refers(reply),
        Some(owner) if is_above(domain, parent, owner) && owner != parent.zone.as_str() => {
            HostName::parse(owner).map_or(Word::Nothing(Outcome::Malformed), Word::RefersAbove)
        }
        // To the root, or to itself: it does not know the zone.
        Some(_) if !reply.authoritative => Word::Nothing(Outcome::Refused),
        _ => of_parent(domain, parent, RecordType::Ns, reply),
    }
}

/// A reply that counts only if the server speaks for the parent zone.
fn of_parent<'a>(domain: &HostName, parent: &Parent<'_>, asked: RecordType, reply: &'a Reply) -> Word<'a> {
    if !reply.authoritative {
        return Word::Nothing(Outcome::Refused);
    }
    let has = |wanted: &dyn Fn(&Data) -> bool| {
        reply.answers.iter().any(|record| record.owner == domain.as_str() && wanted(&record.data))
    };
    match asked {
        RecordType::Ns if has(&|data| matches!(data, Data::Ns(_))) => return Word::OwnZone(reply),
        RecordType::Ns if has(&|data| matches!(data, Data::Cname(_))) => return Word::Exists,
        RecordType::Ds if has(&|data| matches!(data, Data::Ds)) => return Word::Signed,
        _ => {}
    }
    match soa_of_parent(domain, parent, &reply.authorities) {
        Some(_) if reply.rcode == Rcode::NXDOMAIN => Word::Nonexistent,
        Some(_) => Word::Exists,
        None => Word::Nothing(Outcome::Malformed),
    }
}

/// Whether a name lies above the domain, and is the zone or lies below it.
fn is_above(domain: &HostName, parent: &Parent<'_>, owner: &str) -> bool {
    domain.is_below(owner) && owner.len() >= parent.zone.as_str().len()
}

fn soa_of_parent<'a>(domain: &HostName, parent: &Parent<'_>, records: &'a [Record]) -> Option<(&'a str, u32)> {
    soa(records).filter(|(owner, _)| is_above(domain, parent, owner))
}

/// The zone and the serial that a server showed.
fn shown<'a>(domain: &HostName, parent: &Parent<'_>, said: &'a Said) -> Option<(&'a str, u32)> {
    let reply = said.reply.as_ref().ok().filter(|reply| reply.authoritative)?;
    soa_of_parent(domain, parent, &reply.authorities).or_else(|| soa_of_parent(domain, parent, &reply.answers))
}

/// Whether a server that does not say it itself has the same serial of the same zone as one that says it.
fn has_twin(domain: &HostName, parent: &Parent<'_>, said: &[Said], servers: &BTreeSet<usize>) -> bool {
    let shown_by = |inside: bool| {
        let matching = said.iter().filter(move |said| servers.contains(&said.server) == inside);
        matching.filter_map(|said| shown(domain, parent, said)).collect::<BTreeSet<_>>()
    };
    !shown_by(true).is_disjoint(&shown_by(false))
}

/// The least and the greatest serial of the zone that was shown first.
fn serials(domain: &HostName, parent: &Parent<'_>, said: &[Said]) -> Option<(u32, u32)> {
    let mut all = said.iter().filter_map(|said| shown(domain, parent, said));
    let (zone, first) = all.next()?;
    let others = all.filter(|(other, _)| *other == zone).map(|(_, serial)| serial);
    Some(others.fold((first, first), |(least, greatest), serial| (least.min(serial), greatest.max(serial))))
}

fn glue(name_servers: &[HostName], additionals: &[Record]) -> Vec<(HostName, IpAddr)> {
    let of = |owner: &CompactString| name_servers.iter().find(|name| name.as_str() == owner.as_str());
    additionals.iter().filter_map(|record| Some((of(&record.owner)?.clone(), record.address()?))).collect()
}

fn count(number: usize) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}
