//! Delegations, checked at real servers on loopback: how many in a second without limits, beside what dnsperf asks of
//! the same server; and whether any verdict is lost within the limit of NSD. `cargo test` runs a thousandth of it.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::fmt::Write;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, ensure};
use panopticon_benches::measure::{Took, child, fastest, figure, figure_of_rate, shown, timed};
use panopticon_benches::registry::{Asked, HOST, Truth, asked, asked_of_hosted, check, delegations, hosted, zone};
use panopticon_benches::servers::{Running, free_address, free_port, installed, knot, loopback, nsd, program};
use panopticon_sources::dns::delegation::Delegations;
use panopticon_sources::probe::pace::Pace;
use tokio::runtime::Runtime;

/// Checks under way at one time, and questions of dnsperf.
const AT_ONCE: usize = 128;
/// What we ask of one server in a second unless told otherwise.
const OUR_PACE: f64 = 50.0;

fn main() -> anyhow::Result<()> {
    panopticon_benches::keep_freed_memory();
    let small = panopticon_benches::small();
    // As many threads as the program has for probes.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let (names, rounds) = if small { (100, 1) } else { (100_000, 5) };
    let bench = Bench { runtime, names, rounds };
    if installed(&["knotd"]) {
        bench.knot()?;
    }
    if installed(&["nsd"]) {
        bench.nsd()?;
        bench.limited_nsd(if small { 20 } else { 3_000 })?;
    }
    Ok(())
}

struct Bench {
    runtime: Runtime,
    /// Names in the zone, and names that are asked for.
    names: u64,
    /// How often each thing is done; the best is printed.
    rounds: usize,
}

impl Bench {
    fn knot(&self) -> anyhow::Result<()> {
        let port = free_port(&[loopback(1), HOST])?;
        let address = SocketAddr::new(loopback(1), port);
        let _registry = self.runtime.block_on(knot(address, &zone(self.names)?))?;
        self.unlimited("Knot", address)?;
        let _host = self.runtime.block_on(knot(SocketAddr::new(HOST, port), &hosted()))?;
        let delegations = Arc::new(delegations(&[address], Pace::unlimited())?);
        let asked = Arc::new(asked_of_hosted(self.names));
        let took = self.best(&delegations, &asked)?;
        println!("the same of {} names, each other one with a server that is asked four times", asked.len());
        figure_of_rate("checks", asked.len(), took, "");
        Ok(())
    }

    fn nsd(&self) -> anyhow::Result<()> {
        let address = free_address()?;
        let _registry = self.runtime.block_on(nsd(address, "  rrl-ratelimit: 0\n", &zone(self.names)?))?;
        self.unlimited("NSD", address)
    }

    /// Checks as fast as it goes, and lets dnsperf do the same.
    fn unlimited(&self, name: &str, address: SocketAddr) -> anyhow::Result<()> {
        let asked = Arc::new(asked(self.names));
        let delegations = Arc::new(delegations(&[address], Pace::unlimited())?);
        println!("{name} with {} names; as many asked for, half of them delegated; {AT_ONCE} at once", self.names);
        let ours = self.best(&delegations, &asked)?;
        figure_of_rate("checks of one question", asked.len(), ours, ">= 20,000");
        if installed(&["dnsperf"]) {
            let theirs = self.dnsperf(address, &asked)?;
            figure_of_rate("... dnsperf", asked.len(), theirs, "");
            let ratio = theirs.wall.as_secs_f64() / ours.wall.as_secs_f64();
            figure("... ours as a share of dnsperf's", &format!("{ratio:.2}"), "");
        }
        Ok(())
    }

    /// The fastest of several rounds of checks, all of which are right.
    fn best(&self, delegations: &Arc<Delegations>, asked: &Arc<Vec<Asked>>) -> anyhow::Result<Took> {
        fastest(self.rounds, || {
            let (measured, took) = timed(|| self.runtime.block_on(check(delegations, asked, AT_ONCE)))?;
            ensure!(measured.len() == asked.len(), "{} of {} were measured", measured.len(), asked.len());
            asked.iter().zip(&measured).try_for_each(|(asked, measured)| asked.compare(measured))?;
            Ok(took)
        })
    }

    /// What dnsperf takes for one question for each name.
    fn dnsperf(&self, address: SocketAddr, asked: &[Asked]) -> anyhow::Result<Took> {
        let folder = tempfile::tempdir()?;
        let mut lines = String::new();
        for asked in asked {
            writeln!(lines, "{} NS", asked.name)?;
        }
        let path = folder.path().join("questions");
        std::fs::write(&path, lines)?;
        fastest(self.rounds, || {
            let mut command = program("dnsperf");
            command.args(["-s", &address.ip().to_string(), "-p", &address.port().to_string(), "-e", "-n", "1"]);
            let (output, took, _) = child(command.args(["-q", &AT_ONCE.to_string(), "-d"]).arg(&path))?;
            let said = String::from_utf8(output.stdout)?;
            let half = asked.len() / 2;
            let codes = format!("NOERROR {half} (50.00%), NXDOMAIN {half} (50.00%)");
            ensure!(said.contains(&codes), "dnsperf has other answers:\n{said}");
            Ok(took)
        })
    }

    /// Names that are not there, at our pace, at a server with the limit that it has by itself.
    fn limited_nsd(&self, count: usize) -> anyhow::Result<()> {
        let address = free_address()?;
        let registry = self.runtime.block_on(nsd(address, "", &zone(self.names)?))?;
        let none = asked(self.names).into_iter().filter(|asked| asked.truth == Truth::Undelegated);
        let none: Arc<Vec<Asked>> = Arc::new(none.take(count).collect());
        let delegations = Arc::new(delegations(&[address], Pace::new(OUR_PACE, 1))?);
        let (measured, took) = timed(|| self.runtime.block_on(check(&delegations, &none, AT_ONCE)))?;
        println!(
            "NSD with its own limit of 200 in a second; {count} names that are not there, {OUR_PACE} in a second"
        );
        let lost = none.iter().zip(&measured).filter(|(asked, measured)| asked.compare(measured).is_err()).count();
        ensure!(measured.len() == count && lost == 0, "{lost} verdicts of {count} are lost");
        figure("verdicts lost", &lost.to_string(), "0");
        figure("asked again over TCP", &asked_over_tcp(&registry)?.to_string(), "");
        figure("time", &shown(took.wall), "");
        Ok(())
    }
}

/// Questions that came to an NSD over TCP.
fn asked_over_tcp(nsd: &Running) -> anyhow::Result<u64> {
    let mut control: Command = program("nsd-control");
    let (said, _, _) = child(control.arg("-c").arg(nsd.folder().join("nsd.conf")).arg("stats_noreset"))?;
    let text = String::from_utf8(said.stdout)?;
    let number = text.lines().find_map(|line| line.strip_prefix("num.tcp="));
    number.and_then(|number| number.parse().ok()).with_context(|| format!("NSD has no count of TCP:\n{text}"))
}
