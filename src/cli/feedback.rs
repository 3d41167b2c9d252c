//! `feeds feedback ID`: what a feed still lists and should not, ready to send to its publisher.

use std::collections::{BTreeMap, BTreeSet};

use panopticon_datasets::tables::Tables;
use panopticon_model::sighting::End;
use panopticon_model::url::mask_mail;
use panopticon_model::view::View;
use panopticon_sources::feeds::advance::of_feed;
use serde_json::Value;

use super::output::{Row, plain};
use super::query::{Found, rows};
use super::wall_clock;
use crate::config::Config;

const COLUMNS: [&str; 6] = ["tld", "observable", "entry_id", "says", "since", "reason"];

/// What people marked as a false positive, and what was measured gone, of all that the feed upholds.
pub(super) fn feedback(config: &Config, tables: &Tables, feed: &str) -> anyhow::Result<Found> {
    let wanted = [("feed_id".to_owned(), feed.to_owned())];
    let evidence = rows(&config.output, View::Evidence, None, None, &wanted)?.rows;
    let remediated = [("status".to_owned(), "remediated".to_owned())];
    let cases = rows(&config.output, View::Cases, None, None, &remediated)?.rows;
    let cleaned: BTreeMap<[String; 2], String> = cases
        .iter()
        .map(|case| (["subject", "abuse_class"].map(|key| text(case, key)), text(case, "ended_at")))
        .collect();
    let marks: BTreeMap<String, (String, String)> = tables
        .marks
        .iter()
        .map(|(target, mark)| (target.marked().to_string(), (mark.since.to_string(), mark.reason.to_string())))
        .collect();
    // What has an end is upheld no more, unless the feed itself named one that lies ahead.
    let now = wall_clock();
    let named: BTreeSet<[String; 2]> = of_feed(&tables.sightings, &feed.into())
        .filter_map(|(key, sighting)| match sighting.intervals.last()?.ended? {
            (at, End::Expired) if now < at => Some([mask_mail(&key.entry.to_string()).into(), at.to_string()]),
            _ => None,
        })
        .collect();
    let is_upheld = |row: &&Row| {
        row.get("ended_at").is_none_or(Value::is_null)
            || named.contains(&["entry_id", "ended_at"].map(|column| text(row, column)))
    };
    let mut found = Vec::new();
    for row in evidence.iter().filter(is_upheld) {
        let marked =
            ["observable", "subject", "registrable_domain"].iter().find_map(|key| marks.get(&text(row, key)));
        let gone = cleaned.get(&["subject", "abuse_class"].map(|key| text(row, key)));
        let (says, since, reason) = match (marked, gone) {
            (Some((since, reason)), _) => ("false-positive", since.as_str(), reason.as_str()),
            (None, Some(since)) => ("cleaned", since.as_str(), "measured gone from both places"),
            (None, None) => continue,
        };
        let values: [Value; 6] = [
            row.get("tld").cloned().unwrap_or_default(),
            text(row, "observable").into(),
            text(row, "entry_id").into(),
            says.into(),
            since.into(),
            reason.into(),
        ];
        found.push(COLUMNS.iter().map(|column| (*column).to_owned()).zip(values).collect());
    }
    Ok(Found { columns: COLUMNS.map(str::to_owned).into(), rows: found })
}

fn text(row: &Row, column: &str) -> String {
    row.get(column).map(plain).unwrap_or_default()
}
