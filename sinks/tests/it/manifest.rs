//! The manifest of a TLD's folder and its signature: what they say, that others verify them, and that they stay right
//! whatever happens to the files. The golden ones are in `tests/data/signed/`, which the tests of `arke` read.

use std::fs;
use std::path::Path;
use std::process::Command;

use minisign_verify::{PublicKey, Signature};
use panopticon_model::time::Day;
use panopticon_sinks::minisign::SigningKey;
use panopticon_sinks::{manifest, records_sql, retention};

use crate::publication::files;
use crate::world::world;

const KEY: &str = include_str!("../../../datasets/world/signing.key");
const PUBLIC: &str = include_str!("../../../datasets/world/signing.pub");

fn key() -> SigningKey {
    SigningKey::parse(KEY).unwrap()
}

/// Both days, signed.
fn publish(out: &Path) {
    world(false).write_signed(out, Some(&key())).unwrap();
    world(true).write_signed(out, Some(&key())).unwrap();
}

/// The manifest as JSON; its signature must fit.
fn verified(out: &Path, tld: &str) -> serde_json::Value {
    let text = fs::read(manifest::path(out, tld)).unwrap();
    let signature = fs::read_to_string(manifest::signature_path(out, tld)).unwrap();
    let public = PublicKey::decode(PUBLIC).unwrap();
    public.verify(&text, &Signature::decode(&signature).unwrap(), false).unwrap();
    serde_json::from_slice(&text).unwrap()
}

fn names(manifest: &serde_json::Value) -> Vec<&str> {
    manifest["files"].as_array().unwrap().iter().map(|file| file["name"].as_str().unwrap()).collect()
}

#[test]
fn the_manifest_of_the_second_day() {
    let out = tempfile::tempdir().unwrap();
    publish(out.path());
    for path in [manifest::path(out.path(), "xx"), manifest::signature_path(out.path(), "xx")] {
        let golden = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/signed"));
        let golden = golden.join(path.file_name().unwrap());
        let text = fs::read_to_string(path).unwrap();
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&golden, &text).unwrap();
        }
        assert_eq!(text, fs::read_to_string(golden).unwrap(), "set UPDATE_GOLDEN=1 to accept it");
    }
    let manifest = verified(out.path(), "xx");
    assert_eq!(names(&manifest), ["records-2026-11-22.sql", "records-2026-11-23.sql", "records.sql"]);
    for file in manifest["files"].as_array().unwrap() {
        let bytes = fs::read(out.path().join("records/xx").join(file["name"].as_str().unwrap())).unwrap();
        assert_eq!(file["bytes"], bytes.len());
        assert_eq!(file["blake3"], blake3::hash(&bytes).to_hex().as_str());
    }
    assert_eq!(names(&verified(out.path(), "zz")).len(), 3, "a TLD without rows has one too");
}

#[test]
fn minisign_and_sha256sum_agree() {
    if Command::new("minisign").arg("-v").output().is_err() {
        eprintln!("skipped: minisign is not installed");
        return;
    }
    let out = tempfile::tempdir().unwrap();
    publish(out.path());
    let folder = out.path().join("records/xx");
    fs::write(folder.join("signing.pub"), PUBLIC).unwrap();
    let run = |program: &str, arguments: &[&str]| {
        let done = Command::new(program).args(arguments).current_dir(&folder).output().unwrap();
        (done.status.success(), String::from_utf8_lossy(&done.stdout).into_owned())
    };
    // -H: only a signature over the hash will do.
    let verify = ["-V", "-H", "-p", "signing.pub", "-m", "manifest.json"];
    let (fits, said) = run("minisign", &verify);
    assert!(fits && said.contains("tld:xx\tday:2026-11-23\tas_of:2026-11-24T00:00:00.000Z"), "{said}");
    let listed = verified(out.path(), "xx");
    let sums: Vec<String> = listed["files"].as_array().unwrap().iter().map(sum_line).collect();
    fs::write(folder.join("sums"), sums.concat()).unwrap();
    assert!(run("sha256sum", &["--strict", "-c", "sums"]).0);
    // It reads our keys, and signs with them what we verify.
    fs::write(folder.join("new.key"), SigningKey::generate().unwrap().secret_text()).unwrap();
    let new = SigningKey::parse(&fs::read_to_string(folder.join("new.key")).unwrap()).unwrap();
    fs::write(folder.join("new.pub"), new.public_text()).unwrap();
    assert!(run("minisign", &["-S", "-W", "-s", "new.key", "-m", "sums"]).0);
    assert!(run("minisign", &["-V", "-p", "new.pub", "-m", "sums"]).0);
    fs::write(folder.join("manifest.json"), "{}").unwrap();
    assert!(!run("minisign", &verify).0);
}

fn sum_line(file: &serde_json::Value) -> String {
    format!("{}  {}\n", file["sha256"].as_str().unwrap(), file["name"].as_str().unwrap())
}

#[test]
fn a_crash_between_any_two_files_is_repaired_by_doing_it_again() {
    let (calm, first) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    world(false).write_signed(first.path(), Some(&key())).unwrap();
    publish(calm.path());
    let expected = files(calm.path());
    let new = ["records-2026-11-23.sql", "records.sql", "manifest.json", "manifest.json.minisig"];
    for done in 0..=new.len() {
        let out = tempfile::tempdir().unwrap();
        world(false).write_signed(out.path(), Some(&key())).unwrap();
        for name in &new[..done] {
            let path = Path::new("records/xx").join(name);
            fs::write(out.path().join(&path), &expected[&path]).unwrap();
        }
        world(true).write_signed(out.path(), Some(&key())).unwrap();
        assert!(files(out.path()) == expected, "after {done} files");
    }
}

#[test]
fn an_earlier_script_that_was_changed_keeps_the_sums_of_what_was_published() {
    let (calm, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    publish(calm.path());
    world(false).write_signed(out.path(), Some(&key())).unwrap();
    let earlier = records_sql::dated(out.path(), "xx", world(false).day);
    fs::write(&earlier, "DROP TABLE registry;").unwrap();
    world(true).write_signed(out.path(), Some(&key())).unwrap();
    assert_eq!(verified(out.path(), "xx"), verified(calm.path(), "xx"));
    // It is named as long as it is there; and read only where no manifest has named it.
    fs::remove_file(manifest::path(out.path(), "xx")).unwrap();
    world(true).write_signed(out.path(), Some(&key())).unwrap();
    assert_eq!(verified(out.path(), "xx")["files"][0]["bytes"], 20);
    fs::remove_file(earlier).unwrap();
    world(true).write_signed(out.path(), Some(&key())).unwrap();
    assert_eq!(names(&verified(out.path(), "xx")), ["records-2026-11-23.sql", "records.sql"]);
}

#[test]
fn what_lies_in_the_place_of_a_manifest_is_replaced() {
    let calm = tempfile::tempdir().unwrap();
    publish(calm.path());
    let zz = fs::read(manifest::path(calm.path(), "zz")).unwrap();
    for text in [b"".as_slice(), b"{", b"\xff", b"{\"schema\":\"panopticon.manifest/v2\"}", &zz] {
        let out = tempfile::tempdir().unwrap();
        world(false).write_signed(out.path(), Some(&key())).unwrap();
        fs::write(manifest::path(out.path(), "xx"), text).unwrap();
        world(true).write_signed(out.path(), Some(&key())).unwrap();
        assert!(files(out.path()) == files(calm.path()), "{}", text.escape_ascii());
    }
}

#[test]
fn without_a_key_no_earlier_signature_is_left() {
    let out = tempfile::tempdir().unwrap();
    world(false).write_signed(out.path(), Some(&key())).unwrap();
    world(true).write(out.path()).unwrap();
    assert!(manifest::path(out.path(), "xx").exists());
    assert!(!manifest::signature_path(out.path(), "xx").exists());
}

#[test]
fn only_the_last_fourteen_days_are_named() {
    let out = tempfile::tempdir().unwrap();
    let last = world(true).day;
    publish(out.path());
    for back in [13, 14] {
        fs::write(records_sql::dated(out.path(), "xx", last.back(back)), "").unwrap();
    }
    fs::write(records_sql::dated(out.path(), "xx", last.next()), "").unwrap();
    world(true).write_signed(out.path(), Some(&key())).unwrap();
    let named = verified(out.path(), "xx");
    assert_eq!((names(&named).len(), names(&named)[0]), (4, "records-2026-11-10.sql"));
}

#[test]
fn retention_leaves_no_manifest_that_names_what_is_gone() {
    let out = tempfile::tempdir().unwrap();
    publish(out.path());
    let before = |day: &str| retention::expire(out.path(), day.parse::<Day>().unwrap()).unwrap();
    before("2026-11-22");
    assert_eq!(names(&verified(out.path(), "xx")).len(), 3);
    // Only a TLD that is published no longer comes this far.
    before("2026-11-23");
    assert!(!manifest::path(out.path(), "xx").exists() && !manifest::signature_path(out.path(), "xx").exists());
    assert!(records_sql::latest(out.path(), "xx").exists());
}
