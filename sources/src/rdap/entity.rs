//! Entities (RFC 9083 5.1): who the registrar is, where its abuse desk sits, and which contacts are withheld.
//!
//! An entity is its roles here. There is no handle in it, and its cards are slices that only [`card`](super::card)
//! looks into, and only for offices: an entity that is somebody's contact as well gives nothing.

use std::collections::{BTreeSet, VecDeque};

use compact_str::CompactString;
use panopticon_model::observation::RdapFacts;
use serde::Deserialize;

use super::card::{self, Cards};
use super::error::{MAX_DEPTH, MAX_ITEMS, ObjectError};
use super::lenient::{self, Raw};
use super::redaction;

/// Roles of offices, among those of RFC 9083 10.2.4. Whoever has another role may be a person.
const OFFICES: [&str; 6] = ["abuse", "noc", "notifications", "registrar", "reseller", "sponsor"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entity<'a> {
    #[serde(borrow)]
    roles: Option<Raw<'a>>,
    #[serde(borrow)]
    public_ids: Option<Raw<'a>>,
    #[serde(borrow)]
    entities: Option<Raw<'a>>,
    #[serde(borrow)]
    status: Option<Raw<'a>>,
    #[serde(borrow)]
    remarks: Option<Raw<'a>>,
    #[serde(borrow)]
    vcard_array: Option<Raw<'a>>,
    #[serde(borrow, rename = "jscontact_card")]
    jscontact_card: Option<Raw<'a>>,
}

#[derive(Deserialize)]
struct PublicId<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Raw<'a>>,
    #[serde(borrow)]
    identifier: Option<Raw<'a>>,
}

/// Entities that wait to be looked at, and where they lie.
struct Waiting<'a> {
    entities: Option<Raw<'a>>,
    depth: usize,
    /// Whether they lie in the registrar that counts.
    in_registrar: bool,
}

/// Reads the entities of a domain: level by level, so that the registrar which counts is the one that lies highest.
pub(super) fn read(
    entities: Option<Raw<'_>>,
    facts: &mut RdapFacts,
    withheld: &mut BTreeSet<CompactString>,
) -> Result<(), ObjectError> {
    let mut has_registrar = false;
    let mut count = 0;
    let mut waiting = VecDeque::from([Waiting { entities, depth: 1, in_registrar: false }]);
    while let Some(Waiting { entities, depth, in_registrar }) = waiting.pop_front() {
        let entities = lenient::list(entities, "entities")?;
        count += entities.len();
        if count > MAX_ITEMS {
            return Err(ObjectError::TooMany("entities"));
        }
        if depth > MAX_DEPTH && !entities.is_empty() {
            return Err(ObjectError::TooDeep);
        }
        for raw in entities {
            let Some(entity) = lenient::object::<Entity<'_>>(raw, "entities")? else { continue };
            let roles: BTreeSet<String> =
                lenient::list(entity.roles, "roles")?.into_iter().map(lenient::word).collect();
            let cards = Cards { vcard: entity.vcard_array, jscontact: entity.jscontact_card };
            let is_office = roles.iter().all(|role| OFFICES.contains(&role.as_str()));
            let is_registrar = roles.contains("registrar") && !has_registrar;
            if is_registrar {
                has_registrar = true;
                facts.registrar_iana_id = iana_id(entity.public_ids)?;
                if is_office {
                    facts.registrar = card::organisation(&cards)?;
                }
            }
            let in_registrar = in_registrar || is_registrar;
            if in_registrar && is_office && roles.contains("abuse") {
                facts.registrar_abuse_email = facts.registrar_abuse_email.take().or(card::email(&cards)?);
                facts.registrar_abuse_phone = facts.registrar_abuse_phone.take().or(card::telephone(&cards)?);
            }
            if !in_registrar {
                redaction::of_entity(&roles, entity.status, entity.remarks, &cards, withheld)?;
            }
            waiting.push_back(Waiting { entities: entity.entities, depth: depth + 1, in_registrar });
        }
    }
    Ok(())
}

/// The number of a registrar at IANA.
fn iana_id(raw: Option<Raw<'_>>) -> Result<Option<CompactString>, ObjectError> {
    for raw in lenient::list(raw, "publicIds")? {
        let Some(id) = lenient::object::<PublicId<'_>>(raw, "publicIds")? else { continue };
        let number = id.identifier.and_then(lenient::text).unwrap_or_default();
        let number = number.trim();
        let is_number = (1..=10).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
        if is_number && id.kind.is_some_and(|kind| lenient::word(kind) == "iana registrar id") {
            return Ok(Some(number.into()));
        }
    }
    Ok(None)
}
