//! The prober of a configuration: whoever measures, with what the file and the secrets say.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use compact_str::CompactString;
use panopticon_model::name::{HostName, Places};
use panopticon_model::observation::ProbeKind;
use panopticon_sources::dns::blocklist::{self, Codes};
use panopticon_sources::dns::exchange::{Client, system_trust};
use panopticon_sources::dns::resolve::Resolver;
use panopticon_sources::dns::server::Server;
use panopticon_sources::dns::{delegation, filter};
use panopticon_sources::fetch::{self, Secret};
use panopticon_sources::http::{self, Fetcher};
use panopticon_sources::probe::pace::Pace;
use panopticon_sources::probe::{LaneBudget, Prober, Probes};
use panopticon_sources::rdap::bootstrap::{self, Bases};
use panopticon_sources::rdap::{Credentials, Rdap, Service};
use panopticon_sources::webrisk::{self, WebRisk};
use rustls::ClientConfig;

use super::{House, WireError};
use crate::config::probe::{DnsProbe, Filter, HttpProbe, Probe, RdapProbe, WebRiskProbe};
use crate::config::secrets::Secrets;
use crate::config::{Config, VantageText};

/// How long a resolver may take.
const RESOLVER_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a service may take, in milliseconds.
const SERVICE_TIMEOUT_MS: u64 = 60_000;
/// The file with the lists of Web Risk, in the state folder.
const LISTS: &str = "webrisk.lists";

impl Config {
    /// How long a probe of a kind takes at the most, in milliseconds.
    pub(super) fn takes_ms(&self, kind: ProbeKind) -> u64 {
        let Some(probe) = &self.probe else { return 0 };
        let longest = |filters: &[Filter]| filters.iter().map(|of| of.repeat_ms + 4 * of.timeout_ms).max();
        match kind {
            // Four servers of the TLD, and of its own two servers twice, in turn.
            ProbeKind::Delegation => probe.dns.as_ref().map_or(0, |dns| 8 * dns.timeout_ms),
            ProbeKind::Filter => longest(&probe.filters).unwrap_or(0),
            ProbeKind::Blocklist => 2 * RESOLVER_TIMEOUT.as_secs() * 1000,
            ProbeKind::Http | ProbeKind::Https => probe.http.as_ref().map_or(0, |http| http.timeout_ms),
            ProbeKind::WebRisk | ProbeKind::Rdap => SERVICE_TIMEOUT_MS,
        }
    }
}

impl House {
    /// The prober; none if nothing is measured, or no socket may be opened. `seed` varies what is drawn by lot.
    pub(crate) fn prober(&self, seed: u64) -> Result<Option<Prober>, WireError> {
        let Some(probe) = self.config.probe.as_ref().filter(|_| !self.offline) else { return Ok(None) };
        let secrets = Secrets::read(self.config.secrets.as_deref())?;
        let tls = system_trust().map_err(|error| wrong("tls", error))?;
        let make = Maker { config: &self.config, probe, secrets: &secrets, tls, seed };
        Ok(Some(Prober {
            probes: Probes {
                delegation: probe.dns.as_ref().map(|dns| make.delegations(dns)).transpose()?,
                filters: make.filters(),
                blocklists: make.blocklists(),
                pages: probe.http.as_ref().map(|http| make.pages(http, self.places.clone())).transpose()?,
                web_risk: probe.web_risk.as_ref().map(|risk| make.web_risk(risk)).transpose()?,
                rdap: probe.rdap.as_ref().map(|rdap| make.rdap(rdap)).transpose()?,
            },
            at_once: probe.at_once,
            per_second: probe.per_second,
        }))
    }
}

/// Makes what measures.
struct Maker<'a> {
    config: &'a Config,
    probe: &'a Probe,
    secrets: &'a Secrets,
    tls: ClientConfig,
    seed: u64,
}

impl Maker<'_> {
    fn client(&self, per_server: f64, timeout: Duration) -> Arc<Client> {
        Arc::new(Client::new(&self.tls, Arc::new(Pace::new(per_server, 1)), timeout))
    }

    fn resolver(&self, servers: &[Server]) -> Resolver {
        Resolver::new(self.client(0.0, RESOLVER_TIMEOUT), servers.to_vec())
    }

    fn delegations(&self, dns: &DnsProbe) -> Result<(delegation::Delegations, LaneBudget), WireError> {
        let configured = self.config.tlds.iter().filter(|tld| !tld.servers.is_empty());
        let servers = configured.map(|tld| {
            let name = HostName::parse(&tld.name).map_err(|error| wrong(&format!("tld `{}`", tld.name), error))?;
            Ok((name, tld.servers.clone()))
        });
        let config = delegation::Config {
            servers: servers.collect::<Result<_, WireError>>()?,
            allow_private: self.probe.allow_private.clone(),
            port: dns.port,
            seed: self.seed,
        };
        let client = self.client(dns.per_server, Duration::from_millis(dns.timeout_ms));
        let delegations = delegation::Delegations::new(client, self.resolver(&self.probe.resolver), config);
        Ok((delegations, LaneBudget { at_once: dns.at_once, per_second: 0.0, per_host: 0.0 }))
    }

    fn filters(&self) -> BTreeMap<CompactString, (filter::Filter, LaneBudget)> {
        let mut filters = BTreeMap::new();
        for of in &self.probe.filters {
            let client = self.client(0.0, Duration::from_millis(of.timeout_ms));
            let config = filter::Config {
                signals: of.signals.clone(),
                canaries: of.canaries.clone(),
                repeat_after: Duration::from_millis(of.repeat_ms),
                seed: self.seed,
                ..filter::Config::new(of.filtered.clone(), of.unfiltered.clone())
            };
            let budget = LaneBudget { at_once: 64, per_second: of.per_second, per_host: 0.0 };
            filters.insert(of.id.as_str().into(), (filter::Filter::new(client, config), budget));
        }
        filters
    }

    fn blocklists(&self) -> BTreeMap<CompactString, (blocklist::Blocklist, LaneBudget)> {
        let mut lists = BTreeMap::new();
        for of in &self.probe.blocklists {
            let codes = if of.spamhaus { Codes::SpamhausDbl } else { Codes::Any };
            let list = blocklist::Blocklist::new(self.resolver(&of.resolver), of.zone.clone(), codes);
            let budget = LaneBudget { at_once: 32, per_second: of.per_second, per_host: 0.0 };
            lists.insert(of.id.as_str().into(), (list, budget));
        }
        lists
    }

    fn pages(&self, http: &HttpProbe, places: Places) -> Result<(Fetcher<Resolver>, LaneBudget), WireError> {
        let usual = http::Config::default();
        let vantage = |text: &VantageText| {
            let secret = text.secret.as_ref().map(|name| self.secret(name)).transpose()?;
            text.open(secret.as_ref()).map_err(|error| wrong(&format!("vantage `{}`", text.id), error))
        };
        let config = http::Config {
            user_agent: self.config.user_agent.clone(),
            vantages: self.config.vantages.iter().map(vantage).collect::<Result<_, _>>()?,
            seed: self.seed,
            allow_private: self.probe.allow_private.clone(),
            ca: self.config.ca.clone(),
            host_per_second: http.per_host,
            address_per_second: 2.0 * http.per_host,
            limits: http::Limits {
                total: Duration::from_millis(http.timeout_ms),
                body: http.max_body_bytes,
                ..usual.limits
            },
            ..usual
        };
        let registrable = move |host: &str| {
            let host = HostName::parse(host).ok()?;
            Some(CompactString::from(places.place(&host).ok()?.registrable_domain.as_str()))
        };
        let fetcher = Fetcher::new(config, self.resolver(&self.probe.resolver), registrable)
            .map_err(|error| wrong("http", error))?;
        Ok((fetcher, LaneBudget { at_once: http.at_once, per_second: 0.0, per_host: http.per_host }))
    }

    fn web_risk(&self, risk: &WebRiskProbe) -> Result<(WebRisk, LaneBudget), WireError> {
        let mut settings = webrisk::Settings::new(self.secret(&risk.secret)?);
        if let Some(url) = &risk.url {
            settings.base = url.parse().map_err(|error| wrong("web_risk", error))?;
        }
        if risk.update {
            let file = Some(self.config.state.join(LISTS));
            settings.mode = webrisk::Mode::Update { constraints: webrisk::Constraints::default(), file };
        }
        (settings.per_second, settings.seed) = (risk.per_second, self.seed);
        let client = WebRisk::new(&settings, &self.network()).map_err(|error| wrong("web_risk", error))?;
        Ok((client, LaneBudget { at_once: 16, per_second: 0.0, per_host: 0.0 }))
    }

    fn rdap(&self, rdap: &RdapProbe) -> Result<(Rdap, LaneBudget), WireError> {
        let bases = match &rdap.bootstrap {
            None => Bases::new(),
            Some(file) => {
                let bytes = std::fs::read(file).map_err(|source| WireError::Io { path: file.clone(), source })?;
                bootstrap::read(&bytes).map_err(|error| wrong("bootstrap", error))?
            }
        };
        let mut services = Vec::new();
        for tld in &self.config.tlds {
            let service = match &tld.rdap {
                Some(own) => Some(Service {
                    base: own.url.parse().map_err(|error| wrong(&format!("rdap of tld `{}`", tld.name), error))?,
                    credentials: match (&own.secret, &own.user) {
                        (None, _) => Credentials::None,
                        (Some(secret), None) => Credentials::Bearer(self.secret(secret)?),
                        (Some(secret), Some(user)) => {
                            Credentials::Basic { user: user.clone(), password: self.secret(secret)? }
                        }
                    },
                }),
                None => bases
                    .get(tld.name.as_str())
                    .and_then(|urls| urls.first())
                    .map(|base| Service { base: base.clone(), credentials: Credentials::None }),
            };
            services.extend(service.map(|service| (CompactString::from(&tld.name), service)));
        }
        let settings = panopticon_sources::rdap::Settings {
            per_second: rdap.per_second,
            allow_loopback: true,
            ..panopticon_sources::rdap::Settings::default()
        };
        let client = Rdap::new(&self.network(), settings, services).map_err(|error| wrong("rdap", error))?;
        Ok((client, LaneBudget { at_once: 2, per_second: 0.0, per_host: 0.0 }))
    }

    fn network(&self) -> fetch::Config {
        fetch::Config {
            user_agent: self.config.user_agent.clone(),
            ca: self.config.ca.clone(),
            ..fetch::Config::default()
        }
    }

    fn secret(&self, name: &str) -> Result<Secret, WireError> {
        self.secrets.get(name).ok_or_else(|| WireError::Probe {
            what: format!("secret `{name}`"),
            reason: "it is not in the secrets file".to_owned(),
        })
    }
}

fn wrong(what: &str, error: impl std::fmt::Display) -> WireError {
    WireError::Probe { what: what.to_owned(), reason: error.to_string() }
}
