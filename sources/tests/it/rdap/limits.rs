//! Answers of any size, depth and shape: an error or facts, never a panic, and nothing without bounds.

use panopticon_model::observation::RdapFacts;
use panopticon_model::url::mask_mail;
use panopticon_sources::rdap::error::{MAX_ANSWER, MAX_DEPTH, MAX_ITEMS, ObjectError};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{FIXTURES, fixture, read};

/// An answer for `a.xx` with one more member, written out.
fn answer(name: &str, value: &str) -> String {
    format!(r#"{{"objectClassName":"domain","ldhName":"a.xx","{name}":{value}}}"#)
}

#[test]
fn sizes() {
    let padded = |length: usize| format!("{}{}", answer("x", "1"), " ".repeat(length - answer("x", "1").len()));
    assert!(read(padded(MAX_ANSWER), "a.xx").is_ok());
    assert_eq!(read(padded(MAX_ANSWER + 1), "a.xx"), Err(ObjectError::TooLarge(MAX_ANSWER + 1)));
}

#[test]
fn lists() {
    let list = |item: &str, length: usize| format!("[{}]", vec![item; length].join(","));
    let registrar = |member: &str, list: &str| format!(r#"[{{"roles":["registrar","abuse"],"{member}":{list}}}]"#);
    for (name, item) in
        [("events", "{}"), ("status", "\"active\""), ("nameservers", "{}"), ("redacted", "{}"), ("entities", "{}")]
    {
        assert!(read(answer(name, &list(item, MAX_ITEMS)), "a.xx").is_ok(), "{name}");
        assert_eq!(read(answer(name, &list(item, MAX_ITEMS + 1)), "a.xx"), Err(ObjectError::TooMany(name)));
    }
    for (member, item) in [("publicIds", "{}"), ("remarks", "{}"), ("roles", "\"abuse\"")] {
        let entities = format!(r#"[{{"{member}":{}}}]"#, list(item, MAX_ITEMS + 1));
        let entities =
            if member == "publicIds" { registrar(member, &list(item, MAX_ITEMS + 1)) } else { entities };
        assert_eq!(read(answer("entities", &entities), "a.xx"), Err(ObjectError::TooMany(member)));
    }
    let card = format!(r#"["vcard",{}]"#, list("[]", MAX_ITEMS + 1));
    let entities = registrar("vcardArray", &card);
    assert_eq!(read(answer("entities", &entities), "a.xx"), Err(ObjectError::TooMany("vcardArray")));
    let emails: Map<String, Value> = (0..=MAX_ITEMS).map(|id| (id.to_string(), json!({}))).collect();
    let entities = registrar("jscontact_card", &json!({ "emails": emails }).to_string());
    assert_eq!(read(answer("entities", &entities), "a.xx"), Err(ObjectError::TooMany("jscontact_card")));
    // Few on each level, many in all.
    let inner = format!(r#"[{{"entities":{}}},{{"entities":{}}}]"#, list("{}", 600), list("{}", 600));
    assert_eq!(read(answer("entities", &inner), "a.xx"), Err(ObjectError::TooMany("entities")));
}

#[test]
fn depths() {
    let nested = |depth: usize| {
        let innermost = r#"{"roles":["registrar"],"publicIds":[{"type":"IANA Registrar ID","identifier":"7"}]}"#;
        (1..depth).fold(innermost.to_owned(), |inner, _| format!(r#"{{"entities":[{inner}]}}"#))
    };
    let found = read(answer("entities", &nested(MAX_DEPTH)), "a.xx").unwrap();
    assert_eq!(found.registrar_iana_id.as_deref(), Some("7"));
    assert_eq!(read(answer("entities", &nested(MAX_DEPTH + 1)), "a.xx"), Err(ObjectError::TooDeep));
    // What nobody looks into may be as deep as it likes.
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    for name in
        ["x", "events", "status", "entities", "nameservers", "secureDNS", "redacted", "remarks", "ldhNames"]
    {
        assert!(read(answer(name, &deep), "a.xx").is_ok(), "{name}");
    }
}

#[test]
fn a_member_that_is_there_twice() {
    for (name, item) in [
        ("events", r#"{"eventDate":1,"eventDate":2}"#),
        ("nameservers", r#"{"ldhName":"a","ldhName":"b"}"#),
        ("secureDNS", r#"{"dsData":1,"dsData":2}"#),
        ("entities", r#"{"roles":"registrar","roles":"registrant"}"#),
    ] {
        assert_eq!(read(answer(name, item), "a.xx"), Err(ObjectError::Twice(name)));
    }
}

/// What holds for all facts.
fn check(facts: &RdapFacts) {
    for list in [&facts.epp_statuses, &facts.name_servers, &facts.redacted] {
        assert!(list.is_sorted_by(|a, b| a < b) && list.len() <= 2 * MAX_ITEMS, "{list:?}");
    }
    let is_plain = |text: &str| !text.is_empty() && text.len() <= 1000 && !text.contains(char::is_control);
    let texts =
        [&facts.registrar, &facts.registrar_iana_id, &facts.registrar_abuse_email, &facts.registrar_abuse_phone];
    assert!(texts.into_iter().flatten().all(|text| is_plain(text)), "{facts:?}");
    assert!(facts.registrar.as_ref().is_none_or(|name| mask_mail(name) == name.as_str()), "{facts:?}");
}

/// Names of members, known ones mostly.
fn member() -> impl Strategy<Value = String> {
    const KNOWN: &[&str] = &[
        "objectClassName",
        "ldhName",
        "unicodeName",
        "events",
        "eventAction",
        "eventDate",
        "status",
        "nameservers",
        "secureDNS",
        "delegationSigned",
        "dsData",
        "entities",
        "roles",
        "publicIds",
        "type",
        "identifier",
        "vcardArray",
        "jscontact_card",
        "remarks",
        "notices",
        "redacted",
        "name",
        "emails",
        "errorCode",
    ];
    prop_oneof![8 => prop::sample::select(KNOWN).prop_map(str::to_owned), 1 => ".{0,8}"]
}

/// Any JSON that has something of an answer.
fn value() -> impl Strategy<Value = Value> {
    const WORDS: &[&str] = &[
        "domain",
        "a.xx",
        "registrar",
        "abuse",
        "registrant",
        "registration",
        "2024-01-01",
        "vcard",
        "fn",
        "email",
    ];
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        4 => prop::sample::select(WORDS).prop_map(Value::from),
        1 => ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            2 => prop::collection::btree_map(member(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_are_an_answer_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(bytes, "a.xx");
    }

    #[test]
    fn any_object_is_an_answer_or_an_error(members in prop::collection::btree_map(member(), value(), 0..12)) {
        let mut object: Map<String, Value> = members.into_iter().collect();
        object.extend([("objectClassName".to_owned(), "domain".into()), ("ldhName".to_owned(), "a.xx".into())]);
        object.remove("errorCode");
        let facts = read(Value::Object(object).to_string(), "a.xx");
        // None of it is long or deep, and a member is there once: lenience must bring all of it through.
        prop_assert!(facts.is_ok(), "{facts:?}");
        check(&facts.unwrap());
    }

    #[test]
    fn damage_never_panics(
        file in prop::sample::select(&FIXTURES[..]),
        hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = fixture(file.0);
        prop_assert!(read(&bytes[..cut.index(bytes.len() - 2)], file.1).is_err());
        for (at, byte) in hits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(facts) = read(bytes, file.1) {
            check(&facts);
        }
    }
}
