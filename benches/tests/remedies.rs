//! Labelling and tallying, held against small lists that are made up.
#![allow(clippy::unwrap_used, reason = "a test says what went wrong by failing")]

use panopticon_benches::remedies::{
    Decided, Entry, Evidence, Feed, Judged, Known, Labelled, Listings, SETS, SignalSet, Truth, confusion, curve,
    fired, guarded_and_malicious, labelled,
};
use panopticon_model::judgement::{Policy, RemedyKind, SIGNALS, Signal};
use panopticon_model::name::{Label, Places, SuffixList, TldRules};
use panopticon_model::time::Day;

fn listings(blackbook: &[&str], urlhaus: &[&str]) -> Listings {
    let list = "// ===BEGIN ICANN DOMAINS===\nexample\n// ===END ICANN DOMAINS===\n// ===BEGIN PRIVATE DOMAINS===\nplat.example\n// ===END PRIVATE DOMAINS===\n";
    let rules = vec![TldRules { tld: Label::parse("example").unwrap(), rules: None }];
    let mut listings = Listings::new(Places::new(SuffixList::parse(list).unwrap(), rules));
    listings.extend(blackbook.iter().filter_map(|line| Entry::of_blackbook(line)));
    listings.extend(urlhaus.iter().filter_map(|line| Entry::of_urlhaus(line)));
    listings
}

#[test]
fn what_a_line_puts_onto_a_list() {
    let blackbook = |line| Entry::of_blackbook(line).map(|entry| (entry.feed, entry.value.to_owned()));
    let check = |line, expected: Option<(Feed, &str)>| {
        assert_eq!(blackbook(line), expected.map(|(feed, value)| (feed, value.to_owned())), "{line}");
    };
    check("a.example,lokibot,2024-09-01,ViriBack", Some((Feed::Blackbook, "a.example")));
    check("a.example,lokibot,2024-09-01,URLhaus", Some((Feed::BlackbookOfUrlhaus, "a.example")));
    check("Domain,Malware,Date added,Source", None);
    check("a.example,lokibot,2024-09-01", None);
    let urlhaus = |line| Entry::of_urlhaus(line).map(|entry| entry.value.to_owned());
    let check = |line, expected: Option<&str>| assert_eq!(urlhaus(line).as_deref(), expected, "{line}");
    check("2019-06-13\t1\ta.example/x", Some("a.example/x"));
    check("2019-06-13\t+1\ta.example", Some("a.example"));
    check("2019-06-13\t-1\ta.example", None);
    check("# day\tsign\thost-or-url", None);
    check("2019-06-13\t1", None);
}

#[test]
fn an_entry_counts_once_and_since_its_first_day() {
    let seen = listings(
        &["a.example,x,2019-06-15,ViriBack"],
        &[
            "2019-06-14\t1\twww.a.example",
            "2019-06-13\t1\twww.a.example",
            "2019-06-13\t1\t192.0.2.1",
            "2019-06-13\t1\tplat.example",
            "2019-06-13\t1\tno such thing",
            "2019-06-13\t1\ta.invalid",
        ],
    );
    let all: Vec<_> =
        seen.subjects().flat_map(|(subject, listed)| listed.into_iter().map(move |of| (subject, of))).collect();
    let all: Vec<_> =
        all.iter().map(|(subject, of)| (*subject, &*of.observable.canonical, of.day.to_string())).collect();
    let expected = [
        ("a.example", "a.example", "2019-06-15".to_owned()),
        ("a.example", "www.a.example", "2019-06-13".to_owned()),
        ("plat.example", "plat.example", "2019-06-13".to_owned()),
    ];
    assert_eq!(all, expected);
    assert_eq!((seen.addresses, seen.faulty), (1, 2));
}

/// The only name that is labelled.
fn one(blackbook: &[&str], urlhaus: &[&str], known: &[(&str, &str)], evidence: Evidence) -> Option<Labelled> {
    let listings = listings(blackbook, urlhaus);
    let mut facts = Known::of(&listings);
    for (list, line) in known {
        match *list {
            "popular" => facts.popular(line),
            "tier" => facts.tier(line),
            _ => facts.registered(line),
        }
    }
    let mut names = labelled(&listings, &facts, evidence);
    assert!(names.len() <= 1);
    names.pop()
}

#[test]
fn which_list_labels_a_name() {
    let check = |blackbook: &[&str], urlhaus: &[&str], known: &[(&str, &str)], expected: Option<Truth>| {
        let truth = one(blackbook, urlhaus, known, Evidence::Both).map(|name| name.truth);
        assert_eq!(truth, expected, "{blackbook:?} {urlhaus:?}");
    };
    let popular = [("popular", "a.example")];
    check(&["a.example,x,2019-06-15,ViriBack"], &[], &[], Some(Truth::Dedicated));
    check(&["a.example,x,2019-06-15,URLhaus"], &[], &[], Some(Truth::SecondHand));
    check(&["a.example,x,2019-06-15,URLhaus", "a.example,x,2019-06-16,Benkow"], &[], &[], Some(Truth::Dedicated));
    check(&["a.example,x,2019-06-15,ViriBack"], &[], &popular, Some(Truth::Dedicated));
    check(&["a.plat.example,x,2019-06-15,ViriBack"], &[], &[], Some(Truth::Customer));
    check(&[], &["2019-06-13\t1\twww.a.example"], &popular, Some(Truth::Popular));
    check(&[], &["2019-06-13\t1\ta.example/wp-content/x"], &[], Some(Truth::Cms));
    check(&[], &["2019-06-13\t1\ta.example/x"], &[], None);
    // A tier makes a name ranked, but labels nothing.
    check(&[], &["2019-06-13\t1\ta.example/x"], &[("tier", "made up\t1000\t1\ta.example")], None);
}

#[test]
fn of_blackbook_alone_there_is_no_evidence_in_urlhaus() {
    let blackbook = ["a.example,x,2019-06-15,ViriBack"];
    assert!(one(&blackbook, &[], &[], Evidence::UrlhausOnly).is_none());
    let urlhaus = ["2019-06-13\t1\ta.example/b/c/d/e"];
    let signals =
        |evidence| one(&blackbook, &urlhaus, &[], evidence).unwrap().judge(&Policy::default()).unwrap().signals;
    assert_eq!(signals(Evidence::UrlhausOnly), [Signal::DeepPath]);
    // The name itself is listed, too, but a path is there.
    assert_eq!(signals(Evidence::Both), [Signal::DeepPath]);
}

#[test]
fn what_is_known_of_a_name_is_what_it_is_judged_by() {
    let check = |known: &[(&str, &str)], expected: &[Signal], is_guarded: bool| {
        let name = one(&["a.example,x,2019-06-15,ViriBack"], &[], known, Evidence::Both).unwrap();
        let judged = name.judge(&Policy::default()).unwrap();
        assert_eq!((judged.signals.as_slice(), judged.is_guarded), (expected, is_guarded), "{known:?}");
    };
    check(&[], &[Signal::RootListed], false);
    check(&[("registered", "2019-06-12\t1w\ta.example")], &[Signal::AgeUnderWeek, Signal::RootListed], false);
    check(&[("registered", "2019-06-01\t1w\ta.example")], &[Signal::AgeUnderMonth, Signal::RootListed], false);
    // The list lags, so that is still the registration that was listed; then it is another one.
    check(&[("registered", "2019-06-17\t1w\ta.example")], &[Signal::AgeUnderWeek, Signal::RootListed], false);
    check(&[("registered", "2019-06-18\t1w\ta.example")], &[Signal::RootListed], false);
    check(&[("popular", "a.example")], &[Signal::Ranked, Signal::RootListed], false);
    let tiers = [("tier", "x\t200000\t1\ta.example"), ("tier", "y\t100000\t1\ta.example")];
    check(&tiers, &[Signal::Ranked, Signal::RootListed], true);
    check(&tiers[..1], &[Signal::Ranked, Signal::RootListed], false);
}

fn judged(truth: Truth, kind: RemedyKind, is_guarded: bool, signals: &[Signal]) -> Judged {
    Judged { truth, kind, is_guarded, signals: signals.to_vec() }
}

/// Sums of 50, 15, -35 among those that were registered for it, 15, -60, 45 (guarded) among the others; and a customer.
fn tallied() -> Vec<Judged> {
    use Signal::{AgeUnderWeek, CmsPath, Ranked, RootListed};
    vec![
        judged(Truth::Dedicated, RemedyKind::Malicious, false, &[AgeUnderWeek, RootListed]),
        judged(Truth::Dedicated, RemedyKind::Unclear, false, &[RootListed]),
        judged(Truth::SecondHand, RemedyKind::Compromised, false, &[CmsPath]),
        judged(Truth::Cms, RemedyKind::Unclear, false, &[RootListed]),
        judged(Truth::Popular, RemedyKind::Compromised, false, &[Ranked, CmsPath]),
        judged(Truth::Popular, RemedyKind::Unclear, true, &[AgeUnderWeek, RootListed]),
        judged(Truth::Customer, RemedyKind::Platform, true, &[CmsPath]),
    ]
}

#[test]
fn counts_by_label() {
    let all = tallied();
    assert_eq!(confusion(&all, Truth::Dedicated), [1, 0, 0, 1]);
    assert_eq!(confusion(&all, Truth::Popular), [0, 1, 0, 1]);
    assert_eq!(confusion(&all, Truth::Customer), [0, 0, 1, 0]);
    let at = |signal| SIGNALS.iter().position(|(of, _, _)| *of == signal).unwrap();
    assert_eq!(fired(&all, Truth::Dedicated)[at(Signal::RootListed)], 2);
    assert_eq!(fired(&all, Truth::Dedicated)[at(Signal::CmsPath)], 0);
    assert_eq!(guarded_and_malicious(&all), 0);
    let broken = judged(Truth::Popular, RemedyKind::Malicious, true, &[]);
    assert_eq!(guarded_and_malicious(&[broken]), 1);
}

#[test]
fn a_set_leaves_out_what_it_says() {
    let set = |name| -> &SignalSet { SETS.iter().find(|set| set.name == name).unwrap() };
    let every = judged(Truth::Dedicated, RemedyKind::Unclear, false, &SIGNALS.map(|(signal, _, _)| signal));
    let rest = set("all").score(&every);
    let check = |name, left_out: &[Signal]| {
        let left_out: i32 = left_out.iter().map(|signal| signal.weight()).sum();
        assert_eq!(set(name).score(&every), rest - left_out, "{name}");
    };
    let form = [Signal::RootListed, Signal::CmsPath, Signal::UserPath, Signal::DeepPath, Signal::SubordinateHost];
    let is_age = |signal: &Signal| signal.as_str().starts_with("age-");
    let age: Vec<Signal> = SIGNALS.iter().map(|(signal, _, _)| *signal).filter(is_age).collect();
    check("no age", &age);
    check("no rank", &[Signal::Ranked]);
    check("no cms", &[Signal::CmsPath]);
    check("no form", &form);
    check("no form, rank", &[&form[..], &[Signal::Ranked]].concat());
}

#[test]
fn coverage_and_risk() {
    let all = tallied();
    let points = curve(&all, &SETS[0]);
    let check = |threshold, coverage: f64, risk: Option<f64>| {
        let point = points.iter().find(|point| point.threshold == threshold).unwrap();
        assert_eq!((point.coverage(), point.risk()), (Some(coverage), risk), "{threshold}");
    };
    // Six names: the customer is not counted, the guarded one not decided.
    check(15, 5.0 / 6.0, Some(2.0 / 5.0));
    check(20, 3.0 / 6.0, Some(1.0 / 3.0));
    check(35, 3.0 / 6.0, Some(1.0 / 3.0));
    check(40, 2.0 / 6.0, Some(0.0));
    check(60, 1.0 / 6.0, Some(0.0));
    assert!(points.windows(2).all(|pair| pair[0].coverage() >= pair[1].coverage()));
    // The thresholds of the model are not the same on both sides.
    let expected = Decided { names: 2, malicious: 1, compromised: 0 };
    assert_eq!(SETS[0].decided(&all, Truth::Dedicated), expected);
    let empty = curve(&[], &SETS[0]);
    assert!(empty.iter().all(|point| point.coverage().is_none() && point.risk().is_none()));
}

#[test]
fn days_are_read_as_days() {
    let entry = Entry::of_urlhaus("1970-01-03\t1\ta.example").unwrap();
    assert_eq!(entry.day, Day(2));
}
