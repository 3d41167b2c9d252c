//! When a target is measured again, what stays known of it meanwhile, and what two places make of it.

use panopticon_model::name::HostName;
use panopticon_model::name::{Label, Places, SuffixList, TldRules};
use panopticon_model::observable::{Observable, ObservableKind, Place};
use panopticon_model::observation::{
    Facts, Finding, HttpFacts, Level, Look, Measured, Observation, Outcome, Plan, ProbeKind, Schedule, observe,
    own_targets, targets,
};
use panopticon_model::time::{Epoch, HOUR_MS, MINUTE_MS};
use proptest::prelude::*;

fn place(host: &str) -> Place {
    let list = SuffixList::parse("// ===BEGIN ICANN DOMAINS===\nxx\n// ===END ICANN DOMAINS===\n").unwrap();
    let places = Places::new(list, vec![TldRules { tld: Label::parse("xx").unwrap(), rules: None }]);
    let host = HostName::parse(host).unwrap();
    Place::of_name(&host, &places.place(&host).unwrap())
}

fn hours(n: u64) -> Epoch {
    Epoch(n * HOUR_MS)
}

/// Measures one URL at these hours.
fn seen(looks: &[(u64, Outcome)]) -> Observation {
    let mut known = None;
    for (hour, outcome) in looks {
        let measured = Measured::bare(*outcome);
        let schedule = Schedule::default();
        known =
            Some(observe(ProbeKind::Http, place("shop.xx"), known.as_ref(), measured, hours(*hour), &schedule));
    }
    known.unwrap()
}

#[test]
fn what_could_be_told_is_asked_again_after_twelve_hours_and_counts_for_a_day() {
    let known = seen(&[(100, Outcome::Content)]);
    assert_eq!((known.refresh_at, known.valid_until), (hours(112), hours(124)));
    assert!(known.is_alive(ProbeKind::Http, hours(123)) && !known.is_alive(ProbeKind::Http, hours(124)));
}

#[test]
fn what_could_not_be_told_leaves_what_was_known_and_is_asked_again_soon() {
    let known = seen(&[(100, Outcome::Content), (112, Outcome::ProxyFailure), (113, Outcome::Timeout)]);
    assert_eq!((known.outcome, known.observed_at, known.valid_until), (Outcome::Content, hours(100), hours(124)));
    assert_eq!((known.failures, known.failure), (2, Some(Outcome::Timeout)));
    assert_eq!(known.refresh_at, hours(113).plus(10 * MINUTE_MS));
    let known = seen(&[(100, Outcome::ProxyFailure)]);
    assert_eq!((known.outcome, known.valid_until), (Outcome::ProxyFailure, hours(100)));
    let waits: Vec<u64> = (1..10).map(|n| Schedule::default().retry_after(n) / MINUTE_MS).collect();
    assert_eq!(waits, [5, 10, 20, 40, 80, 160, 320, 360, 360]);
}

#[test]
fn the_server_may_say_when_and_for_how_long() {
    let at = |measured| observe(ProbeKind::WebRisk, place("a.xx"), None, measured, hours(5), &Schedule::default());
    let known = at(Measured { not_after: Some(hours(6)), ..Measured::bare(Outcome::Match) });
    assert_eq!((known.refresh_at, known.valid_until), (hours(6), hours(6)));
    let known = at(Measured { not_after: Some(hours(4)), ..Measured::bare(Outcome::Match) });
    assert_eq!((known.refresh_at, known.valid_until), (hours(5).plus(5 * MINUTE_MS), hours(5)));
    let known = at(Measured { not_before: Some(hours(7)), ..Measured::bare(Outcome::RateLimited) });
    assert_eq!(known.refresh_at, hours(7));
}

#[test]
fn gone_is_what_was_gone_twice() {
    use Outcome::{Content, NotFound, ProxyFailure};
    let gone = |looks: &[(u64, Outcome)]| {
        let hour = |at: Epoch| at.0 / HOUR_MS;
        let known = seen(looks);
        known
            .gone
            .iter()
            .map(|gone| (hour(gone.since), gone.confirmed_at.map(hour), gone.until.map(hour)))
            .collect::<Vec<_>>()
    };
    assert_eq!(gone(&[(1, NotFound)]), [(1, None, None)]);
    assert_eq!(gone(&[(1, NotFound), (6, NotFound)]), [(1, None, None)], "less than six hours later");
    assert_eq!(gone(&[(1, NotFound), (3, ProxyFailure), (7, NotFound), (19, NotFound)]), [(1, Some(7), None)]);
    assert_eq!(gone(&[(1, NotFound), (7, Content)]), [], "once is never");
    assert_eq!(gone(&[(1, NotFound), (7, NotFound), (19, Content)]), [(1, Some(7), Some(19))]);
    let back_and_gone = [(1, NotFound), (7, NotFound), (19, Content), (31, NotFound), (43, NotFound)];
    assert_eq!(gone(&back_and_gone), [(1, Some(7), Some(19)), (31, Some(43), None)]);
    // After the last look nothing is known.
    assert_eq!(gone(&[(1, NotFound), (7, NotFound), (900, Content)]), [(1, Some(7), Some(31))]);
}

#[test]
fn what_a_sighting_wants_measured() {
    let named = |kind, canonical: &str, host: &str| {
        let observable = Observable::new(kind, canonical, None, place(host));
        targets(&observable)
            .into_iter()
            .map(|(target, wanted)| (target.to_string(), wanted.level))
            .collect::<Vec<_>>()
    };
    let owned = |list: &[(&str, Level)]| list.iter().map(|(a, b)| ((*a).to_owned(), *b)).collect::<Vec<_>>();
    assert_eq!(
        named(ObservableKind::Url, "http://login.shop.xx/a?b", "login.shop.xx"),
        owned(&[
            ("shop.xx", Level::Domain),
            ("login.shop.xx", Level::Host),
            ("http://login.shop.xx/a?b", Level::Listed),
            ("https://login.shop.xx/a?b", Level::Twin),
            ("http://login.shop.xx/", Level::Root),
            ("https://login.shop.xx/", Level::Root),
        ])
    );
    let with_port = named(ObservableKind::Url, "http://shop.xx:8080/a", "shop.xx");
    assert!(with_port.iter().all(|(_, level)| *level != Level::Twin), "one server is behind a port");
    assert_eq!(
        named(ObservableKind::Host, "shop.xx", "shop.xx")[2..],
        owned(&[("http://shop.xx/", Level::Listed), ("https://shop.xx/", Level::Twin),])
    );
    let address = Observable::new(
        ObservableKind::Address,
        "192.0.2.7",
        None,
        Place::of_address(std::net::Ipv4Addr::new(192, 0, 2, 7).into()),
    );
    assert!(targets(&address).is_empty() && own_targets(&address).is_empty());
}

#[test]
fn what_is_asked_of_a_target() {
    let plan = Plan {
        delegation: true,
        filters: vec!["quad9".into()],
        blocklists: vec!["dbl".into()],
        vantages: vec!["a".into(), "b".into()],
        tie: None,
        web_risk: true,
        rdap_tlds: ["xx".into()].into(),
    };
    let asked = |target: &str, level| {
        let probes = plan.probes(target, level);
        probes
            .iter()
            .map(|(kind, vantage)| format!("{} {vantage}", kind.as_str()).trim().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(asked("shop.xx", Level::Domain), ["delegation", "filter quad9", "blocklist dbl", "rdap"]);
    assert_eq!(asked("shop.yy", Level::Domain), ["delegation", "filter quad9", "blocklist dbl"]);
    assert_eq!(asked("a.shop.xx", Level::Host), ["filter quad9"]);
    assert_eq!(asked("https://shop.xx/", Level::Listed), ["https a", "https b", "web-risk"]);
    assert_eq!(asked("http://shop.xx/", Level::Root), ["http a", "http b"]);
    assert!(Plan::default().probes("shop.xx", Level::Domain).is_empty() && Plan::default().is_empty());
}

#[test]
fn two_places_agree_or_they_do_not() {
    let look = |outcome, similarity| {
        let facts = Facts::Http(Box::new(HttpFacts { similarity, ..HttpFacts::default() }));
        let measured = Measured { facts, ..Measured::bare(outcome) };
        let known = observe(ProbeKind::Http, place("a.xx"), None, measured, hours(1), &Schedule::default());
        Look::of(ProbeKind::Http, &known)
    };
    let differ = |a: Option<Look>, b: Option<Look>| a.unwrap().differs_from(&b.unwrap());
    let page = |bits| look(Outcome::Content, Some(bits));
    assert!(!differ(page(0), page(0xff)), "the same page with another advertisement");
    assert!(differ(page(0), page(u64::MAX)), "another page");
    assert!(differ(page(0), look(Outcome::NotFound, None)), "a page for one of them only");
    assert!(differ(look(Outcome::Forbidden, None), page(7)));
    assert!(!differ(look(Outcome::Forbidden, None), look(Outcome::NotFound, None)), "no page for either");
    assert_eq!(look(Outcome::ProxyFailure, None), None, "who saw nothing has no word");
}

proptest! {
    #[test]
    fn whatever_comes_is_kept_in_order(looks in proptest::collection::vec((0u64..40, 0usize..4), 1..40)) {
        let mut hour = 0;
        let outcomes = [Outcome::Content, Outcome::NotFound, Outcome::ProxyFailure, Outcome::ServerError];
        let looks: Vec<(u64, Outcome)> = looks
            .into_iter()
            .map(|(gap, which)| { hour += gap; (hour, outcomes[which]) })
            .collect();
        let known = seen(&looks);
        let last = *looks.last().unwrap();
        prop_assert!(known.refresh_at > hours(last.0), "nothing is asked again at once");
        prop_assert!(known.observed_at <= hours(last.0));
        prop_assert!(known.gone.len() <= 8);
        for pair in known.gone.windows(2) {
            prop_assert!(pair[0].until.is_some_and(|until| until <= pair[1].since));
        }
        for gone in &known.gone {
            if let Some(confirmed) = gone.confirmed_at {
                prop_assert!(confirmed.0 - gone.since.0 >= 6 * HOUR_MS);
                prop_assert!(gone.until.is_none_or(|until| until >= confirmed));
            }
        }
        let told = looks.iter().rev().find(|(_, outcome)| outcome.finding(ProbeKind::Http) != Finding::Inconclusive);
        prop_assert_eq!(told.map(|told| told.1), (known.failures as usize != looks.len()).then_some(known.outcome));
    }
}
