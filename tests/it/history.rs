//! The past: snapshots that come late, days on which nothing ran, and what an earlier day had to say.

use std::collections::BTreeSet;
use std::path::Path;

use panopticon_datasets::world::DAYS;
use serde_json::Value;

use crate::common::{fails, live, ok, panopticon, put_day, run_of, settle_world};
use crate::scratch;

/// The sample world with its feeds as drop folders, without zone and ranking: those have no past.
fn settle_folders(folder: &Path) {
    settle_world(folder);
    let file = folder.join("panopticon.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    let mut config = config.replace("zone = { file = \"xx.zone\" }\n", "");
    config.truncate(config.find("[ranks]").unwrap());
    for (name, _) in DAYS[0].feeds {
        let (stem, _) = name.split_once('.').unwrap();
        config = config.replace(&format!("feeds/{name}"), &format!("feeds/{stem}"));
        std::fs::create_dir_all(folder.join("feeds").join(stem)).unwrap();
    }
    std::fs::write(file, config).unwrap();
}

/// What the feeds said on a day, as files that carry its date.
fn drop_day(folder: &Path, day: usize) {
    for (name, text) in DAYS[day].feeds {
        let (stem, ending) = name.split_once('.').unwrap();
        let file = format!("feeds/{stem}/{}T053000Z.{ending}", DAYS[day].date);
        std::fs::write(folder.join(file), text).unwrap();
    }
}

fn rows(folder: &Path, args: &[&str]) -> Vec<Value> {
    let text = ok(panopticon(folder).args(args).args(["--format", "jsonl"]));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn late_snapshots_come_to_what_they_would_have_been_in_order() {
    let daily = tempfile::tempdir().unwrap();
    settle_folders(daily.path());
    for (number, day) in DAYS.iter().enumerate() {
        drop_day(daily.path(), number);
        ok(run_of(daily.path(), day).arg("--strict"));
    }
    // Each order of arrival: by night two days come together, in the wrong order, or all at the end.
    for arrivals in [
        &[(0, &[0][..]), (2, &[2]), (3, &[1, 3]), (4, &[4])][..],
        &[(0, &[0]), (4, &[4, 3, 2, 1])],
        &[(3, &[3]), (4, &[0, 2, 1, 4])],
    ] {
        let late = tempfile::tempdir().unwrap();
        settle_folders(late.path());
        for (day, arrived) in arrivals {
            for arrived in *arrived {
                drop_day(late.path(), *arrived);
            }
            ok(run_of(late.path(), &DAYS[*day]).arg("--strict"));
        }
        for view in ["indicators", "cases", "evidence"] {
            let (in_order, late) = (rows(daily.path(), &["query", view]), rows(late.path(), &["query", view]));
            for (in_order, late) in in_order.iter().zip(&late) {
                assert_eq!(in_order, late, "{view} after {arrivals:?}");
            }
            assert_eq!(in_order.len(), late.len());
        }
        let (state, out) = (late.path().join("state"), late.path().join("out"));
        assert!(scratch::check(&state, &out, &["xx", "zz"], &[]) >= 2);
    }
}

#[test]
fn a_closed_day_keeps_what_was_known_on_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    settle_folders(folder);
    drop_day(folder, 0);
    ok(&mut run_of(folder, &DAYS[0]));
    drop_day(folder, 2);
    ok(&mut run_of(folder, &DAYS[2]));
    let of = |day: usize| {
        let (cases, diff) = (["query", "cases", "--as-of", DAYS[day].date], ["diff", DAYS[day].date]);
        (rows(folder, &cases), rows(folder, &diff))
    };
    let before: Vec<_> = [0, 1].map(of).into();
    assert!(before[1].1.is_empty(), "nothing was known to have changed on the second day");
    // The second day comes on the fourth: it is news of the fourth.
    drop_day(folder, 1);
    drop_day(folder, 3);
    ok(&mut run_of(folder, &DAYS[3]));
    assert_eq!(before, [0, 1].map(of).to_vec());
    let status = |day: usize, subject: &str| {
        let cases = of(day).0;
        cases.iter().find(|row| row["subject"] == subject).map(|row| row["status"].clone())
    };
    assert_eq!(status(2, "garden.zz"), Some("active".into()));
    assert_eq!(status(3, "garden.zz"), Some("recurred".into()), "it was offline in between, as is known now");
    let garden = of(3).1.into_iter().find(|row| row["subject"] == "garden.zz").unwrap();
    assert_eq!((&garden["change"], &garden["cause"]), (&"recurred".into(), &"evidence".into()));
}

#[test]
fn the_net_of_days_is_what_differs_between_their_closes() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    live(folder, 5);
    // Open cases: one that comes or goes is a change; one that is no longer new is none.
    let standing = |day: usize| -> BTreeSet<String> {
        let cases = rows(folder, &["query", "cases", "--as-of", DAYS[day].date]);
        let is_open = |row: &&Value| ["new", "active", "recurred"].iter().any(|open| row["status"] == *open);
        cases.iter().filter(is_open).map(|row| row["case_id"].as_str().unwrap().to_owned()).collect()
    };
    for (first, of_first) in DAYS.iter().enumerate() {
        for (last, of_last) in DAYS.iter().enumerate().skip(first + 1) {
            let span = format!("{}..{}", of_first.date, of_last.date);
            let net = rows(folder, &["diff", &span]);
            let told: BTreeSet<&str> = net
                .iter()
                .filter(|row| row["changed_view"] == "cases")
                .map(|row| row["subject_id"].as_str().unwrap())
                .collect();
            let (before, after) = (standing(first), standing(last));
            for id in before.symmetric_difference(&after) {
                assert!(told.contains(id.as_str()), "{id} differs and is not told: {span}");
            }
            for row in &net {
                assert_ne!(row["before"], row["after"], "{span}");
            }
        }
    }
    assert!(fails(panopticon(folder).args(["diff", "2025-03-02..2025-03-01"]), 2).contains("comes after"));
}

#[test]
fn days_on_which_nothing_ran_are_closed_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    live(folder, 1);
    put_day(folder, &DAYS[4]);
    ok(&mut run_of(folder, &DAYS[4]));
    for view in ["cases", "daily_diffs"] {
        let days: BTreeSet<String> = std::fs::read_dir(folder.join(format!("out/view={view}/tld=xx")))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(days, DAYS.map(|day| format!("date={}", day.date)).into(), "{view}");
    }
    // In the gap nothing was said, so that only time could change something.
    for day in &DAYS[1..4] {
        assert!(rows(folder, &["diff", day.date]).iter().all(|row| row["cause"] == "age"), "{}", day.date);
        assert_eq!(rows(folder, &["query", "cases", "--as-of", day.date]).len(), 5);
    }
    assert_eq!(scratch::check(&folder.join("state"), &folder.join("out"), &["xx", "zz"], &["xx"]), 5);
}

#[test]
fn earlier_days_are_asked_for_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    live(folder, 5);
    let explain = |day: &str| {
        let json = ok(panopticon(folder).args(["explain", "garden.zz", "--as-of", day, "--format", "json"]));
        let answer: Value = serde_json::from_str(&json).unwrap();
        answer["cases"][0]["status"].as_str().map(str::to_owned)
    };
    let told: Vec<_> = DAYS.iter().map(|day| explain(day.date)).collect();
    let status = |status: &str| Some(status.to_owned());
    assert_eq!(
        told,
        [status("new"), status("remediated"), status("recurred"), status("recurred"), status("recurred")]
    );
    for day in &DAYS {
        let one = |args: &[&str]| {
            let found = rows(folder, args).into_iter().find(|row| row["subject"] == "garden.zz");
            found.map(|row| row["change"].as_str().or(row["status"].as_str()).unwrap().to_owned())
        };
        let status = one(&["query", "cases", "--as-of", day.date]);
        assert_eq!(status, explain(day.date), "{}", day.date);
        let change = one(&["diff", day.date]);
        let expected = match day.date {
            "2025-03-01" => Some("added"),
            "2025-03-02" => Some("resolved"),
            "2025-03-03" => Some("recurred"),
            _ => None,
        };
        assert_eq!(change.as_deref(), expected, "{}", day.date);
    }
    // Before the first day there is nothing, and that is said.
    for args in [
        &["query", "cases", "--as-of", "2025-02-28"][..],
        &["explain", "garden.zz", "--as-of", "2025-02-28"],
        &["diff", "2025-02-28"],
    ] {
        let said = fails(panopticon(folder).args(args), 1);
        assert!(said.contains("2025-02-28"), "{args:?}: {said}");
    }
}
