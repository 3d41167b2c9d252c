//! What the tests of fetching stand on: scripted servers on loopback, a resolver of made-up names, an authority.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use compact_str::CompactString;
use panopticon_model::name::HostName;
use panopticon_model::observation::{Facts, HttpFacts, Measured, Outcome};
use panopticon_sources::http::{Config, Fetcher, Resolve, ResolveError, Vantage, Way};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

type Resolved = Result<Vec<IpAddr>, ResolveError>;

/// A resolver of made-up names: each answer serves once, the last one for ever.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(Arc<Mutex<HashMap<String, Vec<Resolved>>>>);

impl Names {
    /// One more name, with its answers: addresses with commas between, or the word for an error.
    pub(super) fn with(self, name: &str, answers: &[&str]) -> Names {
        let answers = answers.iter().map(|answer| match *answer {
            "no-address" => Err(ResolveError::NoAddress),
            "timed-out" => Err(ResolveError::TimedOut),
            "failed" => Err(ResolveError::Failed),
            addresses => Ok(addresses.split(',').map(|address| address.parse().unwrap()).collect()),
        });
        self.0.lock().unwrap().insert(name.to_owned(), answers.collect());
        self
    }
}

impl Resolve for Names {
    async fn resolve(&self, host: &HostName) -> Resolved {
        let mut names = self.0.lock().unwrap();
        let answers = names.get_mut(host.as_str()).ok_or(ResolveError::NoAddress)?;
        if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() }
    }
}

/// A configuration with the vantage `here`, which goes out directly, and no pace.
pub(super) fn config() -> Config {
    Config {
        user_agent: "panopticon-test/1 (+https://example.org)".to_owned(),
        other_agent: "Mozilla/5.0 (a browser)".to_owned(),
        vantages: vec![Vantage::new("here", "nl", vec![Way::Direct]).unwrap()],
        allow_private: vec!["127.0.0.0/8".parse().unwrap()],
        host_per_second: 0.0,
        address_per_second: 0.0,
        ..Config::default()
    }
}

/// A configuration with limits that a test can wait for.
pub(super) fn impatient() -> Config {
    let mut config = config();
    config.limits.connect = Duration::from_millis(200);
    config.limits.silence = Duration::from_millis(200);
    config.limits.total = Duration::from_millis(600);
    config
}

/// A fetcher that trusts the test authority; the registrable domain is the last two labels.
pub(super) fn fetcher(mut config: Config, names: &Names) -> Fetcher<Names> {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, authority().pem()).unwrap();
    config.ca = Some(ca);
    Fetcher::new(config, names.clone(), registrable).unwrap()
}

fn registrable(host: &str) -> Option<CompactString> {
    let (rest, top) = host.rsplit_once('.')?;
    let label = rest.rsplit('.').next()?;
    Some(format!("{label}.{top}").into())
}

/// The facts of a fetch.
pub(super) fn facts(measured: &Measured) -> &HttpFacts {
    match &measured.facts {
        Facts::Http(facts) => facts,
        other => panic!("{other:?}"),
    }
}

/// Fetches a URL from `here`.
pub(super) async fn fetch(fetcher: &Fetcher<Names>, url: &str) -> (Outcome, HttpFacts) {
    let measured = fetcher.measure("here", url, None, false).await;
    (measured.outcome, facts(&measured).clone())
}

/// What a server does, step by step.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Sends octets.
    Send(Vec<u8>),
    /// Sends octets, each in a packet of its own.
    Bytewise(Vec<u8>),
    /// Sends the same octets until nobody takes them.
    Forever(Vec<u8>),
    /// Sends the same octets every so many milliseconds until nobody takes them.
    Drip(Vec<u8>, u64),
    /// Waits until the other end goes.
    Hold,
    /// Cuts the connection off.
    Reset,
}

/// An answer with a status line, headers and a body of its length.
pub(super) fn reply(status: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Vec<Step> {
    let body = body.as_ref();
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    vec![Step::Send([head.as_bytes(), body].concat())]
}

/// A redirect.
pub(super) fn redirect(location: &str) -> Vec<Step> {
    reply("302 Found", &[&format!("Location: {location}")], "")
}

/// Octets as they stand.
pub(super) fn raw(text: impl AsRef<[u8]>) -> Vec<Step> {
    vec![Step::Send(text.as_ref().to_vec())]
}

/// A server that answers by a function of the head of the request.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(super) async fn start(script: impl Fn(&str) -> Vec<Step> + Send + Sync + 'static) -> Server {
        Server::start_at("127.0.0.1:0", None, script).await
    }

    /// At an address, over TLS if there is an acceptor.
    pub(super) async fn start_at(
        address: &str,
        tls: Option<TlsAcceptor>,
        script: impl Fn(&str) -> Vec<Step> + Send + Sync + 'static,
    ) -> Server {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (log, script) = (Arc::clone(&requests), Arc::new(script));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, tls, script) = (Arc::clone(&log), tls.clone(), Arc::clone(&script));
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, &log, &*script).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, &log, &*script).await;
                            }
                        }
                    }
                });
            }
        });
        Server { address, requests }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    /// What was asked, heads only.
    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// What a server can do with a connection besides reading and writing.
trait Cut {
    fn cut(self);
}

impl Cut for TcpStream {
    fn cut(self) {
        self.set_zero_linger().unwrap();
    }
}

impl Cut for tokio_rustls::server::TlsStream<TcpStream> {
    fn cut(self) {
        self.into_inner().0.cut();
    }
}

/// The head of a request.
pub(super) async fn head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8_lossy(&head).into_owned())
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin + Cut,
    log: &Mutex<Vec<String>>,
    script: &(dyn Fn(&str) -> Vec<Step> + Send + Sync),
) {
    let Some(head) = head(&mut stream).await else { return };
    log.lock().unwrap().push(head.clone());
    // The other end may have gone, which is what some tests are about.
    for step in script(&head) {
        match step {
            Step::Send(bytes) => {
                let _ = stream.write_all(&bytes).await;
            }
            Step::Bytewise(bytes) => {
                for byte in bytes {
                    let _ = stream.write_all(&[byte]).await;
                    let _ = stream.flush().await;
                    tokio::task::yield_now().await;
                }
            }
            Step::Forever(bytes) => {
                while stream.write_all(&bytes).await.is_ok() {
                    tokio::task::yield_now().await;
                }
            }
            Step::Drip(bytes, every) => {
                let mut clock = tokio::time::interval(Duration::from_millis(every));
                while stream.write_all(&bytes).await.is_ok() {
                    clock.tick().await;
                }
            }
            Step::Hold => {
                let _ = stream.read_u8().await;
            }
            Step::Reset => return stream.cut(),
        }
    }
    let _ = stream.shutdown().await;
}

/// The authority that the fetchers of the tests trust; one for the process.
pub(super) fn authority() -> &'static CertifiedIssuer<'static, KeyPair> {
    static AUTHORITY: std::sync::OnceLock<CertifiedIssuer<'static, KeyPair>> = std::sync::OnceLock::new();
    AUTHORITY.get_or_init(|| {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "Test Authority");
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    })
}

/// A certificate with its key.
pub(super) struct Identity {
    pub(super) der: CertificateDer<'static>,
    pem: String,
    key: KeyPair,
}

/// How a certificate is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    None,
    Expired,
    NotYetValid,
    SelfSigned,
    UnknownIssuer,
    WrongName,
}

impl Identity {
    pub(super) fn new(name: &str, flaw: Flaw) -> Identity {
        let name = if flaw == Flaw::WrongName { "another.xx" } else { name };
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.distinguished_name.push(DnType::OrganizationName, "Example");
        match flaw {
            Flaw::Expired => params.not_after = rcgen::date_time_ymd(2001, 2, 3),
            Flaw::NotYetValid => params.not_before = rcgen::date_time_ymd(2999, 1, 1),
            _ => {}
        }
        Identity::of(&params, flaw)
    }

    pub(super) fn of(params: &CertificateParams, flaw: Flaw) -> Identity {
        let key = KeyPair::generate().unwrap();
        let certificate = match flaw {
            Flaw::SelfSigned => params.self_signed(&key),
            Flaw::UnknownIssuer => {
                let mut other = CertificateParams::new(Vec::new()).unwrap();
                other.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
                other.distinguished_name.push(DnType::CommonName, "Another Authority");
                params.signed_by(&key, &CertifiedIssuer::self_signed(other, KeyPair::generate().unwrap()).unwrap())
            }
            _ => params.signed_by(&key, authority()),
        };
        let certificate = certificate.unwrap();
        Identity { der: certificate.der().clone(), pem: certificate.pem(), key }
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.serialize_der()));
        let provider = rustls::crypto::ring::default_provider();
        // Not looked at by the library: it would not serve some that we want to see.
        let pair = CertifiedKey::new(vec![self.der.clone()], provider.key_provider.load_private_key(key).unwrap());
        let builder = rustls::ServerConfig::builder_with_provider(Arc::new(provider));
        let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        TlsAcceptor::from(Arc::new(builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(pair)))))
    }

    /// Writes certificate and key as PEM: `NAME.pem` and `NAME.key`.
    pub(super) fn write(&self, folder: &Path, name: &str) {
        std::fs::write(folder.join(format!("{name}.pem")), &self.pem).unwrap();
        std::fs::write(folder.join(format!("{name}.key")), self.key.serialize_pem()).unwrap();
    }
}
