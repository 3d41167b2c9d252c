//! Version 1 of the file, as it is written, and its passage to [`Config`].

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use panopticon_model::sighting::AbuseClass;
use panopticon_sources::feeds::{FORMATS, Format};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Absence, Config, ConfigError, Feed, Location, Ranks, Tld, Zone, parse_duration};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileV1 {
    version: String,
    state: PathBuf,
    output: PathBuf,
    secrets: Option<PathBuf>,
    suffix_list: Option<PathBuf>,
    user_agent: Option<String>,
    ca: Option<PathBuf>,
    workers: Option<usize>,
    publish_every: Option<String>,
    retention: Option<String>,
    #[serde(default)]
    limits: LimitsV1,
    #[serde(default)]
    tld: Vec<TldV1>,
    #[serde(default)]
    feed: Vec<FeedV1>,
    ranks: Option<RanksV1>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitsV1 {
    max_bytes: Option<u64>,
    max_decoded_bytes: Option<u64>,
    max_line_bytes: Option<usize>,
    max_rows: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TldV1 {
    name: String,
    registrable_at: Option<Vec<String>>,
    zone: Option<ZonesV1>,
}

enum ZonesV1 {
    One(ZoneV1),
    Many(Vec<ZoneV1>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ZoneV1 {
    file: Option<PathBuf>,
    names: Option<PathBuf>,
    apex: Option<String>,
    max_shrink: Option<u8>,
    every: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FeedV1 {
    id: String,
    format: String,
    path: Option<PathBuf>,
    url: Option<String>,
    secret: Option<String>,
    secret_header: Option<String>,
    #[serde(default)]
    trusted: bool,
    every: Option<String>,
    absence: Option<AbsenceV1>,
    abuse_class: Option<AbuseClass>,
    max_shrink: Option<u8>,
}

enum AbsenceV1 {
    Word(String),
    Lease(LeaseV1),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LeaseV1 {
    lease: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RanksV1 {
    path: Option<PathBuf>,
    url: Option<String>,
    every: Option<String>,
}

// By hand: serde's untagged enums forget which key was not known, and where.
impl<'de> Deserialize<'de> for ZonesV1 {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<ZonesV1, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = ZonesV1;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("`{ file = \"xx.zone\" }`, or a list of such tables")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ZonesV1, A::Error> {
                ZoneV1::deserialize(MapAccessDeserializer::new(map)).map(ZonesV1::One)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<ZonesV1, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(ZonesV1::Many)
            }
        }
        from.deserialize_any(Either)
    }
}

impl<'de> Deserialize<'de> for AbsenceV1 {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<AbsenceV1, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = AbsenceV1;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("`\"retract\"` or `{ lease = \"7d\" }`")
            }
            fn visit_str<E>(self, word: &str) -> Result<AbsenceV1, E> {
                Ok(AbsenceV1::Word(word.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<AbsenceV1, A::Error> {
                LeaseV1::deserialize(MapAccessDeserializer::new(map)).map(AbsenceV1::Lease)
            }
        }
        from.deserialize_any(Either)
    }
}

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

struct Reader<'a> {
    file: &'a Path,
    folder: &'a Path,
}

impl Reader<'_> {
    fn config(&self, found: FileV1) -> Result<Config, ConfigError> {
        debug_assert_eq!(found.version, "v1");
        let defaults = Config::default();
        let retention = self.duration("retention", found.retention.as_deref(), 400 * 86_400_000)?;
        let config = Config {
            file: self.file.to_owned(),
            state: self.folder.join(&found.state),
            output: self.folder.join(&found.output),
            secrets: found.secrets.map(|path| self.folder.join(path)),
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
            tlds: found.tld.into_iter().map(|tld| self.tld(tld)).collect::<Result<_, _>>()?,
            feeds: found.feed.into_iter().map(|feed| self.feed(feed)).collect::<Result<_, _>>()?,
            ranks: found.ranks.map(|ranks| self.ranks(ranks)).transpose()?,
        };
        if config.tlds.is_empty() {
            let hint = Some("add a table `[[tld]]` with `name = \"xx\"`".to_owned());
            return Err(self.wrong("no TLD is configured".to_owned(), hint));
        }
        self.unique("tld", config.tlds.iter().map(|tld| tld.name.as_str()))?;
        self.unique("feed", config.feeds.iter().map(|feed| feed.id.as_str()))?;
        config.places()?;
        Ok(config)
    }

    fn tld(&self, found: TldV1) -> Result<Tld, ConfigError> {
        let name = found.name.trim_matches('.').to_ascii_lowercase();
        let zones = match found.zone {
            None => Vec::new(),
            Some(ZonesV1::One(zone)) => vec![zone],
            Some(ZonesV1::Many(zones)) => zones,
        };
        let zones = zones.into_iter().map(|zone| self.zone(&name, zone)).collect::<Result<_, _>>()?;
        Ok(Tld { name, registrable_at: found.registrable_at, zones })
    }

    fn zone(&self, tld: &str, found: ZoneV1) -> Result<Zone, ConfigError> {
        let (file, names_only) = match (found.file, found.names) {
            (Some(file), None) => (file, false),
            (None, Some(names)) => (names, true),
            _ => {
                let hint = Some(
                    "write `zone = { file = \"xx.zone\" }`, or `{ names = \"xx.txt\" }` for a list of names"
                        .to_owned(),
                );
                return Err(self.wrong(format!("the zone of tld `{tld}` needs either `file` or `names`"), hint));
            }
        };
        let every_ms =
            self.duration(&format!("every of the zone of tld `{tld}`"), found.every.as_deref(), 3_600_000)?;
        let apex = found.apex.map_or_else(|| tld.to_owned(), |apex| apex.trim_matches('.').to_ascii_lowercase());
        let shrink_percent = found.max_shrink.unwrap_or(20).min(100);
        Ok(Zone { apex, file: self.folder.join(file), names_only, shrink_percent, every_ms })
    }

    fn feed(&self, found: FeedV1) -> Result<Feed, ConfigError> {
        let of = format!("feed `{}`", found.id);
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
        if found.id.is_empty() || found.id.len() > 64 || !found.id.chars().all(plain) {
            let hint = Some("an id has 1 to 64 of a-z, 0-9, `-`, `_`, `.`".to_owned());
            return Err(self.wrong(format!("{of} has no usable id"), hint));
        }
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
        Ok(Feed {
            location: self.location(&of, found.path, found.url)?,
            every_ms: self.duration(&format!("every of {of}"), found.every.as_deref(), 3_600_000)?,
            id: found.id,
            format: found.format,
            secret: found.secret,
            secret_header: found.secret_header,
            trusted: found.trusted,
            absence,
            abuse_class: found.abuse_class,
            shrink_percent: found.max_shrink.unwrap_or(50).min(100),
        })
    }

    fn ranks(&self, found: RanksV1) -> Result<Ranks, ConfigError> {
        let every_ms = self.duration("every of ranks", found.every.as_deref(), 86_400_000)?;
        Ok(Ranks { location: self.location("ranks", found.path, found.url)?, every_ms })
    }

    fn location(&self, of: &str, path: Option<PathBuf>, url: Option<String>) -> Result<Location, ConfigError> {
        match (path, url) {
            (Some(path), None) => Ok(Location::Path(self.folder.join(path))),
            (None, Some(url)) if url.starts_with("https://") || url.starts_with("http://") => {
                Ok(Location::Url(url))
            }
            (None, Some(_)) => {
                Err(self.wrong(format!("{of}: the url starts with neither https:// nor http://"), None))
            }
            _ => Err(self.wrong(format!("{of} needs either `path` or `url`"), None)),
        }
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
        let mut quoted = message.split('`').skip(1).step_by(2);
        let hint = message.starts_with("unknown field").then(|| {
            let unknown = quoted.next().unwrap_or_default();
            let known: Vec<&str> = quoted.collect();
            match nearest(unknown, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known keys: {}", known.join(", ")),
            }
        });
        let message = if message.starts_with("unknown field") {
            message.split(", expected").next().unwrap_or(message).replace("unknown field", "unknown key")
        } else {
            message.to_owned()
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

/// The known word that is nearest to another: at most a third of its letters differ.
fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    known
        .map(|key| (distance(word, key), key))
        .filter(|(far, key)| far * 3 <= key.len().max(3))
        .min()
        .map(|(_, key)| key)
}

/// Edit distance (Levenshtein), for hints.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

impl Default for Config {
    fn default() -> Config {
        Config {
            file: PathBuf::new(),
            state: "state".into(),
            output: "out".into(),
            secrets: None,
            suffix_list: None,
            user_agent: format!("panopticon/{}", env!("CARGO_PKG_VERSION")),
            ca: None,
            workers: 1,
            publish_every_ms: 300_000,
            retention_days: 400,
            max_bytes: 256 << 20,
            max_decoded_bytes: 1 << 30,
            max_line_bytes: 64 << 10,
            max_rows: 10_000_000,
            tlds: Vec::new(),
            feeds: Vec::new(),
            ranks: None,
        }
    }
}
