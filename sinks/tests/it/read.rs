//! Reading back what was published.

use panopticon_model::view::View;
use panopticon_sinks::parquet::read::{self, Query, ReadError, When};
use serde_json::{Value, json};

use crate::world::world;

fn column(rows: read::Rows, name: &str) -> Vec<Value> {
    let at = rows.columns().iter().position(|column| column == name).unwrap();
    rows.map(|row| row.unwrap()[at].clone()).collect()
}

#[test]
fn cases_are_read_as_they_were_written() {
    let out = tempfile::tempdir().unwrap();
    let world = world(false);
    world.write(out.path()).unwrap();
    let query = Query { out: out.path(), view: View::Cases, tld: "xx", when: When::Latest, filters: &[] };
    let rows = read::open(&query).unwrap();
    assert_eq!((rows.day(), rows.as_of()), (world.day, Some(world.as_of)));
    let columns = "case_id subject registrable_domain platform abuse_class status first_seen ended_at evidence_count \
                   feed_ids delegated rank";
    assert_eq!(rows.columns().join(" "), columns);
    let rows: Vec<_> = rows.map(Result::unwrap).collect();
    let mut expected: Vec<_> = world
        .standing
        .cases
        .values()
        .map(|case| {
            let feeds: Vec<_> = case.feed_ids.iter().map(ToString::to_string).collect();
            vec![
                json!(case.id.to_string()),
                json!(case.subject.as_str()),
                json!(case.registrable_domain.as_str()),
                json!(case.platform.as_deref()),
                json!(case.abuse_class.as_str()),
                json!(case.status.as_str()),
                json!(case.first_seen.to_string()),
                json!(case.ended_at.map(|at| at.to_string())),
                json!(case.evidence_count),
                json!(feeds),
                json!(case.delegated),
                json!(case.rank),
            ]
        })
        .collect();
    expected.sort_unstable_by_key(|row| row[1].to_string());
    assert_eq!(rows, expected);
}

#[test]
fn diffs_are_read_as_they_were_written() {
    let out = tempfile::tempdir().unwrap();
    let worlds = [world(false), world(true)];
    for world in &worlds {
        world.write(out.path()).unwrap();
        assert!(!world.daily.is_empty());
    }
    let found = read::read_daily_diffs(out.path(), "xx", worlds[0].day, worlds[1].day).unwrap();
    let expected = worlds.iter().flat_map(|world| world.daily.iter().map(|row| (world.day, row.clone())));
    assert_eq!(
        found.into_iter().map(|diff| (diff.day, diff.row)).collect::<Vec<_>>(),
        expected.collect::<Vec<_>>()
    );
}

#[test]
fn addresses_of_people_are_masked() {
    let out = tempfile::tempdir().unwrap();
    world(false).write(out.path()).unwrap();
    for (view, tld, name) in [
        (View::Indicators, "xx", "observable"),
        (View::Evidence, "xx", "observable"),
        (View::Evidence, "xx", "label"),
        (View::Errors, "_", "sample"),
    ] {
        let query = Query { out: out.path(), view, tld, when: When::Latest, filters: &[] };
        let values = Value::from(column(read::open(&query).unwrap(), name)).to_string();
        assert!(values.contains("[email]") && !values.contains("@example"), "{values}");
    }
}

#[test]
fn filters_and_days() {
    let out = tempfile::tempdir().unwrap();
    let (one, two) = (world(false), world(true));
    one.write(out.path()).unwrap();
    two.write(out.path()).unwrap();
    let subjects = |when, filters: &[(&str, &str)]| {
        let filters: Vec<_> = filters.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let query = Query { out: out.path(), view: View::Cases, tld: "xx", when, filters: &filters };
        read::open(&query).map(|rows| column(rows, "subject"))
    };
    assert_eq!(subjects(When::AsOf(one.day), &[("status", "active")]).unwrap().len(), 3);
    assert_eq!(subjects(When::Latest, &[("status", "expired")]).unwrap(), ["evil.xx"]);
    assert_eq!(subjects(When::AsOf(two.day.next()), &[("feed_ids", "openphish")]).unwrap(), ["bank-it.xx"]);
    assert_eq!(subjects(When::Latest, &[("subject", "aaa.xx")]).unwrap().len(), 0);
    assert_eq!(subjects(When::Latest, &[("platform", "")]).unwrap().len(), 4);

    let early = subjects(When::AsOf(one.day.back(1)), &[]);
    assert!(matches!(early, Err(ReadError::BeyondRetention { first, .. }) if first == one.day));
    assert!(matches!(subjects(When::Latest, &[("colour", "")]), Err(ReadError::NoColumn { .. })));
    let query = Query { out: out.path(), view: View::Cases, tld: "yy", when: When::Latest, filters: &[] };
    assert!(matches!(read::open(&query), Err(ReadError::NothingPublished { .. })));
    assert_eq!(read::tlds(out.path(), View::Evidence).unwrap(), ["_", "xx", "zz"]);
}

#[test]
fn an_empty_view_has_a_schema() {
    let out = tempfile::tempdir().unwrap();
    world(false).write(out.path()).unwrap();
    for view in [View::Indicators, View::Evidence, View::Cases, View::DailyDiffs] {
        let rows =
            read::open(&Query { out: out.path(), view, tld: "zz", when: When::Latest, filters: &[] }).unwrap();
        assert!(rows.columns().len() >= 7);
        assert_eq!(rows.count(), 0);
    }
}
