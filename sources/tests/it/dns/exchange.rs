//! One question, one server: over UDP and TCP, in good faith.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hickory_proto::op::Message;
use panopticon_sources::dns::error::AskError;
use panopticon_sources::dns::exchange::Client;
use panopticon_sources::dns::message::{Class, Data, Question, Rcode, RecordType};
use panopticon_sources::dns::server::{Server, Transport};
use panopticon_sources::probe::pace::Pace;
use tokio::time::Instant;

use super::script::host;
use super::stub::{Act, Stub, in_words};
use super::world::{LONG, client, no_trust};

fn question() -> Question {
    Question::iterative(host("shop.zz"), RecordType::A)
}

pub(super) fn tcp(stub: &Stub) -> Server {
    Server { address: stub.address, transport: Transport::Tcp }
}

#[tokio::test]
async fn everything_of_a_reply_is_there() {
    let text = "NXDOMAIN aa ra ad; an: Shop.ZZ CNAME b.zz, b.zz A 192.0.2.1, b.zz AAAA 2001:db8::1; \
                au: zz SOA 7, zz NS ns1.zz; ad: ns1.zz TXT hello, zz MX 10 mail.zz, zz DS; ede: 15 Blocked by\u{7} us";
    let stub = Stub::saying(move |_| Some(text)).await;
    let reply = client(LONG).ask(&stub.server(), &question()).await.unwrap();
    assert_eq!(reply.rcode, Rcode::NXDOMAIN);
    assert!(reply.authoritative && reply.recursion_available && reply.authentic);
    assert!(!reply.truncated && !reply.over_tcp);
    let answers: Vec<_> =
        reply.answers.iter().map(|record| (record.owner.as_str(), record.data.clone())).collect();
    assert_eq!(
        answers,
        [
            ("shop.zz", Data::Cname("b.zz".into())),
            ("b.zz", Data::A("192.0.2.1".parse().unwrap())),
            ("b.zz", Data::Aaaa("2001:db8::1".parse().unwrap())),
        ]
    );
    assert_eq!(reply.soa(), Some(("zz", 7)));
    assert_eq!(reply.authorities[1].data, Data::Ns("ns1.zz".into()));
    let additionals: Vec<_> = reply.additionals.iter().map(|record| record.data.clone()).collect();
    let mail = Data::Mx { preference: 10, exchange: "mail.zz".into() };
    assert_eq!(additionals, [Data::Txt("hello".into()), mail, Data::Ds]);
    let error = &reply.extended_errors[0];
    assert_eq!((error.code, error.text.as_str()), (15, "Blocked by us"));
}

#[tokio::test]
async fn questions_are_as_they_should_be() {
    let seen = Arc::new(Mutex::new(Vec::<Message>::new()));
    let log = Arc::clone(&seen);
    let stub = Stub::start(move |asked| {
        log.lock().unwrap().push(asked.query.clone());
        vec![Act::Say(asked.reply("NOERROR aa"))]
    })
    .await;
    let client = client(LONG);
    let name = || host("a-name-with-many-letters.zz");
    client.ask(&stub.server(), &Question::iterative(name(), RecordType::Ns)).await.unwrap();
    client.ask(&stub.server(), &Question::recursive(name(), RecordType::Mx)).await.unwrap();
    client.ask(&tcp(&stub), &Question::recursive(name(), RecordType::Ds)).await.unwrap();
    let identity = Question { class: Class::Chaos, ..Question::recursive(host("id.server"), RecordType::Txt) };
    client.ask(&stub.server(), &identity).await.unwrap();

    let seen = seen.lock().unwrap();
    let said: Vec<_> = seen
        .iter()
        .map(|query| {
            let edns = query.edns.as_ref().unwrap();
            assert!(!edns.flags().dnssec_ok && edns.max_payload() == 1232 && edns.version() == 0);
            let asked = &query.queries[0];
            format!("{} {} rd={}", asked.query_class(), asked.query_type(), query.recursion_desired)
        })
        .collect();
    assert_eq!(said, ["IN NS rd=false", "IN MX rd=true", "IN DS rd=true", "CH TXT rd=true"]);
    let names: Vec<_> = seen.iter().map(|query| query.queries[0].name().to_ascii()).collect();
    assert_ne!(names[0], names[1], "over UDP the case is random");
    assert_eq!(names[2], "a-name-with-many-letters.zz.", "over TCP it is not");
    assert_ne!(seen[0].id, seen[1].id);
}

#[tokio::test]
async fn what_does_not_fit_is_asked_over_tcp() {
    let stub = Stub::saying(|asked| {
        Some(if asked.is_tcp { "NOERROR aa; an: shop.zz A 192.0.2.1" } else { "NOERROR aa tc" })
    })
    .await;
    let reply = client(LONG).ask(&stub.server(), &question()).await.unwrap();
    assert!(reply.over_tcp && reply.answers.len() == 1);
    assert_eq!(stub.log(), ["udp shop.zz A", "connect", "tcp shop.zz A"]);
}

#[tokio::test]
async fn what_is_cut_off_over_tcp_too_is_told() {
    let stub = Stub::saying(|_| Some("NOERROR aa tc")).await;
    let reply = client(LONG).ask(&stub.server(), &question()).await.unwrap();
    assert!(reply.over_tcp && reply.truncated);
}

#[tokio::test]
async fn a_server_that_changes_the_case_is_asked_over_tcp() {
    let stub = Stub::start(|asked| {
        let mut reply = super::script::reply(&asked.query, "NOERROR aa; an: shop.zz A 192.0.2.1");
        reply.queries[0].name = reply.queries[0].name.to_lowercase();
        vec![Act::Say(reply.to_vec().unwrap())]
    })
    .await;
    let name = Question::iterative(host("a-long-name-so-that-random-case-is-not-lower-case.zz"), RecordType::A);
    let reply = client(LONG).ask(&stub.server(), &name).await.unwrap();
    assert!(reply.over_tcp);
}

#[tokio::test]
async fn connections_to_configured_servers_are_used_again() {
    let stub = Stub::start(|asked| {
        let mut acts = vec![Act::Say(asked.reply("NOERROR aa"))];
        // As a server does that has waited for long enough.
        acts.extend((asked.number == 2).then_some(Act::Close));
        acts
    })
    .await;
    let client = client(LONG);
    for _ in 0..5 {
        client.ask(&tcp(&stub), &question()).await.unwrap();
    }
    let expected = ["connect", "tcp", "tcp", "tcp", "connect", "tcp", "tcp"];
    let log = stub.log();
    assert_eq!(log.iter().map(|line| line.split(' ').next().unwrap()).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn connections_beside_datagrams_are_not_kept() {
    let stub = Stub::start(|asked| {
        vec![Act::Say(asked.reply(if asked.is_tcp { "NOERROR aa" } else { "NOERROR aa tc" }))]
    })
    .await;
    let client = client(LONG);
    for _ in 0..2 {
        client.ask(&stub.server(), &question()).await.unwrap();
    }
    assert_eq!(stub.log().iter().filter(|line| *line == "connect").count(), 2);
}

#[tokio::test]
async fn each_question_takes_a_turn() {
    let stub = Stub::start(in_words(|asked| {
        Some(if asked.is_tcp || asked.number == 0 { "NOERROR" } else { "NOERROR tc" })
    }))
    .await;
    // One in an hour, and a thousand at once, so that nobody waits: how many were taken shows in the turns that are left.
    let hour = Duration::from_secs(3_600);
    let pace = Arc::new(Pace::new(1.0 / hour.as_secs_f64(), 1_000));
    let client = Client::new(&no_trust(), Arc::clone(&pace), LONG);
    let start = Instant::now();
    client.ask(&stub.server(), &question()).await.unwrap();
    client.ask(&stub.server(), &question()).await.unwrap();
    let soon = start + hour / 2;
    let left = (0..1_000).take_while(|_| pace.reserve(stub.address, soon) == soon).count();
    assert_eq!(left, 1_000 - 3, "one over UDP, one over UDP and TCP");
}

#[tokio::test]
async fn without_a_server_there_is_no_way_to_it() {
    let stub = Stub::saying(|_| None).await;
    let address = stub.address;
    drop(stub);
    let server = Server { address, transport: Transport::Tcp };
    let error = client(LONG).ask(&server, &question()).await.unwrap_err();
    assert!(matches!(error, AskError::Unreachable(_)), "{error}");
}
