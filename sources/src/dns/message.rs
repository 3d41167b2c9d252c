//! Questions and replies in our own words; the one place that takes messages apart.
//!
//! A resolver would hide what we ask for: whether a reply is authoritative, whether recursion is available, which
//! records stand in which section, and why a name is refused. Names come out in lower case and without the last dot,
//! the root as an empty text; what is no printable character in them is written `\DDD` (RFC 4343 2.1). The mailbox of
//! a SOA record is not read.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use compact_str::{CompactString, format_compact};
use hickory_proto::op::{Message, MessageType, OpCode, Query};
use hickory_proto::rr::rdata::opt::EdnsOption;
use hickory_proto::rr::{self, DNSClass, Name, RData};
use panopticon_model::name::HostName;
use panopticon_model::observation::Outcome;

/// A question to one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The name that is asked for.
    pub name: HostName,
    /// The type that is asked for.
    pub record_type: RecordType,
    /// The class: `IN`, or `CH` for what a server says of itself.
    pub class: Class,
    /// Whether the server is to find out what it does not know itself.
    pub recursion_desired: bool,
}

impl Question {
    /// A question to a server that has the zone.
    #[must_use]
    pub fn iterative(name: HostName, record_type: RecordType) -> Question {
        Question { name, record_type, class: Class::In, recursion_desired: false }
    }

    /// A question to a resolver.
    #[must_use]
    pub fn recursive(name: HostName, record_type: RecordType) -> Question {
        Question { name, record_type, class: Class::In, recursion_desired: true }
    }

    /// In the words of the library.
    pub(super) fn to_query(&self) -> Result<Query, ReplyError> {
        let labels = self.name.labels().map(str::as_bytes);
        let name = Name::from_labels(labels).map_err(|error| ReplyError::Unreadable(error.to_string()))?;
        let mut query = Query::query(name, rr::RecordType::from(self.record_type.code()));
        query.set_query_class(self.class.of());
        Ok(query)
    }

    fn is(&self, query: &Query) -> bool {
        query.query_class == self.class.of()
            && u16::from(query.query_type) == self.record_type.code()
            && text(&query.name) == self.name.as_str()
    }
}

/// The class of a question (RFC 1035 3.2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The Internet.
    In,
    /// What servers say of themselves (RFC 4892).
    Chaos,
}

impl Class {
    fn of(self) -> DNSClass {
        match self {
            Class::In => DNSClass::IN,
            Class::Chaos => DNSClass::CH,
        }
    }
}

/// The types that are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of RFC 1035, RFC 3596 and RFC 4034")]
pub enum RecordType {
    A,
    Ns,
    Soa,
    Mx,
    Txt,
    Aaaa,
    Ds,
}

impl RecordType {
    /// The number at IANA.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            RecordType::A => 1,
            RecordType::Ns => 2,
            RecordType::Soa => 6,
            RecordType::Mx => 15,
            RecordType::Txt => 16,
            RecordType::Aaaa => 28,
            RecordType::Ds => 43,
        }
    }
}

/// A response code with its extension (RFC 6895 2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rcode(pub u16);

impl Rcode {
    /// There is an answer, if only that there is no such record.
    pub const NOERROR: Rcode = Rcode(0);
    /// The server cannot answer.
    pub const SERVFAIL: Rcode = Rcode(2);
    /// There is no such name.
    pub const NXDOMAIN: Rcode = Rcode(3);
    /// The server does not want to answer.
    pub const REFUSED: Rcode = Rcode(5);

    /// What a reply comes to that neither answers nor denies.
    #[must_use]
    pub fn outcome(self) -> Outcome {
        match self {
            Rcode::REFUSED => Outcome::Refused,
            _ => Outcome::ServFail,
        }
    }
}

impl fmt::Display for Rcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const WORDS: [&str; 11] = [
            "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET",
            "NOTAUTH", "NOTZONE",
        ];
        match WORDS.get(usize::from(self.0)) {
            Some(word) => f.pad(word),
            None if self.0 == 16 => f.pad("BADVERS"),
            None => write!(f, "RCODE{}", self.0),
        }
    }
}

/// What a server said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The response code.
    pub rcode: Rcode,
    /// AA: the server has the zone.
    pub authoritative: bool,
    /// RA: the server would find out for us.
    pub recursion_available: bool,
    /// AD: the server has validated the data.
    pub authentic: bool,
    /// TC: there is more than it sent.
    pub truncated: bool,
    /// What was asked for.
    pub answers: Vec<Record>,
    /// Who knows, or that nobody does.
    pub authorities: Vec<Record>,
    /// What is good to know besides, without the OPT record.
    pub additionals: Vec<Record>,
    /// Extended errors (RFC 8914), the first ones.
    pub extended_errors: Vec<ExtendedError>,
    /// Whether datagrams did not do, and it was asked again over TCP.
    pub over_tcp: bool,
}

/// An extended error (RFC 8914).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtendedError {
    /// The info code.
    pub code: u16,
    /// The extra text; control characters are taken out.
    pub text: CompactString,
}

/// A record of the class that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The name that it belongs to.
    pub owner: CompactString,
    /// What it says.
    pub data: Data,
}

/// What a record says, as far as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of RFC 1035, RFC 3596 and RFC 4034")]
pub enum Data {
    A(Ipv4Addr),
    Aaaa(Ipv6Addr),
    Ns(CompactString),
    Cname(CompactString),
    Soa {
        serial: u32,
    },
    Mx {
        preference: u16,
        exchange: CompactString,
    },
    Txt(CompactString),
    Ds,
    /// Another type, by its number.
    Other(u16),
}

impl Record {
    /// The address in it.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        match self.data {
            Data::A(address) => Some(address.into()),
            Data::Aaaa(address) => Some(address.into()),
            _ => None,
        }
    }
}

/// Why bytes are no reply to a question.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplyError {
    /// The bytes break the format. Ask another server.
    #[error("the message cannot be read: {0}")]
    Unreadable(String),
    /// A query, or an answer to something else than a query.
    #[error("the message is no reply to a query")]
    NoReply,
    /// An answer to something that was not asked.
    #[error("the reply is to another question")]
    OtherQuestion,
}

/// Extended errors that are kept of one reply.
const MAX_EXTENDED_ERRORS: usize = 4;
/// Characters of the text of an extended error that are kept.
const MAX_TEXT: usize = 200;
/// The number of the option with extended errors, RFC 8914 2.
const EXTENDED_ERROR: u16 = 15;

impl Reply {
    /// Reads the bytes of a message as a reply to `question`.
    ///
    /// # Errors
    /// [`ReplyError`] if they are not one. The id is not looked at: that is the work of whoever received them.
    pub fn read(bytes: &[u8], question: &Question) -> Result<Reply, ReplyError> {
        let message = Message::from_vec(bytes).map_err(|error| ReplyError::Unreadable(error.to_string()))?;
        Reply::of(&message, question)
    }

    /// Takes a message apart.
    pub(super) fn of(message: &Message, question: &Question) -> Result<Reply, ReplyError> {
        if message.message_type != MessageType::Response || message.op_code != OpCode::Query {
            return Err(ReplyError::NoReply);
        }
        if !matches!(message.queries.as_slice(), [query] if question.is(query)) {
            return Err(ReplyError::OtherQuestion);
        }
        let records = |section: &[rr::Record]| {
            section.iter().filter(|record| record.dns_class == question.class.of()).map(record).collect()
        };
        let options = message.edns.as_ref().map_or(&[][..], |edns| edns.options().as_ref());
        Ok(Reply {
            rcode: Rcode(message.response_code.into()),
            authoritative: message.authoritative,
            recursion_available: message.recursion_available,
            authentic: message.authentic_data,
            truncated: message.truncation,
            answers: records(&message.answers),
            authorities: records(&message.authorities),
            additionals: records(&message.additionals),
            extended_errors: options
                .iter()
                .filter_map(|(_, option)| extended_error(option))
                .take(MAX_EXTENDED_ERRORS)
                .collect(),
            over_tcp: false,
        })
    }

    /// The SOA record in the authority section: the zone, and its serial.
    #[must_use]
    pub fn soa(&self) -> Option<(&str, u32)> {
        soa(&self.authorities)
    }
}

/// The first SOA record of a section: the zone, and its serial.
pub(super) fn soa(section: &[Record]) -> Option<(&str, u32)> {
    section.iter().find_map(|record| match record.data {
        Data::Soa { serial } => Some((record.owner.as_str(), serial)),
        _ => None,
    })
}

fn record(record: &rr::Record) -> Record {
    let data = match &record.data {
        RData::A(address) => Data::A(address.0),
        RData::AAAA(address) => Data::Aaaa(address.0),
        RData::NS(name) => Data::Ns(text(name)),
        RData::CNAME(name) => Data::Cname(text(name)),
        RData::SOA(soa) => Data::Soa { serial: soa.serial },
        RData::MX(mx) => Data::Mx { preference: mx.preference, exchange: text(&mx.exchange) },
        RData::TXT(txt) => Data::Txt(CompactString::from_utf8_lossy(&txt.txt_data.concat())),
        _ if record.record_type() == rr::RecordType::DS => Data::Ds,
        _ => Data::Other(record.record_type().into()),
    };
    Record { owner: text(&record.name), data }
}

/// A name in lower case, without the last dot.
fn text(name: &Name) -> CompactString {
    let mut text = CompactString::with_capacity(name.len());
    for label in name {
        if !text.is_empty() {
            text.push('.');
        }
        for &byte in label {
            match byte {
                b'.' | b'\\' => text.push_str(&format_compact!("\\{}", char::from(byte))),
                b'!'..=b'~' => text.push(char::from(byte.to_ascii_lowercase())),
                _ => text.push_str(&format_compact!("\\{byte:03}")),
            }
        }
    }
    text
}

fn extended_error(option: &EdnsOption) -> Option<ExtendedError> {
    let EdnsOption::Unknown(EXTENDED_ERROR, bytes) = option else { return None };
    let (code, text) = bytes.split_first_chunk()?;
    let text = String::from_utf8_lossy(text);
    let text = text.chars().filter(|character| !character.is_control()).take(MAX_TEXT).collect();
    Some(ExtendedError { code: u16::from_be_bytes(*code), text })
}
