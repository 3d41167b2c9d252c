//! Names that come on one day with one word in them: the view, the reasons of what looks generated, the report.

use std::path::Path;

use crate::common::{ok, panopticon, query};

/// A zone of ordinary names, and others.
fn write_zone(folder: &Path, others: &[&str]) {
    let ordinary = (0..400).map(|n| format!("{}{}", ["garden", "shop", "hotel", "media"][n % 4], n / 4));
    let mut names: Vec<String> = ordinary.collect();
    names.extend(others.iter().map(|name| (*name).to_owned()));
    std::fs::write(folder.join("names.txt"), names.join(".xx\n") + ".xx\n").unwrap();
}

fn run(folder: &Path, now: &str) {
    ok(panopticon(folder).args(["run", "--once", "--quiet", "--now", now]));
}

#[test]
fn names_that_come_together_are_told_of_for_a_week() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let config = "version = \"v1\"\nstate = \"state\"\noutput = \"out\"\n\
                  [[tld]]\nname = \"xx\"\nzone = { names = \"names.txt\" }\n";
    std::fs::write(folder.join("panopticon.toml"), config).unwrap();
    write_zone(folder, &[]);
    run(folder, "2026-11-20T10:00:00Z");
    let series = ["jackpotqzxv", "projackpot", "jackpot-now", "best-jackpot", "xjackpotq"];
    write_zone(folder, &[series.as_slice(), &["another-name"]].concat());
    run(folder, "2026-11-21T10:00:00Z");
    assert!(query(folder, "campaigns").is_empty(), "before the day is over");
    run(folder, "2026-11-22T10:00:00Z");
    let rows = query(folder, "campaigns");
    let names: Vec<&str> = rows.iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["best-jackpot.xx", "jackpot-now.xx", "jackpotqzxv.xx", "projackpot.xx", "xjackpotq.xx"]);
    let said = ["day", "kind", "shared", "names", "others"].map(|column| rows[0][column].to_string());
    assert_eq!(said, ["\"2026-11-21\"", "\"substring\"", "\"jackpot\"", "5", "0"]);
    let told = ok(panopticon(folder).args(["explain", "projackpot.xx"]));
    assert!(told.contains("came on 2026-11-21 with 5 names that share `jackpot`, which 0 others"), "{told}");
    let report = ok(panopticon(folder).args(["report", "--tld", "xx", "--day", "2026-11-21"]));
    assert!(report.contains("Names that came on one day and share something rare"), "{report}");
    assert!(report.contains("| 2026-11-21 | jackpot | 5 | 0 | best-jackpot\\[.\\]xx, jackpot-now"), "{report}");
    // Of a name that looks generated it is a reason; of the others no verdict.
    let flagged = query(folder, "algorithmic_names");
    let reasons: Vec<String> = flagged.iter().map(|row| row["reasons"].to_string()).collect();
    assert!(
        reasons.len() == 1 && reasons[0].contains("one of 5 names of 2026-11-21 with `jackpot`"),
        "{reasons:?}"
    );
    assert_eq!(query(folder, "high_risk_names").len(), 1);
    // What is a week old is no news.
    run(folder, "2026-11-30T10:00:00Z");
    assert!(query(folder, "campaigns").is_empty());
}
