//! Snapshots: sorted, grouped, with sets and glue; the same whatever memory there is.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, Read};

use panopticon_model::id::{Id, IdKind};
use panopticon_model::update::Delegation;
use panopticon_sources::zone::{Settings, Snapshot, SnapshotError, from_zone, text_of_key};
use proptest::prelude::*;

use super::{content, name, of_zz, snapshot_in};

/// The id of a set, by hand.
fn set(hosts: &[&str]) -> u64 {
    let hosts: Vec<&[u8]> = hosts.iter().map(|host| host.as_bytes()).collect();
    u64::from_le_bytes(Id::derive(IdKind::NameServers, &hosts).0[..8].try_into().unwrap())
}

const ZONE: &str = "$TTL 1d
@   SOA ns1.nic hostmaster.nic 17 2H 1H 1w 1h
    NS ns1.nic
    NS ns2.other.org.
nic NS ns1.nic
ns1.nic A 192.0.2.1
b NS NS2.other.org.
a-b NS ns1.a
x.a NS ns1.nowhere
a   NS ns2.other.org.
    NS ns1.a
ns1.a AAAA 2001:db8::1
b   DS 1 8 2 AA
B.zz. NS ns1.other.org.
b   NS ns2.other.org.
only-ds DS 1 8 2 AA
stray.example. NS ns1.nic
com.a NS .
host A 192.0.2.2
";

#[test]
fn a_zone_becomes_sorted_rows() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = snapshot_in(folder.path(), "s", ZONE.as_bytes(), 64 << 20);
    let (rows, sets) = content(&snapshot);
    let row =
        |owner: &str, hosts: &[&str], flags| (owner.to_owned(), Delegation { name_servers: set(hosts), flags });
    assert_eq!(
        rows,
        [
            row("a.zz", &["ns1.a.zz", "ns2.other.org"], Delegation::GLUE),
            row("com.a.zz", &["."], 0),
            row("x.a.zz", &["ns1.nowhere.zz"], 0),
            // `-` is less than `.`, but a label ends before it goes on.
            row("a-b.zz", &["ns1.a.zz"], Delegation::GLUE),
            row("b.zz", &["ns1.other.org", "ns2.other.org"], Delegation::SIGNED),
            row("nic.zz", &["ns1.nic.zz"], Delegation::GLUE),
        ]
    );
    let hosts: BTreeSet<_> = sets.iter().map(|(_, hosts)| hosts.as_str()).collect();
    let expected =
        ["ns1.a.zz ns2.other.org", "", "ns1.nowhere.zz", "ns1.a.zz", "ns1.other.org ns2.other.org", "ns1.nic.zz"];
    assert_eq!(hosts, expected.into());
    let meta = snapshot.meta();
    assert_eq!((meta.apex.as_deref(), meta.serial, meta.out_of_zone), (Some("zz"), Some(17), 1));
    assert!(!meta.ends_in_soa);
}

#[test]
fn the_order_of_records_does_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let text = "zz. SOA a b 1 1 1 1 1\na.zz. NS ns1.a.zz.\nns1.a.zz. A 192.0.2.1\nb.zz. NS x.org.\nb.zz. NS ns1.a.zz.\n\
                b.zz. DS 1\nzz. NS x.org.\nsub.a.zz. NS x.org.";
    let expected = content(&snapshot_in(folder.path(), "s", text.as_bytes(), 64 << 20));
    let mut lines: Vec<&str> = text.lines().collect();
    // Heap's way through all orders would be 40,320; rotations and reversals show it as well.
    for turn in 0..2 * lines.len() {
        lines.rotate_left(3);
        if turn % 2 == 0 {
            lines.reverse();
        }
        let zone = lines.join("\n");
        assert_eq!(content(&snapshot_in(folder.path(), "t", zone.as_bytes(), 64 << 20)), expected, "{zone}");
    }
}

#[test]
fn the_soa_at_the_end_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let soa = "@ SOA a b 5 1 1 1 1\n";
    let ends = |zone: String| snapshot_in(folder.path(), "s", zone.as_bytes(), 1 << 20).meta().ends_in_soa;
    assert!(ends(format!("{soa}a NS n.x.\n{soa}")));
    assert!(ends(format!("{soa}a NS n.x.\nb TXT x\n{soa}b TXT x\n")));
    assert!(!ends(format!("{soa}a NS n.x.\n")));
    assert!(!ends(format!("{soa}{soa}a NS n.x.\n")));
    let settings = Settings { options: of_zz(), ..Settings::new(folder.path()) };
    let zone = format!("{soa}@ SOA a b 6 1 1 1 1\n");
    let error = from_zone(zone.as_bytes(), &settings, &folder.path().join("t")).unwrap_err();
    assert!(matches!(error, SnapshotError::Zone(_)), "{error:?}");
}

#[test]
fn what_is_no_snapshot_is_told_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    snapshot_in(folder.path(), "s", ZONE.as_bytes(), 1 << 20);
    let good = std::fs::read(&path).unwrap();
    for bad in
        [Vec::new(), b"PNZS\x01".to_vec(), good[1..].to_vec(), good[..good.len() - 1].to_vec(), vec![255; 999]]
    {
        std::fs::write(&path, bad).unwrap();
        assert!(matches!(Snapshot::open(&path), Err(SnapshotError::Format { .. })));
    }
    // Damage in a frame shows when it is read.
    let mut damaged = good;
    damaged[20] ^= 1;
    std::fs::write(&path, damaged).unwrap();
    let mut rows = Snapshot::open(&path).unwrap().rows().unwrap();
    let error = loop {
        match rows.next_row() {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the damage was not noticed"),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, SnapshotError::Io { .. }));
}

/// Ends in an error after its bytes, as a truncated download does.
struct Broken<'a>(&'a [u8]);

impl Read for Broken<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buf)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            count => Ok(count),
        }
    }
}

impl BufRead for Broken<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.0.is_empty() { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(self.0) }
    }

    fn consume(&mut self, amount: usize) {
        self.0.consume(amount);
    }
}

#[test]
fn a_broken_stream_makes_no_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("s");
    let settings = Settings { options: of_zz(), ..Settings::new(folder.path()) };
    assert!(matches!(from_zone(Broken(ZONE.as_bytes()), &settings, &out), Err(SnapshotError::Zone(_))));
    assert!(Snapshot::open(&out).is_err());
}

#[test]
fn keys_sort_canonically() {
    // RFC 4034 6.1.
    let order = [
        "example",
        "a.example",
        "yljkjljk.a.example",
        "z.a.example",
        "zabc.a.example",
        "z.example",
        r"\001.z.example",
        "*.z.example",
        r"\200.z.example",
    ];
    let keys: Vec<_> = order.map(|text| name(text).key()).into();
    assert!(keys.is_sorted(), "{keys:?}");
    for (text, key) in order.iter().zip(&keys) {
        assert_eq!(text_of_key(key), *text);
    }
    let trap = ["a.zz", "x.a.zz", "a-b.zz", "app.zz", "app-x.zz"].map(|text| name(text).key());
    assert!(trap.is_sorted());
}

/// A name as labels of few octets, among them the awkward ones.
fn labels() -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(
        prop::collection::vec(prop::sample::select(b"\x00\x01\x02-.a\\b\xff".to_vec()), 1..4),
        1..4,
    )
}

fn text(labels: &[Vec<u8>]) -> String {
    let octets = |label: &Vec<u8>| label.iter().map(|octet| format!("\\{octet:03}")).collect::<String>();
    labels.iter().map(octets).collect::<Vec<_>>().join(".")
}

proptest! {
    #[test]
    fn keys_order_as_labels_from_the_right(a in labels(), b in labels()) {
        let keys = [&a, &b].map(|labels| name(&text(labels)).key());
        prop_assert_eq!(keys[0].cmp(&keys[1]), a.iter().rev().cmp(b.iter().rev()));
        prop_assert_eq!(name(&text_of_key(&keys[0])).key(), keys[0].clone());
        prop_assert_eq!(name(&text(&a)).text(), text_of_key(&keys[0]));
    }

    /// What a zone delegates, by the simplest means; and the same with hardly any memory.
    #[test]
    fn a_snapshot_is_what_maps_say(
        records in prop::collection::vec((0u8..12, 0u8..3, 0u8..12), 0..200),
        memory in 1usize..4000,
    ) {
        let owner = |n: u8| ["a", "a-b", "x.a", "b", "ns.b", "c", "ns.c", "d.c", "e", "f-", "f", "ns.f"][usize::from(n)];
        let mut zone = "@ SOA a b 1 1 1 1 1\n".to_owned();
        let mut sets: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        let (mut signed, mut addresses) = (BTreeSet::new(), BTreeSet::new());
        for &(name, kind, other) in &records {
            let (name, other) = (owner(name), owner(other));
            match kind {
                0 => {
                    zone.push_str(&format!("{name} NS {other}\n"));
                    sets.entry(name).or_default().insert(format!("{other}.zz"));
                }
                1 => {
                    zone.push_str(&format!("{name} DS 1 8 2 AA\n"));
                    signed.insert(name);
                }
                _ => {
                    zone.push_str(&format!("{name} A 192.0.2.1\n"));
                    addresses.insert(format!("{name}.zz"));
                }
            }
        }
        let mut expected: Vec<(String, Delegation)> = sets.iter().map(|(owner, hosts)| {
            let mut flags = 0;
            if signed.contains(owner) {
                flags |= Delegation::SIGNED;
            }
            if !hosts.is_disjoint(&addresses) {
                flags |= Delegation::GLUE;
            }
            let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
            (format!("{owner}.zz"), Delegation { name_servers: set(&hosts), flags })
        }).collect();
        expected.sort_by(|a, b| a.0.rsplit('.').cmp(b.0.rsplit('.')));
        let folder = tempfile::tempdir().unwrap();
        let roomy = content(&snapshot_in(folder.path(), "s", zone.as_bytes(), 64 << 20));
        let tight = content(&snapshot_in(folder.path(), "t", zone.as_bytes(), memory));
        prop_assert_eq!(&roomy.0, &expected);
        prop_assert_eq!(tight, roomy);
    }
}
