//! E-mail addresses.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The longest address, in bytes (RFC 5321, 4.5.3.1.3, without the angle brackets).
const MAX_BYTES: usize = 254;
/// The longest local part, in bytes (RFC 5321, 4.5.3.1.1).
const MAX_LOCAL: usize = 64;

/// An e-mail address that can stand in an envelope: a local part as a dot-atom, which may be UTF-8 (RFC 6531), and a
/// domain in its A-label form. Quoted local parts and address literals are no addresses of a contact.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    local: String,
    domain: String,
}

/// Why a text is no address. It does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not an e-mail address: expected name@domain")]
pub struct AddressError;

impl Address {
    /// The address as it goes into an envelope.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{}@{}", self.local, self.domain)
    }

    /// What tells recipients apart: the address in lower case.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}@{}", self.local.to_lowercase(), self.domain)
    }

    /// The domain, in lower case and A-labels.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Whether the server must take UTF-8 in the envelope (RFC 6531).
    #[must_use]
    pub fn needs_smtputf8(&self) -> bool {
        !self.local.is_ascii()
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Address, AddressError> {
        let (local, domain) = text.trim().rsplit_once('@').ok_or(AddressError)?;
        let mut atoms = local.split('.');
        if local.len() > MAX_LOCAL || !atoms.all(|atom| !atom.is_empty() && atom.chars().all(is_atext)) {
            return Err(AddressError);
        }
        let domain = panopticon_model::name::HostName::parse(domain).map_err(|_| AddressError)?;
        // A last label of digits makes it an IP address (RFC 3696, 2).
        let numeric = domain.top_level().bytes().all(|byte| byte.is_ascii_digit());
        let domain = domain.as_str().to_owned();
        if numeric || !domain.contains('.') || local.len() + 1 + domain.len() > MAX_BYTES {
            return Err(AddressError);
        }
        Ok(Address { local: local.to_owned(), domain })
    }
}

/// RFC 5322, 3.2.3, and RFC 6532, 3.2.
fn is_atext(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || c.is_alphanumeric()
}

/// The first character of both halves, as in `j***@e***`.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = |text: &str| text.chars().next().unwrap_or('?');
        write!(f, "{}***@{}***", first(&self.local), first(&self.domain))
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn what_can_be_mailed_is_an_address() {
        let rows = [
            ("Jane.Doe+x@Example.XX", Some("Jane.Doe+x@example.xx")),
            (" jane@example.xx ", Some("jane@example.xx")),
            ("jörg@müller.xx", Some("jörg@xn--mller-kva.xx")),
            ("jane@localhost", None),
            ("jane", None),
            ("@example.xx", None),
            ("a..b@example.xx", None),
            ("a b@example.xx", None),
            ("\"a b\"@example.xx", None),
            ("jane@[192.0.2.1]", None),
            ("jane@192.0.2.1", None),
            ("jane@example.xx\r\nBcc: all@example.xx", None),
            ("jane\r\n@example.xx", None),
            ("<jane@example.xx>", None),
        ];
        for (text, expected) in rows {
            assert_eq!(text.parse::<Address>().ok().map(|it| it.reveal()).as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn recipients_are_told_apart_without_regard_to_case_and_shown_masked() {
        let one: Address = "Jane@Example.xx".parse().unwrap();
        let other: Address = "jane@example.XX".parse().unwrap();
        assert_eq!(one.key(), other.key());
        assert_eq!(format!("{one:?}"), "J***@e***");
    }
}
