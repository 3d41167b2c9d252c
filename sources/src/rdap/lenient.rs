//! JSON as the world writes it: slices of the answer that are decoded when somebody needs them, as what is needed.
//!
//! Reading a member as a slice costs no copy, and what nobody asks for is never decoded. So each level of an answer is
//! passed over once for each level above it, and both levels and items are capped.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::error::{MAX_ITEMS, ObjectError};

/// A value of the answer, as it is written there.
pub(super) type Raw<'a> = &'a RawValue;

/// The longest text that is decoded, as written.
const MAX_TEXT: usize = 4096;

/// The items of an array; one thing that is no array is an array of one, and null is none. `what` is for the error.
pub(super) fn list<'a>(raw: Option<Raw<'a>>, what: &'static str) -> Result<Vec<Raw<'a>>, ObjectError> {
    let Some(raw) = raw else { return Ok(Vec::new()) };
    if !raw.get().starts_with('[') {
        return Ok(if raw.get() == "null" { Vec::new() } else { vec![raw] });
    }
    let items: Vec<Raw<'a>> = serde_json::from_str(raw.get()).unwrap_or_default();
    if items.len() > MAX_ITEMS { Err(ObjectError::TooMany(what)) } else { Ok(items) }
}

/// An object; none if it is something else. Without the look at its first character, an array would be read as an
/// object whose members come in order.
pub(super) fn object<'a, T: Deserialize<'a>>(raw: Raw<'a>, what: &'static str) -> Result<Option<T>, ObjectError> {
    if !raw.get().starts_with('{') {
        return Ok(None);
    }
    // It has the grammar of JSON already, and members are slices: only one that is there twice is left to fail.
    serde_json::from_str(raw.get()).map(Some).map_err(|_| ObjectError::Twice(what))
}

/// A text, or a number as it is written; none for anything else, and for what is too long.
pub(super) fn text(raw: Raw<'_>) -> Option<String> {
    let written = raw.get();
    match written.as_bytes().first()? {
        _ if written.len() > MAX_TEXT => None,
        b'"' => serde_json::from_str(written).ok(),
        b'-' | b'0'..=b'9' => Some(written.to_owned()),
        _ => None,
    }
}

/// A text that stands for something: lower case, one blank between words. Empty if it is no text.
pub(super) fn word(raw: Raw<'_>) -> String {
    let text = text(raw).unwrap_or_default().to_lowercase();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A truth, also in words and numbers.
pub(super) fn flag(raw: Raw<'_>) -> Option<bool> {
    match raw.get().trim_matches('"').to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// Whether the value, as it is written, holds one of some lower-case words: a look that decodes nothing.
pub(super) fn mentions(raw: Raw<'_>, words: &[&str]) -> bool {
    let written = raw.get().to_ascii_lowercase();
    words.iter().any(|word| written.contains(word))
}
