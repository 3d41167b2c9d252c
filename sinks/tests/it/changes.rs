//! Change files: appended, repaired, never rewritten.

use std::fs;

use panopticon_sinks::{SinkError, changes};

use crate::world::{tlds, world};

#[test]
fn a_crash_before_the_seal_is_repaired_by_the_same_bytes() {
    let (out, tlds) = (tempfile::tempdir().unwrap(), tlds());
    let world = world(false);
    let publication = world.publication(out.path(), &tlds);
    let path = changes::path(out.path(), "xx", world.day);
    let first = publication.append_changes("xx", 0, &world.daily[..2]).unwrap();
    let second = publication.append_changes("xx", first, &world.daily[2..]).unwrap();
    let bytes = fs::read(&path).unwrap();
    assert_eq!(bytes.len() as u64, second);

    fs::write(&path, [&bytes[..], b"{\"torn"].concat()).unwrap();
    assert_eq!(publication.append_changes("xx", first, &world.daily[2..]).unwrap(), second);
    assert_eq!(fs::read(&path).unwrap(), bytes);

    fs::write(&path, &bytes[..5]).unwrap();
    let cut = publication.append_changes("xx", first, &[]);
    assert!(matches!(cut, Err(SinkError::Cut { found: 5, .. })), "{cut:?}");
}

#[test]
fn a_line_says_it_all() {
    let (out, tlds) = (tempfile::tempdir().unwrap(), tlds());
    let world = world(true);
    world.publication(out.path(), &tlds).append_changes("xx", 0, &world.daily).unwrap();
    let text = fs::read_to_string(changes::path(out.path(), "xx", world.day)).unwrap();
    insta::assert_snapshot!(text);
}
