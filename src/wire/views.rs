//! What is made from the log: tables, maintained views, and what changed in the day and since the last publication.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use compact_str::CompactString;
use panopticon_dataflow::{Engine, Lookalikes, Options};
use panopticon_datasets::store::Event;
use panopticon_datasets::tables::Tables;
use panopticon_model::diff::Net;
use panopticon_model::time::{Day, Epoch};
use panopticon_model::update::{Cause, EpochHeader, Update};
use panopticon_model::view::Standing;

use super::household::{POLICIES, VANTAGES};
use super::program::{PROGRAM, absorb_change};
use super::{WireError, lookalikes, zones};
use crate::config::Config;

/// Rows that wait for the engine at most.
const CHUNK: usize = 1 << 16;

/// How the engine runs under a configuration.
pub(super) fn options(config: &Config) -> Result<Options, WireError> {
    Ok(Options {
        workers: config.workers,
        pin: config.workers > 1,
        zone_tlds: config.zone_tlds(),
        plan: config.plan(),
        policies: config.policies(),
        lookalikes: lookalikes::rules(config)?,
    })
}

/// The state in memory.
pub(super) struct Views {
    pub(super) tables: Tables,
    pub(super) standing: Standing,
    /// What changed since the day began.
    pub(super) day: Net,
    /// What changed since the last publication.
    pub(super) since_publication: Net,
    /// Names that entered a zone since the day began, and when: those of its first reading were there.
    pub(super) entered: BTreeMap<CompactString, Epoch>,
    engine: Engine,
    /// By what the names of the zones are looked at.
    pub(super) lookalikes: Option<Arc<Lookalikes>>,
    /// The epochs at which a zone is read, or its look-alikes are counted, for the first time.
    baseline: BTreeSet<Epoch>,
    /// Causes of the epochs that are not settled.
    causes: BTreeMap<Epoch, Cause>,
    /// The epoch whose rows come.
    at: Epoch,
    /// The day at whose close the base stands, as long as its rows come.
    base: Option<Day>,
    /// The day that the publication under way closes.
    closes: Option<Day>,
    /// The last day whose closing publication is sealed. Its base may be missing still.
    pub(super) closed: Option<Day>,
    output: PathBuf,
    tlds: Vec<String>,
    /// The vantages that must agree that a case is gone.
    vantages: CompactString,
    /// What it takes to hold a claim for confirmed.
    policies: CompactString,
}

impl Views {
    pub(super) fn new(config: &Config) -> Result<Views, WireError> {
        let options = options(config)?;
        Ok(Views {
            lookalikes: options.lookalikes.clone(),
            tables: Tables::default(),
            standing: Standing::default(),
            day: Net::default(),
            since_publication: Net::default(),
            entered: BTreeMap::new(),
            baseline: BTreeSet::new(),
            engine: Engine::start(&options)?,
            causes: BTreeMap::new(),
            at: Epoch(0),
            base: None,
            closes: None,
            closed: None,
            output: config.output.clone(),
            tlds: config.tld_names(),
            vantages: config.vantages_setting(),
            policies: config.policies_setting(),
        })
    }

    /// One step of the replay.
    pub(super) fn event(&mut self, event: Event) -> Result<(), WireError> {
        if !matches!(event, Event::Rows(_)) {
            self.end_of_base()?;
        }
        match event {
            Event::Base { as_of, day } => {
                self.at = as_of;
                self.base = Some(day);
                // A base is written after the day's last publication is sealed.
                self.closed = Some(day);
            }
            Event::Epoch(header) => self.epoch(&header),
            Event::Rows(rows) => self.rows(rows)?,
            Event::EndEpoch => {}
            Event::Intent(intent) => {
                self.settle(intent.upto)?;
                self.closes = intent.closes;
            }
            Event::Sealed(sealed) => {
                let closed = self.closes.take();
                self.sealed(closed);
                if (sealed.program != PROGRAM || self.judged_otherwise()) && closed.is_none() {
                    let cause = self.cause_of_change();
                    let (standing, net) = (&self.standing, &mut self.since_publication);
                    absorb_change(&self.output, &self.tlds, sealed.upto.day(), standing, net, cause)?;
                }
            }
        }
        Ok(())
    }

    /// After the rows of the base: they are where the day begins, not what it changed.
    pub(super) fn end_of_base(&mut self) -> Result<(), WireError> {
        let Some(day) = self.base.take() else { return Ok(()) };
        for diffs in self.engine.settle(self.at)? {
            self.standing.apply(&diffs)?;
        }
        self.standing.as_of = self.at;
        let cause = self.cause_of_change();
        absorb_change(&self.output, &self.tlds, day, &self.standing, &mut self.day, cause)?;
        self.since_publication = self.day.clone();
        Ok(())
    }

    /// Whether what was published was judged by other vantages or policies. A program that knew none left no word.
    fn judged_otherwise(&self) -> bool {
        let settings = &self.tables.settings;
        settings.get(VANTAGES).map_or("", CompactString::as_str) != self.vantages
            || settings.get(POLICIES).is_some_and(|known| *known != self.policies)
    }

    /// Why the same state is judged otherwise now.
    fn cause_of_change(&self) -> Cause {
        if self.judged_otherwise() { Cause::Policy } else { Cause::Program }
    }

    /// An epoch begins.
    pub(super) fn epoch(&mut self, header: &EpochHeader) {
        self.at = header.at;
        self.tables.as_of = header.at;
        self.causes.insert(header.at, header.cause);
    }

    /// Rows of the epoch.
    pub(super) fn rows(&mut self, rows: Vec<Update>) -> Result<(), WireError> {
        self.note_entries(&rows);
        let changes = self.tables.apply(self.at, rows);
        Ok(self.engine.feed(self.at, changes)?)
    }

    /// Notes which names enter a zone that was known before. Base rows are no entries.
    fn note_entries(&mut self, rows: &[Update]) {
        if self.base.is_some() {
            return;
        }
        for row in rows {
            match row {
                Update::Setting(key, Some(_))
                    if (zones::is_snapshot(key) || lookalikes::is_count(key))
                        && !self.tables.settings.contains_key(key) =>
                {
                    self.baseline.insert(self.at);
                }
                Update::Delegation(key, None, Some(_)) if !self.baseline.contains(&self.at) => {
                    self.entered.insert(key.owner.clone(), self.at);
                }
                Update::Delegation(key, _, None) => {
                    self.entered.remove(&key.owner);
                }
                _ => {}
            }
        }
    }

    /// Rows of the epoch, as many as a zone has.
    pub(super) fn in_chunks<E>(&mut self, rows: impl Iterator<Item = Result<Update, E>>) -> Result<(), WireError>
    where
        WireError: From<E>,
    {
        let mut waiting = Vec::new();
        for row in rows {
            waiting.push(row?);
            if waiting.len() == CHUNK {
                self.rows(std::mem::take(&mut waiting))?;
            }
        }
        self.rows(waiting)
    }

    /// Brings the views up to the end of `upto`.
    pub(super) fn settle(&mut self, upto: Epoch) -> Result<(), WireError> {
        for diffs in self.engine.settle(upto)? {
            // What no epoch caused, time did.
            let cause = self.causes.get(&diffs.at).copied().unwrap_or(Cause::Age);
            self.standing.apply(&diffs)?;
            self.day.absorb(&diffs, &self.standing, cause);
            self.since_publication.absorb(&diffs, &self.standing, cause);
            // What stands in a zone that is read for the first time is no news.
            if !self.baseline.contains(&diffs.at) {
                self.day.absorb_names(&diffs, cause);
                self.since_publication.absorb_names(&diffs, cause);
            }
        }
        self.standing.as_of = upto;
        self.causes = self.causes.split_off(&upto.plus(1));
        self.baseline = self.baseline.split_off(&upto.plus(1));
        Ok(())
    }

    /// A publication is done; if it closed a day, the next one begins.
    pub(super) fn sealed(&mut self, closed: Option<Day>) {
        self.since_publication.clear();
        if closed.is_some() {
            self.closed = closed;
            self.day.clear();
            self.entered.clear();
        }
    }
}
