//! The demo, as a newcomer sees it, and what it leaves.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::Command;

use mailparse::{MailHeaderMap, parse_mail};
use serde_json::json;

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
    assert_people_stand_where_they_may(&demo.join("state").join(arke::ledger::FILE));
}

/// The columns of the ledger that hold personal data, as the documents say: the messages as sent, and their recipients.
const PERSONAL: [(&str, &str); 3] = [("messages", "recipient"), ("messages", "bytes"), ("messages", "host")];

/// A text, and the forms in which mail and URLs hide it.
fn forms(text: &str) -> Vec<Vec<u8>> {
    use base64::Engine as _;
    let quoted: String = text.bytes().map(|byte| format!("={byte:02X}")).collect();
    let escaped: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let plain = [text.to_owned(), text.to_lowercase(), text.to_uppercase(), quoted, escaped];
    let mut forms: Vec<Vec<u8>> = plain.into_iter().map(String::into_bytes).collect();
    // Wherever in a run it begins: what does not depend on its neighbours.
    for shift in 0..3 {
        let mut bytes = vec![b'x'; shift];
        bytes.extend_from_slice(text.as_bytes());
        let run = base64::engine::general_purpose::STANDARD_NO_PAD.encode(&bytes);
        let (from, to) = ((shift * 8).div_ceil(6), bytes.len() * 8 / 6);
        forms.push(run.as_bytes()[from..to].to_vec());
    }
    forms
}

/// No other column of any table names anybody.
fn assert_people_stand_where_they_may(ledger: &std::path::Path) {
    let connection = rusqlite::Connection::open(ledger).unwrap();
    let rows = |sql: &str, column: usize| -> Vec<rusqlite::types::Value> {
        let mut statement = connection.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(column)).unwrap().map(Result::unwrap).collect()
    };
    let text = |value: &rusqlite::types::Value| match value {
        rusqlite::types::Value::Text(text) => text.clone().into_bytes(),
        rusqlite::types::Value::Blob(bytes) => bytes.clone(),
        other => format!("{other:?}").into_bytes(),
    };
    let people: Vec<Vec<u8>> = PEOPLE.iter().flat_map(|person| forms(person)).collect();
    let names =
        |bytes: &[u8]| people.iter().any(|form| bytes.windows(form.len()).any(|window| window == form.as_slice()));
    let (mut looked_at, mut named) = (0, 0);
    for table in rows("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'", 0) {
        let table = String::from_utf8(text(&table)).unwrap();
        for column in rows(&format!("SELECT name FROM pragma_table_info('{table}')"), 0) {
            let column = String::from_utf8(text(&column)).unwrap();
            for value in rows(&format!("SELECT \"{column}\" FROM \"{table}\""), 0) {
                looked_at += 1;
                let is_named = names(&text(&value));
                named += usize::from(is_named);
                assert!(
                    !is_named || PERSONAL.contains(&(table.as_str(), column.as_str())),
                    "{table}.{column}: {value:?}"
                );
            }
        }
    }
    assert!(looked_at > 200 && named > 5, "{looked_at} values, {named} of people");
}

/// An RDAP server of tests: every name is held by somebody, and sold by one registrar.
pub(crate) fn rdap() -> u16 {
    rdap_of(|name| {
        let card =
            |address: &str| json!(["vcard", [["version", {}, "text", "4.0"], ["email", {}, "text", address]]]);
        Some(json!({ "objectClassName": "domain", "ldhName": name, "entities": [
            { "objectClassName": "entity", "roles": ["registrant"], "vcardArray": card("holder@mail.example") },
            { "objectClassName": "entity", "roles": ["registrar"], "entities": [
                { "objectClassName": "entity", "roles": ["abuse"], "vcardArray": card("abuse@registrar.example") }] },
        ]}))
    })
}

/// An RDAP server that gives these answers; none is 404.
pub(crate) fn rdap_of(answer: fn(&str) -> Option<serde_json::Value>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let first = lines.next().unwrap().unwrap();
            lines.map_while(Result::ok).find(String::is_empty);
            let name = first.split(' ').nth(1).unwrap().rsplit('/').next().unwrap().to_owned();
            let (status, body) =
                answer(&name).map_or(("404 Not Found", String::new()), |body| ("200 OK", body.to_string()));
            let head = format!("HTTP/1.1 {status}\r\nContent-Type: application/rdap+json\r\nConnection: close");
            write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        }
    });
    port
}

#[test]
fn a_replay_says_whom_it_would_have_mailed_and_keeps_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let records = folder.path().join("records");
    fs::create_dir(&records).unwrap();
    for day in 1..=5 {
        let script = format!("{}/assets/demo/zz-{day}.sql", env!("CARGO_MANIFEST_DIR"));
        fs::copy(script, records.join(format!("records-2025-03-0{day}.sql"))).unwrap();
    }
    let config = json!({ "records": "records", "rdap": { "url": format!("http://127.0.0.1:{}/", rdap()), "rate_per_s": 100 },
        "sender": { "name": "Registry", "address": "abuse@registry.example", "phone": "+1 555 0100" } });
    fs::write(folder.path().join("arke.json"), config.to_string()).unwrap();
    let run = |days: &str| {
        let mut arke = Command::new(env!("CARGO_BIN_EXE_arke"));
        arke.args(["--now", "2025-03-06", "notify", "--replay", days]).current_dir(folder.path());
        let done = arke.output().unwrap();
        let said = String::from_utf8(done.stdout).unwrap() + &String::from_utf8(done.stderr).unwrap();
        format!("exit {}\n{said}", done.status.code().unwrap())
    };
    insta::assert_snapshot!("replay", run("90d"));
    // A day that is played twice is told once: the ledger of the replay remembers, and is gone afterwards.
    assert_eq!(run("90d"), run("90d"));
    assert!(run("2").contains("2 days played"));
    assert!(run("0").starts_with("exit 1\nerror: there is no records-YYYY-MM-DD.sql since 2025-03-06"));
}
