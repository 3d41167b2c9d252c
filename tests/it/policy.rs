//! Trying out a policy on the past: exact rows of the sample world, and that it leaves everything as it is.

use std::path::Path;
use std::process::Command;

use panopticon_datasets::store::Store;

use crate::common::{fails, files, ok, panopticon};

/// The sample world, measured and lived through.
fn demo(folder: &Path) {
    ok(panopticon(folder).args(["demo", "--output", "world"]));
}

/// A replay of the sample world under a policy, from a day of March to another.
fn replay(folder: &Path, policy: &str, from: u8, to: u8) -> Command {
    let file = folder.join("other.toml");
    std::fs::write(&file, policy).unwrap();
    let mut command = panopticon(&folder.join("world"));
    command.args(["policy", "replay", "--policy"]).arg(file);
    command.args(["--from", &format!("2025-03-{from:02}"), "--to", &format!("2025-03-{to:02}")]);
    command
}

/// What a replay prints: day of March, observable, `was`, `would`.
fn told(command: &mut Command) -> Vec<String> {
    let text = ok(command.args(["--format", "jsonl"]));
    let rows = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let words = ["day", "observable", "was", "would"];
    let row = |row: serde_json::Value| words.map(|column| row[column].as_str().unwrap().to_owned()).join(" ");
    rows.map(|of| row(of).replace("2025-03-0", "")).collect()
}

#[test]
fn another_policy_is_told_row_by_row() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    demo(folder);
    let before = files(&folder.join("world"));
    let check = |policy: &str, (from, to): (u8, u8), expected: &[&str]| {
        assert_eq!(told(&mut replay(folder, policy, from, to)), expected, "{policy} from {from} to {to}");
    };
    let desk = "http://bank-secure.xx/ too-few-feeds validated";
    check(
        "independent = 1\n",
        (1, 31),
        &[
            &format!("1 {desk}"),
            &format!("2 {desk}"),
            "2 http://www.parcel-fee.xx/pay too-few-feeds validated",
            &format!("3 {desk}"),
            &format!("4 {desk}"),
            &format!("5 {desk}"),
        ],
    );
    check(
        "trusted = [\"openphish\"]\nallow = [\"plat.xx\"]\n",
        (3, 4),
        &[
            "3 http://cust1.plat.xx/login validated allow-listed",
            "3 http://files.garden.zz/a.exe validated too-few-feeds",
            "3 http://media.co.zz/x.bin validated too-few-feeds",
            "4 http://cust1.plat.xx/login validated allow-listed",
            "4 http://files.garden.zz/a.exe validated too-few-feeds",
        ],
    );
    // At midnight, what was measured at six in the morning is too old; on the day that is not over it is not.
    check(
        "fresh = \"12h\"\n",
        (4, 5),
        &[
            "4 https://bank-secure.xx/ validated not-confirmed",
            "4 https://bank-secure.xx/confirm?mail=[email] validated not-confirmed",
            "4 http://cust1.plat.xx/login validated not-confirmed",
            "4 http://files.garden.zz/a.exe validated not-confirmed",
        ],
    );
    // Days that are not asked for are not told.
    check(
        "independent = 1\n",
        (2, 2),
        &[&format!("2 {desk}"), "2 http://www.parcel-fee.xx/pay too-few-feeds validated"],
    );
    assert_eq!(files(&folder.join("world")), before, "nothing is changed");
}

#[test]
fn the_policy_that_is_configured_makes_no_difference() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    demo(folder);
    let written = "trusted = [\"openphish\", \"urlhaus\"]\nindependent = 2\nfresh = \"24h\"\nguarded_rank = 100000\nallow = []\n";
    for policy in ["", written] {
        let said = replay(folder, policy, 1, 5).output().unwrap();
        assert!(said.status.success() && said.stdout.is_empty(), "{policy}");
        let said = String::from_utf8(said.stderr).unwrap();
        assert!(said.contains("2025-03-01 to 2025-03-05") && said.contains("warning: no difference"), "{said}");
        assert_eq!(ok(replay(folder, policy, 1, 5).args(["--format", "json"])), "[]\n");
    }
}

#[test]
fn what_a_tld_says_for_itself_stays_where_the_other_policy_is_silent() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    demo(folder);
    let file = folder.join("world/panopticon.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    let own = "name = \"zz\"\npolicy = { trusted = [\"desk\"], independent = 0 }";
    std::fs::write(&file, config.replacen("name = \"zz\"", own, 1)).unwrap();
    assert!(told(&mut replay(folder, "guarded_rank = 0\n", 4, 4)).is_empty());
    let garden = "4 http://files.garden.zz/a.exe too-few-feeds validated";
    assert_eq!(told(replay(folder, "independent = 1\n", 4, 4).args(["--tld", "zz"])), [garden]);
    let csv = ok(replay(folder, "independent = 1\n", 4, 4).args(["--tld", "xx", "--format", "csv"]));
    assert_eq!(
        csv,
        "day,subject,observable,abuse_class,was,would,confirmed_by\n2025-03-04,bank-secure.xx,http://bank-secure.xx/,phishing,too-few-feeds,validated,\"http ch,http nz\"\n"
    );
}

#[test]
fn days_are_replayed_from_the_base_before_them() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    demo(folder);
    let policy = "independent = 1\n";
    let all = told(&mut replay(folder, policy, 1, 5));
    let state = folder.join("world/state");
    Store::open(&state).unwrap().expire("2025-03-03".parse().unwrap()).unwrap();
    for from in 4..=5 {
        let later: Vec<String> =
            all.iter().filter(|row| row.as_str() >= from.to_string().as_str()).cloned().collect();
        assert_eq!(told(&mut replay(folder, policy, from, 5)), later, "from {from}");
    }
    let said = fails(&mut replay(folder, policy, 3, 5), 1);
    assert!(said.contains("continues a segment that is gone"), "{said}");
}

#[test]
fn a_replay_reads_beside_a_run_and_says_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    demo(folder);
    let lock = std::fs::File::open(folder.join("world/state/lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(told(&mut replay(folder, "independent = 1\n", 5, 5)).len(), 1);
    for (policy, (from, to), expected) in [
        ("independant = 1\n", (1, 5), "did you mean `independent`?"),
        ("trusted = [\"nobody\"]\n", (1, 5), "there is no feed `nobody`"),
        ("fresh = \"soon\"\n", (1, 5), "`soon` is not a duration"),
        ("allow = [\"..\"]\n", (1, 5), "other.toml"),
        ("", (6, 9), "the log holds none of the days from 2025-03-06 to 2025-03-09"),
        ("", (5, 4), "is after `--to`"),
    ] {
        let said = fails(&mut replay(folder, policy, from, to), 1);
        assert!(said.contains(expected), "{said}");
    }
    let said = fails(replay(folder, "", 1, 5).args(["--tld", "yy"]), 1);
    assert!(said.contains("there are xx, zz"), "{said}");
    let mut gone = panopticon(&folder.join("world"));
    let gone =
        gone.args(["policy", "replay", "--policy", "gone.toml", "--from", "2025-03-01", "--to", "2025-03-01"]);
    let said = fails(gone, 1);
    assert!(said.contains("gone.toml") && said.contains("keys of `[policy]`"), "{said}");
}
