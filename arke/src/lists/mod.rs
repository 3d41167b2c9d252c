//! Lists that the registry keeps: resellers, what registrars wish, and who runs platforms. CSV files with a header.

mod platforms;
mod registrars;
mod resellers;

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

pub use platforms::{Platform, Platforms};
pub use registrars::{Form, Registrar, Registrars};
pub use resellers::{Reseller, Resellers};

/// The longest list that is read, in rows.
const MAX_ROWS: usize = 1_000_000;

/// Why a list is refused.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// It cannot be read, or a row is not as it must be.
    #[error("`{}`: {source}", path.display())]
    Csv {
        /// The file.
        path: PathBuf,
        /// The library's words, with the line.
        source: csv::Error,
    },
    /// A row says what cannot be.
    #[error("`{}`, line {line}: {message}", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong.
        message: &'static str,
    },
}

/// The rows of a file, each with its line.
fn rows<T: DeserializeOwned>(path: &Path) -> Result<Vec<(u64, T)>, ListError> {
    let failed = |source| ListError::Csv { path: path.to_owned(), source };
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::All).comment(Some(b'#')).from_path(path).map_err(failed)?;
    let headers = reader.headers().map_err(failed)?.clone();
    let mut rows = Vec::new();
    for record in reader.records().take(MAX_ROWS) {
        let record = record.map_err(failed)?;
        let line = record.position().map_or(0, csv::Position::line);
        rows.push((line, record.deserialize(Some(&headers)).map_err(failed)?));
    }
    Ok(rows)
}

/// Names of companies are compared without regard to case and blanks at their ends.
fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}
