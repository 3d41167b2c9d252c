//! Secrets in files that nobody else reads.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a secret cannot be used. No message holds it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SecretError {
    /// The file cannot be read.
    #[error("cannot read the secret in {path}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Others than its owner may read it.
    #[error("{0} can be read by others: `chmod 600` it")]
    Open(PathBuf),
    /// It is empty.
    #[error("{0} holds no secret")]
    Empty(PathBuf),
}

/// The first line of a file that only its owner may read.
///
/// # Errors
/// [`SecretError`] says what to change.
pub fn read(path: &Path) -> Result<String, SecretError> {
    let file = |source| SecretError::File { path: path.to_owned(), source };
    if std::fs::metadata(path).map_err(file)?.permissions().mode() & 0o077 != 0 {
        return Err(SecretError::Open(path.to_owned()));
    }
    let text = std::fs::read_to_string(path).map_err(file)?;
    let secret = text.lines().next().unwrap_or_default();
    if secret.is_empty() { Err(SecretError::Empty(path.to_owned())) } else { Ok(secret.to_owned()) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::read;

    #[test]
    fn only_a_private_file_holds_a_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        assert!(read(&path).unwrap_err().to_string().contains("cannot read"));
        std::fs::write(&path, "s3cret\n").unwrap();
        let mode = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        mode(0o640);
        assert!(read(&path).unwrap_err().to_string().contains("chmod 600"));
        mode(0o600);
        assert_eq!(read(&path).unwrap(), "s3cret");
        std::fs::write(&path, "\n").unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("holds no secret"));
    }
}
