//! Every row of the truth tables in `sources/tests/data/`.

use std::fmt::Write;
use std::net::IpAddr;

use panopticon_model::name::HostName;
use panopticon_model::observation::{Facts, Measured, Signal};
use panopticon_sources::address::is_public;
use panopticon_sources::dns::blocklist::{self, Codes};
use panopticon_sources::dns::delegation::{Parent, Said, Verdict, judge};
use panopticon_sources::dns::filter::{self, Round, Signals};
use panopticon_sources::dns::message::{Question, Rcode, RecordType};
use panopticon_sources::dns::resolve::ResolveError;

use super::script::{heard, host, rows};

/// Checks all rows, and says of all that are wrong what they came to.
fn check(file: &'static str, least: usize, came_to: impl Fn(&[&str]) -> (String, String)) {
    let mut wrong = String::new();
    let mut count = 0;
    for row in rows(file) {
        count += 1;
        let (expected, actual) = came_to(&row);
        if expected != actual {
            writeln!(wrong, "{row:?}\n  came to {actual}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(count >= least, "only {count} rows");
}

#[test]
fn addresses() {
    check(include_str!("../../data/addresses.tsv"), 90, |row| {
        let address: IpAddr = row[0].parse().unwrap();
        let actual = if is_public(address) { "public" } else { "not" };
        (row[1].to_owned(), actual.to_owned())
    });
}

#[test]
fn delegations() {
    check(include_str!("../../data/delegation.tsv"), 55, |row| delegation("x.zz", row));
    check(include_str!("../../data/delegation_below.tsv"), 6, |row| delegation("x.com.zz", row));
}

fn delegation(domain: &str, row: &[&str]) -> (String, String) {
    let (domain, zone) = (host(domain), host("zz"));
    let [outcome, settled, facts, parent, said @ ..] = row else { panic!("{row:?}") };
    let (quorum, wildcard) = parent.split_once(' ').unwrap_or((parent, ""));
    let wildcard: Option<Vec<HostName>> =
        wildcard.strip_prefix("wildcard").map(|names| names.strip_prefix('=').into_iter().map(host).collect());
    let parent = Parent { zone: &zone, quorum: quorum.parse().unwrap(), wildcard: wildcard.as_deref() };
    let said: Vec<Said> = said.iter().map(|text| said_of(text, &domain, &zone)).collect();
    let verdict = judge(&domain, &parent, &said);
    (format!("{outcome} {settled} {facts}"), shown(&verdict))
}

pub(super) fn said_of(text: &str, domain: &HostName, zone: &HostName) -> Said {
    let mut words = text.splitn(3, ' ');
    let server = words.next().unwrap().parse().unwrap();
    let (name, asked) = match words.next().unwrap() {
        "NS" => (domain, RecordType::Ns),
        "DS" => (domain, RecordType::Ds),
        "SOA" => (zone, RecordType::Soa),
        other => panic!("{other} is not asked for"),
    };
    let question = Question::iterative(name.clone(), asked);
    Said { server, asked, reply: heard(&question, words.next().unwrap()) }
}

fn shown(verdict: &Verdict) -> String {
    let facts = &verdict.facts;
    let settled = if verdict.settled { "settled" } else { "open" };
    let mut text = format!("{} {settled} {}/{}", verdict.outcome.as_str(), facts.answered, facts.asked);
    if let Some((least, greatest)) = facts.serials {
        write!(text, " serials={least}..{greatest}").unwrap();
    }
    if !facts.name_servers.is_empty() {
        let names: Vec<&str> = facts.name_servers.iter().map(HostName::as_str).collect();
        write!(text, " ns={}", names.join(",")).unwrap();
    }
    if let Some(signed) = facts.signed {
        text.push_str(if signed { " signed=yes" } else { " signed=no" });
    }
    if facts.glue {
        text.push_str(" glue");
    }
    if let Some(cut) = &verdict.cut {
        write!(text, " cut={cut}").unwrap();
    }
    text
}

#[test]
fn filters() {
    check(include_str!("../../data/filter.tsv"), 60, |row| {
        let [expected, signals, filtered, unfiltered] = row else { panic!("{row:?}") };
        let signals = match *signals {
            "quad9" => Signals::default(),
            _ => Signals { extended_errors: Vec::new(), no_recursion: false },
        };
        let question = Question::recursive(host("bad.zz"), RecordType::A);
        let round = Round { filtered: heard(&question, filtered), unfiltered: heard(&question, unfiltered) };
        let actual = match filter::judge("9.9.9.9", &round, &signals) {
            Some(measured) => {
                assert_eq!(filter::judge_again("9.9.9.9", &round, &signals), measured);
                with_signal(&measured)
            }
            None => format!("again -> {}", with_signal(&filter::judge_again("9.9.9.9", &round, &signals))),
        };
        (expected.to_string(), actual)
    });
}

fn with_signal(measured: &Measured) -> String {
    let Facts::Filter(facts) = &measured.facts else { panic!("{measured:?}") };
    let signal = facts.signal.map(Signal::as_str);
    [measured.outcome.as_str()].into_iter().chain(signal).collect::<Vec<_>>().join(" ")
}

#[test]
fn blocklists() {
    check(include_str!("../../data/blocklist.tsv"), 35, |row| {
        let [expected, codes, reply] = row else { panic!("{row:?}") };
        let codes = if *codes == "dbl" { Codes::SpamhausDbl } else { Codes::Any };
        let question = Question::recursive(host("bad.zz"), RecordType::A);
        let reply = match heard(&question, reply) {
            Ok(reply) if reply.rcode == Rcode::NOERROR || reply.rcode == Rcode::NXDOMAIN => Ok(reply),
            Ok(reply) => Err(ResolveError::Failed(reply.rcode)),
            Err(error) => Err(ResolveError::Ask(error)),
        };
        let measured = blocklist::judge(&host("bad.zz"), &reply, codes);
        let mut actual = measured.outcome.as_str().to_owned();
        if let Facts::Blocklist(facts) = &measured.facts
            && !facts.meanings.is_empty()
        {
            write!(actual, " {}", facts.meanings.join(",")).unwrap();
        }
        (expected.to_string(), actual)
    });
}
