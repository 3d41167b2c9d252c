//! The tables of the script: the columns of the views, with SQL types and values.
//!
//! An instant is two columns: `<name>_ms`, milliseconds since 1970, and `<name>`, the same as ISO text. A list of
//! words, such as feeds, is those words, joined by commas. A flag is 0 or 1.

use std::borrow::Cow;

use panopticon_model::diff::{Compared, ComparedRow};
use panopticon_model::records::{Value, plain_word};
use panopticon_model::sighting::FeedId;
use panopticon_model::time::Epoch;

use crate::columns::{Column, Get, signed};

/// Columns that some dialect takes for a word of its grammar.
const QUOTED: [&str; 4] = ["change", "before", "after", "rank"];

/// The names and types of the columns, as they stand in `CREATE TABLE`.
pub(super) fn definitions<R>(columns: &[Column<R>]) -> Vec<String> {
    let mut definitions = Vec::new();
    for column in columns {
        let null = if column.nullable() { "" } else { " NOT NULL" };
        let name = identifier(column.name);
        match column.get {
            Get::Instant(_) | Get::MaybeInstant(_) => {
                definitions.push(format!("{name}_ms BIGINT{null}"));
                definitions.push(format!("{name} VARCHAR(24){null}"));
            }
            Get::Number(_) | Get::MaybeNumber(_) | Get::Integer(_) => {
                definitions.push(format!("{name} BIGINT{null}"));
            }
            Get::Flag(_) | Get::MaybeFlag(_) => definitions.push(format!("{name} SMALLINT{null}")),
            Get::Text(_) | Get::MaybeText(_) | Get::Feeds(_) | Get::MaybeList(_) | Get::MaybeCompared(_) => {
                definitions.push(format!("{name} {}{null}", text_type(column.name)));
            }
        }
    }
    definitions
}

/// A column name, quoted where a dialect needs it.
pub(super) fn identifier(name: &str) -> Cow<'_, str> {
    if QUOTED.contains(&name) { Cow::Owned(format!("\"{name}\"")) } else { Cow::Borrowed(name) }
}

/// Names have at most 253 octets; ids 32 digits; words of ours are short. The rest has no bound worth a promise.
fn text_type(name: &str) -> &'static str {
    match name {
        "indicator_id" | "case_id" | "subject_id" | "observation_id" => "VARCHAR(32)",
        "day" => "VARCHAR(10)",
        "list" | "tier" => "VARCHAR(80)",
        "kind" | "host_role" | "remedy" | "held_back" | "denied" | "abuse_class" | "status" | "changed_view"
        | "change" | "cause" | "outcome" => "VARCHAR(32)",
        "delegation" | "quad9" | "http_a" | "https_a" | "http_b" | "https_b" | "web_risk" => "VARCHAR(32)",
        "name" | "marked" | "target" | "host" | "registrable_domain" | "platform" | "subject" => "VARCHAR(255)",
        _ => "TEXT",
    }
}

/// The values of a row.
pub(super) fn values<R>(columns: &[Column<R>], row: &R) -> Vec<Value> {
    let mut values = Vec::with_capacity(columns.len() + 4);
    for column in columns {
        match column.get {
            Get::Text(get) => values.push(Value::text(&get(row))),
            Get::MaybeText(get) => values.push(get(row).map_or(Value::Null, |text| Value::text(&text))),
            Get::Feeds(get) => values.push(Value::Text(joined(get(row).iter().map(|feed| feed.0.as_str())))),
            Get::MaybeList(get) => values
                .push(get(row).map_or(Value::Null, |list| Value::Text(joined(list.iter().map(AsRef::as_ref))))),
            Get::MaybeCompared(get) => values.push(get(row).map_or(Value::Null, json)),
            Get::Instant(get) => values.extend(instant(Some(get(row)))),
            Get::MaybeInstant(get) => values.extend(instant(get(row))),
            Get::Number(get) => values.push(Value::Number(signed(get(row)))),
            Get::Integer(get) => values.push(Value::Number(get(row))),
            Get::MaybeNumber(get) => values.push(get(row).map_or(Value::Null, |n| Value::Number(signed(n)))),
            Get::Flag(get) => values.push(Value::Number(get(row).into())),
            Get::MaybeFlag(get) => values.push(get(row).map_or(Value::Null, |flag| Value::Number(flag.into()))),
        }
    }
    values
}

fn instant(at: Option<Epoch>) -> [Value; 2] {
    at.map_or([Value::Null, Value::Null], |at| [Value::Number(signed(at.0)), Value::Text(at.to_string())])
}

fn joined<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(plain_word).collect::<Vec<_>>().join(",")
}

/// The compared fields as JSON. Feed ids are made plain before: JSON would escape a quote with a backslash.
fn json(compared: &ComparedRow) -> Value {
    let compared = match compared {
        ComparedRow::Case(case) => ComparedRow::Case(plain_feeds(case)),
        name @ ComparedRow::Name(_) => name.clone(),
    };
    serde_json::to_string(&compared).map_or(Value::Null, |text| Value::text(&text))
}

fn plain_feeds(compared: &Compared) -> Compared {
    let feed_ids = compared.feed_ids.iter().map(|feed| FeedId(plain_word(&feed.0).as_ref().into())).collect();
    Compared { feed_ids, ..compared.clone() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use panopticon_model::case::CaseStatus;
    use panopticon_model::judgement::RemedyKind;
    use panopticon_model::sighting::AbuseClass;

    use super::*;

    #[test]
    fn json_holds_no_backslash() {
        let feed_ids: Arc<[FeedId]> = [FeedId::from("a\"b\\c,d"), FeedId::from("e")].into();
        assert_eq!(joined(feed_ids.iter().map(|feed| feed.0.as_str())), "a%22b%5Cc%2Cd,e");
        let compared = Compared {
            status: CaseStatus::Active,
            abuse_class: AbuseClass::Scam,
            feed_ids,
            remedy: Some(RemedyKind::Unclear),
            validated: true,
        };
        let text = r#"{"status":"active","abuse_class":"scam","feed_ids":["a%22b%5Cc%2Cd","e"],"remedy":"unclear","validated":true}"#;
        assert_eq!(json(&ComparedRow::Case(compared)), Value::Text(text.to_owned()));
    }
}
