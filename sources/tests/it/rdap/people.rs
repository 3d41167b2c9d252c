//! People: whatever a server writes into an answer, and wherever, no person comes out.
//!
//! Each place of each fixture is taken in turn: its value becomes a person's, people are added to it. What comes out
//! may show a planted text only where an office answers: the name on the registrar's card, the address and the number
//! on that of its abuse desk.

use serde_json::{Value, json};

use super::{FIXTURES, fixture, read};

/// A person: name, address, e-mail, telephone.
const PERSON: [&str; 4] =
    ["Jana Osobova", "Soukenicka 12, 602 00 Praha", "jana.osobova@person.example", "tel:+420-602-555-123"];

/// What is left of a person in any of our spellings.
const TRACES: [&str; 7] = ["jana", "osobova", "soukenicka", "praha", "person.example", "602-555", "602555"];

/// Where an answer leads: names of members and places in lists.
type Place = Vec<String>;

/// All places below a value, each with what a person there would be.
fn places(value: &Value, here: &Place, found: &mut Vec<Place>) {
    found.push(here.clone());
    let below = |key: String| here.iter().cloned().chain([key]).collect();
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| places(item, &below(at.to_string()), found));
        }
        Value::Object(members) => {
            members.iter().for_each(|(name, item)| places(item, &below(name.clone()), found));
        }
        _ => {}
    }
}

fn pointer(place: &Place) -> String {
    place.iter().map(|key| format!("/{}", key.replace('~', "~0").replace('/', "~1"))).collect()
}

/// Whether a text at a place is that of an office: of the card of the entity with the role, the properties that we
/// take. Both kinds of card name them by their own words.
fn is_office(answer: &Value, place: &Place) -> bool {
    let Some(card) = place.iter().rposition(|key| key == "vcardArray" || key == "jscontact_card") else {
        return false;
    };
    let entity = answer.pointer(&pointer(&place[..card].to_vec())).unwrap();
    let roles = entity["roles"].to_string().to_lowercase();
    let rest = &place[card + 1..];
    let property = match rest {
        [_, number, ..] if place[card] == "vcardArray" => {
            entity["vcardArray"][1][number.parse::<usize>().unwrap()][0].as_str().unwrap_or_default().to_owned()
        }
        [name, ..] => name.clone(),
        [] => String::new(),
    };
    let takes = |names: &[&str]| names.contains(&property.as_str());
    (roles.contains("registrar") && takes(&["fn", "org", "name", "organizations"]))
        || (roles.contains("abuse") && takes(&["email", "tel", "emails", "phones"]))
}

fn traces(text: &str) -> Vec<&'static str> {
    let text = text.to_lowercase();
    TRACES.into_iter().filter(|trace| text.contains(trace)).collect()
}

fn check(answer: &Value, question: &str, what: &str) {
    let result = read(answer.to_string(), question);
    let shown = match &result {
        Ok(facts) => format!("{facts:?}"),
        Err(error) => format!("{error:?} {error}"),
    };
    assert_eq!(traces(&shown), [""; 0], "{what}: {shown}");
}

#[test]
fn a_person_in_the_place_of_any_value() {
    for (file, question) in FIXTURES {
        let answer: Value = serde_json::from_slice(&fixture(file)).unwrap();
        let mut all = Vec::new();
        places(&answer, &Vec::new(), &mut all);
        let mut planted = 0;
        for place in all.iter().filter(|place| !is_office(&answer, place)) {
            for person in PERSON {
                for value in [json!(person), json!([person]), json!({ "name": person, "description": [person] })] {
                    let mut answer = answer.clone();
                    *answer.pointer_mut(&pointer(place)).unwrap() = value;
                    check(&answer, question, &format!("{file} {}", pointer(place)));
                    planted += 1;
                }
            }
        }
        assert!(planted > 200, "{file}: {planted}");
    }
}

/// A contact as a careless server could put it anywhere.
fn contact(roles: &Value) -> Value {
    let [name, address, email, phone] = PERSON;
    json!({
        "objectClassName": "entity", "handle": email, "roles": roles,
        "vcardArray": ["vcard", [
            ["version", {}, "text", "4.0"], ["fn", {}, "text", name], ["org", {}, "text", name],
            ["adr", { "label": address }, "text", ["", "", address, "", "", "", ""]],
            ["email", { "pref": "1" }, "text", email], ["tel", { "type": "voice" }, "uri", phone],
        ]],
        "jscontact_card": {
            "name": { "full": name }, "organizations": { "o": { "name": name } },
            "emails": { "e": { "address": email, "pref": 1 } }, "phones": { "p": { "number": phone } },
        },
        "remarks": [{ "title": "EMAIL REDACTED", "description": [email] }], "status": ["private", name],
    })
}

#[test]
fn people_beside_anything() {
    let [name, address, email, phone] = PERSON;
    for (file, question) in FIXTURES {
        let answer: Value = serde_json::from_slice(&fixture(file)).unwrap();
        let mut all = Vec::new();
        places(&answer, &Vec::new(), &mut all);
        // An unknown role, none, and each of those that people have, alone and beside an office's.
        let personal = ["registrant", "administrative", "technical", "billing", "proxy", "owner"];
        let roles =
            personal.iter().flat_map(|role| [json!([role]), json!([role, "registrar", "abuse"]), json!(role)]);
        for roles in roles.chain([json!([]), json!(null), json!(7)]) {
            for place in &all {
                let mut answer = answer.clone();
                match answer.pointer_mut(&pointer(place)).unwrap() {
                    Value::Object(members) => {
                        for (member, value) in [
                            ("fn", name),
                            ("email", email),
                            ("phone", phone),
                            ("address", address),
                            ("eventActor", name),
                        ] {
                            members.entry(member).or_insert(json!(value));
                        }
                        members.entry("contact").or_insert(contact(&roles));
                        members.entry("entities").or_insert(json!([contact(&roles)]));
                    }
                    // A property or a part of a value has no contacts in it.
                    Value::Array(items) if !place.iter().any(|key| key == "vcardArray") => {
                        items.insert(0, contact(&roles));
                    }
                    _ => continue,
                }
                check(&answer, question, &format!("{file} {} {roles}", pointer(place)));
            }
        }
    }
}

#[test]
fn the_traces_are_found_where_an_office_answers() {
    // The test above would be worth nothing if it looked for the wrong thing.
    let mut answer: Value = serde_json::from_slice(&fixture("reddog.json")).unwrap();
    answer["entities"][2]["vcardArray"][1][1][3] = json!(PERSON[0]);
    answer["entities"][2]["entities"][0]["vcardArray"][1][3][3] = json!(PERSON[2]);
    answer["entities"][2]["entities"][0]["vcardArray"][1][5][3] = json!(PERSON[3]);
    let shown = format!("{:?}", read(answer.to_string(), "shop.xx").unwrap());
    assert_eq!(traces(&shown), ["jana", "osobova", "person.example", "602-555"]);
}
