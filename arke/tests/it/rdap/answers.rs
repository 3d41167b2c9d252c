//! Answers of all manners: what each comes to, as a snapshot, and which are refused.

use arke::rdap::answer::{AnswerError, Email, Role};

use super::{ANSWERS, fixture, name, read, shown};

#[test]
fn what_each_answer_comes_to() {
    for (file, question) in ANSWERS {
        let registration = read(file, question).unwrap();
        insta::assert_snapshot!(file, shown::registration(&registration));
    }
}

#[test]
fn hostile_answers_are_refused() {
    for (file, expected) in [
        ("hostile_name", AnswerError::WrongName),
        ("hostile_deep", AnswerError::TooMany("levels of entities")),
        ("hostile_nesting", AnswerError::NotJson { line: 1, column: 189 }),
        ("hostile_many", AnswerError::TooMany("status")),
        ("hostile_entities", AnswerError::TooMany("entities")),
    ] {
        assert_eq!(read(file, "hostile.xx"), Err(expected), "{file}");
    }
    let long = [fixture("thin"), vec![b' '; arke::rdap::answer::MAX_BYTES]].concat();
    assert_eq!(arke::rdap::answer::read(&long, &name("thin.xx")), Err(AnswerError::TooLarge));
}

#[test]
fn an_answer_about_another_name_is_refused() {
    for (file, _) in ANSWERS {
        assert_eq!(read(file, "another.xx"), Err(AnswerError::WrongName), "{file}");
    }
}

/// What the fixtures say of the e-mail of a role, in a word; made once by hand from the answers.
#[test]
fn addresses_are_told_from_what_is_withheld_and_what_is_absent() {
    let word = |email: &Email| match email {
        Email::Present(_) => "present",
        Email::FormOnly(_) => "form",
        Email::Redacted { .. } => "redacted",
        Email::Absent => "absent",
    };
    for (file, question, role, expected) in [
        ("full", "shop.xx", Role::Registrant, &["present"][..]),
        ("reddog", "privat.xx", Role::Registrant, &["redacted"]),
        ("reddog", "privat.xx", Role::Technical, &["redacted"]),
        ("icann2024", "form.xx", Role::Registrant, &["form"]),
        ("icann2024", "form.xx", Role::Administrative, &["redacted"]),
        ("icann2024", "form.xx", Role::Technical, &["redacted"]),
        ("icann2024", "form.xx", Role::Billing, &["present"]),
        ("thin", "thin.xx", Role::Registrant, &[]),
        ("thin", "thin.xx", Role::Registrar, &["absent"]),
        ("jscontact", "karte.xx", Role::Registrant, &["present"]),
        ("jscontact", "karte.xx", Role::Technical, &["redacted"]),
        ("jscontact", "karte.xx", Role::Administrative, &["form"]),
        ("nested_abuse", "nest.xx", Role::Abuse, &["present", "present", "present"]),
        ("no_email", "stumm.xx", Role::Registrant, &["absent"]),
        ("no_email", "stumm.xx", Role::Administrative, &["absent"]),
        ("no_email", "stumm.xx", Role::Technical, &["absent"]),
        ("texts", "leer.xx", Role::Registrant, &["redacted"]),
        ("texts", "leer.xx", Role::Administrative, &["redacted"]),
        ("texts", "leer.xx", Role::Technical, &["redacted"]),
        ("texts", "leer.xx", Role::Billing, &["redacted"]),
        ("texts", "leer.xx", Role::Notifications, &["redacted"]),
    ] {
        let registration = read(file, question).unwrap();
        let of_role = registration.contacts.iter().filter(|contact| contact.roles.contains(&role));
        let words: Vec<&str> = of_role.map(|contact| word(&contact.email)).collect();
        assert_eq!(words, expected, "{file} {role:?}");
    }
}

#[test]
fn nobody_shows_in_debug() {
    // Words of the fixtures that are of people only; names of companies that sell domains are public.
    let people =
        ["jana", "osobov", "5550101", "obchod", "erste@", "beispiel", "petra", "jörg", "nina", "lada@", "sam"];
    for (file, question) in ANSWERS {
        let shown = format!("{:?}", read(file, question).unwrap()).to_lowercase();
        for word in people {
            assert!(!shown.contains(word), "{file}: {word}: {shown}");
        }
    }
}
