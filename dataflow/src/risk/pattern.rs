//! Labels that look random and are no generated names: nobody registered them to be read, or they are no words.

/// Why a label gets no score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Pattern {
    /// It is empty.
    Empty,
    /// A token that proves control: `gv-...`, `google-site-verification...`, a leading underscore.
    Verification,
    /// It holds a UUID, as names do with which registrars try a registry.
    Uuid,
    /// An A-label: its letters are an encoding.
    Punycode,
    /// Digits only, perhaps with hyphens.
    Digits,
    /// A hashed owner name of NSEC3: 32 characters of `0-9a-v`.
    Nsec3,
}

impl Pattern {
    /// In a word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Pattern::Empty => "empty",
            Pattern::Verification => "verification",
            Pattern::Uuid => "uuid",
            Pattern::Punycode => "punycode",
            Pattern::Digits => "digits",
            Pattern::Nsec3 => "nsec3",
        }
    }

    /// The pattern of a label, if it has one.
    #[must_use]
    #[inline]
    pub fn of(label: &str) -> Option<Pattern> {
        let octets = label.as_bytes();
        // Most names start with a letter that starts no pattern, and are shorter than the long ones.
        let Some(first) = octets.first() else { return Some(Pattern::Empty) };
        match first {
            b'_' => return Some(Pattern::Verification),
            b'x' | b'X' if starts(octets, b"xn--") => return Some(Pattern::Punycode),
            b'g' | b'G' if is_verification(octets) => return Some(Pattern::Verification),
            b'0'..=b'9' if octets.iter().all(|octet| octet.is_ascii_digit() || *octet == b'-') => {
                return Some(Pattern::Digits);
            }
            _ => {}
        }
        if octets.len() == 32 && is_nsec3(octets) {
            return Some(Pattern::Nsec3);
        }
        (octets.len() >= 36 && octets.windows(36).any(is_uuid)).then_some(Pattern::Uuid)
    }
}

fn starts(octets: &[u8], with: &[u8]) -> bool {
    octets.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with))
}

/// `gv-` and a token with a digit; a shop called `gv-something` stays a name.
fn is_verification(octets: &[u8]) -> bool {
    let token = octets.get(3..).unwrap_or_default();
    let is_token = token.len() >= 10 && token.iter().all(u8::is_ascii_alphanumeric);
    starts(octets, b"google-site-verification")
        || starts(octets, b"gv-") && is_token && token.iter().any(u8::is_ascii_digit)
}

fn is_uuid(octets: &[u8]) -> bool {
    octets.iter().enumerate().all(|(at, octet)| match at {
        8 | 13 | 18 | 23 => *octet == b'-',
        _ => octet.is_ascii_hexdigit(),
    })
}

/// All of `0-9a-v`, and of both ends: 32 hexadecimal digits are an MD5, which generators do use.
fn is_nsec3(octets: &[u8]) -> bool {
    let within = |octet: &u8| matches!(octet.to_ascii_lowercase(), b'0'..=b'9' | b'a'..=b'v');
    octets.iter().all(within)
        && octets.iter().any(u8::is_ascii_digit)
        && octets.iter().any(|octet| matches!(octet.to_ascii_lowercase(), b'g'..=b'v'))
}
