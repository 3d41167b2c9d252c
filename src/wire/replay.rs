//! What another policy would have held for confirmed: the base before the first day and the log since, through two
//! engines that differ in nothing else.
//!
//! ```text
//! Store::history_of ─► tables ─┬─► engine, as configured ─► standing ─┐
//!                              └─► engine, the other one ─► standing ─┴─► differences, at the close of each day
//! ```
//!
//! The log is read without its lock, and nothing is written.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

use compact_str::CompactString;
use panopticon_dataflow::{Engine, EngineError, Options};
use panopticon_datasets::store::{Event, Store};
use panopticon_datasets::tables::Tables;
use panopticon_model::id::Id;
use panopticon_model::judgement::{Policies, Validated, validate};
use panopticon_model::observable::top_level;
use panopticon_model::oracle::Gathered;
use panopticon_model::sighting::AbuseClass;
use panopticon_model::time::{Day, Epoch};
use panopticon_model::update::{Changes, Update};
use panopticon_model::view::Standing;

use super::WireError;
use super::views::options;
use crate::config::Config;

/// An indicator that one of two policies holds for confirmed at the close of a day, and the other does not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Difference {
    /// The day.
    pub(crate) day: Day,
    /// The name that its case is about.
    pub(crate) subject: CompactString,
    /// Its canonical value; it is not masked.
    pub(crate) observable: Box<str>,
    /// What it is said to be used for.
    pub(crate) abuse_class: AbuseClass,
    /// What becomes of it under the policy that is configured.
    pub(crate) was: Verdict,
    /// What would have become of it under the other one.
    pub(crate) would: Verdict,
    /// What confirms it, for the policy that holds it for confirmed.
    pub(crate) confirmed_by: Vec<CompactString>,
}

/// What becomes of an indicator under a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// It passes every gate.
    Validated,
    /// The word for the gate that it does not pass.
    Denied(&'static str),
}

/// What a replay found.
#[derive(Debug, Default)]
pub(crate) struct Replayed {
    /// The first and the last day that were compared; none if the log holds none of the days.
    pub(crate) compared: Option<(Day, Day)>,
    /// The differences, by day, subject, observable and class.
    pub(crate) differences: Vec<Difference>,
}

/// Replays what made the state of `days` under the configured policies and under `other`, and compares what is
/// validated at the close of each of the days; on a day that is not over, at the last epoch.
///
/// # Errors
/// [`WireError::Store`] when the log cannot be read or does not reach back to a base before the first day, nor to its
/// own beginning; a fault of the engine.
pub(crate) fn replay(config: &Config, other: &Policies, days: RangeInclusive<Day>) -> Result<Replayed, WireError> {
    let configured = Options { lookalikes: None, ..options(config)? };
    let mut replay = Replay {
        was: Side::start(&configured)?,
        would: Side::start(&Options { policies: other.clone(), ..configured })?,
        tables: Tables::default(),
        days,
        at: None,
        found: Replayed::default(),
    };
    let first = *replay.days.start();
    Store::history_of(&config.state, first, &mut |event| match event {
        // Its rows are where the first of the days begins.
        Event::Base { as_of, .. } => replay.epoch(as_of),
        Event::Epoch(header) => replay.epoch(header.at),
        Event::Rows(rows) => replay.rows(rows),
        _ => Ok(()),
    })?;
    replay.end()
}

/// One of the two engines, and what it says.
struct Side {
    policies: Policies,
    engine: Engine,
    standing: Standing,
}

impl Side {
    fn start(options: &Options) -> Result<Side, EngineError> {
        let engine = Engine::start(options)?;
        Ok(Side { policies: options.policies.clone(), engine, standing: Standing::default() })
    }

    fn feed(&mut self, at: Epoch, changes: Changes) -> Result<(), WireError> {
        Ok(self.engine.feed(at, changes)?)
    }

    fn settle(&mut self, upto: Epoch) -> Result<(), WireError> {
        for diffs in self.engine.settle(upto)? {
            self.standing.apply(&diffs)?;
        }
        self.standing.as_of = upto;
        Ok(())
    }
}

/// A replay under way.
struct Replay {
    was: Side,
    would: Side,
    tables: Tables,
    days: RangeInclusive<Day>,
    /// The epoch whose rows come; none before the first one.
    at: Option<Epoch>,
    found: Replayed,
}

impl Replay {
    /// An epoch begins: all days before its own are over.
    fn epoch(&mut self, at: Epoch) -> Result<(), WireError> {
        let last = self.days.end().next().min(at.day());
        let first = self.at.map_or(last, Epoch::day);
        for day in (first.0..last.0).map(Day) {
            self.compare(day, day.end().minus(1))?;
        }
        self.at = Some(at);
        Ok(())
    }

    /// Rows of the epoch.
    fn rows(&mut self, rows: Vec<Update>) -> Result<(), WireError> {
        let at = self.at.unwrap_or_default();
        if at.day() > *self.days.end() {
            return Ok(());
        }
        let changes = self.tables.apply(at, rows);
        self.was.feed(at, changes.clone())?;
        self.would.feed(at, changes)
    }

    /// The last epoch is complete: its day is compared as it stands.
    fn end(mut self) -> Result<Replayed, WireError> {
        if let Some(at) = self.at.filter(|at| at.day() <= *self.days.end()) {
            self.compare(at.day(), at)?;
        }
        Ok(self.found)
    }

    /// Brings both sides up to `upto`, and compares them if the day is asked for.
    fn compare(&mut self, day: Day, upto: Epoch) -> Result<(), WireError> {
        self.was.settle(upto)?;
        self.would.settle(upto)?;
        if self.days.contains(&day) {
            let first = self.found.compared.map_or(day, |(first, _)| first);
            self.found.compared = Some((first, day));
            self.found.differences.extend(differences(day, &self.was, &self.would, &self.tables));
        }
        Ok(())
    }
}

/// What one of two sides holds for confirmed and the other does not, both as of one instant.
fn differences(day: Day, was: &Side, would: &Side, tables: &Tables) -> Vec<Difference> {
    let lost = only_in(&was.standing, &would.standing);
    let won = only_in(&would.standing, &was.standing);
    let subjects: BTreeSet<&str> =
        lost.iter().chain(&won).filter_map(|row| row.indicator.observable.place.subject()).collect();
    if subjects.is_empty() {
        return Vec::new();
    }
    let gathered = gathered(&subjects, &was.standing, tables);
    let difference = |row: &&Validated, was: Verdict, would: Verdict| Difference {
        day,
        subject: row.indicator.observable.place.subject().unwrap_or_default().into(),
        observable: row.indicator.observable.canonical.clone(),
        abuse_class: row.indicator.abuse_class,
        was,
        would,
        confirmed_by: row.confirmed_by.clone(),
    };
    let lost = lost.iter().map(|row| difference(row, Verdict::Validated, verdict(row, &gathered, would)));
    let won = won.iter().map(|row| difference(row, verdict(row, &gathered, was), Verdict::Validated));
    let mut found: Vec<Difference> = lost.chain(won).collect();
    found.sort_unstable();
    found
}

/// What the one holds for confirmed and the other does not.
fn only_in<'a>(one: &'a Standing, other: &Standing) -> Vec<&'a Validated> {
    let only = |(id, row): (&Id, &'a Arc<Validated>)| (!other.validated.contains_key(id)).then_some(row.as_ref());
    one.validated.iter().filter_map(only).collect()
}

/// What becomes of an indicator on a side: the engine keeps what passes, so the gate is asked for here.
fn verdict(row: &Validated, gathered: &BTreeMap<&str, Gathered<'_>>, side: &Side) -> Verdict {
    let subject = row.indicator.observable.place.subject().unwrap_or_default();
    let policy = side.policies.of(top_level(subject));
    let dossier = gathered.get(subject).map(|rows| rows.dossier(policy, side.standing.as_of)).unwrap_or_default();
    match validate(&row.indicator, &dossier, policy) {
        Ok(_) => Verdict::Validated,
        Err(denied) => Verdict::Denied(denied.as_str()),
    }
}

/// All rows of some subjects. Indicators and cases are the same on both sides.
fn gathered<'a>(
    subjects: &BTreeSet<&'a str>,
    standing: &'a Standing,
    tables: &'a Tables,
) -> BTreeMap<&'a str, Gathered<'a>> {
    let protected: BTreeSet<&str> = tables.protected_names.keys().map(|name| name.domain.as_str()).collect();
    let mut found: BTreeMap<&str, Gathered<'_>> =
        subjects.iter().map(|subject| (*subject, Gathered::default())).collect();
    for row in standing.indicators.values() {
        if let Some(of) = row.observable.place.subject().and_then(|subject| found.get_mut(subject)) {
            of.indicators.push(row);
        }
    }
    for case in standing.cases.values() {
        if let Some(of) = found.get_mut(case.subject.as_str()) {
            of.is_protected = protected.contains(case.registrable_domain.as_str());
            of.cases.push(case);
        }
    }
    for row in &tables.observations {
        if let Some(of) = row.1.place.subject().and_then(|subject| found.get_mut(subject)) {
            of.observations.push(row);
        }
    }
    found
}
