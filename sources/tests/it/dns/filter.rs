//! Filters and blocklists, asked of scripted servers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use panopticon_model::observation::{Facts, FilterFacts, Measured, Outcome, Signal};
use panopticon_sources::dns::blocklist::{Blocklist, Codes};
use panopticon_sources::dns::filter::{Canaries, Config, Filter};

use super::script::host;
use super::stub::Stub;
use super::world::{LONG, SHORT, client, resolver};

const THERE: &str = "NOERROR ra; an: bad.zz A 192.0.2.1";
const GONE: &str = "NXDOMAIN ra; au: zz SOA 7";
const BLOCKED: &str = "NXDOMAIN ad";

fn config(filtered: &Stub, unfiltered: &Stub) -> Config {
    let config = Config::new(filtered.server(), unfiltered.server());
    assert_eq!(config.repeat_after, Duration::from_secs(60));
    Config { repeat_after: Duration::ZERO, ..config }
}

fn facts(measured: &Measured) -> &FilterFacts {
    match &measured.facts {
        Facts::Filter(facts) => facts,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn all_that_was_said_is_kept() {
    let filtered = Stub::saying(|_| Some("NXDOMAIN ad; au: zz NS a.zz; ede: 15 Blocked by us")).await;
    let unfiltered = Stub::saying(|_| Some(THERE)).await;
    let measured = Filter::new(client(LONG), config(&filtered, &unfiltered)).measure("bad.zz").await;
    assert_eq!(measured.outcome, Outcome::Blocked);
    let expected = FilterFacts {
        server: filtered.server().to_string().into(),
        rcode: "NXDOMAIN".into(),
        unfiltered_rcode: Some("NOERROR".into()),
        signal: Some(Signal::ExtendedError),
        recursion_available: false,
        authoritative: false,
        authentic: true,
        authorities: 1,
        extended_error: Some((15, "Blocked by us".into())),
    };
    assert_eq!(*facts(&measured), expected);
    assert_eq!(filtered.log(), ["udp bad.zz A"]);
    assert_eq!(unfiltered.log(), ["udp bad.zz A"]);
}

#[tokio::test]
async fn a_denial_without_a_reason_is_asked_about_again() {
    // What the filter says first and then.
    for (first, then, outcome) in [
        (GONE, GONE, Outcome::Blocked),
        (GONE, THERE, Outcome::Clear),
        (GONE, BLOCKED, Outcome::Blocked),
        (GONE, "SERVFAIL ra", Outcome::DnssecFailure),
        (GONE, "REFUSED", Outcome::Refused),
    ] {
        let filtered = Stub::saying(move |asked| Some(if asked.number == 0 { first } else { then })).await;
        let unfiltered = Stub::saying(|_| Some(THERE)).await;
        let measured = Filter::new(client(LONG), config(&filtered, &unfiltered)).measure("bad.zz").await;
        assert_eq!(measured.outcome, outcome, "{then}");
        assert_eq!((filtered.log().len(), unfiltered.log().len()), (2, 2));
    }
}

#[tokio::test]
async fn the_second_look_comes_after_a_minute() {
    let filtered = Stub::saying(|_| Some(GONE)).await;
    let unfiltered = Stub::saying(|_| Some(THERE)).await;
    let config = Config::new(filtered.server(), unfiltered.server());
    let filter = Arc::new(Filter::new(client(LONG), config));
    let measuring = tokio::spawn(async move { filter.measure("bad.zz").await.outcome });
    while unfiltered.log().is_empty() || filtered.log().is_empty() {
        tokio::task::yield_now().await;
    }
    // With nothing to do but wait, the clock jumps on by itself, and both are asked again.
    tokio::time::pause();
    while unfiltered.log().len() < 2 || filtered.log().len() < 2 {
        tokio::time::advance(Duration::from_millis(500)).await;
    }
    tokio::time::resume();
    assert_eq!(measuring.await.unwrap(), Outcome::Blocked);
}

#[tokio::test]
async fn silence_is_asked_twice_and_never_clear() {
    let silent = Stub::saying(|_| None).await;
    let answering = Stub::saying(|_| Some(THERE)).await;
    let measured = Filter::new(client(SHORT), config(&silent, &answering)).measure("bad.zz").await;
    assert_eq!(measured.outcome, Outcome::Timeout);
    assert_eq!((silent.log().len(), answering.log().len()), (2, 1));
    assert_eq!(facts(&measured).rcode, "");
    let measured = Filter::new(client(SHORT), config(&answering, &silent)).measure("no name").await;
    assert_eq!(measured.outcome, Outcome::Malformed);
}

fn canaries() -> Canaries {
    Canaries {
        blocked: Some(host("blocked.example")),
        nonexistent_in: Some(host("zz")),
        identity: Some("rrdns.pch.net".into()),
    }
}

/// What is measured when the canaries are answered like that: identity, the blocked one, the one that is not there.
async fn with_canaries(answers: [&'static str; 3]) -> Outcome {
    let [identity, blocked, nonexistent] = answers;
    let filtered = Stub::saying(move |asked| match asked.name().as_str() {
        "id.server" => Some(identity),
        "blocked.example" => Some(blocked),
        "good.zz" => Some("NOERROR ra; an: good.zz A 192.0.2.1"),
        _ => Some(nonexistent),
    })
    .await;
    let unfiltered = Stub::saying(|asked| match asked.name().as_str() {
        "blocked.example" => Some("NOERROR ra; an: blocked.example A 192.0.2.1"),
        "good.zz" => Some("NOERROR ra; an: good.zz A 192.0.2.1"),
        _ => Some(GONE),
    })
    .await;
    let config = Config { canaries: canaries(), ..config(&filtered, &unfiltered) };
    Filter::new(client(SHORT), config).measure("good.zz").await.outcome
}

#[tokio::test]
async fn a_resolver_that_is_not_the_filter_is_not_believed() {
    let identity = "NOERROR aa; an: id.server TXT res100.ams.rrdns.pch.net";
    assert_eq!(with_canaries([identity, BLOCKED, GONE]).await, Outcome::Clear);
    assert_eq!(with_canaries([identity, GONE, GONE]).await, Outcome::Clear, "blocks without a reason");
    // Somebody else answers.
    assert_eq!(with_canaries(["NOERROR aa; an: id.server TXT dns1", BLOCKED, GONE]).await, Outcome::CanaryFailed);
    assert_eq!(with_canaries(["REFUSED", BLOCKED, GONE]).await, Outcome::CanaryFailed);
    assert_eq!(with_canaries(["NOERROR tc", BLOCKED, GONE]).await, Outcome::CanaryFailed);
    // Nothing is blocked.
    let open = "NOERROR ra; an: blocked.example A 192.0.2.1";
    assert_eq!(with_canaries([identity, open, GONE]).await, Outcome::CanaryFailed);
    assert_eq!(with_canaries([identity, "SERVFAIL ra", GONE]).await, Outcome::CanaryFailed);
    // Everything is there, or blocked.
    assert_eq!(
        with_canaries([identity, BLOCKED, "NOERROR ra; an: a.zz A 192.0.2.66"]).await,
        Outcome::CanaryFailed
    );
    assert_eq!(with_canaries([identity, BLOCKED, BLOCKED]).await, Outcome::CanaryFailed);
}

#[tokio::test]
async fn canaries_are_looked_at_again() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    // The second time it does not pass.
    let filtered = Stub::saying(move |asked| match asked.name().as_str() {
        "blocked.example" if count.fetch_add(1, Ordering::SeqCst) != 1 => Some(BLOCKED),
        _ => Some("NOERROR ra; an: good.zz A 192.0.2.1"),
    })
    .await;
    let unfiltered = Stub::saying(|_| Some("NOERROR ra; an: good.zz A 192.0.2.1")).await;
    let canaries = Canaries { blocked: Some(host("blocked.example")), ..Canaries::default() };
    let filter = Filter::new(client(LONG), Config { canaries, ..config(&filtered, &unfiltered) });
    let measure = async || filter.measure("good.zz").await.outcome;
    let later = async |seconds| {
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(seconds)).await;
        tokio::time::resume();
    };
    assert_eq!([measure().await, measure().await], [Outcome::Clear; 2]);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    later(601).await;
    assert_eq!([measure().await, measure().await], [Outcome::CanaryFailed; 2]);
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    later(61).await;
    assert_eq!([measure().await, measure().await], [Outcome::Clear; 2]);
    assert_eq!(asked.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn blocklists() {
    let stub = Stub::saying(|asked| match asked.question().as_str() {
        "bad.zz.dbl.example A" => Some("NOERROR ra; an: bad.zz.dbl.example A 127.0.1.4"),
        "odd.zz.dbl.example A" => Some("SERVFAIL ra"),
        _ => Some("NXDOMAIN ra; au: dbl.example SOA 7"),
    })
    .await;
    let list = Blocklist::new(resolver(stub.server()), host("dbl.example"), Codes::SpamhausDbl);
    assert_eq!(list.measure("bad.zz").await.outcome, Outcome::Listed);
    assert_eq!(list.measure("Good.zz").await.outcome, Outcome::Clear);
    assert_eq!(list.measure("odd.zz").await.outcome, Outcome::ServFail);
    assert_eq!(list.measure("not a name").await.outcome, Outcome::Malformed);
    let long = ["a".repeat(60).as_str(); 4].join(".");
    assert_eq!(list.measure(&long).await.outcome, Outcome::Malformed, "too long below the zone of the list");
}
