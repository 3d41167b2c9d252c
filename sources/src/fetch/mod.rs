//! Fetching: from a URL, a file or a drop folder to content that is capped, decoded, digested and lies aside.
//!
//! ```text
//! Target::Url ──http (conditional, redirects, retries)──► body ┐
//! Target::Path ──file──────────────────────────────────────────┼─capped::open─► archive::pack ─► Fetched
//!              └─folder: the files that are new, in name order ┘
//! ```
//!
//! What a source said last time ([`Known`]) makes the request conditional; the same content again is
//! [`Outcome::NotModified`] even where the server does not say so. Whether the content makes sense is left to its
//! parser. Secrets enter as [`Secret`] and leave only in a request; messages show the URL as configured, with
//! `{key}` in the place of the key. Offline, no socket is opened, and paths still work.

mod error;
mod http;
mod pages;
mod path;
mod retry;
mod stamp;
mod target;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use compact_str::CompactString;
use panopticon_model::id::Id;
use panopticon_model::time::Epoch;
use tempfile::TempPath;

use crate::capped::Caps;

pub use error::{FetchError, TargetError};
pub(crate) use http::{client, retry_after};
pub use pages::Pages;
pub use retry::Retry;
pub(crate) use retry::mix;
pub use stamp::stamp_in_name;
pub use target::{Secret, Target};

/// Who we are for whoever is asked, unless the configuration says otherwise.
pub(crate) const USER_AGENT: &str =
    concat!("panopticon/", env!("CARGO_PKG_VERSION"), " (+", env!("CARGO_PKG_REPOSITORY"), ")");

/// How to behave on the network; one for the whole program.
#[derive(Clone, Debug)]
pub struct Config {
    /// Who asks: the name of the program, its version, and where to complain.
    pub user_agent: String,
    /// Opens no socket; URLs end in [`FetchError::Offline`].
    pub offline: bool,
    /// A PEM file with root certificates to trust besides those of the system.
    pub ca: Option<PathBuf>,
    /// Whether `HTTPS_PROXY` and its like in the environment count.
    pub system_proxy: bool,
    /// The time for opening a connection. Default 10 s.
    pub connect_timeout: Duration,
    /// The longest silence of a server. Default 30 s.
    pub read_timeout: Duration,
    /// The time for a target in all, with redirects, retries and their waits. Default 10 min.
    pub total_timeout: Duration,
    /// How often to ask again, and when.
    pub retry: Retry,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            user_agent: USER_AGENT.to_owned(),
            offline: false,
            ca: None,
            system_proxy: true,
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(30),
            total_timeout: Duration::from_secs(600),
            retry: Retry::default(),
        }
    }
}

/// What to fetch, and what is known of it.
#[derive(Clone, Debug)]
pub struct Request {
    /// From where.
    pub target: Target,
    /// What stands for `{key}` in the URL.
    pub key: Option<Secret>,
    /// A request header and its secret value. Sent to the host of the URL only, not to where it redirects.
    pub header: Option<(String, Secret)>,
    /// The most that may come.
    pub caps: Caps,
    /// The member of a zip archive; else its first file.
    pub member: Option<String>,
    /// The folder for the result, best [`crate::archive::Archive::aside`].
    pub aside: PathBuf,
    /// What makes the request conditional.
    pub known: Known,
    /// How a URL is put together.
    pub pages: Pages,
    /// The last good snapshot in the archive, of which pieces are taken again that did not change.
    pub last: Option<PathBuf>,
    /// Varies the waits between tries, so that many programs do not ask in step.
    pub seed: u64,
}

/// What is known of a source from earlier fetches.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The validator of the last good answer; for a file, as [`Fetched::etag`] gave it.
    pub etag: Option<CompactString>,
    /// The `Last-Modified` of the last good answer.
    pub last_modified: Option<CompactString>,
    /// The digest of the last good snapshot: the same content is not modified.
    pub digest: Option<Id>,
    /// For folders: the snapshots that were handled, with the stamp in their name. A file whose name has no stamp
    /// is known by its digest alone.
    pub handled: BTreeSet<(Epoch, Id)>,
    /// For folders: files with an older stamp in their name are not looked at.
    pub not_before: Option<Epoch>,
}

/// What came of it.
#[derive(Debug)]
pub enum Outcome {
    /// The source says what it said last time.
    NotModified {
        /// The validator to keep; a server may renew it.
        etag: Option<CompactString>,
        /// The `Last-Modified` to keep.
        last_modified: Option<CompactString>,
    },
    /// The source says something else: one snapshot, of a folder one or more, each to be handled in turn.
    Fetched(Vec<Fetched>),
}

/// A snapshot that lies aside.
#[derive(Debug)]
pub struct Fetched {
    /// Its decoded content, packed with zstd, as [`crate::archive::Archive::keep`] takes it;
    /// [`crate::capped::open`] reads it. Removed when dropped.
    pub file: TempPath,
    /// The digest of the decoded content.
    pub digest: Id,
    /// The length of the decoded content.
    pub bytes: u64,
    /// The validator for the next request.
    pub etag: Option<CompactString>,
    /// The `Last-Modified` for the next request.
    pub last_modified: Option<CompactString>,
    /// The instant in the name of a file.
    pub stamp: Option<Epoch>,
    /// The URL or path, fit for messages: no secret is in it.
    pub url_shown: String,
}

/// Fetches. Cheap to share; holds the connections of the program.
#[derive(Debug)]
pub struct Fetcher {
    config: Config,
    /// None when offline.
    client: Option<reqwest::Client>,
    digests: path::Digests,
}

impl Fetcher {
    /// A fetcher under `config`. Unless it is offline, a `rustls` crypto provider must be installed.
    ///
    /// # Errors
    /// [`FetchError::Setup`] without a crypto provider or certificates, or with a `ca` file that cannot be read.
    pub fn new(config: Config) -> Result<Fetcher, FetchError> {
        let client = if config.offline { None } else { Some(http::client(&config)?) };
        Ok(Fetcher { config, client, digests: path::Digests::default() })
    }

    /// Fetches `request`.
    ///
    /// # Errors
    /// [`FetchError`]; no file is left behind.
    pub async fn fetch(&self, request: &Request) -> Result<Outcome, FetchError> {
        match (&request.target, &self.client) {
            (Target::Url(url), None) => Err(FetchError::Offline { shown: url.clone() }),
            (Target::Url(url), Some(client)) => http::fetch(client, &self.config, url, request).await,
            (Target::Path(path), _) => {
                let (path, request, digests) = (path.clone(), request.clone(), self.digests.clone());
                blocking(move || path::fetch(&path, &request, &digests)).await
            }
        }
    }
}

/// Runs what reads, decodes and packs off the threads that wait.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FetchError> + Send + 'static,
) -> Result<T, FetchError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        Err(FetchError::Setup { what: "run a task beside the network", source: Some(Box::new(error)) })
    })
}
