//! records.sql: its text, and that nothing in it can break out. The text is in `tests/data/records.sql`, which the
//! tests of `arke` read.

use std::fs;

use panopticon_sinks::records_sql;

use crate::world::world;

#[test]
fn the_script_of_the_second_day() {
    let out = tempfile::tempdir().unwrap();
    world(false).write(out.path()).unwrap();
    let world = world(true);
    world.write(out.path()).unwrap();
    let text = fs::read_to_string(records_sql::latest(out.path(), "xx")).unwrap();
    assert_eq!(text, fs::read_to_string(records_sql::dated(out.path(), "xx", world.day)).unwrap());
    assert!(text.bytes().all(|byte| byte == b'\n' || matches!(byte, b' '..=b'~') && byte != b'\\'));
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/records.sql");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(golden, &text).unwrap();
    }
    assert_eq!(text, fs::read_to_string(golden).unwrap(), "set UPDATE_GOLDEN=1 to accept it");
}

#[test]
fn a_tld_without_rows_has_a_script_too() {
    let out = tempfile::tempdir().unwrap();
    world(false).write(out.path()).unwrap();
    let text = fs::read_to_string(records_sql::latest(out.path(), "zz")).unwrap();
    // Who is protected is protected under every TLD.
    assert_eq!(text.matches("INSERT INTO").count(), 2, "{text}");
}
