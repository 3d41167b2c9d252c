//! The sample of registered names: labels in three parts, as the committed file has them.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use panopticon_dataflow::risk::{Model, Pattern};
use panopticon_model::name::{HostName, SuffixList};

use crate::world::mix;

/// TLDs that are left for the evaluation.
pub const HELD_OUT: [&str; 6] = ["se", "ee", "ch", "li", "nu", "sk"];
/// TLDs that are given away or sold as if they were no country's: many of their names are made by programs.
const UNLIKE: [&str; 23] = [
    "tk", "ga", "cf", "gq", "ml", "pw", "cc", "ws", "tv", "co", "me", "us", "in", "io", "to", "vu", "la", "cx",
    "ms", "gs", "tl", "su", "eu",
];

/// Registered labels, each part sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// Drawn evenly from ccTLDs.
    pub cctld: Vec<String>,
    /// Those of ccTLDs that an earlier model found most like generated ones: above its loose cut.
    pub hard: Vec<String>,
    /// Drawn evenly from a list of popular names.
    pub popular: Vec<String>,
}

const PARTS: [&str; 3] = ["# cctld", "# hard", "# popular"];

impl Sample {
    /// Reads the text of a sample.
    ///
    /// # Errors
    /// When a line stands before the first part or a part is not known.
    pub fn parse(text: &str) -> anyhow::Result<Sample> {
        let mut parts = [const { Vec::new() }; 3];
        let mut current = None;
        for line in text.lines() {
            if line.starts_with('#') {
                let part = PARTS.iter().position(|part| *part == line);
                current = Some(part.with_context(|| format!("a sample has no part `{line}`"))?);
            } else {
                let part = current.context("a sample starts with the name of a part")?;
                parts[part].push(line.to_owned());
            }
        }
        let [cctld, hard, popular] = parts;
        Ok(Sample { cctld, hard, popular })
    }

    /// The text of a sample.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (part, labels) in PARTS.iter().zip([&self.cctld, &self.hard, &self.popular]) {
            text.push_str(part);
            text.push('\n');
            for label in labels {
                text.push_str(label);
                text.push('\n');
            }
        }
        text
    }

    /// Every so-manieth name of each part.
    #[must_use]
    pub fn thinned(&self, step: usize) -> Sample {
        let thin = |all: &[String]| all.iter().step_by(step.max(1)).cloned().collect();
        Sample { cctld: thin(&self.cctld), hard: thin(&self.hard), popular: thin(&self.popular) }
    }
}

/// The hash that keeps names apart.
#[must_use]
pub fn key(label: &str) -> u64 {
    label.bytes().fold(0x5eed, |key, octet| mix(key ^ u64::from(octet)))
}

/// Labels by TLD: what stands before the public suffix.
#[must_use]
pub fn labels<'a>(hosts: impl Iterator<Item = &'a str>) -> BTreeMap<String, BTreeSet<String>> {
    let list = SuffixList::built_in();
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for host in hosts.filter_map(|host| HostName::parse(host).ok()) {
        let Some(suffix) = list.icann_suffix(&host) else { continue };
        let above = host.as_str().strip_suffix(suffix).and_then(|rest| rest.strip_suffix('.'));
        let Some(label) = above.and_then(|rest| rest.rsplit('.').next()) else { continue };
        if !label.is_empty() && Pattern::of(label).is_none() {
            all.entry(host.top_level().to_owned()).or_default().insert(label.to_owned());
        }
    }
    all
}

/// Host names of a list: the last column of each line, comments left out.
pub fn hosts(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.rsplit('\t').next())
}

/// What a sample is drawn from.
#[derive(Clone, Debug, Default)]
pub struct Population {
    /// Labels of ccTLDs.
    pub cctld: Vec<String>,
    /// Labels of popular names.
    pub popular: Vec<String>,
    /// Labels for the evaluation; none of them is in the others.
    pub held_out: Vec<String>,
}

impl Population {
    /// Takes lists of ccTLD hosts and of popular names apart.
    #[must_use]
    pub fn new(cctld: &[&str], popular: &str) -> Population {
        let mut by_tld = labels(cctld.iter().flat_map(|text| hosts(text)));
        let mut held_out = BTreeSet::new();
        for tld in HELD_OUT {
            held_out.extend(by_tld.remove(tld).unwrap_or_default());
        }
        // A label that is registered elsewhere as well is on one side only.
        held_out.retain(|label| !key(label).is_multiple_of(4));
        UNLIKE.iter().for_each(|tld| {
            by_tld.remove(*tld);
        });
        let mut listed = labels(hosts(popular));
        HELD_OUT.iter().for_each(|tld| {
            listed.remove(*tld);
        });
        let known = |all: BTreeMap<String, BTreeSet<String>>| {
            let all: BTreeSet<String> =
                all.into_values().flatten().filter(|label| !held_out.contains(label)).collect();
            all.into_iter().collect::<Vec<String>>()
        };
        let (cctld, popular) = (known(by_tld), known(listed));
        Population { cctld, popular, held_out: held_out.into_iter().collect() }
    }

    /// Draws a sample of so many names for each part; the hard ones with a model of the even ones.
    ///
    /// # Errors
    /// Those of the model.
    pub fn sample(
        &self,
        [cctld, hard, popular]: [usize; 3],
        model: impl FnOnce(&Sample) -> anyhow::Result<Model>,
    ) -> anyhow::Result<Sample> {
        let by_key = |all: &[String], salt: u64| {
            let mut all: Vec<String> = all.to_vec();
            all.sort_by_cached_key(|label| mix(key(label) ^ salt));
            all
        };
        let mut from_cctld = by_key(&self.cctld, 1);
        let rest = from_cctld.split_off(cctld.min(from_cctld.len()));
        let mut from_popular = by_key(&self.popular, 2);
        from_popular.truncate(popular);
        let mut sample = Sample { cctld: from_cctld, hard: Vec::new(), popular: from_popular };
        if hard > 0 {
            let model = model(&sample)?;
            let mut scored: Vec<(i32, &String)> = rest.iter().map(|label| (model.linear(label), label)).collect();
            scored.sort_unstable_by(|a, b| b.cmp(a));
            // The hardest share of all, thinned evenly: the very top is no more of the sample than of the truth.
            let pool = scored.len() * 4 / 100;
            let step = pool.div_ceil(hard).max(1);
            sample.hard = scored.into_iter().take(pool).step_by(step).map(|(_, label)| label.clone()).collect();
        }
        [&mut sample.cctld, &mut sample.hard, &mut sample.popular]
            .into_iter()
            .for_each(|part| part.sort_unstable());
        Ok(sample)
    }
}
