//! Why a run cannot go on, with what to do.

use std::error::Error as _;
use std::io;

use panopticon_dataflow::EngineError;
use panopticon_dataflow::lexical::TablesError;
use panopticon_dataflow::risk::ModelError;
use panopticon_datasets::log::LogError;
use panopticon_datasets::store::StoreError;
use panopticon_model::view::MultiplicityError;
use panopticon_sinks::SinkError;
use panopticon_sinks::parquet::read::ReadError;
use panopticon_sources::archive::ArchiveError;
use panopticon_sources::fetch::FetchError;
use panopticon_sources::zone::SnapshotError;

use super::ClockError;
use crate::config::ConfigError;

/// Why a run cannot go on. A source that fails is no such error: it is a row of the view `errors`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum WireError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The clock.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// The state folder.
    #[error("the state folder cannot be used")]
    Store(#[from] StoreError),
    /// The archive.
    #[error("the archive cannot be used")]
    Archive(#[from] ArchiveError),
    /// The log.
    #[error("the log cannot be written")]
    Log(#[from] LogError),
    /// The snapshot of a zone.
    #[error("the snapshot of a zone cannot be used")]
    Zone(#[from] SnapshotError),
    /// A table of look-alikes: a fault of the program.
    #[error("a reference table cannot be used")]
    Tables(#[from] TablesError),
    /// The model of generated names: a fault of the program.
    #[error("the model of generated names cannot be used")]
    Model(#[from] ModelError),
    /// The engine.
    #[error("the engine cannot go on")]
    Engine(#[from] EngineError),
    /// The engine says something that cannot be.
    #[error("the engine contradicts itself")]
    Multiplicity(#[from] MultiplicityError),
    /// The output folder.
    #[error("the publication cannot be written")]
    Sink(#[source] SinkError),
    /// What was published cannot be read.
    #[error("what was published cannot be read")]
    Published(#[source] ReadError),
    /// Nothing can be fetched at all.
    #[error("the network cannot be used")]
    Network(#[from] FetchError),
    /// A file of this program cannot be read or written.
    #[error("cannot use `{}`", path.display())]
    Io {
        /// The file.
        path: std::path::PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Nothing can be measured as it is configured.
    #[error("{what} cannot be used to measure: {reason}")]
    Probe {
        /// What.
        what: String,
        /// Why.
        reason: String,
    },
    /// The name of a feed that is not configured.
    #[error("feed `{0}` is not configured")]
    NoFeed(String),
    /// A feed that has nothing to accept.
    #[error("feed `{0}` has no snapshot that is held back")]
    NothingHeld(String),
    /// A name or URL that cannot be marked.
    #[error("`{value}` cannot be marked: {reason}")]
    Mark {
        /// What was given.
        value: String,
        /// Why not.
        reason: String,
    },
}

impl From<SinkError> for WireError {
    /// What the disk said to the Parquet writer is the disk's word, and no fault of the program.
    fn from(error: SinkError) -> WireError {
        if let SinkError::Encode { path, source } = &error
            && let Some(said) = source.source().and_then(|cause| cause.downcast_ref::<io::Error>())
        {
            let source = said.raw_os_error().map_or_else(|| said.kind().into(), io::Error::from_raw_os_error);
            return WireError::Sink(SinkError::Io { action: "write", path: path.clone(), source });
        }
        WireError::Sink(error)
    }
}

impl WireError {
    /// Whether the program is at fault, and nobody who runs it can change that.
    pub(crate) fn is_fault(&self) -> bool {
        matches!(
            self,
            WireError::Engine(_) | WireError::Multiplicity(_) | WireError::Tables(_) | WireError::Model(_)
        )
    }

    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            WireError::Config(error) => error.hint(),
            WireError::Clock(error) => Some(error.hint()),
            WireError::Store(StoreError::Locked { .. }) => Some(
                "wait until the other process is done, or stop it; both would write the same state".to_owned(),
            ),
            WireError::Sink(_) => Some("the state is safe: run again when the folder can be written".to_owned()),
            WireError::NoFeed(_) => Some("`panopticon feeds list` shows the feeds".to_owned()),
            WireError::Multiplicity(_) => Some("please report it, with the log folder if you may".to_owned()),
            _ => None,
        }
    }
}
