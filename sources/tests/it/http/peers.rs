//! Programs of other people: nginx as the target, tinyproxy and microsocks as vantages.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use panopticon_model::observation::{Finding, Look, Outcome, ProbeKind};
use panopticon_sources::http::{Config, Fetcher, Vantage};
use tempfile::TempDir;
use tokio::net::TcpStream;

use super::proxies::{through, tunnel};
use super::world::{Flaw, Identity, Names, config, facts, fetcher, impatient};

/// How long a program may take to listen.
const DEADLINE: Duration = Duration::from_secs(20);

/// A program, ended with the test.
struct Running {
    child: Child,
    port: u16,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where a program lies; says so where it is not installed.
fn installed(name: &str) -> Option<PathBuf> {
    let found = ["/usr/sbin", "/usr/bin", "/usr/local/bin"].iter().map(|folder| Path::new(folder).join(name));
    let found = found.into_iter().find(|path| path.exists());
    if found.is_none() {
        #[allow(clippy::print_stdout, reason = "whoever reads the log should know what was not tested")]
        {
            println!("skipped: {name} is not installed");
        }
    }
    found
}

/// A port that nobody listens on, and that no connection out of this machine can take meanwhile.
fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = std::process::id().wrapping_mul(97).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = 20_000 + u16::try_from(number % 10_000).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Starts a program and waits until it listens.
async fn run(program: &Path, arguments: &[&str], port: u16) -> Running {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut running = Running { child: command.spawn().unwrap(), port };
    let listens = async {
        let mut clock = tokio::time::interval(Duration::from_millis(10));
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            assert!(running.child.try_wait().unwrap().is_none(), "{program:?} has ended");
            clock.tick().await;
        }
    };
    tokio::time::timeout(DEADLINE, listens).await.unwrap();
    running
}

/// The targets: names under `.xx`, http at `port`, https at `tls_port`.
struct Targets {
    _nginx: Running,
    port: u16,
    tls_port: u16,
}

const FLAWS: [(&str, Flaw, Option<&str>); 4] = [
    ("shop.xx", Flaw::None, None),
    ("expired.xx", Flaw::Expired, Some("expired")),
    ("self.xx", Flaw::SelfSigned, Some("self-signed")),
    ("wrong.xx", Flaw::WrongName, Some("wrong-name")),
];

async fn targets(nginx: &Path, folder: &TempDir) -> Targets {
    let (port, tls_port, root) = (free_port(), free_port(), folder.path().display());
    fs::write(folder.path().join("huge.html"), "<p>A huge page. ".repeat(400_000)).unwrap();
    fs::write(folder.path().join("page.html"), "<title>Shop</title><p>Buy one of two for three.").unwrap();
    let mut secure = String::new();
    for (name, flaw, _) in FLAWS {
        Identity::new(name, flaw).write(folder.path(), name);
        secure.push_str(&format!(
            "server {{ listen 127.0.0.1:{tls_port} ssl; server_name {name}; root {root};
               ssl_certificate {root}/{name}.pem; ssl_certificate_key {root}/{name}.key;
               location = /by-address {{ if ($remote_addr = 127.0.0.2) {{ return 404; }} try_files /page.html =404; }}
               location = /by-agent {{
                 if ($http_user_agent ~ panopticon) {{ return 403; }} try_files /page.html =404; }} }}\n"
        ));
    }
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary: String = temporary.iter().map(|kind| format!("{kind}_temp_path {root}/{kind};\n")).collect();
    let text = format!(
        "daemon off; master_process off; pid {root}/nginx.pid; error_log /dev/null;
         events {{ worker_connections 512; }}
         http {{
           access_log off; default_type text/html; gzip on; gzip_min_length 1; {temporary}
           server {{ listen 127.0.0.1:{port}; server_name localhost plain.xx; root {root};
             location = /moved {{ return 301 https://shop.xx:{tls_port}/page.html; }}
             location = /circle {{ return 302 /circle; }}
             location = /slow.html {{ limit_rate 4000; try_files /huge.html =404; }}
             location = /cut {{ return 444; }} }}
           {secure} }}"
    );
    let conf = folder.path().join("nginx.conf");
    fs::write(&conf, text).unwrap();
    let nginx = run(nginx, &["-p", folder.path().to_str().unwrap(), "-c", conf.to_str().unwrap()], port).await;
    Targets { _nginx: nginx, port, tls_port }
}

/// A tinyproxy that goes out from an address of its own, and opens tunnels to one port.
async fn tinyproxy(
    program: &Path,
    folder: &TempDir,
    name: &str,
    from: &str,
    port_of_tunnels: u16,
    rest: &str,
) -> Running {
    let port = free_port();
    let conf = folder.path().join(format!("{name}.conf"));
    let text = format!(
        "Port {port}\nListen 127.0.0.1\nBind {from}\nTimeout 10\nMaxClients 100\nAllow 127.0.0.0/8\n\
         ViaProxyName \"{name}\"\nConnectPort {port_of_tunnels}\nLogLevel Critical\nLogFile \"/dev/null\"\n{rest}\n"
    );
    fs::write(&conf, text).unwrap();
    run(program, &["-d", "-c", conf.to_str().unwrap()], port).await
}

fn names() -> Names {
    let local = ["shop.xx", "expired.xx", "self.xx", "wrong.xx", "plain.xx", "localhost"];
    local.into_iter().fold(Names::default(), |names, name| names.with(name, &["127.0.0.1"]))
}

#[tokio::test]
async fn nginx_is_fetched() {
    let Some(nginx) = installed("nginx") else { return };
    let folder = tempfile::tempdir().unwrap();
    let targets = targets(&nginx, &folder).await;
    let (port, tls_port) = (targets.port, targets.tls_port);
    let direct = async |config: Config, url: String| through("direct", config, &names(), &url).await;
    let (outcome, facts) = direct(config(), format!("http://plain.xx:{port}/page.html")).await;
    assert_eq!((outcome, facts.title.as_deref()), (Outcome::Content, Some("Shop")));
    assert!(facts.server.unwrap().starts_with("nginx/") && facts.length == 47);
    for (path, expected) in [
        ("none", Outcome::NotFound),
        ("circle", Outcome::RedirectLoop),
        ("huge.html", Outcome::TooLarge),
        ("cut", Outcome::Reset),
        // Another port than that of the first URL.
        ("moved", Outcome::BadRedirect),
    ] {
        let (outcome, facts) = direct(config(), format!("http://plain.xx:{port}/{path}")).await;
        assert_eq!(outcome, expected, "{path} {facts:?}");
    }
    let (outcome, facts) = direct(impatient(), format!("http://plain.xx:{port}/slow.html")).await;
    assert_eq!((outcome, facts.status), (Outcome::Timeout, Some(200)), "{facts:?}");
    for (name, _, error) in FLAWS {
        let (outcome, facts) = direct(config(), format!("https://{name}:{tls_port}/page.html")).await;
        assert_eq!((outcome, facts.title.as_deref()), (Outcome::Content, Some("Shop")), "{name}");
        assert_eq!(facts.tls.unwrap().error.as_deref(), error, "{name}");
    }
    // Each speaks to the other's port: nginx answers plain http with 400, and cannot read a TLS greeting.
    assert_eq!(direct(config(), format!("http://shop.xx:{tls_port}/")).await.0, Outcome::ClientError);
    assert_eq!(direct(config(), format!("https://plain.xx:{port}/")).await.0, Outcome::TlsFailure);
}

#[tokio::test]
async fn tinyproxy_is_a_vantage() {
    let (Some(nginx), Some(program)) = (installed("nginx"), installed("tinyproxy")) else { return };
    let folder = tempfile::tempdir().unwrap();
    let targets = targets(&nginx, &folder).await;
    let (port, tls_port) = (targets.port, targets.tls_port);
    let a = tinyproxy(&program, &folder, "geo-a", "127.0.0.2", tls_port, "").await;
    let b = tinyproxy(&program, &folder, "geo-b", "127.0.0.4", tls_port, "BasicAuth user s3cret").await;
    let via_a = format!("http://127.0.0.1:{}?via=geo-a", a.port);
    let via_b = format!("http://user:s3cret@127.0.0.1:{}?via=geo-b", b.port);
    for way in [&via_a, &via_b] {
        let (outcome, facts) =
            through(way, config(), &names(), &format!("http://localhost:{port}/page.html")).await;
        assert_eq!((outcome, facts.title.as_deref()), (Outcome::Content, Some("Shop")), "{way} {facts:?}");
        assert!(facts.resolved_by_proxy);
        let url = format!("https://shop.xx:{tls_port}/page.html");
        let (outcome, facts) = through(way, config(), &names(), &url).await;
        assert_eq!((outcome, facts.resolved_by_proxy), (Outcome::Content, false), "{way} {facts:?}");
        assert_eq!(facts.tls.unwrap().error, None);
        let (outcome, _) = through(way, config(), &names(), &format!("http://localhost:{port}/none")).await;
        assert_eq!(outcome, Outcome::NotFound);
    }
    let closed = free_port();
    let other_name = format!("http://127.0.0.1:{}?via=geo-a", b.port);
    let wrong_password = format!("http://user:wrong@127.0.0.1:{}?via=geo-b", b.port);
    for (way, url) in [
        // A name that only we know, a port where nobody listens, one to which it opens no tunnel: all told by the
        // proxy, and nothing known of the target.
        (&via_a, format!("http://plain.xx:{port}/")),
        (&via_a, format!("http://localhost:{closed}/")),
        (&via_a, format!("https://shop.xx:{port}/")),
        (&wrong_password, format!("http://localhost:{port}/page.html")),
        (&wrong_password, format!("https://shop.xx:{tls_port}/page.html")),
        (&other_name, format!("http://localhost:{port}/page.html")),
    ] {
        let (outcome, facts) = through(way, config(), &names(), &url).await;
        assert_eq!(outcome, Outcome::ProxyFailure, "{way} {url} {facts:?}");
    }
    // With TLS before it, it is an https proxy.
    let acceptor = Identity::new("127.0.0.1", Flaw::None).acceptor();
    let front = tunnel(Some(([127, 0, 0, 1], a.port).into()), Some(acceptor)).await;
    let url = format!("https://shop.xx:{tls_port}/page.html");
    assert_eq!(through(&format!("https://{front}"), config(), &names(), &url).await.0, Outcome::Content);
}

#[tokio::test]
async fn microsocks_is_a_vantage() {
    let (Some(nginx), Some(program)) = (installed("nginx"), installed("microsocks")) else { return };
    let folder = tempfile::tempdir().unwrap();
    let targets = targets(&nginx, &folder).await;
    let port = free_port().to_string();
    let open = run(&program, &["-i", "127.0.0.1", "-p", &port], port.parse().unwrap()).await;
    let port = free_port().to_string();
    let with_password = ["-i", "127.0.0.1", "-p", &port, "-u", "user", "-P", "s3cret"];
    let closed = run(&program, &with_password, port.parse().unwrap()).await;
    let (http, https) = (
        format!("http://plain.xx:{}/page.html", targets.port),
        format!("https://shop.xx:{}/page.html", targets.tls_port),
    );
    let refused = format!("http://plain.xx:{}/", free_port());
    let open = format!("socks5://127.0.0.1:{}", open.port);
    let with_password = format!("socks5://user:s3cret@127.0.0.1:{}", closed.port);
    let wrong_password = format!("socks5://user:wrong@127.0.0.1:{}", closed.port);
    let no_password = format!("socks5://127.0.0.1:{}", closed.port);
    for (way, url, expected) in [
        (&open, &http, Outcome::Content),
        (&open, &https, Outcome::Content),
        (&with_password, &http, Outcome::Content),
        (&open, &refused, Outcome::ConnectRefused),
        (&with_password, &refused, Outcome::ConnectRefused),
        (&wrong_password, &http, Outcome::ProxyFailure),
        (&no_password, &http, Outcome::ProxyFailure),
    ] {
        let (outcome, facts) = through(way, config(), &names(), url).await;
        assert_eq!(outcome, expected, "{way} {url} {facts:?}");
        assert!(!facts.resolved_by_proxy && (outcome != Outcome::Content || facts.address.is_some()));
    }
}

async fn look(fetcher: &Fetcher<Names>, vantage: &str, url: &str, other_agent: bool) -> Look {
    let measured = fetcher.measure(vantage, url, None, other_agent).await;
    Look { finding: measured.outcome.finding(ProbeKind::Https), similarity: facts(&measured).similarity }
}

#[tokio::test]
async fn cloaking_is_seen() {
    let (Some(nginx), Some(program)) = (installed("nginx"), installed("tinyproxy")) else { return };
    let folder = tempfile::tempdir().unwrap();
    let targets = targets(&nginx, &folder).await;
    let proxy = tinyproxy(&program, &folder, "geo-a", "127.0.0.2", targets.tls_port, "").await;
    let way = format!("http://127.0.0.1:{}", proxy.port);
    let there = Vantage::new("there", "de", vec![way.parse().unwrap()]).unwrap();
    let mut config = config();
    config.vantages.push(there);
    let fetcher = fetcher(config, &names());
    let url = |path: &str| format!("https://shop.xx:{}/{path}", targets.tls_port);
    let (here, there) = (url("by-address"), url("by-address"));
    let (here, there) = (look(&fetcher, "here", &here, false).await, look(&fetcher, "there", &there, false).await);
    assert_eq!((here.finding, there.finding), (Finding::Alive, Finding::Gone));
    assert!(here.differs_from(&there));
    let (ours, browsers) = (
        look(&fetcher, "here", &url("by-agent"), false).await,
        look(&fetcher, "here", &url("by-agent"), true).await,
    );
    assert_eq!((ours.finding, browsers.finding), (Finding::Neither, Finding::Alive));
    assert!(ours.differs_from(&browsers));
    let same = look(&fetcher, "there", &url("page.html"), false).await;
    assert!(!look(&fetcher, "here", &url("page.html"), true).await.differs_from(&same));
}
