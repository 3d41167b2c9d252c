//! The e-mail of a contact: addresses, a form in their place, withheld, or none.

use std::collections::BTreeSet;

use reqwest::Url;

use super::card::{Card, Text, is_withheld};
use crate::contact::Address;

/// The longest URI of a form, in bytes.
const MAX_URI: usize = 1000;

/// How a contact can be written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Email {
    /// Addresses, the preferred one first, each once; never empty.
    Present(Vec<Address>),
    /// Only by a form, http or https (RFC 8605, 2.1). Nobody fills it in but a person.
    FormOnly(String),
    /// There is an address, and the registry does not show it.
    Redacted {
        /// How it says so.
        how: Redaction,
    },
    /// There is none.
    Absent,
}

/// How a registry says that it withholds an address; the first that applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Redaction {
    /// A member of `redacted` names it (RFC 9537).
    Member(Method),
    /// A text stands in its place, or stars in the place of letters.
    Text,
    /// It is there and empty.
    Empty,
    /// A remark or a notice says it (RFC 9083, 10.2.1; RedDog).
    Remark,
    /// A status says it: `private`, `obscured`, `removed` (RFC 9083, 10.2.2).
    Status,
    /// The name on the card is withheld, and there is no address.
    Name,
}

/// The methods of RFC 9537, 4.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// Left out.
    Removal,
    /// There, and empty.
    EmptyValue,
    /// A part of it is there.
    PartialValue,
    /// Something else is there: another address, or a form.
    ReplacementValue,
}

/// What an entity says besides its card, and what is said of it.
#[derive(Clone, Copy, Default)]
pub(super) struct Signs {
    /// A member of `redacted` that is about its e-mail or about all of it.
    pub(super) member: Option<Method>,
    /// A remark or a notice.
    pub(super) remark: bool,
    /// A status.
    pub(super) status: bool,
}

impl Email {
    /// The e-mail of a card. An address counts unless it is masked; a form counts where there is no address.
    pub(super) fn of(card: &Card, signs: Signs) -> Email {
        let mut seen = BTreeSet::new();
        let mut addresses: Vec<Address> = Vec::new();
        // What is left of a partial value may still look like an address.
        let emails = card.emails.iter().filter(|_| signs.member != Some(Method::PartialValue));
        addresses.extend(emails.filter_map(|(_, text)| address(text)));
        if addresses.is_empty() {
            addresses.extend(card.forms.iter().filter(|uri| is_mailto(uri)).filter_map(|uri| address(uri)));
        }
        addresses.retain(|address| seen.insert(address.key()));
        if !addresses.is_empty() {
            return Email::Present(addresses);
        }
        if let Some(uri) = card.forms.iter().find_map(|uri| page(uri)) {
            return Email::FormOnly(uri);
        }
        let texts = card.emails.iter().map(|(_, text)| Text::of(text)).filter(|text| *text != Text::Said);
        let of_text = texts.min().map(|text| if text == Text::Empty { Redaction::Empty } else { Redaction::Text });
        let signs = [
            signs.member.map(Redaction::Member),
            of_text,
            signs.remark.then_some(Redaction::Remark),
            signs.status.then_some(Redaction::Status),
            card.says_withheld().map(|_| Redaction::Name),
        ];
        signs.into_iter().flatten().next().map_or(Email::Absent, |how| Email::Redacted { how })
    }
}

fn is_mailto(uri: &str) -> bool {
    uri.trim().get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto:"))
}

/// An address that is not masked, with or without a scheme; what is asked of the mail is left out (RFC 6068).
fn address(text: &str) -> Option<Address> {
    let text = text.trim();
    let bare = if is_mailto(text) { text.get(7..)?.split('?').next()? } else { text };
    if is_withheld(bare) { None } else { bare.parse().ok() }
}

/// The URI of a page: http or https, without a user.
pub(super) fn page(text: &str) -> Option<String> {
    let url: Url = text.trim().parse().ok()?;
    let is_page = matches!(url.scheme(), "http" | "https") && url.has_host();
    let is_bare = url.username().is_empty() && url.password().is_none();
    (is_page && is_bare && url.as_str().len() <= MAX_URI).then(|| url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(emails: &[&str], forms: &[&str], signs: Signs) -> String {
        let card = Card {
            emails: emails.iter().map(|text| (1, (*text).to_owned())).collect(),
            forms: forms.iter().map(|text| (*text).to_owned()).collect(),
            ..Card::default()
        };
        match Email::of(&card, signs) {
            Email::Present(addresses) => addresses.iter().map(Address::reveal).collect::<Vec<_>>().join(" "),
            Email::FormOnly(uri) => uri,
            Email::Redacted { how } => format!("{how:?}"),
            Email::Absent => "absent".to_owned(),
        }
    }

    #[test]
    fn of_values() {
        let plain = Signs::default();
        let member = |method| Signs { member: Some(method), ..plain };
        for (emails, forms, signs, expected) in [
            (&["a@b.xx"][..], &[][..], plain, "a@b.xx"),
            (&["mailto:a@b.xx?subject=x", "A@b.xx", "c@d.xx"], &[], plain, "a@b.xx c@d.xx"),
            (&["a@b.xx"], &["https://form.example/"], plain, "a@b.xx"),
            (&["a@b.xx"], &[], member(Method::Removal), "a@b.xx"),
            (&["a@b.xx"], &[], member(Method::ReplacementValue), "a@b.xx"),
            (&["a@b.xx"], &[], member(Method::PartialValue), "Member(PartialValue)"),
            (&["a***@b.xx"], &[], plain, "Text"),
            (&["redacted@b.xx"], &[], plain, "Text"),
            (&["REDACTED FOR PRIVACY", ""], &[], plain, "Text"),
            (&[""], &[], plain, "Empty"),
            (&[""], &[], member(Method::EmptyValue), "Member(EmptyValue)"),
            (
                &[""],
                &["https://form.example/x?d=a.xx"],
                member(Method::ReplacementValue),
                "https://form.example/x?d=a.xx",
            ),
            (&[], &["mailto:relay@b.xx"], plain, "relay@b.xx"),
            (&[], &["javascript:alert(1)"], plain, "absent"),
            (&[], &["https://user:pass@form.example/"], plain, "absent"),
            (&[], &[], Signs { remark: true, status: true, ..plain }, "Remark"),
            (&[], &[], Signs { status: true, ..plain }, "Status"),
            (&["n/a"], &[], plain, "absent"),
            (&["a(at)b.xx"], &[], plain, "absent"),
            (&[], &[], plain, "absent"),
        ] {
            assert_eq!(check(emails, forms, signs), expected, "{emails:?} {forms:?}");
        }
    }
}
