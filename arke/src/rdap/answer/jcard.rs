//! jCard (RFC 7095): `["vcard", [[name, parameters, type, value...], ...]]`, property by property.

use serde_json::Value;

use super::AnswerError;
use super::card::{Card, NO_PREFERENCE};
use super::json::{list, text, word};

const WHAT: &str = "properties of a card";

/// What we look at of a card. What is no property is passed over.
pub(super) fn read(card: Option<&Value>) -> Result<Card, AnswerError> {
    let mut read = Card::default();
    for property in list(list(card, WHAT)?.get(1), WHAT)? {
        let [name, parameters, _, value, ..] = list(Some(property), WHAT)? else { continue };
        let preferred = || text(value).map(|text| (preference(parameters), text));
        match word(name).as_str() {
            "kind" => read.is_individual |= word(value) == "individual",
            "fn" => read.names.extend(text(value)),
            // Of its parts the first is the organisation.
            "org" => read.organisations.extend(list(Some(value), WHAT)?.first().and_then(text)),
            "email" => read.emails.extend(preferred()),
            "tel" if !is_fax(parameters)? => read.phones.extend(preferred()),
            "contact-uri" => read.forms.extend(text(value)),
            "lang" => read.languages.extend(preferred()),
            "url" => read.pages.extend(text(value)),
            "adr" => read.countries.extend(country(parameters, value)?),
            _ => {}
        }
    }
    Ok(read)
}

fn preference(parameters: &Value) -> u64 {
    let pref = parameters.get("pref").and_then(text);
    pref.and_then(|pref| pref.trim().parse().ok()).unwrap_or(NO_PREFERENCE)
}

fn is_fax(parameters: &Value) -> Result<bool, AnswerError> {
    let kinds: Vec<String> = list(parameters.get("type"), WHAT)?.iter().map(word).collect();
    Ok(kinds.iter().any(|kind| kind == "fax") && !kinds.iter().any(|kind| kind == "voice"))
}

/// The parameter `cc` (RFC 8605, 3.1), else the last of the seven parts where that is a code and no name.
fn country(parameters: &Value, value: &Value) -> Result<Option<String>, AnswerError> {
    let named = list(Some(value), WHAT)?.get(6).and_then(text);
    let code = |text: &String| text.trim().len() == 2;
    Ok(parameters.get("cc").and_then(text).filter(code).or(named.filter(code)))
}
