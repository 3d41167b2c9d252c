//! Delegations, asked of scripted servers: of the zone on 127.0.0.1, of domains on 127.0.0.2 and 127.0.0.3.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use panopticon_model::observation::{DelegationFacts, Facts, Measured, Outcome};
use panopticon_sources::dns::delegation::{Config, Delegations};
use panopticon_sources::dns::exchange::Client;
use panopticon_sources::dns::resolve::Resolver;
use panopticon_sources::probe::pace::Pace;
use tokio::time::Instant;

use super::script::host;
use super::stub::{Stub, in_words};
use super::world::{LONG, SHORT, client, no_trust, resolver};

const NOTHING: &str = "NXDOMAIN aa; au: zz SOA 7";

/// Answers by name and type; `*` for everything else.
type Script = &'static [(&'static str, &'static str)];

fn by_name(script: Script) -> impl Fn(&super::stub::Asked) -> Vec<super::stub::Act> + Send + Sync + 'static {
    in_words(move |asked| {
        let question = asked.question();
        let found = script.iter().find(|(wanted, _)| *wanted == question || *wanted == "*");
        found.map(|(_, text)| *text).filter(|text| *text != "silence")
    })
}

async fn stub(script: Script) -> Stub {
    Stub::start(by_name(script)).await
}

/// A server of domains, and the port that all of them are on.
async fn own(script: Script) -> (Stub, u16) {
    let stub = Stub::start_at([127, 0, 0, 2].into(), 0, by_name(script)).await;
    let port = stub.address.port();
    (stub, port)
}

fn config(servers: &[&Stub], port: u16) -> Config {
    let zz = servers.iter().map(|stub| stub.address).collect();
    Config {
        servers: BTreeMap::from([(host("zz"), zz)]),
        allow_private: vec!["127.0.0.0/8".parse().unwrap()],
        port,
        seed: 7,
    }
}

fn nobody() -> Resolver {
    Resolver::new(client(LONG), Vec::new())
}

fn facts(measured: &Measured) -> &DelegationFacts {
    match &measured.facts {
        Facts::Delegation(facts) => facts,
        other => panic!("{other:?}"),
    }
}

fn asked(stub: &Stub, question: &str) -> usize {
    stub.log().iter().filter(|line| line.ends_with(question)).count()
}

const REFERRAL: &str = "NOERROR; au: x.zz NS ns1.x.zz, x.zz NS ns2.y.zz; ad: ns1.x.zz A 127.0.0.2";

#[tokio::test]
async fn a_delegation_that_works() {
    let zone = stub(&[("x.zz NS", REFERRAL), ("*", NOTHING)]).await;
    let (own, port) = own(&[
        ("x.zz SOA", "NOERROR aa; an: x.zz SOA 3"),
        ("x.zz A", "NOERROR aa; an: x.zz A 192.0.2.9, x.zz A 192.0.2.8"),
        ("x.zz AAAA", "NOERROR aa; an: x.zz AAAA 2001:db8::1"),
        ("x.zz MX", "NOERROR aa; an: x.zz MX 20 b.mail.zz, x.zz MX 10 a.mail.zz, x.zz MX 30 ."),
    ])
    .await;
    let resolving = stub(&[("*", "NOERROR ra; au: zz SOA 7")]).await;
    let resolver = resolver(resolving.server());
    let measured = Delegations::new(client(LONG), resolver, config(&[&zone], port)).measure("X.zz.").await;
    assert_eq!(measured.outcome, Outcome::Delegated);
    let facts = facts(&measured);
    assert_eq!((facts.answered, facts.asked, facts.working, facts.glue), (1, 1, (1, 1), true));
    assert_eq!(facts.name_servers, [host("ns1.x.zz"), host("ns2.y.zz")]);
    let addresses: Vec<String> = facts.addresses.iter().map(ToString::to_string).collect();
    assert_eq!(addresses, ["192.0.2.8", "192.0.2.9", "2001:db8::1"]);
    assert_eq!(facts.mail_servers, ["a.mail.zz", "b.mail.zz"]);
    assert_eq!(asked(&zone, "x.zz NS"), 1);
    assert_eq!(own.log().len(), 4);
}

/// What becomes of a delegation to one server that says this of its SOA record.
async fn delegated_to(soa: Script) -> (Outcome, (u8, u8)) {
    let zone =
        stub(&[("x.zz NS", "NOERROR; au: x.zz NS ns1.x.zz; ad: ns1.x.zz A 127.0.0.2"), ("*", NOTHING)]).await;
    let (_own, port) = own(soa).await;
    let measured = Delegations::new(client(SHORT), nobody(), config(&[&zone], port)).measure("x.zz").await;
    (measured.outcome, facts(&measured).working)
}

#[tokio::test]
async fn servers_that_do_not_answer_for_the_domain() {
    assert_eq!(delegated_to(&[("*", "REFUSED")]).await, (Outcome::Lame, (0, 1)));
    assert_eq!(delegated_to(&[("*", "SERVFAIL")]).await, (Outcome::Lame, (0, 1)));
    assert_eq!(delegated_to(&[("*", "silence")]).await, (Outcome::Lame, (0, 1)));
    assert_eq!(delegated_to(&[("*", "NOERROR; an: x.zz SOA 3")]).await, (Outcome::Lame, (0, 1)));
    assert_eq!(delegated_to(&[("*", "NOERROR aa; au: zz SOA 3")]).await, (Outcome::Lame, (0, 1)));
    assert_eq!(delegated_to(&[("*", "NXDOMAIN aa; au: zz SOA 3")]).await, (Outcome::Lame, (0, 1)));
}

#[tokio::test]
async fn at_most_two_servers_of_a_domain_are_asked() {
    let zone = stub(&[
        ("x.zz NS", "NOERROR; au: x.zz NS a.y.zz, x.zz NS b.y.zz, x.zz NS c.y.zz, x.zz NS d.y.zz"),
        ("*", NOTHING),
    ])
    .await;
    let (own, port) = own(&[("*", "REFUSED")]).await;
    let resolving = stub(&[
        ("a.y.zz A", "NXDOMAIN ra; au: zz SOA 7"),
        ("a.y.zz AAAA", "NXDOMAIN ra; au: zz SOA 7"),
        ("b.y.zz A", "NOERROR ra; an: b.y.zz A 127.0.0.2"),
        ("c.y.zz A", "NOERROR ra; an: c.y.zz CNAME e.y.zz, e.y.zz A 127.0.0.2"),
        ("d.y.zz A", "NOERROR ra; an: d.y.zz A 127.0.0.2"),
        ("*", "NOERROR ra; au: zz SOA 7"),
    ])
    .await;
    let resolver = resolver(resolving.server());
    let measured = Delegations::new(client(LONG), resolver, config(&[&zone], port)).measure("x.zz").await;
    assert_eq!((measured.outcome, facts(&measured).working), (Outcome::Lame, (0, 2)));
    assert_eq!(own.log().len(), 2);
}

#[tokio::test]
async fn private_addresses_are_not_asked_unless_allowed() {
    let zone = stub(&[("x.zz NS", REFERRAL), ("*", NOTHING)]).await;
    let (own, port) = own(&[("*", "NOERROR aa; an: x.zz SOA 3")]).await;
    let resolving = stub(&[
        ("ns1.x.zz A", "NOERROR ra; an: ns1.x.zz A 127.0.0.2"),
        ("ns2.y.zz A", "NOERROR ra; an: ns2.y.zz A 10.0.0.1"),
        ("*", "NOERROR ra; au: zz SOA 7"),
    ])
    .await;
    for (allow, outcome) in [(vec![], Outcome::Lame), (vec!["127.0.0.0/8".parse().unwrap()], Outcome::Delegated)] {
        let config = Config { allow_private: allow, ..config(&[&zone], port) };
        let measured = Delegations::new(client(LONG), resolver(resolving.server()), config).measure("x.zz").await;
        assert_eq!(measured.outcome, outcome);
    }
    assert_eq!(own.log().len(), 4);
}

#[tokio::test]
async fn an_address_that_cannot_be_looked_up_makes_nothing_lame() {
    let zone = stub(&[("x.zz NS", "NOERROR; au: x.zz NS ns1.y.zz"), ("*", NOTHING)]).await;
    let silent = stub(&[("*", "silence")]).await;
    let failing = stub(&[("*", "SERVFAIL ra")]).await;
    for (resolving, outcome) in [(silent, Outcome::Timeout), (failing, Outcome::Lame)] {
        let resolver = Resolver::new(client(SHORT), vec![resolving.server()]);
        let measured = Delegations::new(client(LONG), resolver, config(&[&zone], 53)).measure("x.zz").await;
        assert_eq!(measured.outcome, outcome);
        assert_eq!(facts(&measured).name_servers, [host("ns1.y.zz")]);
    }
}

#[tokio::test]
async fn what_is_not_there_takes_two_servers() {
    let first = stub(&[("*", NOTHING)]).await;
    let second = stub(&[("*", NOTHING)]).await;
    let silent = stub(&[("*", "silence")]).await;
    let check = async |servers: &[&Stub], outcome, answers: (u8, u8)| {
        let measured = Delegations::new(client(SHORT), nobody(), config(servers, 53)).measure("x.zz").await;
        assert_eq!(
            (measured.outcome, facts(&measured).answered, facts(&measured).asked),
            (outcome, answers.0, answers.1)
        );
    };
    check(&[&first, &second], Outcome::Undelegated, (2, 2)).await;
    check(&[&first], Outcome::Undelegated, (1, 1)).await;
    check(&[&silent, &first, &second], Outcome::Undelegated, (2, 3)).await;
    check(&[&first, &silent], Outcome::Timeout, (1, 2)).await;
    check(&[&silent], Outcome::Timeout, (0, 1)).await;
}

#[tokio::test]
async fn a_server_that_drops_denials_may_say_which_copy_it_has() {
    let first = stub(&[("*", NOTHING)]).await;
    let second = stub(&[("zz SOA", "NOERROR aa; an: zz SOA 7"), ("*", "silence")]).await;
    let lagging = stub(&[("zz SOA", "NOERROR aa; an: zz SOA 6"), ("*", "silence")]).await;
    for (second, outcome) in [(&second, Outcome::Undelegated), (&lagging, Outcome::Timeout)] {
        let config = config(&[&first, second], 53);
        let measured = Delegations::new(client(SHORT), nobody(), config).measure("x.zz").await;
        assert_eq!(measured.outcome, outcome);
    }
}

#[tokio::test]
async fn servers_of_a_zone_take_turns() {
    let one = stub(&[("*", NOTHING)]).await;
    let two = stub(&[("*", NOTHING)]).await;
    let three = stub(&[("*", NOTHING)]).await;
    let delegations = Delegations::new(client(LONG), nobody(), config(&[&one, &two, &three], 53));
    for number in 0..30 {
        assert_eq!(delegations.measure(&format!("x{number}.zz")).await.outcome, Outcome::Undelegated);
    }
    let loads: Vec<usize> = [&one, &two, &three].map(|stub| asked(stub, "NS")).to_vec();
    assert_eq!(
        loads.iter().sum::<usize>(),
        60 + 1,
        "two for each domain, and one for a name that cannot be there"
    );
    assert!(loads.iter().all(|load| (20..=21).contains(load)), "{loads:?}");
}

#[tokio::test]
async fn a_zone_that_answers_for_everything() {
    let script: Script = &[("y.zz NS", "NOERROR; au: y.zz NS ns1.y.zz"), ("*", "NOERROR aa; au: zz SOA 7")];
    let (one, two) = (stub(script).await, stub(script).await);
    let delegations = Delegations::new(client(LONG), nobody(), config(&[&one, &two], 53));
    for _ in 0..3 {
        assert_eq!(delegations.measure("x.zz").await.outcome, Outcome::Wildcard);
    }
    let log = [one.log(), two.log()].concat();
    let probes: Vec<&String> = log.iter().filter(|line| !line.ends_with(" x.zz NS")).collect();
    assert_eq!(probes.len(), 1, "one probe for the zone");
    assert_eq!(probes[0].len(), "udp 12345678901234567890.zz NS".len());
    assert_eq!(delegations.measure("y.zz").await.outcome, Outcome::Timeout, "a delegation, but nobody resolves");
}

#[tokio::test]
async fn a_server_with_the_domains_own_zone_is_asked_for_ds() {
    let script: Script = &[
        ("x.zz NS", "NOERROR aa; an: x.zz NS ns1.x.zz; ad: ns1.x.zz A 127.0.0.2"),
        ("x.zz DS", "NOERROR aa; an: x.zz DS"),
        ("gone.zz NS", "NOERROR aa; an: gone.zz NS ns1.gone.zz"),
        ("gone.zz DS", NOTHING),
        ("*", NOTHING),
    ];
    let (one, two) = (stub(script).await, stub(script).await);
    let (_own, port) = own(&[("*", "NOERROR aa; an: x.zz SOA 3")]).await;
    let delegations = Delegations::new(client(LONG), nobody(), config(&[&one, &two], port));
    let measured = delegations.measure("x.zz").await;
    assert_eq!((measured.outcome, facts(&measured).signed), (Outcome::Delegated, Some(true)));
    // Both have it, though it is not delegated any more: a customer who has left.
    assert_eq!(delegations.measure("gone.zz").await.outcome, Outcome::Undelegated);
}

#[tokio::test]
async fn servers_are_looked_up_and_a_zone_in_between_is_found() {
    let script: Script = &[("x.com.zz NS", "NOERROR; au: com.zz NS ns1.com.zz"), ("*", NOTHING)];
    let zone = Stub::start_at([127, 0, 0, 1].into(), 0, by_name(script)).await;
    let port = zone.address.port();
    let second = Stub::start_at([127, 0, 0, 3].into(), port, by_name(script)).await;
    let between = Stub::start_at(
        [127, 0, 0, 2].into(),
        port,
        by_name(&[
            ("x.com.zz NS", "NOERROR; au: x.com.zz NS own.zz"),
            ("x.com.zz SOA", "NOERROR aa; an: x.com.zz SOA 1"),
            ("*", "NXDOMAIN aa; au: com.zz SOA 3"),
        ]),
    )
    .await;
    let resolving = stub(&[
        ("zz NS", "NOERROR ra; an: zz NS ns1.zz, zz NS ns2.zz"),
        ("ns1.zz A", "NOERROR ra; an: ns1.zz A 127.0.0.1"),
        ("ns2.zz A", "NOERROR ra; an: ns2.zz A 127.0.0.3"),
        ("com.zz NS", "NOERROR ra; an: com.zz NS ns1.com.zz, com.zz NS ns2.com.zz"),
        ("ns1.com.zz A", "NOERROR ra; an: ns1.com.zz A 127.0.0.2"),
        ("own.zz A", "NOERROR ra; an: own.zz A 127.0.0.2"),
        ("*", "NOERROR ra; au: zz SOA 7"),
    ])
    .await;
    // Resolved: the nearest zone is known at once.
    let resolved = Config { servers: BTreeMap::new(), ..config(&[], port) };
    let delegations = Delegations::new(client(LONG), resolver(resolving.server()), resolved);
    assert_eq!(delegations.measure("x.com.zz").await.outcome, Outcome::Delegated);
    assert_eq!(asked(&zone, "x.com.zz NS") + asked(&second, "x.com.zz NS"), 0);
    assert_eq!(delegations.measure("y.zz").await.outcome, Outcome::Undelegated);
    // Configured: its servers refer to it.
    let delegations =
        Delegations::new(client(LONG), resolver(resolving.server()), config(&[&zone, &second], port));
    assert_eq!(delegations.measure("x.com.zz").await.outcome, Outcome::Delegated);
    assert_eq!(asked(&zone, "x.com.zz NS") + asked(&second, "x.com.zz NS"), 1);
    assert!(asked(&between, "x.com.zz NS") >= 2);
}

#[tokio::test]
async fn many_who_need_one_zone_look_it_up_once() {
    let script: Script = &[("*", NOTHING)];
    let zone = stub(script).await;
    let second = Stub::start_at([127, 0, 0, 3].into(), zone.address.port(), by_name(script)).await;
    let resolving = stub(&[
        ("zz NS", "NOERROR ra; an: zz NS ns1.zz, zz NS ns2.zz"),
        ("ns1.zz A", "NOERROR ra; an: ns1.zz A 127.0.0.1"),
        ("ns2.zz A", "NOERROR ra; an: ns2.zz A 127.0.0.3"),
        ("*", "NOERROR ra; au: zz SOA 7"),
    ])
    .await;
    let config = Config { servers: BTreeMap::new(), ..config(&[], zone.address.port()) };
    let delegations = Arc::new(Delegations::new(client(LONG), resolver(resolving.server()), config));
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..50 {
        let delegations = Arc::clone(&delegations);
        tasks.spawn(async move { delegations.measure(&format!("x{number}.zz")).await.outcome });
    }
    assert!(tasks.join_all().await.iter().all(|outcome| *outcome == Outcome::Undelegated));
    assert_eq!(asked(&resolving, "udp zz NS"), 1);
    assert_eq!(asked(&zone, "NS") + asked(&second, "NS"), 101);
}

#[tokio::test]
async fn a_list_of_servers_that_refuse_is_looked_up_again_after_a_while() {
    let zone = stub(&[("*", "REFUSED")]).await;
    let resolving = stub(&[
        ("zz NS", "NOERROR ra; an: zz NS ns1.zz"),
        ("ns1.zz A", "NOERROR ra; an: ns1.zz A 127.0.0.1"),
        ("*", "NOERROR ra; au: zz SOA 7"),
    ])
    .await;
    let config = Config { servers: BTreeMap::new(), ..config(&[], zone.address.port()) };
    let delegations = Delegations::new(client(LONG), resolver(resolving.server()), config);
    for _ in 0..3 {
        assert_eq!(delegations.measure("x.zz").await.outcome, Outcome::Refused);
    }
    assert_eq!(asked(&resolving, "udp zz NS"), 1);
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(61)).await;
    tokio::time::resume();
    for _ in 0..3 {
        assert_eq!(delegations.measure("x.zz").await.outcome, Outcome::Refused);
    }
    assert_eq!(asked(&resolving, "udp zz NS"), 2);
}

#[tokio::test]
async fn without_servers_nothing_is_known() {
    let outcome = async |resolving: Script, domain: &str| {
        let resolving = stub(resolving).await;
        let config = Config { servers: BTreeMap::new(), ..config(&[], 53) };
        Delegations::new(client(SHORT), resolver(resolving.server()), config).measure(domain).await.outcome
    };
    assert_eq!(outcome(&[("*", "NXDOMAIN ra; au: . SOA 7")], "x.zz").await, Outcome::NoServer);
    assert_eq!(outcome(&[("*", "SERVFAIL ra")], "x.zz").await, Outcome::ServFail);
    assert_eq!(outcome(&[("*", "REFUSED")], "x.zz").await, Outcome::Refused);
    assert_eq!(outcome(&[("*", "NOERROR ra; an: zz NS ns1.zz")], "x.zz").await, Outcome::NoServer);
    assert_eq!(outcome(&[("*", "NOERROR ra")], "zz").await, Outcome::NoServer);
    assert_eq!(outcome(&[("*", "NOERROR ra")], "x..zz").await, Outcome::Malformed);
    let config = Config { servers: BTreeMap::new(), ..config(&[], 53) };
    assert_eq!(Delegations::new(client(LONG), nobody(), config).measure("x.zz").await.outcome, Outcome::NoServer);
}

#[tokio::test]
async fn a_server_that_does_not_answer_well_is_left_alone() {
    let well: Script = &[("*", NOTHING)];
    for (script, times) in [(&[("*", "REFUSED")] as Script, 3), (&[("*", "silence")], 3), (well, 0)] {
        let zone = stub(script).await;
        // So fast that it is no limit by itself.
        let pace = Arc::new(Pace::new(1e6, 1));
        let client = Arc::new(Client::new(&no_trust(), Arc::clone(&pace), SHORT));
        let start = Instant::now();
        let delegations = Delegations::new(client, nobody(), config(&[&zone], 53));
        for _ in 0..times.max(1) {
            delegations.measure("x.zz").await;
        }
        let free = pace.reserve(zone.address, start) - start;
        // 100, 200, 400 ms.
        let least = if times == 3 { Duration::from_millis(700) } else { Duration::ZERO };
        assert!(free >= least, "{free:?}");
    }
}
