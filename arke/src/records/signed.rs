//! The manifest beside a records.sql, and its signature: signature first, then what the manifest says, then the file.

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

#[derive(Deserialize)]
struct Listed {
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
        file.ok_or_else(|| RecordsError::NotNamed { name: name.to_owned() })?.check(bytes)
    }
}

impl Listed {
    fn check(self, bytes: &[u8]) -> Result<(), RecordsError> {
        let sha256: String = Sha256::digest(bytes).iter().map(|octet| format!("{octet:02x}")).collect();
        let found = [bytes.len().to_string(), sha256, blake3::hash(bytes).to_hex().to_string()];
        let stated = [self.bytes.to_string(), self.sha256, self.blake3];
        for ((what, stated), found) in ["length", "SHA-256", "BLAKE3"].into_iter().zip(stated).zip(found) {
            if stated != found {
                return Err(RecordsError::Sum { what, stated, found });
            }
        }
        Ok(())
    }
}
