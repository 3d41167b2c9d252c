//! The view `typosquats` over a zone of 10,000,000 names and 10,000 protected ones: the first load, what it weighs, a
//! delta of 1,000 names, one protected name that comes or goes. What comes out is held against the index. `cargo test`
//! runs a thousandth of it.

use std::collections::BTreeMap;

use anyhow::ensure;
use compact_str::format_compact;
use panopticon_benches::labels::{Labels, index, names};
use panopticon_benches::measure::{Latencies, figure, gib, memory, shown, timed, until_idle};
use panopticon_benches::views::{engine, targets};
use panopticon_benches::world::{TLD, TODAY, came};
use panopticon_dataflow::Engine;
use panopticon_dataflow::lexical::{ProtectedName, Scratch};
use panopticon_model::time::Epoch;
use panopticon_model::update::{Change, Changes, Delegation, DelegationKey};

/// Names that are made at a time.
const CHUNK: usize = 8192;

fn main() -> anyhow::Result<()> {
    panopticon_benches::keep_freed_memory();
    let part = if panopticon_benches::small() { 1000 } else { 1 };
    let (count, protected, rounds) = (10_000_000 / part, 10_000 / part.min(100), if part == 1 { 200 } else { 3 });
    let all = names(protected + rounds);
    let (protected, others) = all.split_at(protected as usize);
    let labels = Labels::made(count, protected);
    let changed = Labels::made(2 * count, protected);
    let before = memory("VmRSS")?;
    let mut engine = engine()?;
    let mut now = TODAY.start();
    let (pairs, took) = timed(|| {
        engine.feed(now, Changes { targets: targets(protected, true), ..Changes::default() })?;
        let mut labels = labels.iter().map(delegated).peekable();
        while labels.peek().is_some() {
            let delegations = labels.by_ref().take(CHUNK).collect();
            engine.feed(now, Changes { delegations, ..Changes::default() })?;
        }
        told(&mut engine, now)
    })?;
    figure("first load", &format!("{} CPU, {}", shown(took.cpu), shown(took.wall)), "");
    until_idle()?;
    let (rest, peak) = (memory("VmRSS")?.saturating_sub(before), memory("VmHWM")?.saturating_sub(before));
    let distinct = labels.iter().collect::<std::collections::HashSet<_>>().len() as u64;
    figure("memory at rest; of a label", &format!("{}; {} bytes", gib(rest), rest / distinct), "<= 160 bytes");
    figure("its peak, of that at rest", &format!("{:.2}", peak as f64 / rest as f64), "<= 1.7");
    let index = index(protected)?;
    let mut scratch = Scratch::default();
    let mut seen = std::collections::HashSet::new();
    let expected: usize =
        labels.iter().filter(|label| seen.insert(*label)).map(|label| index.find(label, &mut scratch).len()).sum();
    ensure!(pairs == expected as i64, "{pairs} pairs, the index finds {expected}");
    figure("pairs, as the index finds them", &pairs.to_string(), "");

    let mut fresh = changed.iter().skip(count as usize);
    let size = if part == 1 { 1_000 } else { 10 };
    let mut deltas: Vec<Vec<Change<DelegationKey, Delegation>>> = (0..rounds)
        .map(|_| {
            let mut delta: BTreeMap<DelegationKey, _> = BTreeMap::new();
            for label in fresh.by_ref().filter(|label| !seen.contains(label)).take(size) {
                let change = delegated(label);
                delta.insert(change.key.clone(), change);
            }
            delta.into_values().collect()
        })
        .collect();
    let comes = Latencies::when_idle(rounds, |n| {
        now = now.plus(1);
        let delegations = deltas.get(n as usize).cloned().unwrap_or_default();
        engine.feed(now, Changes { delegations, ..Changes::default() })?;
        told(&mut engine, now).map(|_| ())
    })?;
    let goes = Latencies::when_idle(rounds, |n| {
        now = now.plus(1);
        let delta = deltas.get_mut(n as usize).map(std::mem::take).unwrap_or_default();
        let delegations = delta.into_iter().map(|change| Change { before: change.after, after: None, ..change });
        engine.feed(now, Changes { delegations: delegations.collect(), ..Changes::default() })?;
        told(&mut engine, now).map(|_| ())
    })?;
    let both = |latencies: &Latencies| format!("{}; {}", shown(latencies.at(0.5)), shown(latencies.at(0.99)));
    figure(&format!("{size} names come: p50; p99"), &both(&comes), "<= 5 ms");
    figure(&format!("{size} names go: p50; p99"), &both(&goes), "<= 5 ms");

    let mut found = Vec::new();
    let comes = Latencies::of(rounds, |n| {
        now = now.plus(1);
        let name = others.get(n as usize..=n as usize).unwrap_or_default();
        engine.feed(now, Changes { targets: targets(name, true), ..Changes::default() })?;
        found.push(told(&mut engine, now)?);
        Ok(())
    })?;
    let goes = Latencies::of(rounds, |n| {
        now = now.plus(1);
        let name = others.get(n as usize..=n as usize).unwrap_or_default();
        engine.feed(now, Changes { targets: targets(name, false), ..Changes::default() })?;
        let gone = told(&mut engine, now)?;
        ensure!(found.get(n as usize).is_some_and(|come| *come == -gone), "what came does not go");
        Ok(())
    })?;
    figure("a protected name comes: p50; p99", &both(&comes), "<= 20 ms");
    figure("a protected name goes: p50; p99", &both(&goes), "");
    figure("pairs of these names", &found.iter().sum::<i64>().to_string(), "");
    // The last of them from scratch.
    let (some, expected) = (others.iter().rev().take(5), found.iter().rev().take(5).sum::<i64>());
    let some: Vec<ProtectedName> = some.cloned().collect();
    let index = panopticon_benches::labels::index(&some)?;
    let from_scratch: usize = seen.iter().map(|label| index.find(label, &mut scratch).len()).sum();
    ensure!(from_scratch as i64 == expected, "{expected} pairs, from scratch {from_scratch}");
    Ok(())
}

/// Settles, and says by how many pairs the view grew.
fn told(engine: &mut Engine, now: Epoch) -> anyhow::Result<i64> {
    let diffs = engine.settle(now)?;
    Ok(diffs.iter().flat_map(|diffs| &diffs.typosquats).map(|(_, diff)| diff).sum())
}

fn delegated(label: &str) -> Change<DelegationKey, Delegation> {
    // Most names share the name servers of few operators.
    let name_servers = panopticon_benches::world::mix(label.len() as u64);
    let delegation = Delegation { name_servers, flags: 0 };
    came((DelegationKey { owner: format_compact!("{label}.{TLD}") }, delegation))
}
