//! Retention: dated files that are old enough go.

use std::fs;
use std::io;
use std::path::Path;

use panopticon_model::time::Day;
use panopticon_model::view::View;

use crate::SinkError;
use crate::manifest;
use crate::parquet::read;

/// Removes partitions, dated records and change files of days before `before`. The manifest of a TLD
/// that is published no longer goes before records that it names. What cannot be listed because it
/// was never published is passed over.
///
/// # Errors
/// [`SinkError`]: something could not be removed. What is left is whole.
pub fn expire(out: &Path, before: Day) -> Result<usize, SinkError> {
    let mut removed = 0;
    for view in View::ALL {
        let view_folder = out.join(format!("view={}", view.as_str()));
        for tld in read::tlds(out, view).unwrap_or_default() {
            for day in read::days(out, view, &tld).unwrap_or_default().into_iter().filter(|day| *day < before) {
                let partition = view_folder.join(format!("tld={tld}")).join(format!("date={day}"));
                fs::remove_dir_all(&partition).map_err(SinkError::io("remove", &partition))?;
                removed += 1;
            }
        }
    }
    let records = out.join("records");
    for folder in entries(&records)? {
        let tld = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        manifest::retire(out, tld, |name| is_before(name, RECORDS, before))?;
    }
    removed += expire_files(&records, RECORDS, before)?;
    removed += expire_files(&out.join("changes"), ("", ".jsonl"), before)?;
    Ok(removed)
}

/// What stands around the day in the name of a dated script.
const RECORDS: (&str, &str) = ("records-", ".sql");

/// Whether a name is one of an early day.
fn is_before(name: &str, (prefix, suffix): (&str, &str), before: Day) -> bool {
    let day = name.strip_prefix(prefix).and_then(|name| name.strip_suffix(suffix));
    day.and_then(|day| day.parse::<Day>().ok()).is_some_and(|day| day < before)
}

/// Removes the files `<folder>/<tld>/<prefix><day><suffix>` of early days.
fn expire_files(folder: &Path, around: (&str, &str), before: Day) -> Result<usize, SinkError> {
    let mut removed = 0;
    for tld in entries(folder)? {
        for path in entries(&tld)? {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if is_before(name, around, before) {
                fs::remove_file(&path).map_err(SinkError::io("remove", &path))?;
                removed += 1;
            }
        }
    }
    Ok(removed)
}

fn entries(folder: &Path) -> Result<Vec<std::path::PathBuf>, SinkError> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        listed => listed
            .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
            .map_err(SinkError::io("list", folder)),
    }
}
