//! The sample world, from feeds to files.

use std::path::Path;

use panopticon_datasets::world::DAYS;
use panopticon_model::observation::Plan;
use panopticon_model::view::View;

use crate::common::{assert_same_files, live, ok, panopticon, put_day, run_of, settle_world};
use crate::scratch;

/// What the documents say of the demo's cases.
const VERDICTS: &str = include_str!("../../docs/verdicts.md");

#[test]
fn the_demo_tells_its_story() {
    let folder = tempfile::tempdir().unwrap();
    let told = ok(panopticon(folder.path()).args(["demo", "--output", "world"]));
    insta::assert_snapshot!(told);
    let world = folder.path().join("world");
    let plan = Plan {
        delegation: true,
        filters: vec!["quad9".into()],
        vantages: vec!["ch".into(), "nz".into()],
        tie: Some("ch+browser".into()),
        web_risk: true,
        rdap_tlds: ["xx".into(), "zz".into()].into(),
        ..Plan::default()
    };
    let (state, out) = (world.join("state"), world.join("out"));
    assert_eq!(
        scratch::check_measured(
            &state,
            &out,
            &["xx", "zz"],
            &["xx"],
            &plan,
            &scratch::policies(&["urlhaus", "openphish"])
        ),
        5
    );
    let explained = ok(panopticon(&world).args(["explain", "hxxps://bank-secure[.]xx/"]));
    insta::assert_snapshot!("explained", explained);
    for block in VERDICTS.split("```console\n").skip(1) {
        let (command, told) = block.split_once('\n').unwrap();
        let args = command.strip_prefix("$ panopticon ").unwrap().split(' ');
        let said = ok(panopticon(&world).args(args));
        let head = said.trim_end().split("\n  measured\n").next().unwrap();
        assert_eq!(told.split("\n```").next().unwrap(), head, "docs/verdicts.md: {command}");
    }
    let leased = ok(panopticon(&world).args(["explain", "shop.xx", "--as-of", "2025-03-04"]));
    assert!(leased.contains("by a running lease"), "{leased}");
    assert_arke_plays_the_same(&out);
    assert_nobody_is_named(&world, &told);
}

/// What the played RDAP says of a holder, and the form in which it may hide in files.
const PLANTED: [&str; 5] = ["Jane Planted", "jane.planted", "private.example", "555 0177", "Planted Street"];

/// The RDAP of the demo names holders; nothing that is printed, published or kept names them.
fn assert_nobody_is_named(world: &Path, told: &str) {
    let encoded = |text: &str| {
        let hex: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        [text.to_owned(), text.to_lowercase(), hex]
    };
    let holds = |bytes: &[u8]| {
        let planted = PLANTED.iter().flat_map(|text| encoded(text));
        planted.into_iter().find(|text| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
    };
    assert_eq!(holds(told.as_bytes()), None, "the output");
    let mut files = 0;
    for (path, bytes) in crate::common::files(world) {
        files += 1;
        assert_eq!(holds(&bytes), None, "{}", path.display());
        if let Ok(plain) = zstd::decode_all(bytes.as_slice()) {
            assert_eq!(holds(&plain), None, "{}, unpacked", path.display());
        }
    }
    assert!(files > 50, "{files} files");
    // Columns of Parquet are packed: they are asked for.
    let mut rows = 0;
    for view in View::ALL {
        for tld in ["xx", "zz", "_"] {
            let asked =
                panopticon(world).args(["query", view.as_str(), "--tld", tld, "--format", "jsonl"]).output();
            let said = asked.unwrap().stdout;
            rows += said.split(|byte| *byte == b'\n').count();
            assert_eq!(holds(&said), None, "{} of {tld}", view.as_str());
        }
    }
    assert!(rows > 50, "{rows} rows");
}

/// The demo of arke plays the records that this demo publishes; the last day is open, and its last instant depends on
/// how many probes ended at once.
fn assert_arke_plays_the_same(out: &Path) {
    for tld in ["xx", "zz"] {
        for day in 1..=5 {
            let published = out.join(format!("records/{tld}/records-2025-03-0{day}.sql"));
            let kept = format!("{}/arke/assets/demo/{tld}-{day}.sql", env!("CARGO_MANIFEST_DIR"));
            if std::env::var_os("UPDATE_GOLDEN").is_some() {
                std::fs::copy(&published, &kept).unwrap();
            }
            let (published, kept) = (std::fs::read(&published).unwrap(), std::fs::read(&kept).unwrap());
            assert!(day == 5 || published == kept, "{tld} of day {day} differs; set UPDATE_GOLDEN=1 to take it");
        }
    }
}

#[test]
fn files_and_loopback_give_the_same_views() {
    let folder = tempfile::tempdir().unwrap();
    live(folder.path(), DAYS.len());
    let (state, out) = (folder.path().join("state"), folder.path().join("out"));
    assert_eq!(scratch::check(&state, &out, &["xx", "zz"], &["xx"]), 5);
}

#[test]
fn running_again_changes_nothing() {
    let (once, twice) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    live(once.path(), 3);
    settle_world(twice.path());
    for day in &DAYS[..3] {
        put_day(twice.path(), day);
        ok(&mut run_of(twice.path(), day));
        ok(&mut run_of(twice.path(), day));
    }
    assert_same_closed_days(once.path(), twice.path());
}

#[test]
fn two_workers_publish_the_same_bytes() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    live(one.path(), 3);
    settle_world(two.path());
    let file = two.path().join("panopticon.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    std::fs::write(file, config.replacen("state =", "workers = 2\nstate =", 1)).unwrap();
    for day in &DAYS[..3] {
        put_day(two.path(), day);
        ok(&mut run_of(two.path(), day));
    }
    assert_same_files(&one.path().join("out"), &two.path().join("out"));
}

/// The partitions of the first two days, which are closed.
fn assert_same_closed_days(left: &Path, right: &Path) {
    for view in ["cases", "indicators", "evidence", "daily_diffs"] {
        for date in ["2025-03-01", "2025-03-02"] {
            let part = format!("out/view={view}/tld=xx/date={date}/part-0.parquet");
            let read = |folder: &Path| std::fs::read(folder.join(&part)).unwrap();
            assert!(read(left) == read(right), "{part} differs");
        }
    }
}
