//! The configuration: what a file says, checked, with every default filled in.
//!
//! A file is found by `--config`, else `./panopticon.toml`. Paths in it are relative to its folder. An unknown
//! key is an error that names the nearest known one.

mod duration;
mod file_v1;
pub(crate) mod secrets;
pub(crate) mod template;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use panopticon_model::name::{Label, Places, RegistrableRules, SuffixList, TldRules};
use panopticon_model::sighting::AbuseClass;

pub use panopticon_sources::feeds::Absence;

pub(crate) use duration::{parse as parse_duration, show as show_duration};

/// A checked configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file it came from.
    pub file: PathBuf,
    /// The folder of the input log, the base tables and the archive.
    pub state: PathBuf,
    /// The folder that readers see.
    pub output: PathBuf,
    /// The file of secrets, if there is one.
    pub secrets: Option<PathBuf>,
    /// The suffix list, if one is named; else the built-in one.
    pub suffix_list: Option<PathBuf>,
    /// Who we say we are when we fetch.
    pub user_agent: String,
    /// A certificate to trust beside the usual ones.
    pub ca: Option<PathBuf>,
    /// Worker threads of the engine.
    pub workers: usize,
    /// How often `run` publishes, in milliseconds.
    pub publish_every_ms: u64,
    /// How long log, archive and partitions are kept, in days.
    pub retention_days: u32,
    /// The greatest size of a feed or zone as it is sent, in bytes.
    pub max_bytes: u64,
    /// The greatest size of a feed or zone when unpacked, in bytes.
    pub max_decoded_bytes: u64,
    /// The longest line of a feed, in bytes.
    pub max_line_bytes: usize,
    /// The most rows of a feed.
    pub max_rows: u64,
    /// The TLDs of this installation.
    pub tlds: Vec<Tld>,
    /// The feeds.
    pub feeds: Vec<Feed>,
    /// The ranking, if one is read.
    pub ranks: Option<Ranks>,
}

/// A TLD of this installation.
#[derive(Clone, Debug)]
pub struct Tld {
    /// The TLD.
    pub name: String,
    /// Where names can be registered, in suffix-list syntax.
    pub registrable_at: Option<Vec<String>>,
    /// The zones that delegate its names.
    pub zones: Vec<Zone>,
}

/// A zone, or a list of registered names.
#[derive(Clone, Debug)]
pub struct Zone {
    /// The name of the zone.
    pub apex: String,
    /// The file.
    pub file: PathBuf,
    /// A plain list of names: then nothing is known of their name servers.
    pub names_only: bool,
    /// How much it may shrink from one reading to the next, in per cent.
    pub shrink_percent: u8,
    /// How often `run` reads it, in milliseconds.
    pub every_ms: u64,
}

/// Where something is fetched from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A file, or a folder of snapshots.
    Path(PathBuf),
    /// An address; `{key}` stands for the secret.
    Url(String),
}

/// A feed.
#[derive(Clone, Debug)]
pub struct Feed {
    /// Its name here.
    pub id: String,
    /// The format of its rows.
    pub format: String,
    /// Where it is.
    pub location: Location,
    /// The entry of the secrets file that opens it.
    pub secret: Option<String>,
    /// The header that carries the secret; without it `{key}` in the address is replaced.
    pub secret_header: Option<String>,
    /// Whether it alone may lead to a notice.
    pub trusted: bool,
    /// How often `run` fetches it, in milliseconds.
    pub every_ms: u64,
    /// What it means that an entry is gone; none for the default of the format.
    pub absence: Option<Absence>,
    /// The class of its rows, for formats that do not say.
    pub abuse_class: Option<AbuseClass>,
    /// How much it may shrink, in per cent, before a snapshot is held back.
    pub shrink_percent: u8,
}

/// A ranking of popular names.
#[derive(Clone, Debug)]
pub struct Ranks {
    /// Where it is.
    pub location: Location,
    /// How often `run` fetches it, in milliseconds.
    pub every_ms: u64,
}

impl Config {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// [`ConfigError`] with the place in the file and what would be right.
    pub fn read(file: &Path) -> Result<Config, ConfigError> {
        let text = std::fs::read_to_string(file)
            .map_err(|source| ConfigError::Read { file: file.to_owned(), source })?;
        file_v1::parse(file, &text)
    }

    /// The TLDs of which a zone is read.
    pub fn zone_tlds(&self) -> BTreeSet<compact_str::CompactString> {
        let zoned = self.tlds.iter().filter(|tld| tld.zones.iter().any(|zone| !zone.names_only));
        zoned.map(|tld| tld.name.as_str().into()).collect()
    }

    /// The names of the TLDs.
    pub fn tld_names(&self) -> Vec<String> {
        self.tlds.iter().map(|tld| tld.name.clone()).collect()
    }

    /// The rules by which names are placed.
    ///
    /// # Errors
    /// [`ConfigError`] when the suffix list or a rule of the registry cannot be read.
    pub fn places(&self) -> Result<Places, ConfigError> {
        let list = match &self.suffix_list {
            None => SuffixList::built_in(),
            Some(file) => {
                let text = std::fs::read_to_string(file)
                    .map_err(|source| ConfigError::Read { file: file.clone(), source })?;
                SuffixList::parse(&text)
                    .map_err(|error| self.wrong(format!("suffix list `{}`: {error}", file.display())))?
            }
        };
        let mut rules = Vec::new();
        for tld in &self.tlds {
            let label = Label::parse(&tld.name).map_err(|error| self.wrong(format!("tld `{}`: {error}", tld.name)))?;
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
pub enum ConfigError {
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
    pub fn hint(&self) -> Option<String> {
        match self {
            ConfigError::Read { .. } => Some("`panopticon init TLD` writes a configuration to start from".to_owned()),
            ConfigError::Wrong { hint, .. } => hint.clone(),
        }
    }
}
