//! The prober with 100,000 targets in its queues, each to be checked for its delegation, then each for that and for a
//! page, to the end: the memory for that, and how many it measures in a second. `cargo test` runs a thousandth of it.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::collections::HashMap;
use std::net::SocketAddr;

use anyhow::{Context, ensure};
use compact_str::{CompactString, format_compact};
use panopticon_benches::measure::{figure, figure_of_rate, memory, mib, reset_peak, timed};
use panopticon_benches::registry::{Asked, asked, delegations, zone};
use panopticon_benches::servers::{client, free_address, installed, knot, nginx};
use panopticon_model::observation::{Measured, ObservationKey, Outcome, ProbeKind, Request};
use panopticon_model::time::Epoch;
use panopticon_sources::dns::resolve::Resolver;
use panopticon_sources::http::{Config, Fetcher, Vantage};
use panopticon_sources::probe::pace::Pace;
use panopticon_sources::probe::{Event, LaneBudget, Prober, Probes};
use tokio::sync::mpsc;

/// Probes under way at one time, as the program has them unless told otherwise: of delegations, of pages, of all.
const AT_ONCE: (usize, usize, usize) = (64, 50, 128);

fn main() -> anyhow::Result<()> {
    panopticon_benches::keep_freed_memory();
    if !installed(&["knotd", "nginx"]) {
        return Ok(());
    }
    let targets = if panopticon_benches::small() { 100 } else { 100_000 };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let (registry, page) = (free_address()?, free_address()?);
    let _knot = runtime.block_on(knot(registry, &zone(targets)?))?;
    let _nginx = runtime.block_on(nginx(page))?;
    let asked: HashMap<CompactString, Asked> =
        asked(targets).into_iter().map(|asked| (asked.name.clone(), asked)).collect();

    let before = memory("VmRSS")?;
    println!("{targets} targets given to the prober at once");
    for (what, kinds) in [
        ("delegations", &[ProbeKind::Delegation][..]),
        ("delegations and pages", &[ProbeKind::Delegation, ProbeKind::Http]),
    ] {
        let prober = prober(registry)?;
        reset_peak()?;
        let (count, took) = timed(|| runtime.block_on(measure_all(prober, &asked, kinds, page)))?;
        let peak = memory("VmHWM")?.saturating_sub(before);
        figure_of_rate(what, count, took, "");
        figure("... memory above the start", &mib(peak), "<= 300 MiB");
    }
    Ok(())
}

/// Measures delegations at the registry, and pages; without limits.
fn prober(registry: SocketAddr) -> anyhow::Result<Prober> {
    let config = Config {
        vantages: vec![Vantage::new("here", "", vec!["direct".parse()?])?],
        allow_private: vec!["127.0.0.0/8".parse()?],
        host_per_second: 0.0,
        address_per_second: 0.0,
        ..Config::default()
    };
    let fetcher = Fetcher::new(config, Resolver::new(client(Pace::unlimited())?, Vec::new()), |_| None)?;
    let budget = |at_once| LaneBudget { at_once, per_second: 0.0, per_host: 0.0 };
    let (of_delegations, of_pages, of_all) = AT_ONCE;
    let probes = Probes {
        delegation: Some((delegations(&[registry], Pace::unlimited())?, budget(of_delegations))),
        pages: Some((fetcher, budget(of_pages))),
        ..Probes::default()
    };
    Ok(Prober { probes, at_once: of_all, per_second: 0.0 })
}

/// Gives all requests at once, and compares what comes with what is true; says how many that were.
async fn measure_all(
    prober: Prober,
    asked: &HashMap<CompactString, Asked>,
    kinds: &[ProbeKind],
    page: SocketAddr,
) -> anyhow::Result<usize> {
    let (requests, incoming) = mpsc::channel(4);
    let (events, mut told) = mpsc::channel(64);
    let prober = tokio::spawn(prober.run(incoming, events, || Epoch(0)));
    requests
        .send(asked.keys().flat_map(|name| kinds.iter().map(|kind| wanted(name, *kind, page))).collect())
        .await?;
    drop(requests);
    let mut count = 0;
    while let Some(event) = told.recv().await {
        match event {
            Event::Starting(_, heard) => ensure!(heard.send(()).is_ok(), "the prober has ended"),
            Event::Done(key, measured) => {
                compare(&key, &measured, asked)?;
                count += 1;
            }
        }
    }
    prober.await?;
    ensure!(count == kinds.len() * asked.len(), "{count} measurements of {} targets", asked.len());
    Ok(count)
}

/// A request for the delegation of a name, or for a page that is there for every name.
fn wanted(name: &CompactString, kind: ProbeKind, page: SocketAddr) -> Request {
    let (target, vantage) = match kind {
        ProbeKind::Delegation => (name.clone(), ""),
        _ => (format_compact!("http://{page}/page.html?name={name}&session=0123456789abcdef01234567"), "here"),
    };
    Request { key: ObservationKey { target, kind, vantage: vantage.into() }, priority: 0, spelled: None }
}

fn compare(
    key: &ObservationKey,
    measured: &Measured,
    asked: &HashMap<CompactString, Asked>,
) -> anyhow::Result<()> {
    if key.kind == ProbeKind::Delegation {
        return asked.get(&key.target).context("nobody asked for that")?.compare(measured);
    }
    ensure!(measured.outcome == Outcome::Content, "{key:?} was measured as {measured:?}");
    Ok(())
}
