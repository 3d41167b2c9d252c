//! A single label of a name, under the same rules as a whole one: `xx`, `xn--j6w193g`, `_dmarc`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{HostName, NameError};

/// One label, lower-case A-label form, 1 to 63 octets. A TLD, mostly.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Label(HostName);

impl Label {
    /// Reads a label in any spelling; one leading and one trailing dot (`.xx`, `xx.`) are taken off.
    ///
    /// # Errors
    /// [`NameError::NotOneLabel`] if there is a dot inside; else as [`HostName::parse`].
    pub fn parse(text: &str) -> Result<Label, NameError> {
        let name = HostName::parse(text.strip_prefix('.').unwrap_or(text))?;
        if name.parent().is_some() { Err(NameError::NotOneLabel) } else { Ok(Label(name)) }
    }

    /// The label in lower-case A-label form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The U-label for people, where it leads back to the same A-label.
    #[must_use]
    pub fn to_unicode(&self) -> String {
        self.0.to_unicode()
    }

    /// Whether the label could be registered under IDNA2008; see [`HostName::is_idna2008`].
    #[must_use]
    pub fn is_idna2008(&self) -> bool {
        self.0.is_idna2008()
    }
}

impl FromStr for Label {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Label, NameError> {
        Label::parse(text)
    }
}

impl AsRef<str> for Label {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
