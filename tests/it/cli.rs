//! The command line as a person meets it: help, errors with hints, exit codes.

use panopticon_datasets::world::DAYS;

use crate::common::{fails, live, ok, panopticon, put_day, run_of, settle_world};

#[test]
fn help_of_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let commands: [&[&str]; 22] = [
        &["--help"],
        &["init", "--help"],
        &["run", "--help"],
        &["feeds", "--help"],
        &["feeds", "accept", "--help"],
        &["diff", "--help"],
        &["explain", "--help"],
        &["query", "--help"],
        &["mark", "--help"],
        &["marks", "--help"],
        &["marks", "import", "--help"],
        &["scan", "--help"],
        &["lookalikes", "--help"],
        &["policy", "replay", "--help"],
        &["replay", "--help"],
        &["config", "--help"],
        &["zone", "--help"],
        &["zone", "check", "--help"],
        &["zone", "diff", "--help"],
        &["zone", "stats", "--help"],
        &["demo", "--help"],
        &["man", "--help"],
    ];
    let help: Vec<String> = commands.iter().map(|args| ok(panopticon(folder.path()).args(*args))).collect();
    insta::assert_snapshot!(help.join("\n----------------------------------------\n"));
}

#[test]
fn errors_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let mut said = vec![fails(panopticon(folder.path()).args(["run", "--once"]), 1)];
    let write = |text: &str| std::fs::write(folder.path().join("panopticon.toml"), text).unwrap();
    let head = "version = \"v1\"\nstate = \"state\"\noutput = \"out\"\n";
    for config in [
        "version = \"v2\"\n",
        "version = \"v1\"\nstate = \"s\"\n",
        head,
        &format!("{head}stat = 3\n[[tld]]\nname = \"xx\"\n"),
        &format!("{head}[[tld]]\nname = \"xx\"\n[[feed]]\nid = \"a\"\nformat = \"urlhaus\"\npath = \"x\"\n"),
        &format!("{head}[[tld]]\nname = \"xx\"\n[[feed]]\nid = \"a\"\nformat = \"plain\"\n"),
        &format!(
            "{head}[[tld]]\nname = \"xx\"\n[[feed]]\nid = \"a\"\nformat = \"plain\"\npath = \"x\"\nevery = \"often\"\n"
        ),
        &format!("{head}[[tld]]\nname = \"xx\"\nregistrable_at = [\"..\"]\n"),
    ] {
        write(config);
        said.push(fails(panopticon(folder.path()).args(["config", "show"]), 1));
    }
    write(&format!("{head}[[tld]]\nname = \"xx\"\n"));
    said.push(fails(panopticon(folder.path()).args(["query", "cases", "--tld", "xx"]), 1));
    said.push(fails(panopticon(folder.path()).args(["query", "nothing"]), 2));
    said.push(fails(panopticon(folder.path()).args(["explain", "shop.yy"]), 1));
    insta::assert_snapshot!(said.join("--\n"));
}

#[test]
fn time_does_not_run_backwards() {
    let folder = tempfile::tempdir().unwrap();
    live(folder.path(), 2);
    let said = fails(&mut run_of(folder.path(), &DAYS[0]), 1);
    assert!(said.contains("lies before the last run") && said.contains("hint:"), "{said}");
    // The clock of this machine is years ahead of the sample world.
    let said = fails(panopticon(folder.path()).args(["run", "--once"]), 1);
    assert!(said.contains("more than a day after") && said.contains("--now"), "{said}");
}

#[test]
fn two_processes_do_not_share_a_state() {
    let folder = tempfile::tempdir().unwrap();
    live(folder.path(), 1);
    let lock = std::fs::File::open(folder.path().join("state/lock")).unwrap();
    lock.lock().unwrap();
    let said = fails(&mut run_of(folder.path(), &DAYS[1]), 1);
    assert!(said.contains("another process"), "{said}");
}

#[test]
fn a_shrunk_feed_is_held_until_somebody_accepts_it() {
    let folder = tempfile::tempdir().unwrap();
    settle_world(folder.path());
    put_day(folder.path(), &DAYS[0]);
    let desk = folder.path().join("feeds/desk.txt");
    let list = |count: usize| (0..count).map(|n| format!("host{n}.xx\n")).collect::<String>();
    std::fs::write(&desk, list(100)).unwrap();
    ok(&mut run_of(folder.path(), &DAYS[0]));
    put_day(folder.path(), &DAYS[1]);
    std::fs::write(&desk, list(10)).unwrap();
    ok(&mut run_of(folder.path(), &DAYS[1]));
    let open = |folder: &std::path::Path| {
        ok(panopticon(folder).args(["query", "indicators", "feed_ids=desk", "--format", "csv"])).lines().count()
            - 1
    };
    assert_eq!(open(folder.path()), 100);
    assert!(ok(panopticon(folder.path()).args(["feeds", "list"])).contains("held back"));
    ok(panopticon(folder.path()).args(["feeds", "accept", "desk", "--now", "2025-03-02T07:00:00Z"]));
    assert_eq!(open(folder.path()), 10);
}

#[test]
fn a_web_page_instead_of_a_list_keeps_the_last_good_state() {
    let folder = tempfile::tempdir().unwrap();
    live(folder.path(), 1);
    put_day(folder.path(), &DAYS[1]);
    std::fs::write(folder.path().join("feeds/openphish.txt"), "<!doctype html><title>busy</title>").unwrap();
    fails(run_of(folder.path(), &DAYS[1]).arg("--strict"), 3);
    let rows =
        ok(panopticon(folder.path()).args(["query", "indicators", "feed_ids=openphish", "--format", "csv"]));
    assert_eq!(rows.lines().count() - 1, 3);
    let errors = ok(panopticon(folder.path()).args(["query", "errors", "feed_id=openphish", "--format", "csv"]));
    assert!(errors.contains("web page"), "{errors}");
    let not = |filter: &str| {
        let rows =
            panopticon(folder.path()).args(["query", "errors", filter, "--format", "csv"]).output().unwrap();
        (rows.status.code(), String::from_utf8_lossy(&rows.stdout).lines().count().saturating_sub(1))
    };
    let all = not("feed_id!=nobody").1;
    assert_eq!((not("feed_id!=openphish").1, not("feed_id=openphish").1), (all - 1, 1));
    assert_eq!(not("colour!=red").0, Some(1));
}
