//! CPU time, memory, and tables of figures.

use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
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

/// CPU time of the processes that this one started and waited for, in steps of 10 ms.
///
/// # Errors
/// When `/proc` cannot be read.
pub fn cpu_of_children() -> anyhow::Result<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").context("cannot read /proc/self/stat")?;
    // What stands in brackets is the name of the program, and anything; behind it `cutime` and `cstime` are 14th and 15th.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields).split_whitespace();
    let ticks: u64 = fields.skip(13).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 10))
}

/// Waits until the threads of this process have nothing to do.
///
/// # Errors
/// When `/proc` cannot be read.
pub fn until_idle() -> anyhow::Result<()> {
    loop {
        let before = cpu()?;
        std::thread::park_timeout(Duration::from_millis(5));
        if cpu()?.saturating_sub(before) < Duration::from_micros(500) {
            return Ok(());
        }
    }
}

/// A line of `/proc/self/status` in bytes: `VmRSS`, `VmHWM`.
///
/// # Errors
/// When `/proc` cannot be read.
pub fn memory(line: &str) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status").context("cannot read /proc/self/status")?;
    Ok(memory_in(&status, line).unwrap_or(0))
}

fn memory_in(status: &str, line: &str) -> Option<u64> {
    let found = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'))?;
    Some(found.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

/// Lets the peak of memory, `VmHWM`, begin anew at what is held now.
///
/// # Errors
/// When `/proc` cannot be written.
pub fn reset_peak() -> anyhow::Result<()> {
    std::fs::write("/proc/self/clear_refs", "5").context("cannot write /proc/self/clear_refs")
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

impl Took {
    /// How many were done in a second, if `count` were done.
    #[must_use]
    pub fn rate(&self, count: usize) -> f64 {
        count as f64 / self.wall.as_secs_f64()
    }
}

/// The round that took the least time of several: others use this machine, too.
///
/// # Errors
/// The first one of a round.
pub fn fastest(rounds: usize, round: impl Fn() -> anyhow::Result<Took>) -> anyhow::Result<Took> {
    let all = (0..rounds).map(|_| round()).collect::<anyhow::Result<Vec<Took>>>()?;
    all.into_iter().min_by_key(|took| took.wall).context("there is no round")
}

/// Does `count` things by their numbers, `at_once` of them at one time; gives what came of them in their order.
///
/// # Errors
/// If one of them panics.
pub async fn side_by_side<T, F>(
    count: usize,
    at_once: usize,
    work: impl Fn(usize) -> F + Clone + Send + Sync + 'static,
) -> anyhow::Result<Vec<T>>
where
    T: Send + 'static,
    F: Future<Output = T> + Send,
{
    let next = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..at_once)
        .map(|_| {
            let (next, work) = (Arc::clone(&next), work.clone());
            tokio::spawn(async move {
                let mut done = Vec::new();
                while let number = next.fetch_add(1, Ordering::Relaxed)
                    && number < count
                {
                    done.push((number, work(number).await));
                }
                done
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await?);
    }
    all.sort_unstable_by_key(|(number, _)| *number);
    Ok(all.into_iter().map(|(_, done)| done).collect())
}

/// Clock ticks in a second, as `/proc` counts them on every Linux of today.
const TICKS: f64 = 100.0;

/// Runs another program to its end, and says what it took and how much memory it held at its peak. It may print no more
/// than fits into a pipe, 64 KiB.
///
/// # Errors
/// When it cannot be run, or `/proc` cannot be read.
pub fn child(command: &mut Command) -> anyhow::Result<(Output, Took, u64)> {
    let start = Instant::now();
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().context("cannot start a program")?;
    let proc = std::path::PathBuf::from(format!("/proc/{}", child.id()));
    let mut peak = 0;
    // A program that has ended keeps its times until somebody waits for it, but not its memory.
    loop {
        let status = std::fs::read_to_string(proc.join("status"))?;
        if status.contains("State:\tZ") {
            break;
        }
        peak = memory_in(&status, "VmHWM").unwrap_or(peak);
        std::thread::park_timeout(Duration::from_millis(2));
    }
    let wall = start.elapsed();
    let stat = std::fs::read_to_string(proc.join("stat"))?;
    let ticks = stat.rsplit(") ").next().unwrap_or_default().split(' ').skip(11).take(2);
    let ticks: f64 = ticks.filter_map(|text| text.parse::<f64>().ok()).sum();
    let took = Took { cpu: Duration::from_secs_f64(ticks / TICKS), wall };
    Ok((child.wait_with_output()?, took, peak))
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
        Latencies::after(|| Ok(()), count, &mut operation)
    }

    /// The same, each time when this process has nothing else to do.
    ///
    /// # Errors
    /// The first one of the operation, and of [`until_idle`].
    pub fn when_idle(
        count: u64,
        mut operation: impl FnMut(u64) -> anyhow::Result<()>,
    ) -> anyhow::Result<Latencies> {
        Latencies::after(until_idle, count, &mut operation)
    }

    fn after(
        before: impl Fn() -> anyhow::Result<()>,
        count: u64,
        operation: &mut dyn FnMut(u64) -> anyhow::Result<()>,
    ) -> anyhow::Result<Latencies> {
        let mut all = Vec::new();
        for n in 0..count {
            before()?;
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

/// Prints how many of something were done in a second, and what CPU time one of them cost.
pub fn figure_of_rate(what: &str, count: usize, took: Took, reach: &str) {
    let each = shown(took.cpu.div_f64(count as f64));
    figure(&format!("{what}: in a second; CPU time of each"), &format!("{:.0}; {each}", took.rate(count)), reach);
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

/// Bytes in MiB.
#[must_use]
pub fn mib(bytes: u64) -> String {
    format!("{:.0} MiB", bytes as f64 / f64::from(1 << 20))
}

/// Bytes in GiB.
#[must_use]
pub fn gib(bytes: u64) -> String {
    format!("{:.2} GiB", bytes as f64 / f64::from(1 << 30))
}
