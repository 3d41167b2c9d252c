//! Absence: from when to when a case was measured gone. Times are half open, `[from, until)`, in order and apart.

use std::collections::BTreeMap;

use compact_str::CompactString;
use panopticon_model::id::Id;
use panopticon_model::observable::{Observable, ObservableKind};
use panopticon_model::observation::own_targets;
use panopticon_model::time::Epoch;

use crate::facts::{self, Fact, Found};

/// The end of a time that lasts.
const LASTS: Epoch = Epoch(u64::MAX);

/// From an instant on, before another.
type Times = Vec<(Epoch, Epoch)>;

/// What was measured of the targets of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    gone: Times,
    /// Whether one of its targets was found alive, by an observation that counts.
    pub alive: bool,
}

impl Measured {
    /// Since when the case is gone, if it is.
    #[must_use]
    pub fn gone_since(&self) -> Option<Epoch> {
        self.gone.last().filter(|(_, until)| *until == LASTS).map(|(from, _)| *from)
    }

    /// When it was found back last.
    #[must_use]
    pub fn back_since(&self) -> Option<Epoch> {
        self.gone.iter().rev().map(|(_, until)| *until).find(|until| *until != LASTS)
    }
}

/// What was measured of a subject.
pub struct Measurements<'a> {
    found: Vec<&'a Found>,
    undelegated: Option<&'a facts::Absence>,
    vantages: &'a [CompactString],
}

impl<'a> Measurements<'a> {
    /// The measurements among the facts of a subject; none if there are none.
    #[must_use]
    pub fn of(facts: &[(&'a Fact, isize)], vantages: &'a [CompactString]) -> Option<Measurements<'a>> {
        let found: Vec<&Found> = facts
            .iter()
            .filter_map(|(fact, _)| if let Fact::Found(found) = fact { Some(&**found) } else { None })
            .collect();
        let undelegated = facts
            .iter()
            .find_map(|(fact, _)| if let Fact::Undelegated(absence) = fact { Some(&**absence) } else { None });
        (!found.is_empty() || undelegated.is_some()).then_some(Measurements { found, undelegated, vantages })
    }

    /// What they say of a case, from its observables and the instants at which feeds began to list them.
    pub fn case<'b>(&self, listed: impl Iterator<Item = (&'b Observable, Epoch)>) -> Measured {
        let mut targets: BTreeMap<Id, (Epoch, Epoch)> = BTreeMap::new();
        for (observable, begin) in listed {
            let mut list = |target: Id| {
                let (first, last) = targets.entry(target).or_insert((begin, begin));
                (*first, *last) = ((*first).min(begin), (*last).max(begin));
            };
            match observable.kind {
                ObservableKind::Url => list(observable.id),
                _ => own_targets(observable)
                    .iter()
                    .for_each(|target| list(Observable::id_of(ObservableKind::Url, target))),
            }
        }
        let Some(begun) = targets.values().map(|(first, _)| *first).min() else { return Measured::default() };
        let last = targets.values().map(|(_, last)| *last).max().unwrap_or(begun);
        let seen = |target: Id| self.found.iter().filter(move |found| found.url == target);
        let mut dead = vec![(begun, LASTS)];
        for (target, (first, last)) in &targets {
            let mut gone = if self.vantages.len() > 1 { vec![(Epoch(0), LASTS)] } else { Times::new() };
            for vantage in self.vantages {
                let absence = seen(*target).find(|found| found.vantage == *vantage).map(|found| &found.absence);
                gone = both(&gone, &absence.map(|absence| times(absence, *last)).unwrap_or_default());
            }
            // Before it was listed it was no part of the case.
            dead = both(&dead, &either(&gone, &[(Epoch(0), *first)]));
        }
        let undelegated = self.undelegated.map(|absence| times(absence, last)).unwrap_or_default();
        let alive = |target: &Id| seen(*target).any(|found| found.alive && self.vantages.contains(&found.vantage));
        Measured { gone: both(&either(&dead, &undelegated), &[(begun, LASTS)]), alive: targets.keys().any(alive) }
    }
}

/// The times of an absence. What feeds list after the last look counts more than that look.
fn times(absence: &facts::Absence, last_listed: Epoch) -> Times {
    let known_until = absence.known_until.filter(|known| *known <= last_listed).unwrap_or(LASTS);
    let time = |gone: &panopticon_model::observation::Gone| {
        let (from, until) = (gone.confirmed_at?, gone.until.unwrap_or(known_until));
        (from < until).then_some((from, until))
    };
    either(&absence.gone.iter().filter_map(time).collect::<Times>(), &[])
}

/// The times that are in both.
fn both(a: &[(Epoch, Epoch)], b: &[(Epoch, Epoch)]) -> Times {
    let (mut a, mut b) = (a.iter().copied().peekable(), b.iter().copied().peekable());
    let mut times = Times::new();
    while let (Some(x), Some(y)) = (a.peek().copied(), b.peek().copied()) {
        let (from, until) = (x.0.max(y.0), x.1.min(y.1));
        if from < until {
            times.push((from, until));
        }
        if x.1 <= y.1 {
            a.next()
        } else {
            b.next()
        };
    }
    times
}

/// The times that are in either; what touches is one.
fn either(a: &[(Epoch, Epoch)], b: &[(Epoch, Epoch)]) -> Times {
    let mut all: Times = a.iter().chain(b).filter(|(from, until)| from < until).copied().collect();
    all.sort_unstable();
    let mut times: Times = Times::with_capacity(all.len());
    for (from, until) in all {
        match times.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(until),
            _ => times.push((from, until)),
        }
    }
    times
}
