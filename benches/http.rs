//! Fetches of a small page of nginx on loopback, one connection each: directly, through tinyproxy and through
//! microsocks, with all limits off; beside what ab does. `cargo test` runs a hundredth of it.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::ensure;
use panopticon_benches::measure::{Took, child, fastest, figure, figure_of_rate, side_by_side, timed};
use panopticon_benches::servers::{PAGE, client, free_address, installed, microsocks, nginx, program, tinyproxy};
use panopticon_model::observation::{Facts, Measured, Outcome};
use panopticon_sources::dns::resolve::Resolver;
use panopticon_sources::http::{Config, Fetcher, Vantage};
use panopticon_sources::probe::pace::Pace;
use tokio::runtime::Runtime;

/// Fetches under way at one time.
const AT_ONCE: usize = 64;

fn main() -> anyhow::Result<()> {
    panopticon_benches::keep_freed_memory();
    if !installed(&["nginx"]) {
        return Ok(());
    }
    // As many threads as the program has for probes.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let (fetches, rounds) = if panopticon_benches::small() { (100, 1) } else { (10_000, 5) };
    let page = free_address()?;
    let _nginx = runtime.block_on(nginx(page))?;
    let bench = Bench { runtime, page, fetches, rounds };
    println!("{fetches} fetches of a page of {} bytes, {AT_ONCE} at once", PAGE.len());

    let ours = bench.fetches("direct")?;
    figure_of_rate("direct", fetches, ours, ">= 1,000");
    bench.ab(ours, None)?;
    if installed(&["tinyproxy"]) {
        let proxy = free_address()?;
        let _tinyproxy = bench.runtime.block_on(tinyproxy(proxy))?;
        let ours = bench.fetches(&format!("http://{proxy}?via=bench"))?;
        figure_of_rate("through tinyproxy", fetches, ours, "");
        bench.ab(ours, Some(proxy))?;
    }
    if installed(&["microsocks"]) {
        let proxy = free_address()?;
        let _microsocks = bench.runtime.block_on(microsocks(proxy))?;
        figure_of_rate("through microsocks", fetches, bench.fetches(&format!("socks5://{proxy}"))?, "");
    }
    Ok(())
}

struct Bench {
    runtime: Runtime,
    /// Where nginx is.
    page: SocketAddr,
    fetches: usize,
    /// How often each thing is done; the best is printed.
    rounds: usize,
}

impl Bench {
    /// What fetching takes the way that is given, all pages being the right ones.
    fn fetches(&self, way: &str) -> anyhow::Result<Took> {
        let config = Config {
            vantages: vec![Vantage::new("here", "", vec![way.parse()?])?],
            allow_private: vec!["127.0.0.0/8".parse()?],
            host_per_second: 0.0,
            address_per_second: 0.0,
            ..Config::default()
        };
        let resolver = Resolver::new(client(Pace::unlimited())?, Vec::new());
        let fetcher = Arc::new(Fetcher::new(config, resolver, |_| None)?);
        fastest(self.rounds, || {
            let (fetcher, page) = (Arc::clone(&fetcher), self.page);
            let fetch = move |number: usize| {
                let (fetcher, url) = (Arc::clone(&fetcher), format!("http://{page}/page.html?{number}"));
                async move { fetcher.measure("here", &url, None, false).await }
            };
            let (measured, took) = timed(|| self.runtime.block_on(side_by_side(self.fetches, AT_ONCE, fetch)))?;
            ensure!(measured.len() == self.fetches, "{} of {} were fetched", measured.len(), self.fetches);
            let wrong = measured.iter().find(|measured| !is_page(measured));
            ensure!(wrong.is_none(), "another page: {wrong:?}");
            Ok(took)
        })
    }

    /// The same done by ab, which reads nothing of the page.
    fn ab(&self, ours: Took, proxy: Option<SocketAddr>) -> anyhow::Result<()> {
        if !installed(&["ab"]) {
            return Ok(());
        }
        let theirs = fastest(self.rounds, || {
            let mut command = program("ab");
            command.args(["-q", "-n", &self.fetches.to_string(), "-c", &AT_ONCE.to_string()]);
            if let Some(proxy) = proxy {
                command.args(["-X", &proxy.to_string()]);
            }
            let (output, took, _) = child(command.arg(format!("http://{}/page.html", self.page)))?;
            let said = String::from_utf8(output.stdout)?;
            let is_whole = said.lines().any(|line| line.starts_with("Failed requests:") && line.ends_with(" 0"));
            ensure!(is_whole && !said.contains("Non-2xx"), "ab failed:\n{said}");
            Ok(took)
        })?;
        figure_of_rate("... ab", self.fetches, theirs, "");
        let ratio = theirs.wall.as_secs_f64() / ours.wall.as_secs_f64();
        figure("... ours as a share of ab's", &format!("{ratio:.2}"), "");
        Ok(())
    }
}

fn is_page(measured: &Measured) -> bool {
    let Facts::Http(facts) = &measured.facts else { return false };
    let is_whole = facts.length == PAGE.len() as u64 && facts.body_sha256.is_some();
    measured.outcome == Outcome::Content && is_whole && facts.title.as_deref() == Some("Shop")
}
