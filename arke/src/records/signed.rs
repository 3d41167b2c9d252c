//! The manifest beside a records.sql, and its signature: signature first, then what the manifest says, then the file.

use std::io::{self, Read};
use std::path::Path;

use minisign_verify::{Error, PublicKey, Signature};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::RecordsError;

/// The form that is read.
pub const SCHEMA: &str = "panopticon.manifest/v1";
/// The name of the manifest, in the folder of the records.sql.
pub const MANIFEST: &str = "manifest.json";
/// The name of its signature.
pub const SIGNATURE: &str = "manifest.json.minisig";

/// What vouches for a file, as it was found.
#[derive(Clone, Copy, Debug)]
pub struct Voucher<'a> {
    /// The public key file, as `minisign` writes it.
    pub key: &'a [u8],
    /// The manifest.
    pub manifest: &'a [u8],
    /// Its detached signature.
    pub signature: &'a [u8],
}

#[derive(Deserialize)]
struct Manifest {
    schema: String,
    files: Vec<Listed>,
}

/// A file as the manifest names it.
#[derive(Deserialize)]
pub(super) struct Listed {
    name: String,
    bytes: u64,
    sha256: String,
    blake3: String,
}

impl Voucher<'_> {
    /// Whether the bytes are the file of that name that the owner of the key published.
    ///
    /// # Errors
    /// [`RecordsError`]: the first of key, signature, manifest and digests that does not fit.
    pub fn check(&self, name: &str, bytes: &[u8]) -> Result<(), RecordsError> {
        self.listed(name)?.check(&Sums::of(bytes))
    }

    /// What the owner of the key says of the file of that name.
    pub(super) fn listed(&self, name: &str) -> Result<Listed, RecordsError> {
        let text = |octets| std::str::from_utf8(octets).ok();
        let key = text(self.key).and_then(|text| PublicKey::decode(text).ok()).ok_or(RecordsError::Key)?;
        let signature = text(self.signature).and_then(|text| Signature::decode(text).ok());
        match key.verify(self.manifest, &signature.ok_or(RecordsError::Signature)?, false) {
            Ok(()) => {}
            Err(Error::UnexpectedKeyId) => return Err(RecordsError::OtherKey),
            Err(_) => return Err(RecordsError::Signature),
        }
        let manifest: Manifest = serde_json::from_slice(self.manifest).map_err(|_| RecordsError::Manifest)?;
        if manifest.schema != SCHEMA {
            return Err(RecordsError::Manifest);
        }
        let file = manifest.files.into_iter().find(|file| file.name == name);
        file.ok_or_else(|| RecordsError::NotNamed { name: name.to_owned() })
    }
}

impl Listed {
    pub(super) fn check(self, found: &Sums) -> Result<(), RecordsError> {
        let stated = [self.bytes.to_string(), self.sha256, self.blake3];
        for ((what, stated), found) in ["length", "SHA-256", "BLAKE3"].into_iter().zip(stated).zip(&found.0) {
            if stated != *found {
                return Err(RecordsError::Sum { what, stated, found: found.clone() });
            }
        }
        Ok(())
    }
}

/// Length, SHA-256 and BLAKE3 of a file, as the manifest writes them.
pub(super) struct Sums([String; 3]);

impl Sums {
    fn of(bytes: &[u8]) -> Sums {
        let mut summing = Summing::of(io::empty());
        summing.add(bytes);
        summing.sums()
    }
}

/// A reader that sums up what passes by.
pub(super) struct Summing<R> {
    input: R,
    length: u64,
    sha256: Sha256,
    blake3: blake3::Hasher,
}

impl<R: Read> Summing<R> {
    pub(super) fn of(input: R) -> Summing<R> {
        Summing { input, length: 0, sha256: Sha256::new(), blake3: blake3::Hasher::new() }
    }

    fn add(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        self.sha256.update(bytes);
        self.blake3.update(bytes);
    }

    fn sums(self) -> Sums {
        let sha256 = self.sha256.finalize().iter().map(|octet| format!("{octet:02x}")).collect();
        Sums([self.length.to_string(), sha256, self.blake3.finalize().to_hex().to_string()])
    }

    /// The sums of the whole file, the rest of which is read now.
    pub(super) fn finish(mut self, path: &Path) -> Result<Sums, RecordsError> {
        let rest = io::copy(&mut self, &mut io::sink());
        rest.map_err(|source| RecordsError::Io { path: path.to_owned(), source })?;
        Ok(self.sums())
    }
}

impl<R: Read> Read for Summing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.add(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}
