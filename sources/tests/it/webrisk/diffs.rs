//! Diffs: a table of lists, answers and what comes of them, and random lists against the server's way of comparing.
//!
//! A row of `webrisk_diffs.jsonl` has the prefixes before, in hexadecimal, the answer as the API writes it, and the
//! prefixes after it or the error. Rows that begin with `google` have the inputs and outputs of the tests of the
//! Apache-2.0 client <https://github.com/google/webrisk>, in JSON in place of protobuf.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use panopticon_model::time::Epoch;
use panopticon_sources::webrisk::prefixes::{DiffError, Prefixes};
use panopticon_sources::webrisk::{Entries, api, hash::Prefix};
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{hex, rice};

/// The prefixes of a list, sorted.
pub(super) type List = BTreeSet<Vec<u8>>;

const TABLE: &str = include_str!("../../data/webrisk_diffs.jsonl");

/// The answer that leads from `old`, or from nothing, to `new`.
pub(super) fn compute_diff(old: Option<&List>, new: &List, packed: bool) -> Value {
    let nothing = List::new();
    let before = old.unwrap_or(&nothing);
    let removed: Vec<u32> =
        (0..).zip(before).filter(|(_, prefix)| !new.contains(*prefix)).map(|(place, _)| place).collect();
    let mut by_length: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
    let mut numbers = Vec::new();
    for prefix in new.difference(before) {
        match <[u8; 4]>::try_from(prefix.as_slice()) {
            Ok(short) if packed => numbers.push(u32::from_le_bytes(short)),
            _ => by_length.entry(prefix.len()).or_default().extend(prefix),
        }
    }
    numbers.sort_unstable();
    let raw: Vec<Value> = by_length
        .iter()
        .map(|(length, bytes)| json!({ "prefixSize": length, "rawHashes": STANDARD.encode(bytes) }))
        .collect();
    let checksum = Sha256::digest(new.iter().flatten().copied().collect::<Vec<u8>>());
    let mut answer = json!({
        "responseType": if old.is_some() { "DIFF" } else { "RESET" },
        "additions": { "rawHashes": raw },
        "checksum": { "sha256": STANDARD.encode(checksum) },
    });
    if !numbers.is_empty() {
        answer["additions"]["riceHashes"] = rice_delta(&numbers);
    }
    if !removed.is_empty() {
        answer["removals"] = match packed {
            true => json!({ "riceIndices": rice_delta(&removed) }),
            false => json!({ "rawIndices": { "indices": removed } }),
        };
    }
    answer
}

fn rice_delta(numbers: &[u32]) -> Value {
    // About as many bits as a delta has on average, so that few ones are needed.
    let spread = (numbers.last().unwrap() - numbers[0]) / u32::try_from(numbers.len()).unwrap();
    let parameter = spread.checked_ilog2().unwrap_or(0).clamp(2, 28);
    let (count, data) = rice::encode(numbers, parameter);
    let first = numbers[0].to_string();
    match count {
        0 => json!({ "firstValue": first }),
        _ => {
            json!({ "firstValue": first, "riceParameter": parameter, "entryCount": count, "encodedData": STANDARD.encode(data) })
        }
    }
}

/// Applies an answer, as the client does.
fn apply(before: &Prefixes, answer: &[u8], most: Entries) -> Result<Prefixes, String> {
    let diff = api::diff(answer, most).map_err(|error| error.to_string())?;
    before.apply(&diff, most).map_err(|error| error.to_string())
}

fn prefixes(value: &Value) -> Prefixes {
    let texts = value.as_array().unwrap().iter().map(|text| text.as_str().unwrap());
    texts.map(|text| Prefix::new(&hex(text)).unwrap()).collect()
}

#[test]
fn each_row_of_the_table() {
    let most = Entries::new(1024).unwrap();
    let rows: Vec<Value> = TABLE.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(rows.len() >= 70, "{}", rows.len());
    for row in rows {
        let expected = match row["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(prefixes(&row["after"])),
        };
        let found = apply(&prefixes(&row["before"]), row["answer"].to_string().as_bytes(), most);
        assert_eq!(found, expected, "{}", row["case"]);
    }
}

#[test]
fn what_comes_with_a_diff() {
    let answer = br#" {"responseType":"DIFF","newVersionToken":"djI\u003d","checksum":{"sha256":"47DEQpj8HBSa+\/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
        "recommendedNextDiff":"2026-01-02T03:04:05.678901234Z"}"#;
    let diff = api::diff(answer, Entries::MOST).unwrap();
    assert_eq!(diff.version, b"v2");
    assert_eq!(diff.checksum, Prefixes::default().checksum());
    // The nanoseconds are cut off.
    assert_eq!(diff.next_at, Some("2026-01-02T03:04:05.678Z".parse::<Epoch>().unwrap()));
    assert_eq!(Prefixes::default().apply(&diff, Entries::MOST), Ok(Prefixes::default()));
}

#[test]
fn a_list_as_large_as_asked_for_and_not_larger() {
    let most = Entries::new(1024).unwrap();
    let all: List = (0..1025u32).map(|number| number.to_be_bytes().to_vec()).collect();
    let fits: List = all.iter().take(1024).cloned().collect();
    for packed in [false, true] {
        let full =
            apply(&Prefixes::default(), compute_diff(None, &fits, packed).to_string().as_bytes(), most).unwrap();
        assert_eq!(full.len(), 1024);
        let more = compute_diff(Some(&fits), &all, packed).to_string();
        let diff = api::diff(more.as_bytes(), most).unwrap();
        assert_eq!(full.apply(&diff, most), Err(DiffError::TooMany { entries: 1025, most }));
    }
}

#[test]
fn checksums_of_the_public_tests() {
    for (hashes, checksum) in [
        (&[][..], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (&[b"xxxx", b"yyyy", b"zzzz"], "20ffb2c3e9532153b96b956845381adc06095f8342fa2db1aafba6b0e9594d68"),
        (
            &[b"aaaa", b"bbbb", b"cccc", b"dddd"],
            "147eb9dcde0e090429c01dbf634fd9b69a7f141f005c387a9c00498908499dde",
        ),
    ] {
        let list: Prefixes = hashes.iter().filter_map(|hash| Prefix::new(*hash)).collect();
        assert_eq!(list.checksum().as_slice(), hex(checksum));
    }
}

/// What of a list begins a hash that begins with `start`; the vectors are those of the public tests.
fn check(list: &[&str], start: &str, expected: &[&str]) {
    let list: Prefixes = list.iter().map(|prefix| Prefix::new(prefix.as_bytes()).unwrap()).collect();
    let mut hash = [0; 32];
    hash[..start.len()].copy_from_slice(start.as_bytes());
    let expected: Vec<Prefix> = expected.iter().map(|prefix| Prefix::new(prefix.as_bytes()).unwrap()).collect();
    assert_eq!(list.matching(&hash), expected, "{start}");
}

#[test]
fn what_begins_a_hash() {
    let list = ["aaaa", "bbbbb", "bbbbc"];
    check(&list, "aaaa", &["aaaa"]);
    check(&list, "bbbb", &[]);
    check(&list, "bbbbbbbbb", &["bbbbb"]);
    check(&list, "bbbbcbbbb", &["bbbbc"]);
    let list = ["aaaa", "bbbb"];
    check(&list, "aaaaaaa", &["aaaa"]);
    check(&list, "cccc", &[]);
    let list = ["abcdefgh", "abcdefgi", "abcdefgj"];
    check(&list, "abcdefg", &[]);
    check(&list, "abcdefgh", &["abcdefgh"]);
    check(&list, "abcdefgz", &[]);
    check(&["abcd", "abcde", "abcdea", "abcdef"], "abcdefg", &["abcd", "abcde", "abcdef"]);
    check(&[], "abcd", &[]);
    let (whole, other) = ("abcdefghijklmnopqrstuvwxyzabcdef", "abcdefghijklmnopqrstuvwxyzabcdeg");
    check(&[whole, other], whole, &[whole]);
}

/// Few bytes and lengths, so that prefixes meet and begin one another.
fn entries() -> impl Strategy<Value = List> {
    let byte = prop_oneof![0u8..3, Just(0xff)];
    prop::collection::btree_set(prop::collection::vec(byte, 4..7), 0..40)
}

fn list(entries: &List) -> Prefixes {
    entries.iter().map(|prefix| Prefix::new(prefix).unwrap()).collect()
}

/// JSON of the fields of an answer with anything in them.
fn garbage() -> impl Strategy<Value = Value> {
    const WORDS: &[&str] =
        &["DIFF", "RESET", "AAAA", "AAAAAAAA", "/////w==", "1", "-1", "4294967295", "2026-01-02T03:04:05Z"];
    const FIELDS: &[&str] = &[
        "responseType",
        "additions",
        "rawHashes",
        "prefixSize",
        "riceHashes",
        "firstValue",
        "riceParameter",
        "entryCount",
        "encodedData",
        "removals",
        "rawIndices",
        "indices",
        "riceIndices",
        "newVersionToken",
        "checksum",
        "sha256",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        prop_oneof![0i64..40, any::<i64>()].prop_map(Value::from),
        prop::sample::select(WORDS).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 60, 8, |inner| {
        let object = prop::collection::btree_map(prop::sample::select(FIELDS), inner.clone(), 0..8);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            object.prop_map(|fields| fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn a_diff_leads_to_the_list_of_the_server(old in entries(), new in entries(), packed: bool, reset: bool) {
        let answer = compute_diff(Some(&old).filter(|_| !reset), &new, packed).to_string();
        prop_assert_eq!(apply(&list(&old), answer.as_bytes(), Entries::MOST), Ok(list(&new)));
    }

    #[test]
    fn a_list_is_in_the_order_of_its_bytes_and_finds_what_begins_a_hash(entries in entries(), start in prop::collection::vec(0u8..3, 32)) {
        let list = list(&entries);
        prop_assert!(list.iter().map(|prefix| prefix.as_bytes().to_vec()).eq(entries.iter().cloned()));
        let hash = start.try_into().unwrap();
        let mut expected: Vec<_> = list.iter().filter(|prefix| prefix.begins(&hash)).collect();
        expected.sort_by_key(|prefix| prefix.as_bytes().len());
        prop_assert_eq!(list.matching(&hash), expected);
    }

    #[test]
    fn a_diff_to_another_list_is_refused(old in entries(), other in entries(), new in entries(), packed: bool) {
        prop_assume!(old != other);
        let answer = compute_diff(Some(&old), &new, packed).to_string();
        if let Ok(found) = apply(&list(&other), answer.as_bytes(), Entries::MOST) {
            prop_assert_eq!(found, list(&new), "the checksum is right");
        }
    }

    #[test]
    fn anything_is_applied_or_refused(garbage in garbage(), cut in any::<prop::sample::Index>()) {
        let most = Entries::new(1024).unwrap();
        let text = json!({ "responseType": "RESET", "additions": garbage, "checksum": { "sha256": "" } }).to_string();
        for bytes in [text.as_bytes(), garbage.to_string().as_bytes(), &text.as_bytes()[..cut.index(text.len())]] {
            if let Ok(diff) = api::diff(bytes, most) {
                prop_assert!(diff.additions.len() <= 1024 && diff.removals.len() <= 1024);
            }
        }
    }

    #[test]
    fn no_bytes_are_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = (api::diff(&bytes, Entries::MOST), api::uris(&bytes), api::is_about_key(&bytes));
    }
}
