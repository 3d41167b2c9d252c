//! Measuring: what the views ask for goes to the prober, what it finds returns through the log.
//!
//! ```text
//! views: probe_requests ─► due ─► prober ─► Starting ─► claims ─► log (fsync) ─► it goes on
//!                                        └► Done ─────► observations ─► log ─► views: one request less
//! ```
//!
//! A claim says that a probe is under way, and when it will be over at the latest. After a crash nothing is asked anew
//! before that; then it is asked for as before, because the request still stands.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use panopticon_model::case::Case;
use panopticon_model::name::HostName;
use panopticon_model::observable::Place;
use panopticon_model::observation::{
    Level, Measured, ObservationKey, Plan, ProbeKind, Request, Schedule, observe, targets, wanted_until,
};
use panopticon_model::sighting::Sighting;
use panopticon_model::time::Epoch;
use panopticon_model::update::{Cause, Update};
use panopticon_sources::probe::{Event, Prober};

use super::probing::{GATHER, Heard, Measuring, Probing, Wake};
use super::{House, WireError};

impl House {
    /// Measures everything that is asked for, until nothing is or `longest` is over.
    pub(crate) fn measure(
        &mut self,
        prober: Prober,
        clock: impl Fn() -> Epoch + Clone + Send + Sync + 'static,
        longest: Duration,
        told: &mut dyn FnMut(Measuring),
    ) -> Result<Measuring, WireError> {
        let (wake, woken) = std::sync::mpsc::sync_channel(64);
        let until = Instant::now() + longest;
        let mut probing = Probing::start(prober, wake, clock.clone())?;
        self.confirm(&mut probing, clock());
        while Instant::now() < until {
            self.ask(&mut probing, clock())?;
            if probing.is_idle() && !self.is_claimed() {
                break;
            }
            self.listen(Some(&mut probing), &woken, GATHER, &clock)?;
            told(probing.measuring);
        }
        self.log_done(&mut probing, clock())?;
        let measuring = probing.measuring;
        drop(woken);
        probing.stop();
        Ok(measuring)
    }

    /// Gives the prober more to do, if it has little.
    pub(crate) fn ask(&mut self, probing: &mut Probing, now: Epoch) -> Result<(), WireError> {
        self.views.settle(self.last_epoch())?;
        probing.ask(&self.views.standing.requests, &self.views.tables.claims, now);
        Ok(())
    }

    /// Has measured anew, before everything else, what open cases rest upon and was measured too long ago.
    pub(crate) fn confirm(&self, probing: &mut Probing, now: Epoch) {
        probing.confirm(self.to_confirm(now));
    }

    /// Whether a request that stands waits for the end of a probe that was under way before.
    fn is_claimed(&self) -> bool {
        let claims = &self.views.tables.claims;
        self.views.standing.requests.keys().any(|key| claims.contains_key(key))
    }

    /// Hears what the prober says for some time, or until there is something else to do.
    pub(crate) fn listen(
        &mut self,
        mut probing: Option<&mut Probing>,
        woken: &Receiver<Wake>,
        wait: Duration,
        clock: &dyn Fn() -> Epoch,
    ) -> Result<Heard, WireError> {
        let mut until = Instant::now() + wait;
        let mut heard = Heard::default();
        loop {
            match woken.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(Wake::Stop) => {
                    heard.stop = true;
                    break;
                }
                Ok(Wake::Zone(tld, zone)) => {
                    // What else has been said by now is taken along.
                    heard.zones.insert((tld, zone));
                    until = Instant::now();
                }
                Ok(Wake::Probe(Event::Starting(keys, heard))) => {
                    self.claim(&keys, clock())?;
                    let _ = heard.send(());
                }
                Ok(Wake::Probe(Event::Done(key, measured))) => {
                    let Some(probing) = probing.as_deref_mut() else { continue };
                    probing.done(key, measured);
                    if probing.is_full() {
                        self.log_done(probing, clock())?;
                    }
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            }
        }
        if let Some(probing) = probing {
            self.log_done(probing, clock())?;
        }
        Ok(heard)
    }

    /// Notes that probes are under way.
    fn claim(&mut self, keys: &[ObservationKey], now: Epoch) -> Result<(), WireError> {
        let claim =
            |key: &ObservationKey| Update::Claim(key.clone(), Some(now.plus(self.config.takes_ms(key.kind))));
        let updates = keys.iter().map(claim).collect();
        self.commit(now, Cause::Age, "probe", updates)?;
        Ok(())
    }

    /// Logs what is done.
    fn log_done(&mut self, probing: &mut Probing, now: Epoch) -> Result<(), WireError> {
        let mut updates = Vec::new();
        for (key, measured) in probing.take_done() {
            updates.extend(self.observed(key, *measured, now));
        }
        self.commit(now, Cause::Evidence, "probe", updates)?;
        Ok(())
    }

    /// The updates that a measurement makes.
    fn observed(&self, key: ObservationKey, measured: Measured, now: Epoch) -> Vec<Update> {
        let mut updates = vec![Update::Claim(key.clone(), None)];
        let place = HostName::parse(key.host()).ok().and_then(|host| {
            let placement = self.places.place(&host).ok()?;
            Some(Place::of_name(&host, &placement))
        });
        if let Some(place) = place {
            let before = self.views.tables.observations.get(&key);
            let schedule = self.config.probe.as_ref().map_or(Schedule::default(), |probe| probe.schedule);
            let seen = observe(key.kind, place, before.map(AsRef::as_ref), measured, now, &schedule);
            updates.push(Update::Observation(key, Some(seen.into())));
        }
        updates
    }

    /// What upholds open cases and was measured too long ago to be published as confirmed.
    fn to_confirm(&self, now: Epoch) -> Vec<Request> {
        let Some(probe) = &self.config.probe else { return Vec::new() };
        let open: BTreeSet<&str> = self
            .standing()
            .cases
            .values()
            .filter(|case| case.status.is_open())
            .map(|case: &Arc<Case>| case.subject.as_str())
            .collect();
        let plan = self.config.plan();
        let mut requests = BTreeMap::new();
        // Not only what feeds uphold: a case may be open because it was seen alive since they dropped it.
        let wanted = |sighting: &&Arc<Sighting>| wanted_until(sighting).is_none_or(|until| now < until);
        for sighting in self.tables().sightings.values().filter(wanted) {
            let observable = &sighting.observable;
            if !observable.place.subject().is_some_and(|subject| open.contains(subject)) {
                continue;
            }
            for (target, wanted) in targets(observable) {
                if !matches!(wanted.level, Level::Domain | Level::Host | Level::Listed) {
                    continue;
                }
                for (kind, vantage) in plan.probes(&target, wanted.level) {
                    let key = ObservationKey { target: target.clone(), kind, vantage };
                    let known = self.tables().observations.get(&key);
                    let is_old = known.is_some_and(|seen| seen.observed_at.plus(probe.confirm_ms) <= now);
                    if is_old && !matches!(kind, ProbeKind::Rdap | ProbeKind::Blocklist) {
                        let spelled = wanted.spelled.clone().filter(|_| kind.is_fetch());
                        let priority = Plan::priority(wanted.level, false);
                        requests.insert(key.clone(), Request { key, priority, spelled });
                    }
                }
            }
        }
        requests.into_values().collect()
    }

    /// Claims of an earlier run whose clock was another one say nothing of this run.
    pub(super) fn release_claims(&mut self, now: Epoch) -> Result<(), WireError> {
        let updates = self.tables().claims.keys().map(|key| Update::Claim(key.clone(), None)).collect();
        self.commit(now, Cause::Age, "probe", updates)?;
        Ok(())
    }
}
