//! Contact cards of offices, in either form: what of them we take, and in which spelling.
//!
//! There is no type for a card, on purpose: it could hold a person. Three questions can be put to a pair of slices,
//! and a fourth that decodes nothing.

use compact_str::CompactString;
use panopticon_model::name::HostName;
use panopticon_model::url::mask_mail_within;

use super::error::ObjectError;
use super::lenient::{self, Raw};
use super::preferred::Preferred;
use super::{jcard, jscontact};

/// The cards of an entity as they are written: jCard (RFC 7095) and JSContact (RFC 9553).
pub(super) struct Cards<'a> {
    pub(super) vcard: Option<Raw<'a>>,
    pub(super) jscontact: Option<Raw<'a>>,
}

/// How servers write that they withhold something (RedDog, ICANN's profiles, registrars), in lower case.
pub(super) const WITHHELD: [&str; 6] =
    ["redacted", "due to authorization", "has been removed", "withheld", "not disclosed", "non-public data"];

/// Characters of a name.
const MAX_NAME: usize = 200;
/// Octets of an address, RFC 5321 4.5.3.1.3.
const MAX_EMAIL: usize = 254;
/// Characters of a telephone number with an extension.
const MAX_TELEPHONE: usize = 40;
/// Fewer digits are a piece of a number.
const MIN_DIGITS: usize = 5;

/// The name of the organisation; of one that names none, the name on the card, unless that is a person's.
pub(super) fn organisation(cards: &Cards<'_>) -> Result<Option<CompactString>, ObjectError> {
    let of_jcard = jcard::organisation(cards.vcard)?.as_deref().and_then(name);
    Ok(match of_jcard {
        Some(name) => Some(name),
        None => jscontact::organisation(cards.jscontact)?.as_deref().and_then(name),
    })
}

/// The preferred address.
pub(super) fn email(cards: &Cards<'_>) -> Result<Option<CompactString>, ObjectError> {
    let of_jcard = best(jcard::emails(cards.vcard)?, address);
    Ok(of_jcard.or(best(jscontact::emails(cards.jscontact)?, address)))
}

/// The preferred telephone number that is no fax.
pub(super) fn telephone(cards: &Cards<'_>) -> Result<Option<CompactString>, ObjectError> {
    let of_jcard = best(jcard::telephones(cards.vcard)?, number);
    Ok(of_jcard.or(best(jscontact::telephones(cards.jscontact)?, number)))
}

/// Whether a card says that something is withheld: by a text, by an empty name, which a jCard must have and servers
/// empty, or by a form in the place of the address (RFC 8605 2.1).
pub(super) fn is_withheld(cards: &Cards<'_>) -> Result<bool, ObjectError> {
    let says_so =
        [cards.vcard, cards.jscontact].into_iter().flatten().any(|raw| lenient::mentions(raw, &WITHHELD));
    Ok(says_so || jcard::is_emptied(cards.vcard)?)
}

/// The first value that is one, in order of preference.
fn best(mut values: Preferred, clean: fn(&str) -> Option<CompactString>) -> Option<CompactString> {
    values.sort_by_key(|(preference, _)| *preference);
    values.iter().find_map(|(_, value)| clean(value))
}

/// A name without controls, marks of direction and addresses, with single blanks.
fn name(text: &str) -> Option<CompactString> {
    let is_mark =
        |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
    let plain: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).filter(|c| !is_mark(*c)).collect();
    let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_withheld = WITHHELD.iter().any(|word| words.to_ascii_lowercase().contains(word));
    let name: CompactString = mask_mail_within(&words, MAX_NAME).into();
    (!name.is_empty() && !is_withheld).then_some(name)
}

/// An address whose domain is a name with a dot, in A-labels.
fn address(text: &str) -> Option<CompactString> {
    let text = text.trim();
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    let (local, domain) = text.split_once('@')?;
    let is_local = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let domain = HostName::parse(domain).ok().filter(|domain| domain.parent().is_some())?;
    let address = format!("{local}@{domain}");
    let is_address = !local.is_empty() && local.chars().all(is_local) && address.len() <= MAX_EMAIL;
    is_address.then(|| address.into())
}

/// A telephone number in the spelling of the card, without its scheme (RFC 3966).
fn number(text: &str) -> Option<CompactString> {
    let text = text.trim();
    let text = text.strip_prefix("tel:").unwrap_or(text);
    let bare = text.split_once(";ext=").map_or(text, |(bare, _)| bare);
    let is_number = |c: char| c.is_ascii_digit() || "+-.() /x".contains(c);
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_whole = bare.chars().all(is_number) && digits >= MIN_DIGITS && text.len() <= MAX_TELEPHONE;
    let extension = text.get(bare.len()..).and_then(|rest| rest.strip_prefix(";ext=")).unwrap_or_default();
    (is_whole && extension.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (text, expected) in [
            ("Example Registrar", Some("Example Registrar")),
            (" Example\u{7}\r\nRegistrar \u{202e}", Some("Example Registrar")),
            ("Registrar of a.person@example.org", Some("Registrar of [email]")),
            ("REDACTED FOR PRIVACY", None),
            (" \u{200b} ", None),
            ("", None),
        ] {
            assert_eq!(name(text).as_deref(), expected, "{text:?}");
        }
        assert_eq!(name(&"ž".repeat(300)).map(|name| name.chars().count()), Some(MAX_NAME));
    }

    #[test]
    fn addresses() {
        for (text, expected) in [
            ("abuse@registrar.example", Some("abuse@registrar.example")),
            (" mailto:Abuse+dns@Registrar.Example ", Some("Abuse+dns@registrar.example")),
            ("abuse@bücher.example", Some("abuse@xn--bcher-kva.example")),
            ("abuse@localhost", None),
            ("abuse@a@b.example", None),
            ("a desk <abuse@registrar.example>", None),
            ("abuse@registrar.example\r\nBcc: x@y.example", None),
            ("@registrar.example", None),
            ("REDACTED FOR PRIVACY", None),
            ("https://registrar.example/abuse", None),
        ] {
            assert_eq!(address(text).as_deref(), expected, "{text:?}");
        }
        assert_eq!(address(&format!("{}@registrar.example", "a".repeat(250))), None);
    }

    #[test]
    fn numbers() {
        for (text, expected) in [
            ("tel:+1.7035555555", Some("+1.7035555555")),
            ("tel:+1-703-555-5555;ext=102", Some("+1-703-555-5555;ext=102")),
            ("+33 (0)1 23 45", Some("+33 (0)1 23 45")),
            ("tel:+7", None),
            ("tel:+1.7035555555;ext=a person", None),
            ("call 703 555 5555", None),
            ("12345 67890 12345 67890 12345 67890 12345 67890", None),
            ("", None),
        ] {
            assert_eq!(number(text).as_deref(), expected, "{text:?}");
        }
    }
}
