//! E-mail addresses in a URL, made unreadable before the URL is published.
//!
//! Phishing kits write the victim's address into the link, plain, escaped or in base64. The registry must not
//! publish it. What is published of such a URL is the masked text; its id is over the full one.

use std::borrow::Cow;
use std::ops::Range;

use super::escape::{self, Unit};

/// What stands in the place of an address.
const MASK: &str = "[email]";
/// A shorter base64 run cannot hold an address worth the name (`a@bc.de` has ten).
const MIN_BASE64: usize = 12;

/// Replaces every e-mail-like token by `[email]`: in user information (as a whole, with passwords), path, query
/// and fragment; plain, percent-encoded any number of times, or inside a base64 or base64url run of 12 or more
/// characters, wherever in the run it begins.
///
/// An e-mail-like token is `local@domain.tld` with a top level that does not begin with a digit. In doubt it
/// masks. Borrowed when there is nothing to do; applying it twice changes nothing more.
#[must_use]
pub fn mask_mail(text: &str) -> Cow<'_, str> {
    let mut masked = Cow::Borrowed(text);
    // Masking one address can bring another one to light, so again until none is left; each round is shorter
    // in characters that are not a mask.
    while may_hold_mail(masked.as_bytes()) {
        match mask_once(&masked) {
            Some(shorter) => masked = Cow::Owned(shorter),
            None => break,
        }
    }
    masked
}

/// Masks as [`mask_mail`] does, and cuts what is longer than `most` characters. A cut can make an address of what was none,
/// because something stood behind it that no address ends with: what comes out holds none.
#[must_use]
pub fn mask_mail_within(text: &str, most: usize) -> Cow<'_, str> {
    let mut masked = mask_mail(text);
    // A mask may be longer than what it covers, by one character: then once more. Each round covers an address for good.
    while let Some((end, _)) = masked.char_indices().nth(most) {
        masked = Cow::Owned(mask_mail(masked.get(..end).unwrap_or_default()).into_owned());
    }
    masked
}

/// A look at every octet once; nearly all clean URLs end here.
fn may_hold_mail(bytes: &[u8]) -> bool {
    let mut run = 0;
    let mut found = false;
    let mut window = 0_u32;
    for &byte in bytes {
        if let Some(value) = sextet(byte) {
            run += 1;
            window = window << 6 | u32::from(value);
            found |= run >= 4 && [0, 2, 4].iter().any(|shift| is_middle_of_mail(window >> shift));
            if found && run >= MIN_BASE64 {
                return true;
            }
        } else if byte == b'@' || byte == b'%' {
            return true;
        } else {
            run = 0;
            found = false;
        }
    }
    false
}

/// Whether the last three octets are a sign of an address between two octets that can stand there.
fn is_middle_of_mail(octets: u32) -> bool {
    let [after, sign, before, _] = octets.to_le_bytes();
    match sign {
        b'@' => is_local(before) && is_domain(after),
        b'%' => matches!(after, b'4' | b'2'),
        _ => false,
    }
}

/// The octets without which there is no address.
fn is_sign(octet: u8) -> bool {
    octet == b'@' || octet == b'%'
}

/// An unescaped octet and where it stands in the text.
#[derive(Clone, Copy)]
struct Placed {
    octet: u8,
    at: usize,
}

impl Unit for Placed {
    fn octet(self) -> u8 {
        self.octet
    }

    fn with_octet(self, octet: u8) -> Placed {
        Placed { octet, ..self }
    }
}

/// One round; `None` if there is no address.
fn mask_once(text: &str) -> Option<String> {
    let units = escape::unescape(text.bytes().enumerate().map(|(at, octet)| Placed { octet, at }));
    let octets: Vec<u8> = units.iter().map(|unit| unit.octet).collect();
    let user = userinfo(text);
    let host_sign = user.as_ref().map(|user| units.partition_point(|unit| unit.at < user.end));
    let mut ranges = mails(&octets, host_sign);
    ranges.extend(base64_mails(&octets));
    let raw_at = |index: usize| units.get(index).map_or(text.len(), |unit| unit.at);
    let mut ranges: Vec<Range<usize>> =
        ranges.into_iter().map(|range| raw_at(range.start)..raw_at(range.end)).collect();
    ranges.extend(user.filter(|user| text.get(user.clone()) != Some(MASK)));
    if ranges.is_empty() {
        return None;
    }
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    let mut out = String::with_capacity(text.len());
    let mut written = 0;
    for range in ranges {
        if range.start >= written {
            out.push_str(text.get(written..range.start).unwrap_or_default());
            out.push_str(MASK);
        }
        written = written.max(range.end);
    }
    out.push_str(text.get(written..).unwrap_or_default());
    Some(out)
}

/// The user information of a URL with a scheme: what stands between `//` and the last `@` of the authority.
fn userinfo(text: &str) -> Option<Range<usize>> {
    let start = text.find("//")? + 2;
    let scheme = text.get(..start - 2)?;
    if scheme.contains(['/', '\\', '?', '#', '@']) {
        return None;
    }
    let authority = text.get(start..)?.split(['/', '\\', '?', '#']).next()?;
    let end = start + authority.rfind('@')?;
    (end > start).then_some(start..end)
}

/// Every address in plain octets. `host_sign` is the `@` in front of the URL's host, which makes no address.
fn mails(octets: &[u8], host_sign: Option<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut floor = 0;
    for sign in (0..octets.len()).filter(|&at| octets.get(at) == Some(&b'@')) {
        if Some(sign) == host_sign {
            floor = sign + 1;
            continue;
        }
        let local = octets.get(floor..sign).unwrap_or_default();
        let local_len = local.iter().rev().take_while(|&&byte| is_local(byte)).count();
        let local = local.get(local.len() - local_len..).unwrap_or_default();
        let domain = octets.get(sign + 1..).unwrap_or_default();
        let domain_len = domain.iter().take_while(|&&byte| is_domain(byte)).count();
        let domain = domain.get(..domain_len).unwrap_or_default();
        let domain_len = domain.iter().rposition(|byte| !matches!(byte, b'.' | b'-')).map_or(0, |last| last + 1);
        let domain = domain.get(..domain_len).unwrap_or_default();
        if local.iter().any(|&byte| is_letter(byte) || byte.is_ascii_digit()) && has_top_level(domain) {
            floor = sign + 1 + domain_len;
            found.push(sign - local_len..floor);
        }
    }
    found
}

/// Whether there is a dot with something before and a word of two or more octets after it.
fn has_top_level(domain: &[u8]) -> bool {
    domain.iter().rposition(|&byte| byte == b'.').is_some_and(|dot| {
        let top_level = domain.get(dot + 1..).unwrap_or_default();
        dot > 0 && top_level.len() >= 2 && top_level.first().is_some_and(|&byte| is_letter(byte))
    })
}

/// Every stretch of printable text with an address in it, inside base64 runs.
///
/// A run is cut at `+`, `/`, `-` and `_`: in base64 of ASCII text they stand for nothing but `>`, `?` and `~`,
/// while in a URL they mostly part one word from the next.
fn base64_mails(octets: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    while start < octets.len() {
        let rest = octets.get(start..).unwrap_or_default();
        let sextets: Vec<u8> = rest.iter().map_while(|&byte| sextet(byte)).collect();
        let end = start + sextets.len();
        if sextets.len() >= MIN_BASE64 {
            let padding = octets.get(end..).unwrap_or_default().iter().take(2).take_while(|&&byte| byte == b'=');
            let padding = padding.count();
            let mut word_at = start;
            for word in sextets.split(|value| *value >= 62) {
                for range in (0..4).flat_map(|skip| printable_mails(word, skip)) {
                    let range = word_at + range.start..word_at + range.end;
                    found.push(if range.end == end { range.start..end + padding } else { range });
                }
                word_at += word.len() + 1;
            }
        }
        start = end + 1;
    }
    found
}

/// Decodes a word from character `skip` on, and gives the characters of stretches that hold an address.
fn printable_mails(sextets: &[u8], skip: usize) -> Vec<Range<usize>> {
    let mut decoded = Vec::with_capacity(sextets.len());
    let mut bits = 0_u32;
    let mut count = 0;
    for &value in sextets.iter().skip(skip) {
        bits = (bits << 6 | u32::from(value)) & 0xFFFF;
        count += 6;
        if count >= 8 {
            count -= 8;
            decoded.push((bits >> count).to_le_bytes()[0]);
        }
    }
    let mut found = Vec::new();
    let mut at = 0;
    for stretch in decoded.split(|byte| !matches!(byte, b' '..=b'~')) {
        if stretch.iter().any(|&byte| is_sign(byte)) {
            let plain = escape::unescape(stretch.iter().copied());
            if !mails(&plain, None).is_empty() {
                found.push(skip + at * 8 / 6..skip + ((at + stretch.len()) * 8).div_ceil(6));
            }
        }
        at += stretch.len() + 1;
    }
    found
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || !byte.is_ascii()
}

/// What a local part may hold (RFC 5322 atext, the dot, RFC 6531), less the delimiters of a URL.
fn is_local(byte: u8) -> bool {
    is_letter(byte) || byte.is_ascii_digit() || b".!$%'*+^_`{|}~-".contains(&byte)
}

fn is_domain(byte: u8) -> bool {
    is_letter(byte) || byte.is_ascii_digit() || byte == b'.' || byte == b'-'
}

/// The value of a base64 or base64url character, RFC 4648 sections 4 and 5.
fn sextet(byte: u8) -> Option<u8> {
    SEXTETS.get(usize::from(byte)).copied().filter(|value| *value < 64)
}

/// Values by character; 64 for one that is in neither alphabet.
const SEXTETS: [u8; 256] = {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut table = [64; 256];
    let mut value = 0;
    while value < 64 {
        table[alphabet[value as usize] as usize] = value;
        value += 1;
    }
    table[b'-' as usize] = 62;
    table[b'_' as usize] = 63;
    table
};
