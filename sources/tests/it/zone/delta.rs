//! Transfers of increments: what they make of a snapshot is what reading the whole zone makes.

use std::collections::BTreeSet;
use std::path::Path;

use panopticon_model::update::Update;
use panopticon_sources::zone::{Delta, DeltaError, Diff, Record, Snapshot, ZoneReader};
use proptest::prelude::*;

use super::{name, of_zz, snapshot_in};

/// A record of the zone, a line each.
type Zone = BTreeSet<String>;

fn text(serial: u32, zone: &Zone) -> String {
    let soa = format!("@ SOA a b {serial} 1 1 1 1\n");
    let records: String = zone.iter().map(|record| format!("{record}\n")).collect();
    format!("{soa}{records}{soa}")
}

/// Notes the records of a text as deleted or added.
fn note(delta: &mut Delta, records: impl IntoIterator<Item = impl AsRef<str>>, each: fn(&mut Delta, Record<'_>)) {
    for record in records {
        let mut reader = ZoneReader::new(record.as_ref().as_bytes(), of_zz());
        while let Some(record) = reader.next_record().unwrap() {
            each(delta, record);
        }
    }
}

fn between(old: &Zone, new: &Zone) -> Delta {
    let mut delta = Delta::default();
    note(&mut delta, old.difference(new), Delta::delete);
    note(&mut delta, new.difference(old), Delta::add);
    delta
}

/// The snapshot after a delta, and its updates.
fn apply(folder: &Path, before: &Snapshot, delta: &Delta) -> Result<(Vec<u8>, Vec<Update>), DeltaError> {
    let out = folder.join("applied");
    let (meta, updates) = delta.apply(before, &name("zz"), 2, &out)?;
    assert_eq!(*Snapshot::open(&out).unwrap().meta(), meta);
    Ok((std::fs::read(&out).unwrap(), updates))
}

fn zone() -> impl Strategy<Value = Zone> {
    let owner =
        || prop::sample::select(vec!["@", "a", "a-b", "x.a", "b", "ns.b", "c", "ns.c", "d.c", "f", "ns.f"]);
    let target = || prop::sample::select(vec!["ns.b", "ns.c", "ns.f", "a", "x.org.", "y.org.", "."]);
    let record = prop_oneof![
        3 => (owner(), target()).prop_map(|(owner, target)| format!("{owner} NS {target}")),
        1 => (owner(), 0u8..3).prop_map(|(owner, tag)| format!("{owner} DS {tag} 8 2 AA")),
        2 => (owner(), 0u8..3).prop_map(|(owner, host)| format!("{owner} A 192.0.2.{host}")),
        1 => target().prop_map(|target| format!("stray.example. NS {target}")),
    ];
    prop::collection::btree_set(record, 0..40)
}

proptest! {
    /// Octet by octet the snapshot of the new zone, and the updates that comparing the two gives.
    #[test]
    fn a_delta_gives_what_the_whole_zone_gives(old in zone(), new in zone(), noise in zone()) {
        let old: Zone = old.into_iter().filter(|record| !record.starts_with("stray")).collect();
        let new: Zone = new.into_iter().filter(|record| !record.starts_with("stray")).collect();
        let folder = tempfile::tempdir().unwrap();
        let before = snapshot_in(folder.path(), "old", text(1, &old).as_bytes(), 1 << 20);
        let after = snapshot_in(folder.path(), "new", text(2, &new).as_bytes(), 1 << 20);
        let expected: Vec<Update> =
            Diff::between(Some(&before), Some(&after)).unwrap().collect::<Result<_, _>>().unwrap();
        let mut delta = between(&old, &new);
        // What goes and comes again is no change, nor is what lies outside the zone.
        note(&mut delta, &noise, Delta::delete);
        note(&mut delta, &noise, Delta::add);
        note(&mut delta, ["out.example. NS x.org."], Delta::add);
        let (bytes, updates) = apply(folder.path(), &before, &delta).unwrap();
        prop_assert_eq!(updates, expected);
        prop_assert!(bytes == std::fs::read(folder.path().join("new")).unwrap());
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let old: Zone = ["a NS x.org.", "a DS 1 8 2 AA", "ns.a A 192.0.2.1"].map(str::to_owned).into();
    let before = snapshot_in(folder.path(), "old", text(1, &old).as_bytes(), 1 << 20);
    let refused = |deleted: &[&str], added: &[&str]| {
        let mut delta = Delta::default();
        note(&mut delta, deleted, Delta::delete);
        note(&mut delta, added, Delta::add);
        match apply(folder.path(), &before, &delta) {
            Err(DeltaError::Contradiction { owner }) => owner.to_string(),
            other => panic!("{deleted:?} {added:?}: {other:?}"),
        }
    };
    assert_eq!(refused(&["a NS y.org."], &[]), "a.zz");
    assert_eq!(refused(&["b NS x.org."], &[]), "b.zz");
    assert_eq!(refused(&[], &["a NS X.org."]), "a.zz");
    assert_eq!(refused(&["a DS 1 8 2 AA", "a DS 2 8 2 AA"], &[]), "a.zz");
    assert_eq!(refused(&["a A 192.0.2.1"], &[]), "a.zz");
    assert_eq!(refused(&[], &["b NS x.org.", "b NS x.org."]), "b.zz");
}

#[test]
fn glue_of_others_follows_a_host() {
    let folder = tempfile::tempdir().unwrap();
    let old: Zone =
        ["a NS ns.b", "b NS ns.b", "c NS x.org.", "c NS ns.b", "d NS x.org."].map(str::to_owned).into();
    let mut new = old.clone();
    new.insert("ns.b A 192.0.2.1".to_owned());
    let before = snapshot_in(folder.path(), "old", text(1, &old).as_bytes(), 1 << 20);
    let (_, updates) = apply(folder.path(), &before, &between(&old, &new)).unwrap();
    let owners: Vec<_> = updates
        .iter()
        .map(|update| match update {
            Update::Delegation(key, Some(before), Some(after)) if before.flags == 0 && after.flags != 0 => {
                &*key.owner
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(owners, ["a.zz", "b.zz", "c.zz"]);
}
