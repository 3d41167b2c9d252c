//! How many names of a family a cut-off finds: cut-offs are quantiles of registered names that were never trained on.

use std::collections::{BTreeMap, BTreeSet};

use panopticon_dataflow::risk::Model;

use super::sample::{key, labels};

/// Names of one family.
#[derive(Clone, Debug)]
pub struct Family {
    /// Its name, relatives merged.
    pub name: String,
    /// How it builds names: `random`, `wordlist`, `special-tld`, `fixed`.
    pub kind: String,
    /// Labels, each once.
    pub labels: Vec<String>,
}

/// Families of a list of samples (group, variant, kind, source, domain) with `least` labels, `most` of each.
#[must_use]
pub fn families(text: &str, least: usize, most: usize) -> Vec<Family> {
    let mut all: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.split('\t').collect();
        let &[group, _, kind, _, domain] = columns.as_slice() else { continue };
        // Below a dynamic DNS provider it is the first label that is generated.
        let label = label(domain, kind == "special-tld");
        all.entry((group, kind)).or_default().extend(label);
    }
    all.retain(|_, labels| labels.len() >= least);
    let chosen = |labels: BTreeSet<String>| {
        let mut labels: Vec<String> = labels.into_iter().collect();
        labels.sort_by_cached_key(|label| key(label));
        labels.truncate(most);
        labels
    };
    all.into_iter()
        .map(|((name, kind), labels)| Family { name: name.into(), kind: kind.into(), labels: chosen(labels) })
        .collect()
}

fn label(domain: &str, unknown_tld: bool) -> Option<String> {
    if unknown_tld || domain.matches('.').count() > 1 && !domain.contains(".co.") {
        return domain.split('.').next().map(str::to_owned);
    }
    labels(std::iter::once(domain)).into_values().flatten().next()
}

/// A share with its 95 % interval (Wilson, 1927).
#[derive(Clone, Copy, Debug)]
pub struct Share {
    /// The share.
    pub share: f64,
    /// Its lower and its upper end.
    pub interval: [f64; 2],
}

/// The share of `hits` among `all`.
#[must_use]
pub fn wilson(hits: f64, all: f64) -> Share {
    if all <= 0.0 {
        return Share { share: 0.0, interval: [0.0, 1.0] };
    }
    let z = 1.959_963_984_540_054;
    let p = hits / all;
    let middle = (p + z * z / (2.0 * all)) / (1.0 + z * z / all);
    let half = z / (1.0 + z * z / all) * (p * (1.0 - p) / all + z * z / (4.0 * all * all)).sqrt();
    Share { share: p, interval: [(middle - half).max(0.0), (middle + half).min(1.0)] }
}

/// The lowest score that at most `share` of the registered names reach.
#[must_use]
pub fn cut(sorted: &[i32], share: f64) -> i32 {
    let allowed = (sorted.len() as f64 * share) as usize;
    // One more than the score of the first name that may not be reached.
    sorted.iter().rev().nth(allowed).map_or(i32::MAX, |score| score.saturating_add(1))
}

/// Scores of labels, sorted.
#[must_use]
pub fn scores(model: &Model, labels: &[String]) -> Vec<i32> {
    let mut all: Vec<i32> = labels.iter().map(|label| model.score(label).milli()).collect();
    all.sort_unstable();
    all
}

/// How many of sorted scores reach a cut-off.
#[must_use]
pub fn reach(sorted: &[i32], cut: i32) -> usize {
    sorted.len() - sorted.partition_point(|score| *score < cut)
}
