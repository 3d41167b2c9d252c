//! `zone check`, `zone diff`, `zone stats`: what the person at the terminal sees.

use std::path::Path;

use crate::common::{fails, ok, panopticon};

const YESTERDAY: &str = "\
$ORIGIN xx.
$TTL 1d
@       SOA ns1.nic hostmaster.nic 2025030101 2h 1h 2w 1h
        NS  ns1.nic
nic     NS  ns1.nic
ns1.nic A   192.0.2.1
bank    NS  ns1.hosting.example.
        NS  ns2.hosting.example.
bank    DS  1 13 2 0000000000000000000000000000000000000000000000000000000000000000
bank-1  NS  ns1.hosting.example.
shop    NS  ns1.hosting.example.
        NS  ns2.hosting.example.
x.com   NS  ns1.parking.example.
xn--bnk-7la NS ns1.parking.example.
0p9mhaveqvm6t7vbl5lop2u3t2rp3tom NSEC3 1 1 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr NS
";

/// The same in another order and case, but for four names.
const TODAY: &str = "\
xx. 86400 IN SOA ns1.nic.xx. hostmaster.nic.xx. 2025030201 7200 3600 1209600 3600
XX. 86400 IN NS NS1.NIC.XX.
SHOP.xx. 3600 IN NS ns2.hosting.example.
shop.xx. 3600 IN NS ns1.hosting.example.
app.xx. 3600 IN NS ns1.hosting.example.
bank.xx. 3600 IN NS ns3.hosting.example.
bank.xx. 3600 IN NS ns1.hosting.example.
bank-1.xx. 3600 IN NS ns1.hosting.example.
bank-1.xx. 3600 IN DS 1 13 2 0000000000000000000000000000000000000000000000000000000000000000
nic.xx. 3600 IN NS ns1.nic.xx.
ns1.nic.xx. 3600 IN A 192.0.2.1
x.com.xx. 3600 IN NS ns1.parking.example.
xx. 86400 IN SOA ns1.nic.xx. hostmaster.nic.xx. 2025030201 7200 3600 1209600 3600
";

fn zones(folder: &Path) {
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write("yesterday.zone", YESTERDAY);
    write("today.zone", TODAY);
    write("cut.zone", "$ORIGIN xx.\n@ SOA a b ( 1 2 3\n");
    write("empty.zone", "$ORIGIN xx.\na NS ns1.hosting.example.\n");
    write("wrong.zone", "$ORIGIN xx.\n@ SOA a b 1 1 1 1 1\na NS ns1..example.\n");
    write("outside.zone", "$ORIGIN xx.\n$INCLUDE ../secret\n");
    write("names.txt", "bank.xx\nshop.xx\nno name\nxn--bnk-7la.xx\n");
    let packed = zstd::encode_all(TODAY.as_bytes(), 3).unwrap();
    std::fs::write(folder.join("today.zone.zst"), packed).unwrap();
}

#[test]
fn what_people_see() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    zones(folder);
    let zone = |args: &[&str]| ok(panopticon(folder).arg("zone").args(args));
    let said = [
        zone(&["check", "yesterday.zone", "today.zone", "today.zone.zst"]),
        zone(&["check", "--final-soa", "--after", "yesterday.zone", "today.zone"]),
        zone(&["diff", "yesterday.zone", "today.zone.zst"]),
        zone(&["diff", "--format", "csv", "today.zone", "yesterday.zone"]),
        zone(&["diff", "--format", "jsonl", "yesterday.zone", "today.zone"]),
        zone(&["stats", "yesterday.zone"]),
        zone(&["stats", "--names", "--format", "csv", "names.txt"]),
        zone(&["check", "--names", "names.txt"]),
    ];
    insta::assert_snapshot!(said.join("\n----------------------------------------\n"));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    zones(folder);
    let faulty = |args: &[&str]| {
        let output = panopticon(folder).arg("zone").args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(4));
        String::from_utf8(output.stdout).unwrap()
    };
    let files = ["cut.zone", "empty.zone", "wrong.zone", "outside.zone", "absent.zone"];
    let said = [
        faulty(&[&["check", "--format", "csv"], &files[..]].concat()),
        faulty(&["check", "--format", "csv", "--final-soa", "yesterday.zone"]),
        faulty(&["check", "--format", "csv", "--after", "today.zone", "yesterday.zone"]),
        fails(panopticon(folder).args(["zone", "stats", "wrong.zone"]), 1),
        fails(panopticon(folder).args(["zone", "diff", "--apex", "..", "wrong.zone", "wrong.zone"]), 1),
    ];
    insta::assert_snapshot!(said.join("----------------------------------------\n"));
}

/// Nothing but what it is told: the diff of a zone with itself says nothing, and removing an NSEC3 owner is no event.
#[test]
fn a_zone_does_not_differ_from_itself() {
    let folder = tempfile::tempdir().unwrap();
    zones(folder.path());
    let diff = |a: &str, b: &str| ok(panopticon(folder.path()).args(["zone", "diff", "--format", "jsonl", a, b]));
    assert_eq!(diff("yesterday.zone", "yesterday.zone"), "");
    assert_eq!(diff("today.zone", "today.zone.zst"), "");
    std::fs::write(folder.path().join("plain.zone"), YESTERDAY.lines().take(14).collect::<Vec<_>>().join("\r\n"))
        .unwrap();
    assert_eq!(diff("yesterday.zone", "plain.zone"), "");
}
