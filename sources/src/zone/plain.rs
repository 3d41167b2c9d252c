//! The lines that most zones consist of, read where they lie: no quote, no escape, no parenthesis.
//!
//! What is not quite that is left to the reader of the whole grammar, which says the same of a plain line.

/// What a plain line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plain<'l> {
    /// The owner as it stands there; none if it is that of the record before.
    pub(super) owner: Option<&'l [u8]>,
    /// The type, where it matters.
    pub(super) data: Data<'l>,
}

/// The data of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Data<'l> {
    /// A name server, as it stands there.
    Ns(&'l [u8]),
    Ds,
    Address,
    /// A type that is passed over.
    Other,
}

const BLANK: u8 = 1;
const NAME: u8 = 2;

/// What each octet may be: blank, or part of a plain name.
const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    kinds[b' ' as usize] = BLANK;
    kinds[b'\t' as usize] = BLANK;
    kinds[b'\r' as usize] = BLANK;
    let mut octet = 0;
    while octet < 128 {
        let byte = octet as u8;
        if byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' || byte == b'.' {
            kinds[octet] = NAME;
        }
        octet += 1;
    }
    kinds
};

/// Types of which zones of delegations are full beside those that matter.
const PASSED_OVER: [&[u8]; 7] = [b"RRSIG", b"NSEC3", b"NSEC", b"TXT", b"DNSKEY", b"CNAME", b"MX"];

/// Reads a line without its newline; none if it is not plain.
pub(super) fn plain(line: &[u8]) -> Option<Plain<'_>> {
    let mut rest = line;
    let owner = if matches!(line.first()?, b' ' | b'\t') { None } else { Some(word(&mut rest)?) };
    let (mut ttl, mut class) = (false, false);
    let kind = loop {
        let word = word(&mut rest)?;
        if !ttl && word.first()?.is_ascii_digit() {
            // Units, and numbers that may be too large, are for the whole grammar.
            if word.len() > 9 || !word.iter().all(u8::is_ascii_digit) {
                return None;
            }
            ttl = true;
        } else if !class && word.eq_ignore_ascii_case(b"IN") {
            class = true;
        } else {
            break word;
        }
    };
    let is = |name: &[u8]| kind.eq_ignore_ascii_case(name);
    if is(b"NS") {
        let target = word(&mut rest)?;
        let behind = rest.iter().find(|octet| !is_blank(**octet));
        return behind.is_none_or(|octet| *octet == b';').then_some(Plain { owner, data: Data::Ns(target) });
    }
    let data = if is(b"DS") {
        Data::Ds
    } else if is(b"A") || is(b"AAAA") {
        Data::Address
    } else if PASSED_OVER.iter().any(|name| is(name)) {
        Data::Other
    } else {
        return None;
    };
    let has_data = !rest.iter().all(|octet| is_blank(*octet));
    let is_plain =
        memchr::memchr3(b'(', b')', b';', rest).is_none() && memchr::memchr2(b'"', b'\\', rest).is_none();
    (has_data && is_plain).then_some(Plain { owner, data })
}

/// The next word, behind blanks: all of it plain.
fn word<'l>(rest: &mut &'l [u8]) -> Option<&'l [u8]> {
    let start = rest.iter().position(|octet| !is_blank(*octet))?;
    let from = rest.get(start..)?;
    let end = from.iter().position(|octet| KINDS[usize::from(*octet)] != NAME).unwrap_or(from.len());
    let (word, behind) = from.split_at_checked(end)?;
    if word.is_empty() || behind.first().is_some_and(|octet| !is_blank(*octet)) {
        return None;
    }
    *rest = behind;
    Some(word)
}

fn is_blank(octet: u8) -> bool {
    KINDS[usize::from(octet)] == BLANK
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_plain_and_what_is_not() {
        let ns = |owner: Option<&'static [u8]>| Some(Plain { owner, data: Data::Ns(b"ns1.x.") });
        assert_eq!(plain(b"a.zz.\t3600\tin\tns\tns1.x."), ns(Some(b"a.zz.")));
        assert_eq!(plain(b"a IN 3600 NS ns1.x. \r"), ns(Some(b"a")));
        assert_eq!(plain(b"\tNS ns1.x."), ns(None));
        assert_eq!(plain(b"a NS ns1.x. ; \"c"), ns(Some(b"a")));
        assert_eq!(plain(b"a DS 1 8 2 AA").map(|line| line.data), Some(Data::Ds));
        assert_eq!(plain(b"a AAAA 2001:db8::1").map(|line| line.data), Some(Data::Address));
        assert_eq!(plain(b"a RRSIG NS 8 2 60 1 2 3 a. b/+=").map(|line| line.data), Some(Data::Other));
        for line in [
            "",
            " ",
            "\r",
            "$TTL 1d",
            "@ NS a.",
            "a NS",
            "a NS a. b.",
            "a NS ( a. )",
            "a\\.b NS a.",
            "a 1h NS a.",
            "a 1 1 NS a.",
            "a CH NS a.",
            "a SOA a b 1 1 1 1 1",
            "a DS",
            "a DS 1 ( 8",
            "a TXT \"x\"",
            "a TYPE2 a.",
            "\"a\" NS a.",
            "a 4294967296 NS a.",
            "a NS \\# 0",
            ". NS @",
        ] {
            assert_eq!(plain(line.as_bytes()), None, "{line:?}");
        }
    }
}
