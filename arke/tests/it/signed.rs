//! The manifest and its signature: whatever is changed in them is refused, and it is said what.

use std::fs;
use std::path::Path;
use std::process::Command;

use arke::records::signed::Voucher;
use arke::records::{RecordsError, read_signed};

use crate::golden;

const KEY: &str = include_str!("../../../datasets/world/signing.pub");
const MANIFEST: &str = include_str!("../../../sinks/tests/data/signed/manifest.json");
const SIGNATURE: &str = include_str!("../../../sinks/tests/data/signed/manifest.json.minisig");

/// A signed folder as it is fetched.
fn fetched() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(golden(), folder.path().join("records.sql")).unwrap();
    for (name, text) in [("manifest.json", MANIFEST), ("manifest.json.minisig", SIGNATURE), ("signing.pub", KEY)] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// What `arke cases` says of a folder; exit code and stderr.
fn cases(folder: &Path, more: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_arke"));
    command.args(["cases", "--records", "records.sql", "--now", "2026-11-24"]).args(more).current_dir(folder);
    let done = command.output().unwrap();
    assert_eq!(done.status.success(), !done.stdout.is_empty());
    format!("exit {}\n{}", done.status.code().unwrap(), String::from_utf8(done.stderr).unwrap())
}

#[test]
fn what_fits_is_read() {
    let folder = fetched();
    assert_eq!(cases(folder.path(), &["--key", "signing.pub"]), "exit 0\n");
    insta::assert_snapshot!("without_key", cases(folder.path(), &[]));
    fs::remove_file(folder.path().join("manifest.json.minisig")).unwrap();
    assert_eq!(cases(folder.path(), &[]), "exit 0\n", "nothing to verify, nothing to say");
}

#[test]
fn what_does_not_fit_is_named() {
    let other = "untrusted comment: another key\nRWQSwvwsFeFwqOwHWzOtoI4SHuVF0u7SDEq++9aJ15sUGMM6ycyv+SdX\n";
    let mut said = String::new();
    for (name, text) in [
        ("signing.pub", "none"),
        ("signing.pub", other),
        ("manifest.json", "{}"),
        ("manifest.json.minisig", "none"),
        ("records.sql", "COMMIT;\n"),
    ] {
        let folder = fetched();
        fs::write(folder.path().join(name), text).unwrap();
        said.push_str(&format!("{name}: {}\n", cases(folder.path(), &["--key", "signing.pub"])));
    }
    let folder = fetched();
    fs::remove_file(folder.path().join("manifest.json")).unwrap();
    said.push_str(&format!("none: {}\n", cases(folder.path(), &["--key", "signing.pub"])));
    insta::assert_snapshot!("does_not_fit", said);
    // Another name is another file.
    let renamed = fetched();
    let to = renamed.path().join("records-2026-11-22.sql");
    fs::rename(renamed.path().join("records.sql"), &to).unwrap();
    let key = renamed.path().join("signing.pub");
    assert!(matches!(read_signed(&to, &key), Err(RecordsError::Sum { what: "length", .. })));
    let mine = to.with_file_name("mine.sql");
    fs::rename(to, &mine).unwrap();
    assert!(matches!(read_signed(&mine, &key), Err(RecordsError::NotNamed { name }) if name == "mine.sql"));
}

#[test]
fn every_changed_octet_is_refused() {
    let script = fs::read(golden()).unwrap();
    let check = |key: &[u8], manifest: &[u8], signature: &[u8], script: &[u8]| {
        Voucher { key, manifest, signature }.check("records.sql", script)
    };
    let (key, manifest, signature) = (KEY.as_bytes(), MANIFEST.as_bytes(), SIGNATURE.as_bytes());
    check(key, manifest, signature, &script).unwrap();
    for (at, bit) in (0..manifest.len()).map(|at| (at, 1 << (at % 8))) {
        let changed = changed(manifest, at, bit);
        assert!(matches!(check(key, &changed, signature, &script), Err(RecordsError::Signature)), "{at}");
    }
    for at in (0..script.len()).step_by(97) {
        let changed = changed(&script, at, 1);
        let refused = check(key, manifest, signature, &changed);
        assert!(matches!(refused, Err(RecordsError::Sum { what: "SHA-256", .. })), "{at}");
    }
    // The first line of a signature and of a key is a comment that the format does not trust.
    for (at, bit) in covered(SIGNATURE).flat_map(|at| (0..8).map(move |bit| (at, 1 << bit))) {
        let changed = changed(signature, at, bit);
        let refused = check(key, manifest, &changed, &script);
        assert!(matches!(refused, Err(RecordsError::Signature | RecordsError::OtherKey)), "{at} {bit}");
    }
    // A key may say its algorithm, in the first octets, in either of two ways.
    for (at, bit) in covered(KEY).skip(4).flat_map(|at| (0..8).map(move |bit| (at, 1 << bit))) {
        assert!(check(&changed(key, at, bit), manifest, signature, &script).is_err(), "{at} {bit}");
    }
    for length in 0..signature.len() - 1 {
        assert!(check(key, manifest, &signature[..length], &script).is_err(), "{length}");
    }
}

fn changed(text: &[u8], at: usize, bit: u8) -> Vec<u8> {
    let mut changed = text.to_vec();
    changed[at] ^= bit;
    changed
}

/// The octets after the first line, without the last line feed.
fn covered(text: &str) -> std::ops::Range<usize> {
    text.find('\n').unwrap()..text.len() - 1
}
