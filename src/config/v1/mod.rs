//! Version 1 of the file: from what is written to [`Config`].

mod file;
mod measure;
mod policy_file;
mod probe_file;

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use panopticon_model::hint::{nearest, unknown_key};
use panopticon_sources::feeds::catalogue::Entry;
use panopticon_sources::feeds::csv::{Column, Columns};
use panopticon_sources::feeds::{FORMATS, Format, Kind};

use self::file::{
    AbsenceV1, ColumnV1, ColumnsV1, FeedV1, FileV1, LeaseV1, ProtectedV1, RanksV1, TldV1, ZoneV1, ZonesV1,
};
pub(super) use self::policy_file::parse_policy;
use super::probe::Protected;
use super::{
    Absence, Config, ConfigError, Feed, Location, LookFor, PolicyText, Ranks, Tld, Zone, ZoneFrom, parse_duration,
};

/// Reads version 1.
pub(super) fn parse(file: &Path, text: &str) -> Result<Config, ConfigError> {
    let reader = Reader { file, folder: file.parent().unwrap_or(Path::new("")) };
    let found: toml::Table = text.parse().map_err(|error| reader.syntax(&error))?;
    if let Some(version) = found.get("version").and_then(toml::Value::as_str)
        && version != "v1"
    {
        let hint = Some("this program reads `version = \"v1\"`; a newer file needs a newer program".to_owned());
        return Err(reader.wrong(format!("version `{version}` is not known here"), hint));
    }
    let parsed: FileV1 = toml::from_str(text).map_err(|error| reader.syntax(&error))?;
    reader.config(parsed)
}

/// Makes a configuration of what is written.
pub(super) struct Reader<'a> {
    file: &'a Path,
    folder: &'a Path,
}

impl Reader<'_> {
    fn config(&self, found: FileV1) -> Result<Config, ConfigError> {
        debug_assert_eq!(found.version, "v1");
        let defaults = Config::default();
        let retention = self.duration("retention", found.retention.as_deref(), 400 * 86_400_000)?;
        let vantages = self.vantages(found.vantage)?;
        let probe = match found.probe {
            Some(probe) => Some(self.probe(probe, found.filter, found.blocklist, !vantages.is_empty())?),
            None => {
                let tables = [
                    ("vantage", vantages.len()),
                    ("filter", found.filter.len()),
                    ("blocklist", found.blocklist.len()),
                ];
                if let Some((table, _)) = tables.into_iter().find(|(_, count)| *count > 0) {
                    let hint = Some("add a table `[probe]`; without it nothing is measured".to_owned());
                    return Err(self.wrong(format!("`[[{table}]]` stands without `[probe]`"), hint));
                }
                None
            }
        };
        let feed_ids: Vec<&str> = found.feed.iter().map(|feed| feed.id.as_str()).collect();
        let policy = self.policy("policy", found.policy, &PolicyText::default(), &feed_ids)?;
        let tlds = found.tld.into_iter().map(|tld| self.tld(tld, &policy, &feed_ids));
        let tlds = tlds.collect::<Result<_, _>>()?;
        let config = Config {
            file: self.file.to_owned(),
            state: self.folder.join(&found.state),
            output: self.folder.join(&found.output),
            secrets: found.secrets.map(|path| self.folder.join(path)),
            signing_key: found.signing_key.map(|path| self.folder.join(path)),
            suffix_list: found.suffix_list.map(|path| self.folder.join(path)),
            user_agent: found.user_agent.unwrap_or(defaults.user_agent),
            ca: found.ca.map(|path| self.folder.join(path)),
            workers: found.workers.unwrap_or(defaults.workers).clamp(1, 64),
            publish_every_ms: self.duration(
                "publish_every",
                found.publish_every.as_deref(),
                defaults.publish_every_ms,
            )?,
            retention_days: u32::try_from(retention.div_ceil(86_400_000)).unwrap_or(u32::MAX).max(15),
            max_bytes: found.limits.max_bytes.unwrap_or(defaults.max_bytes),
            max_decoded_bytes: found.limits.max_decoded_bytes.unwrap_or(defaults.max_decoded_bytes),
            max_line_bytes: found.limits.max_line_bytes.unwrap_or(defaults.max_line_bytes),
            max_rows: found.limits.max_rows.unwrap_or(defaults.max_rows),
            notify: found.notify.map(|address| self.socket("notify", &address)).transpose()?,
            tlds,
            policy,
            feeds: found.feed.into_iter().map(|feed| self.feed(feed)).collect::<Result<_, _>>()?,
            ranks: found.ranks.map(|ranks| self.ranks(ranks)).transpose()?,
            lookalikes: LookFor {
                per_million: self.per_million(found.lookalikes.false_positives)?,
                shipped: found.lookalikes.shipped.unwrap_or(defaults.lookalikes.shipped),
                top: found.lookalikes.top.unwrap_or(defaults.lookalikes.top),
            },
            protected: found.protected.into_iter().map(|list| self.protected(list)).collect::<Result<_, _>>()?,
            probe,
            vantages,
        };
        if config.tlds.is_empty() {
            let hint = Some("add a table `[[tld]]` with `name = \"xx\"`".to_owned());
            return Err(self.wrong("no TLD is configured".to_owned(), hint));
        }
        self.unique("tld", config.tlds.iter().map(|tld| tld.name.as_str()))?;
        self.unique("feed", config.feeds.iter().map(|feed| feed.id.as_str()))?;
        if config.lookalikes.top > 0 && config.ranks.is_none() {
            let hint = Some("add a table `[ranks]` with `url` or `path`".to_owned());
            return Err(self.wrong("`top` of `lookalikes` needs a ranking".to_owned(), hint));
        }
        self.unique("protected", config.protected.iter().map(|list| list.id.as_str()))?;
        config.places()?;
        Ok(config)
    }

    /// How many of a million ordinary names may be held for made by a machine.
    fn per_million(&self, share: Option<f64>) -> Result<u32, ConfigError> {
        let Some(share) = share else { return Ok(Config::default().lookalikes.per_million) };
        if !(0.0..=0.02).contains(&share) {
            let hint = Some("write a share from 0 to 0.02, such as 0.001".to_owned());
            return Err(self.wrong(format!("`false_positives` of `lookalikes`: {share} is no such share"), hint));
        }
        Ok((share * 1e6).round() as u32)
    }

    fn tld(&self, found: TldV1, usual: &PolicyText, feeds: &[&str]) -> Result<Tld, ConfigError> {
        let name = found.name.trim_matches('.').to_ascii_lowercase();
        let zones = match found.zone {
            None => Vec::new(),
            Some(ZonesV1::One(zone)) => vec![zone],
            Some(ZonesV1::Many(zones)) => zones,
        };
        let zones = zones.into_iter().map(|zone| self.zone(&name, zone)).collect::<Result<_, _>>()?;
        let servers = self.tld_servers(&name, &found.servers)?;
        let rdap = found.rdap.map(|rdap| self.tld_rdap(&name, rdap)).transpose()?;
        let of = format!("policy of tld `{name}`");
        let policy = found.policy.map(|policy| self.policy(&of, policy, usual, feeds)).transpose()?;
        let variants = found.variants.map(|path| self.folder.join(path));
        Ok(Tld { name, registrable_at: found.registrable_at, zones, servers, rdap, policy, variants })
    }

    fn zone(&self, tld: &str, found: ZoneV1) -> Result<Zone, ConfigError> {
        let of = format!("the zone of tld `{tld}`");
        let from = match (found.file, found.names, found.primary) {
            (Some(file), None, None) => ZoneFrom::File(self.folder.join(file), found.final_soa.unwrap_or(false)),
            (None, Some(names), None) => ZoneFrom::Names(self.folder.join(names)),
            (None, None, Some(primary)) => {
                ZoneFrom::Primary(self.socket(&format!("primary of {of}"), &primary)?, found.key.clone())
            }
            _ => {
                let hint = Some(
                    "write `zone = { file = \"xx.zone\" }`, `{ names = \"xx.txt\" }` for a list of names, or \
                     `{ primary = \"192.0.2.1\", key = \"xx-transfer\" }` for a transfer"
                        .to_owned(),
                );
                return Err(self.wrong(format!("{of} needs one of `file`, `names` and `primary`"), hint));
            }
        };
        let stray = match &from {
            ZoneFrom::File(..) => found.key.map(|_| "key"),
            ZoneFrom::Names(_) => found.key.map(|_| "key").or(found.final_soa.map(|_| "final_soa")),
            ZoneFrom::Primary(..) => found.final_soa.map(|_| "final_soa"),
        };
        if let Some(key) = stray {
            let hint = Some("`key` belongs to `primary`, `final_soa` to `file`".to_owned());
            return Err(self.wrong(format!("{of}: `{key}` has no meaning here"), hint));
        }
        let every_ms = self.duration(&format!("every of {of}"), found.every.as_deref(), 3_600_000)?;
        let apex = found.apex.map_or_else(|| tld.to_owned(), |apex| apex.trim_matches('.').to_ascii_lowercase());
        let shrink_percent = found.max_shrink.unwrap_or(20).min(100);
        Ok(Zone { apex, from, shrink_percent, every_ms })
    }

    /// An address, with the port of the DNS unless it says another.
    fn socket(&self, of: &str, text: &str) -> Result<SocketAddr, ConfigError> {
        let address = text.parse().ok().or_else(|| text.parse().ok().map(|ip: IpAddr| SocketAddr::new(ip, 53)));
        address.ok_or_else(|| {
            let hint = Some("write `192.0.2.1`, `192.0.2.1:53` or `[2001:db8::1]:53`".to_owned());
            self.wrong(format!("{of}: `{text}` is no address"), hint)
        })
    }

    fn feed(&self, found: FeedV1) -> Result<Feed, ConfigError> {
        let of = format!("feed `{}`", found.id);
        self.id(&of, &found.id)?;
        if Format::from_id(&found.format).is_none() {
            let known = FORMATS.iter().map(|format| format.id);
            let hint = nearest(&found.format, known).map(|near| format!("did you mean `{near}`?"));
            return Err(self.wrong(format!("{of}: format `{}` is not known", found.format), hint));
        }
        let absence = match found.absence {
            None => None,
            Some(AbsenceV1::Word(word)) if word == "retract" => Some(Absence::Retract),
            Some(AbsenceV1::Word(word)) => {
                let hint = Some("write `absence = \"retract\"` or `absence = { lease = \"7d\" }`".to_owned());
                return Err(self.wrong(format!("{of}: absence `{word}` is not known"), hint));
            }
            Some(AbsenceV1::Lease(LeaseV1 { lease })) => {
                Some(Absence::Lease(self.duration(&format!("lease of {of}"), Some(&lease), 0)?))
            }
        };
        let columns = found.columns.map(|columns| self.columns(&of, columns)).transpose()?;
        if columns.is_some() && found.format != "csv" {
            let hint = Some("write `format = \"csv\"`, or take `columns` out".to_owned());
            return Err(self.wrong(format!("{of}: `columns` has no meaning here"), hint));
        }
        // What the catalogue knows of an address holds unless it is said otherwise.
        let offered = found.url.as_deref().and_then(Entry::from_url);
        let terms = |entry: &Entry| format!("{}: {}", entry.publisher, entry.licence);
        Ok(Feed {
            location: self.location(&of, found.path, found.url)?,
            every_ms: self.duration(&format!("every of {of}"), found.every.as_deref(), 3_600_000)?,
            redistributable: found
                .redistributable
                .unwrap_or_else(|| offered.is_some_and(|entry| entry.redistributable)),
            licence: found.licence.unwrap_or_else(|| offered.map(terms).unwrap_or_default()),
            tlp: found.tlp.unwrap_or_else(|| offered.map(|entry| entry.tlp).unwrap_or_default()),
            id: found.id,
            format: found.format,
            secret: found.secret,
            secret_header: found.secret_header,
            trusted: found.trusted,
            absence,
            columns,
            abuse_class: found.abuse_class,
            lists: found.lists,
            shrink_percent: found.max_shrink.unwrap_or(50).min(100),
        })
    }

    fn columns(&self, of: &str, found: ColumnsV1) -> Result<Columns, ConfigError> {
        let mut letters = found.separator.as_deref().unwrap_or(",").chars();
        let (Some(separator @ (',' | ';' | '|' | '\t')), None) = (letters.next(), letters.next()) else {
            let hint = Some("write `,`, `;`, `|` or `\\t`".to_owned());
            return Err(self.wrong(format!("separator of {of} is none that is known"), hint));
        };
        let kind = match found.kind.as_deref() {
            None => None,
            Some("url") => Some(Kind::Url),
            Some("host") => Some(Kind::Host),
            Some(kind) => {
                let hint = Some("write `url` or `host`; without it any of them, and addresses".to_owned());
                return Err(self.wrong(format!("kind of {of}: `{kind}` is not known"), hint));
            }
        };
        let column = |column: Option<ColumnV1>| match column {
            None => Ok(None),
            Some(ColumnV1::Place(0)) => Err(self.wrong(format!("columns of {of}: places count from 1"), None)),
            Some(ColumnV1::Place(place)) => Ok(Some(Column::Place(usize::from(place)))),
            Some(ColumnV1::Name(name)) => Ok(Some(Column::Name(name.trim().to_owned()))),
        };
        Ok(Columns {
            separator: Some(separator),
            kind,
            value: column(Some(found.value))?,
            entry: column(found.entry)?,
            label: column(found.label)?,
            brand: column(found.brand)?,
            reported_at: column(found.reported_at)?,
            last_seen: column(found.last_seen)?,
            confidence: column(found.confidence)?,
        })
    }

    fn id(&self, of: &str, id: &str) -> Result<(), ConfigError> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
        if id.is_empty() || id.len() > 64 || !id.chars().all(plain) {
            let hint = Some("an id has 1 to 64 of a-z, 0-9, `-`, `_`, `.`".to_owned());
            return Err(self.wrong(format!("{of} has no usable id"), hint));
        }
        Ok(())
    }

    fn ranks(&self, found: RanksV1) -> Result<Ranks, ConfigError> {
        let every_ms = self.duration("every of ranks", found.every.as_deref(), 86_400_000)?;
        Ok(Ranks { location: self.location("ranks", found.path, found.url)?, every_ms })
    }

    fn protected(&self, found: ProtectedV1) -> Result<Protected, ConfigError> {
        let of = format!("protected `{}`", found.id);
        self.id(&of, &found.id)?;
        let every_ms = self.duration(&format!("every of {of}"), found.every.as_deref(), 86_400_000)?;
        Ok(Protected { location: self.location(&of, found.path, found.url)?, id: found.id, every_ms })
    }

    fn location(&self, of: &str, path: Option<PathBuf>, url: Option<String>) -> Result<Location, ConfigError> {
        match (path, url) {
            (Some(path), None) => Ok(Location::Path(self.folder.join(path))),
            (None, Some(url)) => Ok(Location::Url(self.url(of, url)?)),
            _ => Err(self.wrong(format!("{of} needs either `path` or `url`"), None)),
        }
    }

    fn url(&self, of: &str, url: String) -> Result<String, ConfigError> {
        if url.starts_with("https://") || url.starts_with("http://") {
            return Ok(url);
        }
        Err(self.wrong(format!("{of}: the url starts with neither https:// nor http://"), None))
    }

    fn duration(&self, of: &str, text: Option<&str>, default: u64) -> Result<u64, ConfigError> {
        let Some(text) = text else { return Ok(default) };
        parse_duration(text).filter(|ms| *ms > 0).ok_or_else(|| {
            let hint = Some("write a number and a unit: `30s`, `5m`, `12h`, `7d`".to_owned());
            self.wrong(format!("{of}: `{text}` is not a duration"), hint)
        })
    }

    fn unique<'n>(&self, what: &str, names: impl Iterator<Item = &'n str>) -> Result<(), ConfigError> {
        let mut seen = BTreeSet::new();
        for name in names {
            if !seen.insert(name) {
                return Err(self.wrong(format!("{what} `{name}` is configured twice"), None));
            }
        }
        Ok(())
    }

    fn wrong(&self, message: String, hint: Option<String>) -> ConfigError {
        ConfigError::Wrong { file: self.file.to_owned(), message, hint }
    }

    /// An error of the TOML reader, in one line, with the nearest key when one is not known.
    fn syntax(&self, error: &toml::de::Error) -> ConfigError {
        let message = error.message();
        let (message, hint) = match unknown_key(message) {
            Some((message, hint)) => (message, Some(hint)),
            None => (message.to_owned(), None),
        };
        let line = error.span().map(|span| span.start).and_then(|at| self.line_of(at));
        let place = line.map(|line| format!("line {line}: ")).unwrap_or_default();
        self.wrong(format!("{place}{message}"), hint)
    }

    fn line_of(&self, at: usize) -> Option<usize> {
        let text = std::fs::read_to_string(self.file).ok()?;
        Some(text.get(..at)?.matches('\n').count() + 1)
    }
}
