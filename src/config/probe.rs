//! What is measured, from where and how fast; checked, with every default filled in.

use std::path::PathBuf;

use compact_str::CompactString;
use ipnet::IpNet;
use panopticon_model::name::HostName;
use panopticon_model::observation::{Plan, Schedule};
use panopticon_sources::dns::filter::{Canaries, Signals};
use panopticon_sources::dns::server::Server;
use panopticon_sources::fetch::Secret;
use panopticon_sources::http::{NoWay, Places as VantagePlaces, Vantage, Way, WayError, places};
use panopticon_sources::probe::other_agent;

use super::{Config, Location};

/// Measuring.
#[derive(Clone, Debug)]
pub(crate) struct Probe {
    /// Delegations at the TLD's own servers.
    pub(crate) dns: Option<DnsProbe>,
    /// Filtering resolvers, Quad9 first if it is asked.
    pub(crate) filters: Vec<Filter>,
    /// DNS blocklists.
    pub(crate) blocklists: Vec<Blocklist>,
    /// Pages; only from a vantage.
    pub(crate) http: Option<HttpProbe>,
    /// Google Web Risk.
    pub(crate) web_risk: Option<WebRiskProbe>,
    /// RDAP.
    pub(crate) rdap: Option<RdapProbe>,
    /// The recursive resolvers by which addresses are found.
    pub(crate) resolver: Vec<Server>,
    /// Addresses that are asked although they are private.
    pub(crate) allow_private: Vec<IpNet>,
    /// When things are measured again.
    pub(crate) schedule: Schedule,
    /// Open cases are measured again before a publication if that was longer ago, in milliseconds.
    pub(crate) confirm_ms: u64,
    /// How long a run that publishes once measures at the most, in milliseconds.
    pub(crate) longest_ms: u64,
    /// Probes under way at one time, of all kinds.
    pub(crate) at_once: usize,
    /// Probes that start in a second, of all kinds; zero for no limit.
    pub(crate) per_second: f64,
}

/// How the TLD's servers are asked.
#[derive(Clone, Debug)]
pub(crate) struct DnsProbe {
    /// Questions a second for each server address; zero for no limit.
    pub(crate) per_server: f64,
    /// Names at one time.
    pub(crate) at_once: usize,
    /// How long a server may take, in milliseconds.
    pub(crate) timeout_ms: u64,
    /// The port of name servers that are not configured.
    pub(crate) port: u16,
}

/// A filtering resolver and an unfiltered one beside it.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    /// Its name in observations.
    pub(crate) id: String,
    /// The filter.
    pub(crate) filtered: Server,
    /// The unfiltered resolver.
    pub(crate) unfiltered: Server,
    /// What tells that it blocks.
    pub(crate) signals: Signals,
    /// What it must pass to be believed.
    pub(crate) canaries: Canaries,
    /// Names a second; zero for no limit.
    pub(crate) per_second: f64,
    /// How long a server may take, in milliseconds.
    pub(crate) timeout_ms: u64,
    /// After what time it is asked again where it denies without saying why, in milliseconds.
    pub(crate) repeat_ms: u64,
}

/// A DNS blocklist.
#[derive(Clone, Debug)]
pub(crate) struct Blocklist {
    /// Its name in observations.
    pub(crate) id: String,
    /// The zone.
    pub(crate) zone: HostName,
    /// Whether its codes are those of Spamhaus DBL; else every code lists.
    pub(crate) spamhaus: bool,
    /// The resolvers that are asked.
    pub(crate) resolver: Vec<Server>,
    /// Names a second; zero for no limit.
    pub(crate) per_second: f64,
}

/// How pages are fetched.
#[derive(Clone, Debug)]
pub(crate) struct HttpProbe {
    /// Requests a second for each host, and for each address; zero for no limit.
    pub(crate) per_host: f64,
    /// Pages at one time.
    pub(crate) at_once: usize,
    /// How long a page may take, in milliseconds.
    pub(crate) timeout_ms: u64,
    /// Bytes of a page that are read, decoded.
    pub(crate) max_body_bytes: u64,
}

/// How Web Risk is asked.
#[derive(Clone, Debug)]
pub(crate) struct WebRiskProbe {
    /// The entry of the secrets file with the key.
    pub(crate) secret: String,
    /// Whether lists are kept here and only hits are looked up.
    pub(crate) update: bool,
    /// Where it is, if not at Google.
    pub(crate) url: Option<String>,
    /// Requests a second; zero for no limit.
    pub(crate) per_second: f64,
}

/// How RDAP is asked.
#[derive(Clone, Debug)]
pub(crate) struct RdapProbe {
    /// Requests a second for each server; zero for no limit.
    pub(crate) per_second: f64,
    /// The bootstrap file of IANA, for TLDs without a service of their own.
    pub(crate) bootstrap: Option<PathBuf>,
}

/// The RDAP service of a TLD.
#[derive(Clone, Debug)]
pub(crate) struct TldRdap {
    /// Its base.
    pub(crate) url: String,
    /// The entry of the secrets file with the password, or with a token if there is no user.
    pub(crate) secret: Option<String>,
    /// The user.
    pub(crate) user: Option<String>,
}

/// A list of names that the registry holds critical.
#[derive(Clone, Debug)]
pub(crate) struct Protected {
    /// Its name.
    pub(crate) id: String,
    /// Where it is.
    pub(crate) location: Location,
    /// How often `run` reads it, in milliseconds.
    pub(crate) every_ms: u64,
}

impl Protected {
    /// The name of the list as a source.
    pub(crate) fn source(&self) -> String {
        format!("protected:{}", self.id)
    }
}

/// A place from which pages are fetched, with its proxies as they are written.
#[derive(Clone, Debug)]
pub(crate) struct VantageText {
    /// Its name in observations.
    pub(crate) id: String,
    /// Its country, ISO 3166-1 alpha-2.
    pub(crate) country: String,
    /// `direct`, or the URLs of proxies; `{key}` stands for the secret.
    pub(crate) proxies: Vec<String>,
    /// The entry of the secrets file with the password of its proxies.
    pub(crate) secret: Option<String>,
}

impl VantageText {
    /// The vantage with the secret in its place; with something in its place if there is none.
    pub(crate) fn open(&self, secret: Option<&Secret>) -> Result<Vantage, VantageError> {
        let ways = self.proxies.iter().map(|text| Way::with_secret(text, secret));
        Ok(Vantage::new(&self.id, &self.country, ways.collect::<Result<_, _>>()?)?)
    }
}

/// Why a vantage cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VantageError {
    /// A proxy is none.
    #[error("{0}")]
    Way(#[from] WayError),
    /// It has no proxy and is not direct.
    #[error("{0}")]
    NoWay(#[from] NoWay),
}

impl Config {
    /// Which of the vantages are different places, and which are the same.
    pub(crate) fn vantage_places(&self) -> VantagePlaces {
        let open = self.vantages.iter().filter_map(|vantage| vantage.open(None).ok());
        places(&open.collect::<Vec<_>>())
    }

    /// The vantages that must agree that a case is gone, in one word.
    pub(crate) fn vantages_setting(&self) -> CompactString {
        self.plan().vantages.join(" ").into()
    }

    /// What is asked of every target.
    pub(crate) fn plan(&self) -> Plan {
        let Some(probe) = &self.probe else { return Plan::default() };
        let distinct = if probe.http.is_some() { self.vantage_places().distinct } else { Vec::new() };
        // Who has two places only looks a third time as another browser.
        let tie = match distinct.as_slice() {
            [_, _, third, ..] => Some(third.clone()),
            [first, _] => Some(other_agent(first)),
            _ => None,
        };
        let ids = |ids: Vec<&String>| ids.into_iter().map(CompactString::from).collect();
        let has_rdap = |rdap: &RdapProbe| {
            let tlds = self.tlds.iter().filter(|tld| tld.rdap.is_some() || rdap.bootstrap.is_some());
            tlds.map(|tld| CompactString::from(&tld.name)).collect()
        };
        Plan {
            delegation: probe.dns.is_some(),
            filters: ids(probe.filters.iter().map(|filter| &filter.id).collect()),
            blocklists: ids(probe.blocklists.iter().map(|list| &list.id).collect()),
            vantages: distinct.into_iter().take(2).collect(),
            tie,
            web_risk: probe.web_risk.is_some(),
            rdap_tlds: probe.rdap.as_ref().map(has_rdap).unwrap_or_default(),
        }
    }
}
