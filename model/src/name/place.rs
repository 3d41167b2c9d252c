//! Where a host stands: its registrable domain, what it is to it, and whom a case about it concerns.
//!
//! The registrable domain follows the registry's own rules, then the suffix list's ICANN section, then (for a
//! configured TLD that neither knows) the TLD itself; never the PRIVATE section. That one only says that an
//! operator lets others create names below its own: the case then is about the customer's name.
//!
//! | host (`info.cx` is in the PRIVATE section) | registrable domain | role | platform | subject |
//! |---|---|---|---|---|
//! | `evil.cx`, `www.evil.cx` | `evil.cx` | registered | | `evil.cx` |
//! | `login.evil.cx` | `evil.cx` | subordinate | | `evil.cx` |
//! | `info.cx`, `www.info.cx` | `info.cx` | platform | `info.cx` | `info.cx` |
//! | `x.info.cx`, `a.x.info.cx` | `info.cx` | platform | `info.cx` | `x.info.cx` |

use std::collections::HashMap;
use std::fmt;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::rules::Found;
use super::{HostName, Label, RegistrableDomain, RegistrableRules, SuffixList};

/// What a host is to its registrable domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HostRole {
    /// The registrable domain itself, or its `www`.
    Registered,
    /// Any other name below the registrable domain.
    Subordinate,
    /// A name at or below a suffix of the PRIVATE section: a platform, or a customer of one.
    Platform,
    /// An IP address; it has no registrable domain. Never the result of [`Places::place`].
    Address,
}

impl HostRole {
    /// The word in columns.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            HostRole::Registered => "registered",
            HostRole::Subordinate => "subordinate",
            HostRole::Platform => "platform",
            HostRole::Address => "address",
        }
    }
}

impl fmt::Display for HostRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Where a host stands. `registrable_domain`, `platform` and `subject` are whole-label endings of the host.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Placement {
    /// The name that the registry registered.
    pub registrable_domain: RegistrableDomain,
    /// What the host is to it.
    pub role: HostRole,
    /// The suffix of the PRIVATE section at or below the registrable domain that the host is or lies below.
    pub platform: Option<HostName>,
    /// What a case is about: the customer's name below a platform, else the registrable domain. The platform
    /// itself and its `www` are nobody's customer.
    pub subject: HostName,
}

/// Why a host has no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceError {
    /// The host is itself a public suffix: no registration stands behind it. Do not open a case.
    #[error("the host is a public suffix")]
    PublicSuffix,
    /// Its TLD is neither configured nor on the list: a made-up name, or a list that is too old.
    #[error("the top-level domain is neither configured nor on the suffix list")]
    UnknownTld,
}

/// A configured TLD.
#[derive(Clone, Debug)]
pub struct TldRules {
    /// The TLD.
    pub tld: Label,
    /// The registry's own rules; without them the suffix list's ICANN section decides.
    pub rules: Option<RegistrableRules>,
}

/// All rules that decide on a place: the suffix list and the configured TLDs.
#[derive(Clone, Debug)]
pub struct Places {
    list: SuffixList,
    tlds: HashMap<CompactString, Option<RegistrableRules>>,
    digest: String,
}

impl Places {
    /// Puts list and TLDs together. If a TLD is given twice the last one counts.
    #[must_use]
    pub fn new(list: SuffixList, tlds: Vec<TldRules>) -> Places {
        let tlds: HashMap<CompactString, Option<RegistrableRules>> =
            tlds.into_iter().map(|tld| (CompactString::new(tld.tld.as_str()), tld.rules)).collect();
        let digest = digest_of(&list, &tlds);
        Places { list, tlds, digest }
    }

    /// Where a host stands.
    ///
    /// # Errors
    /// [`PlaceError::PublicSuffix`] for a suffix itself, [`PlaceError::UnknownTld`] for a made-up TLD.
    pub fn place(&self, host: &HostName) -> Result<Placement, PlaceError> {
        let text = host.as_str();
        let found = self.list.find(host);
        let suffix_at = self.suffix_at(host, found).ok_or(PlaceError::UnknownTld)?;
        let registrable_at = one_label_more(text, suffix_at).ok_or(PlaceError::PublicSuffix)?;
        let registrable = ending(text, registrable_at);
        // A private suffix above the registrable domain is the registry's own business.
        let platform_at = found.private.filter(|&at| at <= registrable_at);
        let role = match platform_at {
            Some(_) => HostRole::Platform,
            None if registrable_at == 0 || text.get(..registrable_at) == Some("www.") => HostRole::Registered,
            None => HostRole::Subordinate,
        };
        let customer_at = platform_at
            .and_then(|at| Some((one_label_more(text, at)?, at)))
            .filter(|&(customer_at, at)| text.get(customer_at..at) != Some("www."))
            .map(|(customer_at, _)| customer_at);
        Ok(Placement {
            registrable_domain: RegistrableDomain::ending(registrable),
            role,
            platform: platform_at.map(|at| HostName::ending(ending(text, at))),
            subject: HostName::ending(customer_at.map_or(registrable, |at| ending(text, at))),
        })
    }

    /// Where the suffix begins under which a host can be registered; `None` for a made-up TLD.
    fn suffix_at(&self, host: &HostName, found: Found) -> Option<usize> {
        let top_level = host.top_level();
        let configured = self.tlds.get(top_level);
        let own_rule = configured.and_then(|rules| rules.as_ref()?.suffix_at(host));
        let by_rule = own_rule.or(found.icann);
        let is_known = configured.is_some() || found.listed;
        by_rule.or_else(|| is_known.then(|| host.as_str().len() - top_level.len()))
    }

    /// A name that can be registered, as its label and the suffix that it stands under; `None` for a suffix, a name below
    /// one that can be registered, and what is no name in lower-case A-labels.
    #[must_use]
    pub fn registrable<'n>(&self, name: &'n str) -> Option<(&'n str, &'n str)> {
        let host = HostName::parse(name).ok()?;
        let suffix_at = self.suffix_at(&host, self.list.find(&host))?;
        let is_it = host.as_str() == name && one_label_more(name, suffix_at) == Some(0);
        is_it.then(|| name.split_once('.')).flatten()
    }

    /// Whether the host's TLD is configured.
    #[must_use]
    pub fn in_scope(&self, host: &HostName) -> bool {
        self.tlds.contains_key(host.top_level())
    }

    /// The suffix list.
    #[must_use]
    pub fn list(&self) -> &SuffixList {
        &self.list
    }

    /// BLAKE3 (hex) over the version of the list, all its rules, the TLDs and their rules: when it changes,
    /// places may have changed (cause `suffix`).
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

/// The start of the ending that has one label more than the one at `at`.
fn one_label_more(text: &str, at: usize) -> Option<usize> {
    let left = text.get(..at.checked_sub(1)?)?;
    Some(left.rfind('.').map_or(0, |dot| dot + 1))
}

fn ending(text: &str, at: usize) -> &str {
    text.get(at..).unwrap_or(text)
}

fn digest_of(list: &SuffixList, tlds: &HashMap<CompactString, Option<RegistrableRules>>) -> String {
    let mut hasher = blake3::Hasher::new();
    list.digest_into(&mut hasher);
    let mut sorted: Vec<_> = tlds.iter().collect();
    sorted.sort_unstable_by_key(|(tld, _)| *tld);
    for (tld, rules) in sorted {
        hasher.update(tld.as_bytes()).update(&[0, u8::from(rules.is_some())]);
        if let Some(rules) = rules {
            rules.digest_into(&mut hasher);
        }
    }
    hasher.finalize().to_hex().to_string()
}
