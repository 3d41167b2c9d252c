//! Differences: as updates, as the guard sees them.

use std::collections::{BTreeMap, BTreeSet};

use panopticon_model::id::Id;
use panopticon_model::update::{Delegation, Update};
use panopticon_sources::zone::{Diff, Guard, Held, Meta, Snapshot};
use proptest::prelude::*;

use super::{content, snapshot_in};

/// The zone `zz` with these name servers; owners in the order of the map.
fn zone(serial: u32, delegations: &BTreeMap<String, BTreeSet<u8>>) -> String {
    let mut zone = format!("@ SOA a b {serial} 1 1 1 1\n");
    for (owner, hosts) in delegations {
        for host in hosts {
            zone.push_str(&format!("{owner} NS ns{host}.x.\n"));
        }
    }
    zone
}

type Rows = BTreeMap<String, Delegation>;

/// Delegation updates by owner, and the ids of the sets that came first.
fn updates(before: Option<&Snapshot>, after: Option<&Snapshot>) -> (Vec<Update>, BTreeSet<Id>) {
    let mut sets = BTreeSet::new();
    let mut rows = Vec::new();
    for update in Diff::between(before, after).unwrap() {
        match update.unwrap() {
            Update::NameServers(id, hosts) => {
                assert!(rows.is_empty(), "sets come before the rows that refer to them");
                assert!(!hosts.is_empty());
                assert!(sets.insert(id));
            }
            row => rows.push(row),
        }
    }
    (rows, sets)
}

#[test]
fn the_trap_of_hyphens_makes_no_events() {
    // dns.md section 2: old {a, app-x, z}, new {a, app, app-x, z} is one new name.
    let folder = tempfile::tempdir().unwrap();
    let zone = |names: &[&str]| {
        let names = names.iter().map(|name| (name.to_string(), BTreeSet::from([1]))).collect();
        zone(1, &names)
    };
    let old = snapshot_in(folder.path(), "old", zone(&["a", "app-x", "z"]).as_bytes(), 1 << 20);
    let new = snapshot_in(folder.path(), "new", zone(&["a", "app", "app-x", "z"]).as_bytes(), 1 << 20);
    let (rows, sets) = updates(Some(&old), Some(&new));
    assert!(sets.is_empty());
    match rows.as_slice() {
        [Update::Delegation(key, None, Some(_))] => assert_eq!(key.owner, "app.zz"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn case_ttl_and_order_make_no_events() {
    let folder = tempfile::tempdir().unwrap();
    let old = "@ SOA a b 1 1 1 1 1\na NS ns1.x.\n NS ns2.x.\nb NS ns1.x.\n";
    let new = "@ SOA a b 2 1 1 1 1\nB 1d NS NS1.X.\nA 5 NS Ns2.x.\nb IN NS ns1.x.\na NS ns1.X.\n";
    let old = snapshot_in(folder.path(), "old", old.as_bytes(), 1 << 20);
    let new = snapshot_in(folder.path(), "new", new.as_bytes(), 1 << 20);
    assert_eq!(updates(Some(&old), Some(&new)), (Vec::new(), BTreeSet::new()));
}

#[test]
fn a_source_comes_and_goes() {
    let folder = tempfile::tempdir().unwrap();
    let all = snapshot_in(folder.path(), "s", b"@ SOA a b 1 1 1 1 1\na NS n.x.\nb NS m.x.\nb DS 1\n", 1 << 20);
    let (rows, sets) = updates(None, Some(&all));
    assert_eq!((rows.len(), sets.len()), (2, 2));
    assert!(rows.iter().all(|row| matches!(row, Update::Delegation(_, None, Some(_)))));
    let (rows, sets) = updates(Some(&all), None);
    assert_eq!((rows.len(), sets.len()), (2, 0));
    assert!(rows.iter().all(|row| matches!(row, Update::Delegation(_, Some(_), None))));
    assert_eq!(updates(None, None).0, []);
}

/// Zones over few owners, so that they have much in common.
fn delegations() -> impl Strategy<Value = BTreeMap<String, BTreeSet<u8>>> {
    let owners = prop::sample::select(vec!["a", "a-b", "a.a", "b.a", "app", "app-x", "z", "\\001z", "_x", "0"]);
    prop::collection::btree_map(owners.prop_map(str::to_owned), prop::collection::btree_set(0u8..5, 1..3), 0..10)
}

proptest! {
    #[test]
    fn the_merge_says_what_maps_say(old in delegations(), new in delegations()) {
        let folder = tempfile::tempdir().unwrap();
        let old = snapshot_in(folder.path(), "old", zone(1, &old).as_bytes(), 300);
        let new = snapshot_in(folder.path(), "new", zone(2, &new).as_bytes(), 300);
        let ((old_rows, old_sets), (new_rows, new_sets)) = (content(&old), content(&new));
        let old_rows: Rows = old_rows.into_iter().collect();
        let new_rows: Rows = new_rows.into_iter().collect();
        let (rows, sets) = updates(Some(&old), Some(&new));

        // Applying the updates leads from one to the other, and none of them says what was so already.
        let mut applied = old_rows;
        for row in rows {
            let Update::Delegation(key, before, after) = row else { panic!("{row:?}") };
            prop_assert_ne!(before, after);
            let replaced = match after {
                Some(after) => applied.insert(key.owner.to_string(), after),
                None => applied.remove(key.owner.as_str()),
            };
            prop_assert_eq!(replaced, before);
        }
        prop_assert_eq!(applied, new_rows);
        let old_sets: BTreeSet<_> = old_sets.into_iter().map(|(id, _)| id).collect();
        let fresh: BTreeSet<_> = new_sets.into_iter().map(|(id, _)| id).filter(|id| !old_sets.contains(id)).collect();
        prop_assert_eq!(sets.iter().map(ToString::to_string).collect::<BTreeSet<_>>(), fresh);
    }
}

#[test]
fn the_guard_holds_back() {
    let folder = tempfile::tempdir().unwrap();
    let meta = |soa: &str, rows: usize| -> Meta {
        let names: String = (0..rows).map(|n| format!("n{n}.zz. NS n.x.\n")).collect();
        snapshot_in(folder.path(), "s", format!("{soa}\n{names}").as_bytes(), 1 << 20).meta().clone()
    };
    let serial = |serial: u32, rows| meta(&format!("zz. SOA a b {serial} 1 1 1 1"), rows);
    let guard = Guard::default();
    let check = |before: &Meta, after: &Meta| guard.check(Some(before), after);

    assert_eq!(guard.check(None, &serial(1, 0)), Ok(()));
    assert_eq!(guard.check(None, &meta("", 100)), Err(Held::NoSoa));
    assert_eq!(check(&serial(1, 100), &meta("yy. SOA a b 2 1 1 1 1", 100)), Err(Held::OtherZone));

    assert_eq!(check(&serial(1, 100), &serial(2, 80)), Ok(()));
    assert_eq!(check(&serial(1, 100), &serial(2, 79)), Err(Held::Shrunk { before: 100, after: 79, limit: 20 }));
    assert_eq!(check(&serial(1, 100), &serial(2, 500)), Ok(()));
    assert_eq!(check(&serial(1, 49), &serial(2, 1)), Ok(()));
    assert_eq!(check(&serial(1, 50), &serial(2, 1)), Err(Held::Shrunk { before: 50, after: 1, limit: 20 }));

    // RFC 1982: 2^32 - 1 is followed by 0; half the circle ahead is ahead.
    assert_eq!(check(&serial(7, 1), &serial(7, 1)), Ok(()));
    assert_eq!(check(&serial(7, 1), &serial(6, 1)), Err(Held::SerialBack { before: 7, after: 6 }));
    assert_eq!(check(&serial(u32::MAX, 1), &serial(0, 1)), Ok(()));
    assert_eq!(check(&serial(0, 1), &serial(u32::MAX, 1)), Err(Held::SerialBack { before: 0, after: u32::MAX }));
    assert_eq!(check(&serial(5, 1), &serial(5 + (1 << 31) - 1, 1)), Ok(()));

    let czds = Guard { needs_final_soa: true, ..guard };
    let soa = "zz. SOA a b 1 1 1 1 1";
    assert_eq!(czds.check(None, &meta(soa, 3)), Err(Held::NoFinalSoa));
    assert_eq!(czds.check(None, &meta(&format!("{soa}\nx.zz. NS n.x.\n{soa}"), 0)), Ok(()));
}
