//! Formats: what each of them reads from a small realistic snapshot, faults included.

use std::fmt::Write;

use panopticon_sources::feeds::csv::{Column, Columns};
use panopticon_sources::feeds::snapshot::{Snapshot, read_snapshot};
use panopticon_sources::feeds::{FORMATS, FeedSpec, Kind, Limits, State};

use super::world::{files, places, read, spec};

/// A snapshot for people: a line per claim, a line per error.
fn shown(snapshot: &Snapshot) -> String {
    let mut text = String::new();
    let stamp = snapshot.stamp.map_or("none".to_owned(), |stamp| stamp.to_string());
    let Snapshot { rows, out_of_scope, duplicates, faulty, .. } = snapshot;
    writeln!(text, "stamp {stamp}, rows {rows}: {} kept", snapshot.kept()).unwrap();
    writeln!(text, "out of scope {out_of_scope}, duplicates {duplicates}, faulty {faulty}").unwrap();
    let mut claims: Vec<_> = snapshot.claims.iter().collect();
    claims.sort_by_key(|(_, claim)| (&claim.observable.canonical, &claim.observable.id));
    for (entry, claim) in claims {
        let observable = &claim.observable;
        let (kind, place) = (observable.kind.as_str(), &observable.place);
        writeln!(text, "\n{kind} {}", observable.canonical).unwrap();
        if let Some(original) = &observable.original {
            writeln!(text, "  spelled {original}").unwrap();
        }
        let domain = place.registrable_domain().unwrap_or("-");
        writeln!(text, "  {} of {domain}, tld {}", place.role(), place.tld()).unwrap();
        writeln!(text, "  entry {entry}, {}, {:?}", claim.abuse_class.as_str(), claim.state).unwrap();
        if !claim.label.is_empty() {
            writeln!(text, "  label {}", claim.label).unwrap();
        }
        if let Some(brand) = &claim.brand {
            writeln!(text, "  brand {brand}").unwrap();
        }
        if let Some(confidence) = claim.confidence {
            writeln!(text, "  confidence {confidence}").unwrap();
        }
        for (name, at) in [("reported", claim.reported_at), ("last seen", claim.last_seen)] {
            if let Some(at) = at {
                writeln!(text, "  {name} {at}").unwrap();
            }
        }
    }
    let mut errors: Vec<_> = snapshot.errors.values().collect();
    errors.sort();
    for error in errors {
        writeln!(text, "\nline {}: {}\n  {}", error.line_number, error.message, error.sample).unwrap();
    }
    text
}

#[test]
fn what_each_format_reads() {
    for format in FORMATS {
        for (name, bytes) in files(format.id) {
            let shown = shown(&read(format.id, &bytes).unwrap());
            insta::assert_snapshot!(format!("{}_{name}", format.id), shown);
        }
    }
}

#[test]
fn the_header_decides_on_the_columns() {
    let bytes =
        b"# reporter,tags,url,dateadded,id\n\"r\",\"a,b\",\"http://a.xx/\",\"2026-01-02 03:04:05\",\"7\"\n";
    let snapshot = read("urlhaus-csv", bytes).unwrap();
    let (entry, claim) = &snapshot.claims[0];
    assert_eq!((entry.to_string().as_str(), claim.label.as_str()), ("7", "a,b"));
    assert_eq!(claim.reported_at, "2026-01-02T03:04:05Z".parse().ok());
}

#[test]
fn what_a_publisher_lets_end_is_not_upheld_after_that() {
    let snapshot = read("stix", &files("stix").swap_remove(0).1).unwrap();
    let state = |name: &str| {
        let claim = snapshot.claims.iter().find(|(_, claim)| &*claim.observable.canonical == name);
        claim.map(|(_, claim)| claim.state)
    };
    assert_eq!(state("over.xx"), Some(State::Until("2026-05-10T00:00:00Z".parse().unwrap())));
    assert_eq!(state("shop.xx"), Some(State::Present));
}

#[test]
fn the_newest_version_of_an_entry_counts_wherever_it_stands() {
    let indicator = |modified: &str, name: &str| {
        format!(
            "{{\"type\":\"indicator\",\"id\":\"indicator--1\",\"pattern_type\":\"stix\",\
             \"pattern\":\"[domain-name:value = '{name}']\",\"modified\":\"{modified}\"}}"
        )
    };
    let (old, new) = (indicator("2026-05-08T00:00:00Z", "old.xx"), indicator("2026-05-09T00:00:00Z", "new.xx"));
    for objects in [format!("{old},{new}"), format!("{new},{old}"), format!("{old},{new},{old}")] {
        let snapshot = read("stix", format!("{{\"objects\":[{objects}]}}").as_bytes()).unwrap();
        let names: Vec<_> = snapshot.claims.iter().map(|(_, claim)| &*claim.observable.canonical).collect();
        assert_eq!(names, ["new.xx"], "{objects}");
        assert_eq!(snapshot.rows, snapshot.kept() + snapshot.duplicates);
    }
}

#[test]
fn of_an_older_version_nothing_is_left() {
    let indicator = |day: u8, names: &[&str]| {
        let values: Vec<String> = names.iter().map(|name| format!("domain-name:value = '{name}'")).collect();
        format!(
            "{{\"type\":\"indicator\",\"id\":\"indicator--1\",\"pattern_type\":\"stix\",\"pattern\":\"[{}]\",\
             \"modified\":\"2026-05-0{day}T00:00:00Z\"}}",
            values.join(" OR ")
        )
    };
    let three = indicator(1, &["a.xx", "b.xx", "c.xx"]);
    for (newer, left) in
        [(indicator(2, &["b.xx"]), vec!["b.xx"]), (indicator(2, &["d.xx", "a.xx"]), vec!["d.xx", "a.xx"])]
    {
        for objects in [format!("{three},{newer}"), format!("{newer},{three}")] {
            let snapshot = read("stix", format!("{{\"objects\":[{objects}]}}").as_bytes()).unwrap();
            let names: Vec<_> = snapshot.claims.iter().map(|(_, claim)| &*claim.observable.canonical).collect();
            assert_eq!(names, left, "{objects}");
            assert_eq!(snapshot.rows, snapshot.kept() + snapshot.duplicates);
        }
    }
    // What is somebody else's is not kept, but it replaces what was ours.
    let elsewhere = indicator(2, &["there.example"]);
    let snapshot = read("stix", format!("{{\"objects\":[{three},{elsewhere}]}}").as_bytes()).unwrap();
    assert_eq!((snapshot.kept(), snapshot.out_of_scope, snapshot.duplicates), (0, 1, 3));
}

#[test]
fn the_columns_of_a_table_are_described() {
    let named = |name: &str| Some(Column::Name(name.to_owned()));
    let columns = Columns {
        separator: Some(';'),
        kind: Some(Kind::Host),
        value: named("Indicator"),
        entry: Some(Column::Place(1)),
        label: named("tags"),
        reported_at: named("seen"),
        confidence: named("score"),
        ..Columns::default()
    };
    let described = |columns: Columns, text: &str| {
        let spec = FeedSpec { columns: Some(columns), ..spec("csv") };
        read_snapshot(&spec, &mut text.as_bytes(), &places(), &Limits::default())
    };
    let text = "# made today\n# no;seen;indicator;tags;score\n7;2026-05-08;shop.xx;\"a;b\";80\n\
                8;1778243286;login.bank-verify.xx;;\n9;soon;when.xx;;\n10;2026-05-08;;;\n";
    insta::assert_snapshot!("csv_described", shown(&described(columns.clone(), text).unwrap()));
    // Without a header that has all names there is nothing to go by.
    let found = described(columns, "no;seen;value;tags;score\n7;2026-05-08;shop.xx;a;80\n").unwrap();
    assert_eq!((found.rows, found.faulty), (0, 2));
    // Places alone need none. Tabs part empty columns too.
    let columns = Columns { separator: Some('\t'), value: Some(Column::Place(3)), ..Columns::default() };
    let found = described(columns, "x\t\tshop.xx\ny\t \t\"bank.xx\"\n").unwrap();
    assert_eq!((found.kept(), found.faulty), (2, 0));
}
