//! Servers of other people, as child processes on loopback: Knot, NSD, Unbound, PowerDNS Recursor, dnsdist.
//!
//! A test of one that is not installed says so and ends.

mod filters;
mod zones;

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use panopticon_sources::dns::message::{Question, RecordType};
use panopticon_sources::dns::server::Server;
use tempfile::TempDir;
use tokio::net::{TcpListener, UdpSocket};
use tokio::time::{Instant, timeout_at};

use super::script::host;
use super::world::client;

/// How long a program has to get ready, on a busy machine.
const READY: Duration = Duration::from_secs(30);

/// Where a program is, if it is installed; else says so.
pub(crate) fn installed(programs: &[&'static str]) -> bool {
    let is_there = |program: &&&str| which(program).is_none();
    match programs.iter().find(is_there) {
        #[allow(clippy::print_stderr, reason = "a skipped test says so")]
        Some(missing) => {
            eprintln!("skipped: {missing} is not installed");
            false
        }
        None => true,
    }
}

fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default();
    let folders = path.split(':').map(str::to_owned).chain(["/usr/sbin".to_owned(), "/usr/bin".to_owned()]);
    folders.map(|folder| Path::new(&folder).join(program)).find(|path| path.is_file())
}

/// A port that is free on all of these addresses, over UDP and TCP.
pub(crate) async fn free_port(addresses: &[IpAddr]) -> u16 {
    'port: for _ in 0..50 {
        let first = UdpSocket::bind((addresses[0], 0)).await.unwrap();
        let port = first.local_addr().unwrap().port();
        for address in addresses {
            let is_free = *address == addresses[0] || UdpSocket::bind((*address, port)).await.is_ok();
            if !is_free || TcpListener::bind((*address, port)).await.is_err() {
                continue 'port;
            }
        }
        return port;
    }
    panic!("no port is free on {addresses:?}");
}

/// A program that runs until it is dropped, with its files in a folder of its own.
pub(crate) struct Peer {
    child: Child,
    pub(crate) folder: TempDir,
}

impl Peer {
    /// Writes the files, and starts the program in their folder; `D` stands for the folder in files and arguments.
    pub(crate) fn start(program: &str, arguments: &[&str], files: &[(&str, String)]) -> Peer {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().to_str().unwrap();
        for (name, content) in files {
            fs::write(folder.path().join(name), content.replace("{D}", place)).unwrap();
        }
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let child = Command::new(which(program).unwrap())
            .args(arguments.iter().map(|argument| argument.replace("{D}", place)))
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        Peer { child, folder }
    }

    /// Waits until it answers at `address` for a name.
    pub(crate) async fn ready(self, address: SocketAddr, name: &str) -> Peer {
        let client = client(Duration::from_millis(100));
        let question = Question::recursive(host(name), RecordType::Soa);
        let answers = async {
            while !client.ask(&Server::udp(address), &question).await.is_ok_and(|reply| reply.rcode.0 == 0) {
                tokio::task::yield_now().await;
            }
        };
        if timeout_at(Instant::now() + READY, answers).await.is_err() {
            let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            panic!("no answer for {name} at {address}:\n{log}");
        }
        self
    }
}

impl Peer {
    /// Writes a file anew and tells the program to read it.
    pub(crate) fn reload(&self, file: &str, content: &str) {
        fs::write(self.folder.path().join(file), content).unwrap();
        let hup = Command::new("kill").args(["-HUP", &self.child.id().to_string()]).status().unwrap();
        assert!(hup.success());
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // With a signal that lets it end its own children.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

/// Knot with zones at an address.
async fn knot(address: SocketAddr, zones: &[(&str, String)]) -> Peer {
    let mut config = format!(
        "server:\n  listen: {}@{}\n  rundir: \"{{D}}\"\n  udp-workers: 1\n  tcp-workers: 1\n  background-workers: 1\n\
         log:\n  - target: stderr\n    any: warning\n\
         database:\n  storage: \"{{D}}\"\n\
         template:\n  - id: default\n    storage: \"{{D}}\"\n    zonefile-sync: -1\n    semantic-checks: off\n\
         zone:\n",
        address.ip(),
        address.port()
    );
    let mut files = Vec::new();
    for (number, (zone, content)) in zones.iter().enumerate() {
        config.push_str(&format!("  - domain: \"{zone}.\"\n    file: \"{number}.zone\"\n"));
        files.push((format!("{number}.zone"), content.clone()));
    }
    let mut all: Vec<(&str, String)> = vec![("knot.conf", config)];
    all.extend(files.iter().map(|(name, content)| (name.as_str(), content.clone())));
    let ready = zones.iter().map(|(zone, _)| *zone).find(|zone| !zone.is_empty());
    let peer = Peer::start("knotd", &["-c", "{D}/knot.conf"], &all);
    peer.ready(address, ready.unwrap_or("zz")).await
}

/// NSD with zones at an address; `rate` is how many answers of one kind a client gets in a second, 0 for any number.
async fn nsd(address: SocketAddr, rate: u32, zones: &[(&str, String)]) -> Peer {
    let mut config = format!(
        "server:\n  ip-address: {}@{}\n  username: \"\"\n  chroot: \"\"\n  zonesdir: \"{{D}}\"\n  database: \"\"\n\
         \x20 pidfile: \"{{D}}/nsd.pid\"\n  xfrdfile: \"{{D}}/xfrd.state\"\n  zonelistfile: \"{{D}}/zone.list\"\n\
         \x20 server-count: 1\n  rrl-ratelimit: {rate}\n\
         remote-control:\n  control-enable: no\n",
        address.ip(),
        address.port()
    );
    let mut files = Vec::new();
    for (number, (zone, content)) in zones.iter().enumerate() {
        config.push_str(&format!("zone:\n  name: \"{zone}\"\n  zonefile: \"{number}.zone\"\n"));
        files.push((format!("{number}.zone"), content.clone()));
    }
    let mut all: Vec<(&str, String)> = vec![("nsd.conf", config)];
    all.extend(files.iter().map(|(name, content)| (name.as_str(), content.clone())));
    let peer = Peer::start("nsd", &["-d", "-c", "{D}/nsd.conf"], &all);
    peer.ready(address, zones[0].0).await
}
