//! A zone of 10,000,000 delegations beside 3,000,000 live indicators: what loading it costs, what it weighs, and how
//! long one change of it takes to be judged. `cargo test` runs a thousandth of it.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use anyhow::ensure;
use panopticon_benches::load::{delegations, evidence};
use panopticon_benches::measure::{Latencies, figure, memory, shown, timed};
use panopticon_benches::world::{Scale, TLD, TODAY, came, delegation, places, went};
use panopticon_dataflow::{Engine, Options};
use panopticon_model::time::HOUR_MS;
use panopticon_model::update::Changes;

fn main() -> anyhow::Result<()> {
    panopticon_benches::keep_freed_memory();
    let small = panopticon_benches::small();
    let (names, indicators, changes) = if small { (10_000, 3_000, 100) } else { (10_000_000, 3_000_000, 20_000) };
    let scale = Scale { indicators, names: indicators / 3 };
    println!("{indicators} live indicators, a zone of {names} names, one worker");
    let places = places()?;
    let mut now = TODAY.start().minus(6 * HOUR_MS);
    let mut engine = Engine::start(&Options { zone_tlds: [TLD.into()].into(), ..Options::default() })?;
    evidence(&mut engine, scale, now, &places)?;
    engine.settle(now)?;

    // Making the rows is measured by itself: a registry's come from a file.
    let ((), making) = timed(|| {
        (0..names).for_each(|n| drop(std::hint::black_box(came(delegation(n)))));
        Ok(())
    })?;
    let before = memory("VmRSS")?;
    now = now.plus(1);
    let (changed, took) = timed(|| {
        delegations(&mut engine, 0..names, now)?;
        Ok(engine.settle(now)?.iter().map(|diffs| diffs.cases.len()).sum::<usize>())
    })?;
    let weight = memory("VmRSS")?.saturating_sub(before) / names;
    figure("load of the zone", &shown(took.cpu.saturating_sub(making.cpu)), "<= 12 CPU-s");
    figure("rows out", &changed.to_string(), "");
    figure("memory of a name, old and new cases included", &format!("{weight} bytes"), "<= 120");

    // Every other change is of a name that has a case.
    let mut change = |n: u64| {
        let name = if n.is_multiple_of(2) { n * 37 % scale.names } else { scale.names + n * 37 };
        now = now.plus(1);
        engine.feed(now, Changes { delegations: vec![went(delegation(name))], ..Changes::default() })?;
        let out = engine.settle(now)?;
        ensure!(small || n.is_multiple_of(2) || out.is_empty(), "a name without a case changed a case");
        now = now.plus(1);
        engine.feed(now, Changes { delegations: vec![came(delegation(name))], ..Changes::default() })?;
        ensure!(engine.settle(now)?.len() == out.len(), "what went has not come back");
        Ok(())
    };
    let (latencies, took) = timed(|| Latencies::of(changes, &mut change))?;
    figure("one change of the zone: p50", &shown(latencies.at(0.5) / 2), "<= 100 us");
    figure("one change of the zone: p99", &shown(latencies.at(0.99) / 2), "<= 1 ms");
    figure("one change of the zone: CPU", &shown(took.cpu / (2 * changes as u32)), "");
    Ok(())
}
