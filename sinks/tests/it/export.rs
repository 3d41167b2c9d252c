//! Exports: what is in them, what never is, and that nothing breaks out of a line.

use panopticon_model::time::Epoch;
use panopticon_sinks::export::{Exported, Form, write};
use proptest::prelude::*;

fn row(kind: &str, observable: &str, host: &str) -> Exported {
    Exported {
        observable: observable.into(),
        kind: kind.into(),
        host: host.into(),
        registrable_domain: Some("evil.xx".into()),
        abuse_class: "phishing".into(),
        feed_ids: vec!["desk".into(), "openphish".into()],
        first_seen: "2026-11-22T01:00:00.000Z".into(),
        validated: true,
        guarded: false,
    }
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
    let texts = FORMS.map(|form| format!("== {form:?}\n{}", write(form, "xx", as_of, &rows)));
    insta::assert_snapshot!(texts.join("\n").replace('\r', ""));
}

proptest! {
    #[test]
    fn nothing_breaks_out_of_its_line(texts in prop::collection::vec(("\\PC{0,30}|[a-z\n\r\";$(),=+@|-]{0,30}", "[a-z.\n;$( \"-]{0,20}"), 0..8)) {
        let rows: Vec<Exported> = texts.iter().map(|(text, host)| row("host", text, host)).collect();
        for form in FORMS {
            let text = write(form, "xx", Epoch(0), &rows);
            let lines = text.lines().count();
            let heads = match form { Form::Csv | Form::Hosts => 1, Form::Jsonl => 0, Form::Rpz => 4, Form::Adblock => 2 };
            prop_assert!(lines <= rows.len() + heads, "{form:?}: {text}");
            if matches!(form, Form::Hosts | Form::Rpz | Form::Adblock) {
                let hosts: Vec<&str> = texts.iter().map(|(_, host)| host.as_str()).collect();
                for line in text.lines().skip(heads) {
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
