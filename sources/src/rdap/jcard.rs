//! jCard (RFC 7095): `["vcard", [[name, parameters, type, value...], ...]]`, property by property.

use serde::Deserialize;

use super::error::ObjectError;
use super::lenient::{self, Raw};
use super::preferred::{NO_PREFERENCE, Preferred};

/// A property; its value is not decoded yet.
struct Property<'a> {
    name: String,
    parameters: Raw<'a>,
    value: Raw<'a>,
}

#[derive(Deserialize)]
struct Parameters<'a> {
    #[serde(borrow)]
    pref: Option<Raw<'a>>,
    #[serde(borrow, rename = "type")]
    kind: Option<Raw<'a>>,
}

/// The properties with one of some names. What is no property is passed over.
fn properties<'a>(card: Option<Raw<'a>>, names: &[&str]) -> Result<Vec<Property<'a>>, ObjectError> {
    let whole = lenient::list(card, "vcardArray")?;
    let mut properties = Vec::new();
    for raw in lenient::list(whole.get(1).copied(), "vcardArray")? {
        if let [name, parameters, _, value, ..] = lenient::list(Some(raw), "vcardArray")?[..] {
            let name = lenient::word(name);
            if names.contains(&name.as_str()) {
                properties.push(Property { name, parameters, value });
            }
        }
    }
    Ok(properties)
}

/// `org`, of whose parts the first is the organisation, else `fn`: a name on a card with an organisation may be that
/// of the person who answers there, and on a card of kind `individual` it is one.
pub(super) fn organisation(card: Option<Raw<'_>>) -> Result<Option<String>, ObjectError> {
    let properties = properties(card, &["kind", "org", "fn"])?;
    let first = |name: &str| -> Result<Option<String>, ObjectError> {
        let Some(property) = properties.iter().find(|property| property.name == name) else { return Ok(None) };
        let part = lenient::list(Some(property.value), "org")?.into_iter().next().and_then(lenient::text);
        Ok(part.filter(|part| !part.trim().is_empty()))
    };
    let organisation = first("org")?;
    if organisation.is_some() || first("kind")?.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("individual"))
    {
        return Ok(organisation);
    }
    first("fn")
}

/// The values of `email`.
pub(super) fn emails(card: Option<Raw<'_>>) -> Result<Preferred, ObjectError> {
    preferred(card, "email", |_| true)
}

/// The values of `tel`, less those that are only for a fax.
pub(super) fn telephones(card: Option<Raw<'_>>) -> Result<Preferred, ObjectError> {
    preferred(card, "tel", |parameters| {
        let kind = parameters.kind;
        !kind.is_some_and(|kind| lenient::mentions(kind, &["fax"]) && !lenient::mentions(kind, &["voice"]))
    })
}

fn preferred(
    card: Option<Raw<'_>>,
    name: &str,
    counts: impl Fn(&Parameters<'_>) -> bool,
) -> Result<Preferred, ObjectError> {
    let mut values = Vec::new();
    for property in properties(card, &[name])? {
        let none = Parameters { pref: None, kind: None };
        let parameters = lenient::object(property.parameters, "vcardArray")?.unwrap_or(none);
        if let Some(value) = lenient::text(property.value).filter(|_| counts(&parameters)) {
            let preference = parameters.pref.and_then(lenient::text).and_then(|pref| pref.trim().parse().ok());
            values.push((preference.unwrap_or(NO_PREFERENCE), value));
        }
    }
    Ok(values)
}

/// Whether the name is there and empty, or a form is there and no address. Values are compared as they are written.
pub(super) fn is_emptied(card: Option<Raw<'_>>) -> Result<bool, ObjectError> {
    let properties = properties(card, &["fn", "email", "contact-uri"])?;
    let is_there = |name: &str, is_empty: bool| {
        properties.iter().any(|property| property.name == name && (property.value.get() == "\"\"") == is_empty)
    };
    Ok(is_there("fn", true) || (is_there("contact-uri", false) && !is_there("email", false)))
}
