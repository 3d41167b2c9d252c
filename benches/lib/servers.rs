//! Servers of other people on loopback, as child processes, each with its files in a folder of its own.

use std::fmt::Write;
use std::fs;
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use panopticon_model::name::HostName;
use panopticon_sources::dns::exchange::{Client, system_trust};
use panopticon_sources::dns::message::{Question, Rcode, RecordType};
use panopticon_sources::dns::server::Server;
use panopticon_sources::probe::pace::Pace;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::Instant;

/// How long a program has to get ready, on a busy machine.
const READY: Duration = Duration::from_secs(60);

/// A program that runs until it is dropped.
pub struct Running {
    child: Child,
    folder: TempDir,
}

/// Zones that have the same text, each in its own words: `@` is the zone.
pub struct Zones {
    /// Their names.
    pub names: Vec<String>,
    /// The master file, RFC 1035 5.
    pub text: String,
}

/// Knot at an address.
///
/// # Errors
/// If it does not get ready.
pub async fn knot(address: SocketAddr, zones: &Zones) -> anyhow::Result<Running> {
    let (ip, port) = (address.ip(), address.port());
    let mut config = format!(
        "server:\n  listen: {ip}@{port}\n  rundir: \"{{D}}\"\n  udp-workers: 1\n  tcp-workers: 1\n\
         \x20 background-workers: 1\n\
         log:\n  - target: stderr\n    any: warning\n\
         database:\n  storage: \"{{D}}\"\n\
         template:\n  - id: default\n    storage: \"{{D}}\"\n    file: \"zone\"\n    zonefile-sync: -1\n\
         \x20   semantic-checks: off\n    journal-content: none\n\
         zone:\n"
    );
    for zone in &zones.names {
        writeln!(config, "  - domain: \"{zone}.\"")?;
    }
    let files = [("knot.conf", config), ("zone", zones.text.clone())];
    Running::start("knotd", &["-c", "{D}/knot.conf"], &files)?.answers(address, zones).await
}

/// Knot at an address as the primary of zones, with a journal of what changes; who knows the key `bench` (HMAC-SHA256, with
/// this secret in base64) may transfer them.
///
/// # Errors
/// If it does not get ready.
pub async fn knot_primary(address: SocketAddr, secret: &str, zones: &Zones) -> anyhow::Result<Running> {
    let (ip, port) = (address.ip(), address.port());
    let mut config = format!(
        "server:\n  listen: {ip}@{port}\n  rundir: \"{{D}}\"\n  udp-workers: 1\n  tcp-workers: 1\n\
         \x20 background-workers: 1\n\
         log:\n  - target: stderr\n    any: warning\n\
         database:\n  storage: \"{{D}}\"\n  journal-db-max-size: 2G\n\
         key:\n  - id: bench\n    algorithm: hmac-sha256\n    secret: {secret}\n\
         acl:\n  - id: xfr\n    key: bench\n    action: transfer\n\
         template:\n  - id: default\n    storage: \"{{D}}\"\n    file: \"zone\"\n    acl: [xfr]\n\
         \x20   zonefile-load: difference\n    zonefile-sync: -1\n    journal-content: changes\n\
         \x20   journal-max-usage: 1G\n    semantic-checks: off\n\
         zone:\n"
    );
    for zone in &zones.names {
        writeln!(config, "  - domain: \"{zone}.\"")?;
    }
    let files = [("knot.conf", config), ("zone", zones.text.clone())];
    Running::start("knotd", &["-c", "{D}/knot.conf"], &files)?.answers(address, zones).await
}

/// NSD at an address; `limits` are lines of its configuration on the rate of its answers.
///
/// # Errors
/// If it does not get ready.
pub async fn nsd(address: SocketAddr, limits: &str, zones: &Zones) -> anyhow::Result<Running> {
    let (ip, port) = (address.ip(), address.port());
    let mut config = format!(
        "server:\n  ip-address: {ip}@{port}\n  username: \"\"\n  chroot: \"\"\n  zonesdir: \"{{D}}\"\n\
         \x20 database: \"\"\n  pidfile: \"{{D}}/nsd.pid\"\n  xfrdfile: \"{{D}}/xfrd.state\"\n\
         \x20 zonelistfile: \"{{D}}/zone.list\"\n  server-count: 1\n{limits}\
         remote-control:\n  control-enable: yes\n  control-interface: \"{{D}}/nsd.ctl\"\n"
    );
    for zone in &zones.names {
        writeln!(config, "zone:\n  name: \"{zone}\"\n  zonefile: \"zone\"")?;
    }
    let files = [("nsd.conf", config), ("zone", zones.text.clone())];
    Running::start("nsd", &["-d", "-c", "{D}/nsd.conf"], &files)?.answers(address, zones).await
}

/// nginx at an address, with a page of a few words at `/page.html`.
///
/// # Errors
/// If it does not get ready.
pub async fn nginx(address: SocketAddr) -> anyhow::Result<Running> {
    let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary: String = kinds.iter().map(|kind| format!("{kind}_temp_path {{D}}/{kind}; ")).collect();
    let config = format!(
        "daemon off; master_process off; pid {{D}}/nginx.pid; error_log /dev/null;
         events {{ worker_connections 1024; }}
         http {{ access_log off; default_type text/html; {temporary}
           server {{ listen {address} backlog=1024; root {{D}}; }} }}"
    );
    let files = [("nginx.conf", config), ("page.html", PAGE.to_owned())];
    let running = Running::start("nginx", &["-p", "{D}", "-c", "{D}/nginx.conf"], &files)?;
    running.listens(address).await
}

/// The page that [`nginx`] has.
pub const PAGE: &str = "<title>Shop</title><p>Buy one of two for three.";

/// tinyproxy at an address.
///
/// # Errors
/// If it does not get ready.
pub async fn tinyproxy(address: SocketAddr) -> anyhow::Result<Running> {
    let (ip, port) = (address.ip(), address.port());
    let config = format!(
        "Port {port}\nListen {ip}\nTimeout 10\nMaxClients 1000\nAllow 127.0.0.0/8\nViaProxyName \"bench\"\n\
         LogLevel Critical\nLogFile \"/dev/null\"\n"
    );
    let running = Running::start("tinyproxy", &["-d", "-c", "{D}/conf"], &[("conf", config)])?;
    running.listens(address).await
}

/// microsocks at an address.
///
/// # Errors
/// If it does not get ready.
pub async fn microsocks(address: SocketAddr) -> anyhow::Result<Running> {
    let (ip, port) = (address.ip().to_string(), address.port().to_string());
    Running::start("microsocks", &["-i", &ip, "-p", &port], &[])?.listens(address).await
}

/// Whether all of these are installed; else says which one is not.
#[must_use]
pub fn installed(programs: &[&str]) -> bool {
    let missing = programs.iter().find(|program| place(program).is_none());
    if let Some(missing) = missing {
        println!("skipped: {missing} is not installed");
    }
    missing.is_none()
}

/// A program to be run, one of those that are [`installed`].
#[must_use]
pub fn program(name: &str) -> Command {
    Command::new(place(name).unwrap_or_else(|| name.into()))
}

fn place(program: &str) -> Option<PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default();
    let mut folders = path.split(':').chain(["/usr/sbin", "/usr/bin"]);
    folders.find_map(|folder| Some(Path::new(folder).join(program)).filter(|path| path.is_file()))
}

/// An address of loopback.
#[must_use]
pub fn loopback(last: u8) -> IpAddr {
    [127, 0, 0, last].into()
}

/// A port that is free on these addresses, over UDP and TCP.
///
/// # Errors
/// If there is none.
pub fn free_port(addresses: &[IpAddr]) -> anyhow::Result<u16> {
    for _ in 0..50 {
        // Of TCP first: those ports are scarcer.
        let port = TcpListener::bind((loopback(1), 0))?.local_addr()?.port();
        let is_free = |address: &IpAddr| {
            UdpSocket::bind((*address, port)).is_ok() && TcpListener::bind((*address, port)).is_ok()
        };
        if addresses.iter().all(is_free) {
            return Ok(port);
        }
    }
    bail!("no port is free on {addresses:?}")
}

/// A port that is free on 127.0.0.1.
///
/// # Errors
/// If there is none.
pub fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(SocketAddr::new(loopback(1), free_port(&[loopback(1)])?))
}

/// Someone who asks DNS servers at a pace, and waits for two seconds.
///
/// # Errors
/// If there is no cryptography.
pub fn client(pace: Pace<SocketAddr>) -> anyhow::Result<Arc<Client>> {
    Ok(Arc::new(Client::new(&system_trust()?, Arc::new(pace), Duration::from_secs(2))))
}

impl Running {
    /// Writes files, and starts a program in their folder; `{D}` stands for the folder in files and arguments.
    fn start(name: &str, arguments: &[&str], files: &[(&str, String)]) -> anyhow::Result<Running> {
        let folder = tempfile::tempdir()?;
        let place = folder.path().display().to_string();
        for (file, content) in files {
            fs::write(folder.path().join(file), content.replace("{D}", &place))?;
        }
        let log = fs::File::create(folder.path().join("log"))?;
        let child = program(name)
            .args(arguments.iter().map(|argument| argument.replace("{D}", &place)))
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        Ok(Running { child, folder })
    }

    /// The folder with its files.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file anew and tells the program to read it.
    ///
    /// # Errors
    /// If the file cannot be written, or the program is gone.
    pub fn reload(&self, file: &str, content: &str) -> anyhow::Result<()> {
        fs::write(self.folder.path().join(file), content)?;
        let status = Command::new("kill").args(["-HUP", &self.child.id().to_string()]).status()?;
        anyhow::ensure!(status.success(), "the program is gone");
        Ok(())
    }

    async fn listens(self, address: SocketAddr) -> anyhow::Result<Running> {
        self.ready(async || TcpStream::connect(address).await.is_ok()).await
    }

    async fn answers(self, address: SocketAddr, zones: &Zones) -> anyhow::Result<Running> {
        let (client, server) = (client(Pace::unlimited())?, Server::udp(address));
        let zone = zones.names.last().context("there is no zone")?;
        let question = Question::iterative(HostName::parse(zone)?, RecordType::Soa);
        let is_there =
            async || client.ask(&server, &question).await.is_ok_and(|reply| reply.rcode == Rcode::NOERROR);
        self.ready(is_there).await
    }

    /// Waits until `is_ready`.
    async fn ready(mut self, is_ready: impl AsyncFn() -> bool) -> anyhow::Result<Running> {
        let mut clock = tokio::time::interval(Duration::from_millis(10));
        let deadline = Instant::now() + READY;
        while !is_ready().await {
            clock.tick().await;
            if self.child.try_wait()?.is_some() || Instant::now() > deadline {
                bail!("it is not ready:\n{}", fs::read_to_string(self.folder().join("log"))?);
            }
        }
        Ok(self)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // With a signal that lets it end its own children.
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = Command::new("kill").arg(self.child.id().to_string()).status();
            let _ = self.child.wait();
        }
    }
}
