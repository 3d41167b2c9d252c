//! `manifest.json` beside the scripts of a TLD: what belongs there, with digests; and its signature.
//!
//! It is written after the files that it names. Of the script that was just written it states what went into it; of the
//! dated scripts of earlier days what the manifest before it stated, so that a file that somebody changed stays refused.
//! Only a file that no manifest names yet is read.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use panopticon_model::time::{Day, Epoch};
use serde::{Deserialize, Serialize};

use crate::files::{sync_folder, write_aside};
use crate::minisign::SigningKey;
use crate::records_sql::{dated, latest};
use crate::sums::{Sums, Totals};
use crate::{SinkError, Written};

/// The name of the form.
pub const SCHEMA: &str = "panopticon.manifest/v1";
/// The days whose scripts are named: that of the publication, and those before it.
pub const DAYS: u32 = 14;
/// A manifest is short. What is longer is none.
const MAX_BYTES: u64 = 1 << 20;

/// What the folder of a TLD holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`SCHEMA`].
    pub schema: String,
    /// The TLD.
    pub tld: String,
    /// The day that was published last.
    pub day: String,
    /// The last instant that is included.
    pub as_of: String,
    /// Whether the day is over.
    pub closed: bool,
    /// The program and its version.
    pub program: String,
    /// The files, sorted by name.
    pub files: Vec<Listed>,
}

/// A file of the folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its name in the folder.
    pub name: String,
    /// Its length and digests.
    #[serde(flatten)]
    pub sums: Sums,
}

/// What a manifest is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About<'a> {
    pub(crate) tld: &'a str,
    pub(crate) day: Day,
    pub(crate) as_of: Epoch,
    pub(crate) closed: bool,
    pub(crate) program: &'a str,
}

/// The manifest of a TLD.
#[must_use]
pub fn path(out: &Path, tld: &str) -> PathBuf {
    out.join("records").join(tld).join("manifest.json")
}

/// The signature of a TLD's manifest.
#[must_use]
pub fn signature_path(out: &Path, tld: &str) -> PathBuf {
    out.join("records").join(tld).join("manifest.json.minisig")
}

/// Writes the manifest after the scripts of `about.day`, whose sums are given, and signs it.
pub(crate) fn write(
    out: &Path,
    about: About<'_>,
    sums: &Sums,
    key: Option<&SigningKey>,
) -> Result<Vec<Written>, SinkError> {
    let before: BTreeMap<String, Sums> = read(out, about.tld)
        .map(|manifest| manifest.files.into_iter().map(|file| (file.name, file.sums)).collect())
        .unwrap_or_default();
    let today = [latest(out, about.tld), dated(out, about.tld, about.day)];
    let mut files: Vec<Listed> =
        today.iter().map(|file| Listed { name: name(file), sums: sums.clone() }).collect();
    for file in (1..DAYS).map(|back| dated(out, about.tld, about.day.back(back))).filter(|file| file.is_file()) {
        let name = name(&file);
        let sums = match before.get(&name) {
            Some(sums) => sums.clone(),
            None => of_file(&file)?,
        };
        files.push(Listed { name, sums });
    }
    files.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    let manifest = Manifest {
        schema: SCHEMA.to_owned(),
        tld: about.tld.to_owned(),
        day: about.day.to_string(),
        as_of: about.as_of.to_string(),
        closed: about.closed,
        program: about.program.to_owned(),
        files,
    };
    put(out, &manifest, key)
}

/// Removes the manifest of a TLD, signature first, when it names files that are about to go. Only a TLD that is
/// published no longer has one. It is not written anew: what lies there is not ours to sign again.
pub(crate) fn retire(out: &Path, tld: &str, goes: impl Fn(&str) -> bool) -> Result<(), SinkError> {
    if read(out, tld).is_some_and(|manifest| manifest.files.iter().any(|file| goes(&file.name))) {
        remove(&signature_path(out, tld))?;
        remove(&path(out, tld))?;
    }
    Ok(())
}

/// The manifest, then its signature. Without a key there is none, and an earlier one goes first.
fn put(out: &Path, manifest: &Manifest, key: Option<&SigningKey>) -> Result<Vec<Written>, SinkError> {
    let (path, signature) = (path(out, &manifest.tld), signature_path(out, &manifest.tld));
    if key.is_none() {
        remove(&signature)?;
    }
    let mut text = serde_json::to_string_pretty(manifest)
        .map_err(|error| SinkError::io("encode", &path)(io::Error::other(error)))?;
    text.push('\n');
    let mut written = vec![put_text(&path, &text, manifest.files.len())?];
    if let Some(key) = key {
        let Manifest { tld, day, as_of, .. } = manifest;
        let signed = key.sign(text.as_bytes(), &format!("tld:{tld}\tday:{day}\tas_of:{as_of}"));
        written.push(put_text(&signature, &signed, 1)?);
    }
    Ok(written)
}

fn put_text(path: &Path, text: &str, rows: usize) -> Result<Written, SinkError> {
    write_aside(path, |sink| {
        sink.write_all(text.as_bytes()).map_err(SinkError::io("write", path))?;
        Ok(rows as u64)
    })
}

/// Removes a file, if it is there.
fn remove(path: &Path) -> Result<(), SinkError> {
    match fs::remove_file(path) {
        Ok(()) => sync_folder(path.parent().unwrap_or(Path::new("."))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(SinkError::io("remove", path)(error)),
    }
}

/// The manifest of a TLD as it stands; none if it is none of ours.
fn read(out: &Path, tld: &str) -> Option<Manifest> {
    let mut text = String::new();
    File::open(path(out, tld)).ok()?.take(MAX_BYTES).read_to_string(&mut text).ok()?;
    let manifest: Manifest = serde_json::from_str(&text).ok()?;
    (manifest.schema == SCHEMA && manifest.tld == tld).then_some(manifest)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn of_file(path: &Path) -> Result<Sums, SinkError> {
    let mut totals = Totals::default();
    File::open(path)
        .and_then(|mut file| io::copy(&mut file, &mut totals.beside(io::sink())))
        .map_err(SinkError::io("read", path))?;
    Ok(totals.sums())
}
