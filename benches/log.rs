//! The shelves: appending to the log, opening it, replaying it, and writing base tables at the close of a day, on
//! 1,000,000 delegations and 300,000 sightings. `cargo test` runs a thousandth of it.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use anyhow::ensure;
use panopticon_benches::measure::{figure, shown, timed};
use panopticon_benches::world::{Scale, TODAY, delegation, places, sighting};
use panopticon_datasets::store::{Event, Store, StoreError};
use panopticon_datasets::tables::Tables;
use panopticon_model::time::{DAY_MS, Epoch};
use panopticon_model::update::{Cause, EpochHeader, Update};

fn main() -> anyhow::Result<()> {
    let small = panopticon_benches::small();
    let (names, sightings, epochs) = if small { (1_000, 300, 10) } else { (1_000_000, 300_000, 1_000) };
    let scale = Scale { indicators: sightings, names };
    let places = places()?;
    let folder = tempfile::tempdir()?;
    let header =
        |n: u64| EpochHeader { at: TODAY.start().plus(n), cause: Cause::Evidence, source: "bench".into() };
    let delegations: Vec<Update> =
        (0..names).map(delegation).map(|(key, value)| Update::Delegation(key, None, Some(value))).collect();
    let seen = |n: u64| {
        let (key, value) = sighting(scale, n, 0, &places);
        Update::Sighting(key, Some(value))
    };
    let rows: Vec<Update> = (0..sightings).map(seen).collect();

    println!("{names} delegations, {sightings} sightings, {epochs} epochs of ten sightings");
    let mut tables = Tables::default();
    let mut store = Store::open(folder.path())?;
    rate("append delegations", names, || Ok(store.append(&header(1), &delegations)?))?;
    rate("append sightings", sightings, || Ok(store.append(&header(2), &rows)?))?;
    rate("fold sightings", sightings, || Ok(tables.apply(header(2).at, rows).len()))?;
    rate("append and fold epochs of ten, each synced", epochs * 10, || {
        for n in 0..epochs {
            let rows: Vec<Update> = (0..10).map(|m| seen(sightings + n * 10 + m)).collect();
            store.append(&header(3 + n), &rows)?;
            tables.apply(header(3 + n).at, rows);
        }
        Ok(())
    })?;
    drop(store);

    let all = names + sightings + epochs * 10;
    let mut store = rate("open, which checks the log", all, || Ok(Store::open(folder.path())?))?;
    ensure!(rate("replay the log", all, || replay(&store))? == all, "not every row came back");
    rate("close the day: the first base", all, || Ok(store.close_day(TODAY, &tables, "bench")?))?;
    let late = [seen(sightings + epochs * 10)];
    store.append(&header(DAY_MS), &late)?;
    tables.apply(header(DAY_MS).at, late);
    rate("close the day: the next base", all, || Ok(store.close_day(TODAY.next(), &tables, "bench")?))?;
    drop(store);

    let store = rate("open with a base", all + 1, || Ok(Store::open(folder.path())?))?;
    ensure!(rate("replay the base", all + 1, || replay(&store))? == all + 1, "not every row came back");
    let folded = rate("replay the base and fold it", all + 1, || {
        let mut folded = Tables::default();
        store.replay(&mut |event| -> Result<(), StoreError> {
            if let Event::Rows(rows) = event {
                folded.apply(Epoch(0), rows);
            }
            Ok(())
        })?;
        Ok(folded)
    })?;
    ensure!(folded.sightings == tables.sightings, "the base holds something else");
    Ok(())
}

/// Does some work on rows, and prints how many went by in a second of CPU time.
fn rate<T>(what: &str, rows: u64, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    let (value, took) = timed(work)?;
    let rate = rows as f64 / took.cpu.as_secs_f64();
    figure(what, &format!("{} CPU, {}, {rate:.0} rows/s", shown(took.cpu), shown(took.wall)), "");
    Ok(value)
}

/// How many rows the store replays.
fn replay(store: &Store) -> anyhow::Result<u64> {
    let mut count = 0;
    store.replay(&mut |event| -> Result<(), StoreError> {
        if let Event::Rows(rows) = event {
            count += rows.len() as u64;
        }
        Ok(())
    })?;
    Ok(count)
}
