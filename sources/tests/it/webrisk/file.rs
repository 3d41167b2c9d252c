//! The lists in a file: whole, or as if there were none.

use std::fs;
use std::sync::Arc;

use panopticon_model::time::Epoch;
use panopticon_sources::webrisk::hash::Prefix;
use panopticon_sources::webrisk::prefixes::{self, Lists, ThreatList};
use panopticon_sources::webrisk::{Entries, ThreatType};
use proptest::prelude::*;

fn list(prefixes: &[&[u8]], version: &[u8]) -> Arc<ThreatList> {
    Arc::new(ThreatList {
        prefixes: prefixes.iter().map(|prefix| Prefix::new(prefix).unwrap()).collect(),
        version: version.to_vec(),
        due_at: Epoch(1_700_000_000_000),
        counts_until: Epoch(1_700_000_000_001),
        failures: 3,
    })
}

fn lists() -> Lists {
    Lists::from([
        (ThreatType::Malware, list(&[b"aaaa", b"bbbb", b"bbbbb", &[0xff; 32]], b"v1")),
        (ThreatType::UnwantedSoftware, list(&[], b"")),
    ])
}

#[test]
fn what_is_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lists");
    assert_eq!(prefixes::read(&path, Entries::MOST), Lists::new(), "no file");
    for lists in [lists(), Lists::new(), lists()] {
        prefixes::write(&path, &lists).unwrap();
        assert_eq!(prefixes::read(&path, Entries::MOST), lists);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left aside");
}

#[test]
fn a_damaged_file_is_an_empty_database() {
    let bytes = prefixes::encode(&lists()).unwrap();
    assert_eq!(prefixes::decode(&bytes, Entries::MOST), Some(lists()));
    for end in 0..bytes.len() {
        assert_eq!(prefixes::decode(&bytes[..end], Entries::MOST), None, "up to {end}");
        let mut flipped = bytes.clone();
        flipped[end] ^= 1;
        assert_eq!(prefixes::decode(&flipped, Entries::MOST), None, "{end} flipped");
    }
    assert_eq!(prefixes::decode(&[bytes.as_slice(), b"x"].concat(), Entries::MOST), None);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lists");
    fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    assert_eq!(prefixes::read(&path, Entries::MOST), Lists::new());
    assert_eq!(prefixes::read(folder.path(), Entries::MOST), Lists::new(), "a folder");
}

#[test]
fn lists_are_no_larger_than_they_may_be() {
    let many: Vec<[u8; 4]> = (0..1025u32).map(u32::to_be_bytes).collect();
    let many: Vec<&[u8]> = many.iter().map(<[u8; 4]>::as_slice).collect();
    let most = Entries::new(1024).unwrap();
    for (count, fits) in [(1024, true), (1025, false)] {
        let lists = Lists::from([(ThreatType::Malware, list(&many[..count], b"v1"))]);
        let bytes = prefixes::encode(&lists).unwrap();
        assert_eq!(prefixes::decode(&bytes, most).is_some(), fits);
        assert!(prefixes::decode(&bytes, Entries::MOST).is_some());
    }
}

#[test]
fn a_file_that_cannot_be_written_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none/lists");
    let error = prefixes::write(&path, &lists()).unwrap_err();
    assert_eq!(error.path, path);
}

/// A file whose checksum is right and whose content may be anything.
fn sealed(body: &[u8]) -> Vec<u8> {
    [b"panopticon webrisk 1\n".as_slice(), blake3::hash(body).as_bytes(), body].concat()
}

#[test]
fn a_file_of_wrong_content_is_an_empty_database() {
    type Row<'a> = (&'a str, &'a [u8], u64, u64, u8, &'a [u8], Vec<&'a [u8]>);
    fn check(rows: &[Row<'_>], fits: bool) {
        let file = sealed(&postcard::to_stdvec(rows).unwrap());
        assert_eq!(prefixes::decode(&file, Entries::MOST).is_some(), fits, "{rows:?}");
    }
    let row = |threat_type, short, long| -> Row<'_> { (threat_type, b"v", 1, 2, 0, short, long) };
    check(&[], true);
    assert_eq!(prefixes::decode(&sealed(&[0]), Entries::MOST), Some(Lists::new()));
    assert_eq!(prefixes::decode(&sealed(&[0, 0]), Entries::MOST), None, "something follows");
    check(&[row("MALWARE", b"aaaabbbb", vec![b"bbbbb"])], true);
    check(&[row("RUDENESS", b"", vec![])], false);
    check(&[row("MALWARE", b"", vec![]), row("MALWARE", b"", vec![])], false);
    check(&[row("MALWARE", b"aaaab", vec![])], false);
    check(&[row("MALWARE", b"bbbbaaaa", vec![])], false);
    check(&[row("MALWARE", b"aaaaaaaa", vec![])], false);
    check(&[row("MALWARE", b"", vec![b"aaa"])], false);
    check(&[row("MALWARE", b"", vec![b"aaaa"])], false);
    check(&[row("MALWARE", b"", vec![&[1; 33]])], false);
    check(&[row("MALWARE", b"", vec![b"bbbbb", b"aaaaa"])], false);
    check(&[row("MALWARE", b"", vec![b"aaaaa", b"aaaaa"])], false);
}

proptest! {
    #[test]
    fn no_content_is_too_odd(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = prefixes::decode(&sealed(&body), Entries::MOST);
        let _ = prefixes::decode(&body, Entries::MOST);
    }
}
