//! Judging a subject: from all that is known of a name to its indicators and cases.
//!
//! A subject is judged anew when any of its facts changes; cost grows with its facts, n log n.

use std::sync::Arc;

use crate::shared::Shared;
use compact_str::CompactString;
use panopticon_model::case::{Case, CaseStatus};
use panopticon_model::id::Id;
use panopticon_model::indicator::{Indicator, seconded_at};
use panopticon_model::observable::top_level;
use panopticon_model::origin::Labelled;
use panopticon_model::sighting::{AbuseClass, FeedId, Interval, Sighting, case_id, indicator_id};
use panopticon_model::update::MarkTarget;

use serde::{Deserialize, Serialize};

use super::absence::{Measured, Measurements};
use super::episodes::{self, Span};
use super::feed_lists::FeedLists;
use crate::facts::{Fact, Phase};

/// A row that a subject contributes to a view.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Row {
    /// A row of `indicators` that is nothing but what one feed says. Nearly all are: so it is not made before
    /// somebody outside asks for it, with [`indicator_of`].
    Listed(Shared<Sighting>, FeedId),
    /// A row of `indicators` that several sightings make up.
    Indicator(Shared<Indicator>),
    /// A case that stands.
    Case(Shared<Case>),
    /// The id of a case of class `other` that gave way to a specific one.
    Joined(Id),
}

/// A sighting with what the other facts make of it.
struct Exhibit<'a> {
    sighting: &'a Shared<Sighting>,
    class: AbuseClass,
    feed: &'a FeedId,
    phase: Phase,
    count: u32,
    marked: bool,
}

impl<'a> Exhibit<'a> {
    fn new(
        sighting: &'a Shared<Sighting>,
        feed: &'a FeedId,
        phase: Phase,
        count: isize,
        marks: &[&MarkTarget],
    ) -> Exhibit<'a> {
        let row = sighting.row();
        let marked = marks.iter().any(|target| covers(target, row));
        let count = u32::try_from(count).unwrap_or(0);
        Exhibit { sighting, feed, class: row.abuse_class, phase, count, marked }
    }

    /// Its intervals that count.
    fn valid(&self) -> impl Iterator<Item = &Interval> + Clone {
        self.sighting.row().intervals.iter().filter(|interval| !self.marked && !interval.is_withdrawn())
    }

    /// The indicator that it speaks for.
    fn of(&self) -> (Id, AbuseClass) {
        (self.sighting.row().observable.id, self.class)
    }

    /// Whether `interval`, one of its own, is upheld now: only the last one can be.
    fn is_live(&self, interval: &Interval) -> bool {
        self.phase.live && self.sighting.row().intervals.last() == Some(interval)
    }
}

/// What a judgement needs to know beside the facts.
pub struct Circumstances<'a> {
    /// Whether a zone is read of a TLD.
    pub zone_is_read: &'a dyn Fn(&str) -> bool,
    /// The vantages that must agree.
    pub vantages: &'a [CompactString],
}

/// The rows of a subject.
pub fn judge(
    subject: &str,
    facts: &[(&Fact, isize)],
    circumstances: &Circumstances<'_>,
    feed_lists: &mut FeedLists,
    rows: &mut Vec<Row>,
) {
    let marks: Vec<&MarkTarget> = facts
        .iter()
        .filter_map(|(fact, _)| if let Fact::Mark(target) = fact { Some(target.as_ref()) } else { None })
        .collect();
    let mut exhibits: Vec<Exhibit<'_>> = facts
        .iter()
        .filter_map(|(fact, count)| match fact {
            Fact::Sighting(sighting, feed, phase) => Some(Exhibit::new(sighting, feed, *phase, *count, &marks)),
            _ => None,
        })
        .collect();
    // Facts come sorted by observable; those of one observable are still to be sorted by class.
    for same_bits in exhibits.chunk_by_mut(|a, b| a.sighting.bits() == b.sighting.bits()) {
        if let [alone] = same_bits {
            if alone.phase.live && alone.valid().next().is_some() {
                rows.push(Row::Listed(alone.sighting.clone(), alone.feed.clone()));
            }
            continue;
        }
        same_bits.sort_by_key(Exhibit::of);
        let indicators =
            same_bits.chunk_by(|a, b| a.of() == b.of()).filter_map(|said| indicator(said, feed_lists));
        rows.extend(indicators.map(|row| Row::Indicator(Arc::new(row).into())));
    }
    // An address has no case.
    if exhibits.iter().any(|exhibit| exhibit.sighting.row().observable.place.subject().is_some()) {
        let delegated = facts.iter().any(|(fact, _)| matches!(fact, Fact::Delegated));
        let rank = facts.iter().find_map(|(fact, _)| if let Fact::Rank(rank) = fact { Some(*rank) } else { None });
        let measurements = Measurements::of(facts, circumstances.vantages);
        cases(subject, &exhibits, measurements.as_ref(), feed_lists, rows, |case| {
            let zone_is_read = (circumstances.zone_is_read)(top_level(&case.registrable_domain));
            case.delegated = zone_is_read.then_some(delegated);
            case.rank = rank;
        });
    }
}

/// The indicator that a sighting of a feed makes up by itself, while it is live.
pub fn indicator_of(sighting: &Shared<Sighting>, feed: &FeedId, feed_lists: &mut FeedLists) -> Option<Indicator> {
    let phase = Phase { live: true, began_today: false };
    indicator(&[Exhibit::new(sighting, feed, phase, 1, &[])], feed_lists)
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
fn indicator<'a>(exhibits: &'a [Exhibit<'_>], feed_lists: &mut FeedLists) -> Option<Indicator> {
    let counts = |exhibit: &&Exhibit<'_>| !exhibit.marked;
    let live = || exhibits.iter().filter(counts).filter(|exhibit| exhibit.phase.live);
    let observable = live().map(|exhibit| &exhibit.sighting.row().observable).min()?;
    let class = exhibits.first()?.class;
    let lease = |exhibit: &Exhibit<'_>| exhibit.sighting.row().intervals.last().and_then(Interval::ended_at);
    let mut leases = live().map(lease);
    let first_lease = leases.next()?;
    let begun =
        |exhibit: &'a Exhibit<'_>| Some((exhibit.sighting.row().intervals.last()?.first_seen, exhibit.feed));
    let starts: Vec<_> = if exhibits.len() > 1 { live().filter_map(begun).collect() } else { Vec::new() };
    Some(Indicator {
        id: indicator_id(observable.id, class),
        observable: Arc::clone(observable),
        abuse_class: class,
        feed_ids: feed_lists.of(live().map(|exhibit| exhibit.feed)),
        first_seen: exhibits.iter().flat_map(Exhibit::valid).map(|interval| interval.first_seen).min()?,
        last_seen: exhibits.iter().filter(counts).filter_map(|exhibit| exhibit.sighting.row().last_seen).max(),
        ended_at: leases.fold(first_lease, |last, end| Some(last?.max(end?))),
        seconded_at: seconded_at(&starts),
        labelled: Labelled::of(live().map(|exhibit| exhibit.sighting.row().label.as_str())),
    })
}

/// The cases of a subject, class by class; `complete` adds what is not from its exhibits.
fn cases(
    subject: &str,
    exhibits: &[Exhibit<'_>],
    measurements: Option<&Measurements<'_>>,
    feed_lists: &mut FeedLists,
    rows: &mut Vec<Row>,
    complete: impl Fn(&mut Case),
) {
    let has_valid =
        |class| exhibits.iter().any(|exhibit| exhibit.class == class && exhibit.valid().next().is_some());
    let mut specific_stands = false;
    for class in AbuseClass::ALL {
        if !exhibits.iter().any(|exhibit| exhibit.class == class) {
            continue;
        }
        if class == AbuseClass::Other {
            if specific_stands {
                rows.push(Row::Joined(case_id(subject, class)));
                continue;
            }
        } else {
            specific_stands |= has_valid(class);
        }
        let joined = if class != AbuseClass::Other && has_valid(class) { AbuseClass::Other } else { class };
        let own = || exhibits.iter().filter(|exhibit| exhibit.class == class || exhibit.class == joined);
        if let Some(mut case) = case(subject, class, measurements, feed_lists, own) {
            complete(&mut case);
            rows.push(Row::Case(Arc::new(case).into()));
        }
    }
}

fn case<'a, I>(
    subject: &str,
    class: AbuseClass,
    measurements: Option<&Measurements<'_>>,
    feed_lists: &mut FeedLists,
    own: impl Fn() -> I,
) -> Option<Case>
where
    I: Iterator<Item = &'a Exhibit<'a>> + Clone,
{
    let spans = own().flat_map(|exhibit| {
        exhibit.valid().map(|interval| Span {
            observable: exhibit.sighting.row().observable.id,
            interval: *interval,
            live: exhibit.is_live(interval),
            began_today: exhibit.phase.began_today,
        })
    });
    let listed = own().flat_map(|exhibit| {
        let observable = &*exhibit.sighting.row().observable;
        exhibit.valid().map(move |interval| (observable, interval.first_seen))
    });
    let measured: Measured = measurements.map(|measurements| measurements.case(listed)).unwrap_or_default();
    // Found alive, a case may be open that no feed upholds any more.
    let any_live = own().any(|exhibit| exhibit.phase.live && exhibit.valid().next().is_some());
    let status = episodes::status(spans, &measured);
    let mut evidence_count = 0;
    let (mut feed_ids, mut first_seen, mut last_end) = (Vec::new(), None, Some(None));
    for exhibit in own() {
        for interval in &exhibit.sighting.row().intervals {
            let considered = status == CaseStatus::Withdrawn || !(exhibit.marked || interval.is_withdrawn());
            if considered {
                first_seen = first_seen.into_iter().chain([interval.first_seen]).min();
                last_end =
                    last_end.and_then(|end| Some(interval.ended_at()?.max(end.unwrap_or_default()))).map(Some);
                if !(status.is_open() && any_live) || exhibit.is_live(interval) {
                    evidence_count += exhibit.count;
                    feed_ids.push(exhibit.feed);
                }
            }
        }
    }
    let places = || own().map(|exhibit| &exhibit.sighting.row().observable.place);
    Some(Case {
        id: case_id(subject, class),
        subject: subject.into(),
        registrable_domain: places().find_map(|place| place.registrable_domain())?.into(),
        // A host of the platform's own has no platform: then neither has the case.
        platform: places().map(|place| place.platform()).min().flatten().map(Into::into),
        abuse_class: class,
        status,
        first_seen: first_seen?,
        ended_at: match (status, measured.gone_since()) {
            (status, _) if status.is_open() => None,
            (CaseStatus::Remediated, Some(since)) => Some(since),
            _ => last_end.flatten(),
        },
        evidence_count,
        feed_ids: feed_lists.of(feed_ids.into_iter()),
        delegated: None,
        rank: None,
    })
}
