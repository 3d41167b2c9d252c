//! A name that can be registered under a suffix: what a registry delegates, and what a case is mostly about.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::HostName;

/// A registrable domain: one label below a public suffix. Only [`super::Places`] makes one, as the rules decide.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RegistrableDomain(HostName);

impl RegistrableDomain {
    /// A label-aligned ending of a checked name, one label below its suffix.
    pub(super) fn ending(text: &str) -> RegistrableDomain {
        RegistrableDomain(HostName::ending(text))
    }

    /// The domain as a host name: its apex.
    #[must_use]
    pub fn host(&self) -> &HostName {
        &self.0
    }

    /// The domain as a host name, without a copy.
    #[must_use]
    pub fn into_host(self) -> HostName {
        self.0
    }

    /// The name in lower-case A-label form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The last label.
    #[must_use]
    pub fn top_level(&self) -> &str {
        self.0.top_level()
    }
}

impl AsRef<str> for RegistrableDomain {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for RegistrableDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for RegistrableDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
