//! Exports: what is in them, what never is, and that nothing breaks out of a line.

use std::collections::BTreeMap;

use panopticon_model::time::Epoch;
use panopticon_model::tlp::Tlp;
use panopticon_sinks::export::{Export, Exported, Form};
use proptest::prelude::*;

fn row(kind: &str, observable: &str, host: &str) -> Exported {
    Exported {
        observable: observable.into(),
        kind: kind.into(),
        host: host.into(),
        registrable_domain: Some("evil.xx".into()),
        abuse_class: "phishing".into(),
        feed_ids: vec!["desk".into(), "openphish".into()],
        tlp: Tlp::Green,
        first_seen: "2026-11-22T01:00:00.000Z".into(),
        validated: true,
        guarded: false,
    }
}

/// The terms of one of the feeds; of the other none are known.
fn terms(desk: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("desk".to_owned(), desk.to_owned())])
}

const FORMS: [Form; 5] = [Form::Csv, Form::Jsonl, Form::Hosts, Form::Rpz, Form::Adblock];

#[test]
fn what_each_form_looks_like() {
    let rows = [
        row("host", "www.evil.xx", "www.evil.xx"),
        row("host", "evil.xx", "evil.xx"),
        row("url", "http://page.evil.xx/=cmd|'x'", "page.evil.xx"),
        row("address", "198.51.100.7", "198.51.100.7"),
        Exported { guarded: true, ..row("host", "bank.xx", "bank.xx") },
    ];
    let as_of = "2026-11-22T05:00:00Z".parse().unwrap();
    let terms = terms("Our desk: name it");
    let export = Export { tld: "xx", as_of, rows: &rows, terms: &terms };
    let texts = FORMS.map(|form| format!("== {form:?}\n{}", export.write(form)));
    insta::assert_snapshot!(texts.join("\n").replace('\r', ""));
}

proptest! {
    #[test]
    fn nothing_breaks_out_of_its_line(
        texts in prop::collection::vec(("\\PC{0,30}|[a-z\n\r\";$(),=+@|-]{0,30}", "[a-z.\n;$( \"-]{0,20}"), 0..8),
        desk in "\\PC{0,30}|[a-z\n\r!#;|. ]{0,30}",
    ) {
        let rows: Vec<Exported> = texts.iter().map(|(text, host)| row("host", text, host)).collect();
        let terms = terms(&desk);
        let export = Export { tld: "xx", as_of: Epoch(0), rows: &rows, terms: &terms };
        for form in FORMS {
            let text = export.write(form);
            let (mark, ahead) = match form {
                Form::Csv => (None, 1),
                Form::Jsonl => (None, 0),
                Form::Hosts => (Some('#'), 0),
                Form::Rpz => (Some(';'), 3),
                Form::Adblock => (Some('!'), 0),
            };
            let comments = text.lines().take_while(|line| mark.is_some_and(|mark| line.starts_with(mark))).count();
            prop_assert!(comments <= if mark.is_some() { 5 } else { 0 }, "{form:?}: {text}");
            prop_assert!(text.lines().count() <= comments + ahead + rows.len(), "{form:?}: {text}");
            if mark.is_some() {
                let hosts: Vec<&str> = texts.iter().map(|(_, host)| host.as_str()).collect();
                for line in text.lines().skip(comments + ahead) {
                    let host = line.trim_start_matches("0.0.0.0 ").trim_start_matches("||");
                    let host = host.split([' ', '^']).next().unwrap();
                    prop_assert!(hosts.contains(&host), "{line}");
                }
            }
            if form == Form::Csv {
                // As a reader of other people's takes it.
                let records: Vec<csv::StringRecord> =
                    csv::Reader::from_reader(text.as_bytes()).records().collect::<Result<_, _>>().unwrap();
                prop_assert_eq!(records.len(), rows.len());
                let mut fields = records.iter().flatten();
                prop_assert!(fields.all(|field| !field.starts_with(['=', '+', '-', '@'])), "{}", text);
            }
        }
    }
}
