//! Generated names: what is scored, what is passed over, in which words, and from which score on a zone's names count.

use std::sync::LazyLock;

use panopticon_dataflow::risk::{Cutoff, Histogram, Model, ModelError, Pattern};
use panopticon_datasets::reference;
use proptest::prelude::*;

static MODEL: LazyLock<Model> = LazyLock::new(|| Model::from_bytes(reference::DGA_MODEL).unwrap());

#[test]
fn random_letters_are_told_from_words() {
    let milli = |label: &str| MODEL.score(label).milli();
    let made = ["qxkzvbtrwpl", "x7f3k9q2m4z8", "bcdfghjklmnpqr", "wjhqzkxvbnmty"];
    let registered = ["paypal", "gardenshop", "tragardsarbete", "hotel-adria", "uudenkaarlepyynsaanerauspalvelu"];
    for made in made {
        for registered in registered {
            assert!(
                milli(made) > milli(registered) + 2000,
                "{made} {}, {registered} {}",
                milli(made),
                milli(registered)
            );
        }
        let reasons: Vec<String> = MODEL.reasons(made).iter().map(ToString::to_string).collect();
        assert!(!reasons.is_empty() && reasons.iter().all(|reason| !reason.is_empty()), "{made}");
    }
    insta::assert_snapshot!(
        made.map(|label| {
            let reasons: Vec<String> = MODEL.reasons(label).iter().map(ToString::to_string).collect();
            format!("{label} {}: {}", milli(label), reasons.join("; "))
        })
        .join("\n")
    );
}

#[test]
fn what_no_machine_of_malware_made_is_passed_over() {
    for label in ["xn--bcher-kva", "123456", "gv-nzo5xzrs63762x", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom"] {
        assert!(MODEL.score(label).passed_over().is_some() && Pattern::of(label).is_some(), "{label}");
    }
    assert_eq!(MODEL.score("paypal").passed_over(), None);
}

#[test]
fn a_file_that_is_no_model_is_refused() {
    let bytes = reference::DGA_MODEL;
    assert_eq!(MODEL.to_bytes(), bytes);
    assert_eq!(Model::from_bytes(b"no model").unwrap_err(), ModelError::Magic);
    for length in [8, 40, bytes.len() / 2, bytes.len() - 1] {
        assert!(Model::from_bytes(&bytes[..length]).is_err(), "{length}");
    }
    let mut damaged = bytes.to_vec();
    *damaged.last_mut().unwrap() ^= 1;
    assert_eq!(Model::from_bytes(&damaged).unwrap_err(), ModelError::Digest);
}

#[test]
fn a_small_zone_borrows_from_the_background() {
    let empty = Histogram::default();
    let alone = Cutoff::new(&empty, MODEL.background(), 0.001).milli().unwrap();
    // A burst of made names does not move it: it has to come from names that were there before.
    let mut burst = Histogram::default();
    (0..50).for_each(|_| burst.add(MODEL.score("qxkzvbtrwpl")));
    let with = Cutoff::new(&burst, MODEL.background(), 0.001).milli().unwrap();
    assert!(with >= alone && with - alone < 2000, "{alone} {with}");
    let cutoff = Cutoff::new(&empty, MODEL.background(), 0.001);
    assert!(cutoff.expected_false_alarms(1000) <= 1.0, "{}", cutoff.expected_false_alarms(1000));
    assert!(
        [0.0, -1.0, f64::NAN]
            .iter()
            .all(|share| Cutoff::new(&empty, MODEL.background(), *share).milli().is_none())
    );
    assert!(cutoff.is_reached(MODEL.score("qxkzvbtrwplxzq")) && !cutoff.is_reached(MODEL.score("gardenshop")));
}

proptest! {
    #[test]
    fn any_text_is_scored_and_told(text in "\\PC{0,80}|[a-z0-9-]{0,70}") {
        let score = MODEL.score(&text);
        prop_assert!(score.permille() <= 1000);
        prop_assert_eq!(score, MODEL.score(&text));
        prop_assert!(MODEL.reasons(&text).iter().all(|reason| !reason.to_string().is_empty()));
    }

    #[test]
    fn a_name_that_is_taken_back_was_never_counted(labels in proptest::collection::vec("[a-z]{3,20}", 0..30), at in 0..30_usize) {
        let mut histogram = Histogram::default();
        labels.iter().for_each(|label| histogram.add(MODEL.score(label)));
        let before = histogram.clone();
        let extra = MODEL.score(labels.get(at).map_or("extra", String::as_str));
        histogram.add(extra);
        prop_assert!(histogram != before);
        histogram.remove(extra).unwrap();
        prop_assert_eq!(&histogram, &before);
        let mut halves = [Histogram::default(), Histogram::default()];
        for (n, label) in labels.iter().enumerate() {
            halves[n % 2].add(MODEL.score(label));
        }
        let [mut one, other] = halves;
        one.merge(&other);
        prop_assert_eq!(one, before);
    }

    #[test]
    fn a_smaller_share_has_a_higher_cut_off(labels in proptest::collection::vec("[a-z]{3,20}", 1..50)) {
        let mut own = Histogram::default();
        labels.iter().for_each(|label| own.add(MODEL.score(label)));
        let cuts: Vec<i32> = [0.0001, 0.001, 0.01, 0.1]
            .map(|share| Cutoff::new(&own, MODEL.background(), share).milli().unwrap_or(i32::MAX))
            .into();
        prop_assert!(cuts.is_sorted_by(|a, b| a >= b), "{:?}", cuts);
    }
}
