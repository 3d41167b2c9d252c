//! The file of secrets: `name = "key"`, readable by its owner only. Feeds refer to entries by name.

use std::collections::BTreeMap;
use std::path::Path;

use panopticon_sources::fetch::Secret;

use super::ConfigError;

/// The secrets by name.
#[derive(Debug, Default)]
pub(crate) struct Secrets(BTreeMap<String, Secret>);

impl Secrets {
    /// Reads the file; without one there are none.
    ///
    /// # Errors
    /// [`ConfigError`] when others may read the file, or it is not a table of strings. Its content is in no message.
    pub(crate) fn read(file: Option<&Path>) -> Result<Secrets, ConfigError> {
        let Some(file) = file else { return Ok(Secrets::default()) };
        let unreadable = |error| ConfigError::Wrong {
            file: file.to_owned(),
            message: format!("cannot read the secrets: {error}"),
            hint: Some("write the file, with mode 0600, or take `secrets` out of the configuration".to_owned()),
        };
        let wrong = |message: &str, hint: &str| ConfigError::Wrong {
            file: file.to_owned(),
            message: message.to_owned(),
            hint: Some(hint.to_owned()),
        };
        if others_may_read(file).map_err(unreadable)? {
            return Err(wrong("others may read the secrets", &format!("chmod 600 {}", file.display())));
        }
        let text = std::fs::read_to_string(file).map_err(unreadable)?;
        let table: BTreeMap<String, String> = toml::from_str(&text)
            .map_err(|_| wrong("this is not a list of secrets", "write one `name = \"key\"` a line"))?;
        Ok(Secrets(table.into_iter().map(|(name, key)| (name, Secret::new(&key))).collect()))
    }

    /// The secret of that name.
    pub(crate) fn get(&self, name: &str) -> Option<Secret> {
        self.0.get(name).cloned()
    }
}

/// Whether anybody but its owner may do anything with a file.
pub(super) fn others_may_read(file: &Path) -> std::io::Result<bool> {
    let permissions = std::fs::metadata(file)?.permissions();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        Ok(permissions.mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = permissions;
        Ok(false)
    }
}
