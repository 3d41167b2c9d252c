//! What was measured of a name: one line for each answer, with the places that gave it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::cli::output::{Row, plain};

/// Lines for people, in the order of the kinds of probes; the same answer from two places is one line.
pub(super) fn lines(observations: &[Row]) -> Vec<String> {
    let mut answers: BTreeMap<(usize, String, String), Vec<String>> = BTreeMap::new();
    for row in observations {
        let kind = text(row, "kind");
        let rank = KINDS.iter().position(|known| *known == kind).unwrap_or(KINDS.len());
        answers.entry((rank, text(row, "target"), answer(row))).or_default().push(text(row, "vantage"));
    }
    let line = |((rank, target, answer), vantages): (&(usize, String, String), &Vec<String>)| {
        let kind = KINDS.get(*rank).copied().unwrap_or_default();
        let places: Vec<&str> = vantages.iter().map(String::as_str).filter(|place| !place.is_empty()).collect();
        let places = places.join(" and ");
        match (kind, places.is_empty()) {
            ("http" | "https", _) => format!("- {target} from {places}: {answer}"),
            (_, true) => format!("- {kind} of {target}: {answer}"),
            (_, false) => format!("- {kind} {places} of {target}: {answer}"),
        }
    };
    answers.iter().map(line).collect()
}

/// The kinds of probes as a reader looks for them: the name, what others say of it, its pages.
const KINDS: [&str; 7] = ["delegation", "rdap", "filter", "blocklist", "web-risk", "http", "https"];

fn answer(row: &Row) -> String {
    let mut parts = vec![text(row, "outcome")];
    let mut part = |said: &str, column: &str| {
        let value = text(row, column);
        if !value.is_empty() {
            parts.push(format!("{said}{value}"));
        }
    };
    part("status ", "status");
    part("leads to ", "final_url");
    part("certificate ", "tls_error");
    part("name servers ", "name_servers");
    part("registered ", "created_at");
    part("by ", "registrar");
    part("", "epp_statuses");
    part("", "threat_types");
    part("", "blocklist_meanings");
    if let Some(title) = row.get("title").and_then(Value::as_str) {
        parts.push(format!("{title:?}"));
    }
    parts.push(format!("measured {}", text(row, "observed_at")));
    let gone = text(row, "gone_since");
    if !gone.is_empty() {
        let confirmed = row.get("gone_confirmed_at").is_some_and(Value::is_string);
        let still = if confirmed { "" } else { ", not seen twice yet" };
        parts.push(format!("gone since {gone}{still}"));
    }
    let failure = text(row, "failure");
    if !failure.is_empty() {
        parts.push(format!("then {} times {failure}", text(row, "failures")));
    }
    parts.join(", ")
}

fn text(row: &Row, column: &str) -> String {
    row.get(column).map(plain).unwrap_or_default()
}
