//! DNS blocklists (RFC 5782): whether a list has a name, by an address that it gives for the name below its own zone.
//!
//! An address is a code. Some codes say that the question itself is at fault: it came from a public resolver, too often,
//! or for an address. Taken for a listing, they would list the whole world. A list that says such a thing, or gives an
//! address outside of 127.0.0.0/8, has said nothing of the name.

use std::net::{IpAddr, Ipv4Addr};

use compact_str::{CompactString, ToCompactString};
use panopticon_model::name::HostName;
use panopticon_model::observation::{BlocklistFacts, Facts, Measured, Outcome};

use super::message::{Question, RecordType, Reply};
use super::resolve::{ResolveError, Resolver, addresses_of};

/// What the codes of a list mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codes {
    /// Those of the Spamhaus Domain Blocklist.
    SpamhausDbl,
    /// Any code is a listing. What it means is left to the reader.
    Any,
}

/// What one code says.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Code {
    Listed(CompactString),
    Fault(CompactString),
}

const SPAMHAUS_DBL: &str = include_str!("spamhaus_dbl.tsv");

impl Codes {
    fn code(self, address: Ipv4Addr) -> Code {
        let fault = match address.octets() {
            [127, 0, 1, 255] => "question-for-an-address",
            [127, 255, 255, 252] => "wrong-zone",
            [127, 255, 255, 254] => "public-resolver",
            [127, 255, 255, 255] => "too-many-questions",
            [127, 255, 255, _] => "fault",
            // SURBL and URIBL say so that they do not want to be asked.
            [127, 0, 0, 1] => "access-denied",
            [127, 0, 1, _] if self == Codes::SpamhausDbl => return Code::Listed(spamhaus_meaning(address)),
            [127, ..] if self == Codes::Any => return Code::Listed(address.to_compact_string()),
            _ => "not-a-code",
        };
        Code::Fault(fault.into())
    }
}

/// The meaning of a code; of one that is too new, the code itself.
fn spamhaus_meaning(address: Ipv4Addr) -> CompactString {
    let mut rows = SPAMHAUS_DBL.lines().filter_map(|line| line.split_once('\t'));
    let found = rows.find(|(code, _)| code.parse() == Ok(address));
    found.map_or_else(|| address.to_compact_string(), |(_, meaning)| meaning.into())
}

/// Judges the answer to the question for `name`, the one below the zone of the list.
#[must_use]
pub fn judge(name: &HostName, answer: &Result<Reply, ResolveError>, codes: Codes) -> Measured {
    let reply = match answer {
        Ok(reply) => reply,
        Err(error) => return Measured::bare(error.outcome()),
    };
    let addresses = addresses_of(name.as_str(), &reply.answers);
    let mut given: Vec<Ipv4Addr> = addresses
        .into_iter()
        .filter_map(|address| match address {
            IpAddr::V4(address) => Some(address),
            IpAddr::V6(_) => None,
        })
        .collect();
    given.sort();
    given.dedup();
    let (mut meanings, mut faults) = (Vec::new(), Vec::new());
    for address in &given {
        match codes.code(*address) {
            Code::Listed(meaning) => meanings.push(meaning),
            Code::Fault(fault) => faults.push(fault),
        }
    }
    let outcome = match (faults.is_empty(), meanings.is_empty()) {
        (false, _) => Outcome::ServiceError,
        (true, false) => Outcome::Listed,
        (true, true) => Outcome::Clear,
    };
    meanings.extend(faults);
    let facts = BlocklistFacts { codes: given, meanings };
    Measured { facts: Facts::Blocklist(facts), ..Measured::bare(outcome) }
}

/// A blocklist, and whoever asks it.
pub struct Blocklist {
    resolver: Resolver,
    /// Not shown anywhere: with some publishers it has a key in it.
    zone: HostName,
    codes: Codes,
}

impl Blocklist {
    /// The list in `zone`, asked through `resolver` at its pace. Publishers do not answer public resolvers.
    #[must_use]
    pub fn new(resolver: Resolver, zone: HostName, codes: Codes) -> Blocklist {
        Blocklist { resolver, zone, codes }
    }

    /// Measures whether the list has a name. What is no name, or becomes too long below the zone, comes to
    /// [`Outcome::Malformed`].
    pub async fn measure(&self, name: &str) -> Measured {
        let listed = HostName::parse(name).and_then(|name| HostName::parse(&format!("{name}.{}", self.zone)));
        let Ok(listed) = listed else { return Measured::bare(Outcome::Malformed) };
        let answer = self.resolver.ask(Question::recursive(listed.clone(), RecordType::A)).await;
        judge(&listed, &answer, self.codes)
    }
}
