//! The client: one question a domain, redirects by hand, and the word of a server kept.

use std::error::Error;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use panopticon_model::name::HostName;
use panopticon_model::time::Epoch;
use reqwest::header::{self, HeaderValue};
use reqwest::{Certificate, Client, ClientBuilder, Identity, Response, Url};
use ring::rand::{SecureRandom, SystemRandom};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use super::answer::{self, MAX_BYTES, Registration};
use super::base::Base;
use super::gate::Gates;
use super::reply::{self, Reply};
use super::{Auth, RdapError};
use crate::names::Names;

/// Redirects that are followed.
const MAX_REDIRECTS: usize = 3;
/// How often a question is put that the server answers with a pause.
const TRIES: u32 = 5;
/// What we understand (RFC 7480, 4.2).
const ACCEPT: &str = "application/rdap+json, application/json";

/// How to ask.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The URL to which `domain/NAME` is joined: https, or http to a loopback address.
    pub url: Url,
    /// The time from one request to the next to the same origin; zero for no limit.
    pub interval: Duration,
    /// Answers that are read at once, at least one. Requests are sent one at a time to an origin, each when the head
    /// of the answer before it is there.
    pub concurrency: usize,
    /// The time for a request and its answer.
    pub timeout: Duration,
    /// The longest pause of a server that is waited for.
    pub patience: Duration,
    /// Authorities that are trusted besides those of this machine, PEM.
    pub roots: Option<String>,
}

impl Settings {
    /// Two requests a second, two answers at once, ten seconds each; a minute's pause is waited for.
    #[must_use]
    pub fn new(url: Url) -> Settings {
        Settings {
            url,
            interval: Duration::from_millis(500),
            concurrency: 2,
            timeout: Duration::from_secs(10),
            patience: Duration::from_secs(60),
            roots: None,
        }
    }
}

/// The RDAP service of a registry. Cheap to share behind an `Arc`.
#[derive(Debug)]
pub struct Rdap {
    /// Knows the client certificate; for the origin of the service.
    own: Client,
    /// Does not; for where the service redirects to.
    other: Client,
    base: Base,
    authorization: Option<HeaderValue>,
    settings: Settings,
    gates: Gates,
    reading: Semaphore,
    /// It has turned us away: a wrong password must not become thousands of requests.
    is_stopped: AtomicBool,
    random: SystemRandom,
}

/// What a request brought.
enum Step {
    Answer(Vec<u8>),
    Moved(Url),
    /// Nobody may ask for so long.
    Pause(Duration),
}

impl Rdap {
    /// A client for one service. Proxies that the environment names are not used. Installs `ring` for TLS, unless
    /// another is installed.
    ///
    /// # Errors
    /// [`RdapError::Setup`] for a URL, credentials or authorities that cannot be used.
    pub fn new(settings: Settings, auth: &Auth) -> Result<Rdap, RdapError> {
        // Without a provider the client would panic. A second installation fails, which is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let base = Base::new(settings.url.clone())?;
        let other = client(&settings, None)?;
        let own = match auth.identity()? {
            Some(identity) => client(&settings, Some(&identity))?,
            None => other.clone(),
        };
        Ok(Rdap {
            own,
            other,
            base,
            authorization: auth.header()?,
            reading: Semaphore::new(settings.concurrency.max(1)),
            settings,
            gates: Gates::default(),
            is_stopped: AtomicBool::new(false),
            random: SystemRandom::new(),
        })
    }

    /// Asks for a domain. A pause that the server asks for is waited for, up to `patience`, and nobody asks within it.
    ///
    /// # Errors
    /// [`RdapError`] without an answer to the question. After [`RdapError::Unauthorized`] it is
    /// [`RdapError::Stopped`] for as long as this client lives.
    pub async fn domain(&self, name: &HostName) -> Result<Registration, RdapError> {
        let _permit = self.reading.acquire().await.map_err(|_| RdapError::Stopped)?;
        let mut url = self.base.question(name);
        let (mut redirects, mut tries) = (0, 1);
        loop {
            match self.step(&url).await? {
                Step::Answer(body) => return Ok(answer::read(&body, name)?),
                Step::Moved(_) if redirects == MAX_REDIRECTS => {
                    return Err(RdapError::Redirect("more than three times"));
                }
                Step::Moved(to) => (url, redirects) = (to, redirects + 1),
                Step::Pause(left) if tries == TRIES => return Err(RdapError::RateLimited { retry_after: left }),
                Step::Pause(_) => tries += 1,
            }
        }
    }

    /// One request, when it is its turn.
    async fn step(&self, url: &Url) -> Result<Step, RdapError> {
        let mut gate = self.gates.at(&url.origin().ascii_serialization()).await;
        let passed = gate.pass(self.settings.interval, self.settings.patience).await;
        passed.map_err(|retry_after| RdapError::RateLimited { retry_after })?;
        // Whoever stood in line before may have been turned away.
        if self.is_stopped.load(Ordering::Relaxed) {
            return Err(RdapError::Stopped);
        }
        let is_own = self.base.is_at(url);
        let mut request = if is_own { &self.own } else { &self.other }.get(url.clone());
        request = request.header(header::ACCEPT, ACCEPT);
        if let Some(value) = self.authorization.as_ref().filter(|_| is_own) {
            request = request.header(header::AUTHORIZATION, value);
        }
        let deadline = Instant::now() + self.settings.timeout;
        let response = timeout_at(deadline, request.send()).await.map_err(|_| RdapError::Timeout)?;
        let response = response.map_err(|error| transport(&error))?;
        match reply::read(response.status(), response.headers(), &self.base, url, now()) {
            Reply::Pause(asked) => {
                let pause = asked.unwrap_or_else(|| reply::unsaid(gate.refusals(), self.any()));
                gate.close(pause);
                Ok(Step::Pause(gate.left()))
            }
            Reply::Over(error) => {
                gate.open();
                let turned_away = matches!(error, RdapError::Unauthorized);
                self.is_stopped.fetch_or(turned_away, Ordering::Relaxed);
                Err(error)
            }
            Reply::Moved(to) => {
                gate.open();
                Ok(Step::Moved(to))
            }
            Reply::Body => {
                gate.open();
                drop(gate);
                timeout_at(deadline, body(response)).await.map_err(|_| RdapError::Timeout)?.map(Step::Answer)
            }
        }
    }

    /// Any number; none of it is a secret.
    fn any(&self) -> u64 {
        let mut bytes = [0; 8];
        // Without randomness the pause is as long as it can be.
        self.random.fill(&mut bytes).map_or(u64::MAX, |()| u64::from_le_bytes(bytes))
    }
}

/// A client that does nothing by itself. On a machine that trusts no authority it is one for loopback alone.
fn client(settings: &Settings, identity: Option<&Identity>) -> Result<Client, RdapError> {
    let with = |builder: ClientBuilder| match identity {
        Some(identity) => builder.identity(identity.clone()),
        None => builder,
    };
    let built = match with(builder(settings)?).build() {
        Err(_) if settings.url.scheme() == "http" => with(builder(settings)?.tls_certs_only([])).build(),
        built => built,
    };
    built.map_err(|_| {
        RdapError::Setup(
            "this machine trusts no authority (install its package of root certificates, often `ca-certificates`), or \
             the client certificate does not fit its key",
        )
    })
}

fn builder(settings: &Settings) -> Result<ClientBuilder, RdapError> {
    let builder = Client::builder()
        .user_agent(concat!("arke/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .dns_resolver(Names)
        .no_proxy();
    let Some(roots) = &settings.roots else { return Ok(builder) };
    let wrong = |_| RdapError::Setup("the authorities are not certificates in PEM");
    let roots = Certificate::from_pem_bundle(roots.as_bytes()).map_err(wrong)?;
    Ok(builder.tls_certs_merge(roots))
}

/// The wall clock, for dates of a server that does not say its own.
fn now() -> Epoch {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Epoch(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// The body, if it is no longer than an answer may be.
async fn body(mut response: Response) -> Result<Vec<u8>, RdapError> {
    if response.content_length().is_some_and(|length| length > MAX_BYTES as u64) {
        return Err(RdapError::TooLarge);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| transport(&error))? {
        if body.len() + chunk.len() > MAX_BYTES {
            return Err(RdapError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Why there is no answer.
fn transport(error: &reqwest::Error) -> RdapError {
    if error.is_timeout() {
        return RdapError::Timeout;
    }
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.is::<rustls::Error>() {
            return RdapError::Tls;
        }
        // The source of an I/O error is that of what it wraps; what it wraps would be left out.
        cause = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    RdapError::Unreachable
}
