//! Replies of name servers, and what the judges make of them.

use std::time::Duration;

use panopticon_model::name::HostName;
use panopticon_model::observation::{Facts, Outcome, Signal};
use panopticon_sources::dns::blocklist::{self, Codes};
use panopticon_sources::dns::delegation::{self, Holdings, Parent, Said, Service, Verdict};
use panopticon_sources::dns::error::AskError;
use panopticon_sources::dns::filter::{self, Round, Signals};
use panopticon_sources::dns::message::{Class, Data, Question, Rcode, Record, RecordType, Reply};

/// Octets of the shortest record: the root as its owner, type, class, lifetime, length.
const LEAST_RECORD: usize = 11;

/// A message as the reply to each of our questions: an answer to one of them at most, taken apart as it stands there,
/// and judged by everybody who asks.
pub fn dns_reply(data: &[u8]) {
    let types = [
        RecordType::A,
        RecordType::Ns,
        RecordType::Soa,
        RecordType::Mx,
        RecordType::Txt,
        RecordType::Aaaa,
        RecordType::Ds,
    ];
    let chaos = Question { class: Class::Chaos, ..Question::recursive(host("id.server"), RecordType::Txt) };
    let questions = types.map(|asked| Question::iterative(host("bank.xx"), asked)).into_iter().chain([chaos]);
    let mut replies = questions.filter_map(|asked| Some((Reply::read(data, &asked).ok()?, asked)));
    let Some((reply, asked)) = replies.next() else { return };
    assert_eq!(replies.next(), None, "a reply to two questions");
    check_reply(data, &reply);
    check_delegation(&reply, &asked);
    check_filter(&reply);
    check_blocklist(&reply, &asked.name);
}

fn host(name: &str) -> HostName {
    HostName::parse(name).unwrap()
}

/// The header says by itself what the reply says (RFC 1035 4.1.1, RFC 4035 3.1.6).
fn check_reply(data: &[u8], reply: &Reply) {
    let (high, low) = (data[2], data[3]);
    assert_eq!(high & 0b1111_1000, 0b1000_0000, "a reply to a query");
    let bits = (reply.authoritative, reply.truncated, reply.recursion_available, reply.authentic);
    assert_eq!(bits, (high & 4 != 0, high & 2 != 0, low & 0x80 != 0, low & 0x20 != 0));
    assert_eq!(reply.rcode.0 & 0xf, u16::from(low & 0xf));
    assert!(!reply.over_tcp);

    let sections = [&reply.answers, &reply.authorities, &reply.additionals];
    let records = || sections.into_iter().flatten();
    assert!(records().count() * LEAST_RECORD <= data.len(), "more records than there is room for");
    for Record { owner, data } in records() {
        check_name(owner);
        match data {
            Data::Ns(name) | Data::Cname(name) | Data::Mx { exchange: name, .. } => check_name(name),
            _ => {}
        }
    }
    assert!(reply.extended_errors.len() <= 4);
    for error in &reply.extended_errors {
        assert!(error.text.chars().count() <= 200 && !error.text.contains(char::is_control));
    }
}

/// A name is printable, in lower case, and without the last dot.
fn check_name(name: &str) {
    assert!(name.bytes().all(|byte| byte.is_ascii_graphic() && !byte.is_ascii_uppercase()), "{name:?}");
    assert!(!name.starts_with('.') && (!name.ends_with('.') || name.ends_with("\\.")), "{name:?}");
}

fn check_delegation(reply: &Reply, asked: &Question) {
    let (domain, zone) = (host("bank.xx"), host("xx"));
    let said = |server, reply: &Reply| Said { server, asked: asked.record_type, reply: Ok(reply.clone()) };
    let judge = |quorum, said: &[Said]| {
        let parent = Parent { zone: &zone, quorum, wildcard: None };
        let verdict = delegation::judge(&domain, &parent, said);
        check_verdict(&domain, &verdict, said.len());
        verdict
    };
    let alone = judge(1, &[said(0, reply)]);
    let speaks = reply.authoritative && !reply.truncated;
    match alone.outcome {
        Outcome::Undelegated => {
            let zone = reply.soa().map(|(zone, _)| host(zone));
            assert!(speaks && reply.rcode == Rcode::NXDOMAIN && zone.is_some_and(|zone| domain.is_below(zone)));
        }
        Outcome::NoData => assert!(speaks),
        Outcome::Delegated => assert!(!reply.truncated && reply.rcode == Rcode::NOERROR),
        _ => {}
    }

    // Two servers that say the same are enough where two are asked for.
    let both = judge(2, &[said(0, reply), said(1, reply)]);
    assert_eq!((both.outcome, both.settled, &both.cut), (alone.outcome, alone.settled, &alone.cut));
    assert_eq!((&both.facts.name_servers, both.facts.serials), (&alone.facts.name_servers, alone.facts.serials));
    // Who spoke first does not matter, and a contradiction is one.
    for (known, as_is) in [(referral(), Outcome::Delegated), (nonexistent(), Outcome::Undelegated)] {
        let known = Said { server: 2, asked: RecordType::Ns, reply: Ok(known) };
        let last = judge(1, &[said(0, reply), known.clone()]);
        let first = judge(1, &[known, said(0, reply)]);
        assert_eq!((last.outcome, last.settled), (first.outcome, first.settled));
        if is_told(alone.outcome) {
            let expected = if alone.outcome == as_is { as_is } else { Outcome::Inconsistent };
            assert_eq!(last.outcome, expected);
        }
    }
    check_own(&domain, reply, alone);
}

fn is_told(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Delegated | Outcome::Undelegated | Outcome::NoData)
}

fn check_verdict(domain: &HostName, verdict: &Verdict, said: usize) {
    let facts = &verdict.facts;
    assert!(facts.answered <= facts.asked && usize::from(facts.asked) <= said);
    assert!(facts.name_servers.len() <= 32 && facts.name_servers.is_sorted_by(|a, b| a < b));
    assert_eq!(facts.glue, !verdict.glue.is_empty());
    assert!(verdict.glue.iter().all(|(name, _)| facts.name_servers.contains(name)));
    assert!(facts.serials.is_none_or(|(least, greatest)| least <= greatest));
    assert!(verdict.cut.as_ref().is_none_or(|cut| domain.is_below(cut) && cut.is_below("xx")));
    assert!(verdict.cut.is_none() || !is_told(verdict.outcome));
}

/// What the domain's own servers say.
fn check_own(domain: &HostName, reply: &Reply, verdict: Verdict) {
    assert_eq!(delegation::in_order(&verdict).len(), verdict.facts.name_servers.len());
    let holdings = Holdings::of(domain, [reply, reply], reply);
    assert!(holdings.addresses.len() <= 64 && holdings.addresses.is_sorted_by(|a, b| a < b));
    assert!(holdings.mail_servers.len() <= 16 && holdings.mail_servers.iter().all(|name| !name.is_empty()));
    let service = Service::of(domain, &Ok(reply.clone()));
    assert!(service != Service::Works || (reply.authoritative && reply.rcode == Rcode::NOERROR));
    let measured = delegation::conclude(verdict, &[service], holdings);
    assert_eq!(measured.outcome == Outcome::Delegated, service == Service::Works);
}

fn check_filter(reply: &Reply) {
    let signals = Signals::default();
    let silent = Err(AskError::Timeout(Duration::from_secs(2)));
    for other in [Ok(reply.clone()), Ok(referral()), Ok(nonexistent()), silent] {
        for (filtered, unfiltered) in [(Ok(reply.clone()), other.clone()), (other, Ok(reply.clone()))] {
            let round = Round { filtered, unfiltered };
            let measured = filter::judge_again("9.9.9.9", &round, &signals);
            let Facts::Filter(facts) = &measured.facts else { panic!("{measured:?}") };
            match filter::judge("9.9.9.9", &round, &signals) {
                Some(first) => assert_eq!(first, measured),
                None => assert_eq!(facts.signal, Some(Signal::Inferred)),
            }
            let answers = |rcodes: &[Rcode]| {
                round.filtered.as_ref().is_ok_and(|reply| !reply.truncated && rcodes.contains(&reply.rcode))
            };
            let (blocked, nonexistent) =
                (filter::is_blocked(&round, &signals), filter::is_nonexistent(&round, &signals));
            match measured.outcome {
                Outcome::Clear => assert!(answers(&[Rcode::NOERROR]) && !blocked && !nonexistent),
                // A resolver that fails or refuses does not block.
                Outcome::Blocked | Outcome::BlockedAndNonexistent => {
                    assert!(answers(&[Rcode::NOERROR, Rcode::NXDOMAIN]) && blocked && facts.signal.is_some());
                }
                Outcome::Nonexistent => assert!(answers(&[Rcode::NXDOMAIN]) && nonexistent),
                _ => assert!(!blocked && !nonexistent && facts.signal.is_none()),
            }
        }
    }
    let _ = filter::is_called(&Ok(reply.clone()), "pch.net");
}

fn check_blocklist(reply: &Reply, name: &HostName) {
    for codes in [Codes::SpamhausDbl, Codes::Any] {
        let measured = blocklist::judge(name, &Ok(reply.clone()), codes);
        let Facts::Blocklist(facts) = &measured.facts else { panic!("{measured:?}") };
        assert_eq!(facts.codes.len(), facts.meanings.len());
        assert_eq!(facts.codes.is_empty(), measured.outcome == Outcome::Clear);
        // An address that is no code, and one that says that the question is at fault, list nothing.
        let is_fault = |[a, b, c, _]: [u8; 4]| a != 127 || (b, c) == (255, 255);
        if facts.codes.iter().any(|code| is_fault(code.octets())) {
            assert_eq!(measured.outcome, Outcome::ServiceError);
        }
    }
}

/// The zone `xx` refers to servers of the domain.
fn referral() -> Reply {
    let owner = "bank.xx".into();
    Reply { authorities: vec![Record { owner, data: Data::Ns("ns1.example".into()) }], ..Reply::default() }
}

/// The zone `xx` has no such domain.
fn nonexistent() -> Reply {
    let soa = Record { owner: "xx".into(), data: Data::Soa { serial: 7 } };
    Reply { rcode: Rcode::NXDOMAIN, authoritative: true, authorities: vec![soa], ..Reply::default() }
}
