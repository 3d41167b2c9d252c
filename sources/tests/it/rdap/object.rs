//! Answers: what the fixtures say, what is forgiven, and what is not.

use panopticon_model::observation::RdapFacts;
use panopticon_sources::rdap::error::ObjectError;

use super::{fixture, read};

fn facts(file: &str, question: &str) -> RdapFacts {
    read(fixture(file), question).unwrap()
}

fn words(words: &[&str]) -> Vec<compact_str::CompactString> {
    words.iter().map(|word| (*word).into()).collect()
}

#[test]
fn in_the_style_of_reddog() {
    let expected = RdapFacts {
        created_at: "2019-03-01T10:00:00Z".parse().ok(),
        changed_at: "2025-11-02T03:04:05.678Z".parse().ok(),
        expires_at: "2026-03-01T10:00:00Z".parse().ok(),
        epp_statuses: words(&["clientHold", "serverTransferProhibited", "validated"]),
        registrar: Some("Example Registrar Ltd.".into()),
        registrar_iana_id: Some("9994".into()),
        registrar_abuse_email: Some("Abuse@registrar.example".into()),
        registrar_abuse_phone: Some("+99.5550002".into()),
        name_servers: words(&["ns1.hoster.example", "ns2.hoster.example"]),
        signed: Some(true),
        redacted: words(&["administrative", "administrative email", "registrant", "registrant email"]),
    };
    assert_eq!(facts("reddog.json", "shop.xx"), expected);
}

#[test]
fn in_the_style_of_icanns_profile() {
    let expected = RdapFacts {
        created_at: "2025-11-20T10:00:00Z".parse().ok(),
        changed_at: "2025-11-22T00:00:00Z".parse().ok(),
        expires_at: "2026-11-20T10:00:00Z".parse().ok(),
        epp_statuses: words(&["addPeriod", "clientTransferProhibited"]),
        registrar: Some("Bücher Registrar GmbH".into()),
        registrar_iana_id: Some("9999".into()),
        registrar_abuse_email: Some("abuse@xn--bcher-registrar-zvb.example".into()),
        registrar_abuse_phone: Some("+49-555-0100;ext=7".into()),
        name_servers: words(&["a.ns.example", "xn--bcher-kva.ns.example"]),
        signed: Some(false),
        redacted: words(&[
            "other",
            "registrant",
            "registrant email",
            "registrant name",
            "registry domain id",
            "tech name",
            "technical",
        ]),
    };
    assert_eq!(facts("icann2024.json", "bücher.example"), expected);
}

#[test]
fn thin_and_sloppy() {
    let expected = RdapFacts {
        created_at: "2024-02-29T08:00:00Z".parse().ok(),
        epp_statuses: words(&["ok"]),
        registrar: Some("Kiosk Registrar".into()),
        name_servers: words(&["ns.kiosk.xx", "ns.other.example"]),
        ..RdapFacts::default()
    };
    assert_eq!(facts("thin.json", "kiosk.xx"), expected);
}

#[test]
fn jscontact_only() {
    let expected = RdapFacts {
        created_at: "2023-05-05T05:05:05Z".parse().ok(),
        epp_statuses: words(&["ok"]),
        registrar: Some("Card Registrar Inc.".into()),
        registrar_iana_id: Some("9998".into()),
        registrar_abuse_email: Some("abuse@registrar.example".into()),
        registrar_abuse_phone: Some("+99-555-0002".into()),
        signed: Some(true),
        ..RdapFacts::default()
    };
    assert_eq!(facts("jscontact.json", "card.xx"), expected);
}

/// Reads an object with these members for `a.xx`.
fn with(members: &str) -> Result<RdapFacts, ObjectError> {
    read(format!(r#"{{"objectClassName":"domain","ldhName":"a.xx",{members}}}"#), "a.xx")
}

#[test]
fn of_whom_it_speaks() {
    for (answer, expected) in [
        (r#"{"objectClassName":"domain","ldhName":"a.xx"}"#, Ok(())),
        (r#"{"objectClassName":" Domain ","ldhName":"A.XX.","unicodeName":"b.xx"}"#, Ok(())),
        (r#"{"ldhName":"a.xx"}"#, Ok(())),
        (r#"{"objectClassName":"domain","ldhName":null,"unicodeName":"a.xx"}"#, Ok(())),
        ("\u{feff} {\"ldhName\":\"a.xx\"}\n", Ok(())),
        (r#"{"objectClassName":"domain","ldhName":"b.xx"}"#, Err(ObjectError::Mismatch)),
        (r#"{"objectClassName":"domain","ldhName":"b.xx","unicodeName":"a.xx"}"#, Err(ObjectError::Mismatch)),
        (r#"{"objectClassName":"domain","ldhName":"www.a.xx"}"#, Err(ObjectError::Mismatch)),
        (r#"{"objectClassName":"domain","unicodeName":"ä.xx"}"#, Err(ObjectError::Mismatch)),
        (r#"{"objectClassName":"domain"}"#, Err(ObjectError::Nameless)),
        (r#"{"objectClassName":"domain","ldhName":["a.xx"]}"#, Err(ObjectError::Nameless)),
        (r#"{"objectClassName":"domain","ldhName":"a b.xx"}"#, Err(ObjectError::Nameless)),
        (r#"{"objectClassName":"nameserver","ldhName":"a.xx"}"#, Err(ObjectError::Class)),
        (r#"{"objectClassName":["domain"],"ldhName":"a.xx"}"#, Err(ObjectError::Class)),
        (r#"{"domainSearchResults":[{"objectClassName":"domain","ldhName":"a.xx"}]}"#, Err(ObjectError::Nameless)),
        (r#"{"errorCode":404,"title":"Not Found"}"#, Err(ObjectError::Error(404))),
        (r#"{"errorCode":"429","objectClassName":"domain","ldhName":"a.xx"}"#, Err(ObjectError::Error(429))),
        (r#"{"errorCode":{},"ldhName":"a.xx"}"#, Err(ObjectError::Error(0))),
        (r#"[{"objectClassName":"domain","ldhName":"a.xx"}]"#, Err(ObjectError::NotAnObject)),
        // Members in order, as a lenient reader would take them.
        (r#"[null,"domain","a.xx",null,null,null,null,null,null,null,null,null]"#, Err(ObjectError::NotAnObject)),
        (r#""a.xx""#, Err(ObjectError::NotAnObject)),
        ("null", Err(ObjectError::NotAnObject)),
        (r#"{"ldhName":"a.xx","ldhName":"b.xx"}"#, Err(ObjectError::Twice("domain"))),
        ("", Err(ObjectError::Json { line: 1, column: 0 })),
        ("<html>\n</html>", Err(ObjectError::Json { line: 1, column: 1 })),
        ("{\"ldhName\":\"a.xx\",\n}", Err(ObjectError::Json { line: 2, column: 1 })),
        ("{\"ldhName\":\"a.xx\"}{}", Err(ObjectError::Json { line: 1, column: 19 })),
    ] {
        assert_eq!(read(answer, "a.xx").map(|_| ()), expected, "{answer}");
    }
    assert_eq!(read(b"{\"ldhName\":\"\xe4.xx\"}", "a.xx"), Err(ObjectError::Json { line: 0, column: 0 }));
}

#[test]
fn dates() {
    let created = |date: &str| with(&format!(r#""events":[{{"eventAction":"registration","eventDate":{date}}}]"#));
    for (date, expected) in [
        (r#""2024-02-29T08:00:00Z""#, Some("2024-02-29T08:00:00Z")),
        (r#"" 2024-02-29T08:00:00.123456+01:00""#, Some("2024-02-29T07:00:00.123Z")),
        (r#""2024-02-29T08:00:00""#, Some("2024-02-29T08:00:00Z")),
        (r#""2024-02-29""#, Some("2024-02-29T00:00:00Z")),
        (r#""2023-02-29T08:00:00Z""#, None),
        (r#""1969-12-31T23:59:59Z""#, None),
        (r#""9999-12-31T23:59:59Z""#, None),
        (r#""""#, None),
        ("1709193600", None),
        ("null", None),
        ("{}", None),
    ] {
        assert_eq!(created(date).unwrap().created_at, expected.map(|date| date.parse().unwrap()), "{date}");
    }
    let facts = with(
        r#""events":["x",{"eventAction":"Last  Changed","eventDate":"2024-01-02"},{"eventDate":"2024-01-03"},
        {"eventAction":"last changed","eventDate":"2024-01-01"},{"eventAction":"locked","eventDate":"2024-01-04"}]"#,
    );
    assert_eq!(facts.unwrap().changed_at, "2024-01-02".parse().ok(), "the latest counts");
}

#[test]
fn whether_it_is_signed() {
    for (secure, expected) in [
        (r#"{"delegationSigned":true}"#, Some(true)),
        (r#"{"delegationSigned":false,"dsData":[{"keyTag":1}]}"#, Some(false)),
        (r#"{"delegationSigned":"True"}"#, Some(true)),
        (r#"{"delegationSigned":0}"#, Some(false)),
        (r#"{"zoneSigned":true}"#, None),
        (r#"{"dsData":[]}"#, None),
        (r#"{"keyData":{"flags":257}}"#, Some(true)),
        ("{}", None),
        ("[]", None),
        ("null", None),
        (r#""signed""#, None),
    ] {
        assert_eq!(with(&format!(r#""secureDNS":{secure}"#)).unwrap().signed, expected, "{secure}");
    }
}

/// An entity with roles, a jCard with a name, an address and a number, and further members.
fn entity(roles: &str, name: &str, more: &str) -> String {
    format!(
        r#"{{"roles":[{roles}],"vcardArray":["vcard",[["fn",{{}},"text","{name}"],["email",{{}},"text","{name}@a.example"],
        ["tel",{{}},"uri","tel:+1-555-0100"]]]{more}}}"#
    )
}

#[test]
fn which_registrar_and_which_desk() {
    let desk = entity(r#""abuse""#, "desk", "");
    let inside = |entities: &str| format!(r#","entities":[{entities}]"#);
    for (entities, registrar, email, why) in [
        (entity(r#""registrar""#, "one", &inside(&desk)), Some("one"), Some("desk@a.example"), "as it should be"),
        (desk.clone(), None, None, "a desk of nobody"),
        (entity(r#""registrar""#, "one", "") + "," + &desk, Some("one"), None, "a desk beside the registrar"),
        (
            entity(r#""registrar","abuse""#, "one", ""),
            Some("one"),
            Some("one@a.example"),
            "a registrar that is its desk",
        ),
        (
            entity(r#""reseller""#, "shop", &inside(&entity(r#""registrar""#, "two", &inside(&desk))))
                + ","
                + &entity(r#""registrar""#, "one", ""),
            Some("one"),
            None,
            "the registrar that lies highest, and the desk of no other",
        ),
        (entity(r#""registrar","registrant""#, "one", &inside(&desk)), None, Some("desk@a.example"), "a contact"),
        (
            entity(r#""registrar""#, "one", &inside(&entity(r#""abuse","technical""#, "two", ""))),
            Some("one"),
            None,
            "a desk that is a contact",
        ),
        (entity(r#""Registrar ""#, "one", ""), Some("one"), None, "another case"),
        (entity(r#""owner""#, "one", ""), None, None, "an unknown role"),
        (r#"{"vcardArray":["vcard",[["fn",{},"text","one"]]]}"#.to_owned(), None, None, "no role"),
        (r#""one",1,null,["registrar"]"#.to_owned(), None, None, "things that are no entities"),
    ] {
        let facts = with(&format!(r#""entities":[{entities}]"#)).unwrap();
        assert_eq!(facts.registrar.as_deref(), registrar, "{why}");
        assert_eq!(facts.registrar_abuse_email.as_deref(), email, "{why}");
        assert_eq!(facts.registrar_abuse_phone.is_some(), email.is_some(), "{why}");
    }
}

#[test]
fn names_on_cards_of_registrars() {
    for (members, expected) in [
        (r#""vcardArray":["vcard",[["fn",{},"text","A"],["org",{},"text","B"]]]"#, Some("B")),
        (r#""vcardArray":["vcard",[["fn",{},"text","A"],["org",{},"text",["B","desk"]]]]"#, Some("B")),
        (r#""vcardArray":["vcard",[["fn",{},"text","A"],["org",{},"text"," "]]]"#, Some("A")),
        (r#""vcardArray":["vcard",[["kind",{},"text","Individual"],["fn",{},"text","A"]]]"#, None),
        (r#""vcardArray":["vcard",[["kind",{},"text","org"],["fn",{},"text","A"]]]"#, Some("A")),
        (r#""vcardArray":["vcard",[["FN",{},"text","A"],"x",["fn"],[]]]"#, Some("A")),
        (r#""vcardArray":["vcard"],"jscontact_card":{"name":{"full":"C"}}"#, Some("C")),
        (r#""jscontact_card":{"kind":"individual","name":{"full":"C"}}"#, None),
        (r#""jscontact_card":{"name":"C","organizations":{"a":{},"b":{"name":"D"}}}"#, Some("D")),
        (r#""vcardArray":{"fn":"A"},"jscontact_card":["C"]"#, None),
    ] {
        let facts = with(&format!(r#""entities":[{{"roles":["registrar"],{members}}}]"#)).unwrap();
        assert_eq!(facts.registrar.as_deref(), expected, "{members}");
    }
}

#[test]
fn numbers_at_iana() {
    for (ids, expected) in [
        (r#"[{"type":"IANA Registrar ID","identifier":"1"}]"#, Some("1")),
        (r#"{"type":"IANA  registrar id","identifier":1}"#, Some("1")),
        (r#"[{"type":"ENS Auth ID","identifier":"2"},{"type":"IANA Registrar ID","identifier":"1"}]"#, Some("1")),
        (r#"[{"type":"IANA Registrar ID","identifier":"not applicable"}]"#, None),
        (r#"[{"identifier":"1"}]"#, None),
        (r#"["1"]"#, None),
    ] {
        let facts = with(&format!(r#""entities":[{{"roles":["registrar"],"publicIds":{ids}}}]"#)).unwrap();
        assert_eq!(facts.registrar_iana_id.as_deref(), expected, "{ids}");
    }
}

#[test]
fn what_is_withheld_is_told_from_what_is_absent() {
    let registrant = |members: &str| format!(r#""entities":[{{"roles":["registrant"],{members}}}]"#);
    for (members, expected) in [
        (registrant(r#""vcardArray":["vcard",[["fn",{},"text","Somebody"]]]"#), &[][..]),
        (registrant(r#""handle":"1""#), &[]),
        (registrant(r#""vcardArray":["vcard",[["fn",{},"text",""]]]"#), &["registrant"]),
        (registrant(r#""vcardArray":["vcard",[["fn",{},"text","REDACTED FOR PRIVACY"]]]"#), &["registrant"]),
        (registrant(r#""vcardArray":["vcard",[["contact-uri",{},"uri","https://a.example"]]]"#), &["registrant"]),
        (
            registrant(
                r#""vcardArray":["vcard",[["contact-uri",{},"uri","https://a.example"],["email",{},"text","a@a"]]]"#,
            ),
            &[],
        ),
        (registrant(r#""jscontact_card":{"name":{"full":"Data withheld"}}"#), &["registrant"]),
        (registrant(r#""status":"private""#), &["registrant"]),
        (registrant(r#""status":["active"]"#), &[]),
        (registrant(r#""remarks":[{"type":"object redacted due to authorization"}]"#), &["registrant"]),
        (registrant(r#""remarks":{"title":"E-Mail Redacted"}"#), &["registrant email"]),
        (registrant(r#""remarks":[{"title":"Greeting","description":["Hello"]}]"#), &[]),
        (r#""remarks":[{"type":"object truncated due to authorization"}]"#.to_owned(), &["domain"]),
        (r#""notices":[{"type":"object redacted due to authorization"}]"#.to_owned(), &["domain"]),
        (r#""notices":[{"title":"Terms","description":["may be redacted"]}]"#.to_owned(), &[]),
        (r#""redacted":[{"name":{"type":"Registrant Fax Ext"}}]"#.to_owned(), &["registrant fax ext"]),
        (r#""redacted":[{"name":{}},{"reason":{}},"x"]"#.to_owned(), &["other"]),
    ] {
        assert_eq!(with(&members).unwrap().redacted, words(expected), "{members}");
    }
}
