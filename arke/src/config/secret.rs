//! Secrets stand in files of their own.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::ConfigError;

/// The longest secret that is read: a PEM file with a chain.
const MAX_BYTES: u64 = 64 * 1024;

/// A secret. It does not show itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a text, without line ends after it, which files have.
    #[must_use]
    pub fn new(text: &str) -> Secret {
        Secret(text.trim_end_matches(['\r', '\n']).to_owned())
    }

    /// The secret itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// The secret in a file, without the line end after it.
///
/// # Errors
/// [`ConfigError`]: the file cannot be read, holds nothing or no text, or others can read it.
pub fn read_secret(path: &Path) -> Result<Secret, ConfigError> {
    let failed = |source| ConfigError::Io { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.permissions().mode() & 0o007 != 0 {
        return Err(ConfigError::Open { path: path.to_owned() });
    }
    let mut text = String::new();
    file.take(MAX_BYTES).read_to_string(&mut text).map_err(failed)?;
    let secret = Secret::new(&text);
    if secret.reveal().is_empty() {
        let (path, message) = (path.to_owned(), "holds no secret".to_owned());
        return Err(ConfigError::Wrong { path, message, hint: Some("write it into the file".to_owned()) });
    }
    Ok(secret)
}

/// The text of a file that is no secret: a certificate.
///
/// # Errors
/// [`ConfigError::Io`]: it cannot be read.
pub fn read_text(path: &Path) -> Result<String, ConfigError> {
    let failed = |source| ConfigError::Io { path: path.to_owned(), source };
    let mut text = String::new();
    File::open(path).map_err(failed)?.take(MAX_BYTES).read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::{ConfigError, read_secret};

    #[test]
    fn a_secret_is_read_where_others_cannot() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        fs::write(&path, "s3cret \n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o604)).unwrap();
        let error = read_secret(&path).unwrap_err();
        assert!(matches!(error, ConfigError::Open { .. }));
        assert!(!format!("{error} {error:?} {}", error.hint()).contains("s3cret"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let secret = read_secret(&path).unwrap();
        assert_eq!((secret.reveal(), format!("{secret:?}").as_str()), ("s3cret ", "Secret(***)"));
        fs::write(&path, "\n").unwrap();
        assert!(matches!(read_secret(&path), Err(ConfigError::Wrong { .. })));
    }
}
