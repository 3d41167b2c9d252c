//! `typosquats`, `algorithmic_names` and `high_risk_names`: incremental equals from scratch after every step of random
//! histories, in which names, protected names and every reason come and go.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use compact_str::{CompactString, format_compact};
use panopticon_dataflow::lexical::{Context, Index, ProtectedName, Sources, Tables, judge};
use panopticon_dataflow::risk::Model;
use panopticon_dataflow::{Engine, Lookalikes, Options};
use panopticon_datasets::reference;
use panopticon_model::campaign::{Campaign, CampaignKey, SharedTrait};
use panopticon_model::lookalike::{
    AlgorithmicName, CutOff, HighRiskName, Suppression, SurveyKey, Surveyed, Target, TargetKey, Typosquat,
    full_name,
};
use panopticon_model::name::{HostName, Label, Places, SuffixList, TldRules};
use panopticon_model::observable::{Observable, ObservableKind, Place};
use panopticon_model::sighting::{AbuseClass, End, EntryId, FeedId, Interval, Sighting, SightingKey};
use panopticon_model::time::{DAY_MS, Day, Epoch};
use panopticon_model::update::{
    Change, Changes, Delegation, DelegationKey, Mark, MarkTarget, ProtectedName as Held,
};
use panopticon_model::view::Standing;
use proptest::prelude::*;

static MODEL: LazyLock<Model> = LazyLock::new(|| Model::from_bytes(reference::DGA_MODEL).unwrap());
const START: Epoch = Epoch(20_148 * DAY_MS);
const SUFFIXES: &str = "com\nexample\nxx\nco.xx\nyy\n";
/// Names of the zones; some are no registered domains.
const NAMES: [&str; 15] = [
    "paypal.xx",
    "paypai.xx",
    "paypal-login.xx",
    "xn--pypal-4ve.yy",
    "bank-of-xx.co.xx",
    "greenbamk.yy",
    "greenbank.yy",
    "www.greenbamk.yy",
    "co.xx",
    "green-bank-shop.xx",
    "mygardenonline.yy",
    "garden1.xx",
    "qxkzvbtrwpl.xx",
    "wjhqzkxvbnmty.yy",
    "paypal-xkqzvbw.xx",
];
const TARGETS: [(&str, &str); 6] = [
    ("paypal", "com"),
    ("paypal", "xx"),
    ("greenbank", "yy"),
    ("garden", ""),
    ("bank", "example"),
    ("gardens", "com"),
];
const BRANDS: [&str; 3] = ["PayPal Inc.", "Green Bank", "Other"];

/// All that the views are computed from.
#[derive(Clone, Default)]
struct World {
    delegations: BTreeMap<CompactString, Delegation>,
    targets: BTreeMap<TargetKey, Arc<Target>>,
    ranks: BTreeMap<CompactString, u32>,
    held: BTreeMap<Held, Epoch>,
    marks: BTreeMap<MarkTarget, Mark>,
    sightings: BTreeMap<SightingKey, Arc<Sighting>>,
    entered: BTreeMap<CompactString, Epoch>,
    surveyed: BTreeMap<SurveyKey, Surveyed>,
    cut_offs: BTreeMap<CompactString, CutOff>,
    campaigns: BTreeMap<CampaignKey, Arc<Campaign>>,
}

#[derive(Clone, Debug)]
enum Event {
    Delegate(usize, Option<u8>),
    Target(usize, bool, Option<u8>),
    Rank(usize, bool),
    Hold(usize, bool),
    Mark(usize, Option<u8>),
    Sight(usize, Option<u8>),
    Enter(usize, bool),
    Survey(usize, Option<u8>),
    Cut(bool, Option<u8>),
    Together(usize, Option<u8>),
}

fn places() -> Places {
    let tld = |name| TldRules { tld: Label::parse(name).unwrap(), rules: None };
    Places::new(SuffixList::parse(SUFFIXES).unwrap(), vec![tld("xx"), tld("yy")])
}

fn tables() -> Arc<Tables> {
    let sources = Sources {
        keyboards: reference::KEYBOARDS,
        glyphs: reference::GLYPHS,
        readings: reference::READINGS,
        keywords: reference::KEYWORDS,
    };
    Arc::new(Tables::parse(sources).unwrap())
}

fn put<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, value: Option<V>) {
    match value {
        Some(value) => map.insert(key, value),
        None => map.remove(&key),
    };
}

impl World {
    fn happen(&mut self, now: Epoch, event: &Event) {
        let name = |n: &usize| CompactString::from(NAMES[n % NAMES.len()]);
        match event {
            Event::Delegate(n, state) => {
                let row = |state: u8| Delegation { name_servers: (state % 3).into(), flags: state / 3 * 4 };
                put(&mut self.delegations, name(n), state.map(row));
            }
            Event::Target(n, second, state) => {
                let (label, suffix) = TARGETS[n % TARGETS.len()];
                let list = if *second { "b" } else { "a" };
                let row = |state: u8| Target {
                    label: label.into(),
                    suffix: suffix.into(),
                    sector: state.is_multiple_of(2).then(|| "finance".into()),
                    common_word: state > 1,
                };
                let key = TargetKey { name: full_name(label, suffix), list: list.into() };
                put(&mut self.targets, key, state.map(|state| Arc::new(row(state))));
            }
            Event::Rank(n, on) => put(&mut self.ranks, name(n), on.then_some(7)),
            Event::Hold(n, on) => {
                put(&mut self.held, Held { domain: name(n), list: "ours".into() }, on.then_some(START));
            }
            Event::Mark(n, until) => {
                let host = HostName::parse(&name(n)).unwrap();
                let subject = name(n);
                let mark = |days: u8| Mark {
                    reason: "ours".into(),
                    since: now,
                    until: (days > 0).then(|| now.plus(u64::from(days) * DAY_MS)),
                };
                put(&mut self.marks, MarkTarget::Name { name: host, subject }, until.map(mark));
            }
            Event::Sight(n, state) => {
                let host = HostName::parse(&name(n)).unwrap();
                let Ok(placement) = places().place(&host) else { return };
                let url = format!("http://{}/", host.as_str());
                let observable =
                    Observable::new(ObservableKind::Url, &url, None, Place::of_name(&host, &placement));
                let sighting = |state: u8| {
                    let mut interval = Interval::open(now);
                    if state > 3 {
                        interval.ended = Some((now.plus(2 * DAY_MS), End::Delisted));
                    }
                    Arc::new(Sighting {
                        observable: Arc::new(observable.clone()),
                        abuse_class: if state.is_multiple_of(2) {
                            AbuseClass::Phishing
                        } else {
                            AbuseClass::Malware
                        },
                        label: "x".into(),
                        confidence: None,
                        brand: BRANDS.get(usize::from(state) % 4).map(|brand| (*brand).into()),
                        reported_at: None,
                        last_seen: None,
                        intervals: [interval].into_iter().collect(),
                    })
                };
                let key = SightingKey { feed: FeedId::from("f"), entry: EntryId::Own(format_compact!("{n}")) };
                put(&mut self.sightings, key, state.map(sighting));
            }
            Event::Enter(n, on) => put(&mut self.entered, name(n), on.then_some(now)),
            Event::Cut(first, state) => {
                let tld = if *first { "xx" } else { "yy" };
                let row = |state: u8| CutOff { score: i32::from(state) * 1000, names: 7, per_million: 1000 };
                put(&mut self.cut_offs, tld.into(), state.map(row));
            }
            Event::Together(n, state) => {
                let shared = match n % 2 {
                    0 => SharedTrait::Substring("kzvb".into()),
                    _ => SharedTrait::Shape("aa99".into()),
                };
                let key = CampaignKey { tld: "xx".into(), day: Day(u32::try_from(n % 4).unwrap()), shared };
                let row = |state: u8| {
                    let every = NAMES.iter().step_by(usize::from(state) + 1);
                    Arc::new(Campaign { names: every.map(|name| (*name).into()).collect(), others: state.into() })
                };
                put(&mut self.campaigns, key, state.map(row));
            }
            Event::Survey(n, state) => {
                let tld = if n % 2 == 0 { "xx" } else { "yy" };
                let (label, suffix) = TARGETS[n / 2 % TARGETS.len()];
                let key = match n % 3 {
                    0 => SurveyKey::Servers(tld.into(), (n / 3 % 3) as u64),
                    _ => SurveyKey::Target(tld.into(), full_name(label, suffix)),
                };
                let row = |state: u8| Surveyed {
                    crowded: state.is_multiple_of(2),
                    holder: (state > 3).then_some(1),
                    squatting: state.is_multiple_of(3),
                    many_targets: state > 5,
                };
                put(&mut self.surveyed, key, state.map(row));
            }
        }
    }

    /// The views as of `now`, without an engine and without an index.
    fn standing(&self, tables: &Arc<Tables>, now: Epoch) -> Standing {
        let mut standing = Standing { as_of: now, ..Standing::default() };
        let full: BTreeSet<CompactString> =
            self.targets.values().map(|target| full_name(&target.label, &target.suffix)).collect();
        let mut all: Vec<ProtectedName> =
            self.targets.values().map(|target| Target::clone(target).into()).collect();
        for sighting in self.sightings.values() {
            if sighting.is_live(now) && sighting.abuse_class == AbuseClass::Phishing {
                match sighting.brand.as_deref() {
                    Some("PayPal Inc.") => all.push(ProtectedName::new("paypal", "")),
                    Some("Green Bank") => all.push(ProtectedName::new("greenbank", "")),
                    _ => {}
                }
            }
        }
        // With a suffix before none, with a sector before none, the shorter suffix, then as they sort.
        all.sort_by_key(|name| (name.suffix.is_empty(), name.sector.is_none(), name.suffix.len(), name.clone()));
        let mut labels = BTreeSet::new();
        all.retain(|name| labels.insert(name.label.clone()));
        let listed: BTreeSet<&str> = self
            .sightings
            .values()
            .filter_map(|sighting| sighting.observable.place.registrable_domain())
            .collect();
        let places = places();
        for (owner, delegation) in &self.delegations {
            let Ok(placement) = places.place(&HostName::parse(owner).unwrap()) else { continue };
            if placement.registrable_domain.as_str() != owner {
                continue;
            }
            let (label, suffix) = owner.split_once('.').unwrap();
            let tld = owner.rsplit('.').next().unwrap();
            let servers = (delegation.flags & Delegation::NAME_ONLY == 0).then_some(delegation.name_servers);
            let counted = |key: SurveyKey| self.surveyed.get(&key).copied().unwrap_or_default();
            let company = servers.map(|set| counted(SurveyKey::Servers(tld.into(), set))).unwrap_or_default();
            let entered_at = self.entered.get(owner).copied();
            let marked = self.marks.iter().any(|(target, mark)| {
                mark.is_live(now) && matches!(target, MarkTarget::Name { name, .. } if name.as_str() == owner)
            });
            let index = Index::new(Arc::clone(tables), Arc::default(), suffix, all.iter().cloned());
            let mut rows = Vec::new();
            for pair in index.find_by_comparing(label) {
                let target = index.name(pair.target).unwrap();
                let name = full_name(&target.label, &target.suffix);
                let of = counted(SurveyKey::Target(tld.into(), name.clone()));
                let context = Context {
                    dismissed: marked,
                    protected: full.contains(owner) || self.held.keys().any(|held| held.domain == owner),
                    popular: self.ranks.contains_key(owner),
                    defensive: of.holder.is_some() && of.holder == servers,
                    crowded: of.crowded,
                    squatting_servers: company.squatting,
                    many_targets: company.many_targets,
                    age_days: entered_at.map(|at| u32::try_from((now.0 - at.0) / DAY_MS).unwrap()),
                    ..Context::default()
                };
                let judgement = judge(tables, label, target, &pair.findings, &context);
                rows.push(Arc::new(Typosquat {
                    name: owner.clone(),
                    target: name,
                    findings: pair.findings.iter().map(|(how, edit)| (*how, format_compact!("{edit}"))).collect(),
                    terms: judgement.terms.iter().map(|(term, by)| (format_compact!("{term}"), *by)).collect(),
                    score: judgement.score,
                    tier: judgement.tier,
                    suppressed_by: judgement.suppressed_by,
                    entered_at,
                }));
            }
            let score = MODEL.score(label);
            let cut_off =
                self.cut_offs.get(tld).filter(|cut| score.passed_over().is_none() && score.milli() >= cut.score);
            // Below the floor nothing is looked at; all cut-offs here lie above it.
            let algorithmic = cut_off.map(|cut_off| AlgorithmicName {
                name: owner.clone(),
                score: score.milli(),
                cut_off: cut_off.score,
                reasons: MODEL
                    .reasons(label)
                    .iter()
                    .map(ToString::to_string)
                    .chain(self.together(owner))
                    .map(Into::into)
                    .collect(),
                suppressed_by: match () {
                    () if marked => Some(Suppression::Dismissed),
                    () if full.contains(owner) || self.held.keys().any(|held| held.domain == owner) => {
                        Some(Suppression::Protected)
                    }
                    () => self.ranks.contains_key(owner).then_some(Suppression::Popular),
                },
                entered_at,
            });
            if !listed.contains(owner.as_str())
                && let Some(row) = HighRiskName::of(&rows, algorithmic.as_ref())
            {
                standing.high_risk.insert(owner.clone(), Arc::new(row));
            }
            standing.algorithmic.extend(algorithmic.map(|row| (owner.clone(), Arc::new(row))));
            standing.typosquats.extend(rows.into_iter().map(|row| ((row.name.clone(), row.target.clone()), row)));
        }
        standing
    }

    /// With whom a name came.
    fn together(&self, owner: &CompactString) -> impl Iterator<Item = String> {
        let own = self.campaigns.iter().filter(move |(_, campaign)| campaign.names.contains(owner));
        own.map(|(key, campaign)| {
            format!("one of {} names of {} with {}", campaign.names.len(), key.day, key.shared)
        })
    }

    fn since(&self, before: &World) -> Changes {
        let by_owner = |map: &BTreeMap<CompactString, Delegation>| {
            map.iter().map(|(owner, row)| (DelegationKey { owner: owner.clone() }, *row)).collect()
        };
        Changes {
            delegations: changes(&by_owner(&before.delegations), &by_owner(&self.delegations)),
            targets: changes(&before.targets, &self.targets),
            ranks: changes(&before.ranks, &self.ranks),
            protected_names: changes(&before.held, &self.held),
            marks: changes(&before.marks, &self.marks),
            sightings: changes(&before.sightings, &self.sightings),
            entered: changes(&before.entered, &self.entered),
            surveyed: changes(&before.surveyed, &self.surveyed),
            cut_offs: changes(&before.cut_offs, &self.cut_offs),
            campaigns: changes(&before.campaigns, &self.campaigns),
            ..Changes::default()
        }
    }
}

fn changes<K: Ord + Clone, V: Clone + PartialEq>(
    before: &BTreeMap<K, V>,
    after: &BTreeMap<K, V>,
) -> Vec<Change<K, V>> {
    let keys: BTreeSet<&K> = before.keys().chain(after.keys()).collect();
    let rows = keys.into_iter().map(|key| Change {
        key: key.clone(),
        before: before.get(key).cloned(),
        after: after.get(key).cloned(),
    });
    rows.filter(|change| change.before != change.after).collect()
}

fn event() -> impl Strategy<Value = Event> {
    let n = 0..NAMES.len();
    let state = || proptest::option::weighted(0.7, 0..8_u8);
    prop_oneof![
        4 => (n.clone(), proptest::option::weighted(0.8, 0..6_u8)).prop_map(|(n, state)| Event::Delegate(n, state)),
        3 => (0..TARGETS.len(), any::<bool>(), proptest::option::weighted(0.7, 0..3_u8))
            .prop_map(|(n, second, state)| Event::Target(n, second, state)),
        1 => (n.clone(), state()).prop_map(|(n, state)| Event::Together(n, state)),
        1 => (n.clone(), any::<bool>()).prop_map(|(n, on)| Event::Rank(n, on)),
        1 => (n.clone(), any::<bool>()).prop_map(|(n, on)| Event::Hold(n, on)),
        1 => (n.clone(), proptest::option::weighted(0.7, 0..3_u8)).prop_map(|(n, until)| Event::Mark(n, until)),
        2 => (n.clone(), state()).prop_map(|(n, state)| Event::Sight(n, state)),
        1 => (n, any::<bool>()).prop_map(|(n, on)| Event::Enter(n, on)),
        2 => (0..12_usize, state()).prop_map(|(n, state)| Event::Survey(n, state)),
        2 => (any::<bool>(), proptest::option::weighted(0.8, 3..7_u8)).prop_map(|(first, state)| Event::Cut(first, state)),
    ]
}

fn engine(workers: usize, tables: &Arc<Tables>) -> Engine {
    let lookalikes = Lookalikes {
        tables: Arc::clone(tables),
        variants: Arc::default(),
        places: Arc::new(places()),
        model: Arc::new(MODEL.clone()),
    };
    Engine::start(&Options { workers, lookalikes: Some(Arc::new(lookalikes)), ..Options::default() }).unwrap()
}

fn settle(engine: &mut Engine, upto: Epoch, standing: &mut Standing) {
    for diffs in engine.settle(upto).unwrap() {
        standing.apply(&diffs).unwrap();
    }
    standing.as_of = upto;
}

fn only_risks(standing: &Standing) -> Standing {
    Standing {
        as_of: standing.as_of,
        typosquats: standing.typosquats.clone(),
        algorithmic: standing.algorithmic.clone(),
        high_risk: standing.high_risk.clone(),
        ..Standing::default()
    }
}

/// Steps with the days before each.
type Steps = Vec<(u64, Vec<Event>)>;

fn steps() -> impl Strategy<Value = Steps> {
    let gap = prop_oneof![3 => Just(0_u64), 2 => 1..5_u64, 1 => 8..40_u64];
    proptest::collection::vec((gap, proptest::collection::vec(event(), 1..8)), 1..12)
}

fn run(workers: usize, steps: &Steps) {
    let tables = tables();
    let mut engine = engine(workers, &tables);
    let (mut world, mut standing, mut now) = (World::default(), Standing::default(), START);
    for (days, events) in steps {
        now = now.plus(days * DAY_MS + 1);
        settle(&mut engine, now.minus(1), &mut standing);
        assert_eq!(only_risks(&standing), world.standing(&tables, now.minus(1)));
        let before = world.clone();
        events.iter().for_each(|event| world.happen(now, event));
        engine.feed(now, world.since(&before)).unwrap();
        settle(&mut engine, now, &mut standing);
        assert_eq!(only_risks(&standing), world.standing(&tables, now));
    }
    // An engine that starts from what there is says the same.
    let mut second = self::engine(1, &tables);
    second.feed(now, world.since(&World::default())).unwrap();
    let mut again = Standing::default();
    settle(&mut second, now, &mut again);
    assert_eq!(only_risks(&again), only_risks(&standing));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn risks_equal_those_from_scratch(steps in steps(), workers in 1..3_usize) {
        run(workers, &steps);
    }
}

#[test]
fn a_verdict_goes_when_its_reason_goes() {
    let tables = tables();
    let mut engine = engine(1, &tables);
    let (mut world, mut standing) = (World::default(), Standing::default());
    let mut now = START;
    let mut step = |events: &[Event]| {
        now = now.plus(1);
        let before = world.clone();
        events.iter().for_each(|event| world.happen(now, event));
        engine.feed(now, world.since(&before)).unwrap();
        settle(&mut engine, now, &mut standing);
        standing.high_risk.keys().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert!(step(&[Event::Delegate(1, Some(0)), Event::Delegate(6, Some(0))]).is_empty());
    assert_eq!(step(&[Event::Target(0, false, Some(0))]), ["paypai.xx"]);
    assert!(step(&[Event::Mark(1, Some(0))]).is_empty(), "marked");
    assert_eq!(step(&[Event::Mark(1, None)]), ["paypai.xx"]);
    assert!(step(&[Event::Sight(1, Some(1))]).is_empty(), "a feed has it");
    assert_eq!(step(&[Event::Sight(1, None)]), ["paypai.xx"]);
    assert!(step(&[Event::Rank(1, true)]).is_empty(), "popular");
    assert_eq!(step(&[Event::Rank(1, false)]), ["paypai.xx"]);
    assert!(step(&[Event::Target(0, false, None)]).is_empty(), "nobody is imitated");
    assert_eq!(step(&[Event::Sight(8 + 2, Some(0))]), ["paypai.xx"], "a brand of live phishing");
    assert!(step(&[Event::Delegate(1, None)]).is_empty(), "it left the zone");
    assert!(step(&[Event::Delegate(12, Some(0))]).is_empty(), "without a cut-off nothing is made by a machine");
    assert_eq!(step(&[Event::Cut(true, Some(4))]), ["qxkzvbtrwpl.xx"]);
    assert!(step(&[Event::Cut(true, Some(9))]).is_empty(), "a higher cut-off");
}
