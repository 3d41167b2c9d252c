//! RDAP: answers of all manners, a hostile server, and programs of other people.

mod answers;
mod client;
mod credentials;
mod peers;
mod properties;
pub(crate) mod server;
mod shown;
mod whoisit;

use std::path::PathBuf;

use arke::rdap::answer::{self, AnswerError, Registration};
use panopticon_model::name::HostName;

/// The fixtures that are answers, each with the name that it is about.
const ANSWERS: [(&str, &str); 15] = [
    ("full", "shop.xx"),
    ("reddog", "privat.xx"),
    ("icann2024", "form.xx"),
    ("thin", "thin.xx"),
    ("jscontact", "karte.xx"),
    ("nested_abuse", "nest.xx"),
    ("two_roles", "beide.xx"),
    ("reseller", "laden.xx"),
    ("idn", "bücher.xx"),
    ("proxy", "versteckt.xx"),
    ("hold", "gesperrt.xx"),
    ("no_email", "stumm.xx"),
    ("texts", "leer.xx"),
    ("sloppy", "sloppy.xx"),
    ("hostile_types", "hostile.xx"),
];

fn path(fixture: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/rdap")).join(format!("{fixture}.json"))
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).unwrap()
}

fn name(text: &str) -> HostName {
    HostName::parse(text).unwrap()
}

fn read(fixture_name: &str, question: &str) -> Result<Registration, AnswerError> {
    answer::read(&fixture(fixture_name), &name(question))
}
