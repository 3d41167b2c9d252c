//! Judging a subject: from all that is known of a name to its indicators and cases.
//!
//! A subject is judged anew when any of its facts changes; cost grows with its facts, n log n.

use std::sync::Arc;

use panopticon_model::case::{Case, CaseStatus};
use panopticon_model::id::Id;
use panopticon_model::indicator::Indicator;
use panopticon_model::observable::top_level;
use panopticon_model::sighting::{AbuseClass, FeedId, Interval, Sighting, case_id, indicator_id};
use panopticon_model::update::MarkTarget;
use panopticon_model::view::CaseRow;

use serde::{Deserialize, Serialize};

use super::episodes::{self, Span};
use crate::facts::{Fact, Phase};

/// A row that a subject contributes to a view.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Row {
    /// A row of `indicators`.
    Indicator(Arc<Indicator>),
    /// A row behind `cases`.
    Case(CaseRow),
}

/// A sighting with what the other facts make of it.
struct Exhibit<'a> {
    sighting: &'a Arc<Sighting>,
    feed: &'a FeedId,
    phase: Phase,
    count: u32,
    marked: bool,
}

impl Exhibit<'_> {
    /// Its intervals that count.
    fn valid(&self) -> impl Iterator<Item = &Interval> {
        self.sighting.intervals.iter().filter(|interval| !self.marked && !interval.is_withdrawn())
    }

    fn class(&self) -> AbuseClass {
        self.sighting.abuse_class
    }

    /// The indicator that it speaks for.
    fn of(&self) -> (Id, AbuseClass) {
        (self.sighting.observable.id, self.sighting.abuse_class)
    }

    /// Whether `interval`, one of its own, is upheld now: only the last one can be.
    fn is_live(&self, interval: &Interval) -> bool {
        self.phase.live && self.sighting.intervals.last() == Some(interval)
    }
}

/// The rows of a subject. `zone_is_read` tells whether a zone is read of a TLD.
pub fn judge(subject: &str, facts: &[(&Fact, isize)], zone_is_read: &dyn Fn(&str) -> bool, rows: &mut Vec<Row>) {
    let marks: Vec<&MarkTarget> = facts
        .iter()
        .filter_map(|(fact, _)| if let Fact::Mark(target) = fact { Some(target.as_ref()) } else { None })
        .collect();
    let mut exhibits: Vec<Exhibit<'_>> = facts
        .iter()
        .filter_map(|(fact, count)| match fact {
            Fact::Sighting(sighting, feed, phase) => Some(Exhibit {
                sighting,
                feed,
                phase: *phase,
                count: u32::try_from(*count).unwrap_or(0),
                marked: marks.iter().any(|target| covers(target, sighting)),
            }),
            _ => None,
        })
        .collect();
    exhibits.sort_by_key(Exhibit::of);
    rows.extend(
        exhibits.chunk_by(|a, b| a.of() == b.of()).filter_map(indicator).map(|row| Row::Indicator(Arc::new(row))),
    );
    // An address has no case.
    if exhibits.iter().any(|exhibit| exhibit.sighting.observable.place.subject().is_some()) {
        let delegated = facts.iter().any(|(fact, _)| matches!(fact, Fact::Delegated));
        let rank = facts.iter().find_map(|(fact, _)| if let Fact::Rank(rank) = fact { Some(*rank) } else { None });
        cases(subject, &exhibits, rows, |case| {
            case.delegated = zone_is_read(top_level(&case.registrable_domain)).then_some(delegated);
            case.rank = rank;
        });
    }
}

/// Whether a mark is about a sighting: about its observable, its host or a name above the host.
fn covers(target: &MarkTarget, sighting: &Sighting) -> bool {
    match target {
        MarkTarget::Observable { id, .. } => *id == sighting.observable.id,
        MarkTarget::Name { name, .. } => {
            let (host, name) = (sighting.observable.place.host(), name.as_str());
            host.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        }
    }
}

/// The indicator of exhibits of one observable and class, if one of them is live and unmarked.
fn indicator(exhibits: &[Exhibit<'_>]) -> Option<Indicator> {
    let counts = |exhibit: &&Exhibit<'_>| !exhibit.marked;
    let live = || exhibits.iter().filter(counts).filter(|exhibit| exhibit.phase.live);
    let observable = live().map(|exhibit| &exhibit.sighting.observable).min()?;
    let class = exhibits.first()?.class();
    let mut feed_ids: Vec<FeedId> = live().map(|exhibit| exhibit.feed.clone()).collect();
    feed_ids.sort();
    feed_ids.dedup();
    feed_ids.shrink_to_fit();
    let leases = live().map(|exhibit| exhibit.sighting.intervals.last().and_then(Interval::ended_at));
    Some(Indicator {
        id: indicator_id(observable.id, class),
        observable: Arc::clone(observable),
        abuse_class: class,
        feed_ids,
        first_seen: exhibits.iter().flat_map(Exhibit::valid).map(|interval| interval.first_seen).min()?,
        last_seen: exhibits.iter().filter(counts).filter_map(|exhibit| exhibit.sighting.last_seen).max(),
        ended_at: leases.collect::<Option<Vec<_>>>().and_then(|ends| ends.into_iter().max()),
    })
}

/// The cases of a subject, class by class; `complete` adds what is not from its exhibits.
fn cases(subject: &str, exhibits: &[Exhibit<'_>], rows: &mut Vec<Row>, complete: impl Fn(&mut Case)) {
    let has_valid =
        |class| exhibits.iter().any(|exhibit| exhibit.class() == class && exhibit.valid().next().is_some());
    let mut specific_stands = false;
    for class in AbuseClass::ALL {
        if !exhibits.iter().any(|exhibit| exhibit.class() == class) {
            continue;
        }
        if class == AbuseClass::Other {
            if specific_stands {
                rows.push(Row::Case(CaseRow::Joined(case_id(subject, class))));
                continue;
            }
        } else {
            specific_stands |= has_valid(class);
        }
        let joined = if class != AbuseClass::Other && has_valid(class) { AbuseClass::Other } else { class };
        let own = || exhibits.iter().filter(|exhibit| exhibit.class() == class || exhibit.class() == joined);
        if let Some(mut case) = case(subject, class, own) {
            complete(&mut case);
            rows.push(Row::Case(CaseRow::Standing(Arc::new(case))));
        }
    }
}

fn case<'a, I>(subject: &str, class: AbuseClass, own: impl Fn() -> I) -> Option<Case>
where
    I: Iterator<Item = &'a Exhibit<'a>>,
{
    let mut spans: Vec<Span> = own()
        .flat_map(|exhibit| {
            exhibit.valid().map(|interval| Span {
                observable: exhibit.sighting.observable.id,
                interval: *interval,
                live: exhibit.is_live(interval),
                began_today: exhibit.phase.began_today,
            })
        })
        .collect();
    let status = episodes::status(&mut spans);
    let mut evidence_count = 0;
    let (mut feed_ids, mut first_seen, mut last_end) = (Vec::new(), None, Some(None));
    for exhibit in own() {
        for interval in &exhibit.sighting.intervals {
            let considered = status == CaseStatus::Withdrawn || !(exhibit.marked || interval.is_withdrawn());
            if considered {
                first_seen = first_seen.into_iter().chain([interval.first_seen]).min();
                last_end =
                    last_end.and_then(|end| Some(interval.ended_at()?.max(end.unwrap_or_default()))).map(Some);
                if !status.is_open() || exhibit.is_live(interval) {
                    evidence_count += exhibit.count;
                    feed_ids.push(exhibit.feed.clone());
                }
            }
        }
    }
    feed_ids.sort();
    feed_ids.dedup();
    let places = || own().map(|exhibit| &exhibit.sighting.observable.place);
    Some(Case {
        id: case_id(subject, class),
        subject: subject.into(),
        registrable_domain: places().find_map(|place| place.registrable_domain())?.into(),
        // A host of the platform's own has no platform: then neither has the case.
        platform: places().map(|place| place.platform()).min().flatten().map(Into::into),
        abuse_class: class,
        status,
        first_seen: first_seen?,
        ended_at: if status.is_open() { None } else { last_end.flatten() },
        evidence_count,
        feed_ids,
        delegated: None,
        rank: None,
    })
}
