//! Names with other words around them.

use super::tables::Tables;
use super::technique::{Edit, Place};

/// Names shorter than this, in bytes, count only as whole words beside a keyword.
pub(super) const SHORT: usize = 5;

/// How `label` holds `name`, if it does so in a way that counts: as a whole word, at the beginning, at the end, or
/// between two keywords. What stands beside it has at least two characters. Texts are U-labels.
pub(super) fn around(tables: &Tables, label: &str, name: &str) -> Option<Edit> {
    if name.is_empty() || label.len() < name.len() + 2 {
        return None;
    }
    let found = label.match_indices(name).filter_map(|(at, _)| {
        let (before, rest) = label.split_at(at);
        placed(tables, before, rest.strip_prefix(name)?, name.len() < SHORT)
    });
    // A keyword tells more than a place, and the first place most.
    found.min_by_key(|edit| match edit {
        Edit::Around { place, keywords, .. } => (keywords.is_empty(), *place),
        _ => (true, Place::Inner),
    })
}

fn placed(tables: &Tables, before: &str, after: &str, short: bool) -> Option<Edit> {
    let left = before.is_empty() || before.ends_with('-');
    let right = after.is_empty() || after.starts_with('-');
    let keywords = [before, after].map(|rest| keywords(tables, rest));
    let place = if left && right {
        Place::Token
    } else if before.is_empty() {
        Place::Prefix
    } else if after.is_empty() {
        Place::Suffix
    } else {
        Place::Inner
    };
    let [before, after] = [before, after].map(|rest| rest.trim_matches('-'));
    let counts = before.chars().count() + after.chars().count() >= 2
        && (place != Place::Inner || keywords.iter().all(|words| !words.is_empty()))
        && (!short || (place == Place::Token && keywords.iter().any(|words| !words.is_empty())));
    let keywords = keywords.concat();
    counts.then(|| Edit::Around { place, before: before.into(), after: after.into(), keywords })
}

/// The keywords in what stands beside the name: all of it, or parts between hyphens.
fn keywords(tables: &Tables, rest: &str) -> Vec<String> {
    rest.split('-').filter(|word| tables.sectors(word).is_some()).map(str::to_owned).collect()
}
