//! Names of a zone: octets, lower case in ASCII and not mapped in any other way, since an owner may be delegated
//! that IDNA would refuse.
//!
//! Three forms: the wire form without the root label, to work with; a sort key, whose plain order is the
//! canonical order of RFC 4034 6.1; and text without the last dot, to show.

use std::fmt::Write;

use compact_str::CompactString;

use super::Fault;
use super::octets::plain_lower;

const MAX_LABEL: usize = 63;
/// 255 octets less the root label.
const MAX_NAME: usize = 254;

/// A name in lower-case wire form, without the root label. A buffer that is used again and again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name(Vec<u8>);

impl Name {
    /// Reads a name in the form of RFC 1035 5.1; a relative one is completed with `origin`.
    ///
    /// # Errors
    /// A [`Fault`] if there cannot be such a name.
    pub fn parse(token: &[u8], origin: Option<&Name>) -> Result<Name, Fault> {
        let mut name = Name::default();
        name.read(token, origin)?;
        Ok(name)
    }

    /// Like [`Name::parse`], into this buffer.
    pub(super) fn read(&mut self, token: &[u8], origin: Option<&Name>) -> Result<(), Fault> {
        self.0.clear();
        match token {
            b"." => return Ok(()),
            b"@" => return self.append(origin),
            b"" => return Err(Fault::EmptyLabel),
            _ => {}
        }
        let mut start = 0;
        self.0.push(0);
        let mut bytes = token.iter();
        while let Some(&byte) = bytes.next() {
            match byte {
                b'.' => {
                    self.close_label(start)?;
                    if bytes.as_slice().is_empty() {
                        return Ok(());
                    }
                    start = self.0.len();
                    self.0.push(0);
                }
                b'\\' => {
                    let (octet, rest) = unescape(bytes.as_slice())?;
                    self.0.push(octet.to_ascii_lowercase());
                    bytes = rest.iter();
                }
                0..=0x1f | 0x7f => return Err(Fault::Control),
                _ => self.0.push(byte.to_ascii_lowercase()),
            }
        }
        self.close_label(start)?;
        self.append(origin)
    }

    /// Like [`Name::read`], of a token that has letters, digits, hyphens and dots only. False for any other,
    /// and for what is no name; then there is no name in this buffer.
    pub(super) fn read_plain(&mut self, token: &[u8], origin: Option<&Name>) -> bool {
        if token.len() > MAX_NAME + 1 {
            return false;
        }
        self.0.clear();
        self.0.resize(token.len() + 1, 0);
        // Where the label begins: in the token, and one octet later here, behind its length.
        let mut start = 0;
        let mut one = |name: &mut [u8], at: usize, octets: &[u8]| {
            let mut word = [b'a'; 8];
            let Some(filled) = word.get_mut(..octets.len()) else { return false };
            filled.copy_from_slice(octets);
            let Some((lower, dots)) = plain_lower(word) else { return false };
            let (Some(place), Some(lower)) =
                (name.get_mut(at + 1..at + 1 + octets.len()), lower.get(..octets.len()))
            else {
                return false;
            };
            place.copy_from_slice(lower);
            for dot in dots {
                let length = at + dot - start;
                let (1..=MAX_LABEL, Some(place)) = (length, name.get_mut(start)) else { return false };
                *place = length as u8;
                start = at + dot + 1;
            }
            true
        };
        let (words, rest) = token.as_chunks::<8>();
        let are_plain = words.iter().zip((0..).step_by(8)).all(|(word, at)| one(&mut self.0, at, word));
        if !are_plain || !one(&mut self.0, words.len() * 8, rest) {
            return false;
        }
        if start == token.len() {
            // The last dot stands where the root label would.
            self.0.pop();
            return start > 1 && self.0.len() <= MAX_NAME;
        }
        self.set_length(start, token.len() - start).is_ok() && self.append(origin).is_ok()
    }

    fn set_length(&mut self, start: usize, length: usize) -> Result<(), Fault> {
        if length == 0 {
            return Err(Fault::EmptyLabel);
        }
        if length > MAX_LABEL {
            return Err(Fault::LongLabel);
        }
        if let (Some(place), Ok(length)) = (self.0.get_mut(start), u8::try_from(length)) {
            *place = length;
        }
        Ok(())
    }

    /// Reads wire form with the root label, as in RFC 3597 data; gives what follows it.
    pub(super) fn read_wire<'a>(&mut self, mut wire: &'a [u8]) -> Result<&'a [u8], Fault> {
        self.0.clear();
        loop {
            let (&length, rest) = wire.split_first().ok_or(Fault::GenericData)?;
            if length == 0 {
                return Ok(rest);
            }
            let length = usize::from(length);
            let label = rest.get(..length).filter(|_| length <= MAX_LABEL).ok_or(Fault::GenericData)?;
            self.0.extend_from_slice(&wire[..1]);
            self.0.extend(label.iter().map(u8::to_ascii_lowercase));
            if self.0.len() > MAX_NAME {
                return Err(Fault::LongName);
            }
            wire = rest.get(length..).unwrap_or_default();
        }
    }

    /// Reads labels from left to right, with or without the root.
    pub(super) fn read_labels<'l>(&mut self, labels: impl Iterator<Item = &'l [u8]>) -> Result<(), Fault> {
        self.0.clear();
        for label in labels.filter(|label| !label.is_empty()) {
            let length = u8::try_from(label.len()).ok().filter(|length| usize::from(*length) <= MAX_LABEL);
            self.0.push(length.ok_or(Fault::LongLabel)?);
            self.0.extend(label.iter().map(u8::to_ascii_lowercase));
            if self.0.len() > MAX_NAME {
                return Err(Fault::LongName);
            }
        }
        Ok(())
    }

    /// The wire form without the root label.
    pub(super) fn labels_wire(&self) -> &[u8] {
        &self.0
    }

    /// The wire form with the root label.
    pub(super) fn wire(&self) -> Vec<u8> {
        let mut wire = self.0.clone();
        wire.push(0);
        wire
    }

    fn close_label(&mut self, start: usize) -> Result<(), Fault> {
        self.set_length(start, self.0.len() - start - 1)?;
        if self.0.len() > MAX_NAME { Err(Fault::LongName) } else { Ok(()) }
    }

    fn append(&mut self, origin: Option<&Name>) -> Result<(), Fault> {
        self.0.extend_from_slice(&origin.ok_or(Fault::NoOrigin)?.0);
        if self.0.len() > MAX_NAME { Err(Fault::LongName) } else { Ok(()) }
    }

    /// The labels from left to right.
    pub fn labels(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = self.0.as_slice();
        std::iter::from_fn(move || {
            let (&length, after) = rest.split_first()?;
            let (label, after) = after.split_at_checked(usize::from(length))?;
            rest = after;
            Some(label)
        })
    }

    /// Whether this name is `apex` or lies below it.
    #[must_use]
    pub fn is_at_or_below(&self, apex: &Name) -> bool {
        // A suffix of the wire form that begins where a label begins.
        let Some(mut skip) = self.0.len().checked_sub(apex.0.len()) else { return false };
        if !self.0.ends_with(&apex.0) {
            return false;
        }
        let mut rest = self.0.as_slice();
        while skip > 0 {
            let length = rest.first().map_or(usize::MAX, |&length| usize::from(length) + 1);
            let Some(fewer) = skip.checked_sub(length) else { return false };
            skip = fewer;
            rest = rest.get(length..).unwrap_or_default();
        }
        true
    }

    /// Appends the sort key: labels from the right, each closed by 0, so that a shorter label comes first; an
    /// octet 0 or 1 in a label is written as 1 and its double successor. Plain byte order is canonical order.
    pub fn push_key(&self, key: &mut Vec<u8>) {
        let mut starts = [0u8; 128];
        let mut count = 0;
        let mut at = 0;
        while let (Some(&length), Some(place)) = (self.0.get(at), starts.get_mut(count)) {
            *place = u8::try_from(at).unwrap_or(u8::MAX);
            count += 1;
            at += usize::from(length) + 1;
        }
        for &start in starts.iter().take(count).rev() {
            let start = usize::from(start);
            let length = usize::from(self.0.get(start).copied().unwrap_or_default());
            let label = self.0.get(start + 1..=start + length).unwrap_or_default();
            if label.iter().all(|&octet| octet > 1) {
                key.extend_from_slice(label);
            } else {
                for &octet in label {
                    match octet {
                        0 | 1 => key.extend_from_slice(&[1, octet + 1]),
                        _ => key.push(octet),
                    }
                }
            }
            key.push(0);
        }
    }

    /// The sort key.
    #[must_use]
    pub fn key(&self) -> Vec<u8> {
        let mut key = Vec::with_capacity(self.0.len());
        self.push_key(&mut key);
        key
    }

    /// Appends the text: without the last dot, the root being `.`; what is neither letter, digit, hyphen nor
    /// underscore is escaped as in RFC 1035 where it would be read otherwise.
    pub fn push_text(&self, text: &mut impl Write) {
        push_text(self.labels(), text);
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> CompactString {
        let mut text = CompactString::default();
        self.push_text(&mut text);
        text
    }
}

/// The text of the name with a wire form, without the root label.
pub(super) fn text_of_wire(wire: &[u8]) -> CompactString {
    Name(wire.to_vec()).text()
}

/// The text of the name with a sort key.
#[must_use]
pub fn text_of_key(key: &[u8]) -> CompactString {
    let key = key.strip_suffix(&[0]).unwrap_or(key);
    let mut text = CompactString::default();
    if key.is_empty() {
        push_text(std::iter::empty(), &mut text);
    } else if key.contains(&1) {
        let labels: Vec<Vec<u8>> = key.rsplit(|&octet| octet == 0).map(plain).collect();
        push_text(labels.iter().map(Vec::as_slice), &mut text);
    } else {
        push_text(key.rsplit(|&octet| octet == 0), &mut text);
    }
    text
}

/// Takes back what [`Name::push_key`] does to the octets 0 and 1.
fn plain(label: &[u8]) -> Vec<u8> {
    let mut octets = label.iter();
    let mut label = Vec::new();
    while let Some(&octet) = octets.next() {
        label.push(if octet == 1 { octets.next().map_or(1, |&next| next.saturating_sub(1)) } else { octet });
    }
    label
}

fn push_text<'a>(labels: impl Iterator<Item = &'a [u8]>, text: &mut impl Write) {
    // Writing to a string does not fail.
    let mut any = false;
    for label in labels {
        if any {
            let _ = text.write_char('.');
        }
        any = true;
        if let (true, Ok(label)) = (label.iter().all(|&octet| is_plain(octet)), std::str::from_utf8(label)) {
            let _ = text.write_str(label);
            continue;
        }
        for &octet in label {
            let _ = match octet {
                b'.' | b'\\' | b'"' | b'(' | b')' | b';' | b'@' | b'$' => write!(text, "\\{}", char::from(octet)),
                0x21..=0x7e => text.write_char(char::from(octet)),
                _ => write!(text, "\\{octet:03}"),
            };
        }
    }
    if !any {
        let _ = text.write_char('.');
    }
}

fn is_plain(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || octet == b'-' || octet == b'_'
}

/// What follows a backslash: three digits, or any one character.
fn unescape(rest: &[u8]) -> Result<(u8, &[u8]), Fault> {
    match rest {
        [a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', rest @ ..] => {
            let number = u16::from(a - b'0') * 100 + u16::from(b - b'0') * 10 + u16::from(c - b'0');
            u8::try_from(number).map(|octet| (octet, rest)).map_err(|_| Fault::Escape)
        }
        [b'0'..=b'9', ..] | [] => Err(Fault::Escape),
        [octet, rest @ ..] => Ok((*octet, rest)),
    }
}
