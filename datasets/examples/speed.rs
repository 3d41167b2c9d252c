//! How fast the log and the base tables are: `cargo run --release -p panopticon-datasets --example speed -- 1000000 300000`
//! (delegations, sightings). Prints wall time and rows a second of each step.

#![expect(clippy::print_stdout, reason = "it prints what it measured")]

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Instant;

use compact_str::format_compact;
use panopticon_datasets::store::{Event, Store, StoreError};
use panopticon_datasets::tables::Tables;
use panopticon_model::observable::{Observable, ObservableKind, Place};
use panopticon_model::sighting::{AbuseClass, EntryId, FeedId, Interval, Sighting, SightingKey};
use panopticon_model::time::{Day, Epoch};
use panopticon_model::update::{Cause, Delegation, DelegationKey, EpochHeader, Update};

fn delegation(n: u64) -> Update {
    let mixed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let owner = format_compact!("name{n:08}{:x}.xx", mixed >> 52);
    Update::Delegation(DelegationKey { owner }, None, Some(Delegation { name_servers: mixed, flags: 1 }))
}

fn sighting(n: u64) -> Update {
    let url = format!("http://host{n}.example{}.xx/login/index.php?id={n}", n % 100_000);
    let place = Place::of_address(Ipv4Addr::from(u32::try_from(n % 0xffff_ffff).unwrap_or(0)).into());
    let sighting = Sighting {
        observable: Arc::new(Observable::new(ObservableKind::Url, &url, None, place)),
        abuse_class: AbuseClass::Phishing,
        label: "phishing, generic".into(),
        confidence: Some(80),
        brand: None,
        reported_at: Some(Epoch(1_740_787_200_000 + n)),
        last_seen: None,
        intervals: [Interval::open(Epoch(1_740_787_200_000 + n))].into(),
    };
    let entry = EntryId::of(&sighting.observable, &sighting.label);
    Update::Sighting(SightingKey { feed: FeedId::from("openphish"), entry }, Some(Arc::new(sighting)))
}

fn timed<T>(what: &str, rows: u64, act: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    let start = Instant::now();
    let value = act()?;
    let seconds = start.elapsed().as_secs_f64();
    println!("{what:40} {rows:>10} rows {seconds:8.2} s {:>12.0} rows/s", rows as f64 / seconds);
    Ok(value)
}

fn count(rows: &mut u64) -> impl FnMut(Event) -> Result<(), StoreError> {
    move |event| {
        if let Event::Rows(chunk) = event {
            *rows += chunk.len() as u64;
        }
        Ok(())
    }
}

fn main() -> Result<(), StoreError> {
    let mut sizes = std::env::args().skip(1).filter_map(|text| text.parse::<u64>().ok());
    let delegations = sizes.next().unwrap_or(1_000_000);
    let sightings = sizes.next().unwrap_or(300_000);
    let folder = std::env::temp_dir().join(format!("panopticon-speed-{}", std::process::id()));
    let day = Day(20_148);
    let header = |n: u64| EpochHeader { at: day.start().plus(n), cause: Cause::Evidence, source: "speed".into() };

    let rows: Vec<Update> = (0..sightings).map(sighting).collect();
    let mut tables = Tables::default();
    let mut store = Store::open(&folder)?;
    timed("append delegations (with making them)", delegations, || {
        store.append(&header(1), (0..delegations).map(delegation))
    })?;
    timed("append sightings", sightings, || store.append(&header(2), &rows))?;
    timed("fold sightings", sightings, || Ok(tables.apply(header(2).at, rows).len()))?;
    timed("append 1000 epochs of 10 rows", 10_000, || {
        (0..1000).try_for_each(|n| {
            let rows: Vec<Update> =
                (0..10).map(|m| Update::Rank(format_compact!("rank{m}.xx"), Some(n as u32))).collect();
            store.append(&header(3 + n), &rows)?;
            tables.apply(header(3 + n).at, rows);
            Ok(())
        })
    })?;
    drop(store);

    let all = delegations + sightings + 10_000;
    let mut store = timed("open (checks the log)", all, || Store::open(&folder))?;
    let mut read = 0;
    timed("replay of the log, decoded", all, || store.replay(&mut count(&mut read)))?;
    timed("close day: write the first base", all, || store.close_day(day, &tables, "speed"))?;
    let rows = [delegation(7), sighting(sightings + 1)];
    store.append(&header(86_400_000), &rows)?;
    tables.apply(header(86_400_000).at, rows);
    timed("close day: write the next base", all, || store.close_day(day.next(), &tables, "speed"))?;
    drop(store);
    let store = timed("open with a base", 0, || Store::open(&folder))?;
    timed("replay of the base, decoded", all, || store.replay(&mut count(&mut read)))?;
    let mut replayed = Tables::default();
    timed("replay of the base, folded", all, || {
        store.replay(&mut |event| {
            if let Event::Rows(chunk) = event {
                replayed.apply(Epoch(0), chunk);
            }
            Ok::<(), StoreError>(())
        })
    })?;
    let _ = std::fs::remove_dir_all(folder);
    Ok(())
}
