//! `notify` and `run`.

use anyhow::Context;
use arke::config::{Config, Tld};
use arke::ledger::{Ledger, State};
use arke::notice::defang;
use arke::plan::{BACKLOG_DAYS, Wait};
use arke::records::Records;
use arke::round::{
    House, Plan, PlanLine, RoundError, WaitLine, desk_is_told, desk_letter, high_risk, look, protected, review,
    send, take_in, write,
};
use arke::show::{Shown, render};
use clap::Args;
use panopticon_model::time::Epoch;
use serde::Serialize;
use tokio::runtime::Runtime;

use super::replay::{days, replay};
use super::work::{Desk, records, runtime};
use super::{Done, FormatName, Shape};

/// Say who would be told about what; with --send, tell them
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  arke notify                     the plan: who, which case, why, which contact
  arke notify --format json
  arke notify --send              in mode `review`: what a person released; in mode `auto`: the plan
  arke notify --backlog --send    cases that were old when they were met first, too
  arke notify --replay 90d        whom it would have mailed in 90 days, before it is switched on")]
pub(crate) struct Notify {
    /// Write notices into the outbox, and send what may go
    #[arg(long)]
    send: bool,
    /// Include cases that were first seen more than 7 days before they were met here
    #[arg(long)]
    backlog: bool,
    /// Play the dated scripts beside records.sql of so many days; nothing is sent, nothing is kept
    #[arg(long, value_name = "DAYS", value_parser = days, conflicts_with_all = ["send", "backlog"])]
    replay: Option<u32>,
    #[command(flatten)]
    shape: Shape,
}

/// One round for cron: bounces in, notices out, the desk's daily mail
#[derive(Args)]
pub(crate) struct Run {}

impl Notify {
    pub(crate) fn run(&self, desk: &mut Desk<'_>) -> anyhow::Result<Done> {
        let config = desk.config()?;
        let (runtime, now) = (runtime()?, desk.now());
        if let Some(days) = self.replay {
            return replay(desk, &config, days, &runtime);
        }
        let mut ledger = desk.ledger(&config)?;
        let mut done = Done::Well;
        for tld in &config.tlds {
            let records = records(&config, tld, &runtime, now)?;
            let house = House::open(&config, tld)?;
            if self.send {
                review(&house, &mut ledger, &records, now)?;
            }
            let plan = look(&house, &ledger, &records, runtime.handle(), now, self.backlog)?;
            show_plan(desk, &records, &plan, first_run(&config, &ledger)?, self.shape.format)?;
            if self.send && !matches!(sent(desk, &house, &mut ledger, &records, &plan, &runtime)?, Done::Well) {
                done = Done::Partly;
            }
        }
        Ok(done)
    }
}

/// How many messages the first run sends at most; none once there was a run.
pub(super) fn first_run(config: &Config, ledger: &Ledger) -> anyhow::Result<Option<usize>> {
    Ok(ledger.last_run()?.is_none().then_some(config.limits.first_run))
}

/// Prints a plan: what is told, what waits, what is left to do by hand; before the `first` run, how little of it goes.
pub(super) fn show_plan(
    desk: &mut Desk<'_>,
    records: &Records,
    plan: &Plan,
    first: Option<usize>,
    format: FormatName,
) -> anyhow::Result<()> {
    let lines = Shown {
        schema: "arke.plan/v1",
        all: &PlanLine::COLUMNS,
        columns: &["subject", "abuse_class", "remedy", "transition", "audience", "role", "recipient"],
        rows: &plan.lines,
    };
    if !matches!(format, FormatName::Table) {
        let text = render(&records.head, &lines, format.into())?;
        return desk.print(&text);
    }
    let head = &records.head;
    let mut text = format!("{} as of {}\n\n", head.tld, head.as_of);
    if plan.lines.is_empty() {
        text.push_str("Nobody is to be told anything.\n");
    } else {
        text.push_str(&render(head, &lines, format.into())?);
        text.push_str(&format!("\n{}\n", counted(plan.lines.len(), "notice", plan.letters.len(), "message")));
    }
    if let Some(most) = first {
        let old = plan.waits.iter().filter(|line| line.wait == Wait::Backlog.as_str()).count();
        let (of, goes) = (plan.letters.len(), plan.letters.len().min(most));
        text.push_str(&format!(
            "\nFirst run: {goes} of {of} messages go (`limits.first_run` is {most}); {old} cases that were first seen more \
             than {BACKLOG_DAYS} days ago wait for `--backlog`.\n"
        ));
    }
    if !plan.waits.is_empty() {
        let waits = Shown {
            schema: "arke.waits/v1",
            all: &WaitLine::COLUMNS,
            columns: &["subject", "abuse_class", "wait", "says"],
            rows: &plan.waits,
        };
        text.push_str("\nWhat waits\n\n");
        text.push_str(&render(head, &waits, format.into())?);
    }
    if !plan.by_hand.is_empty() {
        text.push_str("\nWhat is left to do by hand\n\n");
        for line in &plan.by_hand {
            text.push_str(&format!("{}: {}\n", line.subject, line.says));
        }
    }
    desk.print(&text)
}

fn counted(lines: usize, line: &str, letters: usize, letter: &str) -> String {
    let plural =
        |count: usize, word: &str| if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") };
    format!("{} in {}.", plural(lines, line), plural(letters, letter))
}

/// Writes a plan into the outbox and sends what may go.
pub(super) fn sent(
    desk: &mut Desk<'_>,
    house: &House<'_>,
    ledger: &mut Ledger,
    records: &Records,
    plan: &Plan,
    runtime: &Runtime,
) -> anyhow::Result<Done> {
    let now = desk.now();
    let is_first = ledger.last_run()?.is_none();
    let written = write(house, ledger, records, plan, now)?;
    let mut said = format!("outbox: {} to be sent, {} held for a person", written.queued, written.held);
    if written.later > 0 {
        said.push_str(&format!(", {} for another day (one message a day)", written.later));
    }
    if written.left_out > 0 {
        said.push_str(&format!(", {} left out (told before, or no mail)", written.left_out));
    }
    desk.say(&said)?;
    let mail = house.config.mail.as_ref().context("`smtp` is missing: nothing can be sent")?;
    let most = if is_first { house.config.limits.first_run } else { house.config.limits.mails_per_run };
    let report = send(house, ledger, records, mail, runtime.handle(), now, most)?;
    note_run(ledger, now, records, &report)?;
    let mut said = format!("sent: {} accepted", report.accepted);
    let others = [
        (report.deferred, "deferred"),
        (report.bounced, "refused"),
        (report.uncertain, "uncertain"),
        (report.cancelled, "cancelled"),
        (report.suppressed, "suppressed"),
        (report.postponed, "postponed"),
    ];
    for (count, word) in others.into_iter().filter(|(count, _)| *count > 0) {
        said.push_str(&format!(", {count} {word}"));
    }
    desk.say(&said)?;
    if let Some(stop) = &report.stop {
        desk.say(&format!("stopped: {stop}"))?;
    }
    if is_first && ledger.counts()?.get(&State::Queued).is_some_and(|count| *count > 0) {
        desk.say(&format!("the first run sends at most {most}; the next one sends the rest"))?;
    }
    let failed = report.bounced + report.uncertain + report.deferred;
    let stopped = report.stop.as_ref().is_some_and(arke::send::run::Stop::is_fault);
    Ok(if failed > 0 || stopped { Done::Partly } else { Done::Well })
}

#[derive(Serialize)]
struct Counts {
    accepted: usize,
    deferred: usize,
    bounced: usize,
    uncertain: usize,
    cancelled: usize,
}

fn note_run(ledger: &mut Ledger, now: Epoch, records: &Records, report: &arke::round::Sent) -> anyhow::Result<()> {
    let counts = Counts {
        accepted: report.accepted,
        deferred: report.deferred,
        bounced: report.bounced,
        uncertain: report.uncertain,
        cancelled: report.cancelled,
    };
    let run = arke::ledger::Run {
        started: now,
        records_as_of: Some(records.head.as_of),
        counts: serde_json::to_string(&counts)?,
    };
    Ok(ledger.put_run(&run)?)
}

impl Run {
    pub(crate) fn run(&self, desk: &mut Desk<'_>) -> anyhow::Result<Done> {
        let config = desk.config()?;
        let (runtime, now) = (runtime()?, desk.now());
        let mut ledger = desk.ledger(&config)?;
        for line in take_in(&config, &mut ledger, now)? {
            desk.say(&line)?;
        }
        let mut done = Done::Well;
        for tld in &config.tlds {
            match one(desk, &config, tld, &mut ledger, &runtime) {
                Ok(Done::Well) => {}
                Ok(Done::Partly) => done = Done::Partly,
                Err(error) => {
                    // The desk must learn of it by itself: a file that did not come sends nobody a message.
                    let says = chain(&error);
                    desk.say(&format!("error: {says}"))?;
                    if let Err(error) = tell_desk(&config, tld, &mut ledger, &runtime, now, None, &[says]) {
                        desk.say(&format!("the desk could not be told: {}", chain(&error)))?;
                    }
                    done = Done::Partly;
                }
            }
        }
        ledger.purge(now, config.retention.oldest(now.day()).start())?;
        Ok(done)
    }
}

/// A round of one TLD, and the desk's mail of the day if it has none yet.
fn one(
    desk: &mut Desk<'_>,
    config: &Config,
    tld: &Tld,
    ledger: &mut Ledger,
    runtime: &Runtime,
) -> anyhow::Result<Done> {
    let now = desk.now();
    let records = records(config, tld, runtime, now)?;
    let house = House::open(config, tld)?;
    review(&house, ledger, &records, now)?;
    let plan = look(&house, ledger, &records, runtime.handle(), now, false)?;
    desk.say(&format!(
        "{}: {}",
        records.head.tld,
        counted(plan.lines.len(), "notice", plan.letters.len(), "message")
    ))?;
    let done = sent(desk, &house, ledger, &records, &plan, runtime)?;
    // The zone is read once a day.
    if desk_is_told(&house, ledger, &records.head.tld, now)? {
        return Ok(done);
    }
    let (names, problem) = match worth_a_look(&house, &records, runtime, now) {
        Ok(names) => (names, None),
        // The list is one part of the day's mail: the rest goes without it.
        Err(error) => (Vec::new(), Some(chain(&error.into()))),
    };
    tell_desk(config, tld, ledger, runtime, now, Some((&records, &plan, &names)), problem.as_slice())?;
    Ok(done)
}

/// How many high-risk names the desk's mail has at most.
const NAMES: usize = 20;

/// The lines of the desk's mail about names that no feed has yet; none where nobody reads a zone.
fn worth_a_look(
    house: &House<'_>,
    records: &Records,
    runtime: &Runtime,
    now: Epoch,
) -> Result<Vec<String>, RoundError> {
    if house.tld.zones.is_empty() && records.lists.high_risk.is_empty() {
        return Ok(Vec::new());
    }
    let list = protected(&[], house.tld, &records.lists)?;
    let risk = high_risk(house, records, &list, NAMES, runtime.handle(), now)?;
    let shown = risk.lines.iter().filter(|line| line.held_back.is_none());
    let mut lines: Vec<String> = shown
        .map(|line| {
            let (name, target) = (defang(&line.name), defang(&line.target));
            match line.score.filter(|_| !target.is_empty()) {
                Some(score) => format!("{name}: looks like {target} ({}), score {score}", line.edits),
                None => format!("{name}: {}", line.edits),
            }
        })
        .collect();
    if risk.left_out > 0 {
        lines.push(format!("and {} more with lower scores: `arke high-risk`", risk.left_out));
    }
    Ok(lines)
}

/// The desk's mail, once a day.
fn tell_desk(
    config: &Config,
    tld: &Tld,
    ledger: &mut Ledger,
    runtime: &Runtime,
    now: Epoch,
    round: Option<(&Records, &Plan, &[String])>,
    problems: &[String],
) -> anyhow::Result<()> {
    let house = House::open(config, tld)?;
    let mail = config.mail.as_ref().context("`smtp` is missing: nothing can be sent")?;
    desk_letter(&house, ledger, round, problems, mail, runtime.handle(), now)?;
    Ok(())
}

fn chain(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
