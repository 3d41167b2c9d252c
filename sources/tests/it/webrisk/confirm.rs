//! Look-ups by lists: what is clear without a question, what is confirmed, and how long that is known.

use panopticon_model::observation::{Measured, Outcome};
use panopticon_model::time::{Epoch, HOUR_MS};
use panopticon_sources::webrisk::ThreatType;
use panopticon_sources::webrisk::prefixes::GRACE_MS;
use serde_json::{Value, json};

use super::lookup::facts;
use super::server::Fault;
use super::update::{BAD, GOOD, HALF_HOUR, NOW, client, failing, one_list, server};

#[tokio::test]
async fn without_lists_nothing_is_clear() {
    let server = server().await;
    let client = client(&server);
    for url in [BAD, GOOD] {
        assert_eq!(client.measure(url, NOW).await, Measured::bare(Outcome::ServiceError));
    }
    assert_eq!(client.next_refresh(), Some(Epoch(0)));
    assert!(server.methods().is_empty());
}

#[tokio::test]
async fn what_is_on_no_list_is_clear_and_nobody_is_asked() {
    let server = server().await;
    let client = client(&server);
    client.refresh(NOW).await;
    server.asked();
    let until = NOW.plus(HALF_HOUR + GRACE_MS);
    let clear = Measured {
        outcome: Outcome::Clear,
        facts: facts(&[], Some(until)),
        not_before: None,
        not_after: Some(until),
    };
    assert_eq!(client.measure(GOOD, NOW).await, clear);
    assert!(server.methods().is_empty());
}

#[tokio::test]
async fn what_is_on_a_list_is_confirmed_by_a_part_of_its_hash() {
    let server = server().await;
    let client = client(&server);
    client.refresh(NOW).await;
    server.asked();
    let until = NOW.plus(600_000);
    let found = Measured {
        outcome: Outcome::Match,
        facts: facts(&["MALWARE", "SOCIAL_ENGINEERING"], Some(until)),
        not_before: None,
        not_after: Some(until),
    };
    assert_eq!(client.measure(BAD, NOW).await, found);
    let asked = server.asked();
    assert!(
        asked.iter().all(|asked| asked.method == "hashes:search" && !asked.head.contains("bad.example")),
        "{asked:?}"
    );
    let mut lengths: Vec<usize> = asked.iter().map(|asked| asked.get("hashPrefix").unwrap().len()).collect();
    lengths.sort_unstable();
    assert_eq!(lengths, [8, 8], "base64 of four bytes and of six");

    // Another page of the host needs the prefix of the host only, and that is known.
    assert_eq!(client.measure("https://bad.example/other", NOW).await.facts, facts(&["MALWARE"], Some(until)));
    assert!(server.methods().is_empty());
}

#[tokio::test]
async fn answers_are_kept_until_they_expire_and_not_longer() {
    let server = server().await;
    server.state().next_diff = Some(NOW.plus(HOUR_MS).to_string());
    let client = one_list(&server);
    client.refresh(NOW).await;
    server.asked();
    let shared = "http://shared.example/";
    let clear = client.measure(shared, NOW).await;
    assert_eq!((clear.outcome, clear.not_after), (Outcome::Clear, Some(NOW.plus(300_000))));
    assert_eq!(server.methods(), ["hashes:search"]);
    for (url, at, outcome, asked) in [
        (shared, NOW.plus(299_999), Outcome::Clear, 0),
        (shared, NOW.plus(300_000), Outcome::Clear, 1),
        (BAD, NOW, Outcome::Match, 1),
        (BAD, NOW.plus(599_999), Outcome::Match, 0),
        (BAD, NOW.plus(600_000), Outcome::Match, 1),
    ] {
        assert_eq!(client.measure(url, at).await.outcome, outcome, "{url} {at}");
        assert_eq!(server.methods().len(), asked, "{url} {at}");
    }
    // What was bad is clear at once when the service says so.
    server.state().listed.clear();
    assert_eq!(client.measure(BAD, NOW.plus(600_001)).await.outcome, Outcome::Clear);
}

#[tokio::test]
async fn what_may_not_be_kept_is_asked_each_time() {
    let server = server().await;
    let client = one_list(&server);
    client.refresh(NOW).await;
    server.asked();
    server.state().expire = None;
    server.state().negative_expire = None;
    for (url, outcome) in [(BAD, Outcome::Match), ("http://shared.example/", Outcome::Clear)] {
        for _ in 0..2 {
            let measured = client.measure(url, NOW).await;
            assert_eq!((measured.outcome, measured.not_after), (outcome, Some(NOW)));
            assert_eq!(server.methods().len(), 1, "{url}");
        }
    }
}

#[tokio::test]
async fn one_list_that_lacks_makes_nothing_clear_and_matches_still_count() {
    let server = server().await;
    let client = client(&server);
    server.fail([failing("500 Internal Server Error", &[])]);
    let refresh = client.refresh(NOW).await;
    assert_eq!(refresh.lists.iter().map(|list| list.failure.is_some()).collect::<Vec<_>>(), [true, false]);
    let expected = Measured { not_before: Some(refresh.lists[0].due_at), ..Measured::bare(Outcome::ServiceError) };
    assert_eq!(client.measure(GOOD, NOW).await, expected);
    assert_eq!(client.measure(BAD, NOW).await.outcome, Outcome::Match);
}

#[tokio::test]
async fn what_is_clear_is_so_for_as_long_as_the_oldest_list_counts() {
    let server = server().await;
    let client = client(&server);
    client.refresh(NOW).await;
    server.fail([failing("500 Internal Server Error", &[])]);
    client.refresh(NOW.plus(HALF_HOUR)).await;
    let until = NOW.plus(HALF_HOUR + GRACE_MS);
    assert_eq!(client.measure(GOOD, NOW.plus(HALF_HOUR)).await.not_after, Some(until));
}

#[tokio::test]
async fn what_is_on_two_lists_is_asked_for_once_and_by_the_shorter_prefix() {
    let server = server().await;
    server.list("bad.example/", ThreatType::SocialEngineering, 7);
    server.publish();
    let client = client(&server);
    client.refresh(NOW).await;
    server.asked();
    let measured = client.measure("http://bad.example/", NOW).await;
    assert_eq!(measured.facts, facts(&["MALWARE", "SOCIAL_ENGINEERING"], Some(NOW.plus(600_000))));
    let lengths: Vec<usize> = server.asked().iter().map(|asked| asked.get("hashPrefix").unwrap().len()).collect();
    assert_eq!(lengths, [8], "base64 of four bytes");
}

#[tokio::test]
async fn a_hit_that_cannot_be_confirmed_is_not_clear() {
    let server = server().await;
    let client = client(&server);
    client.refresh(NOW).await;
    server.fail([failing("503 Service Unavailable", &["Retry-After: 9"])]);
    let failed = client.measure(BAD, NOW).await;
    assert_eq!((failed.outcome, failed.not_before), (Outcome::ServiceError, Some(NOW.plus(9000))));
    server.asked();
    assert_eq!(client.measure("http://shared.example/", NOW).await, failed, "the service is left alone");
    assert_eq!(client.measure(GOOD, NOW).await.outcome, Outcome::Clear, "the lists say it alone");
    assert!(server.methods().is_empty());
    assert_eq!(client.measure(BAD, NOW.plus(9000)).await.outcome, Outcome::Match);

    let other: fn(&mut Value) = |answer| answer["threats"][0]["hash"] = json!("YWFhYQ==");
    server.fail([Fault::Changed(other)]);
    server.state().expire = None;
    assert_eq!(client.measure("http://bad.example/", NOW.plus(700_000)).await.outcome, Outcome::Malformed);
}

#[tokio::test]
async fn a_url_without_a_form_for_lists_is_not_looked_up() {
    let server = server().await;
    let client = client(&server);
    client.refresh(NOW).await;
    server.asked();
    assert_eq!(client.measure("mailto:someone", NOW).await, Measured::bare(Outcome::Denied));
    assert!(server.methods().is_empty());
}
