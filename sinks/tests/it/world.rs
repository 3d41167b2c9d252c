//! A small world: two days, two TLDs, of which one has no rows, an address, and texts that want to break out.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use panopticon_model::campaign::{Campaign, CampaignKey, SharedTrait};
use panopticon_model::case::{Case, CaseStatus};
use panopticon_model::diff::{DiffRow, Net};
use panopticon_model::id::{Id, IdKind};
use panopticon_model::indicator::Indicator;
use panopticon_model::judgement::RemedyKind;
use panopticon_model::lookalike::{
    AlgorithmicName, HighRiskName, Suppression, Target, TargetKey, Technique, Tier, Typosquat,
};
use panopticon_model::name::{HostName, Places, SuffixList};
use panopticon_model::observable::{Observable, ObservableKind, Place};
use panopticon_model::origin::Labelled;
use panopticon_model::sighting::{
    AbuseClass, End, EntryId, FeedId, Interval, Sighting, SightingKey, case_id, indicator_id,
};
use panopticon_model::time::{Day, Epoch, HOUR_MS};
use panopticon_model::update::{Cause, ErrorKey, FeedState, LineError, Mark, MarkTarget, ProtectedName};
use panopticon_model::verdict::Verdict;
use panopticon_model::view::{CaseRow, EpochDiffs, Standing};
use panopticon_sinks::minisign::SigningKey;
use panopticon_sinks::{Lists, Measurements, Publication, SinkError, Views, Written};

use crate::judged::judge;
use crate::measured::{Observations, observations, requests, vantages};

/// What the house knows at the end of a day.
pub(crate) struct World {
    pub(crate) day: Day,
    pub(crate) as_of: Epoch,
    pub(crate) standing: Standing,
    pub(crate) sightings: BTreeMap<SightingKey, Arc<Sighting>>,
    pub(crate) errors: BTreeMap<ErrorKey, LineError>,
    pub(crate) feeds: BTreeMap<FeedId, FeedState>,
    pub(crate) daily: Vec<DiffRow>,
    pub(crate) observations: Observations,
    pub(crate) verdicts: BTreeMap<Id, Arc<Verdict>>,
}

/// `zz` is published and has no rows.
pub(crate) fn tlds() -> Vec<String> {
    vec!["xx".to_owned(), "zz".to_owned()]
}

impl World {
    pub(crate) fn publication<'a>(&self, out: &'a Path, tlds: &'a [String]) -> Publication<'a> {
        Publication {
            earlier: None,
            out,
            day: self.day,
            as_of: self.as_of,
            closed: true,
            program: "panopticon 0.1.0",
            tlds,
            key: None,
        }
    }

    pub(crate) fn write(&self, out: &Path) -> Result<Vec<Written>, SinkError> {
        self.write_signed(out, None)
    }

    pub(crate) fn write_signed(&self, out: &Path, key: Option<&SigningKey>) -> Result<Vec<Written>, SinkError> {
        Publication { key, ..self.publication(out, &tlds()) }.write(Views {
            standing: &self.standing,
            sightings: &self.sightings,
            errors: Box::new(self.errors.iter()),
            feeds: Box::new(self.feeds.iter()),
            daily: &self.daily,
            measurements: Measurements {
                observations: &self.observations,
                verdicts: &self.verdicts,
                ranks: &[("evil.xx".into(), 4711)].into(),
                protected_names: &[(ProtectedName { domain: "evil.xx".into(), list: "banks".into() }, Epoch(1))]
                    .into(),
                vantages: &vantages(),
                filter: Some("quad9"),
            },
            lists: Lists { targets: &targets(), marks: &marks(), campaigns: &campaigns(self.day) },
        })
    }
}

fn observable(kind: ObservableKind, canonical: &str, host: &str) -> Arc<Observable> {
    let list = "// ===BEGIN ICANN DOMAINS===\nxx\nzz\n// ===END ICANN DOMAINS===\n\
                // ===BEGIN PRIVATE DOMAINS===\npages.xx\n// ===END PRIVATE DOMAINS===\n";
    let places = Places::new(SuffixList::parse(list).unwrap(), Vec::new());
    let place = match host.parse() {
        Ok(address) => Place::of_address(address),
        Err(_) => {
            let host = HostName::parse(host).unwrap();
            Place::of_name(&host, &places.place(&host).unwrap())
        }
    };
    Arc::new(Observable::new(kind, canonical, None, place))
}

struct Row(&'static str, &'static str, Arc<Observable>, AbuseClass, &'static str, Interval);

fn rows(start: Epoch) -> Vec<Row> {
    use AbuseClass::{Malware, Other, Phishing};
    use ObservableKind::{Address, Host, Url};
    let open = |hours| Interval::open(start.plus(hours * HOUR_MS));
    let ended = |hours, end| Interval { ended: Some((start.plus(20 * HOUR_MS), end)), ..open(hours) };
    let mailed = "http://login.bank-it.xx/it's/?to=victim@example.com&x=';--";
    vec![
        Row(
            "openphish",
            "",
            observable(Url, mailed, "login.bank-it.xx"),
            Phishing,
            "it's '); DROP TABLE cases;--",
            open(1),
        ),
        Row(
            "phishtank",
            "7",
            observable(Url, mailed, "login.bank-it.xx"),
            Phishing,
            "C:\\temp\\\r\nnext\tline",
            open(2),
        ),
        Row(
            "phishtank",
            "8",
            observable(Host, "shop.pages.xx", "shop.pages.xx"),
            Phishing,
            "mail to é <a@b.example>",
            open(3),
        ),
        Row(
            "urlhaus",
            "9",
            observable(Url, "http://evil.xx/a.exe", "evil.xx"),
            Malware,
            "32-bit, \"elf\" \u{0}",
            open(4),
        ),
        Row(
            "urlhaus",
            "10",
            observable(Url, "http://gone.xx/b", "gone.xx"),
            Malware,
            "offline",
            ended(5, End::Offline),
        ),
        Row("list", "", observable(Address, "192.0.2.7", "192.0.2.7"), Other, "鯨 \u{202e}", open(6)),
    ]
}

/// The first day, or the second: then the malware of the first is gone, and a mail address more is known.
pub(crate) fn world(second: bool) -> World {
    let first: Day = "2026-11-22".parse().unwrap();
    let yesterday = build(first, rows(first.start()), &Standing::default());
    if !second {
        return yesterday;
    }
    let mut rows = rows(first.start());
    rows[3].5.ended = Some((first.next().start().plus(HOUR_MS), End::Delisted));
    let name = observable(ObservableKind::Host, "xn--bcher-kva.xx", "xn--bcher-kva.xx");
    let since = Interval::open(first.next().start().plus(9 * HOUR_MS));
    rows.push(Row("list", "", name, AbuseClass::Scam, "", since));
    build(first.next(), rows, &yesterday.standing)
}

fn build(day: Day, rows: Vec<Row>, before: &Standing) -> World {
    let as_of = day.end();
    let mut world = World {
        day,
        as_of,
        standing: Standing { as_of, requests: requests(), ..Standing::default() },
        sightings: BTreeMap::new(),
        errors: errors(),
        feeds: feeds(day),
        daily: Vec::new(),
        observations: observations(as_of),
        verdicts: BTreeMap::new(),
    };
    for Row(feed, entry, observable, class, label, interval) in rows {
        let entry = if entry.is_empty() { EntryId::of(&observable, label) } else { EntryId::Own(entry.into()) };
        add_case(&mut world.standing, &observable, class, feed, interval);
        if interval.is_live(as_of.minus(1)) {
            add_indicator(&mut world.standing, &observable, class, feed, interval);
        }
        let sighting = Sighting {
            observable,
            abuse_class: class,
            label: label.into(),
            confidence: (feed == "urlhaus").then_some(90),
            brand: (feed == "phishtank").then(|| "Bank d'Été".into()),
            reported_at: Some(interval.first_seen.minus(HOUR_MS)),
            last_seen: None,
            intervals: [interval].into(),
        };
        world.sightings.insert(SightingKey { feed: FeedId::from(feed), entry }, Arc::new(sighting));
    }
    judge(&mut world.standing);
    add_lookalikes(&mut world.standing, day);
    let over = world.standing.cases.values().filter(|case| case.status == CaseStatus::Remediated);
    let noted = over.map(|case| {
        let validated_at = Some(case.first_seen.plus(2 * HOUR_MS));
        let registrar = Some("Old Registrar SA".into());
        (case.id, Arc::new(Verdict { remedy: RemedyKind::Compromised, registrar, validated_at }))
    });
    world.verdicts = noted.collect();
    let moved = |from: &Standing, diff| {
        let rows = from.cases.values().map(move |case| (CaseRow::Standing(Arc::clone(case)), diff));
        rows.collect::<Vec<_>>()
    };
    let mut cases = moved(before, -1);
    cases.extend(moved(&world.standing, 1));
    let mut net = Net::default();
    let judged = |from: &Standing, diff| from.remedies.values().map(move |row| (Arc::clone(row), diff)).collect();
    let mut remedies: Vec<_> = judged(before, -1);
    remedies.extend::<Vec<_>>(judged(&world.standing, 1));
    let diffs = EpochDiffs { at: as_of, cases, remedies, ..EpochDiffs::default() };
    net.absorb(&diffs, &world.standing, Cause::Evidence);
    world.daily = net.rows();
    world
}

fn add_indicator(
    s: &mut Standing,
    observable: &Arc<Observable>,
    class: AbuseClass,
    feed: &str,
    interval: Interval,
) {
    let id = indicator_id(observable.id, class);
    let row = s.indicators.entry(id).or_insert_with(|| {
        Arc::new(Indicator {
            id,
            observable: Arc::clone(observable),
            abuse_class: class,
            feed_ids: [].into(),
            first_seen: interval.first_seen,
            last_seen: None,
            ended_at: None,
            seconded_at: None,
            labelled: Labelled::default(),
        })
    });
    let row = Arc::make_mut(row);
    row.feed_ids = row.feed_ids.iter().cloned().chain([FeedId::from(feed)]).collect();
}

fn add_case(s: &mut Standing, observable: &Observable, class: AbuseClass, feed: &str, interval: Interval) {
    let Some(subject) = observable.place.subject() else { return };
    let id = case_id(subject, class);
    let row = s.cases.entry(id).or_insert_with(|| {
        Arc::new(Case {
            id,
            subject: subject.into(),
            registrable_domain: observable.place.registrable_domain().unwrap().into(),
            platform: observable.place.platform().map(Into::into),
            abuse_class: class,
            status: match interval.end() {
                None => CaseStatus::Active,
                Some(End::Offline) => CaseStatus::Remediated,
                Some(_) => CaseStatus::Expired,
            },
            first_seen: interval.first_seen,
            ended_at: interval.ended_at(),
            evidence_count: 0,
            feed_ids: [].into(),
            delegated: (subject != "shop.pages.xx").then_some(true),
            rank: (subject == "evil.xx").then_some(4711),
        })
    });
    let case = Arc::make_mut(row);
    case.evidence_count += 1;
    case.feed_ids = case.feed_ids.iter().cloned().chain([FeedId::from(feed)]).collect();
}

/// Who is not to be imitated.
fn targets() -> BTreeMap<TargetKey, Arc<Target>> {
    let row = |label: &str, suffix: &str, sector: Option<&str>| {
        let key = TargetKey { name: format!("{label}.{suffix}").into(), list: "shipped".into() };
        let target = Target {
            label: label.into(),
            suffix: suffix.into(),
            sector: sector.map(Into::into),
            common_word: sector.is_none(),
        };
        (key, Arc::new(target))
    };
    [row("paypal", "com", Some("finance")), row("o'garden", "xx", None)].into()
}

/// What an operator holds for harmless.
fn marks() -> BTreeMap<MarkTarget, Mark> {
    let name = HostName::parse("garden.xx").unwrap();
    let target = MarkTarget::Name { name, subject: "garden.xx".into() };
    let reason = "it's ours, says me@example.org".into();
    [(target, Mark { reason, since: Epoch(1), until: None })].into()
}

/// Names that imitate somebody, one of them held back.
fn add_lookalikes(standing: &mut Standing, day: Day) {
    let pair = |name: &str, technique, edit: &str, suppressed_by, entered_at| {
        Arc::new(Typosquat {
            name: name.into(),
            target: "paypal.com".into(),
            findings: vec![(technique, edit.into())],
            terms: vec![("homoglyph".into(), 35), ("young".into(), 15)],
            score: 50,
            tier: Tier::Review,
            suppressed_by,
            entered_at,
        })
    };
    let new = pair("paypa1.xx", Technique::Homoglyph, "'1' for 'l'", None, Some(day.start().plus(1)));
    let held =
        pair("paypai.xx", Technique::Replacement, "pos 6: 'l' became 'i'", Some(Suppression::Popular), None);
    let row = HighRiskName::of(&[Arc::clone(&new)], None).unwrap();
    standing.high_risk.insert(new.name.clone(), Arc::new(row));
    for row in [new, held] {
        standing.typosquats.insert((row.name.clone(), row.target.clone()), row);
    }
    let made = AlgorithmicName {
        name: "xkqzvbtrw.xx".into(),
        score: 1234,
        cut_off: 1000,
        reasons: vec!["no vowel in 9 letters".into()],
        suppressed_by: None,
        entered_at: None,
    };
    let row = HighRiskName::of(&[], Some(&made)).unwrap();
    standing.high_risk.insert(made.name.clone(), Arc::new(row));
    standing.algorithmic.insert(made.name.clone(), Arc::new(made));
}

/// Three names that came with one word.
fn campaigns(day: Day) -> BTreeMap<CampaignKey, Arc<Campaign>> {
    let key = CampaignKey { tld: "xx".into(), day, shared: SharedTrait::Substring("jackpot".into()) };
    let names = ["best-jackpot.xx", "jackpot-now.xx", "projackpot.xx"].map(Into::into).into();
    BTreeMap::from([(key, Arc::new(Campaign { names, others: 1 }))])
}

fn errors() -> BTreeMap<ErrorKey, LineError> {
    let sample = "<a href=\"mailto:me@example.org\">\\'";
    let key = ErrorKey { source: FeedId::from("openphish"), line: Id::derive(IdKind::Line, &[sample.as_bytes()]) };
    let message = "no URL: write scheme://host/path".into();
    BTreeMap::from([(key, LineError { line_number: 3, message, sample: sample.into() })])
}

fn feeds(day: Day) -> BTreeMap<FeedId, FeedState> {
    let good = FeedState {
        as_of: Some(day.start()),
        fetched_at: Some(day.end()),
        rows: 3,
        kept: 2,
        ..FeedState::default()
    };
    let failing = FeedState { failure: Some("404 Not Found".into()), ..FeedState::default() };
    BTreeMap::from([(FeedId::from("openphish"), good), (FeedId::from("phishtank"), failing)])
}
