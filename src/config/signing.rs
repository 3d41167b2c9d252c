//! The key that signs manifests: a file without a password, readable by its owner only.

use std::path::Path;

use panopticon_sinks::minisign::SigningKey;

use super::ConfigError;
use super::secrets::others_may_read;

/// Reads the key; without a file there is none.
///
/// # Errors
/// [`ConfigError`] when others may read the file, or it is no key. Its content is in no message.
pub(crate) fn read(file: Option<&Path>) -> Result<Option<SigningKey>, ConfigError> {
    let Some(file) = file else { return Ok(None) };
    let wrong =
        |message: String, hint: String| ConfigError::Wrong { file: file.to_owned(), message, hint: Some(hint) };
    let unreadable = |error| {
        let hint = "give the key that `panopticon init` wrote, or take `signing_key` out of the configuration";
        wrong(format!("cannot read the signing key: {error}"), hint.to_owned())
    };
    if others_may_read(file).map_err(unreadable)? {
        return Err(wrong("others may read the signing key".to_owned(), format!("chmod 600 {}", file.display())));
    }
    let text = std::fs::read_to_string(file).map_err(unreadable)?;
    SigningKey::parse(&text).map(Some).map_err(|error| wrong(error.to_string(), error.hint().to_owned()))
}
