//! Killed at every step and at any time, by a signal that cannot be caught, before a mail server that drops, delays and
//! answers twice: nothing arrives twice, nothing is lost unseen.
//!
//! `ARKE_KILLS` says how often; 60 times if it says nothing.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use arke::ledger::happen::Resolution;
use arke::ledger::settings;
use arke::ledger::state::State;
use arke::send::limits::Limits;
use panopticon_model::time::{Epoch, HOUR_MS};

use super::sink::{Deed, Sink};
use super::support::{NOW, fill, open, plain, run_at, run_watched, standing};

/// Messages of one ledger.
const MESSAGES: usize = 48;
/// Where a process is stopped: the step and the how-manieth time.
const STEPS: [&str; 9] =
    ["Claiming", "Claimed", "Mail", "Rcpt", "Data", "Body", "Answered", "Recording", "Recorded"];
/// How long anything may take.
const DEADLINE: Duration = Duration::from_secs(60);

/// The process that is killed: not a test of its own, but what the test below runs.
#[test]
fn child() {
    let Ok(folder) = std::env::var("ARKE_OUTBOX_CHILD") else { return };
    let variable = |name: &str| std::env::var(name).unwrap();
    let now = Epoch(variable("ARKE_OUTBOX_NOW").parse().unwrap());
    let stop_at = variable("ARKE_OUTBOX_STOP_AT");
    let (step, nth) = stop_at.split_once(':').unwrap();
    let (step, left) = (step.to_owned(), AtomicU32::new(nth.parse().unwrap()));
    let folder = Path::new(&folder);
    let mut ledger = arke::ledger::Ledger::open(folder, now).unwrap();
    settings::resume(folder, now).unwrap();
    let transport = plain(variable("ARKE_OUTBOX_SINK").parse().unwrap());
    let stop = move |here| {
        if format!("{here:?}") == step && left.fetch_sub(1, Ordering::SeqCst) == 1 {
            std::io::stderr().write_all(b"stopped\n").unwrap();
            // Until it is killed.
            loop {
                std::thread::park();
            }
        }
    };
    let limits = Limits { per_host_minute: 60_000, per_run: None };
    run_watched(&mut ledger, &transport, now, limits, Arc::new(stop));
}

/// A process over a ledger.
struct Victim {
    child: Child,
    stopped: Receiver<()>,
}

impl Victim {
    fn start(folder: &Path, sink: &Sink, now: Epoch, stop_at: &str) -> Victim {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["outbox::kill::child", "--exact", "--nocapture"])
            .env("ARKE_OUTBOX_CHILD", folder)
            .env("ARKE_OUTBOX_NOW", now.0.to_string())
            .env("ARKE_OUTBOX_SINK", sink.address.to_string())
            .env("ARKE_OUTBOX_STOP_AT", stop_at)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (sender, stopped) = channel();
        // Ends with the process: then the channel closes.
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if line == "stopped" {
                    let _ = sender.send(());
                }
            }
        });
        Victim { child, stopped }
    }

    /// SIGKILL, unless it has ended: says which.
    fn kill(mut self) -> bool {
        let ended = self.child.try_wait().unwrap();
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        assert!(ended.is_none_or(|status| status.success()), "the process failed: {status}");
        ended.is_none() && !status.success()
    }

    /// Kills it when it stopped at its step, or lets it end.
    fn kill_at_step(self) -> bool {
        let _ = self.stopped.recv_timeout(DEADLINE);
        self.kill_or_end()
    }

    /// Kills it after so many lines of its sessions, or lets it end.
    fn kill_after(self, lines: &Receiver<()>, count: u64) -> bool {
        let (start, mut seen) = (Instant::now(), 0);
        while seen < count && start.elapsed() < DEADLINE {
            match lines.recv_timeout(Duration::from_millis(20)) {
                Ok(()) => seen += 1,
                Err(_) if self.stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Disconnected) => break,
                Err(_) => {}
            }
        }
        self.kill_or_end()
    }

    fn kill_or_end(mut self) -> bool {
        // Its stderr is closed when it ends: give it the time to be done.
        if self.stopped.recv_timeout(Duration::ZERO) == Err(std::sync::mpsc::RecvTimeoutError::Disconnected) {
            assert!(self.child.wait().unwrap().success(), "the process failed");
            return false;
        }
        self.kill()
    }
}

/// Numbers that are the same in every run (xorshift, Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// What the mail server does, by the number in the recipient's address and by the session.
fn deed(session: usize, recipient: &str) -> Deed {
    let digits: String = recipient.chars().skip(1).take_while(char::is_ascii_digit).collect();
    let Ok(number) = digits.parse::<usize>() else { return Deed::Take };
    match (number + session) % 16 {
        0 => Deed::TakeAndDrop,
        1 => Deed::AnswerAndDrop,
        2 => Deed::AnswerTwice,
        3 | 4 => Deed::Late(Duration::from_millis(3)),
        5 => Deed::DropAt("RCPT"),
        6 => Deed::DropAt("DATA"),
        7 => Deed::DropAt("BODY"),
        8 if number % 16 == 8 => Deed::Answer("RCPT", "550 5.1.1 unknown"),
        9 => Deed::Answer("RCPT", "451 4.2.0 later"),
        10 => Deed::Answer("BODY", "451 4.7.1 later"),
        _ => Deed::Take,
    }
}

#[test]
fn nothing_arrives_twice_and_nothing_is_lost() {
    let wanted: usize = std::env::var("ARKE_KILLS").map_or(60, |text| text.parse().unwrap());
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let (mut kills, mut at_steps, mut ledgers, mut uncertain) = (0, 0, 0, 0);
    while kills < wanted {
        let folder = tempfile::tempdir().unwrap();
        fill(&mut open(folder.path()), MESSAGES);
        let sink = Sink::start(deed);
        ledgers += 1;
        let mut now = NOW;
        loop {
            now = now.plus(5 * HOUR_MS);
            let killed = if dice.below(2) == 0 {
                let index = at_steps % STEPS.len();
                let at = format!("{}:{}", STEPS[index], 1 + dice.below(4));
                let killed = Victim::start(folder.path(), &sink, now, &at).kill_at_step();
                at_steps += usize::from(killed);
                killed
            } else {
                let lines = sink.watch();
                let count = dice.below(80);
                Victim::start(folder.path(), &sink, now, "never:0").kill_after(&lines, count)
            };
            kills += usize::from(killed);
            check(folder.path(), &sink, now);
            let ledger = arke::ledger::Ledger::open(folder.path(), now).unwrap();
            let counts = ledger.counts().unwrap();
            if counts[&State::Queued] + counts[&State::Deferred] == 0 {
                uncertain += counts[&State::Uncertain];
                break;
            }
        }
        settle(folder.path(), &sink, now);
    }
    assert!(at_steps >= STEPS.len() || wanted < 40, "not every step was struck: {at_steps}");
    println!(
        "{kills} kills, {at_steps} of them at a step, {ledgers} ledgers of {MESSAGES}, {uncertain} uncertain"
    );
}

/// Whatever happened: every message is somewhere, and where it is agrees with what the mail server has.
fn check(folder: &Path, sink: &Sink, now: Epoch) {
    let ledger = arke::ledger::Ledger::open(folder, now).unwrap();
    let counts = ledger.counts().unwrap();
    assert_eq!(counts.values().sum::<u64>(), MESSAGES as u64);
    assert_eq!(counts[&State::Sending], 0);
    let taken = sink.taken();
    assert!(taken.values().all(|count| *count == 1), "taken twice: {taken:?}");
    for number in 1..=MESSAGES {
        let state = ledger.state(&format!("m-{number}")).unwrap().unwrap();
        let arrived = taken.contains_key(&format!("m-{number}@nic.example"));
        match state {
            State::Accepted => assert!(arrived, "m-{number} was lost"),
            State::Uncertain => {}
            other => assert!(!arrived, "m-{number} is {other:?} and arrived"),
        }
    }
}

/// Copies and a person resolve what is uncertain; then all that could arrive has arrived, once.
fn settle(folder: &Path, sink: &Sink, now: Epoch) {
    let mut ledger = arke::ledger::Ledger::open(folder, now).unwrap();
    let copies: Vec<String> = sink.taken().into_keys().collect();
    ledger.reconcile(now, &copies).unwrap();
    for line in ledger.in_state(State::Uncertain, 1000).unwrap() {
        ledger.resolve(now, &line.message_id, Resolution::Resend).unwrap();
    }
    settings::resume(folder, now).unwrap();
    let calm = Sink::start(|_, _| Deed::Take);
    run_at(&mut ledger, &plain(calm.address), now);
    let counts = ledger.counts().unwrap();
    let over = counts[&State::Accepted] + counts[&State::Bounced];
    assert_eq!(over, MESSAGES as u64, "{:?}", standing(&ledger));
    let mut all = sink.taken();
    for (id, count) in calm.taken() {
        *all.entry(id).or_default() += count;
    }
    assert_eq!(all.len() as u64, counts[&State::Accepted]);
    assert!(all.values().all(|count| *count == 1), "{all:?}");
}
