//! What can go wrong with a source, and what a person can do about it.

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::Fetched;

/// A target that cannot be read. Correct the configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// Nothing is there.
    #[error("the target is empty: give a URL or a path")]
    Empty,
    /// Not a scheme of ours.
    #[error("the scheme `{0}` is not known: use https, http, file or a path")]
    Scheme(String),
    /// A file URL with a host.
    #[error("a file URL has three slashes: file:///path")]
    RemoteFile,
    /// No URL.
    #[error("the URL cannot be read")]
    Url,
    /// A user or password in the URL would show in every message.
    #[error("the URL holds a user or a password: put it into the secrets file and use `{{key}}` or a header")]
    Credentials,
}

/// A fetch that failed. `shown` is the URL or path as configured, without the secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// Offline was asked for, and this needs the network. Run without `--offline`.
    #[error("`{shown}` needs the network, and offline was asked for")]
    Offline {
        /// The target.
        shown: String,
    },
    /// The fetcher cannot be set up. Correct the configuration or the installation.
    #[error("cannot {what}")]
    Setup {
        /// What was tried.
        what: &'static str,
        /// Why not.
        #[source]
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    /// The URL has `{key}`, and there is no key, or the key or header cannot be sent. Correct the secrets file.
    #[error("`{shown}`: {what}; correct the secrets file")]
    Secret {
        /// The target.
        shown: String,
        /// What is wrong.
        what: &'static str,
    },
    /// The server cannot be reached, or broke off. It was tried again; look at the network, else wait.
    #[error("cannot fetch `{shown}`")]
    Transport {
        /// The target.
        shown: String,
        /// What failed. Without its URL, which may hold a secret.
        #[source]
        source: reqwest::Error,
    },
    /// All tries together took too long.
    #[error("`{shown}` took longer than {} s", limit.as_secs_f32())]
    Timeout {
        /// The target.
        shown: String,
        /// The time that was given.
        limit: Duration,
    },
    /// The server answered, but not with content.
    #[error("`{shown}` answered {status}: {hint}")]
    Status {
        /// The target.
        shown: String,
        /// The status code.
        status: u16,
        /// What to do.
        hint: &'static str,
    },
    /// The server asks to wait for longer than a run may. Fetch this source less often.
    #[error("`{shown}` answered {status} and asks to come back in {} s", wait.as_secs())]
    ComeBackLater {
        /// The target.
        shown: String,
        /// The status code.
        status: u16,
        /// How long to wait.
        wait: Duration,
    },
    /// A redirect that is not followed. Look where the source has moved to, and correct the URL.
    #[error("`{shown}` redirects {what}")]
    Redirect {
        /// The target.
        shown: String,
        /// Why it is not followed.
        what: &'static str,
    },
    /// More than the caps allow, damaged, or cut off; the source says which.
    #[error("the content of `{shown}` cannot be used")]
    Content {
        /// The target.
        shown: String,
        /// What is wrong with it, often a [`crate::capped::CapError`].
        #[source]
        source: io::Error,
    },
    /// A file or folder cannot be read, or the result cannot be written.
    #[error("cannot {action} `{path}`")]
    File {
        /// What was tried.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The file changed while it was read. Write it aside and rename it; it is read again next time.
    #[error("`{path}` changed while it was read: write it aside and rename it")]
    Changing {
        /// Which.
        path: PathBuf,
    },
    /// Some files of a folder cannot be read; the others wait to be handled.
    #[error("{} of the new files cannot be read", failed.len())]
    Files {
        /// Their names, and why not.
        failed: Vec<(String, FetchError)>,
        /// The files that can be read, each to be handled in turn.
        fetched: Vec<Fetched>,
    },
}
