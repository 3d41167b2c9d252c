//! The views that follow from others have their columns and their rows.

use panopticon_model::view::View;
use panopticon_sinks::parquet::read::{self, Query, When};
use serde_json::{Map, Value, json};

use crate::world::world;

fn rows(view: View, tld: &str) -> Vec<Value> {
    let out = tempfile::tempdir().unwrap();
    world(false).write(out.path()).unwrap();
    let rows = read::open(&Query { out: out.path(), view, tld, when: When::Latest, filters: &[] }).unwrap();
    let columns = rows.columns().to_vec();
    let object = |row: Vec<Value>| Value::Object(columns.iter().cloned().zip(row).collect::<Map<_, _>>());
    rows.map(|row| object(row.unwrap())).collect()
}

#[test]
fn a_remediated_case_has_its_time() {
    let [row] = &rows(View::RemediationTimes, "xx")[..] else { panic!("one case is remediated") };
    let case_id = row["case_id"].as_str().unwrap();
    assert_eq!(case_id.len(), 32);
    let expected = json!({
        "case_id": case_id, "subject": "gone.xx", "registrable_domain": "gone.xx", "abuse_class": "malware",
        "first_seen": "2026-11-22T05:00:00.000Z", "ended_at": "2026-11-22T20:00:00.000Z", "days": 0,
        "registrar": "Old Registrar SA", "remedy": "compromised",
        "validated_at": "2026-11-22T07:00:00.000Z",
    });
    assert_eq!(*row, expected);
    assert!(rows(View::RemediationTimes, "zz").is_empty());
}

#[test]
fn a_feed_has_its_score_in_each_tld() {
    let score = |feed: &str, live: u64, unique: u64, confirmed: u64| {
        json!({
            "feed_id": feed, "live": live, "unique": unique, "first": 0, "confirmed": confirmed, "denied": 0,
            "dead_on_arrival": 0, "withdrawn": 0,
        })
    };
    let mut expected = vec![score("openphish", 1, 0, 1), score("phishtank", 2, 1, 1), score("urlhaus", 1, 1, 1)];
    expected[0]["first"] = json!(1);
    assert_eq!(rows(View::FeedScores, "xx"), expected);
    assert!(rows(View::FeedScores, "zz").is_empty());
}
