//! The lines that most zones consist of, read where they lie: no quote, no escape, no parenthesis.
//!
//! What is not quite that is left to the reader of the whole grammar, which says the same of a plain line.

use super::octets::first_blank;

/// What a plain line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plain<'l> {
    pub(super) owner: Owner<'l>,
    /// The type, where it matters.
    pub(super) data: Data<'l>,
}

/// The owner of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner<'l> {
    /// That of the record before: none stands there.
    Inherited,
    /// That of the record before, which stands there again.
    Same,
    /// As it stands there; whether that is a plain name was not looked at.
    Text(&'l [u8]),
}

/// What stood between owner and name server of the last such record: most records of a zone are written alike.
#[derive(Clone, Debug, Default)]
pub(super) struct Habits {
    named: Vec<u8>,
    inherited: Vec<u8>,
}

/// The data of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Data<'l> {
    /// A name server, as it stands there; whether that is a plain name was not looked at.
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

/// Reads a line without its newline, behind a record whose owner stood there as `before`; none if it is not plain.
#[inline]
pub(super) fn plain<'l>(line: &'l [u8], before: &[u8], habits: &mut Habits) -> Option<Plain<'l>> {
    let is_same = || !before.is_empty() && line.get(before.len()).is_some_and(|octet| is_blank(*octet));
    let (owner, rest) = if matches!(line.first()?, b' ' | b'\t') {
        (Owner::Inherited, line)
    } else if is_same() && line.starts_with(before) {
        (Owner::Same, line.get(before.len()..)?)
    } else if KINDS[usize::from(*line.first()?)] == NAME {
        let (text, rest) = line.split_at_checked(first_blank(line))?;
        (Owner::Text(text), rest)
    } else {
        // A directive, a comment, an empty line, or a name of the whole grammar.
        return None;
    };
    let habit = if owner == Owner::Inherited { &mut habits.inherited } else { &mut habits.named };
    if !habit.is_empty()
        && let Some(target) = rest.strip_prefix(habit.as_slice())
    {
        return name_server(target).map(|data| Plain { owner, data });
    }
    let mut after = rest;
    let data = data(&mut after)?;
    if matches!(data, Data::Ns(_)) {
        habit.clear();
        habit.extend_from_slice(rest.get(..rest.len() - after.len())?);
    }
    Some(Plain { owner, data })
}

/// What stands behind an owner. Of a name server, `rest` is left at its name.
fn data<'l>(rest: &mut &'l [u8]) -> Option<Data<'l>> {
    let (mut ttl, mut class) = (false, false);
    let kind = loop {
        let word = word(rest)?;
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
    let data = if is(b"NS") {
        *rest = rest.trim_ascii_start();
        return name_server(rest);
    } else if is(b"DS") {
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
    (has_data && is_plain).then_some(data)
}

/// A name server that stands at the start of this; behind it there may be a comment.
#[inline]
fn name_server(text: &[u8]) -> Option<Data<'_>> {
    let (target, behind) = text.split_at_checked(first_blank(text))?;
    let behind = behind.iter().find(|octet| !is_blank(**octet));
    (!target.is_empty() && behind.is_none_or(|octet| *octet == b';')).then_some(Data::Ns(target))
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

    fn read(line: &'static [u8]) -> Option<Plain<'static>> {
        plain(line, b"before", &mut Habits::default())
    }

    #[test]
    fn what_is_plain_and_what_is_not() {
        let ns = |owner: Owner<'static>| Some(Plain { owner, data: Data::Ns(b"ns1.x.") });
        assert_eq!(read(b"a.zz.\t3600\tin\tns\tns1.x."), ns(Owner::Text(b"a.zz.")));
        assert_eq!(read(b"a IN 3600 NS ns1.x. \r"), ns(Owner::Text(b"a")));
        assert_eq!(read(b"\tNS ns1.x."), ns(Owner::Inherited));
        assert_eq!(read(b"before NS ns1.x."), ns(Owner::Same));
        assert_eq!(read(b"before.zz NS ns1.x."), ns(Owner::Text(b"before.zz")));
        assert_eq!(read(b"a NS ns1.x. ; \"c"), ns(Owner::Text(b"a")));
        assert_eq!(read(b"a DS 1 8 2 AA").map(|line| line.data), Some(Data::Ds));
        assert_eq!(read(b"a AAAA 2001:db8::1").map(|line| line.data), Some(Data::Address));
        assert_eq!(read(b"a RRSIG NS 8 2 60 1 2 3 a. b/+=").map(|line| line.data), Some(Data::Other));
        for line in [
            "",
            " ",
            "\r",
            "$TTL 1d",
            "@ NS a.",
            ";a NS a.",
            "$INCLUDE NS a.",
            "\\a NS a.",
            "a NS",
            "a NS a. b.",
            "a NS ( a. )",
            "a 1h NS a.",
            "a 1 1 NS a.",
            "a CH NS a.",
            "a SOA a b 1 1 1 1 1",
            "a DS",
            "a DS 1 ( 8",
            "a TXT \"x\"",
            "a TYPE2 a.",
            "a 4294967296 NS a.",
            "a NS \\# 0",
            "a\u{1}NS a.",
            "a NS\u{1}a.",
            "a NS a.\u{1}",
        ] {
            assert_eq!(read(line.as_bytes()), None, "{line:?}");
        }
    }

    #[test]
    fn a_habit_says_what_the_words_say() {
        let mut habits = Habits::default();
        let lines: [&[u8]; 6] =
            [b"a IN NS b.", b"c IN NS d.", b"c IN NS", b" NS e.", b" NS f. g.", b"c IN 3600 NS h. ; i"];
        let said = lines.map(|line| plain(line, b"c", &mut habits));
        assert_eq!(said, lines.map(|line| plain(line, b"c", &mut Habits::default())));
        assert_eq!(said.iter().flatten().count(), 4);
    }
}
