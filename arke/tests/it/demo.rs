//! The demo, as a newcomer sees it, and what it leaves.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use mailparse::{MailHeaderMap, parse_mail};

/// Made-up people of the played RDAP server: nobody but their own mails may name them.
const PEOPLE: [&str; 8] = [
    "Smith",
    "j.smith",
    "Amélie",
    "amelie@",
    "office@media-mail",
    "books@books-mail",
    "owner@shop-mail",
    "x7@proxy",
];

#[test]
fn five_days_of_a_registry() {
    let folder = tempfile::tempdir().unwrap();
    let arke = |arguments: &[&str]| {
        let done = Command::new(env!("CARGO_BIN_EXE_arke")).args(arguments).current_dir(folder.path()).output();
        let done = done.unwrap();
        (done.status.code(), String::from_utf8(done.stdout).unwrap(), String::from_utf8(done.stderr).unwrap())
    };
    let (code, out, err) = arke(&["demo"]);
    assert_eq!(code, Some(0), "{err}");
    insta::assert_snapshot!("demo", out);
    insta::assert_snapshot!("demo_beside", err);

    // A second time the folder is there already.
    assert_eq!(arke(&["demo"]).0, Some(1));
    let (code, told, _) = arke(&["--config", "arke-demo/arke.json", "told", "--format", "csv"]);
    assert_eq!(code, Some(0));
    assert_eq!(
        told,
        "tld,day,cases\r\nxx,2025-03-02,1\r\nzz,2025-03-02,2\r\nzz,2025-03-04,1\r\nzz,2025-03-05,1\r\n"
    );
    let (_, listed, _) = arke(&["--config", "arke-demo/arke.json", "outbox", "list", "accepted"]);

    let demo = folder.path().join("arke-demo");
    let mut ids = BTreeSet::new();
    for mail in fs::read_dir(demo.join("mail")).unwrap() {
        let bytes = fs::read(mail.unwrap().path()).unwrap();
        let mail = parse_mail(&bytes).unwrap();
        assert!(ids.insert(mail.headers.get_first_value("Message-ID").unwrap()), "twice");
        // Nobody is written to about a popular name or a customer of a platform without a person.
        let text: String = mail.parts().map(|part| part.get_body().unwrap_or_default()).collect();
        assert!(!text.contains("shop[.]xx") && !text.contains("plat[.]xx"), "{text}");
    }
    // People stand in their mails, in the ledger that only its owner reads, and in the plan on the screen.
    for text in [listed, told, err, fs::read_to_string(demo.join("arke.json")).unwrap()] {
        assert!(PEOPLE.iter().all(|person| !text.contains(person)), "{text}");
    }
    for tld in ["xx", "zz"] {
        let records = fs::read_to_string(demo.join(format!("records-{tld}.sql"))).unwrap();
        assert!(PEOPLE.iter().all(|person| !records.contains(person)));
    }
}
