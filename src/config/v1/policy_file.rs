//! What the file says of confirming, as it is written, and how it is read.

use std::path::Path;

use serde::Deserialize;

use super::super::{ConfigError, PolicyText};
use super::Reader;

/// Reads a file that holds the keys of `[policy]` and nothing else; what it leaves out is as in `usual`.
pub(in super::super) fn parse_policy(
    file: &Path,
    text: &str,
    usual: &PolicyText,
    feeds: &[&str],
) -> Result<PolicyText, ConfigError> {
    let reader = Reader { file, folder: file.parent().unwrap_or(Path::new("")) };
    let found: PolicyV1 = toml::from_str(text).map_err(|error| reader.syntax(&error))?;
    reader.policy("policy", found, usual, feeds)
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyV1 {
    trusted: Option<Vec<String>>,
    independent: Option<usize>,
    fresh: Option<String>,
    guarded_rank: Option<u32>,
    allow: Option<Vec<String>>,
}

impl Reader<'_> {
    /// A policy: what is written, and the rest as in `usual`.
    pub(super) fn policy(
        &self,
        of: &str,
        found: PolicyV1,
        usual: &PolicyText,
        feeds: &[&str],
    ) -> Result<PolicyText, ConfigError> {
        for feed in found.trusted.iter().flatten() {
            if !feeds.contains(&feed.as_str()) {
                let hint = Some(format!("the feeds are {}", feeds.join(", ")));
                return Err(self.wrong(format!("{of}: there is no feed `{feed}`"), hint));
            }
        }
        let allow = found.allow.map(|names| {
            names.iter().map(|name| Ok(self.host(of, name)?.as_str().to_owned())).collect::<Result<Vec<_>, _>>()
        });
        Ok(PolicyText {
            trusted: found.trusted.or_else(|| usual.trusted.clone()),
            independent: found.independent.unwrap_or(usual.independent),
            fresh_ms: self.duration(&format!("fresh of {of}"), found.fresh.as_deref(), usual.fresh_ms)?,
            guarded_rank: found.guarded_rank.unwrap_or(usual.guarded_rank),
            allow: allow.transpose()?.unwrap_or_else(|| usual.allow.clone()),
        })
    }
}
