//! What follows from the views: how long until remediated cases were gone, and what feeds are worth.

use std::collections::BTreeMap;
use std::sync::Arc;

use panopticon_model::derived::{FeedScore, Scored, feed_scores, remediation_times};
use panopticon_model::judgement::{Policies, Policy, Remedy, RemedyKind};
use panopticon_model::name::{HostName, Label, Places, SuffixList, TldRules};
use panopticon_model::observable::{Observable, ObservableKind, Place};
use panopticon_model::observation::{Facts, Measured, ObservationKey, Plan, RdapFacts, Schedule, observe};
use panopticon_model::oracle::{self, Inputs};
use panopticon_model::sighting::{AbuseClass, End, EntryId, FeedId, Interval, Sighting, SightingKey};
use panopticon_model::time::{DAY_MS, Epoch, HOUR_MS};
use panopticon_model::verdict::Verdict;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};

const START: Epoch = Epoch(20_000 * DAY_MS);

fn word<'a, T: Deserialize<'a>>(word: &'a str) -> T {
    let from: StrDeserializer<'a, Error> = word.into_deserializer();
    T::deserialize(from).unwrap()
}

fn hour(text: &str) -> Epoch {
    START.plus(text.parse::<u64>().unwrap() * HOUR_MS)
}

fn place(host: &str) -> Place {
    let list = "// ===BEGIN ICANN DOMAINS===\nxx\nzz\n// ===END ICANN DOMAINS===\n";
    let rules = ["xx", "zz"].map(|tld| TldRules { tld: Label::parse(tld).unwrap(), rules: None });
    let host = HostName::parse(host).unwrap();
    let places = Places::new(SuffixList::parse(list).unwrap(), rules.into());
    Place::of_name(&host, &places.place(&host).unwrap())
}

fn host(target: &str) -> &str {
    let rest = target.split_once("://").map_or(target, |(_, rest)| rest);
    rest.split('/').next().unwrap()
}

/// What feeds say, one entry a line: feed, entry, URL or host, intervals `from[-to=end]` in hours. And what was
/// measured, one target a line: kind, target, vantage (`-` for none), outcomes `hour=outcome`.
fn inputs(feeds: &str, measured: &str) -> Inputs {
    let policies = Policies {
        usual: Policy { trusted: [FeedId::from("a")].into(), ..Policy::default() },
        ..Policies::default()
    };
    let plan = Plan { vantages: vec!["ch".into(), "nz".into()], ..Plan::default() };
    let mut inputs = Inputs { plan, policies, ..Inputs::default() };
    for line in feeds.lines() {
        let mut words = line.split_whitespace();
        let [feed, entry, seen] = [(); 3].map(|()| words.next().unwrap());
        let kind = if seen.contains("://") { ObservableKind::Url } else { ObservableKind::Host };
        let interval = |text: &str| match text.split_once('-') {
            None => Interval::open(hour(text)),
            Some((from, ended)) => {
                let (to, end) = ended.split_once('=').unwrap();
                Interval { ended: Some((hour(to), word::<End>(end))), ..Interval::open(hour(from)) }
            }
        };
        let sighting = Sighting {
            observable: Arc::new(Observable::new(kind, seen, None, place(host(seen)))),
            abuse_class: AbuseClass::Phishing,
            label: "".into(),
            confidence: None,
            brand: None,
            reported_at: None,
            last_seen: None,
            intervals: words.map(interval).collect(),
        };
        let key = SightingKey { feed: FeedId::from(feed), entry: EntryId::Own(entry.into()) };
        inputs.sightings.insert(key, Arc::new(sighting));
    }
    for line in measured.lines() {
        let mut words = line.split_whitespace();
        let [kind, target, vantage] = [(); 3].map(|()| words.next().unwrap());
        let key =
            ObservationKey { target: target.into(), kind: word(kind), vantage: vantage.trim_matches('-').into() };
        for (at, outcome) in words.map(|text| text.split_once('=').unwrap()) {
            let rdap = RdapFacts { registrar: Some("Cheap Names Ltd".into()), ..RdapFacts::default() };
            let facts = if kind == "rdap" { Facts::Rdap(Box::new(rdap)) } else { Facts::None };
            let found = Measured { facts, ..Measured::bare(word(outcome)) };
            let before = inputs.observations.get(&key).map(AsRef::as_ref);
            let seen = observe(key.kind, place(host(target)), before, found, hour(at), &Schedule::default());
            inputs.observations.insert(key.clone(), Arc::new(seen));
        }
    }
    inputs
}

/// The scores as of an hour, one line a feed and TLD: the numbers in the order of the columns.
fn scores(inputs: &Inputs, now: u64) -> Vec<String> {
    let standing = oracle::standing(inputs, START.plus(now * HOUR_MS));
    let scored = Scored {
        standing: &standing,
        sightings: &inputs.sightings,
        observations: &inputs.observations,
        vantages: &inputs.plan.vantages,
    };
    let row = |((tld, feed), score): (&(_, FeedId), &FeedScore)| {
        let FeedScore { live, unique, first, confirmed, denied, dead_on_arrival, withdrawn } = score;
        format!("{tld} {feed}: {live} {unique} {first} {confirmed} {denied} {dead_on_arrival} {withdrawn}")
    };
    let rows: BTreeMap<_, _> = feed_scores(&scored);
    rows.iter().map(row).collect()
}

#[test]
fn who_said_so_first_and_who_alone() {
    let check = |feeds: &str, expected: &[&str]| assert_eq!(scores(&inputs(feeds, ""), 20), expected, "{feeds}");
    check("", &[]);
    check("a 1 http://one.xx/ 0", &["xx a: 1 1 0 0 0 0 0"]);
    check("a 1 http://one.xx/ 0\nb 1 http://one.xx/ 5", &["xx a: 1 0 1 0 0 0 0", "xx b: 1 0 0 0 0 0 0"]);
    // Two that begin together are both first, and two entries of a feed are one indicator.
    check(
        "a 1 http://one.xx/ 7\na 2 http://one.xx/ 5\nb 1 http://one.xx/ 5",
        &["xx a: 1 0 1 0 0 0 0", "xx b: 1 0 1 0 0 0 0"],
    );
    // Whoever was first and holds it no longer was first all the same.
    check(
        "a 1 http://one.xx/ 2\nb 1 http://one.xx/ 3\nc 1 http://one.xx/ 0-1=delisted",
        &["xx a: 1 0 0 0 0 0 0", "xx b: 1 0 0 0 0 0 0", "xx c: 0 0 0 0 0 0 0"],
    );
    // To have said so and taken it back is not to have said so.
    check(
        "a 1 http://one.xx/ 0-1=withdrawn 4\nb 1 http://one.xx/ 3\nc 1 http://one.xx/ 0-1=withdrawn",
        &["xx a: 1 0 0 0 0 0 0", "xx b: 1 0 1 0 0 0 0", "xx c: 0 0 0 0 0 0 1"],
    );
    // What one entry takes back and another one keeps is not withdrawn.
    check("a 1 http://one.xx/ 0-1=withdrawn\na 2 http://one.xx/ 0-9=delisted", &["xx a: 0 0 0 0 0 0 0"]);
    check("a 1 http://one.xx/ 0\na 2 http://two.zz/ 0", &["xx a: 1 1 0 0 0 0 0", "zz a: 1 1 0 0 0 0 0"]);
}

#[test]
fn what_was_measured_of_it() {
    let check = |measured: &str, expected: [&str; 2]| {
        let inputs = inputs("a 1 http://one.xx/ 0\nb 1 http://one.xx/b 9", measured);
        let found = scores(&inputs, 20);
        assert_eq!(found, expected.map(|numbers| format!("xx {numbers}")), "{measured}");
    };
    check("", ["a: 1 1 0 0 0 0 0", "b: 1 1 0 0 0 0 0"]);
    // One of the subject is confirmed; the other is not, and somebody has looked.
    check("http http://one.xx/ ch 12=content", ["a: 1 1 0 1 0 0 0", "b: 1 1 0 0 1 0 0"]);
    check("http http://one.xx/ ch 12=timeout", ["a: 1 1 0 0 0 0 0", "b: 1 1 0 0 0 0 0"]);
    let both = |url: &str, outcomes: &str| {
        ["ch", "nz"].map(|vantage| format!("http {url} {vantage} {outcomes}\n")).concat()
    };
    let dead = ["a: 1 1 0 0 1 1 0", "b: 1 1 0 0 1 0 0"];
    let alive = ["a: 1 1 0 0 1 0 0", "b: 1 1 0 0 1 0 0"];
    check(&both("http://one.xx/", "1=not-found 8=not-found"), dead);
    check(&both("http://one.xx/", "2=not-found 9=not-found"), alive);
    check(&both("http://one.xx/", "0=content 1=not-found"), alive);
    check(&both("http://one.xx/", "1=not-found 6=not-found"), alive);
    check("http http://one.xx/ ch 1=not-found 8=not-found", alive);
    check(&both("http://one.xx/", "1=not-found 8=not-found 10=forbidden"), dead);
    check(&both("http://one.xx/b", "3=not-found 9=not-found"), ["a: 1 1 0 0 1 0 0", "b: 1 1 0 0 1 1 0"]);
    // A domain that is not delegated, when the first feed comes and no longer when the second one does.
    check("delegation one.xx - 1=undelegated 7=undelegated", ["a: 1 1 0 0 1 1 0", "b: 1 1 0 0 1 1 0"]);
    check("delegation one.xx - 1=undelegated 7=undelegated 8=delegated", dead);
}

#[test]
fn how_long_it_took() {
    let check = |feeds: &str, measured: &str, now: u64, expected: &[&str]| {
        let inputs = inputs(feeds, measured);
        let standing = oracle::standing(&inputs, START.plus(now * HOUR_MS));
        let times = remediation_times(standing.cases.values(), &inputs.observations, &BTreeMap::new());
        let hours = |at: Epoch| (at.0 - START.0) / HOUR_MS;
        let told = times.iter().map(|row| {
            let (from, to) = (hours(row.case.first_seen), hours(row.ended_at));
            format!("{} {from}-{to} {} {}", row.case.subject, row.days(), row.registrar.as_deref().unwrap_or("-"))
        });
        assert_eq!(told.collect::<Vec<_>>(), expected, "{feeds}\n{measured}");
    };
    check("a 1 http://one.xx/ 0", "", 90, &[]);
    check("a 1 http://one.xx/ 0-30=delisted", "", 90, &[]);
    check("a 1 http://one.xx/ 0-30=withdrawn", "", 90, &[]);
    check("a 1 http://one.xx/ 3-26=offline", "", 90, &["one.xx 3-26 0 -"]);
    check("a 1 http://one.xx/ 3-27=offline", "", 90, &["one.xx 3-27 1 -"]);
    check("a 1 http://one.xx/ 3-27=offline", "", 26, &[]);
    // Another feed still holds it, but it is measured gone.
    let gone = "delegation one.xx - 60=undelegated 70=undelegated\nrdap one.xx - 1=found";
    check("a 1 http://one.xx/ 3\nb 1 http://one.xx/ 9", gone, 80, &["one.xx 3-70 2 Cheap Names Ltd"]);
    // What came back is open.
    check("a 1 http://one.xx/ 3", &gone.replace("70=undelegated", "70=undelegated 80=delegated"), 85, &[]);
}

/// What was noted of a case while it was open is told when it is over; the registrar by RDAP only if none was noted.
#[test]
fn what_a_case_was_is_told_when_it_is_over() {
    let gone = "delegation one.xx - 60=undelegated 70=undelegated\nrdap one.xx - 1=found";
    let inputs = inputs("a 1 http://one.xx/ 3", gone);
    let standing = oracle::standing(&inputs, START.plus(80 * HOUR_MS));
    let id = *standing.cases.keys().next().unwrap();
    let told = |verdict: Option<Verdict>| {
        let verdicts = verdict.map(|verdict| (id, Arc::new(verdict))).into_iter().collect();
        let times = remediation_times(standing.cases.values(), &inputs.observations, &verdicts);
        let [row] = times.as_slice() else { panic!("{times:?}") };
        let remedy = row.remedy.map_or("-", RemedyKind::as_str);
        let hour = row.validated_at.map(|at| (at.0 - START.0) / HOUR_MS);
        format!("{remedy} {} {hour:?}", row.registrar.as_deref().unwrap_or("-"))
    };
    assert_eq!(told(None), "- Cheap Names Ltd None");
    let verdict = Verdict { remedy: RemedyKind::Malicious, registrar: None, validated_at: Some(hour("5")) };
    assert_eq!(told(Some(verdict.clone())), "malicious Cheap Names Ltd Some(5)");
    let sold = Verdict { registrar: Some("Old Registrar".into()), ..verdict };
    assert_eq!(told(Some(sold)), "malicious Old Registrar Some(5)");
}

/// The first validation is kept, what it is judged to be is the last; what came back begins anew.
#[test]
fn a_verdict_remembers_when_it_was_validated_first() {
    let inputs = inputs("a 1 http://one.xx/ 3", "rdap one.xx - 1=found");
    let standing = oracle::standing(&inputs, START.plus(9 * HOUR_MS));
    let remedy = standing.remedies.values().next().unwrap();
    let validated = Remedy { validated: true, ..Remedy::clone(remedy) };
    let later = Remedy { validated: false, kind: RemedyKind::Malicious, registrar: None, ..validated.clone() };
    let first = Verdict::of(remedy, None, false, hour("4"));
    assert_eq!((first.validated_at, first.registrar.as_deref()), (None, Some("Cheap Names Ltd")));
    let second = Verdict::of(&validated, Some(&first), false, hour("5"));
    let third = Verdict::of(&later, Some(&second), false, hour("6"));
    assert_eq!((third.validated_at, third.remedy), (Some(hour("5")), RemedyKind::Malicious));
    assert_eq!(third.registrar.as_deref(), Some("Cheap Names Ltd"), "nobody says otherwise");
    assert_eq!(Verdict::of(&later, Some(&third), true, hour("7")).validated_at, None);
}
