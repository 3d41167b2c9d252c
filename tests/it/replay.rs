//! Real histories, rebuilt into lists day by day and lived through with `--now`: every view equals a run from
//! scratch on every day, and being killed on the way changes nothing.
//!
//! The data is not part of the repository: without it these tests say that they skip. `PANOPTICON_REPLAY_DAYS`
//! sets how many days are lived through (8 without it, 60 and more for the record).

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use panopticon_benches::measure::child;
use panopticon_benches::world::mix;
use panopticon_model::time::Day;
use panopticon_model::view::View;

use crate::common::{assert_same_files, ok, panopticon, shared};
use crate::scratch;

pub(crate) const TLDS: [&str; 12] = ["br", "co", "in", "cl", "io", "id", "vn", "ru", "cx", "tl", "gs", "mu"];
pub(crate) const FEEDS: [(&str, &str, &str); 4] = [
    ("urlhaus", "feeds/urlhaus_online_2018-2022.daily_deltas.tsv.zst", "malware"),
    ("gaso", "feeds/gaso_scam_2022-2026.daily_deltas.tsv.zst", "scam"),
    ("polkadot", "feeds/polkadot_phishing_2020-2026.daily_deltas.tsv.zst", "phishing"),
    ("discord", "feeds/discord_phish_2021-2024.daily_deltas.tsv.zst", "phishing"),
];
/// All four histories overlap at the end of this time.
pub(crate) const LAST: &str = "2022-03-14";

/// The daily lists of a feed.
pub(crate) struct History {
    pub(crate) id: &'static str,
    pub(crate) list: BTreeSet<String>,
    deltas: BTreeMap<Day, Vec<(bool, String)>>,
}

impl History {
    pub(crate) fn read(id: &'static str, path: &Path) -> History {
        let file = zstd::Decoder::new(std::fs::File::open(path).unwrap()).unwrap();
        let mut deltas: BTreeMap<Day, Vec<(bool, String)>> = BTreeMap::new();
        for line in BufReader::new(file).lines() {
            let line = line.unwrap();
            let mut fields = line.splitn(3, '\t');
            let (Some(day), Some(sign), Some(value)) = (fields.next(), fields.next(), fields.next()) else {
                continue;
            };
            let Ok(day) = day.parse() else { continue };
            // Some have a family ahead of what is listed.
            let listed = value.rsplit('\t').next().unwrap_or(value);
            deltas.entry(day).or_default().push((!sign.starts_with('-'), listed.to_owned()));
        }
        History { id, list: BTreeSet::new(), deltas }
    }

    /// Brings the list up to a day, and writes it into a folder when it has changed.
    pub(crate) fn put(&mut self, day: Day, feeds: &Path) {
        let later = self.deltas.split_off(&day.next());
        for (is_there, value) in std::mem::replace(&mut self.deltas, later).into_values().flatten() {
            if is_there {
                self.list.insert(value);
            } else {
                self.list.remove(&value);
            }
        }
        let text: String = self.list.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
        std::fs::write(feeds.join(format!("{}.txt", self.id)), text).unwrap();
    }
}

pub(crate) fn histories() -> Option<Vec<History>> {
    FEEDS.iter().map(|(id, path, _)| Some(History::read(id, &shared(path)?))).collect()
}

fn settle(folder: &Path) {
    std::fs::create_dir(folder.join("feeds")).unwrap();
    let mut config = "version = \"v1\"\nstate = \"state\"\noutput = \"out\"\n".to_owned();
    for tld in TLDS {
        config.push_str(&format!("[[tld]]\nname = \"{tld}\"\n"));
    }
    for (id, _, class) in FEEDS {
        config.push_str(&format!(
            "[[feed]]\nid = \"{id}\"\nformat = \"plain\"\npath = \"feeds/{id}.txt\"\nabuse_class = \"{class}\"\ntrusted = true\nabsence = \"retract\"\n"
        ));
    }
    std::fs::write(folder.join("panopticon.toml"), config).unwrap();
}

pub(crate) fn run(folder: &Path, day: Day) -> Command {
    let mut command = panopticon(folder);
    command.args(["run", "--once", "--quiet", "--no-progress", "--now", &format!("{day}T00:00:00Z")]);
    command
}

pub(crate) fn days(usual: u32) -> Vec<Day> {
    let count = std::env::var("PANOPTICON_REPLAY_DAYS").ok().and_then(|days| days.parse().ok()).unwrap_or(usual);
    let last: Day = LAST.parse().unwrap();
    (0..count).rev().map(|back| last.back(back)).collect()
}

/// Lets the run of a day end at one of the named points, another one each time. Some are not passed; then it ends.
fn crash(folder: &Path, day: Day, index: usize) {
    let points =
        ["log.commit", "intent.after", "seal.before", "base.manifest", "log.sync", "seal.after", "base.file"];
    let point = format!("{}:{}", points[index % points.len()], 1 + index % 3);
    let _ = run(folder, day).env("PANOPTICON_CRASH_AT", point).output().unwrap();
}

/// Bytes below a folder.
fn size(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let of = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(data) if data.is_dir() => size(&entry.path()),
        data => data.map_or(0, |data| data.len()),
    };
    entries.flatten().map(of).sum()
}

/// Starts the run of a day and kills it at a random moment: when the log and the tables have so many bytes, or when
/// some file of the publication appears. It may have ended before.
fn kill(folder: &Path, day: Day, bytes: u64, random: u64) {
    let mut child = run(folder, day).stderr(Stdio::null()).spawn().unwrap();
    let views = View::ALL;
    let view = views[(random >> 8) as usize % views.len()].as_str();
    let tld = TLDS[(random >> 16) as usize % TLDS.len()];
    let part = folder.join(format!("out/view={view}/tld={tld}/date={day}"));
    let state = folder.join("state");
    let begin = size(&state);
    let upto = begin + random % bytes.max(1);
    let come = || if random.is_multiple_of(2) { part.exists() } else { size(&state) > upto };
    while child.try_wait().unwrap().is_none() && !come() {}
    let _ = child.kill();
    child.wait().unwrap();
}

#[test]
fn real_histories_equal_a_run_from_scratch() {
    let (Some(mut calm), Some(mut killed)) = (histories(), histories()) else {
        eprintln!("skipped: the histories are not here");
        return;
    };
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    settle(one.path());
    settle(two.path());
    let days = days(8);
    let (mut rows, mut cpu, mut peak) = (0, Duration::ZERO, 0);
    for (index, day) in days.iter().enumerate() {
        calm.iter_mut().for_each(|history| history.put(*day, &one.path().join("feeds")));
        let before = size(&one.path().join("state"));
        let (said, took, memory) = child(&mut run(one.path(), *day)).unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        rows += calm.iter().map(|history| history.list.len()).sum::<usize>();
        (cpu, peak) = (cpu + took.cpu, peak.max(memory));
        killed.iter_mut().for_each(|history| history.put(*day, &two.path().join("feeds")));
        // Twice it ends before it is done; the one or the other is the first to touch the day.
        let written = size(&one.path().join("state")) - before;
        let random = mix(index as u64);
        if index % 2 == 0 {
            crash(two.path(), *day, index);
            kill(two.path(), *day, written, random);
        } else {
            kill(two.path(), *day, written, random);
            crash(two.path(), *day, index);
        }
        ok(&mut run(two.path(), *day));
    }
    assert_same_files(&one.path().join("out"), &two.path().join("out"));
    let compared = scratch::check(&one.path().join("state"), &one.path().join("out"), &TLDS, &[]);
    assert_eq!(compared, days.len());
    // The days that are over are published again, by the one that was killed on the way too.
    for folder in [one.path(), two.path()] {
        let span = ["--from", &days[0].to_string(), "--to", LAST].map(str::to_owned);
        ok(panopticon(folder).arg("replay").args(span).args(["--output", "again"]));
    }
    let (seconds, mib) = (cpu.as_secs_f64(), peak >> 20);
    eprintln!(
        "{compared} days up to {LAST} equal a run from scratch: {rows} rows read, {seconds:.1} CPU-s, {mib} MiB"
    );
}
