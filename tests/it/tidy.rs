//! Tidiness as a test: what a reader of any file may rely on.

use std::path::{Path, PathBuf};

const LONGEST: usize = 1000;

fn sources() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> =
        ["src", "tests", "benches", "model", "datasets", "sources", "dataflow", "sinks", "arke"]
            .map(|room| root.join(room))
            .into();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found
}

#[test]
fn files_say_what_they_are_for_and_stay_short() {
    for path in sources() {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//!"), "{} does not say what it is for", path.display());
        assert!(text.lines().count() <= LONGEST, "{} is too long", path.display());
    }
}

#[test]
fn no_test_is_switched_off() {
    // Written apart, so that this file does not find itself.
    let forbidden = [["#[ign", "ore"], ["thread::sl", "eep"], ["#[should_", "panic"]].map(|parts| parts.concat());
    for path in sources() {
        let text = std::fs::read_to_string(&path).unwrap();
        for word in &forbidden {
            assert!(!text.contains(word.as_str()), "{}: {word}", path.display());
        }
    }
}
