//! Fields of JSON objects as feeds write them: a number or a truth value may be a text or itself, a list may be a text.

use std::borrow::Cow;
use std::fmt;

use panopticon_model::time::Epoch;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::row::Fault;
use super::utc;

/// A value as a text: empty for `null` and for an object, the values of a list with commas between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

impl Text<'_> {
    /// The text; empty for a word that stands for no value.
    pub(super) fn get(&self) -> &str {
        let text = self.0.trim_ascii();
        if text == "None" { "" } else { text }
    }

    pub(super) fn is_true(&self) -> bool {
        matches!(self.get(), "1") || self.get().eq_ignore_ascii_case("true")
    }

    /// A time in UTC.
    pub(super) fn time(&self) -> Result<Option<Epoch>, Fault> {
        match self.get() {
            "" => Ok(None),
            text => utc::parse(text).map(Some).ok_or_else(|| Fault::Time(text.to_owned())),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Text<'a>, D::Error> {
        deserializer.deserialize_any(Visit)
    }
}

/// Reads an object.
pub(super) fn object_of<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|_| Fault::Json)
}

/// The id of an entry: its own, or else the key of its array where that is a number.
pub(super) fn id_of<'a>(own: &'a Text<'_>, array: &'a str) -> &'a str {
    let is_number = array.bytes().all(|octet| octet.is_ascii_digit());
    match own.get() {
        "" if is_number => array,
        own => own,
    }
}

/// Writes words into `label`, those that say something, with `; ` between them.
pub(super) fn join<'w>(label: &mut String, words: impl IntoIterator<Item = &'w str>) {
    label.clear();
    for word in words.into_iter().filter(|word| !word.is_empty()) {
        label.push_str(if label.is_empty() { "" } else { "; " });
        label.push_str(word);
    }
}

struct Visit;

impl<'de> Visitor<'de> for Visit {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E>(self, is: bool) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Borrowed(if is { "true" } else { "false" })))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(number.to_string())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(number.to_string())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(number.to_string())))
    }

    fn visit_unit<E>(self) -> Result<Text<'de>, E> {
        Ok(Text::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Text<'de>, A::Error> {
        let mut all = String::new();
        while let Some(Text(next)) = list.next_element()? {
            if !all.is_empty() {
                all.push(',');
            }
            all.push_str(&next);
        }
        Ok(Text(Cow::Owned(all)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text::default())
    }
}
