//! Why a configuration is refused.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why a configuration, or a file that it names, is refused. No message holds a secret.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// A file cannot be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file does not say what it must.
    #[error("`{}`: {message}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// Everybody on this machine can read a secret.
    #[error("`{}` holds a secret, and others can read it", path.display())]
    Open {
        /// The file.
        path: PathBuf,
    },
}

impl ConfigError {
    /// What to do.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            ConfigError::Io { .. } => "check the path and who may read it".to_owned(),
            ConfigError::Wrong { hint: Some(hint), .. } => hint.clone(),
            ConfigError::Wrong { hint: None, .. } => {
                "`arke config schema` prints what the file may hold".to_owned()
            }
            ConfigError::Open { path } => format!("chmod o= {}", path.display()),
        }
    }
}
