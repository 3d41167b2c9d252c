//! Random histories of a small world: insertions, changes, retractions, leases, late ends, marks, ranks,
//! delegations, observations, at epochs that lie a millisecond, an hour or a day apart, or exactly on an expiry.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use compact_str::CompactString;
use panopticon_model::indicator::SECONDED_MS;
use panopticon_model::judgement::{Policies, Policy, counts_until};
use panopticon_model::name::{HostName, Label, Places, SuffixList, TldRules};
use panopticon_model::observable::{Observable, ObservableKind, Place};
use panopticon_model::observation::{
    DelegationFacts, Facts, FilterFacts, HttpFacts, Measured, ObservationKey, Outcome, Plan, ProbeKind, RdapFacts,
    Schedule, Signal, fetch_kind, observe, targets, wanted_until,
};
use panopticon_model::oracle::Inputs;
use panopticon_model::reputation::Reputation;
use panopticon_model::sighting::{AbuseClass, End, EntryId, FeedId, Interval, Intervals, Sighting, SightingKey};
use panopticon_model::time::{DAY_MS, Epoch, HOUR_MS};
use panopticon_model::update::{Change, Changes, Delegation, DelegationKey, Mark, MarkTarget, ProtectedName};
use proptest::prelude::*;

/// The instant at which every history starts.
pub(crate) const START: Epoch = Epoch(20_000 * DAY_MS + 5 * HOUR_MS);

/// One thing that happens.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    Sight {
        feed: u8,
        entry: u8,
        host: u8,
        class: u8,
        shape: u8,
    },
    Correct {
        feed: u8,
        entry: u8,
    },
    MarkName {
        host: u8,
        until: Option<u8>,
    },
    MarkObservable {
        host: u8,
        until: Option<u8>,
    },
    Unmark,
    Rank {
        host: u8,
        rank: Option<u32>,
    },
    Delegate {
        host: u8,
        flags: Option<u8>,
    },
    Protect {
        host: u8,
        on: bool,
    },
    /// What a day's close counted of a server.
    Count {
        server: u8,
        confirmed: Option<u8>,
        others: u8,
    },
    Measure {
        host: u8,
        target: u8,
        probe: u8,
        outcome: u8,
    },
    /// Everything of a host is measured with like outcomes: so that it is gone from everywhere, or back.
    Sweep {
        host: u8,
        outcome: u8,
    },
    Forget,
}

/// An epoch: how far it lies from the one before, and what happens in it.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) gap: Gap,
    pub(crate) events: Vec<Event>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Gap {
    Millisecond,
    Hours(u8),
    Days(u8),
    /// To the next instant at which something in the inputs turns, or one millisecond beside it.
    Turn(i8),
}

pub(crate) fn history() -> impl Strategy<Value = Vec<Step>> {
    let gap = prop_oneof![
        Just(Gap::Millisecond),
        (1u8..30).prop_map(Gap::Hours),
        (1u8..12).prop_map(Gap::Days),
        (-1i8..=1).prop_map(Gap::Turn),
    ];
    let until = || proptest::option::of(1u8..60);
    let event = prop_oneof![
        10 => (0u8..3, 0u8..4, 0u8..8, 0u8..3, any::<u8>())
            .prop_map(|(feed, entry, host, class, shape)| Event::Sight { feed, entry, host, class, shape }),
        2 => (0u8..3, 0u8..4).prop_map(|(feed, entry)| Event::Correct { feed, entry }),
        1 => (0u8..8, until()).prop_map(|(host, until)| Event::MarkName { host, until }),
        1 => (0u8..8, until()).prop_map(|(host, until)| Event::MarkObservable { host, until }),
        1 => Just(Event::Unmark),
        1 => (0u8..8, proptest::option::of(1u32..9)).prop_map(|(host, rank)| Event::Rank { host, rank }),
        2 => (0u8..8, proptest::option::of(0u8..8)).prop_map(|(host, flags)| Event::Delegate { host, flags }),
        1 => (0u8..8, any::<bool>()).prop_map(|(host, on)| Event::Protect { host, on }),
        4 => (0u8..4, proptest::option::of(0u8..32), 0u8..6)
            .prop_map(|(server, confirmed, others)| Event::Count { server, confirmed, others }),
        12 => (0u8..8, 0u8..6, 0u8..3, 0u8..9)
            .prop_map(|(host, target, probe, outcome)| Event::Measure { host, target, probe, outcome }),
        8 => (0u8..8, 0u8..3).prop_map(|(host, outcome)| Event::Sweep { host, outcome }),
        1 => Just(Event::Forget),
    ];
    let step = (gap, proptest::collection::vec(event, 0..6)).prop_map(|(gap, events)| Step { gap, events });
    proptest::collection::vec(step, 1..25)
}

/// The hosts of the world: two names, hosts below them, customers of a platform, the platform, an address.
fn host(n: u8) -> &'static str {
    ["a.xx", "www.a.xx", "login.a.xx", "b.yy", "one.shop.plat.xx", "two.plat.xx", "plat.xx", "192.0.2.7"]
        [usize::from(n)]
}

/// Two name servers and two addresses.
const SERVERS: [&str; 4] = ["ns1.example", "ns2.example", "192.0.2.1", "192.0.2.2"];

fn address(n: usize) -> std::net::IpAddr {
    SERVERS[n].parse().unwrap()
}

fn places() -> Places {
    let list = "// ===BEGIN ICANN DOMAINS===\nxx\nyy\n// ===END ICANN DOMAINS===\n// ===BEGIN PRIVATE DOMAINS===\nplat.xx\n// ===END PRIVATE DOMAINS===\n";
    let tld = |name: &str| TldRules { tld: Label::parse(name).unwrap(), rules: None };
    Places::new(SuffixList::parse(list).unwrap(), vec![tld("xx"), tld("yy")])
}

/// The world as the tables have it, kept by plain code.
pub(crate) struct World {
    pub(crate) inputs: Inputs,
    places: Places,
}

impl World {
    pub(crate) fn new() -> World {
        let plan = Plan {
            delegation: true,
            filters: vec!["filter".into()],
            blocklists: vec![],
            vantages: vec!["a".into(), "b".into()],
            tie: Some("c".into()),
            web_risk: true,
            rdap_tlds: ["xx".into()].into(),
        };
        let usual = Policy { trusted: [FeedId::from("f")].into(), guarded_rank: 2, ..Policy::default() };
        let strict = Policy {
            fresh_ms: 7 * HOUR_MS,
            independent: 0,
            allowed: ["login.a.xx".into()].into(),
            ..usual.clone()
        };
        let policies = Policies { by_tld: [("xx".into(), strict)].into(), usual };
        let inputs = Inputs { zone_tlds: ["xx".into()].into(), plan, policies, ..Inputs::default() };
        World { inputs, places: places() }
    }

    /// When the next step happens.
    pub(crate) fn next(&self, now: Epoch, gap: Gap) -> Epoch {
        match gap {
            Gap::Millisecond => now.plus(1),
            Gap::Hours(n) => now.plus(u64::from(n) * HOUR_MS),
            Gap::Days(n) => now.plus(u64::from(n) * DAY_MS),
            Gap::Turn(beside) => {
                let intervals = self.inputs.sightings.values().flat_map(|sighting| &sighting.intervals);
                let ends = intervals.filter_map(Interval::ended_at);
                let untils = self.inputs.marks.values().filter_map(|mark| mark.until);
                let wanted = self.inputs.sightings.values().filter_map(|sighting| wanted_until(sighting));
                let ages = self.inputs.observations.values().flat_map(|seen| {
                    let policy = self.inputs.policies.of(seen.place.tld());
                    [seen.refresh_at, seen.valid_until, counts_until(seen, policy)]
                });
                let seconded = self.inputs.sightings.values().flat_map(|sighting| &sighting.intervals);
                let seconded = seconded.map(|interval| interval.first_seen.plus(SECONDED_MS));
                let turns = ends.chain(untils).chain(wanted).chain(ages).chain(seconded).chain([now.day().end()]);
                let turn = turns.filter(|at| *at > now).min();
                let turn = turn.unwrap_or(now.plus(1));
                Epoch(turn.0.saturating_add_signed(i64::from(beside))).max(now.plus(1))
            }
        }
    }

    /// What the events of an epoch change. Several events on one key net to one change.
    pub(crate) fn happen(&mut self, now: Epoch, events: &[Event]) -> Changes {
        let before = self.inputs.clone();
        events.iter().for_each(|event| self.event(now, event));
        self.since(&before)
    }

    /// Takes other inputs, and says what that changes.
    pub(crate) fn become_(&mut self, inputs: Inputs) -> Changes {
        let before = std::mem::replace(&mut self.inputs, inputs);
        self.since(&before)
    }

    fn since(&self, before: &Inputs) -> Changes {
        let after = &self.inputs;
        Changes {
            sightings: changes(&before.sightings, &after.sightings),
            marks: changes(&before.marks, &after.marks),
            ranks: changes(&before.ranks, &after.ranks),
            delegations: changes(&before.delegations, &after.delegations)
                .into_iter()
                .map(|Change { key: owner, before, after }| Change { key: DelegationKey { owner }, before, after })
                .collect(),
            observations: changes(&before.observations, &after.observations),
            reputations: changes(&before.reputations, &after.reputations),
            protected_names: changes(&listed(&before.protected), &listed(&after.protected)),
            ..Changes::default()
        }
    }

    fn event(&mut self, now: Epoch, event: &Event) {
        match event {
            Event::Sight { feed, entry, host, class, shape } => {
                let key = key(*feed, *entry);
                let sighting = self.sighting(now, *host, *class, *shape, self.inputs.sightings.get(&key));
                self.inputs.sightings.insert(key, Arc::new(sighting));
            }
            Event::Correct { feed, entry } => {
                self.inputs.sightings.remove(&key(*feed, *entry));
            }
            Event::MarkName { host, until } => {
                let Some((name, place)) = self.name(*host) else { return };
                let subject = place.subject().unwrap().into();
                self.mark(now, MarkTarget::Name { name, subject }, *until);
            }
            Event::MarkObservable { host, until } => {
                let observable = self.observable(*host);
                let subject = observable.place.subject().unwrap_or(observable.place.host()).into();
                let canonical = observable.canonical.as_ref().into();
                self.mark(now, MarkTarget::Observable { id: observable.id, canonical, subject }, *until);
            }
            Event::Unmark => {
                self.inputs.marks.pop_first();
            }
            Event::Rank { host, rank } => {
                let Some((_, place)) = self.name(*host) else { return };
                let domain = place.registrable_domain().unwrap().into();
                match rank {
                    Some(rank) => self.inputs.ranks.insert(domain, *rank),
                    None => self.inputs.ranks.remove(&domain),
                };
            }
            Event::Delegate { host, flags } => {
                let Some((_, place)) = self.name(*host) else { return };
                let owner = place.registrable_domain().unwrap().into();
                match flags {
                    Some(flags) => {
                        self.inputs.delegations.insert(owner, Delegation { name_servers: 7, flags: *flags })
                    }
                    None => self.inputs.delegations.remove(&owner),
                };
            }
            Event::Protect { host, on } => {
                let Some((_, place)) = self.name(*host) else { return };
                let domain = place.registrable_domain().unwrap().into();
                match on {
                    true => self.inputs.protected.insert(domain),
                    false => self.inputs.protected.remove(&domain),
                };
            }
            Event::Count { server, confirmed, others } => {
                let key = CompactString::from(SERVERS[usize::from(*server)]);
                // Names of the world among them: what speaks against others does not speak against themselves.
                let names = ["a.xx", "b.yy", "c.xx", "d.xx", "plat.xx"];
                let confirmed = confirmed.map(|bits| {
                    let set = names.iter().enumerate().filter(|(n, _)| bits & (1 << n) != 0);
                    set.map(|(_, name)| (CompactString::from(*name), now)).collect()
                });
                let others = [0, 1, 2, 3, 101, 501][usize::from(*others)];
                match confirmed {
                    Some(confirmed) => {
                        let row = Arc::new(Reputation { confirmed, others });
                        self.inputs.reputations.insert(key, row)
                    }
                    None => self.inputs.reputations.remove(&key),
                };
            }
            Event::Measure { host, target, probe, outcome } => {
                self.measure(now, *host, usize::from(*target), usize::from(*probe), *outcome);
            }
            Event::Sweep { host, outcome } => {
                for (target, probe) in (0..6).flat_map(|target| (0..2).map(move |probe| (target, probe))) {
                    self.measure(now, *host, target, probe, *outcome);
                }
            }
            Event::Forget => {
                self.inputs.observations.pop_first();
            }
        }
    }

    /// One of the targets of a host is measured, with any outcome that its kind of probe may have.
    fn measure(&mut self, now: Epoch, host: u8, target: usize, probe: usize, outcome: u8) {
        let observable = self.observable(host);
        let targets = targets(&observable);
        let Some((target, wanted)) = targets.get(target % targets.len().max(1)) else { return };
        let plan = &self.inputs.plan;
        let mut probes = plan.probes(target, wanted.level);
        let tie = fetch_kind(target).zip(plan.tie.clone());
        probes.extend(tie);
        let (kind, vantage) = probes[probe % probes.len()].clone();
        let outcomes = match kind {
            ProbeKind::Delegation => [Outcome::Delegated, Outcome::Undelegated, Outcome::Timeout],
            ProbeKind::Http | ProbeKind::Https => [Outcome::Content, Outcome::NotFound, Outcome::ProxyFailure],
            ProbeKind::Rdap => [Outcome::Found, Outcome::NotFound, Outcome::RateLimited],
            ProbeKind::WebRisk => [Outcome::Clear, Outcome::Match, Outcome::ServFail],
            _ => [Outcome::Clear, Outcome::Blocked, Outcome::ServFail],
        };
        let third = usize::from(outcome) / 3;
        let facts = match kind {
            kind if kind.is_fetch() => Facts::Http(Box::new(HttpFacts {
                similarity: [None, Some(7), Some(u64::MAX)][third],
                address: [None, Some(address(2)), Some(address(3))][third],
                title: [None, Some("Log in".into()), Some("Domain for sale".into())][third].clone(),
                ..HttpFacts::default()
            })),
            ProbeKind::Filter => Facts::Filter(Box::new(FilterFacts {
                signal: [None, Some(Signal::NoRecursion), Some(Signal::Inferred)][third],
                ..FilterFacts::default()
            })),
            ProbeKind::Rdap => Facts::Rdap(Box::new(RdapFacts {
                created_at: [None, Some(now.minus(DAY_MS)), Some(Epoch(0))][third],
                ..RdapFacts::default()
            })),
            ProbeKind::Delegation => Facts::Delegation(Box::new(DelegationFacts {
                name_servers: SERVERS[..third].iter().map(|name| HostName::parse(name).unwrap()).collect(),
                addresses: vec![address(2)],
                ..DelegationFacts::default()
            })),
            _ => Facts::None,
        };
        let measured = Measured { facts, ..Measured::bare(outcomes[usize::from(outcome) % 3]) };
        let key = ObservationKey { target: target.clone(), kind, vantage };
        let before = self.inputs.observations.get(&key).map(AsRef::as_ref);
        let name = HostName::parse(observable.place.host()).unwrap();
        let place = match kind {
            ProbeKind::Delegation | ProbeKind::Rdap => self.places.place(&HostName::parse(target).unwrap()),
            _ => self.places.place(&name),
        };
        let place = Place::of_name(&name, &place.unwrap());
        let seen = observe(kind, place, before, measured, now, &Schedule::default());
        self.inputs.observations.insert(key, Arc::new(seen));
    }

    fn mark(&mut self, now: Epoch, target: MarkTarget, until: Option<u8>) {
        let until = until.map(|hours| now.plus(u64::from(hours) * HOUR_MS));
        self.inputs.marks.insert(target, Mark { reason: "test".into(), since: now, until });
    }

    fn name(&self, n: u8) -> Option<(HostName, Place)> {
        let name = HostName::parse(host(n)).ok()?;
        let placement = self.places.place(&name).ok()?;
        Some((name.clone(), Place::of_name(&name, &placement)))
    }

    fn observable(&self, n: u8) -> Observable {
        match self.name(n) {
            Some((name, place)) if n == 1 || n == 5 => {
                let url = format!("http://{}/p", name.as_str());
                Observable::new(ObservableKind::Url, &url, (n == 5).then_some("HTTP://TWO.PLAT.XX/p"), place)
            }
            Some((name, place)) => Observable::new(ObservableKind::Host, name.as_str(), None, place),
            None => {
                let place = Place::of_address(host(n).parse().unwrap());
                Observable::new(ObservableKind::Address, host(n), None, place)
            }
        }
    }

    /// What a feed says now: the intervals it said before, and one more that is open, ended, leased, withdrawn
    /// or begun some time ago, as `shape` has it.
    fn sighting(&self, now: Epoch, host: u8, class: u8, shape: u8, before: Option<&Arc<Sighting>>) -> Sighting {
        let mut intervals: Intervals = before.map(|sighting| sighting.intervals.clone()).unwrap_or_default();
        let end = [End::Delisted, End::Lapsed, End::Withdrawn, End::Offline][usize::from(shape >> 6)];
        match shape % 5 {
            // What is open ends now, or its lease starts; else something ended a while ago.
            0 | 1 => match intervals.last_mut() {
                Some(last) if last.ended_at().is_none_or(|at| at > now) && last.first_seen < now => {
                    let leased = shape % 5 == 1;
                    last.ended = Some(if leased { (now.plus(7 * HOUR_MS), End::Lapsed) } else { (now, end) });
                }
                _ => {
                    intervals.clear();
                    let ended = Some((now.minus(HOUR_MS), end));
                    intervals.push(Interval { first_seen: now.minus(3 * HOUR_MS), ended });
                }
            },
            // It is there (again).
            2 | 3 => match intervals.last_mut() {
                Some(last) if last.ended_at().is_none_or(|at| at > now) => last.ended = None,
                _ => intervals.push(Interval::open(now)),
            },
            // We learn late that it was there for long.
            _ => intervals = [Interval::open(now.minus(u64::from(shape) * HOUR_MS))].into(),
        }
        Sighting {
            observable: Arc::new(self.observable(host)),
            abuse_class: [AbuseClass::Phishing, AbuseClass::Malware, AbuseClass::Other][usize::from(class)],
            label: ["", "hacked", "malware, DGA"][usize::from(shape / 8 % 3)].into(),
            confidence: None,
            brand: None,
            reported_at: None,
            last_seen: (shape > 128).then_some(now.minus(u64::from(shape))),
            intervals,
        }
    }
}

fn key(feed: u8, entry: u8) -> SightingKey {
    SightingKey {
        feed: FeedId(["f", "g", "h"][usize::from(feed)].into()),
        entry: EntryId::Own(entry.to_string().into()),
    }
}

/// Protected names as a list names them.
fn listed(names: &BTreeSet<CompactString>) -> BTreeMap<ProtectedName, Epoch> {
    let key = |domain: &CompactString| ProtectedName { domain: domain.clone(), list: "critical".into() };
    names.iter().map(|domain| (key(domain), START)).collect()
}

fn changes<K: Ord + Clone, V: PartialEq + Clone>(
    before: &BTreeMap<K, V>,
    after: &BTreeMap<K, V>,
) -> Vec<Change<K, V>> {
    let keys: std::collections::BTreeSet<&K> = before.keys().chain(after.keys()).collect();
    keys.into_iter()
        .map(|key| Change { key: key.clone(), before: before.get(key).cloned(), after: after.get(key).cloned() })
        .filter(|change| change.before != change.after)
        .collect()
}
