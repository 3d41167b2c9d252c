//! Percent escapes, as Safe Browsing wants them: unescaped until none is left, then a few octets escaped anew.

/// An element of an unescaped text: an octet, with or without the place it came from.
pub(super) trait Unit: Copy {
    /// The octet.
    fn octet(self) -> u8;
    /// The same place with another octet.
    fn with_octet(self, octet: u8) -> Self;
}

impl Unit for u8 {
    fn octet(self) -> u8 {
        self
    }

    fn with_octet(self, octet: u8) -> u8 {
        octet
    }
}

/// Unescapes until no escape is left. Octets below `%` that are no escape stay.
///
/// One pass with a stack instead of passes until nothing changes: those need quadratic time on `%252525…`. Both
/// lead to the same text, because two escapes never overlap (an escape has its only `%` in front).
pub(super) fn unescape<U: Unit>(units: impl IntoIterator<Item = U>) -> Vec<U> {
    let units = units.into_iter();
    let mut out: Vec<U> = Vec::with_capacity(units.size_hint().0);
    for unit in units {
        out.push(unit);
        while let [.., percent, high, low] = out.as_slice()
            && percent.octet() == b'%'
            && let Some(octet) = hex_octet(high.octet(), low.octet())
        {
            let unit = percent.with_octet(octet);
            out.truncate(out.len() - 3);
            out.push(unit);
        }
    }
    out
}

/// Which octets are escaped on output.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// Safe Browsing: up to 0x20, from 0x7F, `#`, `%`.
    SafeBrowsing,
    /// The same and the backslash, which a browser would read as a slash.
    Backslash,
}

/// Writes `bytes` as ASCII, with upper-case escapes.
pub(super) fn escape_into(out: &mut String, bytes: &[u8], escape: Escape) {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    for &byte in bytes {
        if is_plain(byte) && (byte != b'\\' || escape == Escape::SafeBrowsing) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.extend([byte >> 4, byte & 15].map(|digit| HEX.get(usize::from(digit)).copied().unwrap_or('0')));
        }
    }
}

/// Whether Safe Browsing leaves the octet as it is.
pub(super) fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic() & (byte != b'#') & (byte != b'%')
}

fn hex_octet(high: u8, low: u8) -> Option<u8> {
    Some(hex_digit(high)? << 4 | hex_digit(low)?)
}

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}
