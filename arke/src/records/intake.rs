//! Files, and what vouches for them.

use std::fs::File;
use std::io::{BufReader, Read, Take};
use std::path::Path;

use super::signed::{self, Summing, Voucher};
use super::{MAX_BYTES, MAX_SIGNED_BYTES, Records, RecordsError, read};

/// Reads a file.
///
/// # Errors
/// [`RecordsError`]: the file cannot be read, or is not whole, ours and consistent.
pub fn read_file(path: &Path) -> Result<Records, RecordsError> {
    read(BufReader::with_capacity(1 << 16, open(path, MAX_BYTES)?))
}

/// Reads a file that the manifest beside it names and the owner of the public key in `key` has signed.
///
/// # Errors
/// [`RecordsError`]: as [`read_file`], and when key, signature, manifest or digests do not fit.
pub fn read_signed(path: &Path, key: &Path) -> Result<Records, RecordsError> {
    let beside = |name| load(&path.with_file_name(name));
    let (key, manifest) = (load(key)?, beside(signed::MANIFEST)?);
    let voucher = Voucher { key: &key, manifest: &manifest, signature: &beside(signed::SIGNATURE)? };
    let listed = voucher.listed(&path.file_name().unwrap_or_default().to_string_lossy())?;
    let mut summing = Summing::of(open(path, MAX_BYTES)?);
    let records = read(BufReader::with_capacity(1 << 16, &mut summing));
    // What the sums say comes first: a file that is not the one that was signed needs no other reason.
    listed.check(&summing.finish(path)?)?;
    records
}

/// A file of at most so many bytes; one that grows while it is read ends there.
fn open(path: &Path, most: u64) -> Result<Take<File>, RecordsError> {
    let failed = |source| RecordsError::Io { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.len() > most {
        return Err(RecordsError::TooLarge { path: path.to_owned(), most });
    }
    Ok(file.take(most))
}

fn load(path: &Path) -> Result<Vec<u8>, RecordsError> {
    let mut bytes = Vec::new();
    let read = open(path, MAX_SIGNED_BYTES)?.read_to_end(&mut bytes);
    read.map_err(|source| RecordsError::Io { path: path.to_owned(), source })?;
    Ok(bytes)
}
