//! Running the program, and comparing what it leaves behind.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use panopticon_datasets::world::{DAYS, RANKS, SIGNING_KEY, SUFFIXES, WorldDay};

use crate::scratch;

/// The program under test, in a folder.
pub(crate) fn panopticon(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_panopticon"));
    command.current_dir(folder).env_remove("PANOPTICON_CONFIG").env("NO_COLOR", "1");
    command
}

/// Runs a command that must end well, and gives its stdout.
pub(crate) fn ok(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    assert!(status.success(), "{command:?}: {status}\n{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}

/// Runs a command that must fail with a code, and gives its stderr.
pub(crate) fn fails(command: &mut Command, code: i32) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&stderr).into_owned();
    assert_eq!(status.code(), Some(code), "{command:?}\n{}{stderr}", String::from_utf8_lossy(&stdout));
    stderr
}

/// The sample world with its feeds as files.
pub(crate) fn settle_world(folder: &Path) {
    let feed = |id: &str, format: &str, file: &str, rest: &str| {
        format!("[[feed]]\nid = \"{id}\"\nformat = \"{format}\"\npath = \"feeds/{file}\"\n{rest}\n")
    };
    let config = [
        "version = \"v1\"\nstate = \"state\"\noutput = \"out\"\nsigning_key = \"signing.key\"\nsuffix_list = \"suffixes.dat\"\n".to_owned(),
        "[[tld]]\nname = \"xx\"\nzone = { file = \"xx.zone\" }\n[[tld]]\nname = \"zz\"\n".to_owned(),
        feed("urlhaus", "urlhaus-csv", "urlhaus.csv", "trusted = true\nabsence = \"retract\""),
        feed("openphish", "openphish-txt", "openphish.txt", "trusted = true\nabsence = { lease = \"2d\" }"),
        feed("desk", "plain", "desk.txt", "abuse_class = \"phishing\""),
        "[ranks]\npath = \"ranks.csv\"\n".to_owned(),
    ];
    std::fs::create_dir_all(folder.join("feeds")).unwrap();
    std::fs::write(folder.join("panopticon.toml"), config.concat()).unwrap();
    std::fs::write(folder.join("signing.key"), SIGNING_KEY).unwrap();
    std::fs::set_permissions(folder.join("signing.key"), std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(folder.join("suffixes.dat"), SUFFIXES).unwrap();
    std::fs::write(folder.join("ranks.csv"), RANKS).unwrap();
}

/// What the feeds say on a day.
pub(crate) fn put_day(folder: &Path, day: &WorldDay) {
    for (name, text) in day.feeds {
        std::fs::write(folder.join("feeds").join(name), text).unwrap();
    }
    std::fs::write(folder.join("xx.zone"), day.zone).unwrap();
}

/// A run at six in the morning of a day.
pub(crate) fn run_of(folder: &Path, day: &WorldDay) -> Command {
    let mut command = panopticon(folder);
    command.args(["run", "--once", "--no-progress", "--now", &format!("{}T06:00:00Z", day.date)]);
    command
}

/// The sample world, lived through.
pub(crate) fn live(folder: &Path, days: usize) {
    settle_world(folder);
    for day in &DAYS[..days] {
        put_day(folder, day);
        ok(&mut run_of(folder, day));
    }
}

/// All rows of a view.
pub(crate) fn query(folder: &Path, view: &str) -> Vec<serde_json::Value> {
    let text = ok(panopticon(folder).args(["query", view, "--format", "json"]));
    if text.is_empty() { Vec::new() } else { serde_json::from_str(&text).unwrap() }
}

/// What is held malicious, and by whom; and what the zone and the ranking say of its names.
pub(crate) fn known(folder: &Path) -> BTreeSet<String> {
    let indicators = query(folder, "indicators");
    let cases = query(folder, "cases");
    let indicators = indicators.iter().map(|row| format!("{} {}", row["observable"], row["feed_ids"]));
    let cases = cases.iter().map(|row| {
        let open = row["ended_at"].is_null();
        format!("{} {} {open} {} {}", row["subject"], row["abuse_class"], row["delegated"], row["rank"])
    });
    indicators.chain(cases).collect()
}

/// The messages about a source as a whole.
pub(crate) fn failures(folder: &Path, source: &str) -> Vec<String> {
    let errors = query(folder, "errors");
    let whole = errors.iter().filter(|row| row["feed_id"] == source && row["line_number"] == 0);
    whole.map(|row| row["message"].as_str().unwrap().to_owned()).collect()
}

/// What is known after so many days on which nothing was wrong.
pub(crate) fn calm(days: usize) -> &'static BTreeSet<String> {
    static CALM: [OnceLock<BTreeSet<String>>; 5] = [const { OnceLock::new() }; 5];
    CALM[days - 1].get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        live(folder.path(), days);
        known(folder.path())
    })
}

/// The third day: everything is as if the second had been like any other.
pub(crate) fn goes_on(folder: &Path) {
    put_day(folder, &DAYS[2]);
    std::fs::write(folder.join("ranks.csv"), RANKS).unwrap();
    ok(run_of(folder, &DAYS[2]).arg("--strict"));
    assert_eq!(known(folder), *calm(3));
    assert!(query(folder, "errors").is_empty(), "what is mended is no longer an error");
    assert_eq!(scratch::check(&folder.join("state"), &folder.join("out"), &["xx", "zz"], &["xx"]), 3);
}

/// Every file below a folder, by its path in it.
pub(crate) fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_owned(), std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// Both folders hold the same files with the same bytes.
pub(crate) fn assert_same_files(left: &Path, right: &Path) {
    let (left, right) = (files(left), files(right));
    let names = |files: &BTreeMap<PathBuf, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&left), names(&right));
    for (path, bytes) in &left {
        assert!(bytes == &right[path], "{} differs", path.display());
    }
}

/// Data that is not in the repository, for tests that say that they skip without it.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let path = std::env::var_os("PANOPTICON_SHARED").map_or(usual, PathBuf::from).join(path);
    path.exists().then_some(path)
}
