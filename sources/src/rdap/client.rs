//! The client: one question a domain, redirects by hand, and the word of a server kept.

use std::collections::HashMap;
use std::error::Error;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use compact_str::CompactString;
use panopticon_model::name::HostName;
use panopticon_model::observation::{Facts, Measured, Outcome, RdapFacts};
use panopticon_model::time::Epoch;
use reqwest::{Client, Response, Url, header};
use tokio::time::{Instant, timeout_at};

use super::access::{Base, RdapError, Service};
use super::error::MAX_ANSWER;
use super::gate::{Closed, Gates};
use super::object;
use super::reply::{self, Reply};
use crate::fetch;

/// Redirects that are followed.
const MAX_REDIRECTS: usize = 3;

/// What we understand (RFC 7480 4.2).
const ACCEPT: &str = "application/rdap+json, application/json";

/// How to ask.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Requests in a second to one origin; zero for no limit.
    pub per_second: f64,
    /// The time for a request and its answer, and the longest pause of a server that is waited for.
    pub timeout: Duration,
    /// Whether http is allowed to loopback addresses.
    pub allow_loopback: bool,
}

impl Default for Settings {
    /// Two a second, ten seconds, https only.
    fn default() -> Self {
        Settings { per_second: 2.0, timeout: Duration::from_secs(10), allow_loopback: false }
    }
}

/// The RDAP services of all TLDs. Cheap to share behind an `Arc`.
#[derive(Debug)]
pub struct Rdap {
    client: Client,
    settings: Settings,
    services: HashMap<CompactString, Asked>,
    gates: Gates,
}

/// A service, and whether it has turned us away: a wrong password must not become thousands of requests.
#[derive(Debug)]
struct Asked {
    base: Base,
    is_closed: AtomicBool,
}

/// How a question ended without an answer.
struct Ended {
    outcome: Outcome,
    /// When it may be put again.
    not_before: Option<Instant>,
}

impl From<Closed> for Ended {
    fn from(closed: Closed) -> Ended {
        Ended { outcome: closed.outcome, not_before: Some(closed.until) }
    }
}

impl From<Outcome> for Ended {
    fn from(outcome: Outcome) -> Ended {
        Ended { outcome, not_before: None }
    }
}

/// What a request brought.
enum Step {
    Answer(Vec<u8>),
    Moved(Url),
}

impl Rdap {
    /// A client for services by TLD, in A-labels. A `rustls` crypto provider must be installed.
    ///
    /// # Errors
    /// [`RdapError`] for a service that is not https or has credentials that cannot be sent; that of
    /// [`fetch::Fetcher::new`] for the network, and [`fetch::FetchError::Offline`] where offline is asked for.
    pub fn new(
        network: &fetch::Config,
        settings: Settings,
        services: impl IntoIterator<Item = (CompactString, Service)>,
    ) -> Result<Rdap, RdapError> {
        if network.offline {
            return Err(fetch::FetchError::Offline { shown: "RDAP".to_owned() }.into());
        }
        let services = services.into_iter().map(|(tld, service)| {
            let base = Base::new(&service, settings.allow_loopback)?;
            Ok((tld, Asked { base, is_closed: AtomicBool::new(false) }))
        });
        let services = services.collect::<Result<_, RdapError>>()?;
        let client = fetch::client(network)?;
        let gates = Gates::new(settings.per_second, settings.timeout);
        Ok(Rdap { client, settings, services, gates })
    }

    /// Asks the service of its TLD for a domain; `now` is the instant of the call.
    ///
    /// - [`Outcome::Found`] with [`RdapFacts`], [`Outcome::NotFound`];
    /// - [`Outcome::NoServer`] if there is no service for the TLD;
    /// - [`Outcome::Unauthorized`] once the service has turned us away, for as long as this client lives;
    /// - [`Outcome::RateLimited`] with `not_before` if the server asks for a pause; a pause that is longer than the
    ///   timeout is not waited for, and nobody is asked within it;
    /// - [`Outcome::Mismatch`], [`Outcome::Malformed`], [`Outcome::ServiceError`], [`Outcome::ClientError`] for
    ///   answers that are none;
    /// - [`Outcome::BadRedirect`], [`Outcome::RedirectLoop`], [`Outcome::TooManyRedirects`];
    /// - [`Outcome::Timeout`], [`Outcome::ConnectRefused`], [`Outcome::ConnectTimeout`], [`Outcome::TlsFailure`],
    ///   [`Outcome::Reset`] if there is no answer; then there is a pause as well, longer each time.
    pub async fn measure(&self, domain: &str, now: Epoch) -> Measured {
        let Ok(domain) = HostName::parse(domain) else { return Measured::bare(Outcome::NoServer) };
        let Some(service) = self.services.get(domain.top_level()) else {
            return Measured::bare(Outcome::NoServer);
        };
        let clock = Clock { now, started: Instant::now() };
        match self.ask(service, &domain, &clock).await {
            Ok(facts) => Measured { facts: Facts::Rdap(Box::new(facts)), ..Measured::bare(Outcome::Found) },
            Err(Ended { outcome, not_before }) => {
                Measured { not_before: not_before.map(|at| clock.at(at)), ..Measured::bare(outcome) }
            }
        }
    }

    async fn ask(&self, service: &Asked, domain: &HostName, clock: &Clock) -> Result<RdapFacts, Ended> {
        let mut url = service.base.question(domain);
        let mut asked = Vec::new();
        loop {
            match self.step(service, &url, clock).await? {
                Step::Answer(body) => {
                    return object::read(&body, domain).map_err(|error| reply::of_error(error).into());
                }
                Step::Moved(_) if asked.len() == MAX_REDIRECTS => return Err(Outcome::TooManyRedirects.into()),
                Step::Moved(to) if to == url || asked.contains(&to) => return Err(Outcome::RedirectLoop.into()),
                Step::Moved(to) => asked.push(std::mem::replace(&mut url, to)),
            }
        }
    }

    /// One request, when it is its turn.
    async fn step(&self, service: &Asked, url: &Url, clock: &Clock) -> Result<Step, Ended> {
        let origin = url.origin().ascii_serialization();
        let mut gate = self.gates.at(&origin).await;
        // Whoever stood in line before may have been turned away.
        if service.is_closed.load(Ordering::Relaxed) {
            return Err(Outcome::Unauthorized.into());
        }
        self.gates.pass(&origin, &gate).await?;
        let mut request = self.client.get(url.clone()).header(header::ACCEPT, ACCEPT);
        if let Some(value) = service.base.authorization(url) {
            request = request.header(header::AUTHORIZATION, value);
        }
        let deadline = Instant::now() + self.settings.timeout;
        let response = match timeout_at(deadline, request.send()).await {
            Ok(response) => response.map_err(|error| transport(&error)),
            Err(_) => Err(Outcome::Timeout),
        };
        // Each of those in line would find out by itself, one after the other.
        let pause = reply::unsaid(gate.refusals());
        let response = response.map_err(|outcome| gate.close(outcome, pause))?;
        let (now, allow_loopback) = (clock.at(Instant::now()), self.settings.allow_loopback);
        let reply = reply::read(response.status(), response.headers(), url, now, gate.refusals(), allow_loopback);
        if !matches!(reply, Reply::Pause(..)) {
            gate.open();
        }
        match reply {
            Reply::Pause(outcome, pause) => Err(gate.close(outcome, pause).into()),
            Reply::Unauthorized => {
                // Where it redirects to, nobody has seen our credentials.
                service.is_closed.fetch_or(service.base.is_at(url), Ordering::Relaxed);
                Err(Outcome::Unauthorized.into())
            }
            Reply::Moved(to) => Ok(Step::Moved(to)),
            Reply::Is(outcome) => Err(outcome.into()),
            Reply::Body => {
                drop(gate);
                let body = timeout_at(deadline, body(response)).await.map_err(|_| Outcome::Timeout)??;
                Ok(Step::Answer(body))
            }
        }
    }
}

/// The wall clock of a measurement: the instant that it was told, and what has passed since.
struct Clock {
    now: Epoch,
    started: Instant,
}

impl Clock {
    /// The instant, rounded up to a millisecond.
    fn at(&self, instant: Instant) -> Epoch {
        let passed = instant.saturating_duration_since(self.started).as_micros().div_ceil(1000);
        self.now.plus(u64::try_from(passed).unwrap_or(u64::MAX))
    }
}

/// The body, if it is no longer than an answer may be.
async fn body(mut response: Response) -> Result<Vec<u8>, Outcome> {
    if response.content_length().is_some_and(|length| length > MAX_ANSWER as u64) {
        return Err(Outcome::Malformed);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| transport(&error))? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(Outcome::Malformed);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Why there is no answer.
fn transport(error: &reqwest::Error) -> Outcome {
    if error.is_timeout() {
        return if error.is_connect() { Outcome::ConnectTimeout } else { Outcome::Timeout };
    }
    let mut cause = error.source();
    while let Some(error) = cause {
        let io = error.downcast_ref::<io::Error>();
        if io.is_some_and(|io| io.kind() == io::ErrorKind::ConnectionRefused) {
            return Outcome::ConnectRefused;
        }
        if error.is::<rustls::Error>() {
            return Outcome::TlsFailure;
        }
        // The source of an I/O error is that of what it wraps; what it wraps would be left out.
        cause = match io.and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    if error.is_connect() { Outcome::ConnectTimeout } else { Outcome::Reset }
}
