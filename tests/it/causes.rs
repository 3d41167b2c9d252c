//! Every cause of a change, and every change: a small history for each, and the row that it gives, in the answer of
//! `diff`, in the change file and in Parquet.

use std::collections::BTreeMap;
use std::path::Path;

use panopticon_datasets::log::{PublishIntent, Sealed};
use panopticon_datasets::store::Store;
use panopticon_datasets::tables::Tables;
use panopticon_model::id::{Id, IdKind};
use panopticon_model::view::Standing;
use panopticon_sinks::{Lists, Measurements, Publication, Views};
use serde_json::Value;
use tempfile::TempDir;

use crate::common::{fails, ok, panopticon, query};

const HEAD: &str = "version = \"v1\"\nstate = \"state\"\noutput = \"out\"\nsuffix_list = \"suffixes.dat\"\n";
const TLD: &str = "[[tld]]\nname = \"xx\"\n";
const DESK: &str =
    "[[feed]]\nid = \"desk\"\nformat = \"plain\"\npath = \"desk.txt\"\nabuse_class = \"phishing\"\n";
const OTHER: &str = "[[feed]]\nid = \"other\"\nformat = \"plain\"\npath = \"other.txt\"\nmax_shrink = 100\n";
const WINDOW: &str =
    "[[feed]]\nid = \"window\"\nformat = \"openphish-txt\"\npath = \"window.txt\"\nabsence = { lease = \"1d\" }\n";
const HAUS: &str =
    "[[feed]]\nid = \"haus\"\nformat = \"urlhaus-csv\"\npath = \"haus.csv\"\nabsence = \"retract\"\n";

/// A history in a folder of its own. Its days are in March 2025, its runs at noon.
struct History(TempDir);

impl History {
    fn new() -> History {
        let history = History(tempfile::tempdir().unwrap());
        history.put("panopticon.toml", &[HEAD, TLD, DESK, OTHER, WINDOW, HAUS].concat());
        history.put("suffixes.dat", "xx\nyy\n");
        // A name that stays, so that no list is ever empty.
        for list in ["desk.txt", "other.txt"] {
            history.put(list, "constant.xx\n");
        }
        history.put("window.txt", "http://constant.xx/\n");
        history.haus("online");
        history
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn put(&self, file: &str, text: &str) {
        std::fs::write(self.path().join(file), text).unwrap();
    }

    fn list(&self, file: &str, name: &str) {
        self.put(file, &format!("constant.xx\n{name}\n"));
    }

    fn haus(&self, status: &str) {
        let row = |id: u8, host: &str, status: &str| {
            format!(
                "\"{id}\",\"2025-02-27 16:02:21\",\"http://{host}/a\",\"{status}\",\"\",\"malware\",\"\",\"\",\"\"\n"
            )
        };
        self.put("haus.csv", &[row(1, "constant.xx", "online"), row(2, "files.xx", status)].concat());
    }

    /// Runs on a day of March 2025, and gives what the day changed so far: subject and class to change and cause.
    fn run(&self, day: u8) -> BTreeMap<String, String> {
        let now = format!("2025-03-{day:02}T12:00:00Z");
        ok(panopticon(self.path()).args(["run", "--once", "--strict", "--quiet", "--now", &now]));
        self.told(day)
    }

    fn told(&self, day: u8) -> BTreeMap<String, String> {
        let date = format!("2025-03-{day:02}");
        let diff = ok(panopticon(self.path()).args(["diff", &date, "--tld", "xx", "--format", "jsonl"]));
        let diff: Vec<Value> = diff.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let rows = query(self.path(), "daily_diffs");
        assert_eq!(rows, diff, "`diff` says what Parquet holds");
        // The lines of the change file, applied in order, come to the same.
        let mut net: BTreeMap<String, (Value, Value)> = BTreeMap::new();
        let lines = std::fs::read_to_string(self.path().join(format!("out/changes/xx/{date}.jsonl")));
        for line in lines.unwrap_or_default().lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let id = line["subject_id"].as_str().unwrap().to_owned();
            let (before, after) = (line["before"].clone(), line["after"].clone());
            net.entry(id).or_insert((before, Value::Null)).1 = after;
            let row = diff.iter().find(|row| row["subject_id"] == line["subject_id"]);
            if let Some(row) = row.filter(|row| text(row, "cause") != "evidence") {
                assert_eq!(row["cause"], line["cause"]);
            }
        }
        net.retain(|_, (before, after)| before != after);
        let states = |row: &Value| {
            let state = |key| row[key].as_str().map_or(Value::Null, |text| serde_json::from_str(text).unwrap());
            (text(row, "subject_id"), (state("before"), state("after")))
        };
        assert_eq!(net, diff.iter().map(states).collect(), "change file of {date}");
        // An id is that of the case, and the same wherever subject and class are.
        for row in &diff {
            assert_eq!(text(row, "subject_id"), id_of(row), "{row}");
        }
        diff.iter().map(|row| (name_of(row), format!("{} {}", text(row, "change"), text(row, "cause")))).collect()
    }

    fn mark(&self, day: u8, decision: &str, more: &[&str]) -> BTreeMap<String, String> {
        let now = format!("2025-03-{day:02}T13:00:00Z");
        let args = ["mark", "shop.xx", decision, "--reason", "checked", "--quiet", "--now", &now];
        ok(panopticon(self.path()).args(args).args(more));
        self.told(day)
    }
}

fn text(row: &Value, key: &str) -> String {
    row[key].as_str().unwrap().to_owned()
}

fn class_of(row: &Value) -> String {
    let state = row["after"].as_str().or(row["before"].as_str()).unwrap();
    text(&serde_json::from_str(state).unwrap(), "abuse_class")
}

fn name_of(row: &Value) -> String {
    format!("{} {}", text(row, "subject"), class_of(row))
}

/// The id that subject and class have, by the words of the documents.
fn id_of(row: &Value) -> String {
    Id::derive(IdKind::Case, &[text(row, "subject").as_bytes(), class_of(row).as_bytes()]).to_string()
}

fn rows<const N: usize>(rows: [(&str, &str); N]) -> BTreeMap<String, String> {
    rows.map(|(name, change)| (name.to_owned(), change.to_owned())).into()
}

#[test]
fn evidence_adds_changes_resolves_recurs_expires_and_withdraws() {
    let history = History::new();
    assert_eq!(history.run(1).len(), 3, "the first day is news");
    history.list("desk.txt", "shop.xx");
    assert_eq!(history.run(2), rows([("shop.xx phishing", "added evidence")]));
    history.put("window.txt", "http://constant.xx/\nhttp://shop.xx/\n");
    history.haus("offline");
    let changed = [("files.xx malware", "resolved evidence"), ("shop.xx phishing", "changed evidence")];
    assert_eq!(history.run(3), rows(changed));
    history.haus("online");
    assert_eq!(history.run(4), rows([("files.xx malware", "recurred evidence")]));
    assert_eq!(history.mark(5, "false-positive", &[]), rows([("shop.xx phishing", "withdrawn evidence")]));
    assert_eq!(history.mark(6, "none", &[]), rows([("shop.xx phishing", "changed evidence")]));
    history.put("desk.txt", "constant.xx\nlate.xx\n");
    assert_eq!(
        history.run(7),
        rows([("late.xx phishing", "added evidence"), ("shop.xx phishing", "changed evidence")])
    );
    history.put("desk.txt", "constant.xx\n");
    assert_eq!(history.run(8), rows([("late.xx phishing", "expired evidence")]));
    assert_eq!(history.run(9), rows([]), "nothing said, nothing changed");
}

/// What `arke marks export --format json` writes, of these rows.
fn exported(rows: &str) -> String {
    format!("{{\"schema\": \"arke.marks/v1\", \"rows\": [{rows}]}}")
}

#[test]
fn marks_of_a_desk_are_taken_over_and_end_with_its_list() {
    let history = History::new();
    history.list("desk.txt", "shop.xx");
    history.run(1);
    let import = |day: u8, rows: &str| {
        history.put("marks.json", &exported(rows));
        let now = format!("2025-03-{day:02}T13:00:00Z");
        let done = panopticon(history.path())
            .args(["marks", "import", "marks.json", "--tld", "xx", "--now", &now])
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
        (String::from_utf8(done.stderr).unwrap(), history.told(day))
    };
    let row = |name: &str, reason: &str| {
        format!(
            "{{\"name\": \"{name}\", \"mark\": \"false-positive\", \"reason\": \"{reason}\", \"until\": null}}"
        )
    };
    let ours = row("shop.xx", "asked jane@mail.example");
    let others = row("bank.yy", "no name of ours");
    let (said, told) = import(2, &format!("{ours}, {others}"));
    assert_eq!(said, "marks of .xx: 1 set, 0 ended, 0 as before, 1 passed over\n");
    assert_eq!(told, rows([("shop.xx phishing", "withdrawn evidence")]));
    let listed = ok(panopticon(history.path()).args(["marks", "list", "--format", "csv"]));
    let held = "shop.xx,false-positive,registry's desk: asked [email],2025-03-02T13:00:00.000Z,";
    assert_eq!(listed, format!("marked,mark,reason,since,until\n{held}\n"));

    // The same list once more changes nothing. Without the name its mark ends, and an operator's stays.
    assert_eq!(import(3, &ours), ("marks of .xx: 0 set, 0 ended, 1 as before, 0 passed over\n".into(), rows([])));
    let args = ["mark", "constant.xx", "false-positive", "--reason", "ours", "--now", "2025-03-04T09:00:00Z"];
    ok(panopticon(history.path()).args(args));
    let (said, told) = import(4, &row("constant.xx", "theirs"));
    assert_eq!(said, "marks of .xx: 0 set, 1 ended, 1 as before, 0 passed over\n");
    assert_eq!(told["shop.xx phishing"], "changed evidence");
    assert_eq!(told["constant.xx phishing"], "withdrawn evidence", "an operator's mark");
    assert_eq!(import(5, ""), ("marks of .xx: 0 set, 0 ended, 0 as before, 0 passed over\n".into(), rows([])));

    history.put("marks.json", "{\"schema\": \"arke.marks/v9\", \"rows\": []}");
    let refused = fails(panopticon(history.path()).args(["marks", "import", "marks.json", "--tld", "xx"]), 1);
    assert!(refused.contains("`marks.json` is `arke.marks/v9`, not `arke.marks/v1`"), "{refused}");
}

#[test]
fn age_ends_leases_and_marks() {
    let history = History::new();
    history.put("window.txt", "http://constant.xx/\nhttp://shop.xx/\n");
    history.run(1);
    history.put("window.txt", "http://constant.xx/\n");
    assert_eq!(history.run(2), rows([]), "the lease runs");
    assert_eq!(history.run(3), rows([("shop.xx phishing", "expired age")]));
    history.list("desk.txt", "shop.xx");
    assert_eq!(history.run(4), rows([("shop.xx phishing", "changed evidence")]));
    let marked = history.mark(5, "false-positive", &["--until", "2025-03-06T08:00:00Z"]);
    assert_eq!(marked, rows([("shop.xx phishing", "withdrawn evidence")]));
    assert_eq!(history.run(6), rows([("shop.xx phishing", "changed age")]));
}

#[test]
fn policy_is_what_the_registry_wants_to_see() {
    let history = History::new();
    let with = |tlds: &str| history.put("panopticon.toml", &[HEAD, tlds, DESK, OTHER, WINDOW, HAUS].concat());
    with("[[tld]]\nname = \"yy\"\n");
    history.list("desk.txt", "shop.xx");
    let now = "2025-03-01T12:00:00Z";
    ok(panopticon(history.path()).args(["run", "--once", "--quiet", "--now", now]));
    assert!(query(history.path(), "cases").is_empty());
    // The lists have not changed since; their rows under the new TLD are in the archive.
    with(&format!("{TLD}[[tld]]\nname = \"yy\"\n"));
    let told = history.run(2);
    assert_eq!(told["shop.xx phishing"], "added policy");
    assert!(told.values().all(|change| change == "added policy"), "{told:?}");
    assert!(history.run(3).is_empty());
}

#[test]
fn suffix_rules_move_cases_to_other_names() {
    let history = History::new();
    history.list("desk.txt", "media.co.xx");
    assert_eq!(history.run(1)["co.xx phishing"], "added evidence");
    history.put("suffixes.dat", "xx\nyy\nco.xx\n");
    let moved = [("co.xx phishing", "withdrawn suffix"), ("media.co.xx phishing", "added suffix")];
    assert_eq!(history.run(2), rows(moved));
    let tld = "[[tld]]\nname = \"xx\"\nregistrable_at = [\"xx\"]\n";
    history.put("panopticon.toml", &[HEAD, tld, DESK, OTHER, WINDOW, HAUS].concat());
    let back = [("co.xx phishing", "added suffix"), ("media.co.xx phishing", "withdrawn suffix")];
    assert_eq!(history.run(3), rows(back), "the registry's own rules count before the list");
}

#[test]
fn a_feed_that_is_removed_is_no_clean_up() {
    let history = History::new();
    history.list("desk.txt", "shop.xx");
    history.run(1);
    history.put("panopticon.toml", &[HEAD, TLD, OTHER, WINDOW, HAUS].concat());
    let told = history.run(2);
    // The constant name is still in the window of another feed.
    let gone = [("constant.xx phishing", "changed feed-removed"), ("shop.xx phishing", "expired feed-removed")];
    assert_eq!(told, rows(gone));
}

#[test]
fn a_class_that_becomes_known_reclassifies() {
    let history = History::new();
    history.list("other.txt", "shop.xx");
    assert_eq!(history.run(1)["shop.xx other"], "added evidence");
    history.list("desk.txt", "shop.xx");
    let taken = [("shop.xx other", "withdrawn reclassified"), ("shop.xx phishing", "added evidence")];
    assert_eq!(history.run(2), rows(taken));
}

#[test]
fn zone_and_rank_are_no_news() {
    let history = History::new();
    let tld = "[[tld]]\nname = \"xx\"\nzone = { file = \"xx.zone\" }\n[ranks]\npath = \"ranks.csv\"\n";
    history.put("panopticon.toml", &[HEAD, tld, DESK, OTHER, WINDOW, HAUS].concat());
    let zone = "$ORIGIN xx.\n$TTL 1d\n@ SOA ns.nic.xx. host.nic.xx. 1 1d 1d 1d 1d\n@ NS ns.nic.xx.\n";
    history.put("xx.zone", zone);
    history.put("ranks.csv", "1,elsewhere.example\n");
    history.run(1);
    history.put("xx.zone", &format!("{}constant NS ns.example.\n", zone.replace(" 1 1d", " 2 1d")));
    history.put("ranks.csv", "1,elsewhere.example\n2,constant.xx\n");
    assert_eq!(history.run(2), rows([]));
    let cases = query(history.path(), "cases");
    let constant = cases.iter().find(|row| row["subject"] == "constant.xx").unwrap();
    assert_eq!((&constant["delegated"], &constant["rank"]), (&true.into(), &2.into()));
}

#[test]
fn a_program_that_judges_otherwise_says_so() {
    let history = History::new();
    history.list("desk.txt", "shop.xx");
    history.run(1);
    // An earlier program saw no case in what the lists say: its publication of the day is empty.
    let mut old = Store::open(&history.path().join("state")).unwrap();
    old.replay(&mut |_| -> Result<(), panopticon_datasets::store::StoreError> { Ok(()) }).unwrap();
    let last = old.last_sealed().unwrap().clone();
    let program = "panopticon 0.0.1".to_owned();
    let intent =
        PublishIntent { number: last.number + 1, upto: last.upto, closes: None, program: program.clone() };
    old.intend(&intent).unwrap();
    let standing = Standing::default();
    let publication = Publication {
        earlier: None,
        out: &history.path().join("out"),
        day: last.upto.day(),
        as_of: last.upto,
        closed: false,
        program: &program,
        tlds: &["xx".to_owned()],
        key: None,
    };
    let tables = Tables::default();
    let nothing = Views {
        standing: &standing,
        sightings: &BTreeMap::new(),
        errors: Box::new(std::iter::empty()),
        feeds: Box::new(std::iter::empty()),
        daily: &[],
        measurements: Measurements {
            observations: &tables.observations,
            verdicts: &tables.verdicts,
            ranks: &tables.ranks,
            protected_names: &tables.protected_names,
            vantages: &[],
            filter: None,
        },
        lists: Lists { targets: &tables.targets, marks: &tables.marks, campaigns: &tables.campaigns },
    };
    publication.write(nothing).unwrap();
    old.seal(&Sealed { number: intent.number, program, ..last }).unwrap();
    drop(old);
    assert!(query(history.path(), "cases").is_empty());
    ok(panopticon(history.path()).args(["run", "--once", "--quiet", "--now", "2025-03-01T13:00:00Z"]));
    let changes = std::fs::read_to_string(history.path().join("out/changes/xx/2025-03-01.jsonl")).unwrap();
    let program: Vec<Value> = changes
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &Value| line["cause"] == "program")
        .collect();
    let shop = program.iter().find(|line| line["subject"] == "shop.xx").unwrap();
    assert_eq!((&shop["change"], &shop["before"]), (&"added".into(), &Value::Null));
    assert_eq!(program.len(), query(history.path(), "cases").len());
}
