//! JSON as the world writes it.

use serde_json::Value;

use super::{AnswerError, MAX_ITEMS};

/// The longest text that is looked at, in bytes.
const MAX_TEXT: usize = 4096;

/// The items of an array; one thing that is no array is an array of one, and null is none. `what` is for the error.
pub(super) fn list<'a>(value: Option<&'a Value>, what: &'static str) -> Result<&'a [Value], AnswerError> {
    match value {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(items)) if items.len() > MAX_ITEMS => Err(AnswerError::TooMany(what)),
        Some(Value::Array(items)) => Ok(items),
        Some(one) => Ok(std::slice::from_ref(one)),
    }
}

/// The values of an object in the order of their keys, which are a card's own ids; of an array, its items.
pub(super) fn values<'a>(value: Option<&'a Value>, what: &'static str) -> Result<Vec<&'a Value>, AnswerError> {
    match value {
        Some(Value::Object(map)) if map.len() > MAX_ITEMS => Err(AnswerError::TooMany(what)),
        Some(Value::Object(map)) => {
            let mut pairs: Vec<_> = map.iter().collect();
            pairs.sort_unstable_by_key(|(key, _)| *key);
            Ok(pairs.into_iter().map(|(_, value)| value).collect())
        }
        other => Ok(list(other, what)?.iter().collect()),
    }
}

/// A text, or a number as it is written; none for anything else, and for what is too long.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.len() <= MAX_TEXT => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The text of a member.
pub(super) fn member(object: &Value, name: &str) -> Option<String> {
    text(object.get(name)?)
}

/// A text that stands for something: lower case, one blank between words. Empty if it is no text.
pub(super) fn word(value: &Value) -> String {
    let text = text(value).unwrap_or_default().to_lowercase();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of a member that is one text or a list of them.
pub(super) fn words(object: &Value, name: &'static str) -> Result<Vec<String>, AnswerError> {
    Ok(list(object.get(name), name)?.iter().map(word).collect())
}
