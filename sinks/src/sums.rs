//! Lengths and digests of files while they are written.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The length of a file and its digests, in hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// Its length.
    pub bytes: u64,
    /// SHA-256.
    pub sha256: String,
    /// BLAKE3.
    pub blake3: String,
}

/// Sums up what passes by.
#[derive(Default)]
pub(crate) struct Totals {
    bytes: u64,
    sha256: Sha256,
    blake3: blake3::Hasher,
}

impl Totals {
    /// A writer that hands on to another, and sums up what that has taken.
    pub(crate) fn beside<W: Write>(&mut self, to: W) -> Beside<'_, W> {
        Beside { totals: self, to }
    }

    pub(crate) fn sums(self) -> Sums {
        let sha256 = self.sha256.finalize().iter().map(|octet| format!("{octet:02x}")).collect();
        Sums { bytes: self.bytes, sha256, blake3: self.blake3.finalize().to_hex().to_string() }
    }
}

/// What [`Totals::beside`] gives.
pub(crate) struct Beside<'a, W> {
    totals: &'a mut Totals,
    to: W,
}

impl<W: Write> Write for Beside<'_, W> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let n = self.to.write(buf)?;
        let taken = buf.get(..n).unwrap_or_default();
        self.totals.sha256.update(taken);
        self.totals.blake3.update(taken);
        self.totals.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
