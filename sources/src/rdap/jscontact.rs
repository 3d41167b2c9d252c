//! JSContact (RFC 9553) as RDAP carries it in `jscontact_card` (draft-ietf-regext-rdap-jscontact).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::error::{MAX_ITEMS, ObjectError};
use super::lenient::{self, Raw};
use super::preferred::{NO_PREFERENCE, Preferred};

#[derive(Deserialize)]
struct Card<'a> {
    #[serde(borrow)]
    kind: Option<Raw<'a>>,
    #[serde(borrow)]
    name: Option<Raw<'a>>,
    #[serde(borrow)]
    organizations: Option<Raw<'a>>,
    #[serde(borrow)]
    emails: Option<Raw<'a>>,
    #[serde(borrow)]
    phones: Option<Raw<'a>>,
}

/// A thing with a name, an address or a number; each list of a card has one of them.
#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow)]
    name: Option<Raw<'a>>,
    #[serde(borrow)]
    address: Option<Raw<'a>>,
    #[serde(borrow)]
    number: Option<Raw<'a>>,
    #[serde(borrow)]
    features: Option<Raw<'a>>,
    #[serde(borrow)]
    pref: Option<Raw<'a>>,
}

#[derive(Deserialize)]
struct Name<'a> {
    #[serde(borrow)]
    full: Option<Raw<'a>>,
}

fn read(card: Option<Raw<'_>>) -> Result<Option<Card<'_>>, ObjectError> {
    let Some(card) = card else { return Ok(None) };
    lenient::object(card, "jscontact_card")
}

/// The values of a map; its keys are the card's own ids.
fn items(map: Option<Raw<'_>>) -> Result<Vec<Item<'_>>, ObjectError> {
    let Some(map) = map else { return Ok(Vec::new()) };
    let map = lenient::object::<BTreeMap<String, Raw<'_>>>(map, "jscontact_card")?.unwrap_or_default();
    if map.len() > MAX_ITEMS {
        return Err(ObjectError::TooMany("jscontact_card"));
    }
    let mut items = Vec::new();
    for raw in map.into_values() {
        items.extend(lenient::object(raw, "jscontact_card")?);
    }
    Ok(items)
}

/// The name of the organisation; else the full name, unless the card is of an individual.
pub(super) fn organisation(card: Option<Raw<'_>>) -> Result<Option<String>, ObjectError> {
    let Some(card) = read(card)? else { return Ok(None) };
    let filled = |raw: Raw<'_>| lenient::text(raw).filter(|text| !text.trim().is_empty());
    let names = items(card.organizations)?;
    let organisation = names.iter().filter_map(|item| item.name).find_map(filled);
    if organisation.is_some() || card.kind.is_some_and(|kind| lenient::word(kind) == "individual") {
        return Ok(organisation);
    }
    let Some(name) = card.name else { return Ok(None) };
    let name = lenient::object::<Name<'_>>(name, "jscontact_card")?;
    Ok(name.and_then(|name| name.full).and_then(filled))
}

/// The addresses.
pub(super) fn emails(card: Option<Raw<'_>>) -> Result<Preferred, ObjectError> {
    let Some(card) = read(card)? else { return Ok(Vec::new()) };
    Ok(items(card.emails)?
        .iter()
        .filter_map(|item| Some((preference(item), lenient::text(item.address?)?)))
        .collect())
}

/// The numbers, less those that are only for a fax.
pub(super) fn telephones(card: Option<Raw<'_>>) -> Result<Preferred, ObjectError> {
    let Some(card) = read(card)? else { return Ok(Vec::new()) };
    let is_fax = |features| lenient::mentions(features, &["fax"]) && !lenient::mentions(features, &["voice"]);
    let phones = items(card.phones)?;
    let phones = phones.iter().filter(|item| !item.features.is_some_and(is_fax));
    Ok(phones.filter_map(|item| Some((preference(item), lenient::text(item.number?)?))).collect())
}

fn preference(item: &Item<'_>) -> u64 {
    item.pref.and_then(lenient::text).and_then(|pref| pref.trim().parse().ok()).unwrap_or(NO_PREFERENCE)
}
