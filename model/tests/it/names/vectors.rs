//! The public vectors: test_psl.txt against our sample and against the real list, IdnaTestV2 of Unicode.

use std::path::PathBuf;

use panopticon_model::name::{HostName, SuffixList};

use super::sample_list;

/// A file beside the repository: real data that it does not contain.
fn shared(file: &str) -> Option<Vec<u8>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/psl").join(file);
    let bytes = std::fs::read(&path).ok();
    if bytes.is_none() {
        skip(&format!("{} is absent", path.display()));
    }
    bytes
}

#[allow(clippy::print_stderr, reason = "a skipped test says so")]
fn skip(reason: &str) {
    eprintln!("skipped: {reason}");
}

/// One label more than the public suffix, as `checkPublicSuffix` of the vectors asks.
fn registrable(list: &SuffixList, name: &str) -> Option<String> {
    let host = HostName::parse(name).ok()?;
    let suffix = list.public_suffix(&host);
    let below = host.as_str().strip_suffix(suffix)?.strip_suffix('.')?;
    Some(format!("{}.{suffix}", below.rsplit('.').next()?))
}

/// Runs the vectors; gives the numbers of names with and without a registrable domain.
fn run_psl_vectors(list: &SuffixList) -> (usize, usize) {
    let (mut some, mut none) = (0, 0);
    let mut failures = Vec::new();
    for line in include_str!("../../data/test_psl.txt").lines() {
        let Some(arguments) = line.strip_prefix("checkPublicSuffix(").and_then(|rest| rest.strip_suffix(");"))
        else {
            continue;
        };
        let (input, expected) = arguments.split_once(", ").unwrap();
        let unquoted = |text: &str| text.strip_prefix('\'')?.strip_suffix('\'').map(str::to_owned);
        let expected = unquoted(expected).map(|name| HostName::parse(&name).unwrap().to_string());
        let found = registrable(list, &unquoted(input).unwrap_or_default());
        *if expected.is_some() { &mut some } else { &mut none } += 1;
        if found != expected {
            failures.push(format!("{input}: found {found:?}, expected {expected:?}"));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
    (some, none)
}

#[test]
fn psl_vectors_with_our_sample() {
    let (some, none) = run_psl_vectors(&sample_list());
    assert_eq!(some + none, 78, "{some} with a registrable domain, {none} without");
}

#[test]
fn psl_vectors_with_the_real_list() {
    let Some(bytes) = shared("public_suffix_list.2026-08-19.dat") else {
        return;
    };
    let list = SuffixList::parse(&String::from_utf8(bytes).unwrap()).unwrap();
    run_psl_vectors(&list);
    let host = |name: &str| HostName::parse(name).unwrap();
    assert_eq!(list.icann_suffix(&host("x.info.cx")), Some("cx"));
    assert_eq!(list.private_suffix(&host("x.info.cx")), Some("info.cx"));
}

/// Names that `HostName` accepts have the A-label form that Unicode expects. Not compared: lines with an error
/// of UTS #46 other than those that we decide on ourselves (length, hyphens, STD3), and names that we refuse.
#[test]
fn idna_test_v2() {
    let Some(bytes) = shared("IdnaTestV2.txt.zst") else {
        return;
    };
    let text = String::from_utf8(zstd::decode_all(bytes.as_slice()).unwrap()).unwrap();
    let (mut same, mut refused) = (0, 0);
    let mut failures = Vec::new();
    for line in text.lines() {
        let columns: Vec<&str> = line.split('#').next().unwrap_or_default().split(';').map(str::trim).collect();
        let [source, to_unicode, unicode_status, to_ascii, ascii_status, ..] = columns.as_slice() else {
            continue;
        };
        let Some(source) = unescape(source) else {
            continue;
        };
        let status = if ascii_status.is_empty() { unicode_status } else { ascii_status };
        let unicode = if to_unicode.is_empty() { Some(source.clone()) } else { unescape(to_unicode) };
        let expected = if to_ascii.is_empty() { unicode } else { unescape(to_ascii) };
        let Some(expected) = expected else { continue };
        match HostName::parse(&source) {
            Ok(host) if status.trim_matches(['[', ']']).is_empty() => {
                let expected = expected.strip_suffix('.').unwrap_or(&expected);
                if host.as_str() == expected {
                    same += 1;
                } else {
                    failures.push(format!("{source:?}: found {host}, expected {expected}"));
                }
            }
            // Errors that are none to us: length and hyphens (checked by ourselves or a flag), code points that a
            // later Unicode version than the file's allows, and A-labels that do not decode: they keep their bytes.
            Ok(host) => {
                let other = |code: &str| !["A4_1", "A4_2", "V2", "V3", "U1", "P1", "V6"].contains(&code);
                let codes = status.trim_matches(['[', ']']).split([',', ' ']).filter(|code| !code.is_empty());
                if codes.clone().any(other) && !source.is_ascii() {
                    failures.push(format!("{source:?}: accepted as {host} in spite of {status}"));
                }
            }
            Err(_) if status.trim_matches(['[', ']']).is_empty() => {
                refused += 1;
                failures.push(format!("{source:?}: refused, expected {expected}"));
            }
            Err(_) => refused += 1,
        }
    }
    assert!(
        failures.is_empty(),
        "{} failures, first: {:#?}",
        failures.len(),
        failures.iter().take(20).collect::<Vec<_>>()
    );
    assert!(same > 400 && refused > 3000, "compared {same}, refused {refused}");
}

/// `\uXXXX` and `\x{XXXX}` of the file; `None` for a lone surrogate, which no `str` can hold.
fn unescape(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let (digits, after) = if let Some(long) = rest[at..].strip_prefix("\\x{") {
            long.split_once('}')?
        } else {
            rest[at..].strip_prefix("\\u")?.split_at_checked(4)?
        };
        out.push(char::from_u32(u32::from_str_radix(digits, 16).ok()?)?);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}
