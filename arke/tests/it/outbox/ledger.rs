//! What the ledger promises: one process, private files, one notice, one message a day.

use std::os::unix::fs::PermissionsExt;

use arke::ledger::cases::{Mark, Run};
use arke::ledger::happen::Resolution;
use arke::ledger::outbox::Enqueued;
use arke::ledger::state::{CancelReason, Happening, State};
use arke::ledger::suppressions::SuppressionReason;
use arke::ledger::{FILE, Ledger, Transition, settings};
use panopticon_model::time::DAY_MS;

use super::support::{NOW, case, fill, message, open, standing, was_told};

#[test]
fn one_process_at_a_time_and_nobody_else_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let mut ledger = open(&path);
    fill(&mut ledger, 1);
    let error = Ledger::open(&path, NOW).err().unwrap().to_string().replace(path.to_str().unwrap(), "STATE");
    insta::assert_snapshot!(error, @"another arke works with STATE/ledger.sqlite: wait until it has ended");
    for entry in std::fs::read_dir(&path).unwrap().map(Result::unwrap) {
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
    }
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
    // Pausing needs no lock.
    settings::pause(&path, NOW, "the desk asked for it").unwrap();
    assert_eq!(ledger.paused().unwrap().as_deref(), Some("the desk asked for it"));
    settings::resume(&path, NOW).unwrap();
    assert_eq!(ledger.paused().unwrap(), None);
    drop(ledger);
    assert_eq!(standing(&open(&path)), [("queued", 1)]);
}

#[test]
fn other_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    let refused =
        || Ledger::open(folder.path(), NOW).err().unwrap().to_string().replace(path.to_str().unwrap(), "FILE");
    std::fs::write(&path, "this is no database, and long enough to be looked at".repeat(100)).unwrap();
    insta::assert_snapshot!(refused(), @"FILE is not a ledger of arke");
    std::fs::remove_file(&path).unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE things (name TEXT)").unwrap();
    drop(other);
    insta::assert_snapshot!(refused(), @"FILE is not a ledger of arke");
    std::fs::remove_file(&path).unwrap();
    drop(open(folder.path()));
    let later = rusqlite::Connection::open(&path).unwrap();
    later.pragma_update(None, "user_version", 99).unwrap();
    drop(later);
    insta::assert_snapshot!(refused(), @"FILE has version 99, this arke knows 2: install the arke that wrote it, or a later one");
    let missing = settings::pause(&folder.path().join("none"), NOW, "").err().unwrap().to_string();
    assert!(missing.starts_with("cannot use "), "{missing}");
}

#[test]
fn a_notice_is_given_once_and_a_recipient_gets_one_message_a_day() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    ledger.put_cases(&[case("c1"), case("c2")]).unwrap();
    assert_eq!(ledger.enqueue(NOW, &message(1)).unwrap(), Enqueued::As(State::Queued));
    let mut again = message(2);
    again.recipient = "R1@HOST1.example".parse().unwrap();
    again.daily = false;
    assert!(was_told(&ledger, &again));
    assert_eq!(ledger.enqueue(NOW, &again).unwrap(), Enqueued::AlreadyTold, "case does not matter");
    // Something else to the same recipient: on the next day, or for another audience.
    again.notices[0].case_id = "c2".to_owned();
    again.daily = true;
    assert_eq!(ledger.enqueue(NOW, &again).unwrap(), Enqueued::DayIsTaken);
    assert_eq!(ledger.enqueue(NOW.plus(DAY_MS), &again).unwrap(), Enqueued::As(State::Queued));
    let mut other = message(3);
    other.recipient = again.recipient.clone();
    other.audience = "registrar".to_owned();
    other.notices[0].transition = Transition::Reminder;
    assert_eq!(ledger.enqueue(NOW, &other).unwrap(), Enqueued::As(State::Queued));
    // A cancelled message frees its notices; one that cannot be delivered does not.
    let cancel = |reason| [("m-1".to_owned(), Happening::Cancel(reason))];
    let first = message(1);
    ledger.commit(NOW, &cancel(CancelReason::Stale)).unwrap();
    assert!(!was_told(&ledger, &first));
    assert_eq!(ledger.owed("c1", 1).unwrap(), [Transition::Notice]);
    ledger.is_settled(&[("c1".to_owned(), 1, Transition::Notice)]).unwrap();
    assert_eq!(ledger.owed("c1", 1).unwrap(), []);
    let mut once_more = message(4);
    once_more.recipient = first.recipient.clone();
    assert_eq!(ledger.enqueue(NOW, &once_more).unwrap(), Enqueued::As(State::Queued));
    ledger.commit(NOW, &[("m-4".to_owned(), Happening::Cancel(CancelReason::Undeliverable))]).unwrap();
    assert!(was_told(&ledger, &first));
    assert_eq!(ledger.owed("c1", 1).unwrap(), [], "nobody can be told");
    // A case that is not there is an error, and nothing is written.
    let mut lost = message(5);
    lost.notices[0].case_id = "c9".to_owned();
    assert!(ledger.enqueue(NOW, &lost).is_err());
    assert_eq!(ledger.state("m-5").unwrap(), None);
}

#[test]
fn a_group_happens_as_a_whole_and_every_change_is_an_event() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    fill(&mut ledger, 2);
    let group = [("m-1".to_owned(), Happening::Claim), ("m-2".to_owned(), Happening::Release)];
    let error = ledger.commit(NOW, &group).unwrap_err().to_string();
    insta::assert_snapshot!(error, @"message m-2 is queued: release does not apply");
    assert_eq!(standing(&ledger), [("queued", 2)]);
    ledger.commit(NOW, &[("m-1".to_owned(), Happening::Claim)]).unwrap();
    drop(ledger);
    // What was being sent is uncertain, and only a person has it sent again.
    let mut ledger = open(folder.path());
    assert_eq!(standing(&ledger), [("queued", 1), ("uncertain", 1)]);
    let error = ledger.resolve(NOW, "m-2", Resolution::Sent).unwrap_err().to_string();
    insta::assert_snapshot!(error, @"message m-2 is queued: accept does not apply");
    assert!(ledger.resolve(NOW, "m-9", Resolution::Resend).unwrap_err().to_string().starts_with("no message m-9"));
    ledger.resolve(NOW, "m-1", Resolution::Resend).unwrap();
    drop(ledger);
    let raw = rusqlite::Connection::open(folder.path().join(FILE)).unwrap();
    let mut events = raw.prepare("SELECT what || ' ' || ifnull(message_id, '') || ' ' || ifnull(before, '') || ' ' || ifnull(after, '') || ' ' || ifnull(detail, '') FROM events ORDER BY event_id").unwrap();
    let events: Vec<String> = events.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    insta::assert_snapshot!(events.join("\n"));
    for sql in ["DELETE FROM events", "UPDATE events SET what = 'x'"] {
        assert!(raw.execute(sql, []).is_err(), "{sql}");
    }
}

#[test]
fn suppressed_recipients_get_nothing_and_a_new_ledger_waits_for_review() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    assert!(ledger.reviews_all().unwrap());
    ledger.end_review_of_all(NOW).unwrap();
    assert!(!ledger.reviews_all().unwrap());
    ledger.put_cases(&[case("c1")]).unwrap();
    let recipient = message(1).recipient;
    ledger.suppress(&recipient, SuppressionReason::OptOut, NOW, Some(NOW.plus(10))).unwrap();
    assert_eq!(ledger.suppression(&recipient, NOW.plus(10)).unwrap(), None, "it has ended");
    ledger.suppress(&recipient, SuppressionReason::Complaint, NOW, None).unwrap();
    ledger.suppress(&recipient, SuppressionReason::OptOut, NOW, Some(NOW.plus(10))).unwrap();
    assert_eq!(ledger.suppression(&recipient, NOW.plus(10)).unwrap(), Some(SuppressionReason::Complaint));
    assert_eq!(ledger.enqueue(NOW, &message(1)).unwrap(), Enqueued::As(State::Suppressed));
    ledger.lift_suppression(&recipient, NOW).unwrap();
    assert_eq!(ledger.suppression(&recipient, NOW).unwrap(), None);
    let mut held = message(2);
    held.hold = Some("rank".to_owned());
    assert_eq!(ledger.enqueue(NOW, &held).unwrap(), Enqueued::As(State::Held));
    let lines = ledger.in_state(State::Held, 10).unwrap();
    assert_eq!((lines.len(), lines[0].reason.as_deref()), (1, Some("rank")));
    ledger.commit(NOW, &[("m-2".to_owned(), Happening::Release)]).unwrap();
    assert_eq!(standing(&ledger), [("queued", 1), ("suppressed", 1)]);
    assert_eq!(ledger.next_due().unwrap(), Some(NOW));
}

#[test]
fn cases_and_runs_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    fill(&mut ledger, 1);
    let mut over = case("c2");
    over.closed_at = Some(NOW);
    over.created_at_seen = Some(NOW.minus(5));
    over.mark = Some(Mark { mark: "false-positive".to_owned(), reason: "a game".to_owned(), until: Some(NOW) });
    let mut again = case("c1");
    (again.episode, again.remedy) = (2, None);
    ledger.put_cases(&[over.clone(), again.clone()]).unwrap();
    assert_eq!(ledger.case("c2").unwrap(), Some(over));
    assert_eq!(ledger.open_cases("xx").unwrap(), [again]);
    assert_eq!(ledger.open_cases("zz").unwrap(), []);
    assert_eq!(ledger.case("c3").unwrap(), None);
    assert_eq!(ledger.last_run().unwrap(), None);
    let run = Run { started: NOW, records_as_of: Some(NOW.minus(9)), counts: "{}".to_owned() };
    ledger.put_run(&run).unwrap();
    assert_eq!(ledger.last_run().unwrap(), Some(run));
}
