//! Replies in words, for tables and for servers of scripted answers.
//!
//! ```text
//! NXDOMAIN aa; au: zz SOA 7
//! NOERROR; au: x.zz NS ns1.x.zz, x.zz NS ns2.x.zz; ad: ns1.x.zz A 192.0.2.1; ede: 15 Blocked by us
//! ```

use std::time::Duration;

use hickory_proto::op::{Edns, Message, MessageType, Query, ResponseCode};
use hickory_proto::rr::rdata::opt::EdnsOption;
use hickory_proto::rr::rdata::{A, AAAA, CNAME, MX, NS, NULL, SOA, TXT};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};
use panopticon_model::name::HostName;
use panopticon_sources::dns::error::AskError;
use panopticon_sources::dns::message::{self, Question, Reply};

/// The reply to a query, as bytes.
pub(super) fn bytes(query: &Message, text: &str) -> Vec<u8> {
    reply(query, text).to_vec().unwrap()
}

/// The reply to a query.
pub(super) fn reply(query: &Message, text: &str) -> Message {
    let mut reply = Message::response(query.id, query.op_code);
    reply.queries = query.queries.clone();
    reply.metadata.recursion_desired = query.recursion_desired;
    let class = query.queries.first().map_or(DNSClass::IN, Query::query_class);
    let mut edns = Edns::new();
    for (place, part) in text.split(';').map(str::trim).enumerate() {
        match part.split_once(": ") {
            _ if place == 0 => head(&mut reply, part),
            Some(("an", records)) => reply.answers = section(records, class),
            Some(("au", records)) => reply.authorities = section(records, class),
            Some(("ad", records)) => reply.additionals = section(records, class),
            Some(("ede", error)) => {
                let (code, text) = error.split_once(' ').unwrap_or((error, ""));
                let mut bytes = code.parse::<u16>().unwrap().to_be_bytes().to_vec();
                bytes.extend(text.as_bytes());
                edns.options_mut().insert(EdnsOption::Unknown(15, bytes));
            }
            _ => panic!("no part of a reply: {part}"),
        }
    }
    reply.edns = Some(edns);
    reply
}

fn head(reply: &mut Message, words: &str) {
    for word in words.split(' ') {
        let metadata = &mut reply.metadata;
        match word {
            "aa" => metadata.authoritative = true,
            "ra" => metadata.recursion_available = true,
            "ad" => metadata.authentic_data = true,
            "tc" => metadata.truncation = true,
            "NOERROR" => metadata.response_code = ResponseCode::NoError,
            "FORMERR" => metadata.response_code = ResponseCode::FormErr,
            "SERVFAIL" => metadata.response_code = ResponseCode::ServFail,
            "NXDOMAIN" => metadata.response_code = ResponseCode::NXDomain,
            "REFUSED" => metadata.response_code = ResponseCode::Refused,
            _ => panic!("no flag and no code: {word}"),
        }
    }
}

fn section(records: &str, class: DNSClass) -> Vec<Record> {
    records.split(", ").map(|text| record(text, class)).collect()
}

fn record(text: &str, class: DNSClass) -> Record {
    let (owner, rest) = text.split_once(' ').unwrap();
    let (record_type, data) = rest.split_once(' ').unwrap_or((rest, ""));
    let data = match record_type {
        "A" => RData::A(A(data.parse().unwrap())),
        "AAAA" => RData::AAAA(AAAA(data.parse().unwrap())),
        "NS" => RData::NS(NS(name(data))),
        "CNAME" => RData::CNAME(CNAME(name(data))),
        "SOA" => RData::SOA(SOA::new(name("ns"), name("hostmaster"), data.parse().unwrap(), 1, 1, 1, 60)),
        "MX" => {
            let (preference, exchange) = data.split_once(' ').unwrap();
            RData::MX(MX::new(preference.parse().unwrap(), name(exchange)))
        }
        "TXT" => RData::TXT(TXT::new(vec![data.to_owned()])),
        "DS" => RData::Unknown { code: RecordType::DS, rdata: NULL::with(vec![0, 1, 13, 2, 0xab]) },
        _ => panic!("no type: {record_type}"),
    };
    let mut record = Record::from_rdata(name(owner), 60, data);
    record.dns_class = class;
    record
}

fn name(text: &str) -> Name {
    Name::from_labels(text.split('.').filter(|label| !label.is_empty()).map(str::as_bytes)).unwrap()
}

/// The query for a question.
pub(super) fn query(question: &Question) -> Message {
    let mut query = Query::query(name(question.name.as_str()), question.record_type.code().into());
    if question.class == message::Class::Chaos {
        query.set_query_class(DNSClass::CH);
    }
    let mut message = Message::query();
    assert_eq!(message.metadata.message_type, MessageType::Query);
    message.queries.push(query);
    message
}

/// What a server says to a question, or why it says nothing: `timeout`, `unreachable`, `malformed`, `tls`.
pub(super) fn heard(question: &Question, text: &str) -> Result<Reply, AskError> {
    match text {
        "timeout" => Err(AskError::Timeout(Duration::from_secs(2))),
        "unreachable" => Err(AskError::Unreachable("no route".to_owned())),
        "malformed" => Err(AskError::Malformed("not a reply".to_owned())),
        "tls" => Err(AskError::Tls("unknown issuer".to_owned())),
        _ => Ok(Reply::read(&bytes(&query(question), text), question).unwrap()),
    }
}

pub(super) fn host(text: &str) -> HostName {
    HostName::parse(text).unwrap()
}

/// The rows of a data file: fields between tabs, without comments.
pub(super) fn rows(file: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let lines = file.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split('\t').filter(|field| !field.is_empty()).collect())
}
