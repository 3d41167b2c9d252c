//! Who may use whom: `cargo metadata` against the table of the house.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

/// Compile-time arrows between rooms, tests aside.
const ARROWS: [(&str, &[&str]); 8] = [
    ("panopticon-model", &[]),
    ("panopticon-datasets", &["panopticon-model"]),
    ("panopticon-sources", &["panopticon-model"]),
    ("panopticon-dataflow", &["panopticon-model"]),
    ("panopticon-sinks", &["panopticon-model"]),
    ("arke", &["panopticon-model", "panopticon-datasets", "panopticon-sources", "panopticon-dataflow"]),
    (
        "panopticon-benches",
        &["panopticon-model", "panopticon-datasets", "panopticon-sources", "panopticon-dataflow"],
    ),
    (
        "panopticon",
        &[
            "panopticon-model",
            "panopticon-datasets",
            "panopticon-sources",
            "panopticon-dataflow",
            "panopticon-sinks",
        ],
    ),
];
/// What only some rooms may use: crate, and the rooms.
const RESERVED: [(&str, &[&str]); 7] = [
    ("timely", &["panopticon-dataflow"]),
    ("differential-dataflow", &["panopticon-dataflow"]),
    ("reqwest", &["panopticon-sources", "arke"]),
    ("tokio", &["panopticon-sources", "panopticon", "panopticon-benches", "arke"]),
    ("parquet", &["panopticon-sinks"]),
    ("lettre", &["arke"]),
    ("domain", &["panopticon-sources"]),
];

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The packages with their dependencies, tests aside.
fn packages() -> Vec<(String, BTreeSet<String>)> {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
    let used = |package: &Value| {
        let all = package["dependencies"].as_array().unwrap().iter();
        all.filter(|dependency| dependency["kind"].is_null()).map(name).collect()
    };
    packages.iter().map(|package| (name(package), used(package))).collect()
}

#[test]
fn the_rooms_use_each_other_as_the_table_says() {
    let packages = packages();
    assert_eq!(packages.len(), ARROWS.len(), "a room without a row in the table");
    for (room, used) in &packages {
        let (_, allowed) = ARROWS.iter().find(|(name, _)| name == room).unwrap();
        let rooms: BTreeSet<&str> =
            used.iter().map(String::as_str).filter(|name| ARROWS.iter().any(|(room, _)| room == name)).collect();
        assert_eq!(rooms, allowed.iter().copied().collect(), "{room}");
    }
}

#[test]
fn engine_network_and_mail_stay_in_their_rooms() {
    for (room, used) in packages() {
        for (library, allowed) in RESERVED {
            assert!(!used.contains(library) || allowed.contains(&room.as_str()), "{room} uses {library}");
        }
    }
}

#[test]
fn the_built_in_suffix_list_is_the_one_it_says() {
    let lock = include_str!("../../Cargo.lock");
    let version = lock.split("name = \"psl\"\nversion = \"").nth(1).unwrap().split('"').next().unwrap();
    let list = panopticon_model::name::SuffixList::built_in();
    assert_eq!(list.version(), format!("built in (psl {version})"));
}
