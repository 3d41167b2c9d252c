//! Runs against a mail server that does as it is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use arke::ledger::outbox::NewMessage;
use arke::ledger::settings;
use arke::ledger::state::{CancelReason, State};
use arke::ledger::suppressions::SuppressionReason;
use arke::send::Step;
use arke::send::limits::Limits;
use arke::send::run::{Run, Stop};
use panopticon_model::time::{DAY_MS, Epoch, MINUTE_MS};

use super::sink::{Deed, Offers, Sink};
use super::support::{
    NOW, case, config, fill, message, open, plain, run_at, run_watched, run_with, smtp, standing,
};

const NO_LIMITS: Limits = Limits { per_host_minute: 60_000, per_run: None };

#[test]
fn the_stored_bytes_arrive_once_over_few_connections() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    fill(&mut ledger, 30);
    let sink = Sink::start(|_, _| Deed::Take);
    let report = run_at(&mut ledger, &plain(sink.address), NOW);
    assert_eq!((report.accepted, report.stop, report.next_at), (30, None, None));
    assert_eq!(standing(&ledger), [("accepted", 30)]);
    let mut mails = sink.seen.mails.lock().unwrap().clone();
    let mut expected: Vec<_> = (1..=30).map(|number| message(number).bytes).collect();
    mails.sort();
    expected.sort();
    // lettre ends every message with an empty line of its own.
    let trimmed = |mails: &[Vec<u8>]| mails.iter().map(|mail| mail.trim_ascii_end().to_vec()).collect::<Vec<_>>();
    assert_eq!(trimmed(&mails), trimmed(&expected));
    let sessions = sink.seen.sessions.load(Ordering::SeqCst);
    assert!(sessions <= 8, "{sessions} connections");
    assert_eq!(run_at(&mut ledger, &plain(sink.address), NOW.plus(DAY_MS)).accepted, 0);
}

/// One message for each way in which it can go wrong; the table is what became of it.
#[test]
fn each_fault_has_its_state() {
    let rows: [(&str, Deed); 17] = [
        ("taken", Deed::Take),
        ("taken late", Deed::Late(Duration::from_millis(30))),
        ("taken, answered twice", Deed::AnswerTwice),
        ("taken, answered, closed", Deed::AnswerAndDrop),
        ("taken, closed without an answer", Deed::TakeAndDrop),
        ("closed in the midst of the message", Deed::DropAt("BODY")),
        ("closed at DATA", Deed::DropAt("DATA")),
        ("closed at RCPT", Deed::DropAt("RCPT")),
        ("unknown at RCPT", Deed::Answer("RCPT", "550 5.1.1 <r9@host9.example> unknown")),
        ("policy at RCPT", Deed::Answer("RCPT", "550 5.7.1 not from you")),
        ("full at RCPT", Deed::Answer("RCPT", "452 4.2.2 full")),
        ("closing at RCPT", Deed::Answer("RCPT", "421 4.3.2 closing")),
        ("refused at DATA", Deed::Answer("DATA", "554 5.5.1 no")),
        ("odd at DATA", Deed::Answer("DATA", "250 what")),
        ("later after the message", Deed::Answer("BODY", "451-4.7.1 scanner\r\n451 4.7.1 is ill")),
        ("refused after the message", Deed::Answer("BODY", "550 5.7.1 looks like spam")),
        ("no number after the message", Deed::Answer("BODY", "hello")),
    ];
    let mut table = Vec::new();
    for (name, deed) in rows {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = open(folder.path());
        fill(&mut ledger, 1);
        let sink = Sink::start(move |_, recipient| if recipient.is_empty() { Deed::Take } else { deed.clone() });
        let report = run_at(&mut ledger, &plain(sink.address), NOW);
        assert_eq!(report.stop, None, "{name}");
        let suppressed = ledger.suppression(&message(1).recipient, NOW).unwrap().is_some();
        let state = ledger.state("m-1").unwrap().unwrap().as_str();
        let next =
            report.next_at.map_or(String::new(), |at| format!(", again after {} min", (at.0 - NOW.0) / MINUTE_MS));
        let shown = format!("{state}{next}{}", if suppressed { ", suppressed" } else { "" });
        table.push(format!("{name:<36} {shown}"));
        // Whatever it was: it is not sent again by itself, unless the server asked for it.
        run_at(&mut ledger, &plain(sink.address), NOW.plus(DAY_MS));
        assert!(sink.taken().values().all(|count| *count == 1), "{name}");
    }
    insta::assert_snapshot!(table.join("\n"));
}

/// What is our own fault stops the run and leaves every recipient untouched.
#[test]
fn our_own_faults_stop_the_run() {
    let faults: [Deed; 4] = [
        Deed::Answer("CONNECT", "554 5.7.1 we do not know you"),
        Deed::Answer("MAIL", "530 5.7.0 login first"),
        Deed::Answer("MAIL", "550 5.1.8 bad sender"),
        Deed::Answer("RCPT", "530 5.7.0 TLS first"),
    ];
    let mut stops = Vec::new();
    for fault in faults {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = open(folder.path());
        fill(&mut ledger, 20);
        let sink = Sink::start(move |_, _| fault.clone());
        let report = run_at(&mut ledger, &plain(sink.address), NOW);
        stops.push(format!("{:?}", report.stop));
        assert_eq!(standing(&ledger), [("queued", 20)]);
        assert!(sink.seen.sessions.load(Ordering::SeqCst) <= 8);
        let waiting = ledger.in_state(State::Queued, 100).unwrap();
        assert!(waiting.iter().all(|line| line.attempts == 0), "no attempt was counted");
        assert_eq!(ledger.suppression(&message(1).recipient, NOW).unwrap(), None);
    }
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    fill(&mut ledger, 1);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    stops.push(format!("{:?}", run_at(&mut ledger, &plain(nobody), NOW).stop));
    assert_eq!(standing(&ledger), [("queued", 1)]);
    insta::assert_snapshot!(stops.join("\n"));
}

#[test]
fn a_server_that_says_nothing_more_is_not_waited_for() {
    for (deed, expected) in [("DATA", "deferred"), ("BODY", "uncertain")] {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = open(folder.path());
        fill(&mut ledger, 1);
        // It never gets to an answer within the patience.
        let sink = Sink::start(move |_, recipient| match (recipient, deed) {
            ("", _) => Deed::Take,
            (_, "BODY") => Deed::Late(Duration::from_secs(3600)),
            _ => Deed::Hang("DATA"),
        });
        let mut config = config(sink.address);
        config.patience = Some(Duration::from_millis(300));
        run_at(&mut ledger, &smtp(config), NOW);
        assert_eq!(standing(&ledger), [(expected, 1)]);
    }
}

#[test]
fn a_connection_that_was_closed_in_between_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    fill(&mut ledger, 40);
    // Every answer is the last one of its connection.
    let sink = Sink::start(|_, _| Deed::AnswerAndDrop);
    let report = run_at(&mut ledger, &plain(sink.address), NOW);
    assert_eq!((report.accepted, report.stop), (40, None));
    assert!(sink.taken().values().all(|count| *count == 1));
}

#[test]
fn pausing_is_seen_before_the_next_mail_and_the_breaker_pauses() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    fill(&mut ledger, 100);
    let sink = Sink::start(|_, _| Deed::Take);
    let (answered, path) = (AtomicUsize::new(0), folder.path().to_owned());
    let step = move |step| {
        if step == Step::Answered && answered.fetch_add(1, Ordering::SeqCst) == 4 {
            settings::pause(&path, NOW, "desk").unwrap();
        }
    };
    let report = run_watched(&mut ledger, &plain(sink.address), NOW, NO_LIMITS, Arc::new(step));
    assert_eq!(report.stop, Some(Stop::Paused("desk".to_owned())));
    assert!((5..=13).contains(&report.accepted), "{report:?}");
    settings::resume(folder.path(), NOW).unwrap();

    let bad = Sink::start(|_, recipient| match recipient {
        "" => Deed::Take,
        _ => Deed::Answer("RCPT", "550 5.1.1 unknown"),
    });
    let report = run_at(&mut ledger, &plain(bad.address), NOW);
    assert!(
        matches!(&report.stop, Some(Stop::Tripped(reason)) if reason.contains("refused for good")),
        "{report:?}"
    );
    assert!((6..=14).contains(&report.bounced), "{report:?}");
    let again = run_at(&mut ledger, &plain(sink.address), NOW);
    assert!(matches!(again.stop, Some(Stop::Paused(_))), "{again:?}");
    settings::resume(folder.path(), NOW).unwrap();
    let rest = run_at(&mut ledger, &plain(sink.address), NOW);
    assert_eq!((rest.stop, standing(&ledger).len()), (None, 2), "accepted and bounced");
}

#[test]
fn limits_of_run_host_and_day() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    ledger.put_cases(&[case("c1")]).unwrap();
    let at_host = |number: usize| NewMessage { host: "mx.example".to_owned(), ..message(number) };
    for number in 1..=25 {
        ledger.enqueue(NOW, &at_host(number)).unwrap();
    }
    let sink = Sink::start(|_, _| Deed::Take);
    let transport = plain(sink.address);
    let limits = Limits { per_host_minute: 10, per_run: Some(4) };
    let report = run_with(&mut ledger, &transport, NOW, limits);
    assert_eq!((report.accepted, report.stop), (4, Some(Stop::Cap)));
    // Another process, the same minute: what went before counts.
    let limits = Limits { per_run: None, ..limits };
    let report = run_with(&mut ledger, &transport, NOW.plus(1), limits);
    assert_eq!((report.accepted, report.postponed, report.stop), (6, 15, None));
    assert_eq!(report.next_at, Some(NOW.plus(MINUTE_MS)));
    let report = run_with(&mut ledger, &transport, NOW.plus(MINUTE_MS), limits);
    assert_eq!((report.accepted, report.next_at), (4, Some(NOW.plus(MINUTE_MS + 1))));
    let mut now = NOW.plus(MINUTE_MS + 1);
    while let Some(next) = run_with(&mut ledger, &transport, now, limits).next_at {
        assert!(next > now);
        now = next;
    }
    assert_eq!((standing(&ledger), now), (vec![("accepted", 25)], NOW.plus(2 * MINUTE_MS + 1)));

    // A message of yesterday that is late takes the day of its recipient.
    let yesterday = NewMessage { notices: Vec::new(), next_at: NOW.plus(DAY_MS), ..message(101) };
    let today = NewMessage { recipient: yesterday.recipient.clone(), notices: Vec::new(), ..message(102) };
    ledger.enqueue(NOW, &yesterday).unwrap();
    ledger.enqueue(NOW.plus(DAY_MS), &today).unwrap();
    let report = run_at(&mut ledger, &transport, NOW.plus(DAY_MS));
    assert_eq!((report.accepted, report.postponed), (1, 1));
    let midnight = Epoch((NOW.0 / DAY_MS + 2) * DAY_MS);
    assert_eq!(report.next_at, Some(midnight));
    // One that comes later that day, too.
    let late = NewMessage { recipient: yesterday.recipient.clone(), notices: Vec::new(), ..message(103) };
    ledger.enqueue(NOW.minus(DAY_MS), &late).unwrap();
    let report = run_at(&mut ledger, &transport, NOW.plus(DAY_MS + 5));
    assert_eq!((report.accepted, report.postponed, report.next_at), (0, 1, Some(midnight)));
    assert_eq!(run_at(&mut ledger, &transport, midnight).accepted, 1);
}

#[test]
fn what_is_not_due_any_more_is_cancelled_right_before() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    fill(&mut ledger, 10);
    ledger.suppress(&message(3).recipient, SuppressionReason::Operator, NOW, None).unwrap();
    let sink = Sink::start(|_, _| Deed::Take);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let is_stale = |id: &str| matches!(id, "m-2" | "m-5");
    let run = Run {
        runtime: runtime.handle(),
        transport: plain(sink.address),
        limits: NO_LIMITS,
        now: &|| NOW,
        only: None,
        tld: None,
        still_due: &|due| is_stale(&due.message_id).then_some(CancelReason::Stale),
        step: Arc::new(|_| ()),
    };
    let report = run.send(&mut ledger).unwrap();
    assert_eq!((report.accepted, report.cancelled, report.suppressed), (7, 2, 1));
    assert_eq!(standing(&ledger), [("accepted", 7), ("suppressed", 1), ("cancelled", 2)]);
    assert_eq!(sink.taken().len(), 7);
}

#[test]
fn an_address_in_utf8_needs_a_server_that_takes_it() {
    for (utf8, expected) in [(false, "cancelled"), (true, "accepted")] {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = open(folder.path());
        ledger.put_cases(&[case("c1")]).unwrap();
        let idn = NewMessage { recipient: "jörg@müller.example".parse().unwrap(), ..message(1) };
        ledger.enqueue(NOW, &idn).unwrap();
        let sink = Sink::offering(Offers { utf8, ..Offers::default() }, |_, _| Deed::Take);
        run_at(&mut ledger, &plain(sink.address), NOW);
        assert_eq!(standing(&ledger), [(expected, 1)]);
        assert_eq!(sink.seen.named.lock().unwrap().len(), usize::from(utf8));
        if utf8 {
            assert_eq!(*sink.seen.named.lock().unwrap(), ["jörg@xn--mller-kva.example"]);
        } else {
            let lines = ledger.in_state(State::Cancelled, 10).unwrap();
            assert_eq!(lines[0].reason.as_deref(), Some("undeliverable"));
        }
    }
}

#[test]
fn a_blind_copy_resolves_what_is_uncertain() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    fill(&mut ledger, 2);
    let sink = Sink::start(|_, recipient| match recipient {
        "copies@nic.example" => Deed::TakeAndDrop,
        _ => Deed::Take,
    });
    let mut config = config(sink.address);
    config.copy_to = Some("copies@nic.example".parse().unwrap());
    run_at(&mut ledger, &smtp(config), NOW);
    assert_eq!(standing(&ledger), [("uncertain", 2)]);
    let copies = folder.path().join("copies");
    for part in ["new", "cur", "tmp"] {
        std::fs::create_dir_all(copies.join(part)).unwrap();
    }
    std::fs::write(copies.join("new/1.host"), &sink.seen.mails.lock().unwrap()[0]).unwrap();
    let ids = arke::bounce::Maildir::new(&copies).header_ids().unwrap();
    assert_eq!(ledger.reconcile(NOW, &ids).unwrap(), 1);
    assert_eq!(standing(&ledger), [("accepted", 1), ("uncertain", 1)]);
    assert_eq!(ledger.reconcile(NOW, &ids).unwrap(), 0);
}
