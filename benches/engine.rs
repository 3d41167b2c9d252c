//! The engine on 3,000,000 live indicators beside a zone of 1,000,000 names: a day's changes, a thousand, one; and
//! the same answers computed from scratch by DuckDB and Polars. `cargo test` runs a thousandth
//! of it; `-- --alone` leaves the peers out.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use panopticon_benches::load::{delegations, evidence};
use panopticon_benches::measure::{Latencies, figure, gib, memory, shown, timed};
use panopticon_benches::peers::{Exchange, SIGHTINGS, fastest, python, write_sighting};
use panopticon_benches::world::{Scale, TLD, TODAY, came, delisted, domain, mix, places, sighting, sightings};
use panopticon_dataflow::{Engine, Options};
use panopticon_model::name::Places;
use panopticon_model::sighting::{End, Interval, Sighting, SightingKey};
use panopticon_model::time::{Epoch, HOUR_MS};
use panopticon_model::update::{Change, Changes};

type SightingChange = Change<SightingKey, Arc<Sighting>>;

fn main() -> anyhow::Result<()> {
    panopticon_benches::keep_freed_memory();
    let (small, alone) = (panopticon_benches::small(), panopticon_benches::asked("--alone"));
    let scale = if small {
        Scale { indicators: 3_000, names: 1_000 }
    } else {
        Scale { indicators: 3_000_000, names: 1_000_000 }
    };
    let folder = tempfile::tempdir()?;
    let exchange = Exchange::new(folder.path());
    let places = places()?;
    if !alone {
        write_inputs(&exchange, scale, &places)?;
    }
    println!("{} live indicators, a zone of {} names, one worker", scale.indicators, scale.names);

    let loaded_at = TODAY.start().minus(6 * HOUR_MS);
    std::fs::write(folder.path().join("base.now"), loaded_at.0.to_string())?;
    let mut engine = Engine::start(&Options { zone_tlds: [TLD.into()].into(), ..Options::default() })?;
    let before = memory("VmRSS")?;
    let (rows, took) = timed(|| {
        delegations(&mut engine, delegated(scale), loaded_at)?;
        evidence(&mut engine, scale, loaded_at, &places)?;
        Ok(engine.settle(loaded_at)?.iter().map(|diffs| diffs.indicators.len() + diffs.cases.len()).sum::<usize>())
    })?;
    figure("load of everything, making the rows included", &shown(took.cpu), "");
    figure("rows out", &rows.to_string(), "");
    figure("memory of the engine at rest", &gib(memory("VmRSS")?.saturating_sub(before)), "<= 3 GiB");
    figure("peak memory", &gib(memory("VmHWM")?), "");

    let mut churn = Churn { scale, places: &places, next: scale.indicators, gone: 0 };
    let mut now = TODAY.start().plus(6 * HOUR_MS);
    let mut change = |set: &str, count: u64, now: Epoch| -> anyhow::Result<Duration> {
        let changes = churn.set(count, now);
        let rows = changes.len();
        let sightings = changes.clone();
        let (diffs, took) = timed(|| {
            engine.feed(now, Changes { sightings, ..Changes::default() })?;
            Ok(engine.settle(now)?)
        })?;
        let out: usize = diffs.iter().map(|diffs| diffs.indicators.len() + diffs.cases.len()).sum();
        figure(&format!("{set}: {rows} changes, {out} rows out"), &shown(took.cpu), "");
        exchange.set(set, now, &changes, &diffs)?;
        Ok(took.cpu)
    };
    let day = if small { 30 } else { 30_000 };
    let mut sets = Vec::new();
    let mut engine_took = Vec::new();
    for n in 1..=if small { 2 } else { 12 } {
        let name = format!("day{n}");
        engine_took.push((name.clone(), change(&name, day, now)?));
        // The peers are asked for one day, and are only told of the others.
        sets.push(if n == 1 { name } else { format!("+{name}") });
        now = now.plus(60_000);
    }
    let mut days: Vec<Duration> = engine_took.iter().map(|(_, took)| *took).collect();
    days.sort_unstable();
    figure("a day: median", &shown(days[days.len() / 2]), "<= 1 s");
    figure("a day: longest", &shown(days[days.len() - 1]), "");
    let sizes: &[(&str, u64)] = match (small, alone) {
        (_, true) => &[],
        (true, _) => &[("thousand", 10), ("one", 1)],
        _ => &[("thousand", 500), ("one", 1), ("tenth", 150_000), ("third", 500_000)],
    };
    for &(set, count) in sizes {
        engine_took.push((set.to_owned(), change(set, count, now)?));
        sets.push(set.to_owned());
        now = now.plus(60_000);
    }
    let mut single = |count: u64, each: u64| {
        let sets: Vec<_> = (0..count).map(|_| churn.set(each, now)).collect();
        let mut sets = sets.into_iter();
        timed(|| {
            Latencies::of(count, |_| {
                now = now.plus(1);
                let sightings = sets.next().unwrap_or_default();
                engine.feed(now, Changes { sightings, ..Changes::default() })?;
                ensure!(!engine.settle(now)?.is_empty(), "a change changed nothing");
                Ok(())
            })
        })
    };
    let (ones, ones_took) = single(if small { 10 } else { 20_000 }, 1)?;
    let (thousands, thousands_took) = single(if small { 2 } else { 100 }, if small { 10 } else { 500 })?;
    figure("one URL in, one out: p50", &shown(ones.at(0.5)), "");
    figure("one URL in, one out: p99", &shown(ones.at(0.99)), "");
    let one = ones_took.cpu / if small { 10 } else { 20_000 };
    figure("one URL in, one out: CPU", &shown(one), "");
    figure("1,000 changes: p50", &shown(thousands.at(0.5)), "");
    let thousand = thousands_took.cpu / if small { 2 } else { 100 };
    figure("1,000 changes: CPU", &shown(thousand), "");

    if alone {
        return Ok(());
    }
    if small && !python().exists() {
        println!("skipped: the peers are not here, `tests/run` installs them");
        return Ok(());
    }
    let took = exchange.run(&sets)?;
    for peer in &took {
        let rows = format!("{}: {}, {} rows out, as the engine's", peer.peer, peer.set, peer.rows);
        figure(&rows, &format!("{:.2} CPU-s, {:.2} s", peer.cpu, peer.wall), "");
    }
    for (set, engine) in engine_took {
        let (engine, reach) = match set.as_str() {
            "one" => (one, ">= 10,000"),
            "thousand" => (thousand, ">= 150"),
            "day1" => (days[days.len() / 2], ">= 5"),
            _ => (engine, ""),
        };
        let Some(peer) = fastest(&took, &set) else { continue };
        let ratio = peer.as_secs_f64() / engine.as_secs_f64();
        figure(&format!("{set}: the faster peer's CPU time over the engine's"), &format!("{ratio:.1}"), reach);
    }
    Ok(())
}

/// Writes what the peers start from.
fn write_inputs(exchange: &Exchange, scale: Scale, places: &Places) -> anyhow::Result<()> {
    let mut file = exchange.file("sightings.csv", SIGHTINGS)?;
    for n in 0..scale.indicators {
        for (key, sighting) in sightings(scale, n, places) {
            write_sighting(&mut file, "", &key, &sighting)?;
        }
    }
    file.flush()?;
    let mut file = exchange.file("zone.csv", "name")?;
    for n in delegated(scale) {
        writeln!(file, "{}", domain(n))?;
    }
    Ok(file.flush()?)
}

/// The delegated ones among the names: one in ten was taken out of the zone.
fn delegated(scale: Scale) -> impl Iterator<Item = u64> {
    (0..scale.names).filter(|n| !mix(n ^ 0x20e).is_multiple_of(10))
}

/// URLs that come and go: the oldest ones leave, new ones arrive.
struct Churn<'a> {
    scale: Scale,
    places: &'a Places,
    next: u64,
    gone: u64,
}

impl Churn<'_> {
    /// As many URLs that leave as that arrive.
    fn set(&mut self, count: u64, now: Epoch) -> Vec<SightingChange> {
        let mut changes = Vec::new();
        for n in self.gone..self.gone + count {
            let end = if mix(n ^ 0xe4d).is_multiple_of(2) { End::Offline } else { End::Delisted };
            changes.extend(sightings(self.scale, n, self.places).map(|row| delisted(row, now, end)));
        }
        for n in self.next..self.next + count {
            let (key, mut value) = sighting(self.scale, n, n as usize, self.places);
            let new = Sighting {
                intervals: [Interval::open(now)].into(),
                last_seen: None,
                reported_at: None,
                ..value.as_ref().clone()
            };
            value = Arc::new(new);
            changes.push(came((key, value)));
        }
        self.gone += count;
        self.next += count;
        changes
    }
}
