//! What all tests share: a state that is folded by hand, from events or from updates; small updates.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;

use compact_str::{CompactString, format_compact};
use panopticon_datasets::log::{PublishIntent, Sealed};
use panopticon_datasets::store::{Event, Store, StoreError};
use panopticon_datasets::tables::Tables;
use panopticon_model::campaign::{Campaign, CampaignKey, SharedTrait};
use panopticon_model::id::Id;
use panopticon_model::judgement::RemedyKind;
use panopticon_model::lookalike::{CutOff, SurveyKey, Surveyed, Target, TargetKey};
use panopticon_model::name::HostName;
use panopticon_model::observable::{Observable, ObservableKind, Place};
use panopticon_model::observation::{Facts, Gone, HttpFacts, Observation, ObservationKey, Outcome, ProbeKind};
use panopticon_model::reputation::Reputation;
use panopticon_model::sighting::{AbuseClass, End, EntryId, FeedId, Interval, Sighting, SightingKey};
use panopticon_model::time::{DAY_MS, Day, Epoch};
use panopticon_model::update::{
    Cause, Delegation, DelegationKey, EpochHeader, ErrorKey, FeedState, LineError, Mark, MarkTarget,
    ProtectedName, Update,
};
use panopticon_model::verdict::Verdict;
use proptest::prelude::*;

/// 2025-03-01.
pub(crate) const DAY: Day = Day(20_148);

/// An instant of the `day`th test day.
pub(crate) fn at(day: u32, ms: u64) -> Epoch {
    Epoch(u64::from(DAY.0 + day) * DAY_MS + ms)
}

pub(crate) fn header(at: Epoch) -> EpochHeader {
    EpochHeader { at, cause: Cause::Evidence, source: "feed:test".into() }
}

pub(crate) fn intent(number: u64, upto: Epoch) -> PublishIntent {
    PublishIntent { number, upto, closes: Some(upto.day()), program: "panopticon 0.1.0".into() }
}

pub(crate) fn sealed(number: u64, upto: Epoch) -> Sealed {
    let changes_len = BTreeMap::from([("xx".to_owned(), number * 100)]);
    Sealed { number, upto, program: "panopticon 0.1.0".into(), digest: [7; 32], changes_len }
}

/// Everything that can be told from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) tables: Tables,
    pub(crate) delegations: BTreeMap<CompactString, Delegation>,
    pub(crate) sealed: Option<Sealed>,
    pub(crate) intent: Option<PublishIntent>,
}

impl State {
    pub(crate) fn epoch(&mut self, at: Epoch, rows: &[Update]) {
        for row in rows {
            self.delegation(row);
        }
        self.tables.apply(at, rows.iter().cloned());
    }

    fn delegation(&mut self, row: &Update) {
        if let Update::Delegation(key, _, after) = row {
            match after {
                Some(after) => self.delegations.insert(key.owner.clone(), *after),
                None => self.delegations.remove(&key.owner),
            };
        }
    }

    pub(crate) fn seal(&mut self, sealed: &Sealed) {
        self.sealed = Some(sealed.clone());
        self.intent = None;
    }

    /// The state that a store says it has: events folded, rows of epochs counted only when they are complete.
    pub(crate) fn of(store: &Store) -> Result<State, StoreError> {
        let mut reader = Reader::default();
        store.replay(&mut |event| reader.read(event))?;
        let mut state = reader.end();
        state.sealed = store.last_sealed().cloned();
        state.intent = store.open_intent().cloned();
        assert_eq!(store.last_epoch().unwrap_or_default(), state.tables.as_of);
        Ok(state)
    }

    /// The state that the log alone gives.
    pub(crate) fn of_history(folder: &Path) -> Result<State, StoreError> {
        let mut reader = Reader::default();
        Store::history(folder, None, &mut |event| reader.read(event))?;
        Ok(reader.end())
    }

    /// The state that the past of a day gives, and the day of the base that it starts from.
    pub(crate) fn of_history_of(folder: &Path, day: Day) -> Result<(Option<Day>, State), StoreError> {
        let (mut reader, mut base) = (Reader::default(), None);
        Store::history_of(folder, day, &mut |event| {
            if let Event::Base { day, .. } = &event {
                base = Some(*day);
            }
            reader.read(event)
        })?;
        Ok((base, reader.end()))
    }
}

#[derive(Default)]
struct Reader {
    state: State,
    base: Option<Epoch>,
    epoch: Option<(Epoch, Vec<Update>)>,
}

impl Reader {
    fn read(&mut self, event: Event) -> Result<(), StoreError> {
        match event {
            Event::Base { as_of, day } => {
                assert!(as_of < day.end() && self.state == State::default());
                self.base = Some(as_of);
                self.state.tables.as_of = as_of;
            }
            Event::Epoch(header) => {
                assert!(self.epoch.is_none() && header.at > self.state.tables.as_of);
                self.epoch = Some((header.at, Vec::new()));
            }
            Event::Rows(rows) => match (&mut self.epoch, self.base) {
                (Some((_, all)), _) => all.extend(rows),
                (None, Some(as_of)) => self.state.epoch(as_of, &rows),
                (None, None) => panic!("rows outside of an epoch"),
            },
            Event::EndEpoch => {
                let (at, rows) = self.epoch.take().expect("an epoch");
                self.state.epoch(at, &rows);
                self.base = None;
            }
            Event::Intent(intent) => self.state.intent = Some(intent),
            Event::Sealed(sealed) => self.state.seal(&sealed),
        }
        Ok(())
    }

    fn end(self) -> State {
        assert!(self.epoch.is_none(), "an epoch that does not end was shown");
        self.state
    }
}

/// A folder for a test, in memory where there is such a place: these tests sync thousands of times.
pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// A copy of a state folder.
pub(crate) fn copy(from: &Path) -> tempfile::TempDir {
    let to = folder();
    copy_into(from, to.path());
    to
}

fn copy_into(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy_into(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The segments of a state folder, oldest first.
pub(crate) fn segments(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut paths: Vec<_> =
        std::fs::read_dir(folder.join("log")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

pub(crate) fn sighting_key(n: u8) -> SightingKey {
    let entry =
        if n.is_multiple_of(2) { EntryId::Own(format_compact!("{n}")) } else { EntryId::Hash(Id([n; 16])) };
    SightingKey { feed: FeedId::from(if n < 4 { "openphish" } else { "urlhaus" }), entry }
}

pub(crate) fn sighting(n: u8, v: u8) -> Arc<Sighting> {
    let canonical = format!("http://host{n}.xx/{v}");
    let place = Place::of_address(Ipv4Addr::new(192, 0, 2, n).into());
    let original = (v.is_multiple_of(2)).then_some("HTTP://Host.xx/");
    let closed = Interval { first_seen: at(0, 1), ended: Some((at(0, 9), End::Delisted)) };
    Arc::new(Sighting {
        observable: Arc::new(Observable::new(ObservableKind::Url, &canonical, original, place)),
        abuse_class: AbuseClass::ALL[usize::from(v) % 7],
        label: "phishing, generic".into(),
        confidence: (v > 1).then_some(v),
        brand: None,
        reported_at: None,
        last_seen: Some(at(0, u64::from(v))),
        intervals: [closed, Interval::open(at(1, u64::from(v)))].into_iter().collect(),
    })
}

pub(crate) fn delegation(n: u8, before: Option<u8>, after: Option<u8>) -> Update {
    let value = |v: u8| Delegation { name_servers: u64::MAX - u64::from(v), flags: v % 8 };
    let owner = format_compact!("name-{n:03}-that-is-longer-than-24-octets.xx");
    Update::Delegation(DelegationKey { owner }, before.map(value), after.map(value))
}

/// An update of one of few keys with one of few values, so that keys meet.
pub(crate) fn update() -> impl Strategy<Value = Update> {
    (0..18u8, 0..8u8, proptest::option::weighted(0.75, 0..4u8))
        .prop_map(|(collection, n, v)| one(collection, n, v))
}

pub(crate) fn one(collection: u8, n: u8, v: Option<u8>) -> Update {
    let name: HostName = HostName::parse(&format!("host{n}.xx")).unwrap();
    let text = |v: u8| format_compact!("value {v}");
    match collection {
        0 => Update::Sighting(sighting_key(n), v.map(|v| sighting(n, v))),
        1 => {
            let target = match n % 2 {
                0 => MarkTarget::Name { name, subject: "host.xx".into() },
                _ => MarkTarget::Observable {
                    subject: "host.xx".into(),
                    id: Id([n; 16]),
                    canonical: "http://host.xx/".into(),
                },
            };
            Update::Mark(
                target,
                v.map(|v| Mark { reason: text(v), since: at(0, 5), until: (v > 1).then(|| at(9, 0)) }),
            )
        }
        2 => Update::Rank(format_compact!("host{n}.xx"), v.map(u32::from)),
        3 => {
            let key = ErrorKey { source: FeedId::from("openphish"), line: Id([n; 16]) };
            Update::Error(
                key,
                v.map(|v| LineError { line_number: v.into(), message: text(v), sample: "x".into() }),
            )
        }
        4 => Update::Feed(
            FeedId(format_compact!("feed{n}")),
            v.map(|v| {
                let snapshots = vec![(at(0, 3), Id([v; 16]))];
                let held = vec![(at(0, 4), u64::from(v), Id([n; 16]))];
                let as_of = Some(at(0, v.into()));
                Arc::new(FeedState {
                    as_of,
                    snapshots,
                    held,
                    lapsed: v == 0,
                    etag: Some(text(v)),
                    ..Default::default()
                })
            }),
        ),
        5 => Update::Setting(format_compact!("setting{n}"), v.map(text)),
        6 => delegation(n, None, v),
        7 => Update::NameServers(Id([n; 16]), vec![name; usize::from(v.unwrap_or(0))]),
        8 => Update::Observation(observation_key(n), v.map(|v| observation(n, v))),
        9 => Update::Claim(observation_key(n), v.map(|v| at(0, v.into()))),
        10 => {
            let key =
                ProtectedName { domain: format_compact!("host{}.xx", n / 2), list: format_compact!("{}", n % 2) };
            Update::ProtectedName(key, v.map(|v| at(0, v.into())))
        }
        11 => {
            let confirmed = |v: u8| (0..v).map(|of| (format_compact!("host{of}.xx"), at(0, of.into()))).collect();
            let row = |v: u8| Arc::new(Reputation { confirmed: confirmed(v), others: v.into() });
            Update::Reputation(format_compact!("ns{n}.example"), v.map(row))
        }
        12 => {
            let row = |v: u8| Verdict {
                remedy: RemedyKind::Compromised,
                registrar: (v > 1).then(|| text(v)),
                validated_at: (v > 2).then(|| at(0, v.into())),
            };
            Update::Verdict(Id([n; 16]), v.map(|v| Arc::new(row(v))))
        }
        13 => {
            let key = TargetKey { name: format_compact!("bank{n}.example"), list: "banks".into() };
            let row = |v: u8| Target {
                label: format_compact!("bank{n}"),
                suffix: "example".into(),
                sector: (v > 1).then(|| text(v)),
                common_word: v == 1,
            };
            Update::Target(key, v.map(|v| Arc::new(row(v))))
        }
        14 => Update::Entered(format_compact!("host{n}.xx"), v.map(|v| at(0, v.into()))),
        15 => {
            let key = match n % 2 {
                0 => SurveyKey::Target("xx".into(), format_compact!("bank{n}.example")),
                _ => SurveyKey::Servers("xx".into(), n.into()),
            };
            let row = |v: u8| Surveyed {
                crowded: v.is_multiple_of(2),
                holder: (v > 1).then(|| v.into()),
                squatting: v == 1,
                many_targets: v > 2,
            };
            Update::Surveyed(key, v.map(row))
        }
        16 => {
            let row = |v: u8| CutOff { score: -i32::from(v), names: v.into(), per_million: 1000 };
            Update::CutOff(format_compact!("x{n}"), v.map(row))
        }
        _ => {
            let shared = match n % 2 {
                0 => SharedTrait::Substring(format_compact!("jackpot{n}")),
                _ => SharedTrait::Shape(format_compact!("aa99{n}")),
            };
            let key = CampaignKey { tld: "xx".into(), day: Day(n.into()), shared };
            let row = |v: u8| Campaign { names: vec![format_compact!("name{v}.xx")], others: v.into() };
            Update::Campaign(key, v.map(|v| Arc::new(row(v))))
        }
    }
}

fn observation_key(n: u8) -> ObservationKey {
    let kind = ProbeKind::ALL[usize::from(n) % ProbeKind::ALL.len()];
    ObservationKey { target: format_compact!("http://host{n}.xx/"), kind, vantage: "there".into() }
}

fn observation(n: u8, v: u8) -> Arc<Observation> {
    let facts = HttpFacts { status: Some(v.into()), title: Some("a page".into()), ..HttpFacts::default() };
    Arc::new(Observation {
        place: Place::of_address(Ipv4Addr::new(192, 0, 2, n).into()),
        outcome: if v > 1 { Outcome::Content } else { Outcome::NotFound },
        observed_at: at(0, v.into()),
        refresh_at: at(1, v.into()),
        valid_until: at(2, v.into()),
        failures: v,
        failure: (v > 2).then_some(Outcome::Timeout),
        gone: [Gone { since: at(0, v.into()), confirmed_at: None, until: None }].into(),
        facts: Facts::Http(Box::new(facts)),
    })
}
