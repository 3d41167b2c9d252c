//! The fixtures as PyPI's `whoisit` reads them: the same addresses, dates and statuses.
//!
//! It reads jCard only, and no answer that is sloppy or hostile.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use arke::rdap::answer::{Email, Registration, Role};
use panopticon_model::time::Epoch;
use serde_json::{Value, json};

use super::{ANSWERS, path, read};

/// Answers that it cannot read, or of whose addresses it knows none.
const NOT_FOR_IT: [&str; 3] = ["jscontact", "sloppy", "hostile_types"];

/// The Python that has it. Set by `READERS_PYTHON`, else where `tests/run` installs it.
fn python() -> PathBuf {
    let installed = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/readers-venv/bin/python");
    std::env::var_os("READERS_PYTHON").map_or_else(installed, PathBuf::from)
}

/// The addresses of everybody with a role, in lower case, their domains as people write them.
fn addresses(registration: &Registration, role: Role) -> BTreeSet<String> {
    let of_role = registration.contacts.iter().filter(|contact| contact.roles.contains(&role));
    let present = of_role.filter_map(|contact| match &contact.email {
        Email::Present(addresses) => Some(addresses),
        _ => None,
    });
    let unicode = |domain: &str| super::name(domain).to_unicode();
    let written = present.flatten().map(|address| {
        let key = address.key();
        let local = key.rsplit_once('@').unwrap().0;
        format!("{local}@{}", unicode(address.domain()))
    });
    written.collect()
}

fn fields(registration: &Registration, statuses: &[Value]) -> Value {
    let instant = |at: Option<Epoch>| at.map(|at| at.to_string());
    // Spelling by spelling: ours is EPP's, theirs that of the answer.
    let letters = |text: &str| -> String {
        text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_lowercase()).collect()
    };
    let ours: BTreeSet<String> = registration.statuses.iter().map(|status| letters(status)).collect();
    let theirs = statuses.iter().filter_map(Value::as_str).map(letters);
    let of_epp = theirs.map(|status| match status.as_str() {
        "active" => "ok".to_owned(),
        "heldforsomebody" => "other".to_owned(),
        other => other.to_owned(),
    });
    assert_eq!(ours, of_epp.collect::<BTreeSet<_>>());
    json!({
        "registrant": addresses(registration, Role::Registrant),
        "abuse": addresses(registration, Role::Abuse),
        "created": instant(registration.created),
        "changed": instant(registration.changed),
        "expires": instant(registration.expires),
        "statuses": statuses,
    })
}

#[test]
fn whoisit_reads_the_same() {
    let for_it: Vec<_> = ANSWERS.into_iter().filter(|(file, _)| !NOT_FOR_IT.contains(file)).collect();
    assert_eq!(for_it.len(), 12);
    let output = Command::new(python())
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/whoisit_fields.py"))
        .args(for_it.iter().map(|(file, _)| path(file)))
        .output()
        .expect("tests/readers/install makes the Python that this needs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    let theirs: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(theirs.len(), for_it.len());
    for ((file, question), theirs) in for_it.into_iter().zip(theirs) {
        let registration = read(file, question).unwrap();
        let statuses = theirs["statuses"].as_array().unwrap();
        assert_eq!(fields(&registration, statuses), theirs, "{file}");
    }
}
