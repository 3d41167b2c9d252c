//! `config check` and `config show`.

use std::path::Path;
use std::process::ExitCode;

use clap::Subcommand;

use super::{Global, Printer};
use crate::config::probe::RdapProbe;
use crate::config::secrets::Secrets;
use crate::config::{Config, Location, ZoneFrom, signing};

/// Check or show the configuration
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Read the configuration, the secrets and every path in it; 4 if something is missing
    Check,
    /// Print every value, defaults included; no secret is shown
    Show,
}

impl ConfigCommand {
    pub(crate) fn run(&self, global: &Global, printer: &Printer) -> anyhow::Result<ExitCode> {
        let config = global.config()?;
        match self {
            ConfigCommand::Check => check(&config, printer),
            ConfigCommand::Show => {
                printer.data(config.show().trim_end())?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

fn check(config: &Config, printer: &Printer) -> anyhow::Result<ExitCode> {
    let secrets = Secrets::read(config.secrets.as_deref())?;
    let key = signing::read(config.signing_key.as_deref())?;
    let mut found = Vec::new();
    for (what, name) in needed_secrets(config) {
        if secrets.get(name).is_none() {
            found.push(format!("{what}: there is no secret `{name}`"));
        }
    }
    for (what, path) in needed_files(config) {
        if let Err(error) = std::fs::metadata(path) {
            found.push(format!("{what}: cannot read `{}`: {error}", path.display()));
        }
    }
    if !config.feeds.iter().any(|feed| feed.trusted) {
        found.push("no feed is trusted: nothing would ever lead to a notice".to_owned());
    }
    let places = config.vantage_places();
    found.extend(places.same.iter().map(|same| format!("{same}: they count as one")));
    for problem in &found {
        printer.warning(problem);
    }
    for remark in unmeasured(config) {
        printer.remark(&remark);
    }
    if key.is_none() {
        printer.remark("manifests are not signed: that needs `signing_key`, a key as `panopticon init` makes it");
    }
    if found.is_empty() {
        printer.remark(&format!("`{}` is in order", config.file.display()));
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::from(4))
}

/// What is left out although something is measured, and what it needs.
fn unmeasured(config: &Config) -> Vec<String> {
    let Some(probe) = &config.probe else { return Vec::new() };
    let mut remarks = Vec::new();
    match (&probe.http, config.vantage_places().distinct.as_slice()) {
        (None, _) => {
            remarks.push("pages are not fetched: that needs `[[vantage]]`, and `http` not `false`".to_owned());
        }
        (Some(_), [only]) => {
            remarks.push(format!("pages are fetched from `{only}` only: what they show others is not seen"));
        }
        (Some(_), _) => {}
    }
    let lacks_rdap = |rdap: &RdapProbe| rdap.bootstrap.is_none();
    for tld in config.tlds.iter().filter(|tld| tld.rdap.is_none() && probe.rdap.as_ref().is_some_and(lacks_rdap)) {
        let name = &tld.name;
        remarks
            .push(format!("RDAP of `.{name}` is not asked: that needs `rdap` of its `[[tld]]`, or `bootstrap`"));
    }
    remarks
}

/// Who needs a secret, and its name.
fn needed_secrets(config: &Config) -> Vec<(String, &str)> {
    let web_risk = config.probe.as_ref().and_then(|probe| probe.web_risk.as_ref());
    let feeds = config.feeds.iter().map(|feed| (format!("feed `{}`", feed.id), feed.secret.as_deref()));
    let vantages = config.vantages.iter().map(|of| (format!("vantage `{}`", of.id), of.secret.as_deref()));
    let rdap = config.tlds.iter().filter_map(|tld| Some((&tld.name, tld.rdap.as_ref()?)));
    let rdap = rdap.map(|(tld, rdap)| (format!("rdap of tld `{tld}`"), rdap.secret.as_deref()));
    let web_risk = web_risk.map(|risk| ("web_risk".to_owned(), Some(risk.secret.as_str())));
    let zones = config.tlds.iter().flat_map(|tld| &tld.zones).map(|zone| {
        let key = match &zone.from {
            ZoneFrom::Primary(_, key) => key.as_deref(),
            ZoneFrom::File(..) | ZoneFrom::Names(_) => None,
        };
        (format!("zone `{}`", zone.apex), key)
    });
    let all = feeds.chain(vantages).chain(rdap).chain(web_risk).chain(zones);
    all.filter_map(|(what, name)| Some((what, name?))).collect()
}

/// Who needs a file, and where it is.
fn needed_files(config: &Config) -> Vec<(String, &Path)> {
    let feeds = config.feeds.iter().map(|feed| (format!("feed `{}`", feed.id), &feed.location));
    let ranks = config.ranks.iter().map(|ranks| ("ranks".to_owned(), &ranks.location));
    let protected = config.protected.iter().map(|list| (format!("protected `{}`", list.id), &list.location));
    let paths = feeds.chain(ranks).chain(protected).filter_map(|(what, location)| match location {
        Location::Path(path) => Some((what, path.as_path())),
        Location::Url(_) => None,
    });
    let zones = config.tlds.iter().flat_map(|tld| &tld.zones);
    let zones = zones.filter_map(|zone| match &zone.from {
        ZoneFrom::File(file, _) | ZoneFrom::Names(file) => Some((format!("zone `{}`", zone.apex), file.as_path())),
        ZoneFrom::Primary(..) => None,
    });
    let rdap = config.probe.as_ref().and_then(|probe| probe.rdap.as_ref());
    let bootstrap = rdap.and_then(|rdap| rdap.bootstrap.as_deref());
    paths.chain(zones).chain(bootstrap.map(|file| ("bootstrap of rdap".to_owned(), file))).collect()
}
