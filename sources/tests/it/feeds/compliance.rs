//! What every format has to stand: run over the registry, so that a new format is tested by being entered in it.

use std::collections::BTreeSet;
use std::io::Read;

use panopticon_model::name::Places;
use panopticon_sources::feeds::snapshot::{MORE, Snapshot, read_snapshot, whole_feed};
use panopticon_sources::feeds::{FORMATS, Limits, SnapshotError};
use proptest::prelude::*;

use super::world::{feed, files, long_line, places, read, read_in_chunks, read_limited, spec};

/// Every fixture and every nasty file of a format.
fn samples(format: &str) -> Vec<(String, Vec<u8>)> {
    let mut samples = files(format);
    samples.extend(files(&format!("corpus/{format}")));
    assert!(samples.len() > 10, "{format} has fixtures and a corpus");
    samples
}

/// A result that can be compared.
fn outcome(result: Result<Snapshot, SnapshotError>) -> Result<Snapshot, String> {
    result.map_err(|error| error.to_string())
}

#[test]
fn ids_are_unique_and_found() {
    let ids: BTreeSet<&str> = FORMATS.iter().map(|format| format.id).collect();
    assert_eq!(ids.len(), FORMATS.len());
    for format in FORMATS {
        assert_eq!(panopticon_sources::feeds::Format::from_id(format.id).map(|found| found.id), Some(format.id));
        assert!(!format.removals.is_empty() && !format.licence.is_empty(), "{} says it all", format.id);
    }
}

#[test]
fn counts_add_up() {
    for format in FORMATS {
        for (name, bytes) in files(format.id) {
            let snapshot = read(format.id, &bytes).unwrap();
            assert!(snapshot.rows > 0, "{name}");
            assert_eq!(snapshot.rows, snapshot.kept() + snapshot.out_of_scope + snapshot.duplicates, "{name}");
            assert!(snapshot.claims.is_sorted_by(|(a, _), (b, _)| a < b), "{name}");
            assert!(snapshot.errors.keys().all(|key| key.source == feed()), "{name}");
            assert!(u64::try_from(snapshot.errors.len()).unwrap() <= snapshot.faulty, "{name}");
        }
    }
}

#[test]
fn the_cut_of_the_bytes_does_not_matter() {
    for format in FORMATS {
        for (name, bytes) in samples(format.id) {
            let whole = outcome(read(format.id, &bytes));
            for size in [1, 2, 3, 7, 64, 4096] {
                assert_eq!(outcome(read_in_chunks(format.id, &bytes, size)), whole, "{name} in {size}");
            }
        }
    }
}

#[test]
fn line_ends_and_byte_order_mark_do_not_matter() {
    for format in FORMATS {
        for (name, bytes) in files(format.id) {
            let expect = outcome(read(format.id, &bytes));
            let text = String::from_utf8(bytes).unwrap().replace("\r\n", "\n");
            let variants =
                [text.clone(), text.replace('\n', "\r\n"), text.trim_end().to_owned(), format!("\u{FEFF}{text}")];
            for variant in variants {
                let found = read(format.id, variant.as_bytes());
                // Without the last line end the last row may break off.
                if !matches!(found, Err(SnapshotError::Truncated(_))) {
                    assert_eq!(outcome(found), expect, "{name}");
                }
            }
        }
    }
}

#[test]
fn every_beginning_is_read_or_refused() {
    for format in FORMATS {
        for (name, bytes) in samples(format.id) {
            for end in 0..bytes.len() {
                let found = read(format.id, &bytes[..end]);
                if name.contains('.') {
                    assert!(matches!(found, Ok(_) | Err(SnapshotError::Truncated(_))), "{name} up to {end}");
                }
            }
        }
    }
}

#[test]
fn what_is_no_list_is_refused() {
    for format in FORMATS {
        let refused = |bytes: &[u8]| read(format.id, bytes).unwrap_err();
        assert!(matches!(refused(b"<!DOCTYPE html>\n<html><body>log in"), SnapshotError::Html));
        assert!(matches!(refused(b"\n\n  <html>"), SnapshotError::Html));
        assert!(matches!(refused(b"\x1f\x8b\x08\x00\x00\x00"), SnapshotError::Packed("gzip")));
        assert!(matches!(refused(b"PK\x03\x04\x14"), SnapshotError::Packed("zip")));
        assert!(matches!(refused(b"http://a.xx/\nab\0c\n"), SnapshotError::Binary));
        assert!(matches!(refused(&b"\xe9\xe8\xff\n".repeat(100)), SnapshotError::Binary));
    }
}

#[test]
fn nothing_is_an_empty_snapshot() {
    for format in FORMATS {
        for bytes in [&b""[..], b"\n", b"\r\n\r\n", b"\xef\xbb\xbf", b"# only a comment"] {
            assert_eq!(read(format.id, bytes).unwrap(), Snapshot::default(), "{}", format.id);
        }
    }
}

#[test]
fn a_long_line_costs_itself_only() {
    for format in FORMATS {
        let (name, mut bytes) = files(format.id).swap_remove(0);
        let before = read(format.id, &bytes).unwrap();
        bytes.extend_from_slice(&b"x".repeat(1 << 20));
        bytes.extend_from_slice(b"\n# end\n");
        let after = read(format.id, &bytes).unwrap();
        assert_eq!((after.claims, after.faulty), (before.claims, before.faulty + 1), "{name}");
        let error = after.errors.values().find(|error| error.message.contains("65536")).unwrap();
        assert_eq!(error.sample.len(), 200);

        // Far longer than anything that would be held: it streams by.
        let endless = read_snapshot(&spec(format.id), &mut long_line(1 << 26), &places(), &Limits::default());
        assert_eq!(endless.unwrap().faulty, 1);
    }
}

#[test]
fn caps_are_honoured() {
    let limits = Limits { max_line_bytes: 100, max_rows: 30, max_errors: 10 };
    for format in FORMATS {
        let faulty = |n: usize| (0..n).map(|n| format!("http://www..xx/{n}\n")).collect::<String>();
        let snapshot = read_limited(format.id, faulty(25).as_bytes(), &limits).unwrap();
        assert_eq!((snapshot.faulty, snapshot.errors.len()), (25, 11), "{}", format.id);
        let more = &snapshot.errors[&whole_feed(&feed(), MORE)];
        assert_eq!((more.line_number, more.message.as_str()), (0, "15 more lines cannot be read"));
        let first = snapshot.refuse_without_row().unwrap_err().to_string();
        assert!(first.starts_with("not one of 25 lines can be read, line 1: "), "{}: {first}", format.id);
        let refused = read_limited(format.id, faulty(31).as_bytes(), &limits).unwrap_err();
        assert!(matches!(refused, SnapshotError::TooManyRows(30)), "{}", format.id);
        let at_the_cap = format!("{}\r\n", "x".repeat(100));
        let over = format!("{}\n", "x".repeat(101));
        let message = |text: &str| {
            let errors = read_limited(format.id, text.as_bytes(), &limits).unwrap().errors;
            errors.values().next().unwrap().message.to_string()
        };
        assert!(!message(&at_the_cap).contains("longer than 100"), "{}", format.id);
        assert!(message(&over).contains("longer than 100"), "{}", format.id);
    }
}

#[test]
fn samples_hold_no_mail_address() {
    for format in FORMATS {
        for (name, bytes) in samples(format.id) {
            for error in read(format.id, &bytes).map(|snapshot| snapshot.errors).unwrap_or_default().values() {
                assert!(!error.sample.contains("jane.doe") && !error.message.contains("jane.doe"), "{name}");
                assert!(error.sample.chars().count() <= 200, "{name}");
            }
        }
    }
}

#[test]
fn a_read_that_fails_refuses_the_snapshot() {
    struct Fails;
    impl Read for Fails {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the line was cut"))
        }
    }
    for format in FORMATS {
        let mut input = std::io::BufReader::new(b"http://a.xx/\n".chain(Fails));
        let found = read_snapshot(&spec(format.id), &mut input, &places(), &Limits::default());
        assert!(matches!(found, Err(SnapshotError::Io(_))), "{}", format.id);
    }
}

fn garbage() -> impl Strategy<Value = Vec<u8>> {
    const WORDS: &[&[u8]] = &[
        b"http://",
        b"\"",
        b",",
        b"\n",
        b"\r\n",
        b"#",
        b"a.xx",
        b"/",
        b"\xff",
        b"online",
        b"2026-01-01 00:00:00",
        b"@",
        b"[",
        b"]",
        b"%00",
        b" ",
        b"# id,dateadded,url\n",
        b"\"1\",\"2026-01-01 00:00:00\",\"http://a.xx/\",",
    ];
    let word = prop::sample::select(WORDS);
    let words = prop::collection::vec(word, 0..60).prop_map(|words| words.concat());
    prop_oneof![words, prop::collection::vec(any::<u8>(), 0..400)]
}

proptest! {
    #[test]
    fn garbage_is_read_or_refused_however_it_is_cut(bytes in garbage(), size in 1_usize..40) {
        for format in FORMATS {
            let found = outcome(read(format.id, &bytes));
            if let Ok(snapshot) = &found {
                prop_assert_eq!(snapshot.rows, snapshot.kept() + snapshot.out_of_scope + snapshot.duplicates);
            }
            prop_assert_eq!(outcome(read_in_chunks(format.id, &bytes, size)), found);
        }
    }
}

#[test]
fn without_places_nothing_is_in_scope() {
    let list = panopticon_model::name::SuffixList::parse("xx\nexample\nco.xx\n").unwrap();
    let nowhere = Places::new(list, Vec::new());
    let (_, bytes) = files("openphish-txt").swap_remove(0);
    let snapshot = read_snapshot(&spec("openphish-txt"), &mut &bytes[..], &nowhere, &Limits::default()).unwrap();
    let ours = snapshot.claims.iter().filter(|(_, claim)| claim.observable.place.tld() != "_").count();
    assert_eq!(ours, 0, "only addresses are kept");
}
