//! An answer about a domain (RFC 9083 5.3): bytes in, facts out. Pure.
//!
//! Lenient where the world is: numbers as strings, one thing for a list of one, dates without a zone, members that
//! are missing or make no sense. Strict where it matters of whom something is said: the answer must be one object, of
//! class domain, no error, and of the very name that was asked for.

use std::collections::BTreeSet;

use compact_str::CompactString;
use panopticon_model::name::HostName;
use panopticon_model::observation::RdapFacts;
use panopticon_model::time::Epoch;
use serde::Deserialize;

use super::error::{MAX_ANSWER, ObjectError};
use super::lenient::{self, Raw};
use super::{entity, redaction, status};

/// What we look at of a domain. Anything else is passed over.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Domain<'a> {
    #[serde(borrow)]
    error_code: Option<Raw<'a>>,
    #[serde(borrow)]
    object_class_name: Option<Raw<'a>>,
    #[serde(borrow)]
    ldh_name: Option<Raw<'a>>,
    #[serde(borrow)]
    unicode_name: Option<Raw<'a>>,
    #[serde(borrow)]
    events: Option<Raw<'a>>,
    #[serde(borrow)]
    status: Option<Raw<'a>>,
    #[serde(borrow)]
    nameservers: Option<Raw<'a>>,
    #[serde(borrow, rename = "secureDNS")]
    secure_dns: Option<Raw<'a>>,
    #[serde(borrow)]
    entities: Option<Raw<'a>>,
    #[serde(borrow)]
    remarks: Option<Raw<'a>>,
    #[serde(borrow)]
    notices: Option<Raw<'a>>,
    #[serde(borrow)]
    redacted: Option<Raw<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    #[serde(borrow)]
    event_action: Option<Raw<'a>>,
    #[serde(borrow)]
    event_date: Option<Raw<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NameServer<'a> {
    #[serde(borrow)]
    ldh_name: Option<Raw<'a>>,
    #[serde(borrow)]
    unicode_name: Option<Raw<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SecureDns<'a> {
    #[serde(borrow)]
    delegation_signed: Option<Raw<'a>>,
    #[serde(borrow)]
    ds_data: Option<Raw<'a>>,
    #[serde(borrow)]
    key_data: Option<Raw<'a>>,
}

/// Reads an answer to the question for the domain `question`.
///
/// # Errors
/// [`ObjectError`] if it is no answer to that question.
pub fn read(answer: &[u8], question: &HostName) -> Result<RdapFacts, ObjectError> {
    if answer.len() > MAX_ANSWER {
        return Err(ObjectError::TooLarge(answer.len()));
    }
    let answer = answer.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(answer);
    let answer = str::from_utf8(answer).map_err(|_| ObjectError::Json { line: 0, column: 0 })?;
    let whole: Raw<'_> = serde_json::from_str(answer)
        .map_err(|error| ObjectError::Json { line: error.line(), column: error.column() })?;
    let domain: Domain<'_> = lenient::object(whole, "domain")?.ok_or(ObjectError::NotAnObject)?;
    identify(&domain, question)?;

    let mut facts = RdapFacts { signed: signed(domain.secure_dns)?, ..RdapFacts::default() };
    read_events(domain.events, &mut facts)?;
    facts.epp_statuses = statuses(domain.status)?;
    facts.name_servers = name_servers(domain.nameservers)?;
    let mut withheld = BTreeSet::new();
    redaction::of_object(domain.redacted, domain.remarks, domain.notices, &mut withheld)?;
    entity::read(domain.entities, &mut facts, &mut withheld)?;
    facts.redacted = withheld.into_iter().collect();
    Ok(facts)
}

/// Whether the object is the domain that was asked for.
fn identify(domain: &Domain<'_>, question: &HostName) -> Result<(), ObjectError> {
    if let Some(code) = domain.error_code {
        return Err(ObjectError::Error(lenient::text(code).and_then(|code| code.parse().ok()).unwrap_or(0)));
    }
    // Some servers leave the class out; the name tells what it is.
    if domain.object_class_name.is_some_and(|class| lenient::word(class) != "domain") {
        return Err(ObjectError::Class);
    }
    let name = host_name(domain.ldh_name, domain.unicode_name).ok_or(ObjectError::Nameless)?;
    if name == *question { Ok(()) } else { Err(ObjectError::Mismatch) }
}

/// The name of an object: its LDH form counts, its Unicode form where that is missing.
fn host_name(ldh: Option<Raw<'_>>, unicode: Option<Raw<'_>>) -> Option<HostName> {
    HostName::parse(lenient::text(ldh.or(unicode)?)?.trim()).ok()
}

/// A registration anew begins the age of a domain anew; a transfer is a change. When the database was brought up to
/// date says nothing of the domain.
fn read_events(events: Option<Raw<'_>>, facts: &mut RdapFacts) -> Result<(), ObjectError> {
    for raw in lenient::list(events, "events")? {
        let Some(event) = lenient::object::<Event<'_>>(raw, "events")? else { continue };
        let (Some(action), Some(date)) = (event.event_action, event.event_date) else { continue };
        let place = match lenient::word(action).as_str() {
            "registration" | "reregistration" => &mut facts.created_at,
            "last changed" | "transfer" => &mut facts.changed_at,
            "expiration" => &mut facts.expires_at,
            _ => continue,
        };
        *place = (*place).max(lenient::text(date).and_then(|date| instant(date.trim())));
    }
    Ok(())
}

/// RFC 3339, or the same without a zone, which is taken as UTC.
fn instant(text: &str) -> Option<Epoch> {
    text.parse().or_else(|_| format!("{text}Z").parse()).ok()
}

fn statuses(raw: Option<Raw<'_>>) -> Result<Vec<CompactString>, ObjectError> {
    let statuses = lenient::list(raw, "status")?.into_iter().filter_map(lenient::text);
    let words: BTreeSet<CompactString> = statuses.map(|text| status::epp(&text).into()).collect();
    Ok(words.into_iter().collect())
}

/// The names of name servers; a bare text is a name as well.
fn name_servers(raw: Option<Raw<'_>>) -> Result<Vec<CompactString>, ObjectError> {
    let mut names = BTreeSet::new();
    for raw in lenient::list(raw, "nameservers")? {
        let name = match lenient::object::<NameServer<'_>>(raw, "nameservers")? {
            Some(server) => host_name(server.ldh_name, server.unicode_name),
            None => host_name(Some(raw), None),
        };
        names.extend(name.map(|name| CompactString::from(name.as_str())));
    }
    Ok(names.into_iter().collect())
}

/// What the registry says counts; where it does not say it, a key of the parent shows it.
fn signed(raw: Option<Raw<'_>>) -> Result<Option<bool>, ObjectError> {
    let Some(raw) = lenient::list(raw, "secureDNS")?.into_iter().next() else { return Ok(None) };
    let Some(secure) = lenient::object::<SecureDns<'_>>(raw, "secureDNS")? else { return Ok(None) };
    if let Some(said) = secure.delegation_signed.and_then(lenient::flag) {
        return Ok(Some(said));
    }
    let keys = [lenient::list(secure.ds_data, "dsData")?, lenient::list(secure.key_data, "keyData")?];
    Ok(keys.iter().any(|keys| !keys.is_empty()).then_some(true))
}
