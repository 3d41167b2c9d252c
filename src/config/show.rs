//! The configuration as a file that says everything, defaults included; no secret is in it.

use std::fmt::Display;
use std::path::Path;

use panopticon_model::name::HostName;
use panopticon_sources::feeds::Kind;
use panopticon_sources::feeds::csv::{Column, Columns};

use super::probe::{Blocklist, Filter, Probe};
use super::{
    Absence, Config, Feed, Location, PolicyText, Protected, Ranks, Tld, VantageText, ZoneFrom, show_duration,
};

impl Config {
    /// The configuration as a file that is read again as the same.
    pub(crate) fn show(&self) -> String {
        let mut lines = vec![
            "version = \"v1\"".to_owned(),
            format!("state = {}", path(&self.state)),
            format!("output = {}", path(&self.output)),
        ];
        lines.extend(self.secrets.as_deref().map(|file| format!("secrets = {}", path(file))));
        lines.extend(self.signing_key.as_deref().map(|file| format!("signing_key = {}", path(file))));
        match self.suffix_list.as_deref() {
            Some(file) => lines.push(format!("suffix_list = {}", path(file))),
            None => lines.push("# suffix_list: the one that is built in".to_owned()),
        }
        lines.extend(self.ca.as_deref().map(|file| format!("ca = {}", path(file))));
        lines.extend([
            format!("user_agent = {}", text(&self.user_agent)),
            format!("workers = {}", self.workers),
            format!("publish_every = {}", duration(self.publish_every_ms)),
            format!("retention = \"{}d\"", self.retention_days),
            self.notify.map_or_else(|| "# notify: not listening".to_owned(), |at| format!("notify = \"{at}\"")),
            "\n[limits]".to_owned(),
            format!("max_bytes = {}", self.max_bytes),
            format!("max_decoded_bytes = {}", self.max_decoded_bytes),
            format!("max_line_bytes = {}", self.max_line_bytes),
            format!("max_rows = {}", self.max_rows),
        ]);
        lines.extend(self.tlds.iter().flat_map(tld));
        lines.extend(self.feeds.iter().flat_map(feed));
        lines.extend(self.ranks.iter().flat_map(ranks));
        lines.extend([
            "\n[lookalikes]".to_owned(),
            format!("shipped = {}", self.lookalikes.shipped),
            format!("top = {}", self.lookalikes.top),
            format!("false_positives = {}", f64::from(self.lookalikes.per_million) / 1e6),
            "\n[policy]".to_owned(),
        ]);
        lines.extend(policy(&self.policy));
        lines.extend(self.protected.iter().flat_map(protected));
        match &self.probe {
            None => lines.push("\n# probe: nothing is measured".to_owned()),
            Some(found) => lines.extend(probe(found)),
        }
        lines.extend(self.vantages.iter().flat_map(vantage));
        lines.join("\n")
    }
}

fn tld(tld: &Tld) -> Vec<String> {
    let mut lines = vec!["\n[[tld]]".to_owned(), format!("name = {}", text(&tld.name))];
    if let Some(rules) = &tld.registrable_at {
        lines.push(format!("registrable_at = {}", list(rules)));
    }
    let zones = tld.zones.iter().map(|zone| {
        let from = match &zone.from {
            ZoneFrom::File(file, final_soa) => format!("file = {}, final_soa = {final_soa}", path(file)),
            ZoneFrom::Names(file) => format!("names = {}", path(file)),
            ZoneFrom::Primary(address, key) => {
                let key = key.as_deref().map(|key| format!(", key = {}", text(key))).unwrap_or_default();
                format!("primary = \"{address}\"{key}")
            }
        };
        let (apex, every) = (text(&zone.apex), duration(zone.every_ms));
        format!("{{ {from}, apex = {apex}, max_shrink = {}, every = {every} }}", zone.shrink_percent)
    });
    let zones: Vec<String> = zones.collect();
    if !zones.is_empty() {
        lines.push(format!("zone = [{}]", zones.join(", ")));
    }
    if !tld.servers.is_empty() {
        lines.push(format!("servers = {}", list(&tld.servers)));
    }
    lines.extend(tld.rdap.as_ref().map(|rdap| {
        let mut inner = vec![format!("url = {}", text(&rdap.url))];
        inner.extend(rdap.user.as_deref().map(|user| format!("user = {}", text(user))));
        inner.extend(rdap.secret.as_deref().map(|secret| format!("secret = {}", text(secret))));
        format!("rdap = {{ {} }}", inner.join(", "))
    }));
    lines.extend(tld.variants.as_deref().map(|file| format!("variants = {}", path(file))));
    lines.extend(tld.policy.as_ref().map(|own| format!("policy = {{ {} }}", policy(own).join(", "))));
    lines
}

/// The keys of a policy, one a line. Which feeds are trusted is said by the feeds, unless it says so itself.
fn policy(policy: &PolicyText) -> Vec<String> {
    let mut lines: Vec<String> =
        policy.trusted.iter().map(|trusted| format!("trusted = {}", list(trusted))).collect();
    lines.extend([
        format!("independent = {}", policy.independent),
        format!("fresh = {}", duration(policy.fresh_ms)),
        format!("guarded_rank = {}", policy.guarded_rank),
        format!("allow = {}", list(&policy.allow)),
    ]);
    lines
}

fn feed(feed: &Feed) -> Vec<String> {
    let mut lines = vec![
        "\n[[feed]]".to_owned(),
        format!("id = {}", text(&feed.id)),
        format!("format = {}", text(&feed.format)),
        location(&feed.location),
        format!("trusted = {}", feed.trusted),
        format!("every = {}", duration(feed.every_ms)),
        format!("max_shrink = {}", feed.shrink_percent),
    ];
    lines.extend(feed.secret.as_deref().map(|name| format!("secret = {}", text(name))));
    lines.push(format!("redistributable = {}", feed.redistributable));
    lines.push(format!("licence = {}", text(&feed.licence)));
    lines.push(format!("tlp = \"{}\"", feed.tlp.word()));
    lines.extend(feed.secret_header.as_deref().map(|name| format!("secret_header = {}", text(name))));
    lines.extend(feed.abuse_class.map(|class| format!("abuse_class = \"{}\"", class.as_str())));
    lines.extend(feed.lists.map(|origin| format!("lists = \"{}\"", origin.as_str())));
    lines.extend(feed.columns.as_ref().map(columns));
    match feed.absence {
        None => lines.push("# absence: the default of the format".to_owned()),
        Some(Absence::Retract) => lines.push("absence = \"retract\"".to_owned()),
        Some(Absence::Lease(ms)) => lines.push(format!("absence = {{ lease = {} }}", duration(ms))),
    }
    lines
}

fn columns(columns: &Columns) -> String {
    let column = |name: &str, column: &Option<Column>| match column {
        None => String::new(),
        Some(Column::Place(place)) => format!(", {name} = {place}"),
        Some(Column::Name(of)) => format!(", {name} = {}", text(of)),
    };
    let kind = match columns.kind {
        Some(Kind::Url) => ", kind = \"url\"",
        Some(Kind::Host) => ", kind = \"host\"",
        Some(Kind::Any) | None => "",
    };
    let separator = text(&columns.separator.unwrap_or(',').to_string());
    let Columns { value, entry, label, brand, reported_at, last_seen, confidence, .. } = columns;
    let named = [
        ("value", value),
        ("entry", entry),
        ("label", label),
        ("brand", brand),
        ("reported_at", reported_at),
        ("last_seen", last_seen),
        ("confidence", confidence),
    ];
    let named: String = named.iter().map(|(name, of)| column(name, of)).collect();
    format!("columns = {{ separator = {separator}{kind}{named} }}")
}

fn ranks(ranks: &Ranks) -> [String; 3] {
    ["\n[ranks]".to_owned(), location(&ranks.location), format!("every = {}", duration(ranks.every_ms))]
}

fn protected(list: &Protected) -> [String; 4] {
    let every = format!("every = {}", duration(list.every_ms));
    ["\n[[protected]]".to_owned(), format!("id = {}", text(&list.id)), location(&list.location), every]
}

fn probe(probe: &Probe) -> Vec<String> {
    let mut lines = vec![
        "\n[probe]".to_owned(),
        format!("resolver = {}", list(&probe.resolver)),
        format!("allow_private = {}", list(&probe.allow_private)),
        format!("refresh = {}", duration(probe.schedule.refresh_ms)),
        format!("valid = {}", duration(probe.schedule.valid_ms)),
        format!("retry = {}", duration(probe.schedule.retry_ms)),
        format!("confirm = {}", duration(probe.confirm_ms)),
        format!("longest = {}", duration(probe.longest_ms)),
        format!("at_once = {}", probe.at_once),
        format!("per_second = {:?}", probe.per_second),
    ];
    lines.push(match &probe.dns {
        None => "dns = false".to_owned(),
        Some(dns) => format!(
            "dns = {{ per_server = {:?}, at_once = {}, timeout = {}, port = {} }}",
            dns.per_server,
            dns.at_once,
            duration(dns.timeout_ms),
            dns.port
        ),
    });
    lines.push("quad9 = false # as every filter it stands below, if it is asked".to_owned());
    lines.push(match &probe.http {
        None => "http = false".to_owned(),
        Some(http) => format!(
            "http = {{ per_host = {:?}, at_once = {}, timeout = {}, max_body_bytes = {} }}",
            http.per_host,
            http.at_once,
            duration(http.timeout_ms),
            http.max_body_bytes
        ),
    });
    lines.push(match &probe.web_risk {
        None => "# web_risk: it needs a secret".to_owned(),
        Some(risk) => {
            let url = risk.url.as_deref().map(|url| format!(", url = {}", text(url))).unwrap_or_default();
            let (secret, per_second) = (text(&risk.secret), risk.per_second);
            format!(
                "web_risk = {{ secret = {secret}, update = {}, per_second = {per_second:?}{url} }}",
                risk.update
            )
        }
    });
    lines.push(match &probe.rdap {
        None => "rdap = false".to_owned(),
        Some(rdap) => {
            let bootstrap = rdap.bootstrap.as_deref().map(|file| format!(", bootstrap = {}", path(file)));
            format!("rdap = {{ per_second = {:?}{} }}", rdap.per_second, bootstrap.unwrap_or_default())
        }
    });
    lines.extend(probe.filters.iter().flat_map(filter));
    lines.extend(probe.blocklists.iter().flat_map(blocklist));
    lines
}

fn filter(filter: &Filter) -> Vec<String> {
    let mut lines = vec![
        "\n[[filter]]".to_owned(),
        format!("id = {}", text(&filter.id)),
        format!("filtered = {}", text(&filter.filtered.to_string())),
        format!("unfiltered = {}", text(&filter.unfiltered.to_string())),
        format!("extended_errors = {:?}", filter.signals.extended_errors),
        format!("no_recursion = {}", filter.signals.no_recursion),
        format!("per_second = {:?}", filter.per_second),
        format!("timeout = {}", duration(filter.timeout_ms)),
        format!("repeat = {}", duration(filter.repeat_ms)),
    ];
    let canary = |key: &str, name: Option<&str>| name.map(|name| format!("canary_{key} = {}", text(name)));
    let canaries = &filter.canaries;
    lines.extend(canary("blocked", canaries.blocked.as_ref().map(HostName::as_str)));
    lines.extend(canary("nonexistent_in", canaries.nonexistent_in.as_ref().map(HostName::as_str)));
    lines.extend(canary("identity", canaries.identity.as_deref()));
    lines
}

fn blocklist(list_of: &Blocklist) -> [String; 6] {
    [
        "\n[[blocklist]]".to_owned(),
        format!("id = {}", text(&list_of.id)),
        format!("zone = {}", text(list_of.zone.as_str())),
        format!("codes = {}", text(if list_of.spamhaus { "spamhaus-dbl" } else { "any" })),
        format!("resolver = {}", list(&list_of.resolver)),
        format!("per_second = {:?}", list_of.per_second),
    ]
}

fn vantage(vantage: &VantageText) -> Vec<String> {
    let mut lines = vec![
        "\n[[vantage]]".to_owned(),
        format!("id = {}", text(&vantage.id)),
        format!("country = {}", text(&vantage.country)),
        format!("proxy = {}", list(&vantage.proxies)),
    ];
    lines.extend(vantage.secret.as_deref().map(|name| format!("secret = {}", text(name))));
    lines
}

fn text(value: &str) -> String {
    toml::Value::from(value).to_string()
}

fn path(value: &Path) -> String {
    text(&value.to_string_lossy())
}

fn list(values: &[impl Display]) -> String {
    let values: Vec<String> = values.iter().map(|value| text(&value.to_string())).collect();
    format!("[{}]", values.join(", "))
}

fn duration(ms: u64) -> String {
    format!("\"{}\"", show_duration(ms))
}

fn location(location: &Location) -> String {
    match location {
        Location::Path(file) => format!("path = {}", path(file)),
        Location::Url(url) => format!("url = {}", text(url)),
    }
}
