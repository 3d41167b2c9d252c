//! Files that are torn, foreign or changed: refused, and none of them with a panic.

use std::fs;

use arke::records::{RecordsError, Row, read, scan};

use crate::golden;

fn check(change: impl Fn(&str) -> String) -> RecordsError {
    let text = fs::read_to_string(golden()).unwrap();
    let changed = change(&text);
    assert_ne!(text, changed);
    read(changed.as_bytes()).unwrap_err()
}

#[test]
fn the_golden_file_is_read() {
    let text = fs::read(golden()).unwrap();
    let records = read(text.as_slice()).unwrap();
    assert_eq!((records.head.tld.as_str(), records.head.day.to_string().as_str()), ("xx", "2026-11-23"));
    assert_eq!(records.entries.len(), 5);
    let mut observables = Vec::new();
    let each = &mut |row: &Row<'_>| {
        observables.extend((row.table() == "indicators").then(|| row.text("observable").unwrap().to_owned()));
        Ok(())
    };
    scan(text.as_slice(), each).unwrap();
    assert!(observables.iter().any(|text| text == "http://login.bank-it.xx/it's/?to=[email]&x=';--"));
}

#[test]
fn every_torn_file_is_refused() {
    let text = fs::read(golden()).unwrap();
    for length in 0..text.len() - 1 {
        assert!(read(&text[..length]).is_err(), "{length}");
    }
}

#[test]
fn every_changed_octet_is_refused() {
    let text = fs::read(golden()).unwrap();
    let inserts = String::from_utf8(text.clone()).unwrap().find("INSERT").unwrap();
    for at in inserts..text.len() - 1 {
        let mut changed = text.clone();
        // Blank and line feed are the same between tokens; every other pair of octets differs.
        changed[at] = if matches!(text[at], b' ' | b'\n') { b'x' } else { b'!' };
        assert!(
            read(changed.as_slice()).is_err(),
            "{at}: {}",
            String::from_utf8_lossy(&changed[at.saturating_sub(40)..=at])
        );
    }
}

#[test]
fn what_is_said_of_them() {
    assert!(matches!(check(|s| s.replace("COMMIT;", "")), RecordsError::Torn));
    assert!(matches!(check(|s| s.replace("COMMIT;", "ATTACH 'x' AS y;")), RecordsError::Foreign { .. }));
    assert!(matches!(check(|s| format!("{s}DROP TABLE cases;")), RecordsError::Foreign { .. }));
    assert!(matches!(check(|s| s.replace("'evil.xx'", "(SELECT 1)")), RecordsError::Foreign { .. }));
    assert!(matches!(check(|s| s.replace("('1.4'", "('2.0'")), RecordsError::Version { .. }));
    assert!(matches!(check(|s| s.replace("('1.4'", "('1.5'")), RecordsError::Digest { .. }));
    assert!(matches!(check(|s| s.replace("evil.xx", "good.xx")), RecordsError::Digest { .. }));
    assert!(matches!(check(|s| s.replace("evil.xx", "\u{e9}vil.xx")), RecordsError::NotPlain { line: 178, .. }));
    assert!(matches!(check(|s| s.replace(",3,5,6,", ",3,4,6,")), RecordsError::Count { stated: 4, found: 5, .. }));
}
