//! A contact card in either form, as texts that nobody has judged yet.

use serde_json::Value;

use super::{AnswerError, jcard, jscontact};
use crate::contact::Personal;

/// The preference of what has none: after all that have one, which go up to 100.
pub(super) const NO_PREFERENCE: u64 = 101;

/// A value and its preference, 1 is best (RFC 6350, 5.3; RFC 9553, 1.5.4).
pub(super) type Preferred = (u64, String);

/// What we look at of a card. It holds people, so it shows nothing of itself.
#[derive(Default)]
pub(super) struct Card {
    /// Whether it is of a person (RFC 6350, 6.1.4).
    pub(super) is_individual: bool,
    /// The full name.
    pub(super) names: Vec<String>,
    /// The organisation.
    pub(super) organisations: Vec<String>,
    /// Addresses, and what stands in their place.
    pub(super) emails: Vec<Preferred>,
    /// Telephones that are no fax.
    pub(super) phones: Vec<Preferred>,
    /// Where to write instead (RFC 8605, 2.1).
    pub(super) forms: Vec<String>,
    /// Languages that the contact understands (RFC 6350, 6.4.4).
    pub(super) languages: Vec<Preferred>,
    /// Countries of the addresses, two letters.
    pub(super) countries: Vec<String>,
    /// Pages.
    pub(super) pages: Vec<String>,
}

impl Card {
    /// The cards of an entity, jCard first: servers may send both forms of the same card.
    pub(super) fn of(entity: &Value) -> Result<Card, AnswerError> {
        let mut card = jcard::read(entity.get("vcardArray"))?;
        let other = jscontact::read(entity.get("jscontact_card"))?;
        card.is_individual |= other.is_individual;
        card.names.extend(other.names);
        card.organisations.extend(other.organisations);
        card.emails.extend(other.emails);
        card.phones.extend(other.phones);
        card.forms.extend(other.forms);
        card.languages.extend(other.languages);
        card.countries.extend(other.countries);
        card.pages.extend(other.pages);
        for values in [&mut card.emails, &mut card.phones, &mut card.languages] {
            values.sort_by_key(|(preference, _)| *preference);
        }
        Ok(card)
    }

    /// Whether a name, which every card has, is empty or says that it is withheld.
    pub(super) fn says_withheld(&self) -> Option<Text> {
        let texts = self.names.iter().chain(&self.organisations).map(|text| Text::of(text));
        texts.filter(|text| *text != Text::Said).min()
    }
}

/// What a text of a card amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Text {
    /// It says that something is withheld.
    Withheld,
    /// It is empty.
    Empty,
    /// It says something.
    Said,
}

impl Text {
    pub(super) fn of(text: &str) -> Text {
        if text.trim().is_empty() {
            Text::Empty
        } else if is_withheld(text) {
            Text::Withheld
        } else {
            Text::Said
        }
    }
}

/// How servers write that they withhold something (RedDog, profiles of ICANN, registrars), in lower case.
const WITHHELD: [&str; 12] = [
    "redacted",
    "due to authorization",
    "has been removed",
    "withheld",
    "not disclosed",
    "undisclosed",
    "not shown",
    "non-public data",
    "data protected",
    "gdpr mask",
    "masking enabled",
    "query the rdds",
];

/// Whether a text speaks of something that is withheld.
pub(super) fn speaks_of_redaction(text: &str) -> bool {
    let text = text.to_lowercase();
    WITHHELD.iter().any(|word| text.contains(word))
}

/// Whether a value is withheld: it says so, or has stars in the place of letters.
pub(super) fn is_withheld(text: &str) -> bool {
    text.contains('*') || speaks_of_redaction(text)
}

/// The first text that says something.
pub(super) fn said(texts: &[String]) -> Option<&str> {
    texts.iter().map(String::as_str).find(|text| Text::of(text) == Text::Said)
}

/// A telephone number without its scheme (RFC 3966).
pub(super) fn phone(card: &Card) -> Option<Personal> {
    let numbers = card.phones.iter().map(|(_, text)| text.trim());
    let mut numbers = numbers.map(|text| text.strip_prefix("tel:").unwrap_or(text));
    numbers
        .find(|text| text.bytes().any(|byte| byte.is_ascii_digit()) && !is_withheld(text))
        .and_then(Personal::new)
}

/// A language of a card: a tag of RFC 5646, of which the form is checked, not the words.
pub(super) fn language(card: &Card) -> Option<String> {
    let is_tag = |tag: &str| {
        let mut parts = tag.split('-');
        let is_part =
            |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let primary = parts.next().unwrap_or_default();
        (2..=3).contains(&primary.len())
            && primary.bytes().all(|byte| byte.is_ascii_alphabetic())
            && parts.all(is_part)
    };
    let tags = card.languages.iter().map(|(_, tag)| tag.trim());
    tags.filter(|tag| tag.len() <= 35).find(|tag| is_tag(tag)).map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        for (text, expected) in [
            ("Jana Osobova", Text::Said),
            ("REDACTED FOR PRIVACY", Text::Withheld),
            ("Redacted  by registry", Text::Withheld),
            ("Not Disclosed", Text::Withheld),
            ("j***@example.xx", Text::Withheld),
            ("Please query the RDDS service of the Registrar of Record", Text::Withheld),
            (" ", Text::Empty),
            ("", Text::Empty),
        ] {
            assert_eq!(Text::of(text), expected, "{text:?}");
        }
    }

    #[test]
    fn languages() {
        for (tag, expected) in [
            ("cs", Some("cs")),
            ("pt-BR", Some("pt-br")),
            ("zh-Hant-TW", Some("zh-hant-tw")),
            ("Czech", None),
            ("c", None),
            ("cs; q=1", None),
            ("cs-", None),
            ("", None),
        ] {
            let card = Card { languages: vec![(1, tag.to_owned())], ..Card::default() };
            assert_eq!(language(&card).as_deref(), expected, "{tag:?}");
        }
    }
}
