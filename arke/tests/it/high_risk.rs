//! `high-risk`: names of the zone that no feed has yet, as the registry's people see them.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::demo::rdap_of;

const ZONE: &str = "\
$ORIGIN zz.
$TTL 1d
@            SOA ns1.nic hostmaster.nic 2025030101 2h 1h 2w 1h
             NS  ns1.nic
ns1.nic      A   192.0.2.1
garden       NS  ns1.cheap.example.
gardenn      NS  ns1.cheap.example.
media        NS  ns1.media.example.
rnedia-bank  NS  ns1.cheap.example.
paypa1       NS  ns1.cheap.example.
paypai       NS  ns1.old.example.
greenbank    NS  ns1.green.example.
greenbamk    NS  ns1.other.example.
greennbank   NS  ns1.cheap.example.
gone-paypal  NS  ns1.cheap.example.
";

/// What RDAP says: since when a name is registered, and by whom.
fn answer(name: &str) -> Option<Value> {
    let (created, holder) = match name {
        "paypai.zz" => ("2012-05-01T00:00:00Z", "old@mail.example"),
        "greenbank.zz" => ("2010-01-01T00:00:00Z", "it@greenbank.example"),
        "greenbamk.zz" => ("2025-02-01T00:00:00Z", "it@greenbank.example"),
        "gone-paypal.zz" => return None,
        _ => ("2025-02-27T00:00:00Z", "new@mail.example"),
    };
    let card = |address: &str| {
        json!([
            "vcard",
            [["version", {}, "text", "4.0"], ["fn", {}, "text", "Jane Doe"], ["email", {}, "text", address]]
        ])
    };
    Some(json!({ "objectClassName": "domain", "ldhName": name,
    "events": [{ "eventAction": "registration", "eventDate": created }],
    "entities": [
        { "objectClassName": "entity", "roles": ["registrant"], "vcardArray": card(holder) },
        { "objectClassName": "entity", "roles": ["registrar"], "vcardArray": ["vcard", [["version", {}, "text", "4.0"],
            ["fn", {}, "text", "Cheap Names <b>Ltd</b>"]]], "entities": [
            { "objectClassName": "entity", "roles": ["abuse"], "vcardArray": card("abuse@registrar.example") }] },
    ]}))
}

#[test]
fn names_that_no_feed_has_yet() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let script = format!("{}/assets/demo/zz-1.sql", env!("CARGO_MANIFEST_DIR"));
    fs::copy(script, folder.path().join("records.sql")).unwrap();
    write("zz.zone", ZONE);
    write("protected.csv", "paypal.com,finance\ngreenbank.zz,finance\ngardens.example\n");
    write("resellers.csv", "domain,registrar,name,url\npaypa1.zz,,Corner Shop,\n");
    let config = json!({ "records": "records.sql", "zone": "zz.zone", "protected": "protected.csv",
        "resellers": "resellers.csv",
        "rdap": { "url": format!("http://127.0.0.1:{}/", rdap_of(answer)), "rate_per_s": 100 },
        "sender": { "name": "Registry", "address": "abuse@registry.example", "phone": "+1 555 0100" } });
    write("arke.json", &config.to_string());
    let arke_at = |now: &str, arguments: &[&str]| {
        let mut arke = Command::new(env!("CARGO_BIN_EXE_arke"));
        arke.args(["--now", now, "high-risk"]).args(arguments).current_dir(folder.path());
        let done = arke.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        format!("exit {}\n{}{}", done.status.code().unwrap(), text(done.stdout), text(done.stderr))
            .replace('\r', "")
    };
    let arke = |arguments: &[&str]| arke_at("2025-03-02", arguments);
    let said = [
        arke(&[]),
        arke(&["--all", "--format", "csv"]),
        arke(&["--format", "json", "--most", "1"]),
        arke(&["--protected", "unheard-of.example"]),
        arke(&["--protected", "nofile.csv"]),
        arke(&["--format", "letters"]),
    ];
    insta::assert_snapshot!(said.join("----------------------------------------\n"));
    assert!(
        said[..4].iter().all(|said| !said.contains("new@mail") && !said.contains("Jane")),
        "a holder is shown"
    );

    assert!(arke(&["--format", "letters", "--output", "letters.csv"]).starts_with("exit 0"));
    insta::assert_snapshot!("letters", fs::read_to_string(folder.path().join("letters.csv")).unwrap());
    assert!(arke(&["--format", "html", "--output", "page.html"]).starts_with("exit 0"));
    let page = fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert!(page.contains("Cheap Names &lt;b&gt;Ltd"), "what registrars write stays text: {page}");
    insta::assert_snapshot!("page", page.split_once("<body>").unwrap().1);
    // Without a zone there are those of the records.
    fs::copy(format!("{}/assets/demo/xx-5.sql", env!("CARGO_MANIFEST_DIR")), folder.path().join("records.sql"))
        .unwrap();
    let mut config = config;
    config.as_object_mut().unwrap().remove("zone");
    config.as_object_mut().unwrap().remove("protected");
    write("arke.json", &config.to_string());
    let told = arke_at("2025-03-05T07:00:00Z", &["--format", "csv"]);
    insta::assert_snapshot!("of_the_records", told);
    #[cfg(unix)]
    for file in ["letters.csv", "page.html"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(folder.path().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}
