//! The tables of judgement: what confirms, which gate holds what up, and what a case is.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use compact_str::CompactString;
use panopticon_model::case::{Case, CaseStatus};
use panopticon_model::indicator::Indicator;
use panopticon_model::judgement::{
    ABSTAIN, Dossier, Party, Policy, Remedy, RemedyKind, SIGNALS, Seen, confirms, judge, validate,
};
use panopticon_model::lookalike::{HighRiskName, Technique, Tier};
use panopticon_model::name::{HostName, Label, Places, SuffixList, TldRules};
use panopticon_model::observable::{Observable, ObservableKind, Place};
use panopticon_model::observation::{
    BlocklistFacts, Facts, FilterFacts, HttpFacts, Measured, Observation, ObservationKey, Outcome, ProbeKind,
    RdapFacts, Schedule, Signal, observe,
};
use panopticon_model::origin::{Labelled, Origin};
use panopticon_model::reputation::{Reputation, Repute};
use panopticon_model::sighting::{AbuseClass, FeedId, case_id, indicator_id};
use panopticon_model::time::{DAY_MS, Epoch, HOUR_MS};
use proptest::prelude::*;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};

const NOW: Epoch = Epoch(20_000 * DAY_MS);

/// The rows of a table: its columns, and the whole line for a message.
fn rows(table: &str) -> impl Iterator<Item = (Vec<&str>, &str)> {
    let lines = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| (line.split('\t').collect(), line))
}

fn word<'a, T: Deserialize<'a>>(word: &'a str) -> T {
    let from: StrDeserializer<'a, Error> = word.into_deserializer();
    T::deserialize(from).unwrap()
}

fn place(host: &str) -> Place {
    let list = "// ===BEGIN ICANN DOMAINS===\nxx\n// ===END ICANN DOMAINS===\n// ===BEGIN PRIVATE DOMAINS===\nplat.xx\n// ===END PRIVATE DOMAINS===\n";
    let rules = vec![TldRules { tld: Label::parse("xx").unwrap(), rules: None }];
    let host = HostName::parse(host).unwrap();
    let places = Places::new(SuffixList::parse(list).unwrap(), rules);
    Place::of_name(&host, &places.place(&host).unwrap())
}

fn observation(host: &str, kind: ProbeKind, outcome: Outcome, facts: Facts) -> Observation {
    let measured = Measured { facts, ..Measured::bare(outcome) };
    observe(kind, place(host), None, measured, NOW, &Schedule::default())
}

/// What is said in a column of words: `key=value` or `key`.
struct Said<'a>(&'a str);

impl<'a> Said<'a> {
    fn get(&self, key: &str) -> Option<&'a str> {
        let words = self.0.split(' ').map(|word| word.split_once('=').unwrap_or((word, "")));
        words.into_iter().find(|(known, _)| *known == key).map(|(_, value)| value)
    }

    fn number(&self, key: &str) -> Option<u64> {
        self.get(key).map(|value| value.parse().unwrap())
    }

    fn is(&self, key: &str) -> bool {
        self.get(key).is_some()
    }
}

#[test]
fn what_confirms() {
    let mut seen = 0;
    for (row, line) in rows(include_str!("../data/confirming.tsv")) {
        let [kind, probe, outcome, detail, expected] = row[..] else { panic!("{line}") };
        let detail = detail.split_once('=').unwrap_or_default();
        let of = |key: &str| (detail.0 == key).then_some(detail.1);
        let probe = word(probe);
        let facts = match probe {
            ProbeKind::Http | ProbeKind::Https => Facts::Http(Box::new(HttpFacts {
                title: of("title").map(Into::into),
                final_url: of("leads").map(Into::into),
                ..HttpFacts::default()
            })),
            ProbeKind::Filter => Facts::Filter(Box::new(FilterFacts {
                signal: of("signal").map(word::<Signal>),
                ..FilterFacts::default()
            })),
            _ => Facts::None,
        };
        let kind = [ObservableKind::Url, ObservableKind::Host, ObservableKind::Address]
            .into_iter()
            .find(|known| known.as_str() == kind)
            .unwrap_or_else(|| panic!("{line}"));
        let observation = observation("shop.xx", probe, word(outcome), facts);
        assert_eq!(confirms(kind, probe, &observation), expected == "yes", "{line}");
        seen += 1;
    }
    assert!(seen > 100, "{seen}");
}

/// A case with its indicator, and what was measured.
struct Scene {
    case: Case,
    indicators: Vec<Arc<Indicator>>,
    seen: Vec<(ObservationKey, Observation)>,
    confirms: bool,
    seconded: bool,
    rank: Option<u32>,
    protected: bool,
    repute: BTreeMap<CompactString, Arc<Repute>>,
    looks: Option<Arc<HighRiskName>>,
    policy: Policy,
}

impl Scene {
    fn new(name: &str, kind: ObservableKind, listed: &[&str], feeds: &[&str]) -> Scene {
        let place = place(name);
        let subject = place.subject().unwrap();
        let class = AbuseClass::Phishing;
        let feed_ids: Arc<[FeedId]> = feeds.iter().copied().map(FeedId::from).collect();
        let indicators = listed.iter().map(|path| {
            let canonical =
                if kind == ObservableKind::Url { format!("http://{name}{path}") } else { name.to_owned() };
            let observable = Arc::new(Observable::new(kind, &canonical, None, place.clone()));
            Arc::new(Indicator {
                id: indicator_id(observable.id, class),
                observable,
                abuse_class: class,
                feed_ids: Arc::clone(&feed_ids),
                first_seen: NOW,
                last_seen: None,
                ended_at: None,
                seconded_at: None,
                labelled: Labelled::default(),
            })
        });
        let case = Case {
            id: case_id(subject, class),
            subject: subject.into(),
            registrable_domain: place.registrable_domain().unwrap().into(),
            platform: place.platform().map(Into::into),
            abuse_class: class,
            status: CaseStatus::Active,
            first_seen: NOW,
            ended_at: None,
            evidence_count: 1,
            feed_ids: Arc::clone(&feed_ids),
            delegated: None,
            rank: None,
        };
        Scene {
            case,
            indicators: indicators.collect(),
            seen: Vec::new(),
            confirms: true,
            seconded: false,
            rank: None,
            protected: false,
            repute: BTreeMap::new(),
            looks: None,
            policy: Policy::default(),
        }
    }

    fn see(&mut self, target: &str, kind: ProbeKind, vantage: &str, outcome: Outcome, facts: Facts) {
        let key = ObservationKey { target: target.into(), kind, vantage: vantage.into() };
        let host = key.host().to_owned();
        self.seen.push((key, observation(&host, kind, outcome, facts)));
    }

    fn page(&mut self, url: &str, vantage: &str, outcome: Outcome, title: Option<&str>, similarity: u64) {
        let facts =
            HttpFacts { title: title.map(Into::into), similarity: Some(similarity), ..HttpFacts::default() };
        self.see(url, ProbeKind::Http, vantage, outcome, Facts::Http(Box::new(facts)));
    }

    fn with<T>(&self, look: impl FnOnce(&Dossier<'_>) -> T) -> T {
        let until = NOW.plus(DAY_MS);
        let mut dossier = Dossier {
            indicators: self.indicators.iter().collect(),
            cases: vec![&self.case],
            seen: self.seen.iter().map(|(key, seen)| Seen { key, seen, confirms: self.confirms }).collect(),
            seconded: self.indicators.iter().filter(|_| self.seconded).map(|row| (row.id, NOW, until)).collect(),
            rank: self.rank,
            is_protected: self.protected,
            repute: self.repute.clone(),
            looks: self.looks.clone(),
        };
        dossier.sort();
        look(&dossier)
    }
}

#[test]
fn which_gate_holds_what_up() {
    for (row, line) in rows(include_str!("../data/gates.tsv")) {
        let [said, expected] = row[..] else { panic!("{line}") };
        let said = Said(said);
        let list = |key: &str| said.get(key).map(|list| list.split(',').collect::<Vec<_>>()).unwrap_or_default();
        let name = if said.is("platform") { "one.plat.xx" } else { "shop.xx" };
        let kind = if said.get("kind") == Some("url") { ObservableKind::Url } else { ObservableKind::Host };
        let mut scene = Scene::new(name, kind, &["/a"], &list("feeds"));
        if !said.is("unconfirmed") {
            scene.page("http://shop.xx/a", "a", Outcome::Content, None, 0);
            scene.page("http://one.plat.xx/a", "a", Outcome::Content, None, 0);
            let blocked = FilterFacts { signal: Some(Signal::NoRecursion), ..FilterFacts::default() };
            scene.see(name, ProbeKind::Filter, "quad9", Outcome::Blocked, Facts::Filter(Box::new(blocked)));
        }
        if said.is("undelegated") {
            scene.see(name, ProbeKind::Delegation, "", Outcome::Undelegated, Facts::None);
        }
        if said.is("closed") {
            scene.case.status = CaseStatus::Expired;
        }
        scene.confirms = !said.is("stale");
        scene.seconded = said.is("seconded");
        scene.rank = said.number("rank").map(|rank| u32::try_from(rank).unwrap());
        scene.protected = said.is("protected");
        let policy = Policy {
            trusted: list("trusted").into_iter().map(FeedId::from).collect(),
            independent: said.number("independent").map_or(2, |n| usize::try_from(n).unwrap()),
            allowed: list("allowed").into_iter().map(Into::into).collect(),
            ..Policy::default()
        };
        let gate = scene.with(|dossier| match validate(&scene.indicators[0], dossier, &policy) {
            Ok(_) => "validated",
            Err(denied) => denied.as_str(),
        });
        assert_eq!(gate, expected, "{line}");
    }
}

fn remedy(scene: &Scene) -> Remedy {
    scene.with(|dossier| judge(dossier, &scene.policy).1.remove(0))
}

/// A number of confirmed names, with an `s` behind it the name itself among them, and others.
fn reputation(confirmed: &str, others: u32, itself: &str) -> Reputation {
    let number: u32 = confirmed.trim_end_matches('s').parse().unwrap();
    let names = (0..number).map(|n| match n == 0 && confirmed.ends_with('s') {
        true => itself.into(),
        false => format!("n{n}.xx").into(),
    });
    Reputation { confirmed: names.map(|name| (name, NOW)).collect(), others }
}

/// The scene of a row of the table of remedies.
fn scene(said: &Said<'_>) -> Scene {
    let name = said.get("name").unwrap();
    let listed: Vec<&str> = said.get("listed").unwrap().split(',').collect();
    let mut scene = Scene::new(name, ObservableKind::Url, &listed, &["a"]);
    let url = format!("http://{name}{}", listed[0]);
    scene.page(&url, "a", Outcome::Content, Some("Log in"), 0);
    if said.is("cloaked") {
        scene.page(&url, "b", Outcome::Content, Some("Welcome"), u64::MAX);
    }
    match said.get("root") {
        Some("empty") => scene.page(&format!("http://{name}/"), "a", Outcome::NotFound, None, 0),
        Some(title) => scene.page(&format!("http://{name}/"), "a", Outcome::Content, Some(title), 0),
        None => {}
    }
    let age = said.number("age").map(|days| NOW.minus(days * DAY_MS + HOUR_MS));
    let again = said.number("again").map(|hours| NOW.plus(hours * HOUR_MS));
    if let created_at @ Some(_) = age.or(again) {
        let facts = RdapFacts { created_at, ..RdapFacts::default() };
        scene.see(name, ProbeKind::Rdap, "", Outcome::Found, Facts::Rdap(Box::new(facts)));
    }
    if let Some(list) = said.get("dbl") {
        let code = if list == "compromised" { Ipv4Addr::new(127, 0, 1, 104) } else { Ipv4Addr::new(127, 0, 1, 4) };
        let facts = BlocklistFacts { codes: vec![code], meanings: Vec::new() };
        scene.see(name, ProbeKind::Blocklist, "dbl", Outcome::Listed, Facts::Blocklist(facts));
    }
    scene.rank = said.number("rank").map(|rank| u32::try_from(rank).unwrap());
    scene.protected = said.is("protected");
    if let Some(label) = said.get("label") {
        let own = Arc::make_mut(&mut scene.indicators[0]);
        own.labelled = Labelled::of([label].into_iter());
    }
    if let Some(lists) = said.get("lists") {
        scene.policy.origins = [(FeedId::from("a"), word::<Origin>(lists))].into();
    }
    let imitates = said.get("imitates").map(CompactString::from);
    if imitates.is_some() || said.is("algorithmic") {
        scene.looks = Some(Arc::new(HighRiskName {
            name: name.into(),
            tier: Tier::Review,
            score: imitates.as_ref().map(|_| 40),
            techniques: imitates.iter().map(|_| Technique::Homoglyph).collect(),
            target: imitates,
            algorithmic: said.is("algorithmic").then_some(1000),
            entered_at: None,
        }));
    }
    for (key, server) in [("ns", "ns1.bad.example"), ("ns2", "ns2.bad.example"), ("address", "192.0.2.1")] {
        if let Some((confirmed, others)) = said.get(key).and_then(|value| value.split_once('+')) {
            let row = reputation(confirmed, others.parse().unwrap(), &scene.case.registrable_domain);
            scene.repute.extend(row.repute(server).map(|repute| (server.into(), Arc::new(repute))));
        }
    }
    scene
}

#[test]
fn what_a_case_is() {
    for (row, line) in rows(include_str!("../data/remedies.tsv")) {
        let [said, score, kind, held_back] = row[..] else { panic!("{line}") };
        let remedy = remedy(&scene(&Said(said)));
        assert_eq!(remedy.score.to_string(), score, "{line}: {:?}", remedy.reasons);
        assert_eq!(remedy.kind.as_str(), kind, "{line}");
        assert_eq!(remedy.held_back.unwrap_or_default(), held_back, "{line}");
    }
}

#[test]
fn a_name_is_not_malicious_by_its_company() {
    let by_itself = |said: &str| {
        let scene = scene(&Said(said));
        let policy = Policy { independent: 1, ..scene.policy.clone() };
        scene.with(|dossier| judge(dossier, &policy).1.remove(0).is_malicious_by_itself())
    };
    assert!(by_itself("name=qwzx.xx listed=/ age=2"));
    assert!(by_itself("name=qwzx.xx listed=/ age=40 ns=0+200"));
    assert!(!by_itself("name=qwzx.xx listed=/ ns=9+2"));
    assert!(!by_itself("name=qwzx.xx listed=/ age=2 protected"));
    assert!(!by_itself("name=one.plat.xx listed=/ age=2"));
    assert!(!by_itself("name=qwzx.xx listed=/wp-content/x age=2"));
}

#[test]
fn every_signal_has_one_weight_and_one_word() {
    for (n, (signal, weight, meaning)) in SIGNALS.iter().enumerate() {
        assert!(signal.weight() == *weight && *weight != 0 && signal.meaning() == *meaning);
        assert!(SIGNALS[n + 1..].iter().all(|(other, _, _)| other != signal && other.as_str() != signal.as_str()));
        assert_eq!(&word::<panopticon_model::judgement::Signal>(signal.as_str()), signal);
    }
}

#[test]
fn the_documents_have_the_weights_of_the_code() {
    let text = include_str!("../../../docs/judgement.md");
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| `")).take(SIGNALS.len()).collect();
    let of = |(signal, weight, meaning): (panopticon_model::judgement::Signal, i32, &str)| {
        format!("| `{}` | {weight:+} | {meaning} |", signal.as_str())
    };
    assert_eq!(rows, SIGNALS.map(of));
    let (malicious, compromised) = ABSTAIN;
    let thresholds = format!(
        "From {malicious} on the case is `malicious`\n(the name was registered for it), up to {compromised} `compromised`"
    );
    assert!(text.contains(&thresholds), "the text does not say: {thresholds}");
}

proptest! {
    #[test]
    fn what_is_guarded_is_never_malicious_and_nothing_stale_confirms(
        name in prop::sample::select(vec!["secure-login.xx", "shop.xx", "one.plat.xx"]),
        path in prop::sample::select(vec!["/", "/a", "/wp-content/x", "/a/b/c/d"]),
        age in proptest::option::of(0u64..4000),
        rank in proptest::option::of(1u64..200_000),
        protected in any::<bool>(),
        root in proptest::option::of(prop::sample::select(vec!["empty", "Shop"])),
    ) {
        let mut said = format!("name={name} listed={path}");
        for (key, value) in [("age", age), ("rank", rank)] {
            said.extend(value.map(|value| format!(" {key}={value}")));
        }
        said.extend(root.map(|root| format!(" root={root}")));
        said.push_str(if protected { " protected" } else { "" });
        let mut scene = scene(&Said(&said));
        let remedy = remedy(&scene);
        let guarded = protected || rank.is_some_and(|rank| rank <= 100_000) || name == "one.plat.xx";
        prop_assert!(!(guarded && remedy.kind == RemedyKind::Malicious), "{}", said);
        prop_assert_eq!(remedy.parties.contains(&Party::PlatformOperator), remedy.kind == RemedyKind::Platform);
        scene.confirms = false;
        let validated = scene.with(|dossier| judge(dossier, &Policy { independent: 1, ..Policy::default() }).0);
        prop_assert!(validated.is_empty());
    }
}
