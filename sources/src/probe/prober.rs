//! The prober: takes requests, measures, and tells what it starts and what it found.
//!
//! ```text
//! requests ─► by lane ─┬─► delegations            budget of each server
//!                      ├─► a filter, a blocklist  each with its own pace
//!                      ├─► pages                  budget of each host and address
//!                      ├─► Web Risk
//!                      └─► RDAP                   budget of each service
//! ```

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use compact_str::{CompactString, format_compact};
use panopticon_model::name::HostName;
use panopticon_model::observation::{Measured, Outcome, ProbeKind, Request};
use panopticon_model::time::Epoch;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use super::lane::{self, Event, LaneBudget, Overall};
use super::pace::Pace;
use crate::dns::blocklist::Blocklist;
use crate::dns::delegation::Delegations;
use crate::dns::error::AskError;
use crate::dns::filter::Filter;
use crate::dns::resolve::{self, Resolver};
use crate::http::{Fetcher, Resolve, ResolveError};
use crate::rdap::Rdap;
use crate::webrisk::WebRisk;

/// How the id of a vantage ends that looks as another browser.
const OTHER_AGENT: &str = "+browser";

/// The id under which a vantage looks as another browser.
#[must_use]
pub fn other_agent(vantage: &str) -> CompactString {
    format_compact!("{vantage}{OTHER_AGENT}")
}

/// Whoever measures, each with its budget. What is none is not measured.
#[derive(Default)]
pub struct Probes {
    /// The TLD's own servers.
    pub delegation: Option<(Delegations, LaneBudget)>,
    /// Filtering resolvers by their ids.
    pub filters: BTreeMap<CompactString, (Filter, LaneBudget)>,
    /// Blocklists by their ids.
    pub blocklists: BTreeMap<CompactString, (Blocklist, LaneBudget)>,
    /// Pages.
    pub pages: Option<(Fetcher<Resolver>, LaneBudget)>,
    /// Google Web Risk.
    pub web_risk: Option<(WebRisk, LaneBudget)>,
    /// RDAP.
    pub rdap: Option<(Rdap, LaneBudget)>,
}

/// A lane: what has a budget of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Lane {
    Delegation,
    Filter(CompactString),
    Blocklist(CompactString),
    Pages,
    WebRisk,
    Rdap,
}

impl Lane {
    fn of(request: &Request) -> Lane {
        match request.key.kind {
            ProbeKind::Delegation => Lane::Delegation,
            ProbeKind::Filter => Lane::Filter(request.key.vantage.clone()),
            ProbeKind::Blocklist => Lane::Blocklist(request.key.vantage.clone()),
            ProbeKind::Http | ProbeKind::Https => Lane::Pages,
            ProbeKind::WebRisk => Lane::WebRisk,
            ProbeKind::Rdap => Lane::Rdap,
        }
    }
}

impl Probes {
    /// Measures what a request asks for, at the instant `now`. What nobody measures has no server.
    ///
    /// Each kind is boxed: a question to a server would be as large as a fetch otherwise, and be moved as such.
    async fn measure(&self, request: &Request, now: Epoch) -> Measured {
        let key = &request.key;
        let nobody = || Measured::bare(Outcome::NoServer);
        match key.kind {
            ProbeKind::Delegation => match &self.delegation {
                Some((delegations, _)) => Box::pin(delegations.measure(&key.target)).await,
                None => nobody(),
            },
            ProbeKind::Filter => match self.filters.get(&key.vantage) {
                Some((filter, _)) => Box::pin(filter.measure(&key.target)).await,
                None => nobody(),
            },
            ProbeKind::Blocklist => match self.blocklists.get(&key.vantage) {
                Some((list, _)) => Box::pin(list.measure(&key.target)).await,
                None => nobody(),
            },
            ProbeKind::Http | ProbeKind::Https => match &self.pages {
                Some((fetcher, _)) => {
                    let other = key.vantage.strip_suffix(OTHER_AGENT);
                    let vantage = other.unwrap_or(&key.vantage);
                    Box::pin(fetcher.measure(vantage, &key.target, request.spelled.as_deref(), other.is_some()))
                        .await
                }
                None => nobody(),
            },
            ProbeKind::WebRisk => match &self.web_risk {
                Some((web_risk, _)) => {
                    // Lists that are due are fetched first; whoever comes meanwhile waits.
                    if web_risk.next_refresh().is_some_and(|due| due <= now) {
                        Box::pin(web_risk.refresh(now)).await;
                    }
                    Box::pin(web_risk.measure(&key.target, now)).await
                }
                None => nobody(),
            },
            ProbeKind::Rdap => match &self.rdap {
                Some((rdap, _)) => Box::pin(rdap.measure(&key.target, now)).await,
                None => nobody(),
            },
        }
    }

    fn lanes(&self) -> Vec<(Lane, LaneBudget)> {
        let mut lanes = Vec::new();
        lanes.extend(self.delegation.iter().map(|(_, budget)| (Lane::Delegation, *budget)));
        lanes.extend(self.filters.iter().map(|(id, (_, budget))| (Lane::Filter(id.clone()), *budget)));
        lanes.extend(self.blocklists.iter().map(|(id, (_, budget))| (Lane::Blocklist(id.clone()), *budget)));
        lanes.extend(self.pages.iter().map(|(_, budget)| (Lane::Pages, *budget)));
        lanes.extend(self.web_risk.iter().map(|(_, budget)| (Lane::WebRisk, *budget)));
        lanes.extend(self.rdap.iter().map(|(_, budget)| (Lane::Rdap, *budget)));
        lanes
    }
}

impl Resolve for Resolver {
    async fn resolve(&self, host: &HostName) -> Result<Vec<IpAddr>, ResolveError> {
        match self.addresses(host).await {
            Ok(addresses) if addresses.is_empty() => Err(ResolveError::NoAddress),
            Ok(addresses) => Ok(addresses),
            Err(resolve::ResolveError::Ask(AskError::Timeout(_))) => Err(ResolveError::TimedOut),
            Err(_) => Err(ResolveError::Failed),
        }
    }
}

/// The prober.
pub struct Prober {
    /// Whoever measures.
    pub probes: Probes,
    /// Probes under way at one time, of all kinds.
    pub at_once: usize,
    /// Probes that start in a second, of all kinds; zero for no limit.
    pub per_second: f64,
}

/// Batches of requests that may wait for a lane.
const WAITING: usize = 4;

impl Prober {
    /// Measures what comes until nothing more can come and everything is done, or nobody listens any more. `clock`
    /// gives the instant of a measurement to those who need one.
    pub async fn run(
        self,
        mut requests: mpsc::Receiver<Vec<Request>>,
        events: mpsc::Sender<Event>,
        clock: impl Fn() -> Epoch + Clone + Send + Sync + 'static,
    ) {
        let overall = Overall {
            places: Arc::new(Semaphore::new(self.at_once.max(1))),
            turns: Arc::new(Pace::new(self.per_second, 16)),
        };
        let probes = Arc::new(self.probes);
        let (mut lanes, mut running) = (BTreeMap::new(), JoinSet::new());
        for (lane, budget) in probes.lanes() {
            let (sender, receiver) = mpsc::channel(WAITING);
            let (probes, clock) = (Arc::clone(&probes), clock.clone());
            let measure = move |request: Request| {
                let (probes, clock) = (Arc::clone(&probes), clock.clone());
                async move { probes.measure(&request, clock()).await }
            };
            running.spawn(lane::run(budget, overall.clone(), receiver, events.clone(), measure));
            lanes.insert(lane, sender);
        }
        while let Some(batch) = requests.recv().await {
            let mut by_lane: BTreeMap<Lane, Vec<Request>> = BTreeMap::new();
            for request in batch {
                by_lane.entry(Lane::of(&request)).or_default().push(request);
            }
            for (lane, batch) in by_lane {
                match lanes.get(&lane) {
                    // A lane that has ended has nobody who listens.
                    Some(sender) => drop(sender.send(batch).await),
                    None => {
                        for request in batch {
                            let nobody = Box::new(Measured::bare(Outcome::NoServer));
                            drop(events.send(Event::Done(request.key, nobody)).await);
                        }
                    }
                }
            }
        }
        drop(lanes);
        while running.join_next().await.is_some() {}
    }
}
