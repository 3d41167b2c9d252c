//! Backups, retention, and the rights of a person.

use std::os::unix::fs::PermissionsExt;

use arke::ledger::FILE;
use arke::ledger::Ledger;
use arke::ledger::happen::Resolution;
use arke::ledger::keep::{backup, restore};
use arke::ledger::outbox::NewMessage;
use arke::ledger::state::{Happening, State};
use arke::ledger::suppressions::SuppressionReason;
use arke::send::outcome::{Note, Reply};
use panopticon_model::time::DAY_MS;

use super::support::{NOW, case, fill, message, open, standing, was_told};

fn accept(ledger: &mut Ledger, id: &str) {
    let reply = Reply { code: 250, text: "2.0.0 <r1@host1.example> taken".to_owned() };
    let note = Note { phase: "body", reply: Some(reply) };
    ledger.commit(NOW, &[(id.to_owned(), Happening::Claim)]).unwrap();
    ledger.commit(NOW, &[(id.to_owned(), Happening::Accept(note))]).unwrap();
}

#[test]
fn after_a_restore_everything_waits_for_review() {
    let folder = tempfile::tempdir().unwrap();
    let (state, copy) = (folder.path().join("state"), folder.path().join("backup.sqlite"));
    let mut ledger = open(&state);
    fill(&mut ledger, 6);
    ledger.end_review_of_all(NOW).unwrap();
    accept(&mut ledger, "m-1");
    ledger.commit(NOW, &[("m-2".to_owned(), Happening::Claim)]).unwrap();
    // While it is open.
    backup(&state, &copy).unwrap();
    assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(backup(&state, &copy).is_err(), "no backup is overwritten");
    let key = ledger.recipient_key(&message(1).recipient);
    drop(ledger);

    let again = folder.path().join("again");
    let exists = restore(&state, &copy, NOW).unwrap_err().to_string();
    assert!(exists.ends_with("ledger.sqlite exists: move it away before a backup is restored"), "{exists}");
    std::fs::create_dir(&again).unwrap();
    let foreign = folder.path().join("foreign");
    std::fs::write(&foreign, "nothing").unwrap();
    assert!(restore(&again, &foreign, NOW).unwrap_err().to_string().ends_with("is not a ledger of arke"));
    restore(&again, &copy, NOW).unwrap();
    assert_eq!(std::fs::metadata(again.join(FILE)).unwrap().permissions().mode() & 0o777, 0o600);
    let ledger = open(&again);
    assert!(ledger.reviews_all().unwrap());
    assert_eq!(standing(&ledger), [("held", 4), ("accepted", 1), ("uncertain", 1)]);
    assert_eq!(ledger.in_state(State::Held, 1).unwrap()[0].reason.as_deref(), Some("restored"));
    assert_eq!(ledger.recipient_key(&message(1).recipient), key, "the keys are the same");
    assert!(!open(&state).reviews_all().unwrap(), "the old one stays as it was");
}

/// All text in a ledger's files.
fn raw(folder: &std::path::Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        text.push_str(&String::from_utf8_lossy(&std::fs::read(entry.unwrap().path()).unwrap()));
    }
    text
}

#[test]
fn bodies_and_addresses_go_when_their_cases_are_long_over() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    ledger.put_cases(&[case("c1"), case("c2")]).unwrap();
    let about = |number: usize, cases: &[&str]| {
        let mut message = message(number);
        let notice = message.notices.remove(0);
        message.notices = cases
            .iter()
            .map(|case_id| {
                let mut notice = notice.clone();
                notice.notice_id = format!("{}-{case_id}", notice.notice_id);
                notice.case_id = (*case_id).to_owned();
                notice
            })
            .collect();
        message
    };
    let messages: [(usize, &[&str]); 4] = [(1, &["c1"]), (2, &["c1", "c2"]), (3, &[]), (4, &["c1"])];
    for (number, cases) in messages {
        ledger.enqueue(NOW, &about(number, cases)).unwrap();
        if number != 4 {
            accept(&mut ledger, &format!("m-{number}"));
        }
    }
    let mut over = case("c1");
    over.closed_at = Some(NOW.plus(DAY_MS));
    ledger.put_cases(&[over]).unwrap();
    let much_later = NOW.plus(100 * DAY_MS);
    let mut purge = |before| ledger.purge(much_later, before).unwrap();
    assert_eq!(purge(NOW), 0);
    assert_eq!(purge(NOW.plus(1)), 1, "the one without a case");
    assert_eq!(purge(NOW.plus(DAY_MS)), 0);
    assert_eq!(purge(NOW.plus(DAY_MS + 1)), 1, "not the one with an open case, not the queued");
    let export = |ledger: &Ledger, number| ledger.subject_export(&message(number).recipient, NOW).unwrap();
    assert_eq!(export(&ledger, 1).messages[0].text, "");
    for gone in ["To: <r1@", "Text 1", "r3@host3", "Text 3"] {
        assert!(!raw(folder.path()).contains(gone), "{gone} is still there");
    }
    assert_eq!(export(&ledger, 1).messages[0].last_reply, None);
    assert!(export(&ledger, 2).messages[0].text.contains("Text 2"));
    assert!(was_told(&ledger, &about(1, &["c1"])), "keys stay");
}

#[test]
fn a_person_gets_what_is_held_and_has_it_erased() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    fill(&mut ledger, 3);
    accept(&mut ledger, "m-1");
    let later = NewMessage { recipient: message(1).recipient, daily: false, notices: Vec::new(), ..message(7) };
    ledger.enqueue(NOW, &later).unwrap();
    ledger.commit(NOW, &[("m-2".to_owned(), Happening::Claim)]).unwrap();
    ledger.commit(NOW, &[("m-2".to_owned(), Happening::Lose(Note::of("process")))]).unwrap();
    let export = ledger.subject_export(&"R1@host1.example".parse().unwrap(), NOW).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&export).unwrap());

    assert!(raw(folder.path()).contains("r1@host1.example"));
    assert_eq!(ledger.subject_erase(&message(1).recipient, NOW).unwrap(), 2);
    assert_eq!(ledger.subject_erase(&message(2).recipient, NOW).unwrap(), 1);
    assert_eq!(standing(&ledger), [("queued", 1), ("accepted", 1), ("uncertain", 1), ("cancelled", 1)]);
    // From now on nobody writes to them, and only a hash says so.
    assert_eq!(ledger.suppression(&message(1).recipient, NOW).unwrap(), Some(SuppressionReason::OptOut));
    for gone in ["r1@host1", "R1@", "Text 1", "r2@host2", "Text 2", "host1.example"] {
        assert!(!raw(folder.path()).contains(gone), "{gone} is still there");
    }
    assert!(raw(folder.path()).contains("r3@host3.example"));
    assert!(was_told(&ledger, &message(1)), "the key stays");
    let error = ledger.resolve(NOW, "m-2", Resolution::Resend).unwrap_err().to_string();
    insta::assert_snapshot!(error, @"message m-2 was emptied: it cannot be sent again");
    ledger.resolve(NOW, "m-2", Resolution::Sent).unwrap();
}
