//! The configuration: what a file says, checked, with every default filled in.
//!
//! A file is found by `--config`, else `./panopticon.toml`. Paths in it are relative to its folder. An unknown
//! key is an error that names the nearest known one.

mod duration;
pub(crate) mod policy;
pub(crate) mod probe;
pub(crate) mod secrets;
mod show;
pub(crate) mod signing;
pub(crate) mod template;
mod v1;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use panopticon_model::name::{Label, Places, RegistrableRules, SuffixList, TldRules};
use panopticon_model::origin::Origin;
use panopticon_model::sighting::AbuseClass;
use panopticon_model::tlp::Tlp;
use panopticon_sources::feeds::csv::Columns;

pub(crate) use panopticon_sources::feeds::Absence;

pub(crate) use policy::PolicyText;
pub(crate) use probe::{Probe, Protected, TldRdap, VantageText};

pub(crate) use duration::{parse as parse_duration, show as show_duration};

/// A checked configuration.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// The file it came from.
    pub(crate) file: PathBuf,
    /// The folder of the input log, the base tables and the archive.
    pub(crate) state: PathBuf,
    /// The folder that readers see.
    pub(crate) output: PathBuf,
    /// The file of secrets, if there is one.
    pub(crate) secrets: Option<PathBuf>,
    /// The key that signs manifests, if there is one.
    pub(crate) signing_key: Option<PathBuf>,
    /// The suffix list, if one is named; else the built-in one.
    pub(crate) suffix_list: Option<PathBuf>,
    /// Who we say we are when we fetch.
    pub(crate) user_agent: String,
    /// A certificate to trust beside the usual ones.
    pub(crate) ca: Option<PathBuf>,
    /// Worker threads of the engine.
    pub(crate) workers: usize,
    /// How often `run` publishes, in milliseconds.
    pub(crate) publish_every_ms: u64,
    /// How long log, archive and partitions are kept, in days.
    pub(crate) retention_days: u32,
    /// The greatest size of a feed or zone as it is sent, in bytes.
    pub(crate) max_bytes: u64,
    /// The greatest size of a feed or zone when unpacked, in bytes.
    pub(crate) max_decoded_bytes: u64,
    /// The longest line of a feed, in bytes.
    pub(crate) max_line_bytes: usize,
    /// The most rows of a feed.
    pub(crate) max_rows: u64,
    /// Where `run` hears of changes of zones (NOTIFY); none if it only asks.
    pub(crate) notify: Option<SocketAddr>,
    /// The TLDs of this installation.
    pub(crate) tlds: Vec<Tld>,
    /// The feeds.
    pub(crate) feeds: Vec<Feed>,
    /// The ranking, if one is read.
    pub(crate) ranks: Option<Ranks>,
    /// What names are looked for in the zones, beside those of the lists.
    pub(crate) lookalikes: LookFor,
    /// What it takes to hold a claim for confirmed, where a TLD does not say otherwise.
    pub(crate) policy: PolicyText,
    /// The lists of names that the registry holds critical.
    pub(crate) protected: Vec<Protected>,
    /// What is measured; none if nothing is.
    pub(crate) probe: Option<Probe>,
    /// The places from which pages are fetched.
    pub(crate) vantages: Vec<VantageText>,
}

/// A TLD of this installation.
#[derive(Clone, Debug)]
pub(crate) struct Tld {
    /// The TLD.
    pub(crate) name: String,
    /// Where names can be registered, in suffix-list syntax.
    pub(crate) registrable_at: Option<Vec<String>>,
    /// The zones that delegate its names.
    pub(crate) zones: Vec<Zone>,
    /// Its name servers; none if they are looked up.
    pub(crate) servers: Vec<SocketAddr>,
    /// Its RDAP service.
    pub(crate) rdap: Option<TldRdap>,
    /// Its own policy.
    pub(crate) policy: Option<PolicyText>,
    /// Its label generation rules (RFC 7940): which code points it holds for the same.
    pub(crate) variants: Option<PathBuf>,
}

/// A zone, or a list of registered names.
#[derive(Clone, Debug)]
pub(crate) struct Zone {
    /// The name of the zone.
    pub(crate) apex: String,
    /// Where it comes from.
    pub(crate) from: ZoneFrom,
    /// How much it may shrink from one reading to the next, in per cent.
    pub(crate) shrink_percent: u8,
    /// How often `run` reads it, in milliseconds.
    pub(crate) every_ms: u64,
}

impl Zone {
    /// Whether it is a plain list of names: then nothing is known of their name servers.
    pub(crate) fn is_names_only(&self) -> bool {
        matches!(self.from, ZoneFrom::Names(_))
    }
}

/// Where a zone comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ZoneFrom {
    /// A master file; whether its SOA record has to stand at the end once more.
    File(PathBuf, bool),
    /// A list of names.
    Names(PathBuf),
    /// A primary server, and the entry of the secrets file with the key that we share.
    Primary(SocketAddr, Option<String>),
}

/// Where something is fetched from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Location {
    /// A file, or a folder of snapshots.
    Path(PathBuf),
    /// An address; `{key}` stands for the secret.
    Url(String),
}

/// A feed.
#[derive(Clone, Debug)]
pub(crate) struct Feed {
    /// Its name here.
    pub(crate) id: String,
    /// The columns of its rows, where the format is a CSV that is described.
    pub(crate) columns: Option<Columns>,
    /// The format of its rows.
    pub(crate) format: String,
    /// Where it is.
    pub(crate) location: Location,
    /// The entry of the secrets file that opens it.
    pub(crate) secret: Option<String>,
    /// The header that carries the secret; without it `{key}` in the address is replaced.
    pub(crate) secret_header: Option<String>,
    /// Whether it alone may lead to a notice.
    pub(crate) trusted: bool,
    /// How often `run` fetches it, in milliseconds.
    pub(crate) every_ms: u64,
    /// What it means that an entry is gone; none for the default of the format.
    pub(crate) absence: Option<Absence>,
    /// For what all names that it lists were registered, if it lists one kind only.
    pub(crate) lists: Option<Origin>,
    /// Whether its rows may be passed on.
    pub(crate) redistributable: bool,
    /// Its terms, in a line; empty if nobody knows them.
    pub(crate) licence: String,
    /// How far its rows may go.
    pub(crate) tlp: Tlp,
    /// The class of its rows, for formats that do not say.
    pub(crate) abuse_class: Option<AbuseClass>,
    /// How much it may shrink, in per cent, before a snapshot is held back.
    pub(crate) shrink_percent: u8,
}

/// A ranking of popular names.
#[derive(Clone, Debug)]
pub(crate) struct Ranks {
    /// Where it is.
    pub(crate) location: Location,
    /// How often `run` fetches it, in milliseconds.
    pub(crate) every_ms: u64,
}

/// What names are looked for in the zones, beside those of the lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LookFor {
    /// The names of the program's own list, which are imitated everywhere.
    pub(crate) shipped: bool,
    /// So many of the most popular names of the ranking.
    pub(crate) top: u32,
    /// How many of a million ordinary names may be held for made by a machine.
    pub(crate) per_million: u32,
}

impl Config {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// [`ConfigError`] with the place in the file and what would be right.
    pub(crate) fn read(file: &Path) -> Result<Config, ConfigError> {
        let text =
            std::fs::read_to_string(file).map_err(|source| ConfigError::Read { file: file.to_owned(), source })?;
        v1::parse(file, &text)
    }

    /// The TLDs of which a zone is read.
    pub(crate) fn zone_tlds(&self) -> BTreeSet<compact_str::CompactString> {
        let zoned = self.tlds.iter().filter(|tld| tld.zones.iter().any(|zone| !zone.is_names_only()));
        zoned.map(|tld| tld.name.as_str().into()).collect()
    }

    /// The names of the TLDs.
    pub(crate) fn tld_names(&self) -> Vec<String> {
        self.tlds.iter().map(|tld| tld.name.clone()).collect()
    }

    /// The sources by the names that they have among the errors.
    pub(crate) fn source_names(&self) -> impl Iterator<Item = String> {
        let zones = self.tlds.iter().flat_map(|tld| &tld.zones).map(|zone| format!("zone:{}", zone.apex));
        self.feeds.iter().map(|feed| feed.id.clone()).chain(zones).chain(self.list_sources())
    }

    /// The lists that stand by themselves, by the names that they have among the errors.
    pub(crate) fn list_sources(&self) -> Vec<String> {
        let ranks = self.ranks.iter().map(|_| "ranks".to_owned());
        ranks.chain(self.protected.iter().map(Protected::source)).collect()
    }

    /// The rules by which names are placed.
    ///
    /// # Errors
    /// [`ConfigError`] when the suffix list or a rule of the registry cannot be read.
    pub(crate) fn places(&self) -> Result<Places, ConfigError> {
        let list = match &self.suffix_list {
            None => SuffixList::built_in(),
            Some(file) => {
                let unreadable =
                    |error| self.wrong(format!("cannot read the suffix list `{}`: {error}", file.display()));
                let text = std::fs::read_to_string(file).map_err(unreadable)?;
                SuffixList::parse(&text)
                    .map_err(|error| self.wrong(format!("suffix list `{}`: {error}", file.display())))?
            }
        };
        let mut rules = Vec::new();
        for tld in &self.tlds {
            let label =
                Label::parse(&tld.name).map_err(|error| self.wrong(format!("tld `{}`: {error}", tld.name)))?;
            let own = tld.registrable_at.as_deref().map(RegistrableRules::parse).transpose();
            let own = own.map_err(|error| self.wrong(format!("registrable_at of tld `{}`: {error}", tld.name)))?;
            rules.push(TldRules { tld: label, rules: own });
        }
        Ok(Places::new(list, rules))
    }

    fn wrong(&self, message: String) -> ConfigError {
        ConfigError::Wrong { file: self.file.clone(), message, hint: None }
    }
}

/// Why a configuration is not accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum ConfigError {
    /// A file cannot be read.
    #[error("cannot read `{}`", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Something in the file is not right.
    #[error("`{}`: {message}", file.display())]
    Wrong {
        /// The file.
        file: PathBuf,
        /// What is not right.
        message: String,
        /// What would be.
        hint: Option<String>,
    },
}

impl ConfigError {
    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            ConfigError::Read { .. } => {
                Some("`panopticon init TLD` writes a configuration to start from".to_owned())
            }
            ConfigError::Wrong { hint, .. } => hint.clone(),
        }
    }
}

impl Default for Config {
    fn default() -> Config {
        Config {
            file: PathBuf::new(),
            state: "state".into(),
            output: "out".into(),
            secrets: None,
            signing_key: None,
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
            notify: None,
            tlds: Vec::new(),
            feeds: Vec::new(),
            ranks: None,
            lookalikes: LookFor { shipped: true, top: 0, per_million: 1000 },
            policy: PolicyText::default(),
            protected: Vec::new(),
            probe: None,
            vantages: Vec::new(),
        }
    }
}
