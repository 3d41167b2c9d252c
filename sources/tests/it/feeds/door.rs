//! The door: spelling in, observable out.

use panopticon_model::sighting::AbuseClass;
use panopticon_sources::door::{Admission, admit};
use panopticon_sources::feeds::{Kind, Row};

use super::world::places;

/// `kind canonical`, `out` for what is not ours, or the fault.
fn through(kind: Kind, value: &str) -> String {
    match admit(&Row::listed(kind, value), AbuseClass::Other, &places()) {
        Ok(Admission::Kept(_, claim)) => {
            format!("{} {}", claim.observable.kind.as_str(), claim.observable.canonical)
        }
        Ok(Admission::OutOfScope) => "out".to_owned(),
        Err(fault) => format!("fault: {fault}"),
    }
}

#[test]
fn the_spelling_decides_on_the_kind() {
    for (value, expect) in [
        ("a.xx", "host a.xx"),
        ("A.XX.", "host a.xx"),
        ("a[.]xx", "host a.xx"),
        ("a.xx/", "url http://a.xx/"),
        ("a.xx:8080", "url http://a.xx:8080/"),
        ("a.xx?b", "url http://a.xx/?b"),
        ("https://a.xx", "url https://a.xx/"),
        ("hxxps[:]//a[dot]xx/b", "url https://a.xx/b"),
        ("198.51.100.7", "address 198.51.100.7"),
        ("2001:db8::7", "address 2001:db8::7"),
        ("[2001:db8::7]", "address 2001:db8::7"),
        ("http://[2001:db8::7]/", "url http://[2001:db8::7]/"),
        ("http://198.51.100.7/x", "url http://198.51.100.7/x"),
        ("a.example", "out"),
        ("http://a.example/", "out"),
    ] {
        assert_eq!(through(Kind::Any, value), expect, "{value}");
    }
}

#[test]
fn what_nobody_can_have_registered_is_a_fault() {
    for value in [
        "xx",
        "co.xx",
        "example",
        "localhost",
        "a.invalid",
        "a..xx",
        ".a.xx",
        "http://www..xx/",
        "http://co.xx/a",
        "192.0.2.0/24",
        "2001:db8::/32",
        "127.0.0.1",
        "0.0.0.0",
        "::1",
        "http://127.0.0.1/x",
        "telnet://a.xx/",
        "*.a.xx",
        "",
        "http://",
        "a b.xx",
    ] {
        assert!(through(Kind::Any, value).starts_with("fault: "), "{value}");
    }
}

#[test]
fn words_are_masked_and_the_url_is_whole() {
    let url = "http://a.xx/?to=jane.doe@example.test";
    let row = Row { label: "by jane.doe@example.test\u{7}", brand: Some(" Bank "), ..Row::listed(Kind::Url, url) };
    let Ok(Admission::Kept(_, claim)) = admit(&row, AbuseClass::Phishing, &places()) else { panic!("is kept") };
    assert_eq!((claim.label.as_str(), claim.brand.as_deref()), ("by [email]", Some("Bank")));
    assert!(
        claim.observable.canonical.contains("jane.doe"),
        "the id is over the whole, and so is what is fetched"
    );
    assert_eq!(claim.abuse_class, AbuseClass::Phishing);
    // What does not show must not hide an address from the mask.
    let row = Row { label: "jane.doe\u{1}@example\u{7}.test", ..row };
    let Ok(Admission::Kept(_, claim)) = admit(&row, AbuseClass::Phishing, &places()) else { panic!("is kept") };
    assert_eq!(claim.label, "[email]");
}

#[test]
fn an_entry_without_an_id_is_its_observable_and_label() {
    let id = |value: &str, label: &str| match admit(
        &Row { label, ..Row::listed(Kind::Url, value) },
        AbuseClass::Other,
        &places(),
    ) {
        Ok(Admission::Kept(entry, _)) => entry,
        other => panic!("{other:?}"),
    };
    assert_eq!(id("http://a.xx/b", "x"), id("HTTP://A.xx:80/%62", "x"));
    assert_ne!(id("http://a.xx/b", "x"), id("http://a.xx/b", "y"));
    let long = "9".repeat(129);
    let row = Row { entry: Some(&long), ..Row::listed(Kind::Url, "http://a.xx/") };
    assert!(admit(&row, AbuseClass::Other, &places()).is_err());
}
