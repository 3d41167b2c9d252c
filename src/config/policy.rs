//! What the file says of confirming: the policy of each TLD.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use compact_str::CompactString;
use panopticon_model::judgement::{Policies, Policy};
use panopticon_model::origin::Origin;
use panopticon_model::sighting::FeedId;

use super::{Config, ConfigError, show_duration, v1};

/// The policy of a TLD, or of all that have none of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PolicyText {
    /// The feeds of which one is enough; without it those that are `trusted`.
    pub(crate) trusted: Option<Vec<String>>,
    /// How many others are enough; zero for never.
    pub(crate) independent: usize,
    /// How long a measurement confirms.
    pub(crate) fresh_ms: u64,
    /// Names of this rank or a better one are guarded; zero for none.
    pub(crate) guarded_rank: u32,
    /// Names of which nothing is held for confirmed.
    pub(crate) allow: Vec<String>,
}

impl Default for PolicyText {
    fn default() -> PolicyText {
        let usual = Policy::default();
        PolicyText {
            trusted: None,
            independent: usual.independent,
            fresh_ms: usual.fresh_ms,
            guarded_rank: usual.guarded_rank,
            allow: Vec::new(),
        }
    }
}

impl PolicyText {
    /// The policy, with the feeds that are trusted if it names none, and those that list names of one origin.
    fn policy(&self, trusted: &BTreeSet<FeedId>, origins: &BTreeMap<FeedId, Origin>) -> Policy {
        let named =
            self.trusted.as_ref().map(|feeds| feeds.iter().map(|feed| FeedId::from(feed.as_str())).collect());
        Policy {
            trusted: named.unwrap_or_else(|| trusted.clone()),
            independent: self.independent,
            fresh_ms: self.fresh_ms,
            guarded_rank: self.guarded_rank,
            allowed: self.allow.iter().map(|name| CompactString::from(name.as_str())).collect(),
            origins: origins.clone(),
        }
    }
}

impl Config {
    /// The feeds of which one is enough, where the policy does not say otherwise.
    pub(crate) fn trusted_feeds(&self) -> BTreeSet<FeedId> {
        self.feeds.iter().filter(|feed| feed.trusted).map(|feed| FeedId::from(feed.id.as_str())).collect()
    }

    /// The feeds that list names of one origin only.
    fn origins(&self) -> BTreeMap<FeedId, Origin> {
        self.feeds.iter().filter_map(|feed| Some((FeedId::from(feed.id.as_str()), feed.lists?))).collect()
    }

    /// The policies of this installation.
    pub(crate) fn policies(&self) -> Policies {
        let trusted = self.trusted_feeds();
        let origins = self.origins();
        let own = self.tlds.iter().filter_map(|tld| Some((&tld.name, tld.policy.as_ref()?)));
        Policies {
            by_tld: own.map(|(tld, policy)| (tld.as_str().into(), policy.policy(&trusted, &origins))).collect(),
            usual: self.policy.policy(&trusted, &origins),
        }
    }

    /// The policies of this installation if a file with the keys of `[policy]` were part of each of them. What the file
    /// leaves out is as it is configured.
    ///
    /// # Errors
    /// [`ConfigError`] when the file cannot be read, or says what no policy may say.
    pub(crate) fn policies_with(&self, file: &Path) -> Result<Policies, ConfigError> {
        let text = std::fs::read_to_string(file).map_err(|error| ConfigError::Wrong {
            file: file.to_owned(),
            message: format!("cannot be read: {error}"),
            hint: Some("write the keys of `[policy]` into it, for example `independent = 3`".to_owned()),
        })?;
        let feeds: Vec<&str> = self.feeds.iter().map(|feed| feed.id.as_str()).collect();
        let with = |usual: &PolicyText| v1::parse_policy(file, &text, usual, &feeds);
        let mut changed = self.clone();
        changed.policy = with(&self.policy)?;
        for own in changed.tlds.iter_mut().filter_map(|tld| tld.policy.as_mut()) {
            *own = with(own)?;
        }
        Ok(changed.policies())
    }

    /// The policies in one text: where it is another one, the same state is judged otherwise.
    pub(crate) fn policies_setting(&self) -> CompactString {
        let Policies { by_tld, usual } = self.policies();
        let text = |tld: &str, policy: &Policy| {
            let Policy { trusted, independent, fresh_ms, guarded_rank, allowed, .. } = policy;
            let trusted: Vec<String> = trusted.iter().map(ToString::to_string).collect();
            let allowed: Vec<&str> = allowed.iter().map(CompactString::as_str).collect();
            let (trusted, allowed, fresh) = (trusted.join(","), allowed.join(","), show_duration(*fresh_ms));
            format!("{tld}: {trusted} or {independent}, {fresh}, rank {guarded_rank}, allowed {allowed}")
        };
        let own = by_tld.iter().map(|(tld, policy)| text(tld, policy));
        let origins = usual.origins.iter().map(|(feed, origin)| format!("{feed} lists {}", origin.as_str()));
        let all: Vec<String> = std::iter::once(text("usual", &usual)).chain(own).chain(origins).collect();
        all.join("; ").into()
    }
}
