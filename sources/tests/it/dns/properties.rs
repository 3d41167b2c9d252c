//! What holds for any bytes and any answers.

use panopticon_model::observation::Outcome;
use panopticon_sources::dns::delegation::{Holdings, Parent, Said, Service, conclude, judge};
use panopticon_sources::dns::filter::{self, Round, Signals};
use panopticon_sources::dns::message::{Question, RecordType, Reply};
use panopticon_sources::dns::server::{Server, ServerError};
use proptest::collection::vec;
use proptest::prelude::*;

use super::script::{bytes, heard, host, query, rows};
use super::tables::said_of;

fn question() -> Question {
    Question::recursive(host("x.zz"), RecordType::Ns)
}

/// All answers in the table of delegations.
fn words() -> Vec<Said> {
    let (domain, zone) = (host("x.zz"), host("zz"));
    let rows = rows(include_str!("../../data/delegation.tsv"));
    rows.flat_map(|row| row[4..].to_vec()).map(|text| said_of(text, &domain, &zone)).collect()
}

fn answers() -> Vec<&'static str> {
    rows(include_str!("../../data/filter.tsv")).flat_map(|row| [row[2], row[3]]).collect()
}

proptest! {
    #[test]
    fn any_bytes_are_a_reply_or_an_error(bytes in vec(any::<u8>(), 0..600)) {
        let _ = Reply::read(&bytes, &question());
    }

    #[test]
    fn a_damaged_reply_is_a_reply_or_an_error(
        at in any::<prop::sample::Index>(),
        with in vec(any::<u8>(), 1..8),
        cut in any::<prop::sample::Index>(),
        text in prop::sample::select(answers()),
    ) {
        let question = question();
        let text = if text.contains(' ') { text } else { "NOERROR aa" };
        let mut bytes = bytes(&query(&question), text);
        let at = at.index(bytes.len());
        for (byte, with) in bytes[at..].iter_mut().zip(with) {
            *byte = with;
        }
        let _ = Reply::read(&bytes, &question);
        let _ = Reply::read(&bytes[..cut.index(bytes.len())], &question);
    }

    #[test]
    fn a_server_reads_as_it_is_written(text in "(tls://|https://|tcp://|)(\\[2620:fe::9\\]|192\\.0\\.2\\.1|2620:fe::9)(:[1-9][0-9]{0,3}|)(/[a-z{}?=]{0,8}|)(#[a-z]{1,3}\\.example|)") {
        if let Ok(server) = text.parse::<Server>() {
            prop_assert_eq!(server.to_string().parse::<Server>(), Ok(server));
        }
    }

    #[test]
    fn any_text_is_a_server_or_an_error(text in ".{0,60}") {
        let _ = text.parse::<Server>();
    }

    #[test]
    fn nothing_but_enough_servers_makes_a_domain_undelegated(
        chosen in vec((prop::sample::select(words()), 0usize..4), 0..6),
        wildcard in any::<bool>(),
    ) {
        let (domain, zone, none) = (host("x.zz"), host("zz"), Vec::new());
        let said: Vec<Said> = chosen.into_iter().map(|(said, server)| Said { server, ..said }).collect();
        let parent = Parent { zone: &zone, quorum: 2, wildcard: wildcard.then_some(&none[..]) };
        let verdict = judge(&domain, &parent, &said);

        let denies = |said: &&Said| said.reply.as_ref().is_ok_and(|reply| reply.rcode.0 == 3 && reply.authoritative);
        let mut deny: Vec<usize> = said.iter().filter(denies).map(|said| said.server).collect();
        deny.sort_unstable();
        deny.dedup();
        if verdict.outcome == Outcome::Undelegated {
            prop_assert!(!wildcard && !deny.is_empty() && verdict.facts.answered >= 2);
        }
        prop_assert!(verdict.facts.answered <= verdict.facts.asked);

        let mut other_way = said.clone();
        other_way.reverse();
        let reversed = judge(&domain, &parent, &other_way);
        prop_assert_eq!(verdict.settled, reversed.settled);
        if verdict.settled && verdict.cut.is_none() {
            prop_assert_eq!(verdict.outcome, reversed.outcome);
        }
    }

    #[test]
    fn a_domain_is_delegated_only_if_a_server_of_its_own_works(
        services in vec(prop::sample::select(vec![
            Service::Works, Service::Lame, Service::NoAddress, Service::Unknown,
        ]), 0..5),
    ) {
        let (domain, zone) = (host("x.zz"), host("zz"));
        let said = [said_of("1 NS NOERROR; au: x.zz NS ns1.x.zz", &domain, &zone)];
        let verdict = judge(&domain, &Parent { zone: &zone, quorum: 2, wildcard: None }, &said);
        let measured = conclude(verdict, &services, Holdings::default());
        let expected = if services.contains(&Service::Works) {
            Outcome::Delegated
        } else if services.contains(&Service::Unknown) {
            Outcome::Timeout
        } else {
            Outcome::Lame
        };
        prop_assert_eq!(measured.outcome, expected);
    }

    #[test]
    fn a_filter_that_fails_is_never_clear(
        filtered in prop::sample::select(answers()),
        unfiltered in prop::sample::select(answers()),
    ) {
        let question = Question::recursive(host("bad.zz"), RecordType::A);
        let round = Round { filtered: heard(&question, filtered), unfiltered: heard(&question, unfiltered) };
        let measured = filter::judge_again("9.9.9.9", &round, &Signals::default());
        if measured.outcome == Outcome::Clear {
            let reply = round.filtered.unwrap();
            prop_assert!(reply.rcode.0 == 0 && !reply.truncated, "{reply:?}");
        }
        if matches!(measured.outcome, Outcome::Blocked | Outcome::BlockedAndNonexistent | Outcome::Nonexistent) {
            prop_assert!(!filtered.starts_with("SERVFAIL") && !filtered.starts_with("REFUSED"));
            prop_assert!(filtered.contains(' '), "{filtered}");
        }
    }
}

#[test]
fn servers_in_text() {
    let check = |text: &str, expected: Result<&str, ServerError>| {
        let server = text.parse::<Server>().map(|server| server.to_string());
        assert_eq!(server.as_deref(), expected.as_ref().copied(), "{text}");
    };
    for same in [
        "9.9.9.9",
        "192.0.2.1:5353",
        "2620:fe::fe",
        "[2620:fe::fe]:5353",
        "tcp://192.0.2.1",
        "tcp://[2620:fe::fe]",
        "tls://9.9.9.9#dns.quad9.net",
        "tls://9.9.9.9:8853#dns.quad9.net",
        "tls://9.9.9.9",
        "https://9.9.9.9/dns-query#dns.quad9.net",
        "https://[2620:fe::fe]/dns-query#dns.quad9.net",
        "https://192.0.2.1:8443/#dns.example",
    ] {
        check(same, Ok(same));
    }
    check("192.0.2.1:53", Ok("192.0.2.1"));
    check("[2620:fe:0::fe]", Ok("2620:fe::fe"));
    check("tls://9.9.9.9:853#DNS.Quad9.net", Ok("tls://9.9.9.9#dns.quad9.net"));
    check("tls://9.9.9.9#9.9.9.9", Ok("tls://9.9.9.9"));
    check("https://9.9.9.9", Ok("https://9.9.9.9/dns-query"));
    for wrong in ["", "dns.quad9.net", "9.9.9.9:0", "9.9.9.9:99999", "9.9.9", "tls://dns.quad9.net", "[9.9.9.9]"] {
        check(wrong, Err(ServerError::Address));
    }
    check("udp://9.9.9.9", Err(ServerError::Scheme));
    check("quic://9.9.9.9", Err(ServerError::Scheme));
    check("9.9.9.9#dns.quad9.net", Err(ServerError::Name));
    check("tls://9.9.9.9#", Err(ServerError::Name));
    check("tls://9.9.9.9#a b", Err(ServerError::Name));
    check("tls://9.9.9.9/dns-query", Err(ServerError::Path));
    check("https://9.9.9.9/dns query", Err(ServerError::Path));
    check(&format!("https://9.9.9.9/{}", "a".repeat(200)), Err(ServerError::Path));
}
