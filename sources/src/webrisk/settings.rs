//! How Web Risk is asked.

use std::path::PathBuf;
use std::time::Duration;

use super::ThreatType;
use super::api::Base;
use crate::fetch::{FetchError, Secret};

/// A number of entries as the API takes it: a power of two from 2^10 to 2^20.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entries(u32);

/// A number of entries that the API does not take. Correct the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} entries: write a power of two from 1024 to 1048576")]
pub struct EntriesError(pub u32);

impl Entries {
    /// The greatest number, 2^20.
    pub const MOST: Entries = Entries(1 << 20);

    /// So many entries.
    ///
    /// # Errors
    /// [`EntriesError`] if it is no power of two from 2^10 to 2^20.
    pub fn new(entries: u32) -> Result<Entries, EntriesError> {
        let is_taken = entries.is_power_of_two() && (1 << 10..=1 << 20).contains(&entries);
        if is_taken { Ok(Entries(entries)) } else { Err(EntriesError(entries)) }
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

/// How much of a list we take. The server makes its lists to fit; we refuse what does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Constraints {
    /// Entries in a diff.
    pub diff: Entries,
    /// Entries in a list.
    pub database: Entries,
}

impl Default for Constraints {
    /// As much as can be asked for: a smaller list protects less.
    fn default() -> Constraints {
        Constraints { diff: Entries::MOST, database: Entries::MOST }
    }
}

/// How a URL is looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Each URL is sent to the service, one a request (Lookup API).
    #[default]
    Lookup,
    /// Lists of prefixes are kept here, and prefixes of hashes are sent only for what is on them (Update API).
    Update {
        /// How much of each list is taken.
        constraints: Constraints,
        /// Where the lists are kept between runs; without it, in memory only.
        file: Option<PathBuf>,
    },
}

/// How Web Risk is asked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it is.
    pub base: Base,
    /// The API key.
    pub key: Secret,
    /// The types of threat that count.
    pub threat_types: Vec<ThreatType>,
    /// How a URL is looked up.
    pub mode: Mode,
    /// The time for one answer.
    pub timeout: Duration,
    /// Requests in a second, of any kind; zero for no limit.
    pub per_second: f64,
    /// Requests that may come at once.
    pub burst: u32,
    /// Varies the waits after failures, so that many programs do not ask in step.
    pub seed: u64,
}

impl Settings {
    /// The usual settings with this key: Lookup, all types, 60 s, ten requests in a second.
    #[must_use]
    pub fn new(key: Secret) -> Settings {
        Settings {
            base: Base::default(),
            key,
            threat_types: ThreatType::ALL.to_vec(),
            mode: Mode::default(),
            timeout: Duration::from_secs(60),
            per_second: 10.0,
            burst: 10,
            seed: 0,
        }
    }
}

/// Web Risk cannot be asked. Correct the configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// Offline was asked for. Run without `--offline`.
    #[error("Web Risk needs the network, and offline was asked for")]
    Offline,
    /// There is no key, or it cannot be sent. Correct the secrets file.
    #[error("there is no key for Web Risk, or it cannot be sent; correct the secrets file")]
    Key,
    /// No type of threat counts.
    #[error("no threat type is asked for: name one, or turn Web Risk off")]
    NoTypes,
    /// The network client cannot be set up.
    #[error("cannot set up the network for Web Risk")]
    Network(#[from] FetchError),
}
