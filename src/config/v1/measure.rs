//! Version 1 of what the file says of measuring: from what is written to [`Probe`].

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use ipnet::IpNet;
use panopticon_model::name::HostName;
use panopticon_model::observation::Schedule;
use panopticon_sources::dns::filter::{Canaries, Signals};
use panopticon_sources::dns::server::{Server, Transport};

use super::super::ConfigError;
use super::super::probe::{
    Blocklist, DnsProbe, Filter, HttpProbe, Probe, RdapProbe, TldRdap, VantageText, WebRiskProbe,
};
use super::Reader;
use super::probe_file::{
    BlocklistV1, DnsV1, FilterV1, HttpV1, ProbeV1, ProxiesV1, RdapV1, Switch, TldRdapV1, VantageV1, WebRiskV1,
};

/// Quad9 over TLS: what is asked over UDP may be answered by somebody else on the way.
const QUAD9_FILTERED: &str = "tls://9.9.9.9#dns.quad9.net";
/// The same operator's resolver that does not filter.
const QUAD9_UNFILTERED: &str = "tls://9.9.9.10#dns10.quad9.net";

impl Reader<'_> {
    pub(super) fn probe(
        &self,
        found: ProbeV1,
        filters: Vec<FilterV1>,
        blocklists: Vec<BlocklistV1>,
        has_vantage: bool,
    ) -> Result<Probe, ConfigError> {
        let usual = Schedule::default();
        let ms = |key: &str, text: &Option<String>, default| self.duration(key, text.as_deref(), default);
        let schedule = Schedule {
            refresh_ms: ms("refresh of probe", &found.refresh, usual.refresh_ms)?,
            valid_ms: ms("valid of probe", &found.valid, usual.valid_ms)?,
            retry_ms: ms("retry of probe", &found.retry, usual.retry_ms)?,
            ..usual
        };
        let resolver = match &found.resolver {
            None => vec![self.server("resolver of probe", QUAD9_UNFILTERED)?],
            Some(servers) => self.servers("resolver of probe", servers)?,
        };
        let mut all_filters = Vec::new();
        if let Some(quad9) = found.quad9.on() {
            all_filters.push(self.quad9(quad9)?);
        }
        for filter in filters {
            all_filters.push(self.filter(filter)?);
        }
        self.unique("filter", all_filters.iter().map(|filter| filter.id.as_str()))?;
        let blocklists: Vec<Blocklist> =
            blocklists.into_iter().map(|list| self.blocklist(list)).collect::<Result<_, _>>()?;
        self.unique("blocklist", blocklists.iter().map(|list| list.id.as_str()))?;
        Ok(Probe {
            dns: found.dns.on().map(|dns| self.dns(&dns)).transpose()?,
            filters: all_filters,
            blocklists,
            http: found.http.on().map(|http| self.http(&http)).transpose()?.filter(|_| has_vantage),
            web_risk: found.web_risk.and_then(Switch::on).map(|risk| self.web_risk(risk)).transpose()?,
            rdap: found.rdap.on().map(|rdap| self.rdap(rdap)).transpose()?,
            resolver,
            allow_private: found
                .allow_private
                .iter()
                .map(|text| self.parsed::<IpNet>("allow_private of probe", text, "write a network: `10.1.0.0/16`"))
                .collect::<Result<_, _>>()?,
            confirm_ms: ms("confirm of probe", &found.confirm, 2 * 3_600_000)?,
            longest_ms: ms("longest of probe", &found.longest, 15 * 60_000)?,
            schedule,
            at_once: found.at_once.unwrap_or(128).max(1),
            per_second: self.rate("probe", found.per_second, 200.0)?,
        })
    }

    fn dns(&self, found: &DnsV1) -> Result<DnsProbe, ConfigError> {
        Ok(DnsProbe {
            per_server: self.rate("dns", found.per_server, 50.0)?,
            at_once: found.at_once.unwrap_or(64).max(1),
            timeout_ms: self.duration("timeout of dns", found.timeout.as_deref(), 2000)?,
            port: found.port.unwrap_or(53),
        })
    }

    fn http(&self, found: &HttpV1) -> Result<HttpProbe, ConfigError> {
        Ok(HttpProbe {
            per_host: self.rate("http", found.per_host, 1.0)?,
            at_once: found.at_once.unwrap_or(50).max(1),
            timeout_ms: self.duration("timeout of http", found.timeout.as_deref(), 20_000)?,
            max_body_bytes: found.max_body_bytes.unwrap_or(1 << 20),
        })
    }

    fn web_risk(&self, found: WebRiskV1) -> Result<WebRiskProbe, ConfigError> {
        let hint =
            || Some("name the entry of the secrets file: `web_risk = { secret = \"web-risk\" }`".to_owned());
        let secret = found.secret.ok_or_else(|| self.wrong("web_risk needs your key".to_owned(), hint()))?;
        Ok(WebRiskProbe {
            url: found.url.map(|url| self.url("web_risk", url)).transpose()?,
            per_second: self.rate("web_risk", found.per_second, 10.0)?,
            secret,
            update: found.update,
        })
    }

    fn rdap(&self, found: RdapV1) -> Result<RdapProbe, ConfigError> {
        let bootstrap = found.bootstrap.map(|file| self.folder.join(file));
        Ok(RdapProbe { per_second: self.rate("rdap", found.per_second, 2.0)?, bootstrap })
    }

    /// Quad9, with what is said of it in the place of what is usual.
    fn quad9(&self, found: FilterV1) -> Result<Filter, ConfigError> {
        let is_usual = found.filtered.is_none();
        let own = |text: &str| is_usual.then(|| text.to_owned());
        self.filter(FilterV1 {
            id: Some(found.id.unwrap_or_else(|| "quad9".to_owned())),
            canary_blocked: found.canary_blocked.or(own("isitblocked.org")),
            canary_nonexistent_in: found.canary_nonexistent_in.or(own("com")),
            canary_identity: found.canary_identity.or(own("rrdns.pch.net")),
            no_recursion: found.no_recursion.or(Some(Signals::default().no_recursion)),
            filtered: Some(found.filtered.unwrap_or_else(|| QUAD9_FILTERED.to_owned())),
            unfiltered: Some(found.unfiltered.unwrap_or_else(|| QUAD9_UNFILTERED.to_owned())),
            ..found
        })
    }

    fn filter(&self, found: FilterV1) -> Result<Filter, ConfigError> {
        let hint = || Some("write `id`, `filtered` and `unfiltered`".to_owned());
        let (Some(id), Some(filtered), Some(unfiltered)) = (found.id, found.filtered, found.unfiltered) else {
            return Err(
                self.wrong("a filter needs an id, a filtering and an unfiltered server".to_owned(), hint())
            );
        };
        let of = format!("filter `{id}`");
        let name = |text: &Option<String>| text.as_deref().map(|text| self.host(&of, text)).transpose();
        let usual = Signals::default();
        self.id(&of, &id)?;
        Ok(Filter {
            filtered: self.server(&of, &filtered)?,
            unfiltered: self.server(&of, &unfiltered)?,
            signals: Signals {
                extended_errors: found.extended_errors.unwrap_or(usual.extended_errors),
                // What shows Quad9's blocks may be another resolver's way to fail.
                no_recursion: found.no_recursion.unwrap_or(false),
            },
            canaries: Canaries {
                blocked: name(&found.canary_blocked)?,
                nonexistent_in: name(&found.canary_nonexistent_in)?,
                identity: found.canary_identity.map(Into::into),
            },
            per_second: self.rate(&of, found.per_second, 20.0)?,
            timeout_ms: self.duration(&format!("timeout of {of}"), found.timeout.as_deref(), 5000)?,
            repeat_ms: self.duration(&format!("repeat of {of}"), found.repeat.as_deref(), 60_000)?,
            id,
        })
    }

    fn blocklist(&self, found: BlocklistV1) -> Result<Blocklist, ConfigError> {
        let of = format!("blocklist `{}`", found.id);
        let spamhaus = match found.codes.as_deref() {
            None | Some("any") => false,
            Some("spamhaus-dbl") => true,
            Some(codes) => {
                let hint = Some("write `codes = \"any\"` or `codes = \"spamhaus-dbl\"`".to_owned());
                return Err(self.wrong(format!("{of}: codes `{codes}` are not known"), hint));
            }
        };
        self.id(&of, &found.id)?;
        Ok(Blocklist {
            zone: self.host(&of, &found.zone)?,
            spamhaus,
            resolver: self.servers(&of, &found.resolver)?,
            per_second: self.rate(&of, found.per_second, 20.0)?,
            id: found.id,
        })
    }

    pub(super) fn vantages(&self, found: Vec<VantageV1>) -> Result<Vec<VantageText>, ConfigError> {
        self.unique("vantage", found.iter().map(|vantage| vantage.id.as_str()))?;
        found.into_iter().map(|vantage| self.vantage(vantage)).collect()
    }

    fn vantage(&self, found: VantageV1) -> Result<VantageText, ConfigError> {
        let of = format!("vantage `{}`", found.id);
        self.id(&of, &found.id)?;
        if found.country.len() != 2 || !found.country.bytes().all(|byte| byte.is_ascii_uppercase()) {
            let hint = Some("write the two letters of ISO 3166: `country = \"CH\"`".to_owned());
            return Err(self.wrong(format!("{of}: `{}` is no country", found.country), hint));
        }
        let proxies = match found.proxy {
            ProxiesV1::One(proxy) => vec![proxy],
            ProxiesV1::Pool(proxies) => proxies,
        };
        let text = VantageText { id: found.id, country: found.country, proxies, secret: found.secret };
        // The text is in no message: who knows what else stands in it.
        text.open(None).map_err(|error| self.wrong(format!("{of}: {error}"), None))?;
        Ok(text)
    }

    pub(super) fn tld_servers(&self, tld: &str, found: &[String]) -> Result<Vec<SocketAddr>, ConfigError> {
        let of = format!("servers of tld `{tld}`");
        let udp = |text: &String| {
            let server = self.server(&of, text)?;
            match server.transport {
                Transport::Udp => Ok(server.address),
                _ => Err(self.wrong(format!("{of}: `{text}` is no plain address"), None)),
            }
        };
        found.iter().map(udp).collect()
    }

    pub(super) fn tld_rdap(&self, tld: &str, found: TldRdapV1) -> Result<TldRdap, ConfigError> {
        if found.user.is_some() && found.secret.is_none() {
            let hint =
                Some("name the entry of the secrets file with the password: `secret = \"rdap\"`".to_owned());
            return Err(self.wrong(format!("rdap of tld `{tld}` has a user and no secret"), hint));
        }
        let url = self.url(&format!("rdap of tld `{tld}`"), found.url)?;
        Ok(TldRdap { url, secret: found.secret, user: found.user })
    }

    /// So many a second; zero for no limit.
    fn rate(&self, of: &str, found: Option<f64>, usual: f64) -> Result<f64, ConfigError> {
        let rate = found.unwrap_or(usual);
        if rate.is_finite() && rate >= 0.0 {
            return Ok(rate);
        }
        let hint = Some("write a number that is not below 0; 0 is no limit".to_owned());
        Err(self.wrong(format!("{of}: `{rate}` is no budget"), hint))
    }

    fn server(&self, of: &str, text: &str) -> Result<Server, ConfigError> {
        self.parsed(of, text, "write `9.9.9.9`, `192.0.2.1:5353`, `tls://9.9.9.9#dns.quad9.net`")
    }

    fn servers(&self, of: &str, texts: &[String]) -> Result<Vec<Server>, ConfigError> {
        texts.iter().map(|text| self.server(of, text)).collect()
    }

    pub(super) fn host(&self, of: &str, text: &str) -> Result<HostName, ConfigError> {
        HostName::parse(text).map_err(|error| self.wrong(format!("{of}: `{text}`: {error}"), None))
    }

    fn parsed<T: FromStr<Err: fmt::Display>>(&self, of: &str, text: &str, hint: &str) -> Result<T, ConfigError> {
        text.parse().map_err(|error| self.wrong(format!("{of}: `{text}`: {error}"), Some(hint.to_owned())))
    }
}
