//! Look-alikes: dnstwist's own candidates, and the index against the comparison of every pair.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::{Arc, LazyLock};

use panopticon_dataflow::lexical::{
    Context, Index, ProtectedName, Scratch, Sources, TYPING, Tables, TablesError, Technique, Variants, candidates,
    judge, typing_candidates,
};
use panopticon_datasets::reference;
use proptest::prelude::*;
use sha2::{Digest, Sha256};

const SOURCES: Sources<'static> = Sources {
    keyboards: reference::KEYBOARDS,
    glyphs: reference::GLYPHS,
    readings: reference::READINGS,
    keywords: reference::KEYWORDS,
};
static TABLES: LazyLock<Arc<Tables>> = LazyLock::new(|| Arc::new(Tables::parse(SOURCES).unwrap()));

fn index_of(names: &[&str]) -> Index {
    let names = names.iter().map(|name| ProtectedName::new(&a_label(name), "com"));
    Index::new(Arc::clone(&TABLES), Arc::default(), "com", names)
}

fn a_label(label: &str) -> String {
    if label.is_ascii() {
        return label.into();
    }
    format!("xn--{}", idna::punycode::encode_str(label).unwrap())
}

fn techniques(index: &Index, label: &str) -> BTreeSet<Technique> {
    let found = index.find(label, &mut Scratch::default());
    found.into_iter().flat_map(|pair| pair.findings).map(|(technique, _)| technique).collect()
}

/// Labels of a technique as dnstwist counts and digests them.
fn digest(labels: &BTreeSet<String>) -> (String, String) {
    let hash = Sha256::digest(labels.iter().fold(String::new(), |text, label| text + label + "\n"));
    let hash = hash.iter().take(8).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    (labels.len().to_string(), hash)
}

#[test]
fn candidates_of_the_typing_techniques_are_those_of_dnstwist() {
    let golden = include_str!("../data/dnstwist_digests.tsv");
    let mut made: BTreeMap<(String, &str), BTreeSet<String>> = BTreeMap::new();
    let mut compared = 0;
    for line in golden.lines().filter(|line| !line.starts_with('#')) {
        let [name, fuzzer, count, hash] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        let Some(technique) = TYPING.iter().find(|technique| technique.as_str() == fuzzer) else { continue };
        let protected = ProtectedName::new(&a_label(name), "com");
        if !made.contains_key(&(name.to_owned(), technique.as_str())) {
            for (technique, label) in typing_candidates(&TABLES, &protected) {
                let labels = made.entry((name.to_owned(), technique.as_str())).or_default();
                labels.insert(a_label(&label));
            }
        }
        let labels = made.entry((name.to_owned(), technique.as_str())).or_default();
        assert_eq!(digest(labels), (count.into(), hash.into()), "{name} {fuzzer} {labels:?}");
        compared += 1;
    }
    assert!(compared > 4000, "{compared}");
}

#[test]
fn what_a_typing_technique_makes_is_found_by_it() {
    for name in ["paypal", "aaa", "deutsche-bank", "boxes", "büro", "mississippi", "qwertz", "0o0", "zszszs"] {
        let index = index_of(&[name]);
        let mut made: BTreeMap<String, BTreeSet<Technique>> = BTreeMap::new();
        for (technique, label) in typing_candidates(&TABLES, &ProtectedName::new(&a_label(name), "com")) {
            made.entry(a_label(&label)).or_default().insert(technique);
        }
        for (label, wanted) in made {
            let mut found = techniques(&index, &label);
            found.retain(|technique| TYPING.contains(technique));
            assert_eq!(found, wanted, "{name} {label}");
        }
    }
}

#[test]
fn every_homoglyph_of_dnstwist_is_found() {
    let golden = include_str!("../data/dnstwist_homoglyphs.tsv");
    let names: BTreeSet<&str> =
        golden.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split('\t').next()).collect();
    let index = index_of(&names.into_iter().collect::<Vec<_>>());
    let mut missed = Vec::new();
    for line in golden.lines().filter(|line| !line.starts_with('#')) {
        let (name, label) = line.split_once('\t').unwrap();
        let found = index.find(label, &mut Scratch::default());
        let target = |pair: &&_| -> bool {
            let pair: &panopticon_dataflow::lexical::Typosquat = pair;
            index.name(pair.target).unwrap().label == name
        };
        let pair = found.iter().find(target);
        if !pair.is_some_and(|pair| pair.findings.iter().any(|(technique, _)| *technique == Technique::Homoglyph))
        {
            missed.push(line);
        }
    }
    assert!(missed.is_empty(), "{} missed, {:?}", missed.len(), &missed[..missed.len().min(20)]);
}

#[test]
fn a_pair_is_told_in_words() {
    let mut names: Vec<ProtectedName> =
        ["paypal", "google", "bücher", "ing", "bankofamerica", "deutsche-bank", "boxster", "tradingview"]
            .map(|name| ProtectedName::new(&a_label(name), "com"))
            .into();
    names[0].sector = Some("finance".into());
    names[6].common_word = true;
    let tables = &TABLES;
    let variants = Variants::new([(vec!['ü'], vec!['u', 'e'])]);
    let index = Index::new(Arc::clone(tables), Arc::new(variants), "xx", names);
    let labels = [
        "paypal",
        "paypla",
        "paypall",
        "paypaal",
        "paypalo",
        "pay-pal",
        "payпal",
        "paypol",
        "paypql",
        "papal",
        "payral",
        "раураӏ",
        "paypa1",
        "aypal",
        "ypal",
        "xaypal",
        "paypal1",
        "paypalcom",
        "www-paypal",
        "paypal-login",
        "paypal-payments",
        "securepaypal",
        "paypal24",
        "my-paypal-wallet",
        "secure-paypallogin",
        "xxpaypalxx",
        "g00gle",
        "googie",
        "gооgle",
        "bucher",
        "buecher",
        "ing-login",
        "bingo",
        "ping",
        "bnkofamerlca",
        "bankofarnerica",
        "deutschex-bank",
        "boxesster",
        "boxter",
        "tradingveiw",
    ];
    let mut told = String::new();
    for label in labels {
        let label = a_label(label);
        for pair in index.find(&label, &mut Scratch::default()) {
            let name = index.name(pair.target).unwrap();
            let judged = judge(tables, &label, name, &pair.findings, &Context::default());
            let terms: Vec<String> =
                judged.terms.iter().map(|(term, points)| format!("{term} {points}")).collect();
            let held =
                judged.suppressed_by.map_or(String::new(), |reason| format!(", held back: {}", reason.as_str()));
            let (score, tier) = (judged.score, judged.tier.as_str());
            writeln!(told, "{label} for {}: {score} {tier} ({}){held}", name.label, terms.join(", ")).unwrap();
            for (technique, edit) in &pair.findings {
                writeln!(told, "    {technique}: {edit}").unwrap();
            }
        }
    }
    insta::assert_snapshot!(told);
}

/// What is known beside the letters, and what a pair comes to with it.
#[test]
fn what_is_known_of_a_label_adds_points_or_holds_it_back() {
    let index = index_of(&["tradingview"]);
    let none = Context::default();
    let cases = [
        ("nothing", none),
        ("dismissed", Context { dismissed: true, ..none }),
        ("protected", Context { protected: true, ..none }),
        ("popular", Context { popular: true, ..none }),
        ("word", Context { word: true, ..none }),
        ("defensive", Context { defensive: true, ..none }),
        ("older", Context { older: true, ..none }),
        ("crowded", Context { crowded: true, ..none }),
        ("crowded, but receives mail", Context { crowded: true, mail: true, ..none }),
        ("crowded, 31 days old", Context { crowded: true, age_days: Some(31), ..none }),
        ("squatting servers", Context { squatting_servers: true, ..none }),
        ("many targets", Context { many_targets: true, ..none }),
        ("7 days old", Context { age_days: Some(7), ..none }),
        ("8 days old", Context { age_days: Some(8), ..none }),
        ("listed neighbour", Context { listed_neighbour: true, ..none }),
        ("dismissed and popular", Context { dismissed: true, popular: true, ..none }),
        (
            "all that adds points",
            Context {
                squatting_servers: true,
                many_targets: true,
                age_days: Some(0),
                mail: true,
                listed_neighbour: true,
                ..none
            },
        ),
    ];
    let label = "tradingveiw";
    let pair = index.find(label, &mut Scratch::default()).pop().unwrap();
    let told = cases.iter().fold(String::new(), |told, (what, context)| {
        let judged = judge(&TABLES, label, index.name(0).unwrap(), &pair.findings, context);
        let terms: Vec<String> = judged.terms.iter().map(|(term, points)| format!("{term} {points}")).collect();
        let held = judged.suppressed_by.map_or("counts", |reason| reason.as_str());
        told + &format!("{what}: {} {} {held} ({})\n", judged.score, judged.tier.as_str(), terms.join(", "))
    });
    insta::assert_snapshot!(told);
}

#[test]
fn what_cannot_be_a_label_imitates_nothing_and_stops_nobody() {
    let index = index_of(&["paypal", "", "a", &"x".repeat(64), &"ü".repeat(60)]);
    for label in
        ["", "-", "xn--", "xn--a-", "xn--99999999999", "\0", "ab--cd", "-paypal", &"paypal".repeat(20), "пaypaл"]
    {
        let found = index.find(label, &mut Scratch::default());
        assert_eq!(found, index.find_by_comparing(label), "{label}");
    }
}

#[test]
fn a_table_that_cannot_be_used_is_refused() {
    let refused = |sources: Sources<'_>| Tables::parse(sources).unwrap_err().to_string();
    let told = [
        refused(Sources { keyboards: "qwerty\tab\tc", ..SOURCES }),
        refused(Sources { keyboards: "qwerty\ta", ..SOURCES }),
        refused(Sources { glyphs: "ascii\ta\tx", ..SOURCES }),
        refused(Sources { glyphs: "other\ta\tx", ..SOURCES }),
        refused(Sources { readings: "a\tb", ..SOURCES }),
        refused(Sources { keywords: "login", ..SOURCES }),
    ];
    insta::assert_snapshot!(told.join("\n"));
    assert!(matches!(Tables::parse(Sources { glyphs: "ascii\ta\tx", ..SOURCES }), Err(TablesError::Fold { .. })));
}

fn word() -> impl Strategy<Value = String> {
    // Few letters, so that names meet; and those of the tables, so that glyphs do.
    prop_oneof![
        4 => "[abln0]{1,7}",
        4 => "[a-z0-9]([a-z0-9-]{0,9}[a-z0-9])?",
        2 => "(login|pay|bank|rn|cl|shop){1,4}",
        1 => "[aoеаülnñæœß]{1,7}",
    ]
}

fn changed() -> impl Strategy<Value = (Vec<String>, Vec<String>)> {
    let names = proptest::collection::vec(word(), 1..8);
    let labels = proptest::collection::vec((word(), any::<prop::sample::Index>(), 0..6_u8, any::<u8>()), 1..20);
    (names, labels).prop_map(|(names, labels)| {
        let label = |(word, which, how, at): (String, prop::sample::Index, u8, u8)| {
            let name: Vec<char> = which.get(&names).chars().collect();
            let (head, tail) = name.split_at(usize::from(at) % (name.len() + 1));
            let [head, tail] = [head, tail].map(|part| part.iter().collect::<String>());
            match how {
                0 => word,
                1 => head + &word.chars().take(1).collect::<String>() + &tail,
                2 => head + &tail.chars().skip(1).collect::<String>(),
                3 => format!("{word}-{head}{tail}"),
                4 => head + &word.chars().take(2).collect::<String>() + &tail.chars().skip(2).collect::<String>(),
                _ => format!("login{head}{tail}{word}"),
            }
        };
        let labels = labels.into_iter().map(label).filter(|label| label.chars().count() < 50).collect();
        (names, labels)
    })
}

proptest! {
    #[test]
    fn the_index_finds_what_comparing_every_pair_finds((names, labels) in changed()) {
        let protected = names.iter().map(|name| ProtectedName::new(&a_label(name), "com"));
        let variants = Arc::new(Variants::new([(vec!['ü'], vec!['u', 'e']), (vec!['а'], vec!['a'])]));
        let index = Index::new(Arc::clone(&TABLES), variants, "xx", protected);
        for label in labels.iter().chain(&names) {
            let label = a_label(label);
            prop_assert_eq!(index.find(&label, &mut Scratch::default()), index.find_by_comparing(&label), "{}", label);
        }
    }

    #[test]
    fn long_names_two_slips_away_are_found(
        name in "[a-d]{12,28}",
        slips in proptest::collection::vec((0..4_u8, any::<prop::sample::Index>(), prop::char::range('a', 'd')), 1..4),
    ) {
        let mut label: Vec<char> = name.chars().collect();
        for (how, at, c) in slips {
            let at = at.index(label.len() - 1);
            match how {
                0 => label[at] = c,
                1 => label.swap(at, at + 1),
                2 => label.insert(at, c),
                _ => drop(label.remove(at)),
            }
        }
        let label: String = label.into_iter().collect();
        let index = index_of(&[&name]);
        prop_assert_eq!(index.find(&label, &mut Scratch::default()), index.find_by_comparing(&label));
    }

    #[test]
    fn a_new_name_finds_its_look_alikes_among_its_candidates(name in "[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?", label in word()) {
        let index = index_of(&[&name]);
        let ways = techniques(&index, &a_label(&label));
        let scanned = [Technique::Combosquatting, Technique::DistanceTwo];
        let by_candidates = label.is_ascii() && ways.iter().any(|technique| !scanned.contains(technique));
        let all = candidates(&TABLES, &ProtectedName::new(&name, "com"));
        prop_assert!(!by_candidates || all.contains(&label), "{} {:?}", label, ways);
    }

    #[test]
    fn any_text_is_no_trouble(label in ".{0,70}", punycode in "xn--[a-z0-9-]{0,30}") {
        let index = index_of(&["paypal", "xn--bcher-kva", "ing"]);
        for label in [label, punycode] {
            prop_assert_eq!(index.find(&label, &mut Scratch::default()), index.find_by_comparing(&label));
        }
    }
}
