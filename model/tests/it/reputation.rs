//! What is counted of a server at the close of a day, and what is remembered.

use std::collections::{BTreeMap, BTreeSet};

use panopticon_model::origin::Labelled;
use panopticon_model::reputation::{Reputation, Repute};
use panopticon_model::time::{DAY_MS, Epoch};
use proptest::prelude::*;

const SERVER: &str = "ns1.example";

fn day(n: u64) -> Epoch {
    Epoch((20_000 + n) * DAY_MS)
}

/// A close at which names are confirmed, and others are known.
fn close(before: Option<&Reputation>, confirmed: &[&str], others: usize, on: u64) -> Option<Reputation> {
    let names = confirmed.iter().map(|name| (*name).into());
    Reputation::close(SERVER, before, names, &BTreeSet::new(), |_| others, day(on))
}

#[test]
fn a_name_that_was_confirmed_is_remembered_as_long_as_evidence() {
    let first = close(None, &["a.xx", "b.xx", "c.xx"], 3, 0).unwrap();
    assert_eq!(first.repute(SERVER).unwrap().against("z.xx"), Some((3, 6)));
    // They were taken off the zone: they count still, and so does nobody else.
    let later = close(Some(&first), &[], 0, 300).unwrap();
    assert_eq!(later.repute(SERVER).unwrap().against("z.xx"), Some((3, 3)));
    // What was taken back is forgotten.
    let cleared = ["b.xx".into()].into();
    let row = Reputation::close(SERVER, Some(&later), [], &cleared, |_| 0, day(301)).unwrap();
    assert_eq!((row.confirmed.len(), row.repute(SERVER)), (2, None));
    assert_eq!(close(Some(&later), &[], 0, 399), Some(later.clone()));
    assert_eq!(close(Some(&later), &[], 0, 400), None);
}

#[test]
fn a_row_does_not_change_every_day() {
    let first = close(None, &["a.xx"], 7, 0).unwrap();
    assert_eq!(close(Some(&first), &["a.xx"], 7, 29), Some(first.clone()));
    let noted = close(Some(&first), &["a.xx"], 7, 30).unwrap();
    assert_eq!(noted.confirmed, BTreeMap::from([("a.xx".into(), day(30))]));
    // However many names a large hoster has.
    assert_eq!(close(None, &["a.xx"], 5_000, 0), close(None, &["a.xx"], 6_000, 0));
    assert_eq!(close(None, &[], 5_000, 0).unwrap().repute(SERVER), Some(Repute::Clean));
    assert_eq!(close(None, &[], 100, 0), None);
}

#[test]
fn an_address_is_never_clean() {
    let row = Reputation { confirmed: BTreeMap::new(), others: 101 };
    assert_eq!((row.repute("192.0.2.1"), row.repute("2001:db8::1")), (None, None));
    assert_eq!(Reputation::close("192.0.2.1", None, [], &BTreeSet::new(), |_| 5_000, day(0)), None);
}

#[test]
fn words_of_labels() {
    let said = |label: &str| {
        let said = Labelled::of([label].into_iter());
        (said.compromised, said.dedicated)
    };
    assert_eq!(said("malware_download hacked,WordPress"), (true, false));
    assert_eq!(said("DGA; compromised-site"), (true, true));
    assert_eq!(said("uncompromised dgaa hackedx"), (false, false));
    assert_eq!(said(""), (false, false));
}

proptest! {
    /// Nobody convicts itself, two others do not either, and what speaks against a server is more than half of it.
    #[test]
    fn no_name_speaks_against_itself(confirmed in 0u32..12, others in 0u32..300) {
        let names: Vec<String> = (0..confirmed).map(|n| format!("n{n:02}.xx")).collect();
        let row = Reputation {
            confirmed: names.iter().map(|name| (name.as_str().into(), day(0))).collect(),
            others,
        };
        let without = Reputation { confirmed: row.confirmed.clone().into_iter().skip(1).collect(), others };
        let against = |row: &Reputation, name: &str| row.repute(SERVER).and_then(|repute| repute.against(name));
        if let Some(own) = names.first() {
            prop_assert_eq!(against(&row, own), against(&without, "z.xx"));
        }
        if let Some((confirmed, known)) = against(&row, "z.xx") {
            prop_assert!(confirmed >= 3 && confirmed * 2 >= known);
        }
    }
}
