//! Why a records.sql is refused, and what to do about it.

use std::io;
use std::path::PathBuf;

use panopticon_model::records::SCHEMA_VERSION;
use panopticon_model::time::Epoch;

use super::signed::{MANIFEST, SIGNATURE};

/// A records.sql is refused. Nothing of it was used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordsError {
    /// The file system refused.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file is longer than any that is published.
    #[error("`{}` has more than {most} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// What is read at most.
        most: u64,
    },
    /// The file that should hold the public key holds something else.
    #[error("the key is not a public key of minisign")]
    Key,
    /// The signature is torn, foreign, or not that of the manifest.
    #[error("the signature does not fit the manifest")]
    Signature,
    /// The signature is of another key.
    #[error("the manifest is signed with another key")]
    OtherKey,
    /// A manifest that is signed, but of another form.
    #[error("the manifest is not of the form {}", super::signed::SCHEMA)]
    Manifest,
    /// The manifest does not name the file.
    #[error("the manifest does not name `{name}`")]
    NotNamed {
        /// The file.
        name: String,
    },
    /// The file is not the one that the manifest names.
    #[error("the manifest states {what} {stated}, the file has {found}")]
    Sum {
        /// Length or digest.
        what: &'static str,
        /// What the manifest states.
        stated: String,
        /// What the file has.
        found: String,
    },
    /// An octet that our writer never writes.
    #[error("line {line} holds octet {octet:#04x}: the file is not one that panopticon wrote")]
    NotPlain {
        /// The line, from 1.
        line: usize,
        /// The octet.
        octet: u8,
    },
    /// A statement that our writer never writes.
    #[error("line {line}: expected {wanted}, found {found}: the file is not one that panopticon wrote")]
    Foreign {
        /// The line, from 1.
        line: usize,
        /// What belongs there.
        wanted: &'static str,
        /// What stands there.
        found: String,
    },
    /// The file ends early.
    #[error("the file is torn: it ends before its last statement")]
    Torn,
    /// Another major version.
    #[error("the file has schema version {found} and this program reads {SCHEMA_VERSION}")]
    Version {
        /// The version of the file.
        found: String,
    },
    /// A table or column that this version needs.
    #[error("the file has no {what} `{name}`")]
    Missing {
        /// Table or column.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// A value of another kind than the column's.
    #[error("column `{column}` holds a value that does not belong there")]
    Value {
        /// Table and column.
        column: String,
    },
    /// Rows are missing, or there are too many.
    #[error("the file states {stated} rows of `{table}` and holds {found}")]
    Count {
        /// The table.
        table: String,
        /// What `meta` states.
        stated: i64,
        /// What there is.
        found: u64,
    },
    /// The rows are not those that were written.
    #[error("the file states digest {stated}, its rows have {found}")]
    Digest {
        /// What `meta` states.
        stated: String,
        /// What the rows have.
        found: String,
    },
    /// The file is old, or from a time to come.
    #[error("the file is as of {as_of}, more than {hours} h away from {now}")]
    Age {
        /// The last instant that the file includes.
        as_of: Epoch,
        /// The time that it is used at.
        now: Epoch,
        /// The hours that are allowed.
        hours: u64,
    },
}

impl RecordsError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            RecordsError::Io { path, .. } if path.ends_with(MANIFEST) || path.ends_with(SIGNATURE) => {
                "fetch manifest.json and manifest.json.minisig into the folder of the records.sql"
            }
            RecordsError::Io { .. } => "give the path of a file that this user may read",
            RecordsError::Key | RecordsError::OtherKey => "give the signing.pub of whoever publishes the records",
            RecordsError::Signature | RecordsError::Sum { .. } => {
                "fetch records.sql, manifest.json and manifest.json.minisig again, all three; a publication may have \
                 come between"
            }
            RecordsError::NotNamed { .. } => "keep the name under which the file was published",
            RecordsError::NotPlain { .. } | RecordsError::Foreign { .. } | RecordsError::TooLarge { .. } => {
                "give a records.sql as panopticon publishes it, unchanged"
            }
            RecordsError::Version { .. } | RecordsError::Missing { .. } | RecordsError::Manifest => {
                "use the arke that belongs to the panopticon that wrote the file"
            }
            RecordsError::Age { .. } => {
                "fetch the latest records.sql, or say with --now as of when it is to be read"
            }
            _ => "copy the file again; if that does not help, publish it anew",
        }
    }
}
