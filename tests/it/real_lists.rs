//! Real lists of six publishers, whole, as they stood at the end of what is known of them, through `feeds check`: every line
//! is a row or a fault that says why.
//!
//! The data is not part of the repository: without it this test says that it skips.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

use panopticon_model::time::Day;

use crate::common::{ok, panopticon, shared};
use crate::replay::History;

/// Histories from which a list is made: its name, the format that it is in, and the file.
const LISTS: [(&str, &str, &str); 6] = [
    ("discord", "plain", "feeds/discord_phish_2021-2024.daily_deltas.tsv.zst"),
    ("durablenapkin", "hosts", "feeds/durablenapkin_scam_2019-2026.daily_deltas.tsv.zst"),
    ("gaso", "plain", "feeds/gaso_scam_2022-2026.daily_deltas.tsv.zst"),
    ("maltrail", "maltrail", "feeds/maltrail_2026-01_2026-08.daily_deltas.tsv.zst"),
    ("polkadot", "plain", "feeds/polkadot_phishing_2020-2026.daily_deltas.tsv.zst"),
    ("urlhaus", "plain", "feeds/urlhaus_online_2018-2022.daily_deltas.tsv.zst"),
];
const BLACKBOOK: &str = "feeds/blackbook_2018-10_2024-09.csv.zst";
/// After the last day of each history.
const END: &str = "2026-09-01";

fn settle(folder: &Path) -> Option<()> {
    let feeds = folder.join("feeds");
    std::fs::create_dir(&feeds).unwrap();
    let mut config = "version = \"v1\"\nstate = \"state\"\noutput = \"out\"\n".to_owned();
    for tld in ["com", "info", "org", "ru", "top", "xyz"] {
        write!(config, "[[tld]]\nname = \"{tld}\"\n").unwrap();
    }
    let mut feed = |id: &str, format: &str| {
        write!(config, "[[feed]]\nid = \"{id}\"\nformat = \"{format}\"\npath = \"feeds/{id}.txt\"\n").unwrap();
    };
    let mut blackbook = Vec::new();
    let packed = std::fs::File::open(shared(BLACKBOOK)?).unwrap();
    zstd::Decoder::new(packed).unwrap().read_to_end(&mut blackbook).unwrap();
    std::fs::write(feeds.join("blackbook.txt"), blackbook).unwrap();
    feed("blackbook", "blackbook-csv");
    let end: Day = END.parse().unwrap();
    for (id, format, file) in LISTS {
        History::read(id, &shared(file)?).put(end, &feeds);
        feed(id, format);
    }
    std::fs::write(folder.join("panopticon.toml"), config).unwrap();
    Some(())
}

#[test]
fn real_lists_are_read_whole() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    if settle(folder).is_none() {
        #[allow(clippy::print_stderr, reason = "a skipped test says so")]
        {
            eprintln!("skipped: the real lists are not here");
        }
        return;
    }
    ok(panopticon(folder).args(["run", "--once", "--quiet", "--now", "2026-09-01T00:00:00Z"]));
    let rows = |view: &str| {
        let text = ok(panopticon(folder).args(["query", view, "--format", "jsonl"]));
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<serde_json::Value>>()
    };
    let mut shown = String::new();
    for feed in rows("feeds") {
        let of = |column: &str| feed[column].to_string();
        writeln!(shown, "{}: {} rows, {} kept, {} faulty", of("feed_id"), of("rows"), of("kept"), of("errors"))
            .unwrap();
    }
    let mut causes: BTreeMap<String, usize> = BTreeMap::new();
    for error in rows("errors") {
        let message = error["message"].as_str().unwrap();
        // What is in quotes is the row's own, and stays out of the repository.
        let cause: String = message.split('`').step_by(2).collect::<Vec<_>>().join("…");
        *causes.entry(format!("{} {cause}", error["feed_id"])).or_default() += 1;
    }
    for (cause, count) in causes {
        writeln!(shown, "{count} times {cause}").unwrap();
    }
    insta::assert_snapshot!("real_lists", shown);
}
