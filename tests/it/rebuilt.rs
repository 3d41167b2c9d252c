//! `replay`: days that are over, published again from the log, equal what was published, to the octet.

use panopticon_datasets::world::DAYS;

use crate::common::{fails, live, ok, panopticon};

#[test]
fn days_that_are_over_are_published_again_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    live(folder, DAYS.len());
    let replay = |from: &str, to: &str, output: &str| {
        let mut command = panopticon(folder);
        command.args(["replay", "--from", from, "--to", to, "--output", output]);
        command
    };
    // The last day of the world is not over.
    let output = replay("2025-03-01", "2025-03-05", "all").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && said.contains("4 days, 2025-03-01 to 2025-03-04"), "{said}");
    let same = |view: &str, day: &str| {
        let file = format!("view={view}/tld=xx/date={day}/part-0.parquet");
        let read = |out: &str| std::fs::read(folder.join(out).join(&file)).unwrap();
        assert_eq!(read("all"), read("out"), "{file}");
    };
    for view in ["cases", "daily_diffs", "high_risk_names"] {
        same(view, "2025-03-02");
        same(view, "2025-03-04");
    }
    // From a base in the middle.
    assert!(replay("2025-03-03", "2025-03-03", "one").output().unwrap().status.success());

    // A file that somebody changed is named, and one that is gone.
    let records = folder.join("out/records/xx/records-2025-03-02.sql");
    let text = std::fs::read_to_string(&records).unwrap();
    std::fs::write(&records, text.replacen("2025", "2026", 1)).unwrap();
    std::fs::remove_file(folder.join("out/changes/xx/2025-03-01.jsonl")).unwrap();
    let said = fails(&mut replay("2025-03-01", "2025-03-02", "again"), 4);
    assert!(said.contains("records/xx/records-2025-03-02.sql differs"), "{said}");
    assert!(said.contains("changes/xx/2025-03-01.jsonl is no longer"), "{said}");

    assert!(fails(&mut replay("2025-03-01", "2025-03-02", "again"), 1).contains("is not empty"));
    assert!(fails(&mut replay("2025-03-05", "2025-03-05", "none"), 1).contains("no day from 2025-03-05"));
    assert!(fails(&mut replay("2025-03-02", "2025-03-01", "none"), 1).contains("is after"));
    // Nothing of the state was touched.
    ok(panopticon(folder).args(["query", "cases", "--tld", "xx"]));
}
