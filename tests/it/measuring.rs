//! Measuring, as whoever runs the program sees it: what is asked of whom, how often, and what becomes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Stdio;

use panopticon_datasets::store::{Event, Store, StoreError};
use panopticon_model::observation::{ObservationKey, Plan};
use panopticon_model::time::Epoch;
use panopticon_model::update::Update;
use serde_json::Value;

use crate::common::{ok, panopticon, query};
use crate::long_run::{end, signal, start, until};
use crate::names::Names;
use crate::scratch;

const HEAD: &str = "version = \"v1\"\nstate = \"state\"\noutput = \"out\"\nsuffix_list = \"suffixes.dat\"\n";
const DESK: &str = "[[feed]]\nid = \"desk\"\nformat = \"plain\"\npath = \"desk.txt\"\nabuse_class = \"phishing\"\nmax_shrink = 100\n";

/// An installation that measures at loopback.
pub(crate) fn settle(folder: &Path, names: &Names, listed: &str, more: &str) {
    let tld = format!("[[tld]]\nname = \"xx\"\nservers = [\"{}\"]\n", names.address);
    let config = [HEAD, &tld, DESK, &names.probe(), more].concat();
    std::fs::write(folder.join("panopticon.toml"), config).unwrap();
    std::fs::write(folder.join("suffixes.dat"), "xx\n").unwrap();
    std::fs::write(folder.join("desk.txt"), listed).unwrap();
}

/// A run at an instant; what it says of itself.
pub(crate) fn run(folder: &Path, now: &str) -> String {
    let run = panopticon(folder).args(["run", "--once", "--no-progress", "--now", now]).output().unwrap();
    let said = String::from_utf8(run.stderr).unwrap();
    assert!(run.status.success(), "{said}");
    said
}

/// A column of a view, by another column.
pub(crate) fn column(folder: &Path, view: &str, by: &str, column: &str) -> BTreeMap<String, Value> {
    let rows = query(folder, view);
    rows.iter().map(|row| (row[by].as_str().unwrap().to_owned(), row[column].clone())).collect()
}

/// Holds what was published against a run from scratch. Gives the days.
pub(crate) fn checked(folder: &Path, plan: &Plan) -> usize {
    scratch::check_measured(
        &folder.join("state"),
        &folder.join("out"),
        &["xx"],
        &[],
        plan,
        &scratch::policies(&[]),
    )
}

fn delegations() -> Plan {
    Plan { delegation: true, ..Plan::default() }
}

#[test]
fn killed_in_the_middle_of_ten_thousand_probes_none_is_lost_and_none_is_asked_twice() {
    const NAMES: usize = 10_000;
    const KILLS: usize = 3;
    let (folder, names) = (tempfile::tempdir().unwrap(), Names::start(&[]));
    let folder = folder.path();
    let listed: String = (0..NAMES).map(|n| format!("host{n}.xx\n")).collect();
    settle(folder, &names, &listed, "");
    for kill in 1..=KILLS {
        let mut child = panopticon(folder)
            .args(["run", "--once"])
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        names.until_asked_for(kill * NAMES / 5);
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(names.asked().len() < NAMES, "it was over before it was killed");
    }
    ok(panopticon(folder).args(["run", "--once", "--no-progress"]));
    let observed = column(folder, "observations", "target", "outcome");
    assert_eq!(observed.len(), NAMES);
    assert!(observed.values().all(|outcome| outcome == "undelegated"), "{observed:?}");
    assert!(query(folder, "probe_requests").is_empty());
    // A few names of chance show whether everything exists.
    let mut asked = names.asked();
    asked.retain(|name, _| name.starts_with("host"));
    assert!(asked.keys().eq(observed.keys()));
    // What is asked is claimed first.
    let claimed = claimed(&folder.join("state"));
    assert!(asked.iter().all(|(name, times)| *times <= claimed[name] && *times <= 1 + KILLS));
    assert!(checked(folder, &delegations()) >= 1);
}

/// How often each probe was begun. None was begun anew once what it found was logged, or before its time was over.
fn claimed(state: &Path) -> BTreeMap<String, usize> {
    let mut claims: BTreeMap<ObservationKey, Epoch> = BTreeMap::new();
    let mut begun: BTreeMap<String, usize> = BTreeMap::new();
    let mut observed: BTreeSet<ObservationKey> = BTreeSet::new();
    let mut read = |at: Epoch, update| match update {
        Update::Claim(key, Some(until)) => {
            *begun.entry(key.target.to_string()).or_default() += 1;
            assert!(!observed.contains(&key), "{} was known at {at}", key.target);
            let before = claims.insert(key, until);
            assert!(before.is_none_or(|before| before <= at), "begun anew at {at}, and claimed until {before:?}");
        }
        Update::Claim(key, None) => drop(claims.remove(&key)),
        Update::Observation(key, _) => drop(observed.insert(key)),
        _ => {}
    };
    let mut at = Epoch(0);
    Store::history(state, None, &mut |event| -> Result<(), StoreError> {
        match event {
            Event::Epoch(header) => at = header.at,
            Event::Rows(rows) => rows.into_iter().for_each(|update| read(at, update)),
            _ => {}
        }
        Ok(())
    })
    .unwrap();
    assert!(claims.is_empty(), "nothing is under way any more");
    begun
}

#[test]
fn what_is_known_is_asked_again_when_it_is_old_and_confirmed_before_it_is_published() {
    let (folder, names) = (tempfile::tempdir().unwrap(), Names::start(&["shop.xx"]));
    let folder = folder.path();
    settle(folder, &names, "shop.xx\n", "");
    let mut times = Vec::new();
    for now in ["06:00", "07:59", "08:00", "09:00", "10:30"] {
        let said = run(folder, &format!("2025-03-01T{now}:00Z"));
        assert!(said.contains("0 of them could not be told; 0 are left"), "{said}");
        times.push(names.asked()["shop.xx"]);
    }
    assert_eq!(times, [1, 1, 2, 2, 3], "two hours, by the usual");
    assert_eq!(column(folder, "indicators", "observable", "delegation")["shop.xx"], "delegated");

    // Gone: it is seen so twice, six hours apart, before the case is closed.
    names.delegate(&[]);
    let mut told = Vec::new();
    for now in ["01T12:30", "01T18:29", "01T20:29"] {
        run(folder, &format!("2025-03-{now}:00Z"));
        let status = column(folder, "cases", "subject", "status")["shop.xx"].as_str().unwrap().to_owned();
        let delegation = column(folder, "indicators", "observable", "delegation")["shop.xx"].clone();
        told.push(format!("{} {status}", delegation.as_str().unwrap()));
    }
    assert_eq!(told, ["undelegated new", "undelegated new", "undelegated remediated"]);
    // A year later nothing of it is asked for, and a name that is not listed any more is left alone.
    std::fs::write(folder.join("desk.txt"), "").unwrap();
    run(folder, "2025-03-02T06:00:00Z");
    let before = names.asked()["shop.xx"];
    run(folder, "2026-03-02T06:00:00Z");
    assert_eq!(names.asked()["shop.xx"], before);
}

#[test]
fn a_house_that_keeps_going_measures_and_publishes_what_it_found() {
    let (folder, names) = (tempfile::tempdir().unwrap(), Names::start(&["shop.xx"]));
    let folder = folder.path();
    settle(folder, &names, "shop.xx\ngone.xx\n", "");
    every(folder, "publish_every = \"100ms\"", "every = \"50ms\"");
    let (child, said) = start(folder);
    let found = |expected: &[(&str, &str)]| {
        let told = panopticon(folder).args(["query", "indicators", "--format", "json"]).output().unwrap();
        let told: Vec<Value> = serde_json::from_slice(&told.stdout).unwrap_or_default();
        told.len() == expected.len()
            && told
                .iter()
                .zip(expected)
                .all(|(row, (name, is))| row["observable"] == *name && row["delegation"] == *is)
    };
    until("what was measured first", || found(&[("gone.xx", "undelegated"), ("shop.xx", "delegated")]));
    // A name that comes later is measured by the same prober.
    say(folder, "late.xx\nshop.xx\ngone.xx\n");
    let all = [("gone.xx", "undelegated"), ("late.xx", "undelegated"), ("shop.xx", "delegated")];
    until("what was measured later", || found(&all));
    signal(&child, "-TERM");
    let (code, text) = end(child, said);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains(" done, 0 of them could not be told, "), "{text}");
    for name in ["gone.xx", "late.xx", "shop.xx"] {
        assert_eq!(names.asked()[name], 1, "{name}");
    }
    assert!(checked(folder, &delegations()) >= 1);
}

/// How often is published, and read.
fn every(folder: &Path, publish: &str, read: &str) {
    let file = folder.join("panopticon.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    let config = config.replacen("state =", &format!("{publish}\nstate ="), 1);
    std::fs::write(file, config.replace("max_shrink = 100", &format!("max_shrink = 100\n{read}"))).unwrap();
}

/// What the list says from now on; the file is put in place at once.
fn say(folder: &Path, listed: &str) {
    std::fs::write(folder.join(".aside"), listed).unwrap();
    std::fs::rename(folder.join(".aside"), folder.join("desk.txt")).unwrap();
}
