//! The key that signs what is published: how it comes, who may read it, and that it is said when there is none.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use panopticon_datasets::world::{DAYS, SIGNING_KEY};

use crate::common::{assert_same_files, fails, files, live, ok, panopticon, put_day, run_of, settle_world};

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn init_makes_a_key_that_only_its_owner_may_read() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    ok(panopticon(folder).args(["init", "xx"]));
    let secret = std::fs::read(folder.join("signing.key")).unwrap();
    assert_eq!((mode(&folder.join("signing.key")), mode(&folder.join("panopticon.toml"))), (0o600, 0o644));
    let shown = ok(panopticon(folder).args(["config", "show"]));
    assert!(shown.contains("signing_key = \"signing.key\""), "{shown}");
    let octets = std::str::from_utf8(&secret).unwrap().lines().nth(1).unwrap();
    assert!(!shown.contains(octets));
    let said = panopticon(folder).args(["config", "check"]).output().unwrap().stderr;
    assert!(!String::from_utf8(said).unwrap().contains("not signed"));
    // A key that is there is kept, and what verifies it is made again.
    let public = std::fs::read(folder.join("signing.pub")).unwrap();
    for name in ["panopticon.toml", "signing.pub"] {
        std::fs::remove_file(folder.join(name)).unwrap();
    }
    ok(panopticon(folder).args(["init", "xx"]));
    assert!(std::fs::read(folder.join("signing.key")).unwrap() == secret);
    assert!(std::fs::read(folder.join("signing.pub")).unwrap() == public);
}

#[test]
fn a_key_that_is_not_usable_is_refused_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    settle_world(folder);
    put_day(folder, &DAYS[0]);
    let key = folder.join("signing.key");
    let check = |text: &str, mode: u32, wrong: &str| {
        std::fs::write(&key, text).unwrap();
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).unwrap();
        for command in [&mut run_of(folder, &DAYS[0]), panopticon(folder).args(["config", "check"])] {
            let said = fails(command, 1);
            assert!(said.contains(wrong) && said.contains("hint: "), "{wrong}: {said}");
            assert!(text.lines().all(|line| !said.contains(line)), "{said}");
        }
    };
    let encrypted = SIGNING_KEY.replace("RWQAAEIy", "RWRTY0Iy");
    check(SIGNING_KEY, 0o640, "others may read the signing key");
    check(SIGNING_KEY, 0o604, "others may read the signing key");
    check(&encrypted, 0o600, "the key has a password");
    check("sesame\n", 0o600, "this is not a secret key of minisign");
    std::fs::remove_file(&key).unwrap();
    assert!(fails(&mut run_of(folder, &DAYS[0]), 1).contains("cannot read the signing key"));
    assert!(!folder.join("out").exists());
    // Without the key in the configuration nothing is signed, and that is said.
    let file = folder.join("panopticon.toml");
    let config = std::fs::read_to_string(&file).unwrap().replace("signing_key = \"signing.key\"\n", "");
    std::fs::write(&file, config).unwrap();
    let said = panopticon(folder).args(["config", "check"]).output().unwrap().stderr;
    assert!(String::from_utf8(said).unwrap().contains("manifests are not signed"));
    ok(&mut run_of(folder, &DAYS[0]));
    let published = files(&folder.join("out/records/xx"));
    assert!(published.contains_key(Path::new("manifest.json")));
    assert!(!published.contains_key(Path::new("manifest.json.minisig")));
}

#[test]
fn killed_before_the_manifest_or_its_signature_changes_nothing() {
    let (calm, before) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    live(before.path(), 1);
    live(calm.path(), 2);
    let both = ["manifest.json", "manifest.json.minisig"];
    for missed in [&both[..], &both[1..]] {
        let folder = tempfile::tempdir().unwrap();
        live(folder.path(), 1);
        put_day(folder.path(), &DAYS[1]);
        let mut run = run_of(folder.path(), &DAYS[1]);
        assert!(!run.env("PANOPTICON_CRASH_AT", "seal.before").status().unwrap().success());
        // All files are there; as if the crash had come before these.
        for name in missed {
            let path = Path::new("out/records/xx").join(name);
            std::fs::copy(before.path().join(&path), folder.path().join(&path)).unwrap();
        }
        ok(&mut run_of(folder.path(), &DAYS[1]));
        assert_same_files(&calm.path().join("out"), &folder.path().join("out"));
    }
}
