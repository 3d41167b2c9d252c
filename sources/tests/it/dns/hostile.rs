//! Servers that do what they must not: each ends in a typed error before the deadline, or does not matter.

use std::sync::Arc;

use panopticon_sources::dns::error::AskError;
use panopticon_sources::dns::message::{Question, RecordType};
use panopticon_sources::dns::server::Server;
use tokio::sync::Notify;

use super::exchange::tcp;
use super::script::host;
use super::stub::{Act, Asked, Stub};
use super::world::{LONG, SHORT, client};

const GOOD: &str = "NOERROR aa; an: shop.zz A 192.0.2.1";

fn question() -> Question {
    Question::iterative(host("shop.zz"), RecordType::A)
}

fn kind(error: &AskError) -> &'static str {
    match error {
        AskError::Timeout(_) => "timeout",
        AskError::Malformed(_) => "malformed",
        AskError::Unreachable(_) => "unreachable",
        AskError::Tls(_) => "tls",
        _ => "another",
    }
}

/// Asks the server that behaves like that over UDP, and over TCP; says what came of each.
async fn check(expected: [&str; 2], act: impl Fn(&Asked) -> Vec<Act> + Send + Sync + 'static) {
    let stub = Stub::start(act).await;
    let servers: [Server; 2] = [stub.server(), tcp(&stub)];
    for (server, expected) in servers.iter().zip(expected) {
        let deadline = if expected == "timeout" { SHORT } else { LONG };
        let actual = match client(deadline).ask(server, &question()).await {
            Ok(reply) => {
                assert_eq!(reply.answers.len(), 1, "{reply:?}");
                "answer"
            }
            Err(error) => kind(&error),
        };
        assert_eq!(actual, expected, "{server:?}");
    }
}

fn with_other_id(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes[0] ^= 0x80;
    bytes
}

fn to_another_question(asked: &Asked) -> Vec<u8> {
    let mut reply = super::script::reply(&asked.query, GOOD);
    let other = super::script::query(&Question::iterative(host("other.zz"), RecordType::A));
    reply.queries = other.queries;
    reply.to_vec().unwrap()
}

#[tokio::test]
async fn silence() {
    check(["timeout", "timeout"], |_| Vec::new()).await;
}

#[tokio::test]
async fn another_id() {
    check(["timeout", "malformed"], |asked| vec![Act::Say(with_other_id(asked.reply(GOOD)))]).await;
    check(["answer", "malformed"], |asked| {
        vec![Act::Say(with_other_id(asked.reply(GOOD))), Act::Say(asked.reply(GOOD))]
    })
    .await;
}

#[tokio::test]
async fn another_question() {
    check(["timeout", "malformed"], |asked| vec![Act::Say(to_another_question(asked))]).await;
    check(["answer", "malformed"], |asked| {
        vec![Act::Say(to_another_question(asked)), Act::Say(asked.reply(GOOD))]
    })
    .await;
}

#[tokio::test]
async fn the_question_itself() {
    check(["malformed", "malformed"], |asked| vec![Act::Say(asked.query.to_vec().unwrap())]).await;
}

#[tokio::test]
async fn nothing_but_a_length() {
    check(["timeout", "timeout"], |_| vec![Act::Say(Vec::new())]).await;
    check(["timeout", "malformed"], |_| vec![Act::Say(vec![7])]).await;
}

#[tokio::test]
async fn garbage_behind_the_right_id() {
    check(["malformed", "malformed"], |asked| {
        let mut bytes = asked.query.id.to_be_bytes().to_vec();
        bytes.extend([0xff; 40]);
        vec![Act::Say(bytes)]
    })
    .await;
}

#[tokio::test]
async fn every_cut_of_a_reply() {
    let whole = super::script::bytes(&super::script::query(&question()), GOOD).len();
    for length in 2..whole {
        check(["malformed", "malformed"], move |asked| vec![Act::Say(asked.reply(GOOD)[..length].to_vec())]).await;
    }
}

#[tokio::test]
async fn compression_that_goes_round() {
    check(["malformed", "malformed"], |asked| {
        let mut bytes = asked.reply("NOERROR aa");
        bytes[7] = 1;
        bytes.truncate(12 + "shop.zz".len() + 2 + 4);
        let here = u8::try_from(bytes.len()).unwrap();
        bytes.extend([0xc0, here, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1]);
        vec![Act::Say(bytes)]
    })
    .await;
}

#[tokio::test]
async fn counts_that_promise_more() {
    check(["malformed", "malformed"], |asked| {
        let mut bytes = asked.reply(GOOD);
        bytes[6..12].fill(0xff);
        vec![Act::Say(bytes)]
    })
    .await;
}

#[tokio::test]
async fn more_than_fits_into_a_datagram() {
    let records: Vec<String> = (0..2_000).map(|_| "shop.zz A 192.0.2.1".to_owned()).collect();
    let text = format!("NOERROR aa; an: {}", records.join(", "));
    let stub = Stub::start(move |asked| vec![Act::Say(asked.reply(&text))]).await;
    for server in [stub.server(), tcp(&stub)] {
        let reply = client(LONG).ask(&server, &question()).await.unwrap();
        assert_eq!(reply.answers.len(), 2_000, "{server}");
    }
}

#[tokio::test]
async fn byte_by_byte() {
    check(["timeout", "answer"], |asked| {
        if !asked.is_tcp {
            return Vec::new();
        }
        let reply = asked.reply(GOOD);
        let length = u16::try_from(reply.len()).unwrap().to_be_bytes();
        length.into_iter().chain(reply).map(|byte| Act::Raw(vec![byte])).collect()
    })
    .await;
}

#[tokio::test]
async fn an_end_in_the_middle() {
    check(["timeout", "unreachable"], |asked| if asked.is_tcp { vec![Act::Close] } else { vec![] }).await;
    check(["timeout", "unreachable"], |asked| match asked.is_tcp {
        true => vec![Act::Raw(vec![0, 40, 1, 2, 3]), Act::Close],
        false => Vec::new(),
    })
    .await;
}

#[tokio::test]
async fn a_length_that_is_never_reached() {
    check(["timeout", "timeout"], |asked| match asked.is_tcp {
        true => vec![Act::Raw(vec![0xff, 0xff, 1, 2, 3])],
        false => Vec::new(),
    })
    .await;
}

#[tokio::test]
async fn a_late_answer_is_not_that_to_the_next_question() {
    let late = Arc::new(Notify::new());
    let script = |late: Arc<Notify>| {
        move |asked: &Asked| {
            let wait = (asked.name() == "late.zz").then(|| Act::Wait(Arc::clone(&late)));
            let reply = if asked.name() == "late.zz" { "NXDOMAIN aa" } else { GOOD };
            wait.into_iter().chain([Act::Say(asked.reply(reply))]).collect::<Vec<_>>()
        }
    };
    let stub = Stub::start(script(Arc::clone(&late))).await;
    for server in [stub.server(), tcp(&stub)] {
        let client = client(SHORT);
        let first = Question::iterative(host("late.zz"), RecordType::A);
        assert_eq!(kind(&client.ask(&server, &first).await.unwrap_err()), "timeout");
        late.notify_one();
        // The same one who asked, now with time enough.
        let reply = match client.ask(&server, &question()).await {
            Err(AskError::Timeout(_)) => super::world::client(LONG).ask(&server, &question()).await.unwrap(),
            other => other.unwrap(),
        };
        assert_eq!(reply.answers.len(), 1);
    }
}
