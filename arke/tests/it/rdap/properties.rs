//! Whatever the bytes, the reader ends, does not panic, and keeps to its limits.

use std::collections::BTreeSet;

use arke::rdap::answer::{self, Email, Registration};
use proptest::prelude::*;
use serde_json::{Map, Value};

use super::{ANSWERS, fixture, name};

/// The names of members that mean something, and some that do not.
const MEMBERS: [&str; 26] = [
    "objectClassName",
    "ldhName",
    "status",
    "events",
    "eventAction",
    "eventDate",
    "entities",
    "roles",
    "vcardArray",
    "jscontact_card",
    "redacted",
    "name",
    "type",
    "method",
    "prePath",
    "remarks",
    "notices",
    "publicIds",
    "identifier",
    "links",
    "rel",
    "href",
    "emails",
    "address",
    "pref",
    "x",
];

/// Texts that mean something in some place.
const TEXTS: [&str; 22] = [
    "domain",
    "a.xx",
    "registrant",
    "registrar",
    "abuse",
    "technical",
    "vcard",
    "email",
    "fn",
    "tel",
    "contact-uri",
    "jana@osobova.example",
    "REDACTED FOR PRIVACY",
    "private",
    "proxy",
    "Registrant Email",
    "partialValue",
    "$.entities[?(@.roles[0]=='technical')]",
    "https://form.example/",
    "registration",
    "2025-01-01T00:00:00Z",
    "tel:+420555",
];

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => proptest::sample::select(TEXTS.as_slice()).prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 96, 8, |inner| {
        let members = (proptest::sample::select(MEMBERS.as_slice()), inner.clone());
        prop_oneof![
            proptest::collection::vec(inner, 0..6).prop_map(Value::from),
            proptest::collection::vec(members, 0..8).prop_map(|members| {
                Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
            }),
        ]
    })
}

fn check(registration: &Registration) {
    assert!(registration.contacts.len() <= 200 + 11);
    assert!(registration.statuses.is_sorted());
    for contact in &registration.contacts {
        let own = contact.path.last();
        assert!(own.is_some_and(|role| contact.roles.contains(role)) && contact.path.len() <= 4);
        match &contact.email {
            Email::Present(addresses) => {
                let keys: BTreeSet<_> = addresses.iter().map(arke::contact::Address::key).collect();
                assert!(!keys.is_empty() && keys.len() == addresses.len());
                assert!(keys.iter().all(|key| !key.contains('*')));
            }
            Email::FormOnly(uri) => assert!(uri.starts_with("http")),
            Email::Redacted { .. } | Email::Absent => {}
        }
        let texts = [&contact.name, &contact.organisation, &contact.phone];
        for text in texts.into_iter().flatten() {
            assert!(!text.reveal().is_empty() && !text.reveal().contains(char::is_control));
        }
    }
    let debug = format!("{registration:?}");
    assert!(!debug.contains("osobova"), "{debug}");
}

proptest! {
    #[test]
    fn any_json_about_the_name_is_read_or_refused(mut domain in proptest::collection::btree_map(
        proptest::sample::select(&MEMBERS[2..]), json(), 0..12)) {
        domain.insert("ldhName", "a.xx".into());
        let domain: Map<String, Value> = domain.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        if let Ok(registration) = answer::read(Value::Object(domain).to_string().as_bytes(), &name("a.xx")) {
            check(&registration);
        }
    }

    #[test]
    fn no_bytes_break_it(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = answer::read(&bytes, &name("a.xx"));
    }

    /// A fixture with octets changed, left out and doubled, as a fuzzer would.
    #[test]
    fn a_damaged_answer_is_read_or_refused(
        which in 0..ANSWERS.len(),
        damage in proptest::collection::vec((any::<proptest::sample::Index>(), 0..4_u8, any::<u8>()), 1..12),
    ) {
        let (file, question) = ANSWERS[which];
        let mut bytes = fixture(file);
        for (place, how, with) in damage {
            let at = place.index(bytes.len());
            match how {
                0 => bytes[at] = with,
                1 => drop(bytes.drain(at..(at + usize::from(with)).min(bytes.len() - 1))),
                2 => bytes.insert(at, b"[]{}\",:0"[usize::from(with % 8)]),
                _ => {
                    let copy = bytes[at..(at + usize::from(with)).min(bytes.len())].to_vec();
                    bytes.splice(at..at, copy);
                }
            }
        }
        if let Ok(registration) = answer::read(&bytes, &name(question)) {
            prop_assert_eq!(&registration.name, &name(question));
        }
    }
}
