//! A zone from its primary server on loopback: read at the first run, followed at the next ones, told of changes. Knot,
//! and what comes and goes from NSD and BIND as well.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use crate::common::{ok, panopticon, query};

/// How long anything may take on a busy machine.
const DEADLINE: Duration = Duration::from_secs(90);
const KEY: &str = "c2VjcmV0IG9mIHR3byBzaWRlcyBvbmx5ISEhISEhISE=";

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

fn zone(serial: u32, names: &[&str]) -> String {
    let mut zone =
        format!("$ORIGIN xx.\n$TTL 3600\n@ SOA ns1 hostmaster {serial} 3600 900 604800 300\n@ NS ns1\n");
    zone.push_str("ns1 A 127.0.0.1\n");
    for name in names {
        zone.push_str(&format!("{name} NS ns1\n{name} NS ns.example.org.\n"));
    }
    zone
}

fn free_port() -> u16 {
    (0..50)
        .find_map(|_| {
            let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
            let port = udp.local_addr().unwrap().port();
            TcpListener::bind(("127.0.0.1", port)).is_ok().then_some(port)
        })
        .unwrap()
}

/// Waits until somebody answers a question about the zone, over UDP: who connects over TCP before anybody listens may meet
/// himself.
fn answers(port: u16) {
    let question = b"\0\x07\0\0\0\x01\0\0\0\0\0\0\x02xx\0\0\x06\0\x01";
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let until = Instant::now() + DEADLINE;
    let mut answer = [0; 512];
    loop {
        // What is sent before anybody listens comes back as an error of the next call.
        let _ = socket.send_to(question, ("127.0.0.1", port));
        let is_answer = |(length, from): (usize, SocketAddr)| length >= 12 && from.port() == port;
        if socket.recv_from(&mut answer).is_ok_and(is_answer) {
            return;
        }
        assert!(Instant::now() < until, "nobody answers at port {port}");
    }
}

/// Knot with the zone in `folder/xx.zone`, that tells `told`.
fn knot(folder: &Path, port: u16, told: u16) -> Option<Running> {
    let place = folder.to_str().unwrap();
    let config = format!(
        "server:\n  listen: 127.0.0.1@{port}\n  rundir: \"{place}\"\n  udp-workers: 1\n  tcp-workers: 1\n\
         \x20 background-workers: 1\n\
         database:\n  storage: \"{place}\"\n\
         key:\n  - id: arke\n    algorithm: hmac-sha256\n    secret: {KEY}\n\
         remote:\n  - id: told\n    address: 127.0.0.1@{told}\n    key: arke\n\
         acl:\n  - id: xfr\n    key: arke\n    action: transfer\n\
         template:\n  - id: default\n    storage: \"{place}\"\n    zonefile-load: difference\n\
         \x20   zonefile-sync: -1\n    journal-content: changes\n    semantic-checks: off\n\
         zone:\n  - domain: xx.\n    file: xx.zone\n    acl: [xfr]\n    notify: told\n"
    );
    start("knotd", &["-c"], folder, &config, port)
}

/// NSD with the zone in `folder/xx.zone`.
fn nsd(folder: &Path, port: u16) -> Option<Running> {
    let place = folder.to_str().unwrap();
    let config = format!(
        "server:\n  ip-address: 127.0.0.1@{port}\n  username: \"\"\n  chroot: \"\"\n  zonesdir: \"{place}\"\n\
         \x20 database: \"\"\n  pidfile: \"{place}/pid\"\n  xfrdfile: \"{place}/xfrd\"\n\
         \x20 zonelistfile: \"{place}/list\"\n  server-count: 1\n  rrl-ratelimit: 0\n\
         remote-control:\n  control-enable: no\n\
         key:\n  name: \"arke\"\n  algorithm: hmac-sha256\n  secret: \"{KEY}\"\n\
         zone:\n  name: \"xx\"\n  zonefile: \"xx.zone\"\n  provide-xfr: 127.0.0.1 arke\n\
         \x20 create-ixfr: yes\n  store-ixfr: yes\n"
    );
    start("nsd", &["-d", "-c"], folder, &config, port)
}

/// BIND with the zone in `folder/xx.zone`.
fn bind(folder: &Path, port: u16) -> Option<Running> {
    let place = folder.to_str().unwrap();
    let config = format!(
        "key arke {{ algorithm hmac-sha256; secret \"{KEY}\"; }};\n\
         options {{ directory \"{place}\"; pid-file none; listen-on port {port} {{ 127.0.0.1; }};\n\
         listen-on-v6 {{ none; }}; recursion no; dnssec-validation no; notify no;\n\
         allow-transfer {{ key arke; }}; ixfr-from-differences yes; }};\n\
         controls {{ }};\n\
         zone xx {{ type primary; file \"xx.zone\"; check-names ignore; check-integrity no; }};\n"
    );
    start("named", &["-4", "-g", "-c"], folder, &config, port)
}

/// Starts a server under a configuration; none where it is not installed.
fn start(program: &str, arguments: &[&str], folder: &Path, config: &str, port: u16) -> Option<Running> {
    let file = folder.join("server.conf");
    std::fs::write(&file, config).unwrap();
    let places = ["/usr/sbin", "/usr/bin"].map(|place| Path::new(place).join(program));
    let Some(found) = places.iter().find(|path| path.is_file()) else {
        #[allow(clippy::print_stderr, reason = "a skipped test says so")]
        {
            eprintln!("skipped: {program} is not installed");
        }
        return None;
    };
    let child = Command::new(found)
        .args(arguments)
        .arg(file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let running = Running(child);
    answers(port);
    Some(running)
}

fn configure(folder: &Path, port: u16, told: u16) {
    std::fs::write(
        folder.join("panopticon.toml"),
        format!(
            "version = \"v1\"\nstate = \"state\"\noutput = \"out\"\nsecrets = \"secrets.toml\"\n\
             notify = \"127.0.0.1:{told}\"\n\
             [[tld]]\nname = \"xx\"\nzone = {{ primary = \"127.0.0.1:{port}\", key = \"transfer\" }}\n"
        ),
    )
    .unwrap();
    std::fs::write(folder.join("secrets.toml"), format!("transfer = \"hmac-sha256:arke:{KEY}\"\n")).unwrap();
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(folder.join("secrets.toml"), private).unwrap();
}

/// The names of a view.
fn names(folder: &Path, view: &str) -> Vec<String> {
    let rows = query(folder, view).into_iter();
    rows.map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

/// Runs until a run says this.
fn run_until(folder: &Path, text: &str) {
    let until = Instant::now() + DEADLINE;
    while !run(folder).contains(text) {
        assert!(Instant::now() < until, "`{text}` does not come");
    }
}

impl Running {
    /// Has the server read its zone anew.
    fn reload(&self) {
        assert!(Command::new("kill").args(["-HUP", &self.0.id().to_string()]).status().unwrap().success());
    }
}

/// What a run says.
fn run(folder: &Path) -> String {
    let output = panopticon(folder).args(["run", "--once"]).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

/// Waits for a line that contains a text.
#[track_caller]
fn line_with(lines: &Receiver<String>, text: &str) -> String {
    let until = Instant::now() + DEADLINE;
    let mut seen = String::new();
    loop {
        match lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(line) if line.contains(text) => return line,
            Ok(line) => seen.push_str(&format!("{line}\n")),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => panic!("no `{text}` in:\n{seen}"),
        }
    }
}

#[test]
fn a_zone_is_followed() {
    let (server, house) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (port, told) = (free_port(), free_port());
    let write = |text: String| std::fs::write(server.path().join("xx.zone"), text).unwrap();
    write(zone(1, &["bank", "shop"]));
    let Some(knotd) = knot(server.path(), port, told) else { return };
    configure(house.path(), port, told);

    // Three updates: two delegations and their set.
    let said = run(house.path());
    assert!(said.contains("zone:xx: serial 1; 2 rows, 2 ours, 0 faulty, 3 updates"), "{said}");
    let said = run(house.path());
    assert!(said.contains("zone:xx: unchanged; 2 rows, 0 ours, 0 faulty, 0 updates"), "{said}");
    assert!(ok(panopticon(house.path()).args(["--offline", "run", "--once"])).is_empty());

    // A run that goes on is told, and takes over what changed; it is stopped as people stop it.
    let mut going =
        panopticon(house.path()).arg("run").stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let stderr = BufReader::new(going.stderr.take().unwrap());
    let going = Running(going);
    let (send, lines) = channel();
    std::thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
    answers(told);
    write(zone(2, &["bank", "shop", "app", "bank-1", "paypa1"]));
    knotd.reload();
    let line = line_with(&lines, "zone:xx: serial 2");
    assert!(line.ends_with("; 3 updates"), "{line}");
    write(zone(3, &["bank", "shop", "app", "paypa1"]));
    knotd.reload();
    let line = line_with(&lines, "zone:xx: serial 3");
    assert!(line.ends_with("; 1 updates"), "{line}");
    drop(going);

    // What came imitates somebody: it is a find with its day, and news. When it goes it is none.
    let names = |view: &str| names(house.path(), view);
    let changes = || {
        let day = std::fs::read_dir(house.path().join("out/changes/xx")).unwrap().next().unwrap().unwrap();
        let text = std::fs::read_to_string(day.path()).unwrap();
        let rows = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let word = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap().to_owned();
        rows.map(|row| ["changed_view", "subject", "change", "cause"].map(|key| word(&row, key)).join(" "))
            .collect::<Vec<_>>()
    };
    assert!(names("typosquats").contains(&"paypa1.xx".into()));
    assert_eq!(names("high_risk_names"), ["paypa1.xx"]);
    assert!(query(house.path(), "high_risk_names")[0]["entered_at"].is_string());
    assert_eq!(changes(), ["high_risk_names paypa1.xx added evidence"]);
    write(zone(4, &["bank", "shop", "app"]));
    knotd.reload();
    run_until(house.path(), "zone:xx: serial 4");
    assert!(!names("typosquats").contains(&"paypa1.xx".into()) && names("high_risk_names").is_empty());
    assert_eq!(changes()[1..], ["high_risk_names paypa1.xx withdrawn evidence"]);

    // Without the primary the last good state stays, and that is told.
    drop(knotd);
    let said = run(house.path());
    assert!(said.contains("zone:xx: failed: cannot connect to"), "{said}");
    let errors = query(house.path(), "errors");
    assert!(errors.iter().any(|row| row.to_string().contains("zone:xx")), "{errors:?}");
}

/// What comes and goes at a primary, after as many runs as it takes it to read its file anew.
fn comes_and_goes(server: impl Fn(&Path, u16) -> Option<Running>) {
    let (folder, house) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (port, told) = (free_port(), free_port());
    let write = |serial, names: &[&str]| {
        std::fs::write(folder.path().join("xx.zone"), zone(serial, names)).unwrap();
    };
    write(1, &["bank", "shop"]);
    let Some(primary) = server(folder.path(), port) else { return };
    configure(house.path(), port, told);
    assert!(run(house.path()).contains("zone:xx: serial 1; 2 rows, 2 ours"));
    write(2, &["bank", "shop", "paypa1"]);
    primary.reload();
    run_until(house.path(), "zone:xx: serial 2; 3 rows");
    assert_eq!(names(house.path(), "high_risk_names"), ["paypa1.xx"]);
    write(3, &["bank", "shop"]);
    primary.reload();
    run_until(house.path(), "zone:xx: serial 3; 2 rows");
    assert!(names(house.path(), "high_risk_names").is_empty());
}

#[test]
fn what_comes_and_goes_at_nsd() {
    comes_and_goes(nsd);
}

#[test]
fn what_comes_and_goes_at_bind() {
    comes_and_goes(bind);
}
