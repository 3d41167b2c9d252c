//! `policy replay` over real histories with generated observations: what it prints equals what plain code finds, which
//! folds the log from its first epoch and judges every day from scratch; and a log without its beginning gives the same.
//!
//! The data is not part of the repository: without it this test says that it skips. `PANOPTICON_REPLAY_DAYS` sets how
//! many days are lived through (4 without it, 30 for the record).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use compact_str::CompactString;
use panopticon_benches::measure::child;
use panopticon_benches::world::mix;
use panopticon_datasets::store::{Event, Store, StoreError};
use panopticon_datasets::tables::Tables;
use panopticon_model::judgement::{Policies, Policy, validate};
use panopticon_model::observable::{Observable, ObservableKind};
use panopticon_model::observation::{
    Facts, FilterFacts, HttpFacts, Observation, ObservationKey, Outcome, ProbeKind, Signal, fetch_kind,
    own_targets, wanted_until,
};
use panopticon_model::oracle::{self, Gathered, Inputs};
use panopticon_model::sighting::FeedId;
use panopticon_model::time::{DAY_MS, Day, Epoch, HOUR_MS};
use panopticon_model::update::{Cause, EpochHeader, Update};
use panopticon_model::url::mask_mail;
use panopticon_model::view::Standing;

use crate::common::{fails, ok, panopticon, shared};
use crate::replay::{FEEDS, History, LAST, TLDS, days, histories, run};

/// How many days are lived through, if nobody says.
const USUAL: u32 = 4;
/// Who is trusted, and how many others are enough.
type Choice = (&'static [&'static str], usize);
/// What is configured.
const CONFIGURED: Choice = (&["urlhaus"], 2);
/// Two feeds, whoever they are; and whoever is in the list.
const OTHERS: [(&str, Choice); 2] =
    [("stricter", (&[], 2)), ("looser", (&["urlhaus", "gaso", "polkadot", "discord", "partner"], 2))];

/// The histories, and a partner that repeats a part of the first one: a second feed for the same things.
fn settle(folder: &Path) {
    std::fs::create_dir(folder.join("feeds")).unwrap();
    let mut config = "version = \"v1\"\nstate = \"state\"\noutput = \"out\"\n".to_owned();
    config.extend(TLDS.map(|tld| format!("[[tld]]\nname = \"{tld}\"\n")));
    for (id, class) in FEEDS.map(|(id, _, class)| (id, class)).into_iter().chain([("partner", FEEDS[0].2)]) {
        let trusted = CONFIGURED.0.contains(&id);
        config.push_str(&format!(
            "[[feed]]\nid = \"{id}\"\nformat = \"plain\"\npath = \"feeds/{id}.txt\"\nabuse_class = \"{class}\"\ntrusted = {trusted}\nabsence = \"retract\"\nmax_shrink = 100\n"
        ));
    }
    std::fs::write(folder.join("panopticon.toml"), config).unwrap();
}

fn put(history: &mut [History], day: Day, feeds: &Path) {
    history.iter_mut().for_each(|history| history.put(day, feeds));
    let repeated: String = history[0]
        .list
        .iter()
        .filter(|line| number(line).is_multiple_of(3))
        .flat_map(|line| [line, "\n"])
        .collect();
    std::fs::write(feeds.join("partner.txt"), repeated).unwrap();
}

/// A number that is always the same for a text.
fn number(text: &str) -> u64 {
    text.bytes().fold(0, |number, byte| mix(number ^ u64::from(byte)))
}

/// What would have been measured on a day of what is listed: an hour into it, and not of everything on each day.
fn generated(tables: &Tables, day: Day) -> BTreeMap<ObservationKey, Observation> {
    let at = day.start().plus(HOUR_MS);
    let mut seen = BTreeMap::new();
    for sighting in tables.sightings.values().filter(|sighting| wanted_until(sighting).is_none_or(|end| at < end))
    {
        let observable = &sighting.observable;
        for target in own_targets(observable).into_iter().chain([CompactString::from(observable.place.host())]) {
            let number = mix(number(&target));
            if !mix(number ^ u64::from(day.0)).is_multiple_of(8) {
                let (key, outcome, facts) = look(target, number, day, observable);
                seen.insert(key, observation(observable, at, outcome, facts));
            }
        }
    }
    seen
}

/// Some pages are there, some are gone, some go one day; filters block some of the names.
fn look(
    target: CompactString,
    number: u64,
    day: Day,
    observable: &Observable,
) -> (ObservationKey, Outcome, Facts) {
    let Some(kind) = fetch_kind(&target) else {
        let vantage = CompactString::from("quad9");
        let blocks = number.is_multiple_of(3) && observable.kind == ObservableKind::Host;
        let signal = blocks.then_some(Signal::NoRecursion);
        let outcome = if blocks { Outcome::Blocked } else { Outcome::Clear };
        let facts = Facts::Filter(Box::new(FilterFacts { signal, ..FilterFacts::default() }));
        return (ObservationKey { target, kind: ProbeKind::Filter, vantage }, outcome, facts);
    };
    let key = ObservationKey { target, kind, vantage: "ch".into() };
    let goes = Day(day.0 + (number >> 32) as u32 % 40) > LAST.parse().unwrap();
    match number % 10 {
        0..6 => (key, Outcome::Content, Facts::Http(Box::default())),
        6 if !goes => (key, Outcome::Content, Facts::Http(Box::default())),
        7 => {
            let parked = HttpFacts { title: Some("This domain is for sale".into()), ..HttpFacts::default() };
            (key, Outcome::Content, Facts::Http(Box::new(parked)))
        }
        8 => (key, Outcome::Unresolved, Facts::None),
        _ => (key, Outcome::NotFound, Facts::None),
    }
}

fn observation(observable: &Observable, at: Epoch, outcome: Outcome, facts: Facts) -> Observation {
    Observation {
        place: observable.place.clone(),
        outcome,
        observed_at: at,
        refresh_at: at.plus(6 * HOUR_MS),
        valid_until: at.plus(3 * DAY_MS),
        failures: 0,
        failure: None,
        gone: Default::default(),
        facts,
    }
}

/// Logs what was measured on a day, as a run would.
fn measure(state: &Path, day: Day) -> usize {
    let mut store = Store::open(state).unwrap();
    let (mut tables, mut at) = (Tables::default(), Epoch(0));
    store
        .replay(&mut |event| -> Result<(), StoreError> {
            match event {
                Event::Base { as_of, .. } => at = as_of,
                Event::Epoch(header) => at = header.at,
                Event::Rows(rows) => drop(tables.apply(at, rows)),
                _ => {}
            }
            Ok(())
        })
        .unwrap();
    let seen = generated(&tables, day);
    let rows: Vec<Update> =
        seen.into_iter().map(|(key, seen)| Update::Observation(key, Some(Arc::new(seen)))).collect();
    let header = EpochHeader { at: day.start().plus(HOUR_MS), cause: Cause::Evidence, source: "probe".into() };
    store.append(&header, &rows).unwrap();
    rows.len()
}

fn policies((trusted, independent): Choice) -> Policies {
    let trusted = trusted.iter().copied().map(FeedId::from).collect();
    Policies { usual: Policy { trusted, independent, ..Policy::default() }, ..Policies::default() }
}

/// The past, day by day and from scratch.
#[derive(Default)]
struct Scratch {
    tables: Tables,
    /// What is to be printed for each of the other policies.
    expected: [Vec<String>; 2],
    /// Validated at the closes of all days: as configured, and under each of the others.
    validated: [usize; 3],
    rows: usize,
    cases: usize,
}

impl Scratch {
    fn of(state: &Path) -> Scratch {
        let (mut scratch, mut at) = (Scratch::default(), None::<Epoch>);
        Store::history(state, None, &mut |event| -> Result<(), StoreError> {
            match event {
                Event::Epoch(header) => {
                    let first = at.map_or(header.at.day(), Epoch::day);
                    (first.0..header.at.day().0).map(Day).for_each(|day| scratch.day(day, day.end().minus(1)));
                    at = Some(header.at);
                }
                Event::Rows(rows) => {
                    scratch.rows += rows.len();
                    scratch.tables.apply(at.unwrap(), rows);
                }
                _ => {}
            }
            Ok(())
        })
        .unwrap();
        let last = at.unwrap();
        scratch.day(last.day(), last);
        scratch
    }

    /// One day, a part of the names at a time: the oracle is plain, and asks everything for everything.
    fn day(&mut self, day: Day, at: Epoch) {
        let mut parts: BTreeMap<u64, Inputs> = BTreeMap::new();
        let part = |domain: Option<&str>| domain.map(|domain| number(domain) % 512);
        for (key, sighting) in &self.tables.sightings {
            let Some(part) = part(sighting.observable.place.registrable_domain()) else { continue };
            parts.entry(part).or_default().sightings.insert(key.clone(), Arc::clone(sighting));
        }
        for (key, seen) in &self.tables.observations {
            let Some(part) = part(seen.place.registrable_domain()) else { continue };
            parts.entry(part).or_default().observations.insert(key.clone(), Arc::clone(seen));
        }
        let mut found: [BTreeSet<String>; 2] = Default::default();
        self.cases = 0;
        for mut inputs in parts.into_values() {
            let mut of = |choice: Choice| {
                inputs.policies = policies(choice);
                oracle::standing(&inputs, at)
            };
            let was = of(CONFIGURED);
            let others = OTHERS.map(|(_, choice)| of(choice));
            self.cases += was.cases.values().filter(|case| case.status.is_open()).count();
            self.validated[0] += was.validated.len();
            for (n, would) in others.iter().enumerate() {
                self.validated[n + 1] += would.validated.len();
                let sides = [(CONFIGURED, &was), (OTHERS[n].1, would)];
                found[n].extend(differences(&inputs, sides).into_iter().map(|line| format!("{day} {line}")));
            }
        }
        for (expected, found) in self.expected.iter_mut().zip(found) {
            expected.extend(found);
        }
    }
}

/// What is validated on one side only, with the gate that stops it on the other.
fn differences(inputs: &Inputs, sides: [(Choice, &Standing); 2]) -> Vec<String> {
    let at = sides[0].1.as_of;
    let mut found = Vec::new();
    for (one, other, is_lost) in [(0, 1, true), (1, 0, false)] {
        let (one, (choice, other)) = (sides[one].1, sides[other]);
        for row in one.validated.values().filter(|row| !other.validated.contains_key(&row.indicator.id)) {
            let subject = row.indicator.observable.place.subject().unwrap();
            let gathered = Gathered {
                indicators: (other.indicators.values())
                    .filter(|row| row.observable.place.subject() == Some(subject))
                    .collect(),
                cases: other.cases.values().map(AsRef::as_ref).filter(|case| case.subject == subject).collect(),
                observations: (inputs.observations.iter())
                    .filter(|(_, seen)| seen.place.subject() == Some(subject))
                    .collect(),
                is_protected: false,
            };
            let policy = policies(choice).usual;
            let denied = validate(&row.indicator, &gathered.dossier(&policy, at), &policy).unwrap_err().as_str();
            let [was, would] = if is_lost { ["validated", denied] } else { [denied, "validated"] };
            found.push(format!(
                "{subject} {} {} {was} {would} {}",
                mask_mail(&row.indicator.observable.canonical),
                row.indicator.abuse_class.as_str(),
                row.confirmed_by.join(",")
            ));
        }
    }
    found
}

/// What the program prints, sorted as [`Scratch`] sorts; with CPU seconds and the peak of memory.
fn replayed(folder: &Path, name: &str, from: Day, to: Day) -> (Vec<String>, f64, u64) {
    // Into a file: the measure of a child reads its output when it has ended, and a pipe would be full before.
    let line = format!(
        "exec {:?} policy replay --format jsonl --policy {name}.toml --from {from} --to {to} >rows.jsonl",
        env!("CARGO_BIN_EXE_panopticon")
    );
    let (said, took, peak) = child(Command::new("sh").args(["-c", &line]).current_dir(folder)).unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let words = ["day", "subject", "observable", "abuse_class", "was", "would"];
    let mut lines: Vec<String> = std::fs::read_to_string(folder.join("rows.jsonl"))
        .unwrap()
        .lines()
        .map(|line| {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            let by = row["confirmed_by"].as_array().unwrap().iter().map(|by| by.as_str().unwrap());
            let by = by.collect::<Vec<_>>().join(",");
            format!("{} {by}", words.map(|word| row[word].as_str().unwrap().to_owned()).join(" "))
        })
        .collect();
    lines.sort_unstable();
    (lines, took.cpu.as_secs_f64(), peak >> 20)
}

#[test]
fn what_another_policy_would_have_said_of_real_days() {
    let Some(mut history) = histories() else {
        eprintln!("skipped: the histories are not here ({:?})", shared(FEEDS[0].1));
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    settle(folder);
    let (days, state) = (days(USUAL), folder.join("state"));
    let mut measured = 0;
    for day in &days {
        put(&mut history, *day, &folder.join("feeds"));
        ok(&mut run(folder, *day));
        measured += measure(&state, *day);
    }
    let scratch = Scratch::of(&state);
    let (first, last) = (days[0], days[days.len() - 1]);
    let middle = days[days.len() / 2];
    let mut told = Vec::new();
    for (n, (name, (trusted, independent))) in OTHERS.into_iter().enumerate() {
        std::fs::write(
            folder.join(format!("{name}.toml")),
            format!("trusted = {trusted:?}\nindependent = {independent}\n"),
        )
        .unwrap();
        let mut expected = scratch.expected[n].clone();
        expected.sort_unstable();
        let (lines, cpu, mib) = replayed(folder, name, first, last);
        assert!(!lines.is_empty(), "{name}");
        assert!(lines == expected, "{name}: {} rows, and {} from scratch", lines.len(), expected.len());
        // The later days alone are the same rows, from a base.
        let later: Vec<String> = lines.into_iter().filter(|line| *line >= middle.to_string()).collect();
        assert!(replayed(folder, name, middle, last).0 == later, "{name} from {middle}");
        told.push((name, expected.len(), later, cpu, mib));
    }
    // Without the log before the last base as well; then the days before are gone, and that is said.
    Store::open(&state).unwrap().expire(middle.back(1)).unwrap();
    for (name, _, later, ..) in &told {
        assert!(replayed(folder, name, middle, last).0 == *later, "{name} without the log before {middle}");
    }
    let mut gone = panopticon(folder);
    gone.args(["policy", "replay", "--policy", "looser.toml", "--to", &last.to_string()]);
    let said = fails(gone.args(["--from", &first.to_string()]), 1);
    assert!(said.contains("continues a segment that is gone"), "{said}");
    let Scratch { rows, cases, validated, .. } = scratch;
    let days = days.len();
    eprintln!(
        "{days} days up to {LAST}: {rows} rows of the log ({measured} observations), {cases} open cases at the end"
    );
    eprintln!("validated at the closes of the days: {} as configured", validated[0]);
    for ((name, rows, _, cpu, mib), validated) in told.iter().zip(&validated[1..]) {
        eprintln!("  {validated} under `{name}`: {rows} rows of difference, {cpu:.1} CPU-s, {mib} MiB");
    }
}
