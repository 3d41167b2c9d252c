//! `out/views.sql`: the published files as views of DuckDB, and thirteen questions that they answer.

use std::io::Write;
use std::path::Path;

use crate::files::write_aside;
use crate::{SinkError, Written};

/// The script. It says itself how it is run.
pub const SCRIPT: &str = include_str!("views.sql");

/// Writes the script beside the files that it reads.
///
/// # Errors
/// [`SinkError::Io`] when it cannot be written.
pub fn write(out: &Path) -> Result<Written, SinkError> {
    let path = out.join("views.sql");
    write_aside(&path, |sink| {
        sink.write_all(SCRIPT.as_bytes()).map_err(SinkError::io("write", &path))?;
        Ok(0)
    })
}
