//! What is withheld, told from what is absent: `registrant email`, `technical`, `domain`.
//!
//! Servers say it in many ways: members of `redacted` (RFC 9537), remarks and their titles (RFC 9083 10.2.1, RedDog,
//! ICANN's profiles of 2019), statuses of an entity, texts in the place of values. All of them become a few words of a
//! closed list, so that no text of an answer gets through here.

use std::collections::BTreeSet;

use compact_str::{CompactString, format_compact};
use serde::Deserialize;

use super::card::{self, Cards, WITHHELD};
use super::error::ObjectError;
use super::lenient::{self, Raw};

/// What stands for something withheld that has no name in our words.
const OTHER: &str = "other";

/// The roles of RFC 9083 10.2.4.
const ROLES: [&str; 11] = [
    "abuse",
    "administrative",
    "billing",
    "noc",
    "notifications",
    "proxy",
    "registrant",
    "registrar",
    "reseller",
    "sponsor",
    "technical",
];

/// The words that names of redactions are made of, besides [`ROLES`] (RFC 9537; ICANN's profile of 2024; RFC 7095).
const WORDS: [&str; 50] = [
    "address",
    "admin",
    "adr",
    "and",
    "city",
    "code",
    "contact",
    "country",
    "date",
    "domain",
    "e",
    "email",
    "entity",
    "event",
    "expiration",
    "ext",
    "extension",
    "fax",
    "fn",
    "full",
    "handle",
    "id",
    "mail",
    "name",
    "nameserver",
    "number",
    "of",
    "org",
    "organisation",
    "organization",
    "phone",
    "postal",
    "province",
    "public",
    "region",
    "registration",
    "registry",
    "remarks",
    "roid",
    "state",
    "status",
    "street",
    "tech",
    "tel",
    "telephone",
    "title",
    "uri",
    "url",
    "voice",
    "zip",
];

/// Statuses of an entity of which not everything is shown (RFC 9083 10.2.2).
const STATUSES: [&str; 3] = ["obscured", "private", "removed"];

/// The words of a name of a redaction.
const MAX_WORDS: usize = 6;

#[derive(Deserialize)]
struct Redacted<'a> {
    #[serde(borrow)]
    name: Option<Raw<'a>>,
}

#[derive(Deserialize)]
struct RedactedName<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Raw<'a>>,
    #[serde(borrow)]
    description: Option<Raw<'a>>,
}

#[derive(Deserialize)]
struct Remark<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Raw<'a>>,
    #[serde(borrow)]
    title: Option<Raw<'a>>,
}

/// What the domain itself and the answer as a whole say. Notices count by their type only: terms of use like to
/// speak of redaction.
pub(super) fn of_object(
    redacted: Option<Raw<'_>>,
    remarks: Option<Raw<'_>>,
    notices: Option<Raw<'_>>,
    withheld: &mut BTreeSet<CompactString>,
) -> Result<(), ObjectError> {
    for raw in lenient::list(redacted, "redacted")? {
        let Some(redacted) = lenient::object::<Redacted<'_>>(raw, "redacted")? else { continue };
        let Some(name) = redacted.name else { continue };
        let text = match lenient::object::<RedactedName<'_>>(name, "redacted")? {
            Some(name) => name.kind.or(name.description).and_then(lenient::text),
            None => lenient::text(name),
        };
        withheld.insert(words(&text.unwrap_or_default()));
    }
    if lenient::list(remarks, "remarks")?.into_iter().any(|remark| lenient::mentions(remark, &WITHHELD)) {
        withheld.insert("domain".into());
    }
    for raw in lenient::list(notices, "notices")? {
        let kind = lenient::object::<Remark<'_>>(raw, "notices")?.and_then(|notice| notice.kind);
        if kind.is_some_and(|kind| lenient::mentions(kind, &["due to authorization"])) {
            withheld.insert("domain".into());
        }
    }
    Ok(())
}

/// What an entity says: the words are its roles, and `email` where a remark is about that.
pub(super) fn of_entity(
    roles: &BTreeSet<String>,
    status: Option<Raw<'_>>,
    remarks: Option<Raw<'_>>,
    cards: &Cards<'_>,
    withheld: &mut BTreeSet<CompactString>,
) -> Result<(), ObjectError> {
    let known = || ROLES.into_iter().filter(|role| roles.contains(*role));
    let statuses = lenient::list(status, "status")?;
    let has_status = statuses.into_iter().any(|status| STATUSES.contains(&lenient::word(status).as_str()));
    if has_status || card::is_withheld(cards)? {
        withheld.extend(known().map(CompactString::from));
    }
    for raw in lenient::list(remarks, "remarks")?.into_iter().filter(|remark| lenient::mentions(remark, &WITHHELD))
    {
        let title = lenient::object::<Remark<'_>>(raw, "remarks")?.and_then(|remark| remark.title);
        let is_email = title.is_some_and(|title| lenient::mentions(title, &["email", "e-mail"]));
        let field = if is_email { " email" } else { "" };
        withheld.extend(known().map(|role| format_compact!("{role}{field}")));
    }
    Ok(())
}

/// A name of a redaction in lower case, if it is made of our words only.
fn words(text: &str) -> CompactString {
    let text = text.to_ascii_lowercase();
    let parts: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let is_known = parts.iter().all(|part| WORDS.contains(part) || ROLES.contains(part));
    if (1..=MAX_WORDS).contains(&parts.len()) && is_known { parts.join(" ").into() } else { OTHER.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_words_get_through() {
        for (text, expected) in [
            ("Registrant Email", "registrant email"),
            ("Registry Domain ID", "registry domain id"),
            ("Tech Phone Ext", "tech phone ext"),
            ("registrant state/province", "registrant state province"),
            ("Administrative Contact", "administrative contact"),
            ("Registrant Jana Osobova", OTHER),
            ("jana@person.example", OTHER),
            ("name name name name name name name", OTHER),
            ("Jméno", OTHER),
            ("", OTHER),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }
}
