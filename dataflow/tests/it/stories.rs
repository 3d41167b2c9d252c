//! Stories of single cases: what feeds list and what is measured, and where the case stands after each step.

use std::sync::Arc;

use panopticon_dataflow::{Engine, Options};
use panopticon_model::case::CaseStatus;
use panopticon_model::name::{HostName, Label, Places, SuffixList, TldRules};
use panopticon_model::observable::{Observable, ObservableKind, Place};
use panopticon_model::observation::{
    Measured, ObservationKey, Outcome, Plan, ProbeKind, Schedule, fetch_kind, observe,
};
use panopticon_model::oracle::{self, Inputs};
use panopticon_model::sighting::{AbuseClass, End, EntryId, FeedId, Interval, Sighting, SightingKey};
use panopticon_model::time::{DAY_MS, Epoch, HOUR_MS};
use panopticon_model::update::{Change, Changes};
use panopticon_model::view::Standing;

use CaseStatus::{Active, Expired, New, Recurred, Remediated};
use Step::{Delisted, Leased, Listed, Passes, Seen, Undelegated};

/// What happens at an hour; the case then has a status.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A feed lists a URL of the host.
    Listed(&'static str),
    /// It lists it no longer.
    Delisted(&'static str),
    /// It lists it no longer, and upholds it until the day ends.
    Leased(&'static str),
    /// A vantage looks at a URL.
    Seen(&'static str, &'static str, Outcome),
    /// The TLD's servers are asked, and this is what comes of it.
    Undelegated(Outcome),
    /// Time passes.
    Passes,
}

const A: &str = "http://shop.xx/a";
const B: &str = "http://shop.xx/b";
const GONE: Outcome = Outcome::NotFound;
const THERE: Outcome = Outcome::Content;

struct Story {
    inputs: Inputs,
    engine: Engine,
    standing: Standing,
    place: Place,
}

impl Story {
    fn new(vantages: &[&str]) -> Story {
        let plan = Plan {
            delegation: true,
            vantages: vantages.iter().map(|vantage| (*vantage).into()).collect(),
            ..Plan::default()
        };
        let options = Options { plan: plan.clone(), ..Options::default() };
        let list = SuffixList::parse("// ===BEGIN ICANN DOMAINS===\nxx\n// ===END ICANN DOMAINS===\n").unwrap();
        let places = Places::new(list, vec![TldRules { tld: Label::parse("xx").unwrap(), rules: None }]);
        let host = HostName::parse("shop.xx").unwrap();
        let place = Place::of_name(&host, &places.place(&host).unwrap());
        Story {
            inputs: Inputs { plan, ..Inputs::default() },
            engine: Engine::start(&options).unwrap(),
            standing: Standing::default(),
            place,
        }
    }

    /// The status after a step at an instant; engine and oracle agree on it.
    fn step(&mut self, at: Epoch, step: Step) -> CaseStatus {
        let changes = match step {
            Listed(url) => self.list(at, url, None),
            Delisted(url) => self.list(at, url, Some((at, End::Delisted))),
            Leased(url) => self.list(at, url, Some((at.day().end(), End::Lapsed))),
            Seen(url, vantage, outcome) => self.measure(at, url, fetch_kind(url).unwrap(), vantage, outcome),
            Undelegated(outcome) => self.measure(at, "shop.xx", ProbeKind::Delegation, "", outcome),
            Passes => Changes::default(),
        };
        self.engine.feed(at, changes).unwrap();
        for diffs in self.engine.settle(at).unwrap() {
            self.standing.apply(&diffs).unwrap();
        }
        self.standing.as_of = at;
        assert_eq!(self.standing, oracle::standing(&self.inputs, at), "{step:?}");
        self.standing.cases.values().next().unwrap().status
    }

    fn list(&mut self, at: Epoch, url: &str, ended: Option<(Epoch, End)>) -> Changes {
        let observable = Arc::new(Observable::new(ObservableKind::Url, url, None, self.place.clone()));
        let key = SightingKey { feed: FeedId::from("feed"), entry: EntryId::of(&observable, "") };
        let before = self.inputs.sightings.get(&key).cloned();
        let mut intervals = before.as_ref().map(|sighting| sighting.intervals.clone()).unwrap_or_default();
        match ended {
            Some(_) => intervals.last_mut().unwrap().ended = ended,
            None => intervals.push(Interval::open(at)),
        }
        let after = Arc::new(Sighting {
            observable,
            abuse_class: AbuseClass::Phishing,
            label: "".into(),
            confidence: None,
            brand: None,
            reported_at: None,
            last_seen: None,
            intervals,
        });
        self.inputs.sightings.insert(key.clone(), Arc::clone(&after));
        Changes { sightings: vec![Change { key, before, after: Some(after) }], ..Changes::default() }
    }

    fn measure(&mut self, at: Epoch, target: &str, kind: ProbeKind, vantage: &str, outcome: Outcome) -> Changes {
        let key = ObservationKey { target: target.into(), kind, vantage: vantage.into() };
        let before = self.inputs.observations.get(&key).cloned();
        let (measured, place) = (Measured::bare(outcome), self.place.clone());
        let seen = observe(kind, place, before.as_deref(), measured, at, &Schedule::default());
        let after = Arc::new(seen);
        self.inputs.observations.insert(key.clone(), Arc::clone(&after));
        Changes { observations: vec![Change { key, before, after: Some(after) }], ..Changes::default() }
    }
}

/// Steps with the hour of each, and the status that follows.
fn check(vantages: &[&str], steps: &[(u64, Step, CaseStatus)]) {
    let mut story = Story::new(vantages);
    let start = Epoch(20_000 * DAY_MS);
    for (number, (hour, step, expected)) in steps.iter().enumerate() {
        let at = start.plus(hour * HOUR_MS + number as u64);
        assert_eq!(story.step(at, *step), *expected, "hour {hour}: {step:?}");
    }
}

#[test]
fn gone_from_both_places_twice_is_remediated_and_back_is_recurred() {
    check(
        &["a", "b"],
        &[
            (1, Listed(A), New),
            (2, Seen(A, "a", THERE), New),
            (2, Seen(A, "b", THERE), New),
            (14, Seen(A, "a", GONE), New),
            (14, Seen(A, "b", GONE), New),
            (19, Seen(A, "a", GONE), New),
            (19, Seen(A, "b", GONE), New),
            (20, Seen(A, "a", GONE), New),
            (20, Seen(A, "b", GONE), Remediated),
            (30, Seen(A, "b", Outcome::ProxyFailure), Remediated),
            (32, Delisted(A), Remediated),
            (300, Listed(A), Recurred),
            (301, Seen(A, "a", THERE), Recurred),
        ],
    );
}

#[test]
fn one_place_alone_never_ends_a_case() {
    let steps = [
        (1, Listed(A), New),
        (2, Seen(A, "a", GONE), New),
        (14, Seen(A, "a", GONE), New),
        (38, Seen(A, "a", GONE), Active),
        (40, Delisted(A), Expired),
    ];
    check(&["a"], &steps);
    check(&["a", "b"], &steps);
}

#[test]
fn a_case_is_as_open_as_its_last_page() {
    check(
        &["a", "b"],
        &[
            (1, Listed(A), New),
            (2, Seen(A, "a", GONE), New),
            (2, Seen(A, "b", GONE), New),
            (9, Seen(A, "a", GONE), New),
            (9, Seen(A, "b", GONE), Remediated),
            (10, Listed(B), Recurred),
            (11, Seen(B, "a", GONE), Recurred),
            (11, Seen(B, "b", GONE), Recurred),
            (20, Seen(B, "a", GONE), Recurred),
            (20, Seen(B, "b", GONE), Remediated),
        ],
    );
}

#[test]
fn a_name_that_is_no_longer_delegated_has_no_page() {
    check(
        &["a", "b"],
        &[
            (1, Listed(A), New),
            (2, Undelegated(Outcome::Delegated), New),
            (14, Undelegated(Outcome::Undelegated), New),
            (26, Undelegated(Outcome::Timeout), Active),
            (27, Undelegated(Outcome::Undelegated), Remediated),
            (39, Undelegated(Outcome::Delegated), Recurred),
        ],
    );
}

#[test]
fn what_left_the_lists_is_open_while_it_was_just_seen() {
    check(
        &["a", "b"],
        &[
            (1, Listed(A), New),
            (14, Seen(A, "a", THERE), New),
            (25, Delisted(A), Active),
            (37, Passes, Active),
            (38, Passes, Expired),
        ],
    );
}

#[test]
fn what_began_and_ends_with_one_day_turns_once() {
    check(
        &["a", "b"],
        &[(1, Listed(A), New), (2, Leased(A), New), (24, Passes, Expired), (25, Listed(A), Active)],
    );
}

#[test]
fn an_old_look_says_nothing_of_what_is_listed_later() {
    // The name was gone a year ago; somebody has it again.
    check(
        &["a", "b"],
        &[
            (1, Listed(A), New),
            (2, Undelegated(Outcome::Undelegated), New),
            (9, Undelegated(Outcome::Undelegated), Remediated),
            (20, Delisted(A), Remediated),
            (8000, Listed(B), Recurred),
            (8001, Undelegated(Outcome::Delegated), Recurred),
        ],
    );
}
