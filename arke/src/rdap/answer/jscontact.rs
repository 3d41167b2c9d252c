//! JSContact (RFC 9553) as RDAP carries it in `jscontact_card` (draft-ietf-regext-rdap-jscontact).

use serde_json::Value;

use super::AnswerError;
use super::card::{Card, NO_PREFERENCE, Preferred};
use super::json::{member, text, values, word};

const WHAT: &str = "parts of a card";

/// What we look at of a card.
pub(super) fn read(card: Option<&Value>) -> Result<Card, AnswerError> {
    let mut read = Card::default();
    let Some(card) = card.filter(|card| card.is_object()) else { return Ok(read) };
    read.is_individual = card.get("kind").is_some_and(|kind| word(kind) == "individual");
    if let Some(name) = card.get("name") {
        let parts = values(name.get("components"), WHAT)?;
        let parts: Vec<String> = parts.into_iter().filter_map(|part| member(part, "value")).collect();
        let joined = (!parts.is_empty()).then(|| parts.join(" "));
        read.names.extend(member(name, "full").or(joined));
    }
    for organisation in values(card.get("organizations"), WHAT)? {
        read.organisations.extend(member(organisation, "name"));
    }
    for email in values(card.get("emails"), WHAT)? {
        read.emails.extend(preferred(email, "address"));
    }
    for phone in values(card.get("phones"), WHAT)? {
        if !is_fax(phone) {
            read.phones.extend(preferred(phone, "number"));
        }
    }
    for link in values(card.get("links"), WHAT)? {
        // The relation of a form is `contact` (RFC 9553, 2.6.3); what is none is a page.
        let is_form = link.get("kind").is_some_and(|kind| word(kind) == "contact");
        let uris = if is_form { &mut read.forms } else { &mut read.pages };
        uris.extend(member(link, "uri"));
    }
    for language in values(card.get("preferredLanguages"), WHAT)? {
        read.languages.extend(preferred(language, "language"));
    }
    // The language of the card itself: of those who have no other.
    read.languages.extend(member(card, "language").map(|tag| (NO_PREFERENCE, tag)));
    for address in values(card.get("addresses"), WHAT)? {
        read.countries.extend(member(address, "countryCode"));
    }
    Ok(read)
}

fn preferred(item: &Value, name: &str) -> Option<Preferred> {
    let preference = item.get("pref").and_then(text).and_then(|pref| pref.trim().parse().ok());
    Some((preference.unwrap_or(NO_PREFERENCE), member(item, name)?))
}

fn is_fax(phone: &Value) -> bool {
    let has = |feature: &str| phone.get("features").is_some_and(|features| features.get(feature).is_some());
    has("fax") && !has("voice")
}
