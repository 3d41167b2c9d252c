//! CPU time, memory, and tables of figures.

use std::time::{Duration, Instant};

use anyhow::Context;

/// CPU time so far of all threads of this process that still run.
///
/// # Errors
/// When `/proc` cannot be read.
pub fn cpu() -> anyhow::Result<Duration> {
    let mut nanos = 0;
    for thread in std::fs::read_dir("/proc/self/task").context("cannot read /proc/self/task")? {
        // A thread may end while we look.
        let stat = std::fs::read_to_string(thread?.path().join("schedstat")).unwrap_or_default();
        nanos += stat.split_whitespace().next().and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    }
    Ok(Duration::from_nanos(nanos))
}

/// A line of `/proc/self/status` in bytes: `VmRSS`, `VmHWM`.
///
/// # Errors
/// When `/proc` cannot be read.
pub fn memory(line: &str) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status").context("cannot read /proc/self/status")?;
    let found = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
    let kib = found.and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0);
    Ok(kib * 1024)
}

/// What some work took.
#[derive(Clone, Copy, Debug)]
pub struct Took {
    /// CPU time of all threads.
    pub cpu: Duration,
    /// Time that passed.
    pub wall: Duration,
}

/// Does some work and says what it took.
///
/// # Errors
/// Those of the work.
pub fn timed<T>(work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<(T, Took)> {
    let (cpu_before, start) = (cpu()?, Instant::now());
    let value = work()?;
    let took = Took { cpu: cpu()?.saturating_sub(cpu_before), wall: start.elapsed() };
    Ok((value, took))
}

/// The latencies of many like operations.
#[derive(Clone, Debug)]
pub struct Latencies(Vec<Duration>);

impl Latencies {
    /// Does one operation `count` times.
    ///
    /// # Errors
    /// The first one of the operation.
    pub fn of(count: u64, mut operation: impl FnMut(u64) -> anyhow::Result<()>) -> anyhow::Result<Latencies> {
        let mut all = Vec::new();
        for n in 0..count {
            let start = Instant::now();
            operation(n)?;
            all.push(start.elapsed());
        }
        all.sort_unstable();
        Ok(Latencies(all))
    }

    /// The latency that `share` of the operations did not exceed; `0.5` is the median.
    #[must_use]
    pub fn at(&self, share: f64) -> Duration {
        let index = (self.0.len() as f64 * share) as usize;
        self.0.get(index.min(self.0.len().saturating_sub(1))).copied().unwrap_or_default()
    }
}

/// Prints a figure: what, how much, and the bar that it has to reach.
pub fn figure(what: &str, measured: &str, reach: &str) {
    println!("{what:<58} {measured:>26}   {reach}");
}

/// A duration with three digits that matter.
#[must_use]
pub fn shown(duration: Duration) -> String {
    let micros = duration.as_secs_f64() * 1e6;
    match micros {
        0.0..1e3 => format!("{micros:.1} us"),
        1e3..1e6 => format!("{:.2} ms", micros / 1e3),
        _ => format!("{:.2} s", micros / 1e6),
    }
}

/// Bytes in GiB.
#[must_use]
pub fn gib(bytes: u64) -> String {
    format!("{:.2} GiB", bytes as f64 / f64::from(1 << 30))
}
