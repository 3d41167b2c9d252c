//! The name of a host: text in, absolute lower-case A-label form out.
//!
//! The mapping is UTS #46 (non-transitional), the checks are our own: what the DNS can carry is accepted, what
//! it cannot carry is an error. Names that the DNS carries but IDNA2008 refuses (`☃.zz`, `a_b.zz`, `xn--0.zz`)
//! are evidence like any other: they are accepted and told apart by [`HostName::is_idna2008`].

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use compact_str::CompactString;
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use serde::{Deserialize, Serialize};

use super::idna2008;

/// Octets of a label, RFC 1035 2.3.4.
const MAX_LABEL: usize = 63;
/// Octets of a name in text form without the trailing dot, RFC 1035 2.3.4 (255 on the wire).
const MAX_NAME: usize = 253;
/// Octets of a spelling with U-labels: they are longer than A-labels, and soft hyphens vanish.
const MAX_SPELLING: usize = 4096;

/// An absolute host name: lower case, A-labels, no trailing dot, at most 253 octets.
///
/// Up to 24 octets lie in the value itself. The derived order is that of the text, for keys; the order of the
/// DNS is [`HostName::canonical_cmp`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HostName(CompactString);

/// Why a text is no host name. The text itself is not repeated: it may come from a URL with personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// Nothing, or only the root. Treat the input line as faulty.
    #[error("the name is empty")]
    Empty,
    /// Two dots in a row, or one in front. Treat the input line as faulty.
    #[error("the name has an empty label")]
    EmptyLabel,
    /// A label has more than 63 octets in A-label form. No such name can exist.
    #[error("a label has {0} octets, more than 63")]
    LabelTooLong(usize),
    /// The name has more than 253 octets in A-label form. No such name can exist.
    #[error("the name has {0} octets, more than 253")]
    NameTooLong(usize),
    /// An ASCII character that is no letter, digit, hyphen or underscore.
    #[error("the name has the character {0:?}, which is no letter, digit, hyphen or underscore")]
    Character(char),
    /// UTS #46 refuses a non-ASCII label (a bidirectional control, an unassigned code point, a wrong joiner).
    #[error("the name has a label that UTS #46 does not allow")]
    Unicode,
    /// One label was asked for, and there is a dot.
    #[error("a label was expected, but the text has several")]
    NotOneLabel,
}

impl HostName {
    /// Reads a host name in any spelling: U-labels or A-labels, any case, with or without a trailing dot.
    ///
    /// ASCII is only put in lower case: UTS #46 leaves a valid A-label as it is, and a label that begins with
    /// `xn--` without being one (`xn--0`) keeps its bytes, so that it can be matched. Only beside a non-ASCII
    /// label such a one is an error, as the name cannot be mapped then.
    ///
    /// # Errors
    /// [`NameError`] if the DNS cannot carry such a name, or if UTS #46 refuses a non-ASCII name.
    pub fn parse(text: &str) -> Result<HostName, NameError> {
        let bytes = text.as_bytes();
        // Two loops without early exit: vector code.
        if !bytes.is_ascii() {
            if text.len() > MAX_SPELLING {
                return Err(NameError::NameTooLong(text.len()));
            }
            return HostName::from_ascii(&mapped(text).ok_or(NameError::Unicode)?);
        }
        if bytes.iter().fold(false, |upper, byte| upper | byte.is_ascii_uppercase()) {
            HostName::from_ascii(&text.to_ascii_lowercase())
        } else {
            HostName::from_ascii(text)
        }
    }

    /// Checks lower-case ASCII: labels of 1 to 63 octets, 253 in all, letters, digits, hyphen, underscore.
    fn from_ascii(text: &str) -> Result<HostName, NameError> {
        let name = text.strip_suffix('.').unwrap_or(text);
        if name.is_empty() {
            return Err(NameError::Empty);
        }
        let mut label = 0;
        for &byte in name.as_bytes() {
            match byte {
                b'.' => {
                    check_label(label)?;
                    label = 0;
                }
                b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => label += 1,
                other => return Err(NameError::Character(char::from(other))),
            }
        }
        check_label(label)?;
        if name.len() > MAX_NAME {
            return Err(NameError::NameTooLong(name.len()));
        }
        Ok(HostName(CompactString::new(name)))
    }

    /// A label-aligned ending of a name that was already checked.
    pub(super) fn ending(text: &str) -> HostName {
        debug_assert!(HostName::parse(text).is_ok_and(|name| name.as_str() == text));
        HostName(CompactString::new(text))
    }

    /// The name in lower-case A-label form, without a trailing dot.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The labels from left to right; reversible.
    pub fn labels(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('.')
    }

    /// The last label, in A-label form.
    #[must_use]
    pub fn top_level(&self) -> &str {
        self.0.rsplit('.').next().unwrap_or_default()
    }

    /// The name without its first label; `None` for a top-level name.
    #[must_use]
    pub fn parent(&self) -> Option<&str> {
        self.0.split_once('.').map(|(_, parent)| parent)
    }

    /// Whether this name lies strictly below `ancestor` (in the form of [`HostName::as_str`]); whole labels count.
    #[must_use]
    pub fn is_below(&self, ancestor: impl AsRef<str>) -> bool {
        let ancestor = ancestor.as_ref();
        !ancestor.is_empty() && self.0.strip_suffix(ancestor).is_some_and(|rest| rest.ends_with('.'))
    }

    /// Whether this name is `ancestor` or lies below it.
    #[must_use]
    pub fn is_at_or_below(&self, ancestor: impl AsRef<str>) -> bool {
        let ancestor = ancestor.as_ref();
        self.as_str() == ancestor || self.is_below(ancestor)
    }

    /// The name with U-labels, for people; the A-label form where the way back does not lead to the same name.
    /// Whether scripts are mixed is not looked at: that is a question of the look-alike views.
    #[must_use]
    pub fn to_unicode(&self) -> String {
        if !self.0.contains("xn--") {
            return self.0.to_string();
        }
        let (unicode, valid) = Uts46::new().to_unicode(self.0.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow);
        if valid.is_ok() && mapped(&unicode).is_some_and(|ascii| ascii == self.0) {
            unicode.into_owned()
        } else {
            self.0.to_string()
        }
    }

    /// Whether every label could be registered under IDNA2008 (RFC 5891 4.2, RFC 5892) and RFC 952/1123: no
    /// underscore, no hyphen at an end or at places 3 and 4, valid A-labels of permitted code points only.
    #[must_use]
    pub fn is_idna2008(&self) -> bool {
        self.labels().all(idna2008::is_valid_label)
    }

    /// The canonical order of DNS names, RFC 4034 6.1: label by label from the right.
    /// Comparing the texts is wrong: `-` sorts before `.`, so `a-b.zz` would land between `a.zz` and `x.a.zz`.
    #[must_use]
    pub fn canonical_cmp(&self, other: &HostName) -> Ordering {
        self.labels().rev().cmp(other.labels().rev())
    }
}

/// UTS #46 ToASCII, non-transitional; no STD3 rules and no length check, as we check both ourselves.
fn mapped(text: &str) -> Option<String> {
    Uts46::new()
        .to_ascii(text.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow, DnsLength::Ignore)
        .ok()
        .map(Cow::into_owned)
}

fn check_label(octets: usize) -> Result<(), NameError> {
    match octets {
        0 => Err(NameError::EmptyLabel),
        1..=MAX_LABEL => Ok(()),
        _ => Err(NameError::LabelTooLong(octets)),
    }
}

impl FromStr for HostName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<HostName, NameError> {
        HostName::parse(text)
    }
}

impl AsRef<str> for HostName {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
