//! Files: all there, whole, masked, and the same whenever they are written.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::world::world;

/// Every file under a folder, by its path in it.
pub(crate) fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    files
}

#[test]
fn written_twice_the_bytes_are_the_same() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let written = world(false).write(one.path()).unwrap();
    assert_eq!(files(one.path()).len(), written.len());
    world(false).write(two.path()).unwrap();
    world(false).write(two.path()).unwrap();
    assert!(files(one.path()) == files(two.path()));
}

#[test]
fn every_partition_has_its_file() {
    let out = tempfile::tempdir().unwrap();
    world(false).write(out.path()).unwrap();
    let names: Vec<String> = files(out.path()).keys().map(|path| path.display().to_string()).collect();
    let partition = |view: &str, tld: &str| format!("view={view}/tld={tld}/date=2026-11-22/part-0.parquet");
    let mut expected = vec!["views.sql".to_owned()];
    expected.extend(["_", "xx", "zz"].map(|tld| partition("indicators", tld)));
    expected.extend(["_", "xx", "zz"].map(|tld| partition("evidence", tld)));
    let of_tlds = [
        "cases",
        "daily_diffs",
        "observations",
        "probe_requests",
        "validated_indicators",
        "remedies",
        "remediation_times",
        "feed_scores",
        "typosquats",
        "algorithmic_names",
        "high_risk_names",
        "campaigns",
    ];
    expected.extend(of_tlds.iter().flat_map(|view| ["xx", "zz"].map(|tld| partition(view, tld))));
    expected.extend(["errors", "feeds"].map(|view| partition(view, "_")));
    for tld in ["xx", "zz"] {
        expected.extend(
            ["manifest.json", "records.sql", "records-2026-11-22.sql"].map(|name| format!("records/{tld}/{name}")),
        );
    }
    expected.sort_unstable();
    assert_eq!(names, expected);
}

#[test]
fn a_file_aside_from_a_crash_is_in_nobodys_way() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    world(false).write(one.path()).unwrap();
    let folder = two.path().join("records/xx");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(".records.sql.tmp"), "torn").unwrap();
    world(false).write(two.path()).unwrap();
    assert!(files(one.path()) == files(two.path()));
}
