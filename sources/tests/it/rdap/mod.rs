//! RDAP: answers, statuses, the bootstrap file, and the client against servers on loopback.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

mod bootstrap;
mod client;
mod limits;
mod object;
mod peer;
mod people;
mod samples;
mod status;

use std::path::Path;

use panopticon_model::name::HostName;
use panopticon_model::observation::RdapFacts;
use panopticon_sources::rdap::error::ObjectError;

/// The fixtures, and the questions that they answer: a server of RedDog's making, one of ICANN's profile of 2024, a
/// thin one of a country, and one that speaks JSContact only.
const FIXTURES: [(&str, &str); 4] = [
    ("reddog.json", "shop.xx"),
    ("icann2024.json", "xn--bcher-kva.example"),
    ("thin.json", "kiosk.xx"),
    ("jscontact.json", "card.xx"),
];

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/rdap").join(name)).unwrap()
}

fn read(answer: impl AsRef<[u8]>, question: &str) -> Result<RdapFacts, ObjectError> {
    panopticon_sources::rdap::object::read(answer.as_ref(), &HostName::parse(question).unwrap())
}
