//! The member `redacted` of an answer (RFC 9537): which contacts lack an address because it is withheld, and how.

use std::collections::BTreeMap;

use serde_json::Value;

use super::email::Method;
use super::json::{list, member, text, word};
use super::{AnswerError, Role};

/// By role, how the e-mail or all of the contact is withheld; the first member that says it counts.
pub(super) type Redacted = BTreeMap<Role, Method>;

/// Reads the members. What is withheld besides, such as a telephone, says nothing of the address.
pub(super) fn read(members: Option<&Value>) -> Result<Redacted, AnswerError> {
    let mut read = Redacted::new();
    for member in list(members, "redacted")? {
        let method = method(member);
        let named = named(member).and_then(|name| of_name(&name));
        let paths = ["prePath", "postPath", "replacementPath"];
        let found = named.or_else(|| paths.iter().find_map(|path| of_path(&text(member.get(*path)?)?)));
        if let Some(role) = found {
            read.entry(role).or_insert(method);
        }
    }
    Ok(read)
}

/// The method; without one the value is removed (RFC 9537, 4.2).
fn method(redacted: &Value) -> Method {
    match redacted.get("method").map(word).unwrap_or_default().as_str() {
        "emptyvalue" => Method::EmptyValue,
        "partialvalue" => Method::PartialValue,
        "replacementvalue" => Method::ReplacementValue,
        _ => Method::Removal,
    }
}

fn named(redacted: &Value) -> Option<String> {
    let name = redacted.get("name")?;
    member(name, "type").or_else(|| member(name, "description")).or_else(|| text(name))
}

/// The role in a name such as `Registrant Email` or `Tech Contact`, if it is about the address or about everything.
fn of_name(name: &str) -> Option<Role> {
    let name = name.to_lowercase();
    let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let (&last, before) = words.split_last()?;
    // The innermost role: `registrar abuse contact email` is of the abuse desk.
    let role = words.iter().rev().find_map(|word| Role::of(word))?;
    let is_about = match last {
        "email" | "emails" => true,
        "mail" => before.last() == Some(&"e"),
        "address" => matches!(before.last(), Some(&"email" | &"mail")),
        "contact" | "entity" | "information" | "data" => before.iter().all(|word| Role::of(word).is_some()),
        _ => Role::of(last).is_some() && before.iter().all(|word| Role::of(word).is_some()),
    };
    is_about.then_some(role)
}

/// The role in a JSONPath such as `$.entities[?(@.roles[0]=='registrant')].vcardArray[1][?(@[0]=='email')]`. A path by
/// numbers is of an answer that we do not have, before it was redacted.
fn of_path(path: &str) -> Option<Role> {
    let quoted = path.split(['\'', '"']).skip(1).step_by(2);
    let mut role = None;
    let mut is_email = false;
    for word in quoted {
        is_email |= matches!(word, "email" | "contact-uri" | "emails");
        role = Role::of(word).or(role);
    }
    let after = path.rsplit(".entities[").next().unwrap_or_default();
    let is_email = is_email || after.contains(".emails");
    let is_all = [")]", ".vcardArray", ".vcardArray[1]", ".jscontact_card"].iter().any(|end| path.ends_with(end))
        && !after.contains(".vcardArray[1][?");
    role.filter(|_| is_email || is_all)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names() {
        for (name, expected) in [
            ("Registrant Email", Some(Role::Registrant)),
            ("Registrant E-mail", Some(Role::Registrant)),
            ("Tech Email", Some(Role::Technical)),
            ("Admin Contact", Some(Role::Administrative)),
            ("Administrative", Some(Role::Administrative)),
            ("Registrar Abuse Contact Email", Some(Role::Abuse)),
            ("Billing Email Address", Some(Role::Billing)),
            ("Registrant Name", None),
            ("Registrant Contact Phone", None),
            ("Registry Registrant ID", None),
            ("Tech Street Address", None),
            ("Email", None),
            ("", None),
        ] {
            assert_eq!(of_name(name), expected, "{name}");
        }
    }

    #[test]
    fn paths() {
        for (path, expected) in [
            ("$.entities[?(@.roles[0]=='registrant')].vcardArray[1][?(@[0]=='email')][3]", Some(Role::Registrant)),
            ("$.entities[?(@.roles[0]==\"technical\")].vcardArray[1][?(@[0]=='email')]", Some(Role::Technical)),
            ("$.entities[?(@.roles[0]=='administrative')]", Some(Role::Administrative)),
            ("$.entities[?(@.roles[0]=='billing')].vcardArray", Some(Role::Billing)),
            ("$.entities[?(@.roles[0]=='registrant')].jscontact_card.emails", Some(Role::Registrant)),
            ("$.entities[?(@.roles[0]=='registrar')].entities[?(@.roles[0]=='abuse')]", Some(Role::Abuse)),
            ("$.entities[?(@.roles[0]=='registrant')].vcardArray[1][?(@[0]=='fn')][3]", None),
            ("$.entities[?(@.roles[0]=='registrant')].vcardArray[1][?(@[0]=='tel')]", None),
            ("$.entities[?(@.roles[0]=='registrant')].handle", None),
            ("$.entities[1].vcardArray[1][3]", None),
            ("$.handle", None),
            ("''''''", None),
        ] {
            assert_eq!(of_path(path), expected, "{path}");
        }
    }

    #[test]
    fn methods() {
        let members = json!([
            { "name": { "type": "Registrant Email" }, "method": "replacementValue" },
            { "name": { "description": "Tech Email" }, "method": "emptyValue" },
            { "name": "Admin Email", "method": "Partial Value" },
            { "name": { "type": "whatever" }, "prePath": "$.entities[?(@.roles[0]=='billing')]" },
            { "name": { "type": "Registrant Email" }, "method": "removal" },
            { "name": ["Registrant Email"] },
            7
        ]);
        let expected = [
            (Role::Registrant, Method::ReplacementValue),
            (Role::Administrative, Method::Removal),
            (Role::Technical, Method::EmptyValue),
            (Role::Billing, Method::Removal),
        ];
        assert_eq!(read(Some(&members)).unwrap(), Redacted::from(expected));
    }
}
