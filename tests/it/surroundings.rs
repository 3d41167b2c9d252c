//! What goes wrong around the program: clocks, disks, folders, a second process. The third day goes on all the same.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::Command;

use panopticon_datasets::world::DAYS;

use crate::common::{fails, files, goes_on, known, live, ok, panopticon, put_day, query, run_of};

#[test]
fn our_own_clock_jumps() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    live(folder, 2);
    let (state, out) = (files(&folder.join("state")), files(&folder.join("out")));
    put_day(folder, &DAYS[2]);
    let at = |now: &str| {
        let mut command = panopticon(folder);
        command.args(["run", "--once", "--now", now]);
        command
    };
    for (now, words) in
        [("2025-03-02T05:59:59.999Z", "lies before the last run"), ("1970-01-01", "before the last run")]
    {
        let said = fails(&mut at(now), 1);
        assert!(said.contains(words) && said.contains("hint: check the clock of this machine"), "{said}");
    }
    // This machine is years ahead of the sample world: whoever starts without `--now` is told so.
    for args in [&["run", "--once"][..], &["run"], &["mark", "shop.xx", "false-positive", "--reason", "x"]] {
        let said = fails(panopticon(folder).args(args), 1);
        assert!(
            said.contains("more than a day after the last run") && said.contains("`panopticon run --once --now "),
            "{said}"
        );
    }
    fails(&mut at("2025-02-30"), 2);
    assert!(state == files(&folder.join("state")), "what was refused has left no trace");
    assert!(out == files(&folder.join("out")));
    goes_on(folder);
}

#[test]
fn two_processes_on_one_state() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    live(folder, 1);
    put_day(folder, &DAYS[1]);
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let file = folder.join("panopticon.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    let url = format!("url = \"http://{}/desk.txt\"", server.local_addr().unwrap());
    std::fs::write(&file, config.replace("path = \"feeds/desk.txt\"", &url)).unwrap();
    let mut first = run_of(folder, &DAYS[1]).args(["--strict", "--quiet"]).spawn().unwrap();
    // The first process holds the state and waits for its feed.
    let (mut feed, _) = server.accept().unwrap();
    for args in [
        &["run", "--once", "--now", "2025-03-02T06:00:00Z"][..],
        &["run"],
        &["mark", "shop.xx", "false-positive", "--reason", "x", "--now", "2025-03-02T06:00:00Z"],
        &["feeds", "accept", "desk", "--now", "2025-03-02T06:00:00Z"],
    ] {
        let said = fails(panopticon(folder).args(args), 1);
        assert!(said.contains("another process") && said.contains("hint: wait until"), "{said}");
    }
    assert!(!query(folder, "cases").is_empty(), "readers never wait");
    let text = DAYS[1].feeds[2].1;
    write!(feed, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}", text.len()).unwrap();
    drop(feed);
    assert!(first.wait().unwrap().success());
    std::fs::write(&file, config).unwrap();
    goes_on(folder);
}

#[test]
fn a_disk_that_runs_full() {
    // Points that the second day passes: in the log, at the close of the first day, in base tables.
    for point in ["log.write", "log.write:7", "log.sync:5", "base.file:3", "seal.after"] {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        live(folder, 1);
        put_day(folder, &DAYS[1]);
        let said = fails(run_of(folder, &DAYS[1]).env("PANOPTICON_FAIL_AT", point), 1);
        assert!(said.contains("check that the disk has room") && said.contains("`state/"), "{point}: {said}");
        assert!(!query(folder, "indicators").is_empty(), "{point}: readers have what was published");
        ok(&mut run_of(folder, &DAYS[1]));
        goes_on(folder);
    }
}

/// The same with a disk that is really full: state and output on a file system with so many kilobytes of room, then with more.
/// Only where one may be mounted.
#[test]
fn a_small_disk() {
    let script = "mount -t tmpfs -o size=64m none disk && cp -r seed/. disk || exit 99
        used=$(df -k disk | awk 'NR == 2 { print $3 }'); mount -o remount,size=$((used + $1))k disk || exit 99
        shift; \"$@\" 2>said; code=$?; mount -o remount,size=64m disk && \"$@\" && cp -r disk after && exit $code";
    let mut codes = BTreeSet::new();
    for kilobytes in [0, 12, 48, 96, 64_000] {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        live(folder, 1);
        put_day(folder, &DAYS[1]);
        let config = std::fs::read_to_string(folder.join("panopticon.toml")).unwrap();
        let on_disk = config.replace("\"state\"", "\"disk/state\"").replace("\"out\"", "\"disk/out\"");
        std::fs::write(folder.join("panopticon.toml"), on_disk).unwrap();
        for name in ["seed", "disk"] {
            std::fs::create_dir(folder.join(name)).unwrap();
        }
        for name in ["state", "out"] {
            std::fs::rename(folder.join(name), folder.join("seed").join(name)).unwrap();
        }
        let run = run_of(folder, &DAYS[1]);
        let mut shell = Command::new("unshare");
        shell.args(["-rm", "sh", "-c", script, "sh", &kilobytes.to_string()]).current_dir(folder);
        let run = shell.arg(run.get_program()).args(run.get_args()).output();
        let Some(code) = run.ok().and_then(|run| run.status.code()).filter(|code| [0, 1].contains(code)) else {
            println!("skipped: no file system may be mounted here");
            return;
        };
        let said = std::fs::read_to_string(folder.join("said")).unwrap();
        let clear = ["error: ", "No space left", "check"].iter().all(|words| said.contains(words));
        assert!(code == 0 || clear, "{kilobytes}: {said}");
        assert!(!said.contains("fault of the program"), "{kilobytes}: {said}");
        codes.insert(code);
        for name in ["state", "out"] {
            std::fs::rename(folder.join("after").join(name), folder.join(name)).unwrap();
        }
        std::fs::write(folder.join("panopticon.toml"), config).unwrap();
        goes_on(folder);
    }
    assert_eq!(codes, BTreeSet::from([0, 1]), "some disks are too small, some are not");
}

#[test]
fn folders_that_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    live(folder, 1);
    let before = (files(&folder.join("state")), known(folder));
    put_day(folder, &DAYS[1]);
    let file = folder.join("panopticon.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    for (old, new, words) in [
        ("\"state\"", "\"suffixes.dat/state\"", "cannot create folder"),
        ("\"state\"", "\"/proc/panopticon\"", "cannot create folder"),
        ("\"out\"", "\"suffixes.dat/out\"", "the state is safe: run again"),
    ] {
        std::fs::write(&file, config.replace(old, new)).unwrap();
        let said = fails(&mut run_of(folder, &DAYS[1]), 1);
        assert!(said.contains(words) && said.contains(new.trim_matches('"')), "{said}");
        std::fs::write(&file, &config).unwrap();
        if old == "\"state\"" {
            assert!(before.0 == files(&folder.join("state")));
        }
        assert_eq!(known(folder), before.1);
    }
    ok(&mut run_of(folder, &DAYS[1]));
    goes_on(folder);
}
