//! Change files: `out/changes/<tld>/<day>.jsonl`, what every publication changed, one JSON object a line.
//!
//! The files are append-only. How much of a file counts is sealed in the input log after the append; the next
//! append cuts the file to that length first. So a crash between append and seal is repaired by writing the same
//! lines again, byte for byte. Every line has an id that is the same on every such repetition.

use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use panopticon_model::diff::{ComparedRow, DiffRow};
use panopticon_model::id::{Id, IdKind};
use panopticon_model::time::{Day, Epoch};
use serde::Serialize;

use crate::SinkError;
use crate::files::{create_folder, sync_folder};

/// The schema of a line.
pub const SCHEMA: &str = "panopticon.change/v1";

/// The change file of a TLD and a day.
#[must_use]
pub fn path(out: &Path, tld: &str, day: Day) -> PathBuf {
    out.join("changes").join(tld).join(format!("{day}.jsonl"))
}

/// The id of a line: the same whenever the publication of that instant is written.
#[must_use]
pub fn line_id(upto: Epoch, row: &DiffRow) -> Id {
    let (id, upto) = (row.subject_id.to_string(), upto.0.to_string());
    let parts = [row.tld.as_str(), &id, &upto, row.change.as_str()];
    Id::derive(IdKind::Change, &parts.map(str::as_bytes))
}

#[derive(Serialize)]
struct Line<'a> {
    schema: &'a str,
    id: String,
    at: String,
    changed_view: &'a str,
    subject_id: String,
    subject: &'a str,
    change: &'a str,
    cause: &'a str,
    before: Option<&'a ComparedRow>,
    after: Option<&'a ComparedRow>,
}

/// The lines of a publication, sorted by subject and id.
///
/// # Errors
/// [`serde_json::Error`] when a row cannot be shown as JSON: a fault of the program.
pub fn lines<'a>(upto: Epoch, rows: impl IntoIterator<Item = &'a DiffRow>) -> Result<Vec<u8>, serde_json::Error> {
    let mut rows: Vec<&DiffRow> = rows.into_iter().collect();
    crate::columns::daily_diffs::sort(&mut rows);
    let mut bytes = Vec::new();
    for row in rows {
        let line = Line {
            schema: SCHEMA,
            id: line_id(upto, row).to_string(),
            at: upto.to_string(),
            changed_view: row.changed_view().as_str(),
            subject_id: row.subject_id.to_string(),
            subject: &row.subject,
            change: row.change.as_str(),
            cause: row.cause.as_str(),
            before: row.before.as_ref(),
            after: row.after.as_ref(),
        };
        serde_json::to_writer(&mut bytes, &line)?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

/// Appends what a publication changed. The first `sealed` bytes of the file count; what follows them was never
/// sealed and is cut off. Gives the new length, which is to be sealed.
///
/// # Errors
/// [`SinkError::Cut`] when the file is shorter than `sealed`, [`SinkError::Io`] when it cannot be written.
pub fn append<'a>(
    path: &Path,
    sealed: u64,
    upto: Epoch,
    rows: impl IntoIterator<Item = &'a DiffRow>,
) -> Result<u64, SinkError> {
    let bytes = lines(upto, rows).map_err(|e| SinkError::io("encode", path)(e.into()))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    create_folder(folder)?;
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(SinkError::io("open", path))?;
    let found = file.metadata().map_err(SinkError::io("inspect", path))?.len();
    if found < sealed {
        return Err(SinkError::Cut { path: path.to_owned(), sealed, found });
    }
    file.set_len(sealed).map_err(SinkError::io("cut", path))?;
    file.seek(SeekFrom::Start(sealed)).map_err(SinkError::io("seek in", path))?;
    file.write_all(&bytes).map_err(SinkError::io("append to", path))?;
    file.sync_all().map_err(SinkError::io("sync", path))?;
    sync_folder(folder)?;
    Ok(sealed + bytes.len() as u64)
}
