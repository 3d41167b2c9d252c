//! `run`: read all sources, bring the views up to date, publish; once, or for ever.

use std::process::ExitCode;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use clap::Args;
use indicatif::ProgressBar;
use panopticon_model::time::Epoch;

use super::output::progress_bar;
use super::{Global, Printer, wall_clock};
use crate::wire::{ASK_EVERY, FeedReport, House, Measuring, Probing, Wake};

/// Read all sources, bring the views up to date and publish
#[derive(Debug, Args)]
#[command(
    after_long_help = "Examples:\n  panopticon run --once\n  panopticon run --once --now 2025-03-01T00:00:00Z\n  panopticon run"
)]
pub(crate) struct Run {
    /// Read every source once, publish and exit
    #[arg(long)]
    once: bool,
    /// The instant at which the run takes place, instead of the clock's: to catch up, or to replay
    #[arg(long, value_name = "INSTANT", requires = "once")]
    now: Option<Epoch>,
    /// Exit with 3 when a source failed
    #[arg(long, requires = "once")]
    strict: bool,
}

impl Run {
    pub(crate) fn run(&self, global: &Global, printer: &Printer) -> anyhow::Result<ExitCode> {
        let config = global.config()?;
        let progress = Progress::new(global);
        progress.say("reading the state folder");
        let mut house = House::open(config, global.offline)?;
        if !self.once {
            progress.finish();
            return keep_going(&mut house, global, printer);
        }
        let now = house.start(self.now, wall_clock())?;
        progress.expect(house.sources());
        let reports = house.read_all(now, &mut |report| progress.done(report))?;
        let measured = measure(&mut house, now, self.now.is_some(), &progress)?;
        progress.say("publishing");
        house.publish_today(if self.now.is_some() { now } else { wall_clock().max(now) })?;
        progress.finish();
        summary(&house, &reports, measured, printer);
        let failed = reports.iter().any(|report| report.failed);
        Ok(if failed && self.strict { ExitCode::from(3) } else { ExitCode::SUCCESS })
    }
}

/// Measures what is asked for, if anything is to be measured. In a replay time stands still.
fn measure(
    house: &mut House,
    now: Epoch,
    is_replay: bool,
    progress: &Progress,
) -> anyhow::Result<Option<Measuring>> {
    let Some(prober) = house.prober(now.0)? else { return Ok(None) };
    let longest = house.config.probe.as_ref().map_or(0, |probe| probe.longest_ms);
    let clock = move || if is_replay { now } else { wall_clock().max(now) };
    let told = &mut |measuring| progress.measuring(measuring);
    Ok(Some(house.measure(prober, clock, Duration::from_millis(longest), told)?))
}

/// What a run did, for the person who started it.
fn summary(house: &House, reports: &[FeedReport], measured: Option<Measuring>, printer: &Printer) {
    for report in reports {
        let FeedReport { id, outcome, rows, kept, errors, updates, failed } = report;
        let line = format!("{id}: {outcome}; {rows} rows, {kept} ours, {errors} faulty, {updates} updates");
        if *failed { printer.warning(&line) } else { printer.remark(&line) }
    }
    warn_of_places(house, printer);
    if let Some(Measuring { done, untold, .. }) = measured {
        let left = house.standing().requests.len();
        printer.remark(&format!("measured: {done}, {untold} of them could not be told; {left} are left"));
    }
    let standing = house.standing();
    let open = standing.cases.values().filter(|case| case.status.is_open()).count();
    printer.remark(&format!(
        "{}: {} indicators, {open} open cases; published in `{}`",
        standing.as_of,
        standing.indicators.len(),
        house.config.output.display()
    ));
}

/// Says which vantages are no second place.
fn warn_of_places(house: &House, printer: &Printer) {
    for same in house.config.vantage_places().same {
        printer.warning(&format!("{same}: they count as one"));
    }
}

/// Each source on its own clock, until somebody stops it.
fn keep_going(house: &mut House, global: &Global, printer: &Printer) -> anyhow::Result<ExitCode> {
    warn_of_places(house, printer);
    let (wake, woken) = std::sync::mpsc::sync_channel(64);
    stop_signal(wake.clone())?;
    house.hear(wake.clone(), wall_clock)?;
    let mut probing = match house.prober(wall_clock().0)? {
        Some(prober) => Some(Probing::start(prober, wake, wall_clock)?),
        None => None,
    };
    let mut schedule = house.schedule();
    let mut publish_at = Epoch(0);
    // What is published is measured first, if that takes no longer than this.
    let longest = house.config.probe.as_ref().map_or(0, |probe| probe.longest_ms);
    let mut confirming: Option<Epoch> = None;
    let mut told = Measuring::default();
    let mut first = true;
    loop {
        let wall = wall_clock();
        let now = if first { house.start(None, wall)? } else { house.go_on(wall)? };
        first = false;
        let due = schedule.due(now);
        if !due.is_empty() {
            let progress = Progress::new(global);
            progress.expect(due.len());
            let reports = house.read(now, &due, &mut |report| progress.done(report))?;
            progress.finish();
            for report in reports.iter().filter(|report| report.failed || report.updates > 0) {
                printer.remark(&format!("{now} {}: {}; {} updates", report.id, report.outcome, report.updates));
            }
        }
        if publish_at <= now && confirming.is_none() {
            confirming = Some(now.plus(longest));
            if let Some(probing) = &mut probing {
                house.confirm(probing, now);
            }
        }
        if let Some(probing) = &mut probing {
            house.ask(probing, now)?;
        }
        let is_confirmed = probing.as_ref().is_none_or(Probing::is_confirmed);
        if confirming.is_some_and(|until| is_confirmed || until <= now) {
            confirming = None;
            house.ran(now, wall)?;
            house.publish_today(now)?;
            if let Some(measuring) = probing.as_ref().map(|probing| probing.measuring).filter(|is| *is != told) {
                printer.remark(&format!("{now} measuring: {measuring}"));
                told = measuring;
            }
            publish_at = now.plus(house.config.publish_every_ms);
        }
        let publish_at = confirming.unwrap_or(publish_at);
        let next = schedule.next().min(publish_at).min(now.day().end());
        let wait = Duration::from_millis(next.0.saturating_sub(wall_clock().0).max(10));
        // With a prober there is always more to ask.
        let wait = if probing.is_some() { wait.min(ASK_EVERY) } else { wait };
        let heard = house.listen(probing.as_mut(), &woken, wait, &|| wall_clock().max(now))?;
        heard.zones.into_iter().for_each(|zone| schedule.hasten(zone));
        if heard.stop {
            printer.remark("stopping: publishing what is known");
            house.publish_today(wall_clock().max(house.last_epoch()))?;
            return Ok(ExitCode::SUCCESS);
        }
    }
}

/// Wakes the house when the process is asked to stop. Asked twice, it leaves at once.
fn stop_signal(wake: SyncSender<Wake>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        runtime.block_on(async move {
            use tokio::signal::unix::{SignalKind, signal};
            let (Ok(mut interrupt), Ok(mut terminate)) =
                (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
            else {
                return;
            };
            let mut asked = false;
            loop {
                tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
                if asked {
                    leave();
                }
                asked = true;
                let _ = wake.send(Wake::Stop);
            }
        });
    })?;
    Ok(())
}

/// Everything that counts is in the log: leaving at once loses nothing.
#[expect(clippy::exit, reason = "whoever asks twice does not want to wait for anything")]
fn leave() {
    std::process::exit(130);
}

/// A bar on stderr: a step a source, and the publication.
struct Progress(ProgressBar);

impl Progress {
    fn new(global: &Global) -> Progress {
        Progress(progress_bar(global, "{bar:20} {pos}/{len} {elapsed} {msg}"))
    }

    /// So many sources are to be read.
    fn expect(&self, sources: usize) {
        self.0.set_length(sources as u64 + 1);
        self.say("fetching");
    }

    fn done(&self, report: &FeedReport) {
        self.0.set_message(format!("{}: {}", report.id, report.outcome));
        self.0.inc(1);
    }

    /// How far measuring is.
    fn measuring(&self, measuring: Measuring) {
        self.0.set_message(format!("measuring: {measuring}"));
    }

    fn say(&self, message: &'static str) {
        self.0.set_message(message);
    }

    fn finish(&self) {
        self.0.finish_and_clear();
    }
}
