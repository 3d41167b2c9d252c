//! `run` as a process that keeps going: it reads on its clocks, publishes, stops when asked, and does not mind being
//! killed.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::{known, ok, panopticon, query};
use crate::scratch;
use crate::server::{Page, Server};

/// However slow the machine is.
const DEADLINE: Duration = Duration::from_secs(120);

pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < DEADLINE, "{what}: not within {DEADLINE:?}");
    }
}

/// One feed from the network and one from a file, read as often as may be.
fn settle(folder: &Path, server: &Server) {
    let config = format!(
        "version = \"v1\"\nstate = \"state\"\noutput = \"out\"\nsuffix_list = \"suffixes.dat\"\npublish_every = \"200ms\"\n\
         [[tld]]\nname = \"xx\"\n\
         [[feed]]\nid = \"net\"\nformat = \"plain\"\nurl = \"{}\"\nevery = \"100ms\"\nabuse_class = \"phishing\"\n\
         [[feed]]\nid = \"file\"\nformat = \"plain\"\npath = \"file.txt\"\nevery = \"50ms\"\nabuse_class = \"scam\"\n",
        server.url("net.txt")
    );
    std::fs::write(folder.join("panopticon.toml"), config).unwrap();
    std::fs::write(folder.join("suffixes.dat"), "xx\n").unwrap();
}

/// What the feeds say from now on. The file is put in place at once.
fn say(folder: &Path, server: &Server, count: usize) {
    let list = (0..=count).map(|n| format!("host{n}.xx\n")).collect::<String>();
    server.put("net.txt", Page::Text(list.clone()));
    std::fs::write(folder.join(".aside"), &list).unwrap();
    std::fs::rename(folder.join(".aside"), folder.join("file.txt")).unwrap();
}

pub(crate) fn start(folder: &Path) -> (Child, BufReader<ChildStderr>) {
    let mut child = panopticon(folder).args(["run", "--no-progress"]).stderr(Stdio::piped()).spawn().unwrap();
    let said = BufReader::new(child.stderr.take().unwrap());
    (child, said)
}

pub(crate) fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

/// Whether both feeds have said and published `host{n}.xx`.
fn published(folder: &Path, n: usize) -> bool {
    let name = format!("observable=host{n}.xx");
    // Files of the first publication appear one after the other.
    let rows = panopticon(folder).args(["query", "indicators", &name, "--format", "csv"]).output().unwrap();
    rows.stdout.iter().filter(|byte| **byte == b'\n').count() == 3
}

/// The rest of what a process says, and how it ends.
pub(crate) fn end(mut child: Child, said: BufReader<ChildStderr>) -> (Option<i32>, String) {
    let said: Vec<String> = said.lines().map(Result::unwrap).collect();
    (child.wait().unwrap().code(), said.join("\n"))
}

#[test]
fn it_reads_publishes_stops_when_asked_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let server = Server::start();
    settle(folder, &server);
    say(folder, &server, 1);
    let (child, said) = start(folder);
    until("the first publication", || published(folder, 1));
    say(folder, &server, 2);
    until("what the feeds say next", || published(folder, 2));
    let before = server.connections();
    until("the next reading", || server.connections() > before + 1);
    signal(&child, "-TERM");
    let (code, text) = end(child, said);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("net: loaded") && text.ends_with("stopping: publishing what is known"), "{text}");
    let (state, out) = (folder.join("state"), folder.join("out"));
    assert!(scratch::check(&state, &out, &["xx"], &[]) >= 1);
    let stopped = known(folder);

    // A second start goes on from there; interrupted by hand it ends as well.
    let (child, said) = start(folder);
    say(folder, &server, 3);
    until("what is new after the second start", || published(folder, 3));
    assert!(known(folder).is_superset(&stopped));
    signal(&child, "-INT");
    let (code, text) = end(child, said);
    assert_eq!(code, Some(0), "{text}");
    assert!(scratch::check(&state, &out, &["xx"], &[]) >= 1);
    assert!(query(folder, "errors").is_empty());
}

#[test]
fn what_was_read_is_published_before_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let server = Server::start();
    settle(folder, &server);
    let file = folder.join("panopticon.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    std::fs::write(file, config.replace("200ms", "1h")).unwrap();
    say(folder, &server, 1);
    let (child, mut said) = start(folder);
    until("the first publication", || published(folder, 1));
    say(folder, &server, 2);
    let mut text = String::new();
    while text.matches("net: loaded").count() < 2 || text.matches("file: loaded").count() < 2 {
        assert!(said.read_line(&mut text).unwrap() > 0, "{text}");
    }
    assert!(!published(folder, 2), "the next publication is an hour away");
    signal(&child, "-TERM");
    assert_eq!(end(child, said).0, Some(0));
    assert!(published(folder, 2));
}

#[test]
fn killed_at_any_moment_it_has_lost_nothing() {
    let (calm, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let folder = folder.path();
    let server = Server::start();
    settle(folder, &server);
    const KILLS: usize = 12;
    for n in 0..KILLS {
        say(folder, &server, n);
        let (mut child, mut said) = start(folder);
        // A moment later each time: after so many words of the process, and after so many requests.
        for _ in 0..n % 3 {
            said.read_line(&mut String::new()).unwrap();
        }
        let begin = server.connections();
        until("a request", || server.connections() >= begin + n / 4);
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let (child, said) = start(folder);
    say(folder, &server, KILLS);
    until("what was said last", || published(folder, KILLS));
    signal(&child, "-TERM");
    assert_eq!(end(child, said).0, Some(0));
    assert!(scratch::check(&folder.join("state"), &folder.join("out"), &["xx"], &[]) >= 1);

    settle(calm.path(), &server);
    say(calm.path(), &server, KILLS);
    ok(panopticon(calm.path()).args(["run", "--once"]));
    assert_eq!(known(folder), known(calm.path()));
    // No line of a change file was told twice.
    let mut ids = std::collections::BTreeSet::new();
    for file in std::fs::read_dir(folder.join("out/changes/xx")).unwrap() {
        for line in std::fs::read_to_string(file.unwrap().path()).unwrap().lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(ids.insert(line["id"].as_str().unwrap().to_owned()), "{line}");
        }
    }
}
