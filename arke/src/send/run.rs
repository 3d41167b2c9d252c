//! One run: what is due goes out, until nothing is due, a limit is reached, sending is paused or we are at fault.
//!
//! Claims and outcomes are written in groups, one transaction for the outcomes of up to [`GROUP`] messages and the claims
//! of up to as many: two writes to disk for each message would be the limit of speed.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use panopticon_model::time::{Epoch, MINUTE_MS};
use tokio::runtime::Handle;

use super::limits::{Answer, Breaker, Hosts, Limits, WINDOW};
use super::outcome::{Note, Outcome, retry_at};
use super::smtp::Session;
use super::{Step, Transport};
use crate::ledger::outbox::{Due, Letter};
use crate::ledger::state::{CancelReason, Happening};
use crate::ledger::{Ledger, LedgerError};

/// How many messages are claimed at once, at most: so many are uncertain after a crash for each connection's one.
pub const GROUP: usize = 4;
/// How many are handed over at one time.
pub const CONNECTIONS: usize = 8;
/// How long the outcome of a message waits for others to be written with.
const GATHER: Duration = Duration::from_millis(10);

/// What a run needs besides the ledger.
pub struct Run<'a> {
    /// Where the hand-overs take place. The run itself blocks its thread, which must not be one of the runtime's own.
    pub runtime: &'a Handle,
    /// How.
    pub transport: Arc<Transport>,
    /// The limits.
    pub limits: Limits,
    /// The clock.
    pub now: &'a dyn Fn() -> Epoch,
    /// The audience to which alone is sent; none for all.
    pub only: Option<&'a str>,
    /// The TLD of which alone messages are sent; none for all.
    pub tld: Option<&'a str>,
    /// Whether a message is still to be sent, asked right before it is claimed; a reason cancels it.
    pub still_due: &'a dyn Fn(&Due) -> Option<CancelReason>,
    /// Is told of every step.
    pub step: Arc<dyn Fn(Step) + Send + Sync>,
}

/// Why a run ended before all was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Sending is paused, for this reason.
    Paused(String),
    /// The circuit breaker paused it, for this reason.
    Tripped(String),
    /// The mail server cannot be used: where, and its answer.
    Fault(Note),
    /// As many were sent as one run may.
    Cap,
}

impl Stop {
    /// Whether something is to be mended.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        matches!(self, Stop::Tripped(_) | Stop::Fault(_))
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Paused(reason) => write!(f, "sending is paused ({reason}); `arke resume` lets it go on"),
            Stop::Tripped(reason) => write!(f, "too much failed ({reason}); mend it, then `arke resume`"),
            Stop::Fault(note) => {
                write!(f, "the mail server cannot be used ({}); nobody was left out", note.summary())
            }
            Stop::Cap => f.write_str("as many were sent as one run may"),
        }
    }
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Taken by the mail server.
    pub accepted: usize,
    /// To be tried later.
    pub deferred: usize,
    /// Refused for good.
    pub bounced: usize,
    /// Taken or not.
    pub uncertain: usize,
    /// Not sent: not due any more, or not deliverable.
    pub cancelled: usize,
    /// Not sent: the recipient gets no mail.
    pub suppressed: usize,
    /// May not go yet: the recipient's day, the limit of the host.
    pub postponed: usize,
    /// Why it ended early.
    pub stop: Option<Stop>,
    /// When the next message is due; none if none waits for its turn.
    pub next_at: Option<Epoch>,
}

/// What a hand-over reports, whatever happens to its task.
struct Ticket {
    message_id: String,
    outcome: Option<Outcome>,
    results: Sender<(String, Outcome)>,
}

impl Ticket {
    fn report(mut self, outcome: Outcome) {
        self.outcome = Some(outcome);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let outcome = self.outcome.take().unwrap_or_else(|| Outcome::Uncertain(Note::of("task")));
        // Nobody listens any more when the run ended with an error: the message stays `sending`.
        let _ = self.results.send((std::mem::take(&mut self.message_id), outcome));
    }
}

struct Running<'a, 'b> {
    run: &'a Run<'a>,
    ledger: &'b mut Ledger,
    sessions: Arc<Mutex<Vec<Session>>>,
    breaker: Breaker,
    hosts: Hosts,
    report: Report,
    /// How many were claimed so far.
    claimed: usize,
    /// Those that are under way, and the how-manieth time.
    attempts: BTreeMap<String, u32>,
}

impl Run<'_> {
    /// Sends what is due. When it returns, nothing is `sending`.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger cannot be read or written: then what was under way is uncertain from the next
    /// start on.
    pub fn send(&self, ledger: &mut Ledger) -> Result<Report, LedgerError> {
        let now = (self.now)();
        let mut hosts = Hosts::new(self.limits.per_host_minute);
        for (host, at) in ledger.sent_since(now.minus(MINUTE_MS))? {
            hosts.sent(&host, at);
        }
        let mut breaker = Breaker::default();
        for what in ledger.last_answers(WINDOW)?.iter().rev() {
            breaker.count(match what.as_str() {
                "accept" => Answer::Accepted,
                "defer" => Answer::Deferred,
                _ => Answer::Bounced,
            });
        }
        let mut running = Running {
            run: self,
            ledger,
            sessions: Arc::default(),
            breaker,
            hosts,
            report: Report::default(),
            claimed: 0,
            attempts: BTreeMap::new(),
        };
        running.all()?;
        running.report.next_at = running.ledger.next_due()?;
        Ok(running.report)
    }
}

impl Running<'_, '_> {
    fn all(&mut self) -> Result<(), LedgerError> {
        let (sender, results) = channel();
        let mut done: Vec<(String, Outcome)> = Vec::new();
        loop {
            let now = (self.run.now)();
            let mut happenings = Vec::new();
            for (message_id, outcome) in done.drain(..) {
                let attempts = self.attempts.remove(&message_id).unwrap_or(1);
                happenings.push((message_id, self.happening(outcome, attempts, now)));
            }
            let recorded = happenings.len();
            let first = self.claimed == 0;
            let letters = if self.report.stop.is_none() { self.claim(now, &mut happenings)? } else { Vec::new() };
            // Before the first claim: a mail server that cannot be used leaves everything as it is.
            if first && !letters.is_empty() {
                match self.run.runtime.block_on(self.run.transport.ready()) {
                    Ok(session) => self.sessions().extend(session),
                    Err(note) => {
                        self.report = Report { stop: Some(Stop::Fault(note)), ..Report::default() };
                        return Ok(());
                    }
                }
            }
            let step = &self.run.step;
            if recorded > 0 {
                step(Step::Recording);
            }
            if !letters.is_empty() {
                step(Step::Claiming);
            }
            self.ledger.commit(now, &happenings)?;
            if recorded > 0 {
                step(Step::Recorded);
            }
            if !letters.is_empty() {
                step(Step::Claimed);
            }
            self.claimed += letters.len();
            for letter in letters {
                self.hand_over(letter, sender.clone());
            }
            if self.attempts.is_empty() {
                if happenings.is_empty() || self.report.stop.is_some() {
                    return Ok(());
                }
                continue;
            }
            gather(&results, &mut done, self.attempts.len());
        }
    }

    /// What may go now, with its claim; what may not, with the reason.
    fn claim(
        &mut self,
        now: Epoch,
        happenings: &mut Vec<(String, Happening)>,
    ) -> Result<Vec<Letter>, LedgerError> {
        let room = CONNECTIONS.saturating_sub(self.attempts.len()).min(GROUP);
        let left = self.run.limits.per_run.map_or(usize::MAX, |cap| cap.saturating_sub(self.claimed));
        let mut letters: Vec<(Due, Letter)> = Vec::new();
        for due in self.ledger.due(now, room, self.run.only, self.run.tld)? {
            if let Some(reason) = self.ledger.paused()? {
                self.report.stop = Some(Stop::Paused(reason));
                break;
            }
            if let Some(reason) = self.breaker.trips() {
                self.ledger.pause(now, &reason)?;
                self.report.stop = Some(Stop::Tripped(reason));
                break;
            }
            if letters.len() >= left {
                self.report.stop = Some(Stop::Cap);
                break;
            }
            let is_same = |other: &Due| other.recipient_key == due.recipient_key && other.audience == due.audience;
            let is_second = due.daily && letters.iter().any(|(other, _)| other.daily && is_same(other));
            let happening = if self.ledger.suppression_of(&due.recipient_key, now)?.is_some() {
                self.report.suppressed += 1;
                Happening::Suppress
            } else if let Some(reason) = (self.run.still_due)(&due) {
                self.report.cancelled += 1;
                Happening::Cancel(reason)
            } else if due.daily && (is_second || self.ledger.was_written_to(&due, now)?) {
                self.report.postponed += 1;
                Happening::Postpone(now.day().end())
            } else if let Some(letter) = self.ledger.letter(&due.message_id)? {
                match self.hosts.take(&due.host, now) {
                    Ok(()) => {
                        self.attempts.insert(due.message_id.clone(), due.attempts + 1);
                        letters.push((due.clone(), letter));
                        Happening::Claim
                    }
                    Err(at) => {
                        self.report.postponed += 1;
                        Happening::Postpone(at)
                    }
                }
            } else {
                self.report.cancelled += 1;
                Happening::Cancel(CancelReason::Undeliverable)
            };
            happenings.push((due.message_id, happening));
        }
        Ok(letters.into_iter().map(|(_, letter)| letter).collect())
    }

    fn hand_over(&self, letter: Letter, results: Sender<(String, Outcome)>) {
        let session = self.sessions().pop();
        let (transport, sessions) = (Arc::clone(&self.run.transport), Arc::clone(&self.sessions));
        let step = Arc::clone(&self.run.step);
        let ticket = Ticket { message_id: letter.message_id.clone(), outcome: None, results };
        self.run.runtime.spawn(async move {
            let (outcome, session) = transport.send(session, letter, step.as_ref()).await;
            sessions.lock().unwrap_or_else(PoisonError::into_inner).extend(session);
            ticket.report(outcome);
        });
    }

    fn sessions(&self) -> std::sync::MutexGuard<'_, Vec<Session>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What an outcome lets happen; counts it.
    fn happening(&mut self, outcome: Outcome, attempts: u32, now: Epoch) -> Happening {
        let report = &mut self.report;
        match outcome {
            Outcome::Accepted(note) => {
                report.accepted += 1;
                self.breaker.count(Answer::Accepted);
                Happening::Accept(note)
            }
            Outcome::Deferred(note) => match retry_at(now, attempts) {
                Some(at) => {
                    report.deferred += 1;
                    self.breaker.count(Answer::Deferred);
                    Happening::Defer(at, note)
                }
                None => {
                    report.bounced += 1;
                    self.breaker.count(Answer::Bounced);
                    Happening::Bounce { hard: false, note }
                }
            },
            Outcome::Bounced { hard, note } => {
                report.bounced += 1;
                self.breaker.count(Answer::Bounced);
                Happening::Bounce { hard, note }
            }
            Outcome::Uncertain(note) => {
                report.uncertain += 1;
                Happening::Lose(note)
            }
            Outcome::Untouched(note) => {
                report.stop.get_or_insert_with(|| Stop::Fault(note.clone()));
                Happening::PutBack(note)
            }
            Outcome::Undeliverable => {
                report.cancelled += 1;
                Happening::Cancel(CancelReason::Undeliverable)
            }
        }
    }
}

/// Waits for an outcome, and a moment for others, up to a group or all that are under way.
fn gather(results: &Receiver<(String, Outcome)>, done: &mut Vec<(String, Outcome)>, under_way: usize) {
    // The sender lives as long as the run, so that waiting ends with a result.
    let Ok(first) = results.recv() else { return };
    done.push(first);
    while done.len() < GROUP.min(under_way) {
        match results.recv_timeout(GATHER) {
            Ok(result) => done.push(result),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
        }
    }
}
