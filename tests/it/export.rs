//! Exports of a house, and a resolver of other people that takes one.

use std::net::UdpSocket;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::{ok, panopticon};

const DEADLINE: Duration = Duration::from_secs(60);

/// A house with lists of its own: what may be passed on, and what not.
fn settle(folder: &Path) {
    let write = |file: &str, text: &str| std::fs::write(folder.join(file), text).unwrap();
    write(
        "panopticon.toml",
        "version = \"v1\"\nstate = \"state\"\noutput = \"out\"\nsuffix_list = \"suffixes.dat\"\n[[tld]]\nname = \"xx\"\n\
         [[feed]]\nid = \"open\"\nformat = \"plain\"\npath = \"open.txt\"\nredistributable = true\n\
         licence = \"Open List: name the source\"\n\
         [[feed]]\nid = \"circle\"\nformat = \"plain\"\npath = \"circle.txt\"\nredistributable = true\ntlp = \"green\"\n\
         [[feed]]\nid = \"closed\"\nformat = \"plain\"\npath = \"closed.txt\"\n\
         [ranks]\npath = \"ranks.csv\"\n[[protected]]\nid = \"banks\"\npath = \"banks.txt\"\n",
    );
    write(
        "suffixes.dat",
        "// ===BEGIN ICANN DOMAINS===\nxx\n// ===END ICANN DOMAINS===\n\
         // ===BEGIN PRIVATE DOMAINS===\npages.xx\n// ===END PRIVATE DOMAINS===\n",
    );
    write("open.txt", "evil.xx\nlogin.evil2.xx\nhttp://shop.xx/page\ncustomer.pages.xx\npopular.xx\nbank.xx\n");
    write("circle.txt", "evil.xx\ngreen.xx\n");
    write("closed.txt", "secret.xx\nevil.xx\n");
    write("ranks.csv", "1,popular.xx\n");
    write("banks.txt", "bank.xx\n");
    ok(panopticon(folder).args(["run", "--once", "--quiet", "--now", "2026-11-22T10:00:00Z"]));
}

fn export(folder: &Path, arguments: &[&str]) -> String {
    ok(panopticon(folder).args(["export", "--tld", "xx"]).args(arguments))
}

#[test]
fn what_may_go_out_goes_out() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    settle(folder);
    let names = |arguments: &[&str]| {
        let hosts = export(folder, arguments);
        let lines = hosts.lines().filter(|line| !line.starts_with('#'));
        lines.map(|line| line.split(' ').nth(1).unwrap().to_owned()).collect::<Vec<String>>()
    };
    // One of two feeds confirms the other.
    assert_eq!(names(&["--form", "hosts"]), ["evil.xx"]);
    let raw = names(&["--form", "hosts", "--raw"]);
    assert_eq!(raw, ["evil.xx", "login.evil2.xx"], "no page, no platform, no ranked and no protected name");
    let rows = export(folder, &["--form", "jsonl", "--raw"]);
    let rows: Vec<serde_json::Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let listed: Vec<&str> = rows.iter().map(|row| row["observable"].as_str().unwrap()).collect();
    assert_eq!(
        listed,
        ["bank.xx", "customer.pages.xx", "evil.xx", "login.evil2.xx", "popular.xx", "http://shop.xx/page"]
    );
    assert_eq!(rows[2]["feed_ids"], serde_json::json!(["open"]), "the other may not be passed on");
    assert_eq!(rows[2]["tlp"], "TLP:CLEAR");
    let csv = export(folder, &["--form", "csv", "--raw"]);
    assert_eq!(csv.lines().count(), 7);
    let told = panopticon(folder).args(["export", "--tld", "xx", "--form", "csv", "--raw"]).output().unwrap();
    let told = String::from_utf8(told.stderr).unwrap();
    assert!(
        told.contains(
            "2 indicators are left out: no feed that upholds them may be passed on as far as TLP:CLEAR;"
        ),
        "{told}"
    );
}

#[test]
fn an_export_says_whose_it_is_and_how_far_it_may_go() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    settle(folder);
    let head = |arguments: &[&str], mark: char| {
        let list = export(folder, arguments);
        let lines =
            list.lines().filter(|line| line.starts_with(mark) && !line.contains("Last modified: 2026-11-22T"));
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    for (form, mark) in [("hosts", '#'), ("rpz", ';'), ("adblock", '!')] {
        let list = ["--form", form, "--raw"];
        let open = format!(
            "{mark} Title: names under .xx that are used for abuse\n{mark} TLP:CLEAR\n{mark} From: open (Open List: name the source)\n"
        );
        assert_eq!(head(&list, mark), open);
        let circle = head(&[&list[..], &["--tlp", "green"]].concat(), mark);
        let expected = open
            .replace("CLEAR", "GREEN")
            .replace(&format!("{mark} From: open"), &format!("{mark} From: circle\n{mark} From: open"));
        assert_eq!(circle, expected);
    }
    let green = ["--form", "jsonl", "--raw", "--tlp", "green"];
    let rows = export(folder, &green);
    let evil = rows.lines().find(|line| line.contains("\"evil.xx\"")).unwrap();
    assert!(evil.contains("\"feed_ids\":[\"circle\",\"open\"],\"tlp\":\"TLP:GREEN\""), "{evil}");
    assert!(rows.contains("\"green.xx\""), "{rows}");
}

#[test]
fn a_publisher_is_told_what_is_wrong_on_his_list() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    settle(folder);
    let feedback = |id: &str| ok(panopticon(folder).args(["feeds", "feedback", id, "--format", "csv"]));
    assert_eq!(feedback("open").lines().count(), 1, "{}", feedback("open"));
    let mark = ["mark", "evil.xx", "false-positive", "--reason", "a shop", "--now", "2026-11-22T11:00:00Z"];
    ok(panopticon(folder).args(mark));
    for id in ["open", "closed"] {
        let told = feedback(id);
        assert_eq!(told.lines().count(), 2, "{told}");
        assert!(
            told.contains("xx,evil.xx,") && told.contains(",false-positive,2026-11-22T11:00:00.000Z,a shop"),
            "{told}"
        );
    }
}

#[test]
fn a_publisher_who_names_the_end_of_an_entry_still_lists_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    settle(folder);
    let config = std::fs::read_to_string(folder.join("panopticon.toml")).unwrap();
    let config = config + "[[feed]]\nid = \"named\"\nformat = \"stix\"\npath = \"named.json\"\n";
    std::fs::write(folder.join("panopticon.toml"), config).unwrap();
    let indicator = |n: u8, name: &str, until: &str| {
        format!(
            "{{\"type\":\"indicator\",\"id\":\"indicator--{n}\",\"pattern_type\":\"stix\",\"valid_until\":\"{until}\",\
             \"pattern\":\"[domain-name:value = '{name}']\"}}"
        )
    };
    let (far, near) = ("2999-01-01T00:00:00Z", "2026-11-22T12:00:00Z");
    let objects = [indicator(1, "evil.xx", far), indicator(2, "soon.xx", near)].join(",");
    std::fs::write(folder.join("named.json"), format!("{{\"objects\":[{objects}]}}")).unwrap();
    let run = |now: &str| ok(panopticon(folder).args(["run", "--once", "--quiet", "--now", now]));
    let listed = || ok(panopticon(folder).args(["query", "indicators", "--tld", "xx", "--format", "csv"]));
    run("2026-11-22T11:00:00Z");
    assert!(listed().contains("soon.xx"), "{}", listed());
    // Nothing is fetched anew, and it is over.
    run("2026-11-22T12:00:00Z");
    assert!(!listed().contains("soon.xx") && listed().contains("evil.xx"), "{}", listed());
    for name in ["evil.xx", "soon.xx"] {
        let mark = ["mark", name, "false-positive", "--reason", "a shop", "--now", "2026-11-22T13:00:00Z"];
        ok(panopticon(folder).args(mark));
    }
    let told = ok(panopticon(folder).args(["feeds", "feedback", "named", "--format", "csv"]));
    assert_eq!(told.lines().count(), 2, "{told}");
    assert!(told.contains("xx,evil.xx,indicator--1,false-positive"), "{told}");
}

#[test]
fn readers_of_other_people_block_what_is_listed_and_nothing_else() {
    let python = panopticon_benches::peers::python();
    let has =
        |modules: &str| Command::new(&python).args(["-c", modules]).output().is_ok_and(|it| it.status.success());
    if !has("import adblock, python_hosts") {
        #[allow(clippy::print_stderr, reason = "a skipped test says so")]
        {
            eprintln!(
                "skipped: the readers are not there: READERS_PYTHON is a Python with tests/readers/requirements.txt"
            );
        }
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    settle(folder);
    export(folder, &["--form", "hosts", "--raw", "--output", "xx.hosts"]);
    export(folder, &["--form", "adblock", "--raw", "--output", "xx.adblock"]);
    let names =
        "evil.xx login.evil2.xx evil2.xx shop.xx customer.pages.xx popular.xx bank.xx secret.xx notevil.xx";
    std::fs::write(folder.join("names"), names).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/export_readers.py");
    let said = ok(Command::new(&python).arg(script).arg(folder));
    let blocked: Vec<&str> = said.lines().filter(|line| line.contains("True")).collect();
    // The hosts file has exactly the names; filters have what is below them too.
    assert_eq!(blocked, ["evil.xx True True True", "login.evil2.xx True True True"], "{said}");
    assert_eq!(said.lines().count(), 9, "{said}");
}

/// A resolver that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The response code to a question for an address.
fn asked(port: u16, name: &str) -> u8 {
    let mut question = b"\0\x07\x01\0\0\x01\0\0\0\0\0\0".to_vec();
    for label in name.split('.') {
        question.push(u8::try_from(label.len()).unwrap());
        question.extend_from_slice(label.as_bytes());
    }
    question.extend_from_slice(b"\0\0\x01\0\x01");
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let until = Instant::now() + DEADLINE;
    let mut answer = [0; 512];
    loop {
        // What is sent before it listens comes back as an error.
        let _ = socket.send_to(&question, ("127.0.0.1", port));
        if socket.recv_from(&mut answer).is_ok_and(|(length, _)| length >= 12) {
            return answer[3] & 0xf;
        }
        assert!(Instant::now() < until, "nobody answers at port {port}");
    }
}

#[test]
fn a_resolver_blocks_what_is_listed_and_nothing_else() {
    let program = "/usr/sbin/unbound";
    if !Path::new(program).is_file() {
        #[allow(clippy::print_stderr, reason = "a skipped test says so")]
        {
            eprintln!("skipped: unbound is not installed");
        }
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    settle(folder);
    export(folder, &["--form", "rpz", "--raw", "--output", "xx.rpz"]);
    let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let place = folder.display();
    // All other names of the TLD have an address.
    let config = format!(
        "server:\n  interface: 127.0.0.1@{port}\n  access-control: 127.0.0.0/8 allow\n  username: \"\"\n  chroot: \"\"\n\
         \x20 directory: \"{place}\"\n  pidfile: \"\"\n  use-syslog: no\n  do-daemonize: no\n  num-threads: 1\n\
         \x20 module-config: \"respip iterator\"\n\
         remote-control:\n  control-enable: no\n\
         auth-zone:\n  name: \"xx.\"\n  zonefile: \"{place}/xx.zone\"\n  for-downstream: no\n\
         \x20 for-upstream: yes\n  fallback-enabled: no\n\
         rpz:\n  name: \"rpz.test.\"\n  zonefile: \"{place}/xx.rpz\"\n"
    );
    let zone = "$ORIGIN xx.\n$TTL 60\n@ SOA ns hostmaster 1 3600 900 604800 60\n@ NS ns\n* A 192.0.2.1\n";
    std::fs::write(folder.join("xx.zone"), zone).unwrap();
    std::fs::write(folder.join("unbound.conf"), config).unwrap();
    let child = Command::new(program)
        .args(["-d", "-c"])
        .arg(folder.join("unbound.conf"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _running = Running(child);
    const NXDOMAIN: u8 = 3;
    for blocked in ["evil.xx", "login.evil2.xx"] {
        assert_eq!(asked(port, blocked), NXDOMAIN, "{blocked}");
    }
    for free in ["evil2.xx", "www.evil.xx", "shop.xx", "customer.pages.xx", "popular.xx", "bank.xx", "other.xx"] {
        assert_eq!(asked(port, free), 0, "{free}");
    }
}
