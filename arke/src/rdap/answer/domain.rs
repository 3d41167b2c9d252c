//! The domain itself: what it is, since when, and who has to do with it.

use std::collections::BTreeSet;

use panopticon_model::name::HostName;
use panopticon_model::time::Epoch;
use serde_json::Value;

use super::contact::{Contact, Found, Organisation, Whole, speaks_of_redaction};
use super::json::{list, member, text, word, words};
use super::{AnswerError, MAX_BYTES, redacted, status};
use crate::contact::clean;

/// Identifiers of `rdapConformance` that are kept, and the characters of each.
const MAX_CONFORMANCE: usize = 32;
const MAX_IDENTIFIER: usize = 64;

/// What a registry says of a domain. Instants of one kind that there are several of: the last one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The name, which is the one that was asked for.
    pub name: HostName,
    /// The same for people, made from the name; the answer's own is not looked at.
    pub unicode_name: String,
    /// Statuses in the spelling of EPP (RFC 8056), sorted; `other` for what has none.
    pub statuses: Vec<&'static str>,
    /// When it was registered.
    pub created: Option<Epoch>,
    /// When it was registered anew.
    pub reregistered: Option<Epoch>,
    /// When it was last changed.
    pub changed: Option<Epoch>,
    /// When it expires.
    pub expires: Option<Epoch>,
    /// When it last went to another registrar.
    pub transferred: Option<Epoch>,
    /// The sponsoring registrar.
    pub registrar: Option<Organisation>,
    /// Who sold it in the registrar's stead.
    pub reseller: Option<Organisation>,
    /// All entities with a role, in the order of the answer, each before those below it; then those that are withheld
    /// as a whole.
    pub contacts: Vec<Contact>,
    /// What the server says that it conforms to (RFC 9083, 4.1).
    pub conformance: Vec<String>,
}

impl Registration {
    /// The status by which the name is not in the zone, or about to leave it: then nobody has to clean anything up.
    #[must_use]
    pub fn not_delegated(&self) -> Option<&'static str> {
        status::NOT_DELEGATED.into_iter().find(|status| self.statuses.contains(status))
    }
}

/// Reads an answer to the question for the domain `question`.
///
/// # Errors
/// [`AnswerError`] if it is no answer to that question.
pub fn read(answer: &[u8], question: &HostName) -> Result<Registration, AnswerError> {
    if answer.len() > MAX_BYTES {
        return Err(AnswerError::TooLarge);
    }
    let answer = answer.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(answer);
    let domain: Value = serde_json::from_slice(answer)
        .map_err(|error| AnswerError::NotJson { line: error.line(), column: error.column() })?;
    identify(&domain, question)?;

    let said = words(&domain, "status")?;
    let has = |status: &str| said.iter().any(|said| said == status);
    let whole = Whole {
        redacted: redacted::read(domain.get("redacted"))?,
        remark: speaks_of_redaction(&domain)? || notices_speak_of_redaction(&domain)?,
        status: has("private") || has("obscured"),
        proxy: has("proxy"),
    };
    let found = Found::of(domain.get("entities"), &whole)?;
    let statuses: BTreeSet<&'static str> = said.iter().map(|said| status::epp(said)).collect();
    let events = events(&domain)?;
    let last = |action: &str| events.iter().filter(|(of, _)| of == action).map(|(_, at)| *at).max();
    Ok(Registration {
        name: question.clone(),
        unicode_name: question.to_unicode(),
        statuses: statuses.into_iter().collect(),
        created: last("registration"),
        reregistered: last("reregistration"),
        changed: last("last changed"),
        expires: last("expiration"),
        transferred: last("transfer"),
        registrar: found.registrar,
        reseller: found.reseller,
        contacts: found.contacts,
        conformance: conformance(&domain)?,
    })
}

/// Whether the object is the domain that was asked for.
fn identify(domain: &Value, question: &HostName) -> Result<(), AnswerError> {
    if !domain.is_object() {
        return Err(AnswerError::NotADomain("it is no object"));
    }
    if let Some(code) = domain.get("errorCode") {
        return Err(AnswerError::Code(text(code).and_then(|code| code.parse().ok()).unwrap_or(0)));
    }
    // Some servers leave the class out; the name tells what it is.
    if domain.get("objectClassName").is_some_and(|class| word(class) != "domain") {
        return Err(AnswerError::NotADomain("its class is another"));
    }
    let name = member(domain, "ldhName").or_else(|| member(domain, "unicodeName"));
    let name = name.and_then(|name| HostName::parse(name.trim()).ok());
    match name.ok_or(AnswerError::NotADomain("it has no name"))? {
        name if name == *question => Ok(()),
        _ => Err(AnswerError::WrongName),
    }
}

fn events(domain: &Value) -> Result<Vec<(String, Epoch)>, AnswerError> {
    let events = list(domain.get("events"), "events")?.iter();
    let read = events
        .filter_map(|event| Some((word(event.get("eventAction")?), instant(member(event, "eventDate")?.trim())?)));
    Ok(read.collect())
}

/// RFC 3339, or the same without a zone, which is taken as UTC.
fn instant(text: &str) -> Option<Epoch> {
    text.parse().or_else(|_| format!("{text}Z").parse()).ok()
}

/// Notices count by their type only: terms of use like to speak of redaction.
fn notices_speak_of_redaction(domain: &Value) -> Result<bool, AnswerError> {
    let mut kinds = list(domain.get("notices"), "notices")?.iter().filter_map(|notice| notice.get("type"));
    Ok(kinds.any(|kind| word(kind).starts_with("object redacted")))
}

fn conformance(domain: &Value) -> Result<Vec<String>, AnswerError> {
    let known = list(domain.get("rdapConformance"), "rdapConformance")?.iter().filter_map(text);
    let short =
        known.map(|text| clean(&text).chars().take(MAX_IDENTIFIER).collect::<String>().trim_end().to_owned());
    Ok(short.take(MAX_CONFORMANCE).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str) -> Result<Registration, AnswerError> {
        read(json.as_bytes(), &HostName::parse("bücher.xx").unwrap())
    }

    #[test]
    fn it_is_the_domain_that_was_asked_for() {
        for (json, expected) in [
            (r#"{"ldhName":"xn--bcher-kva.xx"}"#, None),
            (r#"{"ldhName":"XN--BCHER-KVA.xx."}"#, None),
            (r#"{"unicodeName":"bücher.xx","objectClassName":"Domain"}"#, None),
            (r#"{"ldhName":"bucher.xx","unicodeName":"bücher.xx"}"#, Some(AnswerError::WrongName)),
            (r#"{"ldhName":"www.xn--bcher-kva.xx"}"#, Some(AnswerError::WrongName)),
            (r#"{"errorCode":404}"#, Some(AnswerError::Code(404))),
            (r#"{"errorCode":"many"}"#, Some(AnswerError::Code(0))),
            (
                r#"{"ldhName":"xn--bcher-kva.xx","objectClassName":"entity"}"#,
                Some(AnswerError::NotADomain("its class is another")),
            ),
            (r#"{"ldhName":["xn--bcher-kva.xx"]}"#, Some(AnswerError::NotADomain("it has no name"))),
            ("[]", Some(AnswerError::NotADomain("it is no object"))),
            ("<html>", Some(AnswerError::NotJson { line: 1, column: 1 })),
        ] {
            assert_eq!(check(json).err(), expected, "{json}");
        }
    }

    #[test]
    fn instants_as_the_world_writes_them() {
        for (text, expected) in [
            ("2025-03-01T10:00:00Z", Some("2025-03-01T10:00:00.000Z")),
            ("2025-03-01T10:00:00.5+02:00", Some("2025-03-01T08:00:00.500Z")),
            ("2025-03-01T10:00:00", Some("2025-03-01T10:00:00.000Z")),
            ("2025-03-01", Some("2025-03-01T00:00:00.000Z")),
            ("2025-03-01 10:00:00Z", Some("2025-03-01T10:00:00.000Z")),
            ("last year", None),
            ("", None),
        ] {
            assert_eq!(instant(text).map(|at| at.to_string()).as_deref(), expected, "{text}");
        }
    }
}
