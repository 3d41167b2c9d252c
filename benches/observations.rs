//! Observations: 100,000 of them into an engine that has 25,000 live indicators and asks for everything, first ones and
//! then the same again half a day later. `cargo test` runs a thousandth of it.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::sync::Arc;

use anyhow::ensure;
use panopticon_benches::load::evidence;
use panopticon_benches::measure::{figure, gib, memory, shown, timed};
use panopticon_benches::world::{Scale, TODAY, mix, places, sighting};
use panopticon_dataflow::{Engine, Options};
use panopticon_model::observation::{
    Facts, HttpFacts, Level, Measured, Observation, ObservationKey, Outcome, Plan, Schedule, observe, targets,
};
use panopticon_model::time::{Epoch, HOUR_MS};
use panopticon_model::update::{Change, Changes};

fn main() -> anyhow::Result<()> {
    panopticon_benches::keep_freed_memory();
    let indicators = if panopticon_benches::small() { 25 } else { 25_000 };
    let scale = Scale { indicators, names: indicators / 3 };
    let places = places()?;
    let plan = Plan {
        delegation: true,
        filters: vec!["quad9".into()],
        vantages: vec!["a".into(), "b".into()],
        web_risk: true,
        rdap_tlds: ["xx".into()].into(),
        ..Plan::default()
    };
    let mut engine = Engine::start(&Options { plan: plan.clone(), ..Options::default() })?;
    let now = TODAY.start().plus(HOUR_MS);
    let before = memory("VmRSS")?;
    evidence(&mut engine, scale, now, &places)?;
    let requests: usize = engine.settle(now)?.iter().map(|diffs| diffs.requests.len()).sum();
    println!("{indicators} live indicators, one worker");
    figure("requests that stand", &requests.to_string(), "");
    figure("memory of the engine with them", &gib(memory("VmRSS")?.saturating_sub(before)), "");

    // What is listed, and the same over the other scheme, from two places.
    let mut seen: Vec<(ObservationKey, Arc<Observation>)> = Vec::new();
    for n in 0..indicators {
        let (_, sighting) = sighting(scale, n, 0, &places);
        let observable = &sighting.observable;
        let pages =
            targets(observable).into_iter().filter(|(_, what)| matches!(what.level, Level::Listed | Level::Twin));
        for (target, what) in pages {
            for (kind, vantage) in plan.probes(&target, what.level).into_iter().filter(|(kind, _)| kind.is_fetch())
            {
                let key = ObservationKey { target: target.clone(), kind, vantage };
                let place = observable.place.clone();
                let first = observe(kind, place, None, measured(n), now, &Schedule::default());
                seen.push((key, Arc::new(first)));
            }
        }
    }
    let first =
        seen.iter().map(|(key, seen)| Change { key: key.clone(), before: None, after: Some(Arc::clone(seen)) });
    measure(&mut engine, "first observations", now.plus(1), first.collect(), "<= 1 s")?;
    let later = now.plus(13 * HOUR_MS);
    let again = seen.iter().map(|(key, before)| {
        let same = Measured { facts: before.facts.clone(), ..Measured::bare(before.outcome) };
        let after = observe(key.kind, before.place.clone(), Some(before), same, later, &Schedule::default());
        Change { key: key.clone(), before: Some(Arc::clone(before)), after: Some(Arc::new(after)) }
    });
    measure(&mut engine, "the same half a day later", later, again.collect(), "<= 1 s")
}

/// Feeds observations, and says what that took.
fn measure(
    engine: &mut Engine,
    what: &str,
    at: Epoch,
    observations: Vec<Change<ObservationKey, Arc<Observation>>>,
    reach: &str,
) -> anyhow::Result<()> {
    engine.settle(at.minus(1))?;
    let count = observations.len();
    let (diffs, took) = timed(|| {
        engine.feed(at, Changes { observations, ..Changes::default() })?;
        Ok(engine.settle(at)?)
    })?;
    let answered: usize = diffs.iter().map(|diffs| diffs.requests.len()).sum();
    ensure!(answered > 0, "no request was answered");
    figure(&format!("{what}: {count}, {answered} rows of requests out"), &shown(took.cpu), reach);
    Ok(())
}

fn measured(n: u64) -> Measured {
    let facts = HttpFacts { status: Some(200), similarity: Some(mix(n)), ..HttpFacts::default() };
    let outcome = if mix(n ^ 0xdead).is_multiple_of(4) { Outcome::NotFound } else { Outcome::Content };
    Measured { facts: Facts::Http(Box::new(facts)), ..Measured::bare(outcome) }
}
