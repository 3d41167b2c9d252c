//! `run`: read all sources, bring the views up to date, publish; once, or for ever.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use panopticon_model::time::Epoch;

use super::{Global, Printer, wall_clock};
use crate::wire::{FeedReport, House};

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
        progress.say("publishing");
        house.publish_today(now)?;
        progress.finish();
        summary(&house, &reports, printer);
        let failed = reports.iter().any(|report| report.failed);
        Ok(if failed && self.strict { ExitCode::from(3) } else { ExitCode::SUCCESS })
    }
}

/// What a run did, for the person who started it.
fn summary(house: &House, reports: &[FeedReport], printer: &Printer) {
    for report in reports {
        let FeedReport { id, outcome, rows, kept, errors, updates, failed } = report;
        let line = format!("{id}: {outcome}; {rows} rows, {kept} ours, {errors} faulty, {updates} updates");
        if *failed { printer.warning(&line) } else { printer.remark(&line) }
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

/// Each source on its own clock, until somebody stops it.
fn keep_going(house: &mut House, global: &Global, printer: &Printer) -> anyhow::Result<ExitCode> {
    let stop = stop_signal()?;
    let mut schedule = house.schedule();
    let mut publish_at = Epoch(0);
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
        if publish_at <= now {
            house.ran(now, wall)?;
            house.publish_today(now)?;
            publish_at = now.plus(house.config.publish_every_ms);
        }
        let next = schedule.next().min(publish_at).min(now.day().end());
        let wait = Duration::from_millis(next.0.saturating_sub(wall_clock().0).max(10));
        match stop.recv_timeout(wait) {
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {}
            _ => {
                printer.remark("stopping: publishing what is known");
                house.publish_today(wall_clock().max(house.last_epoch()))?;
                return Ok(ExitCode::SUCCESS);
            }
        }
    }
}

/// A channel that says so when the process is asked to stop. Asked twice, it leaves at once.
fn stop_signal() -> anyhow::Result<std::sync::mpsc::Receiver<()>> {
    let (sender, receiver) = std::sync::mpsc::channel();
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
                let _ = sender.send(());
            }
        });
    })?;
    Ok(receiver)
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
        let target = match global.quiet || global.no_progress {
            true => ProgressDrawTarget::hidden(),
            false => ProgressDrawTarget::stderr(),
        };
        let bar = ProgressBar::with_draw_target(Some(1), target);
        if let Ok(style) = ProgressStyle::with_template("{bar:20} {pos}/{len} {elapsed} {msg}") {
            bar.set_style(style);
        }
        Progress(bar)
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

    fn say(&self, message: &'static str) {
        self.0.set_message(message);
    }

    fn finish(&self) {
        self.0.finish_and_clear();
    }
}
