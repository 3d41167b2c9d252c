//! The wiring: the only place where sources, log, engine and sinks meet.
//!
//! ```text
//! intake (feeds, zones, ranks, marks) ─► commit: log ─► tables ─► engine ─► settle: views, nets ─► publish ─► seal
//! ```
//!
//! The log is written first. Whatever is in memory is made from it: opening a state folder replays it, and
//! finishes the publication that a crash interrupted.

mod campaigns;
mod clock;
mod error;
mod feeds;
mod folder;
mod household;
mod intake;
mod lookalikes;
mod marks;
mod measure;
mod prober;
mod probing;
mod program;
mod protected;
mod publish;
mod ranks;
mod rebuild;
mod replay;
mod reputation;
mod schedule;
mod transfers;
mod verdicts;
mod views;
mod zones;

use std::collections::BTreeSet;

use compact_str::CompactString;
use panopticon_datasets::store::Store;
use panopticon_datasets::tables::Tables;
use panopticon_model::name::Places;
use panopticon_model::time::{Day, Epoch};
use panopticon_model::update::{Cause, EpochHeader, Update};
use panopticon_sinks::minisign::SigningKey;
use panopticon_sources::archive::Archive;

use crate::config::{Config, signing};
pub(crate) use clock::ClockError;
pub(crate) use error::WireError;
pub(crate) use feeds::FeedReport;
pub(crate) use lookalikes::TABLES;
pub(crate) use probing::{ASK_EVERY, Measuring, Probing, Wake};
pub(crate) use program::PROGRAM;
pub(crate) use rebuild::rebuild;
pub(crate) use replay::{Difference, Verdict, replay};
use views::Views;

/// The setting that holds the instant of the last run.
const LAST_RUN: &str = "run";

/// A state folder that is open, with everything that is made from it.
pub(crate) struct House {
    pub(crate) config: Config,
    places: Places,
    store: Store,
    views: Views,
    archive: Archive,
    /// What signs the manifests.
    key: Option<SigningKey>,
    /// Open no socket.
    offline: bool,
}

impl House {
    /// Opens the state folder of a configuration, replays what is in it, and finishes the publication that was
    /// under way.
    pub(crate) fn open(config: Config, offline: bool) -> Result<House, WireError> {
        let places = config.places()?;
        let key = signing::read(config.signing_key.as_deref())?;
        let store = Store::open(&config.state)?;
        let archive = Archive::open(store.layout().archive())?;
        let mut views = Views::new(&config)?;
        store.replay(&mut |event| views.event(event))?;
        views.end_of_base()?;
        let mut house = House { config, places, store, views, archive, key, offline };
        house.views.settle(house.last_epoch())?;
        if let Some(intent) = house.store.open_intent().cloned() {
            house.finish(&intent)?;
        }
        Ok(house)
    }

    /// What every key holds.
    pub(crate) fn tables(&self) -> &Tables {
        &self.views.tables
    }

    /// How many cases and indicators stand.
    pub(crate) fn standing(&self) -> &panopticon_model::view::Standing {
        &self.views.standing
    }

    /// The last epoch in the log.
    pub(crate) fn last_epoch(&self) -> Epoch {
        self.store.last_epoch().unwrap_or_default()
    }

    /// Starts a run at `asked`, or at the wall clock: days that are over are closed, and the configuration is
    /// compared with what the state was made under.
    pub(crate) fn start(&mut self, asked: Option<Epoch>, wall: Epoch) -> Result<Epoch, WireError> {
        let last_run = self.tables().settings.get(LAST_RUN).and_then(|text| text.parse().ok());
        let now = clock::admit(last_run, self.last_epoch(), asked, wall)?;
        self.pass_time(now)?;
        if asked.is_some() {
            self.release_claims(now)?;
        }
        self.ran(now, now)?;
        self.reconcile(now)?;
        Ok(now)
    }

    /// The instant at which a process that keeps going is now. A clock that leaps ends it, as it would keep it from
    /// starting.
    pub(crate) fn go_on(&mut self, wall: Epoch) -> Result<Epoch, WireError> {
        let now = clock::go_on(self.last_epoch(), wall)?;
        self.pass_time(now)?;
        Ok(now)
    }

    /// Notes that there was a run at `at`: none may take place before it.
    pub(crate) fn ran(&mut self, now: Epoch, at: Epoch) -> Result<(), WireError> {
        let setting = Update::Setting(LAST_RUN.into(), Some(at.to_string().into()));
        self.commit(now, Cause::Age, "clock", vec![setting])?;
        Ok(())
    }

    /// Lets time pass up to `now`: evidence of silent feeds lapses when it is due, days that are over are closed.
    fn pass_time(&mut self, now: Epoch) -> Result<(), WireError> {
        if self.last_epoch() == Epoch(0) {
            return Ok(());
        }
        for day in (self.last_epoch().day().0..now.day().0).map(Day) {
            // A crash may have come between the seal of the day and its base.
            if self.views.closed != Some(day) {
                let last_instant = day.end().minus(1);
                self.lapse(last_instant)?;
                self.note_verdicts(last_instant)?;
                self.note_campaigns(last_instant, day)?;
                self.note_lookalikes(last_instant)?;
                self.tick(last_instant)?;
                self.publish(Some(day))?;
            }
            self.store.close_day(day, &self.views.tables, PROGRAM)?;
            self.expire(day)?;
            self.count_reputations(day)?;
            self.count_all_lookalikes(day.end())?;
        }
        self.lapse(now)
    }

    /// Writes updates to the log as one epoch at `now` or just after the last one, and lets the engine have them.
    /// Updates that change nothing are left out; if none is left there is no epoch.
    fn commit(
        &mut self,
        now: Epoch,
        cause: Cause,
        source: &str,
        mut updates: Vec<Update>,
    ) -> Result<usize, WireError> {
        updates.retain(|update| household::changes_something(&self.views.tables, update));
        if updates.is_empty() {
            return Ok(0);
        }
        let header = self.mint(now, cause, source);
        self.store.append(&header, &updates)?;
        let count = updates.len();
        self.views.epoch(&header);
        self.views.rows(updates)?;
        Ok(count)
    }

    /// Makes sure that the log reaches `now`, with an empty epoch if need be, so that what is due by then happens.
    fn tick(&mut self, now: Epoch) -> Result<(), WireError> {
        if self.last_epoch() < now {
            let header = self.mint(now, Cause::Age, "clock");
            self.store.append::<&Update>(&header, [])?;
            self.views.epoch(&header);
        }
        self.views.settle(self.last_epoch())
    }

    fn mint(&self, now: Epoch, cause: Cause, source: &str) -> EpochHeader {
        let at = now.max(self.last_epoch().plus(1));
        EpochHeader { at, cause, source: CompactString::from(source) }
    }

    /// Publishes the day so far.
    pub(crate) fn publish_today(&mut self, now: Epoch) -> Result<(), WireError> {
        self.note_verdicts(now)?;
        self.note_lookalikes(now)?;
        self.tick(now)?;
        self.publish(None)
    }

    /// What the archive must keep: every snapshot that a feed still refers to.
    fn archived(&self) -> BTreeSet<panopticon_model::id::Id> {
        let feeds = self.tables().feeds.values();
        feeds
            .flat_map(|feed| {
                let held = feed.held.iter().map(|(_, _, digest)| *digest);
                feed.snapshots.iter().map(|(_, digest)| *digest).chain(held)
            })
            .collect()
    }
}
