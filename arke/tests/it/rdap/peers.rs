//! The client and an nginx that wants a password for all of the data and bears twenty requests in a second: a
//! credentialed registry as it is found in the world. Who gives no password is led to a server whose data is redacted.
//!
//! Behind it are servers of our own; in the full peer run, ICANN's `rdap-srv` as well.

use std::env;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use arke::rdap::answer::{Email, Registration, Role};
use arke::rdap::{Auth, Rdap, RdapError, Settings};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::client::{basic, settings};
use super::server::{Server, reply};
use super::{fixture, name};

const DOMAINS: usize = 200;
/// What nginx asks for when it has had enough, in seconds.
const RETRY_AFTER: u64 = 1;

/// A child that goes when the test goes.
struct Peer(Child);

impl Peer {
    /// Starts a program that listens at an address, and waits until it does.
    async fn start(command: &mut Command, address: SocketAddr) -> Peer {
        let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let peer = Peer(command.spawn().unwrap_or_else(|error| panic!("{error}: run tests/peers/install")));
        until("the peer listens", async || TcpStream::connect(address).await.is_ok()).await;
        peer
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits for a condition, but not for ever.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), wait).await.unwrap_or_else(|_| panic!("never: {what}"));
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// nginx in front of two servers. Whoever gives a password has a rate of his own.
async fn nginx(folder: &Path, full: SocketAddr, public: SocketAddr) -> (Peer, SocketAddr) {
    let address = free_address();
    let temporary =
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|kind| format!("{kind}_temp_path temp;"));
    let temporary = temporary.concat();
    let config = format!(
        r#"
        daemon off; master_process off; pid pid;
        events {{}}
        http {{
            {temporary}
            log_format words '$msec $status $remote_user $request_uri';
            access_log access.log words;
            limit_req_zone $binary_remote_addr$http_authorization zone=r:1m rate=20r/s;
            limit_req_status 429;
            map $remote_user $up {{ "" {public}; default {full}; }}
            map $http_authorization $realm {{ "" off; default rdap; }}
            server {{
                listen {address};
                location /rdap/ {{
                    auth_basic $realm;
                    auth_basic_user_file htpasswd;
                    limit_req zone=r burst=5 nodelay;
                    error_page 429 = @busy;
                    proxy_pass http://$up;
                }}
                location @busy {{
                    internal;
                    default_type application/rdap+json;
                    add_header Retry-After {RETRY_AFTER} always;
                    return 429 '{{"errorCode":429,"title":"Too Many Requests"}}';
                }}
            }}
        }}"#
    );
    std::fs::write(folder.join("nginx.conf"), config).unwrap();
    std::fs::write(folder.join("htpasswd"), "arke:{PLAIN}sesame\n").unwrap();
    let found = Path::new("/usr/sbin/nginx");
    let mut command = Command::new(if found.is_file() { found } else { Path::new("nginx") });
    command.arg("-p").arg(folder).arg("-c").arg(folder.join("nginx.conf")).arg("-e").arg(folder.join("error.log"));
    (Peer::start(&mut command, address).await, address)
}

/// A line of the log of nginx: when the request ended, in milliseconds, and how; whose it was.
struct Logged {
    at: u64,
    status: u16,
    user: String,
}

/// The log of a user once so many requests have ended with a status: nginx writes a line after it has answered.
async fn log_with(folder: &Path, user: &str, status: u16, count: usize) -> Vec<Logged> {
    let read = || -> Vec<Logged> {
        let text = std::fs::read_to_string(folder.join("access.log")).unwrap();
        let lines = text.lines().map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            let at = words[0].replace('.', "").parse().unwrap();
            Logged { at, status: words[1].parse().unwrap(), user: words[2].to_owned() }
        });
        lines.filter(|line| line.user == user).collect()
    };
    let has = |lines: &[Logged]| lines.iter().filter(|line| line.status == status).count();
    until("all requests are in the log", async || has(&read()) == count).await;
    read()
}

/// How many requests came in a time in which nobody was to ask.
fn within_a_pause(log: &[Logged]) -> usize {
    let pauses = log.iter().enumerate().filter(|(_, line)| line.status == 429);
    let after = pauses.map(|(number, pause)| {
        log[number + 1..].iter().take_while(|line| line.at < pause.at + RETRY_AFTER * 1000).count()
    });
    after.sum()
}

/// Asks for all domains, eight at a time.
async fn ask_all(address: SocketAddr, auth: Auth, interval: Duration) -> Vec<Result<Registration, RdapError>> {
    let settings = Settings { interval, ..settings(&format!("http://{address}/rdap/")) };
    let rdap = Arc::new(Rdap::new(settings, &auth).unwrap());
    let mut tasks = JoinSet::new();
    for task in 0..8 {
        let rdap = Arc::clone(&rdap);
        tasks.spawn(async move {
            let mut all = Vec::new();
            for number in (task..DOMAINS).step_by(8) {
                all.push(rdap.domain(&name(&format!("d{number}.xx"))).await);
            }
            all
        });
    }
    tasks.join_all().await.into_iter().flatten().collect()
}

/// How many answers have an address of the registrant, and how many say that it is withheld.
fn counted(all: &[Result<Registration, RdapError>]) -> (usize, usize) {
    let registrants = all.iter().flat_map(|one| &one.as_ref().unwrap().contacts);
    let registrants = registrants.filter(|contact| contact.roles.contains(&Role::Registrant));
    let emails: Vec<&Email> = registrants.map(|contact| &contact.email).collect();
    let count = |is: fn(&Email) -> bool| emails.iter().filter(|email| is(email)).count();
    (count(|email| matches!(email, Email::Present(_))), count(|email| matches!(email, Email::Redacted { .. })))
}

/// The acceptance: 200 of 200 with a password, none without, and no request within a pause.
async fn accept(folder: &Path, full: SocketAddr, public: SocketAddr) {
    let (_nginx, address) = nginx(folder, full, public).await;
    // Both faster than the server bears.
    let interval = Duration::from_millis(20);
    let (known, anonymous) =
        tokio::join!(ask_all(address, basic("sesame"), interval), ask_all(address, Auth::None, interval));
    assert_eq!((known.len(), counted(&known)), (DOMAINS, (DOMAINS, 0)));
    assert_eq!((anonymous.len(), counted(&anonymous)), (DOMAINS, (0, DOMAINS)));
    for user in ["arke", "-"] {
        let lines = log_with(folder, user, 200, DOMAINS).await;
        let busy = lines.iter().filter(|line| line.status == 429).count();
        assert!(busy > 0, "{user}: it was never too much");
        assert_eq!((lines.len(), within_a_pause(&lines)), (DOMAINS + busy, 0), "{user}");
    }

    // A wrong password is one request.
    let wrong = ask_all(address, basic("wrong"), interval).await;
    let refused = wrong.iter().filter(|one| matches!(one, Err(RdapError::Unauthorized))).count();
    let stopped = wrong.iter().filter(|one| matches!(one, Err(RdapError::Stopped))).count();
    assert_eq!((refused, stopped), (1, DOMAINS - 1));
    log_with(folder, "arke", 401, 1).await;
}

/// A fixture as the object of any of the domains.
fn object(file: &str) -> Value {
    let mut object: Value = serde_json::from_slice(&fixture(file)).unwrap();
    object["ldhName"] = "d0.xx".into();
    object
}

async fn ours(object: Value) -> Server {
    let answer = move |_, head: &str| {
        let mut object = object.clone();
        object["ldhName"] = head.split(['/', ' ']).nth(4).unwrap_or_default().into();
        reply("200 OK", &["Content-Type: application/rdap+json"], object.to_string())
    };
    Server::answering(answer, None).await
}

#[tokio::test]
async fn a_credentialed_service_that_limits_its_rate() {
    let folder = tempfile::tempdir().unwrap();
    let (full, public) = (ours(object("full")).await, ours(object("reddog")).await);
    accept(folder.path(), full.address, public.address).await;
}

/// One object under many names, as the server takes it.
async fn rdap_srv(program: &Path, folder: PathBuf, object: &Value) -> (Peer, SocketAddr) {
    let ids: Vec<Value> = (0..DOMAINS).map(|number| json!({ "ldhName": format!("d{number}.xx") })).collect();
    std::fs::create_dir(&folder).unwrap();
    let template = json!({ "domain": { "object": object }, "ids": ids });
    std::fs::write(folder.join("domains.template"), template.to_string()).unwrap();
    let address = free_address();
    let mut command = Command::new(program);
    command
        .env("RDAP_SRV_LISTEN_ADDR", address.ip().to_string())
        .env("RDAP_SRV_LISTEN_PORT", address.port().to_string())
        .env("RDAP_SRV_STORAGE", "memory")
        .env("RDAP_SRV_DATA_DIR", folder);
    (Peer::start(&mut command, address).await, address)
}

/// Only where `tests/peers/full` names the server, which takes minutes to build.
#[tokio::test]
#[allow(clippy::print_stderr, reason = "a run without the server says so")]
async fn the_server_of_icann_behind_it() {
    let Some(program) = env::var_os("PANOPTICON_RDAP_SRV").map(PathBuf::from) else {
        eprintln!("not run: tests/peers/full runs this with rdap-srv");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (_full, full) = rdap_srv(&program, folder.path().join("full"), &object("full")).await;
    let (_public, public) = rdap_srv(&program, folder.path().join("public"), &object("reddog")).await;
    accept(folder.path(), full, public).await;
}
