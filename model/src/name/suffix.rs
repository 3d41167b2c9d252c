//! The public suffix list, read at run time, and a registry's own rules in the same syntax.
//!
//! The list is data with a date, not code: it is loaded by the caller, its version is part of the log. The two
//! sections are kept apart because they say different things. ICANN: a registry takes registrations below.
//! PRIVATE: a platform lets others create names below its own registration.

use super::built_in;
use super::rules::{Found, RuleTable, Section};
use super::{HostName, NameError};

/// Why a list or a set of rules cannot be used. Keep the last good one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SuffixError {
    /// A line that is no rule.
    #[error("suffix rule {line} ({text:?}) cannot be read")]
    Rule {
        /// Line of the list, or position among the rules, from 1.
        line: usize,
        /// The rule as it was written.
        text: String,
        /// What is wrong with it.
        source: NameError,
    },
    /// No rule at all, or none in the ICANN section: an empty or a wrong file.
    #[error("there is no suffix rule of a registry")]
    Empty,
}

/// The public suffix list: <https://publicsuffix.org/list/>.
#[derive(Clone)]
pub struct SuffixList {
    /// None for the list that is built in.
    table: Option<RuleTable>,
    version: String,
    digest: blake3::Hash,
}

impl SuffixList {
    /// Reads the text of `public_suffix_list.dat`. Lines without section marks count as ICANN.
    ///
    /// # Errors
    /// [`SuffixError::Rule`] for a line that is no rule, [`SuffixError::Empty`] if there is no ICANN rule.
    pub fn parse(text: &str) -> Result<SuffixList, SuffixError> {
        let mut table = RuleTable::default();
        let mut section = Section::Icann;
        let mut version = None;
        let mut icann_rules = 0_usize;
        for (index, line) in text.lines().enumerate() {
            let line = line.trim_start_matches('\u{FEFF}').trim_start();
            if let Some(comment) = line.strip_prefix("//") {
                let comment = comment.trim();
                if let Some(stamp) = comment.strip_prefix("VERSION:") {
                    version = Some(stamp.trim().to_owned());
                } else if comment.starts_with("===BEGIN PRIVATE DOMAINS===") {
                    section = Section::Private;
                } else if comment.starts_with("===BEGIN ICANN DOMAINS===") {
                    section = Section::Icann;
                }
                continue;
            }
            // "Each line is only read up to the first whitespace."
            let Some(rule) = line.split_whitespace().next() else {
                continue;
            };
            table.add(rule, section).map_err(|source| unreadable(index, rule, source))?;
            icann_rules += usize::from(section == Section::Icann);
        }
        if icann_rules == 0 {
            return Err(SuffixError::Empty);
        }
        let mut hasher = blake3::Hasher::new();
        table.digest_into(&mut hasher);
        let digest = hasher.finalize();
        let version = version.unwrap_or_else(|| digest.to_hex().chars().take(16).collect());
        Ok(SuffixList { table: Some(table), version, digest })
    }

    /// The list that this program was built with. It ages with the program: name a newer one where that matters.
    #[must_use]
    pub fn built_in() -> SuffixList {
        let version = built_in::VERSION.to_owned();
        SuffixList { table: None, digest: blake3::hash(version.as_bytes()), version }
    }

    /// The `// VERSION:` line; without one, 16 hex digits of the BLAKE3 digest of the rules.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The longest suffix of the ICANN section that `host` is or lies below. No default rule: `None` for a
    /// TLD that the list does not know.
    #[must_use]
    pub fn icann_suffix<'a>(&self, host: &'a HostName) -> Option<&'a str> {
        host.as_str().get(self.find(host).icann?..)
    }

    /// The longest suffix of the PRIVATE section that `host` is or lies below.
    #[must_use]
    pub fn private_suffix<'a>(&self, host: &'a HostName) -> Option<&'a str> {
        host.as_str().get(self.find(host).private?..)
    }

    /// The public suffix as browsers see it: the longest rule of both sections, `*` for an unknown TLD.
    /// For comparison with other software; [`super::Places`] never mixes the sections.
    #[must_use]
    pub fn public_suffix<'a>(&self, host: &'a HostName) -> &'a str {
        let found = self.find(host);
        let longest = match (found.icann, found.private) {
            (Some(icann), Some(private)) => Some(icann.min(private)),
            (icann, private) => icann.or(private),
        };
        longest.and_then(|at| host.as_str().get(at..)).unwrap_or_else(|| host.top_level())
    }

    pub(super) fn find(&self, host: &HostName) -> Found {
        match &self.table {
            Some(table) => table.find(host.as_str()),
            None => built_in::find(host.as_str()),
        }
    }

    pub(super) fn digest_into(&self, hasher: &mut blake3::Hasher) {
        hasher.update(self.version.as_bytes()).update(&[0]).update(self.digest.as_bytes());
    }
}

impl std::fmt::Debug for SuffixList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SuffixList {}", self.version)
    }
}

/// The rules of one registry: under which names of its TLD it takes registrations.
#[derive(Clone)]
pub struct RegistrableRules {
    table: RuleTable,
}

impl RegistrableRules {
    /// Reads rules in the syntax of the suffix list, such as `["xx", "com.xx", "*.ck", "!www.ck"]`.
    ///
    /// # Errors
    /// [`SuffixError::Rule`] with the position from 1; [`SuffixError::Empty`] if there is none.
    pub fn parse(rules: &[String]) -> Result<RegistrableRules, SuffixError> {
        let mut table = RuleTable::default();
        for (index, rule) in rules.iter().enumerate() {
            let rule = rule.trim();
            table.add(rule, Section::Icann).map_err(|source| unreadable(index, rule, source))?;
        }
        if table.is_empty() { Err(SuffixError::Empty) } else { Ok(RegistrableRules { table }) }
    }

    /// The longest suffix among these rules that `host` is or lies below.
    #[must_use]
    pub fn suffix<'a>(&self, host: &'a HostName) -> Option<&'a str> {
        host.as_str().get(self.suffix_at(host)?..)
    }

    pub(super) fn suffix_at(&self, host: &HostName) -> Option<usize> {
        self.table.find(host.as_str()).icann
    }

    pub(super) fn digest_into(&self, hasher: &mut blake3::Hasher) {
        self.table.digest_into(hasher);
    }
}

impl std::fmt::Debug for RegistrableRules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RegistrableRules ({} names)", self.table.len())
    }
}

fn unreadable(index: usize, rule: &str, source: NameError) -> SuffixError {
    SuffixError::Rule { line: index + 1, text: rule.to_owned(), source }
}
