//! `scan` and `lookalikes`: what the person at the terminal sees of look-alikes.

use std::path::Path;

use crate::common::{fails, live, ok, panopticon};

const ZONE: &str = "\
$ORIGIN xx.
$TTL 1d
@               SOA ns1.nic hostmaster.nic 2025030101 2h 1h 2w 1h
                NS  ns1.nic
ns1.nic         A   192.0.2.1
paypal          NS  ns1.paypal.example.
paypa1          NS  ns1.cheap.example.
PAYPAL-Login    NS  ns1.cheap.example.
xn--pypal-4ve   NS  ns2.cheap.example.
netfilx         NS  ns2.cheap.example.
rnicrosoft      NS  ns1.host.example.
garden          NS  ns1.host.example.
goggle.com      NS  ns1.host.example.
bank            NS  ns1.bank.example.
bamk            NS  ns1.bank.example.
bannk           NS  ns1.other.example.
0p9mhaveqvm6t7vbl5lop2u3t2rp3tom NSEC3 1 1 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr NS
";

fn files(folder: &Path) {
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write("xx.zone", ZONE);
    write("protected.csv", "# ours\nbank.xx,finance\npaypal.com,finance\n\nchase.com,finance,word\n");
    write("names.txt", "www.paypa1.xx\npaypa1.xx\nshop.xx\npaypa1.yy\nno name\n");
    write("labels.txt", "paypa1\nshop\nqxkzvbtrwpl\n");
    write("lgr.xml", "<lgr><data><char cp=\"0070\"><var cp=\"0071\" type=\"blocked\"/></char></data></lgr>");
    write("foreign.xml", "<html/>");
    let packed = zstd::encode_all(ZONE.as_bytes(), 3).unwrap();
    std::fs::write(folder.join("xx.zone.zst"), packed).unwrap();
}

#[test]
fn what_people_see() {
    let folder = tempfile::tempdir().unwrap();
    files(folder.path());
    let scan = |args: &[&str]| {
        let output = panopticon(folder.path()).arg("scan").args(args).output().unwrap();
        let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        format!("$ panopticon scan {}\n{out}{err}", args.join(" "))
    };
    let said = [
        scan(&["xx.zone"]),
        scan(&["xx.zone.zst", "--protected", "protected.csv", "--all"]),
        scan(&["names.txt", "--protected", "paypal.com", "--format", "csv"]),
        scan(&["labels.txt", "--tld", "xx", "--protected", "paypal", "shop.example", "--format", "jsonl"]),
        scan(&["labels.txt", "--protected", "paypal"]),
        scan(&["labels.txt", "--tld", "xx", "--protected", "shoq.example", "--variants", "lgr.xml"]),
        scan(&["labels.txt", "--tld", "xx", "--protected", "paypal", "--variants", "foreign.xml"]),
        scan(&["labels.txt", "--tld", "xx", "--only", "algorithmic"]),
        scan(&["labels.txt", "--tld", "xx", "--only", "algorithmic", "--all", "--format", "csv"]),
        scan(&["labels.txt", "--tld", "xx", "--only", "typosquats", "--protected", "paypal"]),
        scan(&["labels.txt", "--tld", "xx", "--only", "algorithmic", "--false-positives", "7"]),
        scan(&["xx.zone", "--protected", "nothing.csv"]),
        scan(&["xx.zone", "--format", "parquet"]),
        scan(&["absent.zone"]),
    ];
    insta::assert_snapshot!(said.join("----------------------------------------\n"));
}

#[test]
fn a_find_can_end_the_command() {
    let folder = tempfile::tempdir().unwrap();
    files(folder.path());
    let scan = |name: &str| {
        let mut command = panopticon(folder.path());
        command.args(["scan", "xx.zone", "--fail-on-match", "--protected", name]);
        command
    };
    fails(&mut scan("paypal.com"), 4);
    ok(&mut scan("unheard-of.com"));
    // A pair that a reason speaks against is no find: the bank holds this one itself.
    assert_eq!(ok(&mut scan("bank.xx")).lines().count(), 1, "the header");
}

#[test]
fn what_is_written_to_a_file_is_what_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    files(folder.path());
    let scan = |args: &[&str]| {
        ok(panopticon(folder.path()).args(["scan", "xx.zone", "--all", "--protected", "protected.csv"]).args(args))
    };
    let printed = scan(&["--format", "jsonl"]);
    assert_eq!(scan(&["--format", "jsonl", "--output", "found.jsonl"]), "");
    assert_eq!(std::fs::read_to_string(folder.path().join("found.jsonl")).unwrap(), printed);
    assert_eq!(scan(&["--format", "parquet", "--output", "found.parquet"]), "");
    let bytes = std::fs::read(folder.path().join("found.parquet")).unwrap();
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
}

#[test]
fn a_name_is_looked_for_in_the_zones_of_the_last_run() {
    let folder = tempfile::tempdir().unwrap();
    let before = fails(panopticon(folder.path()).args(["lookalikes", "bank"]), 1);
    assert!(before.contains("panopticon.toml"), "{before}");
    live(folder.path(), 2);
    let found = ok(panopticon(folder.path()).args(["lookalikes", "bank.example", "--format", "csv"]));
    insta::assert_snapshot!(found);
    let refused = fails(panopticon(folder.path()).args(["lookalikes", "bank", "--tld", "zz"]), 1);
    assert!(refused.contains("no zone is configured here"), "{refused}");
}
