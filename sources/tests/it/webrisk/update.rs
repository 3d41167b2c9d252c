//! Lists: how they come and stay up to date, what becomes of them when that fails, and where they are kept.

use std::fs;
use std::path::PathBuf;

use panopticon_model::observation::{Measured, Outcome};
use panopticon_model::time::{DAY_MS, Epoch, HOUR_MS, MINUTE_MS};
use panopticon_sources::webrisk::prefixes::{DiffError, GRACE_MS};
use panopticon_sources::webrisk::{
    CallError, Constraints, Entries, Mode, Refresh, Settings, ThreatType, UpdateError, WebRisk, expressions,
};
use serde_json::{Value, json};

use super::server::{Fault, Server};
use super::{network, settings};

pub(super) const BAD: &str = "http://bad.example/login";
pub(super) const GOOD: &str = "http://good.example/";
pub(super) const NOW: Epoch = Epoch(1_767_225_600_000);
pub(super) const HALF_HOUR: u64 = 30 * MINUTE_MS;

/// A server that has one bad host, and a prefix that another host shares.
pub(super) async fn server() -> Server {
    let server = Server::start().await;
    server.list("bad.example/", ThreatType::Malware, 4);
    server.list("bad.example/login", ThreatType::SocialEngineering, 6);
    let other = expressions::hash("shared.example/")[..4].to_vec();
    server.state().others.entry(ThreatType::Malware).or_default().insert(other);
    server.publish();
    server.state().expire = Some(NOW.plus(600_000).to_string());
    server.state().negative_expire = Some(NOW.plus(300_000).to_string());
    server
}

pub(super) fn client_with(
    server: &Server,
    types: &[ThreatType],
    constraints: Constraints,
    file: Option<PathBuf>,
) -> WebRisk {
    let mode = Mode::Update { constraints, file };
    let settings = Settings { mode, threat_types: types.to_vec(), ..settings(server) };
    WebRisk::new(&settings, &network()).unwrap()
}

pub(super) fn client(server: &Server) -> WebRisk {
    let types = [ThreatType::Malware, ThreatType::SocialEngineering];
    client_with(server, &types, Constraints::default(), None)
}

/// A client of the list of malware only.
pub(super) fn one_list(server: &Server) -> WebRisk {
    client_with(server, &[ThreatType::Malware], Constraints::default(), None)
}

pub(super) fn failing(status: &'static str, headers: &'static [&'static str]) -> Fault {
    Fault::Reply(status, headers, "{}".to_owned())
}

fn entries(refresh: &Refresh) -> Vec<usize> {
    assert!(refresh.unsaved.is_none() && refresh.lists.iter().all(|list| list.failure.is_none()), "{refresh:?}");
    refresh.lists.iter().map(|list| list.entries).collect()
}

/// Whether each `computeDiff` that was asked for had a version.
fn versions(server: &Server) -> Vec<bool> {
    let asked = server.asked();
    assert!(asked.iter().all(|asked| asked.method == "threatLists:computeDiff"), "{asked:?}");
    asked.iter().map(|asked| asked.get("versionToken").is_some()).collect()
}

/// Another checksum: that of nothing.
fn wrong_checksum(answer: &mut Value) {
    answer["checksum"]["sha256"] = json!("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
}

#[tokio::test]
async fn lists_follow_the_server() {
    for packed in [false, true] {
        let server = server().await;
        server.state().packed = packed;
        let client = one_list(&server);
        client.refresh(NOW).await;
        let mut now = NOW;
        for round in 0..30u32 {
            {
                let mut state = server.state();
                let others = state.others.entry(ThreatType::Malware).or_default();
                let number = |seed: u32| (seed.wrapping_mul(2_654_435_761)).to_be_bytes();
                others.retain(|prefix| prefix.last().is_none_or(|last| u32::from(*last) % 7 != round % 7));
                others.extend((0..20).map(|seed| number(round * 20 + seed).to_vec()));
                others.insert([number(round).as_slice(), b"long"].concat());
            }
            server.publish();
            now = client.next_refresh().unwrap().max(now);
            let expected = server.state().others[&ThreatType::Malware].len() + 1;
            assert_eq!(entries(&client.refresh(now).await), [expected], "round {round}");
        }
        let versions = versions(&server);
        assert_eq!(versions.iter().filter(|had| !**had).count(), 1, "one whole list, and then diffs");
    }
}

#[tokio::test]
async fn lists_are_fetched_when_they_are_due() {
    let server = server().await;
    let client = one_list(&server);
    for (next_diff, due) in
        [(None, HALF_HOUR), (Some(2 * HOUR_MS), 2 * HOUR_MS), (Some(0), MINUTE_MS), (Some(9 * DAY_MS), DAY_MS)]
    {
        let now = client.next_refresh().unwrap().max(NOW);
        server.state().next_diff = next_diff.map(|wait| now.plus(wait).to_string());
        let refresh = client.refresh(now).await;
        assert_eq!(refresh.lists[0].due_at, now.plus(due), "{next_diff:?}");
        assert_eq!(client.next_refresh(), Some(now.plus(due)));
        assert_eq!(server.methods().len(), 1);
        assert!(client.refresh(now.plus(due - 1)).await.lists.is_empty());
        assert!(server.methods().is_empty(), "nothing is due");
    }
}

#[tokio::test]
async fn a_list_that_does_not_fit_is_dropped_and_fetched_whole() {
    let changes: [fn(&mut Value); 3] = [
        wrong_checksum,
        |answer| answer["removals"] = json!({ "rawIndices": { "indices": [9] } }),
        |answer| answer["removals"] = json!({ "riceIndices": { "firstValue": "9" } }),
    ];
    for change in changes {
        let server = server().await;
        let client = one_list(&server);
        client.refresh(NOW).await;
        server.asked();
        server.fail([Fault::Changed(change)]);
        assert_eq!(entries(&client.refresh(NOW.plus(HOUR_MS)).await), [2]);
        assert_eq!(versions(&server), [true, false]);
        assert_eq!(client.measure(GOOD, NOW.plus(HOUR_MS)).await.outcome, Outcome::Clear);
    }
}

#[tokio::test]
async fn a_list_that_fits_not_even_whole_is_empty_and_rests() {
    let server = server().await;
    let client = one_list(&server);
    client.refresh(NOW).await;
    server.asked();
    let now = NOW.plus(HOUR_MS);
    server.fail([Fault::Changed(wrong_checksum), Fault::Changed(wrong_checksum)]);
    let refresh = client.refresh(now).await;
    let list = &refresh.lists[0];
    assert!(matches!(list.failure, Some(UpdateError::Diff(DiffError::Checksum))), "{list:?}");
    assert_eq!((list.entries, versions(&server)), (0, vec![true, false]));
    assert!(list.due_at >= now.plus(15 * MINUTE_MS) && list.due_at <= now.plus(HALF_HOUR), "{list:?}");
    let expected = Measured { not_before: Some(list.due_at), ..Measured::bare(Outcome::ServiceError) };
    assert_eq!(client.measure(GOOD, now).await, expected);

    assert_eq!(entries(&client.refresh(list.due_at).await), [2]);
    assert_eq!(versions(&server), [false]);
}

#[tokio::test]
async fn a_list_that_does_not_fit_and_cannot_be_fetched_is_empty() {
    let server = server().await;
    let client = one_list(&server);
    client.refresh(NOW).await;
    server.fail([Fault::Changed(wrong_checksum), failing("500 Internal Server Error", &[])]);
    let refresh = client.refresh(NOW.plus(HOUR_MS)).await;
    assert!(matches!(refresh.lists[0].failure, Some(UpdateError::Call(_))), "{refresh:?}");
    assert_eq!(refresh.lists[0].entries, 0, "what does not fit is of no use");
}

#[tokio::test]
async fn a_list_that_cannot_be_fetched_stays_while_it_counts() {
    let page = || Fault::Reply("200 OK", &["Content-Type: text/html"], "<html>".to_owned());
    let cut = || Fault::Reply("200 OK", &["Content-Type: application/json"], "{".to_owned());
    for fault in
        [failing("500 Internal Server Error", &[]), failing("403 Forbidden", &[]), page(), cut(), Fault::Cut]
    {
        let server = server().await;
        let client = one_list(&server);
        client.refresh(NOW).await;
        server.asked();
        let due = NOW.plus(HALF_HOUR);
        server.fail([fault]);
        let refresh = client.refresh(due).await;
        let list = &refresh.lists[0];
        assert!(matches!(list.failure, Some(UpdateError::Call(_))), "{list:?}");
        assert_eq!((list.entries, versions(&server)), (2, vec![true]));
        assert!(list.due_at >= due.plus(15 * MINUTE_MS), "{list:?}");

        let end = due.plus(GRACE_MS);
        assert_eq!(client.measure(GOOD, end.minus(1)).await.outcome, Outcome::Clear);
        assert_eq!(
            client.measure(GOOD, end).await.outcome,
            Outcome::ServiceError,
            "too old to say that it is clear"
        );
        assert_eq!(client.measure(BAD, end).await.outcome, Outcome::Match, "and not too old to be confirmed");
        server.asked();
        assert_eq!(entries(&client.refresh(end).await), [2]);
        assert_eq!(versions(&server), [true], "from where it was");
    }
}

#[tokio::test]
async fn failures_make_a_list_wait_longer_and_the_server_longer_still() {
    let server = server().await;
    let client = one_list(&server);
    let mut now = NOW;
    for number in 0..4 {
        server.fail([failing("500 Internal Server Error", &[])]);
        let wait = client.refresh(now).await.lists[0].due_at.0 - now.0;
        let least = (15 * MINUTE_MS) << number;
        assert!(wait >= least && wait <= 2 * least, "{number} {wait}");
        now = now.plus(wait);
    }
    server.fail([failing("429 Too Many Requests", &["Retry-After: 80000"])]);
    let refresh = client.refresh(now).await;
    assert!(
        matches!(refresh.lists[0].failure, Some(UpdateError::Call(CallError::RateLimited { .. }))),
        "{refresh:?}"
    );
    assert_eq!(refresh.lists[0].due_at, now.plus(80_000_000));
}

#[tokio::test]
async fn a_version_that_the_server_does_not_take_is_left_out() {
    let server = server().await;
    let client = one_list(&server);
    client.refresh(NOW).await;
    server.asked();
    server.fail([failing("400 Bad Request", &[])]);
    assert_eq!(entries(&client.refresh(NOW.plus(HOUR_MS)).await), [2]);
    assert_eq!(versions(&server), [true, false]);

    server.fail([failing("400 Bad Request", &[]), failing("400 Bad Request", &[])]);
    let refresh = client.refresh(NOW.plus(2 * HOUR_MS)).await;
    assert!(matches!(refresh.lists[0].failure, Some(UpdateError::Call(CallError::Refused(400)))), "{refresh:?}");
    assert_eq!(refresh.lists[0].entries, 2, "the list itself is as good as it was");

    client.refresh(NOW.plus(4 * HOUR_MS)).await;
    server.fail([failing("400 Bad Request", &[]), Fault::Changed(wrong_checksum)]);
    let refresh = client.refresh(NOW.plus(8 * HOUR_MS)).await;
    assert_eq!(refresh.lists[0].entries, 0, "a whole list that does not fit leaves nothing");
}

#[tokio::test]
async fn no_list_is_larger_than_was_asked_for() {
    let server = server().await;
    server
        .state()
        .others
        .entry(ThreatType::Malware)
        .or_default()
        .extend((0..1023u32).map(|number| number.to_be_bytes().to_vec()));
    server.publish();
    let least = Entries::new(1024).unwrap();
    let refresh =
        client_with(&server, &[ThreatType::Malware], Constraints { diff: Entries::MOST, database: least }, None)
            .refresh(NOW)
            .await;
    let failure = &refresh.lists[0].failure;
    assert!(matches!(failure, Some(UpdateError::Diff(DiffError::TooMany { entries: 1025, .. }))), "{refresh:?}");
    let constraints = Constraints { diff: least, database: Entries::MOST };
    let refresh = client_with(&server, &[ThreatType::Malware], constraints, None).refresh(NOW).await;
    assert!(matches!(refresh.lists[0].failure, Some(UpdateError::Call(CallError::Answer(_)))), "{refresh:?}");
    // The cap on the bytes goes with the number of entries.
    let long = " ".repeat((1 << 20) + 64 * 1024);
    server.fail([Fault::Reply("200 OK", &["Content-Type: application/json"], long + "{}")]);
    let refresh = client_with(&server, &[ThreatType::Malware], constraints, None).refresh(NOW).await;
    assert!(matches!(refresh.lists[0].failure, Some(UpdateError::Call(CallError::TooLarge(_)))), "{refresh:?}");
}

#[tokio::test]
async fn lists_outlive_the_program_in_a_file() {
    let server = server().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("webrisk");
    let start = |types: &[ThreatType]| client_with(&server, types, Constraints::default(), Some(file.clone()));
    let both = [ThreatType::Malware, ThreatType::SocialEngineering];
    assert_eq!(entries(&start(&both).refresh(NOW).await), [2, 1]);
    server.asked();

    let again = start(&both);
    assert_eq!(again.next_refresh(), Some(NOW.plus(HALF_HOUR)));
    assert!(again.refresh(NOW.plus(1)).await.lists.is_empty());
    assert_eq!(again.measure(GOOD, NOW).await.outcome, Outcome::Clear);
    assert_eq!(again.measure(BAD, NOW).await.outcome, Outcome::Match);
    server.asked();
    assert_eq!(entries(&again.refresh(NOW.plus(HALF_HOUR)).await), [2, 1]);
    assert_eq!(versions(&server), [true, true]);

    // A rest after a failure outlives the program too.
    server.fail([failing("500 Internal Server Error", &[])]);
    let due = start(&both[..1]).refresh(NOW.plus(HOUR_MS)).await.lists[0].due_at;
    assert_eq!(start(&both[..1]).next_refresh(), Some(due));
    server.asked();

    let mut bytes = fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&file, bytes).unwrap();
    let empty = start(&both);
    assert_eq!(empty.measure(GOOD, NOW).await.outcome, Outcome::ServiceError);
    assert_eq!(entries(&empty.refresh(NOW).await), [2, 1]);
    assert_eq!(versions(&server), [false, false]);
}

#[tokio::test]
async fn lists_that_cannot_be_saved_are_used() {
    let server = server().await;
    let client = client_with(
        &server,
        &[ThreatType::Malware],
        Constraints::default(),
        Some("/nonexistent/folder/webrisk".into()),
    );
    let refresh = client.refresh(NOW).await;
    assert!(refresh.unsaved.is_some_and(|error| error.to_string().contains("/nonexistent/folder/webrisk")));
    assert_eq!(client.measure(GOOD, NOW).await.outcome, Outcome::Clear);
}
