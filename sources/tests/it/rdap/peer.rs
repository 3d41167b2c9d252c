//! The client against a server of ICANN's (`rdap-srv` of icann-rdap-srv 0.0.30), behind an nginx that wants a password
//! for all of the data and allows twenty requests in a second: a credentialed registry as it is found in the world.
//!
//! Who gives no password is led to a second server, whose data is redacted and whose cards are JSContact, converted by
//! the server itself.

use std::env;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use panopticon_model::observation::{Facts, Measured, Outcome, RdapFacts};
use panopticon_model::time::Epoch;
use panopticon_sources::fetch::Secret;
use panopticon_sources::rdap::{Credentials, Rdap, Service, Settings};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::client::{network, settings};
use super::{fixture, read};

const NOW: Epoch = Epoch(1_764_000_000_000);
const DOMAINS: usize = 200;
/// What nginx asks for when it has had enough, in seconds.
const RETRY_AFTER: u64 = 1;

/// A program: what a variable names, or the first on the path.
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
fn program(name: &str, variable: &str) -> Option<PathBuf> {
    let named = env::var_os(variable).map(PathBuf::from);
    let path = env::var_os("PATH").unwrap_or_default();
    // Where Debian puts servers, which is not on the path of everybody.
    let folders = env::split_paths(&path).chain(["/usr/sbin".into()]).map(|folder| folder.join(name));
    let found = named.into_iter().chain(folders).find(|program| program.is_file());
    if found.is_none() {
        eprintln!("skipped: {name} is not installed");
    }
    found
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

/// A child that goes when the test goes.
struct Peer(Child);

impl Peer {
    /// Starts a program that listens at an address, and waits until it does.
    async fn start(command: &mut Command, address: SocketAddr) -> Peer {
        let peer = Peer(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
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

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// One object under many names, as the server takes it.
async fn rdap_srv(program: &Path, folder: &Path, object: &Value, conversion: Option<&str>) -> (Peer, SocketAddr) {
    let ids: Vec<Value> = (0..DOMAINS).map(|number| json!({ "ldhName": format!("d{number}.xx") })).collect();
    std::fs::create_dir(folder).unwrap();
    let template = json!({ "domain": { "object": object }, "ids": ids });
    std::fs::write(folder.join("domains.template"), template.to_string()).unwrap();
    let address = free_address();
    let mut command = Command::new(program);
    command
        .env("RDAP_SRV_LISTEN_ADDR", address.ip().to_string())
        .env("RDAP_SRV_LISTEN_PORT", address.port().to_string())
        .env("RDAP_SRV_STORAGE", "memory")
        .env("RDAP_SRV_DATA_DIR", folder)
        .envs(conversion.map(|conversion| ("RDAP_SRV_JSCONTACT_CONVERSION", conversion)));
    (Peer::start(&mut command, address).await, address)
}

async fn nginx(program: &Path, folder: &Path, full: SocketAddr, public: SocketAddr) -> (Peer, SocketAddr) {
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
            limit_req_zone $binary_remote_addr zone=r:1m rate=20r/s;
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
    let mut command = Command::new(program);
    command.arg("-p").arg(folder).arg("-c").arg(folder.join("nginx.conf")).arg("-e").arg(folder.join("error.log"));
    (Peer::start(&mut command, address).await, address)
}

/// A line of the log of nginx: when the request ended, in milliseconds, and how; whose it was.
struct Logged {
    at: u64,
    status: u16,
    user: String,
}

fn log(folder: &Path) -> Vec<Logged> {
    let text = std::fs::read_to_string(folder.join("access.log")).unwrap();
    let lines = text.lines().map(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        Logged {
            at: words[0].replace('.', "").parse().unwrap(),
            status: words[1].parse().unwrap(),
            user: words[2].to_owned(),
        }
    });
    lines.collect()
}

/// The log once so many requests of a user have ended with a status: nginx writes a line after it has answered.
async fn log_with(folder: &Path, user: &str, status: u16, count: usize) -> Vec<Logged> {
    let has = |lines: &[Logged]| lines.iter().filter(|line| line.user == user && line.status == status).count();
    until("all requests are in the log", async || has(&log(folder)) == count).await;
    log(folder)
}

/// How many requests came in a time in which nobody was to ask.
fn within_a_pause(log: &[Logged]) -> usize {
    let pauses = log.iter().enumerate().filter(|(_, line)| line.status == 429);
    let after = pauses.map(|(number, pause)| {
        log[number + 1..].iter().take_while(|line| line.at < pause.at + RETRY_AFTER * 1000).count()
    });
    after.sum()
}

fn client(settings: Settings, address: SocketAddr, password: Option<&str>) -> Arc<Rdap> {
    let credentials = match password {
        Some(password) => Credentials::Basic { user: "arke".to_owned(), password: Secret::new(password) },
        None => Credentials::None,
    };
    let service = Service { base: format!("http://{address}/rdap/").parse().unwrap(), credentials };
    Arc::new(Rdap::new(&network(), settings, [("xx".into(), service)]).unwrap())
}

/// Asks for all domains, eight at a time, each until it may be asked.
async fn ask_all(rdap: &Arc<Rdap>) -> Vec<Measured> {
    let mut tasks = JoinSet::new();
    for task in 0..8 {
        let rdap = Arc::clone(rdap);
        tasks.spawn(async move {
            let mut all = Vec::new();
            for number in (task..DOMAINS).step_by(8) {
                let mut measured = Measured::bare(Outcome::RateLimited);
                // As a scheduler would, which has other things to do in between; the client knows how long.
                while measured.outcome == Outcome::RateLimited {
                    measured = rdap.measure(&format!("d{number}.xx"), NOW).await;
                }
                all.push(measured);
            }
            all
        });
    }
    tasks.join_all().await.concat()
}

fn all_are(measured: &[Measured], expected: &RdapFacts) {
    assert_eq!(measured.len(), DOMAINS);
    for one in measured {
        let Facts::Rdap(facts) = &one.facts else { panic!("{one:?}") };
        assert_eq!((one.outcome, facts.as_ref()), (Outcome::Found, expected));
    }
}

#[tokio::test]
async fn a_credentialed_server_that_limits_its_rate() {
    let Some(server) = program("rdap-srv", "PANOPTICON_RDAP_SRV") else { return };
    let Some(proxy) = program("nginx", "PANOPTICON_NGINX") else { return };
    let folder = tempfile::tempdir().unwrap();
    let object = |status: &str| {
        let mut object: Value = serde_json::from_slice(&fixture("reddog.json")).unwrap();
        object["ldhName"] = "d0.xx".into();
        object["status"] = json!([status]);
        object
    };
    let expected = |object: &Value| read(object.to_string(), "d0.xx").unwrap();
    let (full, public) = (object("server hold"), object("active"));
    let (_full, full_address) = rdap_srv(&server, &folder.path().join("full"), &full, None).await;
    let (_public, public_address) = rdap_srv(&server, &folder.path().join("public"), &public, Some("only")).await;
    let (_nginx, address) = nginx(&proxy, folder.path(), full_address, public_address).await;

    // As fast as it goes: nothing is lost, and nobody asks within a pause.
    let measured = ask_all(&client(settings(), address, Some("sesame"))).await;
    all_are(&measured, &expected(&full));
    let lines = log_with(folder.path(), "arke", 200, DOMAINS).await;
    let busy = lines.iter().filter(|line| line.status == 429).count();
    assert!(busy > 0, "it was never too much");
    assert_eq!((lines.len(), within_a_pause(&lines)), (DOMAINS + busy, 0));
    assert!(lines.iter().all(|line| line.user == "arke"));

    // At a pace that the server bears.
    let slower = Settings { per_second: 15.0, ..settings() };
    let measured = ask_all(&client(slower, address, None)).await;
    all_are(&measured, &expected(&public));
    let lines = log_with(folder.path(), "-", 200, DOMAINS).await;
    assert_eq!(within_a_pause(&lines), 0);
    let busy = lines.iter().filter(|line| line.user == "-" && line.status == 429).count();
    assert!(busy <= 1, "{busy}: the first run may have left it nearly full, and that is all");

    // A wrong password is one request.
    let wrong = client(settings(), address, Some("wrong"));
    let measured = ask_all(&wrong).await;
    assert!(measured.iter().all(|one| one.outcome == Outcome::Unauthorized));
    log_with(folder.path(), "arke", 401, 1).await;
}
