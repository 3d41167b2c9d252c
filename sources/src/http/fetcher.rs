//! Fetching: from a URL to what it answers, at one vantage, within budgets.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::time::Duration;

use compact_str::{CompactString, ToCompactString};
use hyper::header::HeaderValue;
use panopticon_model::name::HostName;
use panopticon_model::observation::{Facts, Hop, HttpFacts, Measured, Outcome, TlsFacts};
use tokio::time::{Instant, timeout};
use url::Url;

use super::admit::{self, Admitted, Guard, Refusal, Resolve};
use super::chain::{Broken, Chain};
use super::config::{Config, Limits, SetupError};
use super::dial::{Dialled, dial};
use super::exchange::{Answer, Question, exchange};
use super::failure::{self, Failure, Peer, Phase, Sign};
use super::tls::Tls;
use super::tunnel::basic;
use super::vantage::Vantage;
use super::way::Way;
use crate::probe::pace::Pace;

/// Octets of a URL that are kept; there may be eleven of them in an observation.
const MAX_KEPT_URL: usize = 2048;

/// The registrable domain of a host, if it has one.
type Registrable = dyn Fn(&str) -> Option<CompactString> + Send + Sync;

/// Fetches URLs as its configuration says. One for the whole program: it keeps the pace.
pub struct Fetcher<R> {
    vantages: HashMap<CompactString, Vantage>,
    seed: u64,
    user_agent: HeaderValue,
    other_agent: HeaderValue,
    limits: Limits,
    guard: Guard,
    tls: Tls,
    resolver: R,
    registrable: Box<Registrable>,
    hosts: Pace<CompactString>,
    addresses: Pace<IpAddr>,
}

impl<R> fmt::Debug for Fetcher<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetcher").field("vantages", &self.vantages).finish_non_exhaustive()
    }
}

impl<R: Resolve> Fetcher<R> {
    /// A fetcher that resolves names with `resolver`, and knows by `registrable` which registrable domain a host is
    /// under (lower-case A-labels, no trailing dot).
    ///
    /// # Errors
    /// [`SetupError`] for what is to be corrected in the configuration or on this machine.
    pub fn new(
        config: Config,
        resolver: R,
        registrable: impl Fn(&str) -> Option<CompactString> + Send + Sync + 'static,
    ) -> Result<Fetcher<R>, SetupError> {
        let agent = |text: &str| HeaderValue::from_str(text).map_err(|_| SetupError::Agent);
        let mut vantages = HashMap::new();
        for vantage in config.vantages {
            if let Some(twice) = vantages.insert(vantage.id().to_compact_string(), vantage) {
                return Err(SetupError::Twice(twice.id().into()));
            }
        }
        Ok(Fetcher {
            vantages,
            seed: config.seed,
            user_agent: agent(&config.user_agent)?,
            other_agent: agent(&config.other_agent)?,
            limits: config.limits,
            guard: Guard::new(config.allow_private),
            tls: Tls::new(config.ca.as_deref())?,
            resolver,
            registrable: Box::new(registrable),
            hosts: Pace::new(config.host_per_second, 1),
            addresses: Pace::new(config.address_per_second, 1),
        })
    }

    /// Fetches a URL from a vantage, once, and says what came of it. `spelled` is the spelling that is fetched, where
    /// it is not `url`; `other_agent` is for a look as a browser would take it.
    ///
    /// How many run at once is up to the caller. Dropping the future closes the connection.
    pub async fn measure(&self, vantage: &str, url: &str, spelled: Option<&str>, other_agent: bool) -> Measured {
        let mut facts = Box::new(HttpFacts::default());
        let outcome = match self.vantages.get(vantage) {
            Some(vantage) => {
                let way = vantage.way(self.seed, url);
                facts.via = way.to_compact_string();
                let mut budget = Budget { left: self.limits.total };
                let outcome = match spelling(url, spelled) {
                    Ok(first) => self.follow(way, first, other_agent, &mut budget, &mut facts).await,
                    Err(failure) => Err(failure),
                };
                facts.duration_ms = milliseconds(self.limits.total.saturating_sub(budget.left));
                outcome
            }
            None => Err(Failure {
                outcome: Outcome::ProxyFailure,
                detail: failure::words(format_args!("there is no vantage `{vantage}`")),
            }),
        };
        let outcome = outcome.unwrap_or_else(|failure| {
            facts.detail = Some(failure.detail);
            failure.outcome
        });
        Measured { facts: Facts::Http(facts), ..Measured::bare(outcome) }
    }

    /// Fetches the URL and follows redirects. What was seen is in `facts` even if it fails.
    async fn follow(
        &self,
        way: &Way,
        first: Url,
        other_agent: bool,
        budget: &mut Budget,
        facts: &mut HttpFacts,
    ) -> Result<Outcome, Failure> {
        let mut chain = Chain::new(&first);
        let mut url = first.clone();
        loop {
            let is_first = facts.hops.is_empty();
            facts.hops.push(Hop { url: kept(&url), ..Hop::default() });
            facts.final_url = (!is_first).then(|| kept(&url));
            facts.left_domain = self.left_domain(&first, &url);
            let admitted = budget.spend(self.guard.admit(&url, first.port(), &self.resolver)).await;
            let admitted = admitted.ok_or_else(|| out_of_time(Phase::Resolve))?;
            let admitted = admitted.map_err(|refusal| refused(refusal, is_first))?;
            self.turn(&admitted).await;
            let mut seen = Seen::default();
            let started = Instant::now();
            let hop = budget.spend(self.hop(way, &admitted, other_agent, &mut seen)).await;
            let hop = hop.unwrap_or_else(|| Err(out_of_time(seen.phase())));
            let location = seen.keep(&url, started.elapsed(), facts);
            let outcome = hop?;
            let Some(location) = location else { return Ok(outcome) };
            url = chain.follow(&url, Some(&location)).map_err(stopped)?;
        }
    }

    async fn turn(&self, admitted: &Admitted) {
        self.hosts.turn(admitted.host().to_compact_string()).await;
        if let Some(address) = admitted.addresses().first() {
            self.addresses.turn(*address).await;
        }
    }

    /// One request.
    async fn hop(
        &self,
        way: &Way,
        admitted: &Admitted,
        other_agent: bool,
        seen: &mut Seen,
    ) -> Result<Outcome, Failure> {
        let Dialled { wire, peer, address } =
            dial(way, admitted, &self.limits, &self.tls, &mut seen.certificate).await?;
        seen.asked = Some(peer);
        seen.address = address;
        let proxy = way.proxy().filter(|_| peer == Peer::Proxy);
        let credentials = proxy.and_then(|proxy| proxy.credentials.as_ref());
        let question = Question {
            url: admitted.url(),
            authority: admitted.authority(),
            agent: if other_agent { &self.other_agent } else { &self.user_agent },
            as_browser: other_agent,
            peer,
            authorization: credentials.and_then(|credentials| HeaderValue::try_from(basic(credentials)).ok()),
            via: proxy.and_then(|proxy| proxy.via.as_deref()),
            cap: self.limits.body,
        };
        exchange(wire, &question, &mut seen.answer).await
    }

    /// Whether two URLs are under different registrable domains; hosts without one stand for themselves.
    fn left_domain(&self, first: &Url, now: &Url) -> bool {
        let domain = |url: &Url| {
            let host = url.host_str()?;
            let host =
                HostName::parse(host).map_or_else(|_| host.into(), |name| name.as_str().to_compact_string());
            Some((self.registrable)(&host).unwrap_or(host))
        };
        domain(first).zip(domain(now)).is_some_and(|(first, now)| first != now)
    }
}

/// The URL that is fetched: as it was spelled, if that is a URL on its own.
fn spelling(url: &str, spelled: Option<&str>) -> Result<Url, Failure> {
    let spelled = spelled.and_then(|spelled| admit::read(spelled).ok());
    let spelled = spelled.filter(|url| matches!(url.scheme(), "http" | "https"));
    spelled.map_or_else(|| admit::read(url), Ok).map_err(|denial| refused(denial.into(), true))
}

/// The time that is left of a fetch.
struct Budget {
    left: Duration,
}

impl Budget {
    /// Does something as long as there is time; none if that was not long enough.
    async fn spend<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let started = Instant::now();
        let done = timeout(self.left, work).await.ok();
        self.left = self.left.saturating_sub(started.elapsed());
        done
    }
}

/// What one request brought, as far as it came.
#[derive(Default)]
struct Seen {
    certificate: Option<Box<TlsFacts>>,
    /// Who was asked.
    asked: Option<Peer>,
    address: Option<IpAddr>,
    answer: Answer,
}

impl Seen {
    /// What was being done last.
    fn phase(&self) -> Phase {
        match (self.asked, self.answer.status) {
            (None, _) => Phase::Connect,
            (Some(_), None) => Phase::Ask,
            (Some(_), Some(_)) => Phase::Read,
        }
    }

    /// Puts it in the place of what the step before brought. Gives where the answer redirects to.
    fn keep(self, url: &Url, took: Duration, facts: &mut HttpFacts) -> Option<Vec<u8>> {
        let Seen { certificate, asked, address, answer } = self;
        if let Some(hop) = facts.hops.last_mut() {
            (hop.status, hop.address, hop.duration_ms) = (answer.status, address, milliseconds(took));
        }
        let body = answer.body.map(|body| body.finish(answer.is_whole)).unwrap_or_default();
        let refresh = answer.refresh.or(body.page.refresh);
        facts.status = answer.status;
        facts.server = answer.server;
        facts.content_type = answer.content_type;
        facts.length = body.length;
        facts.title = body.page.title;
        facts.refresh = refresh.and_then(|to| url.join(&to).ok()).map(|to| kept(&to));
        facts.body_sha256 = body.sha256;
        facts.similarity = body.page.similarity;
        facts.tls = certificate;
        facts.address = address;
        facts.resolved_by_proxy = asked == Some(Peer::Proxy);
        answer.location
    }
}

/// The text of a URL as it is kept: its beginning, if there is no end of it.
fn kept(url: &Url) -> Box<str> {
    let text = url.as_str();
    text.get(..MAX_KEPT_URL).unwrap_or(text).into()
}

/// What the guard did not let pass: at the first step, or where a redirect leads.
fn refused(refusal: Refusal, is_first: bool) -> Failure {
    match refusal {
        Refusal::Unresolved(error) => Failure::of(Phase::Resolve, Peer::Origin, Sign::Resolve(error)),
        Refusal::Denied(denial) if is_first => {
            Failure { outcome: Outcome::Denied, detail: failure::words(format_args!("not fetched: {denial}")) }
        }
        Refusal::Denied(denial) => stopped(denial.into()),
    }
}

fn stopped(broken: Broken) -> Failure {
    Failure { outcome: broken.outcome(), detail: failure::words(broken) }
}

fn out_of_time(phase: Phase) -> Failure {
    Failure::of(phase, Peer::Origin, Sign::OutOfTime)
}

fn milliseconds(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}
