//! `config check` and `config show`.

use std::process::ExitCode;

use clap::Subcommand;

use super::{Global, Printer};
use crate::config::secrets::Secrets;
use crate::config::{Absence, Config, Location, show_duration};

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
                printer.data(show(&config).trim_end())?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

fn check(config: &Config, printer: &Printer) -> anyhow::Result<ExitCode> {
    let mut found = Vec::new();
    let secrets = Secrets::read(config.secrets.as_deref())?;
    for feed in &config.feeds {
        if let Some(name) = &feed.secret
            && secrets.get(name).is_none()
        {
            found.push(format!("feed `{}`: there is no secret `{name}`", feed.id));
        }
    }
    let feeds = config.feeds.iter().map(|feed| (format!("feed `{}`", feed.id), &feed.location));
    let ranks = config.ranks.iter().map(|ranks| ("ranks".to_owned(), &ranks.location));
    let mut paths: Vec<(String, &std::path::Path)> = feeds
        .chain(ranks)
        .filter_map(
            |(what, location)| {
                if let Location::Path(path) = location { Some((what, path.as_path())) } else { None }
            },
        )
        .collect();
    for tld in &config.tlds {
        paths.extend(tld.zones.iter().map(|zone| (format!("zone `{}`", zone.apex), zone.file.as_path())));
    }
    for (what, path) in paths {
        if let Err(error) = std::fs::metadata(path) {
            found.push(format!("{what}: cannot read `{}`: {error}", path.display()));
        }
    }
    if !config.feeds.iter().any(|feed| feed.trusted) {
        found.push("no feed is trusted: nothing would ever lead to a notice".to_owned());
    }
    for problem in &found {
        printer.warning(problem);
    }
    if found.is_empty() {
        printer.remark(&format!("`{}` is in order", config.file.display()));
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::from(4))
}

/// The configuration as a file that says everything.
fn show(config: &Config) -> String {
    let text = |value: &str| toml::Value::from(value).to_string();
    let path = |value: &std::path::Path| text(&value.to_string_lossy());
    let location = |location: &Location| match location {
        Location::Path(file) => format!("path = {}", path(file)),
        Location::Url(url) => format!("url = {}", text(url)),
    };
    let mut lines = vec![
        "version = \"v1\"".to_owned(),
        format!("state = {}", path(&config.state)),
        format!("output = {}", path(&config.output)),
    ];
    lines.extend(config.secrets.as_deref().map(|file| format!("secrets = {}", path(file))));
    match config.suffix_list.as_deref() {
        Some(file) => lines.push(format!("suffix_list = {}", path(file))),
        None => lines.push("# suffix_list: the one that is built in".to_owned()),
    }
    lines.extend(config.ca.as_deref().map(|file| format!("ca = {}", path(file))));
    lines.extend([
        format!("user_agent = {}", text(&config.user_agent)),
        format!("workers = {}", config.workers),
        format!("publish_every = \"{}\"", show_duration(config.publish_every_ms)),
        format!("retention = \"{}d\"", config.retention_days),
        "\n[limits]".to_owned(),
        format!("max_bytes = {}", config.max_bytes),
        format!("max_decoded_bytes = {}", config.max_decoded_bytes),
        format!("max_line_bytes = {}", config.max_line_bytes),
        format!("max_rows = {}", config.max_rows),
    ]);
    for tld in &config.tlds {
        lines.extend(["\n[[tld]]".to_owned(), format!("name = {}", text(&tld.name))]);
        if let Some(rules) = &tld.registrable_at {
            let rules: Vec<String> = rules.iter().map(|rule| text(rule)).collect();
            lines.push(format!("registrable_at = [{}]", rules.join(", ")));
        }
        let zones: Vec<String> = tld
            .zones
            .iter()
            .map(|zone| {
                let key = if zone.names_only { "names" } else { "file" };
                let every = show_duration(zone.every_ms);
                format!(
                    "{{ {key} = {}, apex = {}, max_shrink = {}, every = \"{every}\" }}",
                    path(&zone.file),
                    text(&zone.apex),
                    zone.shrink_percent
                )
            })
            .collect();
        if !zones.is_empty() {
            lines.push(format!("zone = [{}]", zones.join(", ")));
        }
    }
    for feed in &config.feeds {
        lines.extend([
            "\n[[feed]]".to_owned(),
            format!("id = {}", text(&feed.id)),
            format!("format = {}", text(&feed.format)),
            location(&feed.location),
            format!("trusted = {}", feed.trusted),
            format!("every = \"{}\"", show_duration(feed.every_ms)),
            format!("max_shrink = {}", feed.shrink_percent),
        ]);
        lines.extend(feed.secret.as_deref().map(|name| format!("secret = {}", text(name))));
        lines.extend(feed.secret_header.as_deref().map(|name| format!("secret_header = {}", text(name))));
        lines.extend(feed.abuse_class.map(|class| format!("abuse_class = \"{}\"", class.as_str())));
        match feed.absence {
            None => lines.push("# absence: the default of the format".to_owned()),
            Some(Absence::Retract) => lines.push("absence = \"retract\"".to_owned()),
            Some(Absence::Lease(ms)) => lines.push(format!("absence = {{ lease = \"{}\" }}", show_duration(ms))),
        }
    }
    if let Some(ranks) = &config.ranks {
        let every = format!("every = \"{}\"", show_duration(ranks.every_ms));
        lines.extend(["\n[ranks]".to_owned(), location(&ranks.location), every]);
    }
    lines.join("\n")
}
