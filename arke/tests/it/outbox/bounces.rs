//! What comes back: mails as Postfix, Exim, Gmail and people write them, written by hand for the message `m-1`.

use std::path::Path;

use arke::bounce::{Incoming, Maildir, MaildirError, Taken, Words, read};
use arke::ledger::state::Happening;
use arke::ledger::{FILE, Ledger, LedgerError};
use arke::send::outcome::Note;
use arke::verp::{VerpKey, verp};

use super::support::{NOW, fill, message, open, standing};

const MAILS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/outbox/mails");

/// A mail, to the address that this ledger gave to `m-1`.
fn mail(path: &Path, key: &VerpKey) -> Vec<u8> {
    let address = format!("{}@bounces.nic.example", verp("m-1", key));
    let bytes = std::fs::read(path).unwrap();
    match String::from_utf8(bytes) {
        Ok(text) => text.replace("VERP", &address).replace("verp-upper", &address.to_uppercase()).into_bytes(),
        Err(error) => error.into_bytes(),
    }
}

/// A ledger where `m-1` is in a state.
fn ledger(folder: &Path, happenings: &[Happening]) -> Ledger {
    let mut ledger = open(folder);
    fill(&mut ledger, 1);
    for happening in happenings {
        ledger.commit(NOW, &[("m-1".to_owned(), happening.clone())]).unwrap();
    }
    ledger
}

fn sent() -> [Happening; 2] {
    [Happening::Claim, Happening::Accept(Note::of("body"))]
}

#[test]
fn every_mail_is_understood() {
    let mut paths: Vec<_> = std::fs::read_dir(MAILS).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut table = Vec::new();
    for path in &paths {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = ledger(folder.path(), &sent());
        let incoming = read(&mail(path, ledger.verp_key()), ledger.verp_key(), &Words::default());
        let taken = ledger.take_in(NOW, &incoming).unwrap();
        let suppression = ledger.suppression(&message(1).recipient, NOW).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy();
        let state = ledger.state("m-1").unwrap().unwrap().as_str();
        table.push(format!("{name}\n  {incoming:?}\n  {taken:?}\n  {state}, {suppression:?}"));
        // The same mail twice does no harm.
        let again = ledger.take_in(NOW, &incoming).unwrap();
        let is_repeatable = matches!(taken, Taken::Answered { .. } | Taken::Complained { .. } | Taken::ForTheDesk);
        assert!(is_repeatable || again == Taken::Nothing, "{name}: {again:?}");
        assert_eq!(ledger.state("m-1").unwrap().unwrap().as_str(), state, "{name}");
    }
    insta::assert_snapshot!(table.join("\n"));
}

#[test]
fn a_report_resolves_what_is_uncertain() {
    let lost = [Happening::Claim, Happening::Lose(Note::of("process"))];
    for (name, expected) in
        [("postfix-failed", "bounced"), ("postfix-delayed", "accepted"), ("gmail-delivered", "accepted")]
    {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = ledger(folder.path(), &lost);
        assert_eq!(standing(&ledger), [("uncertain", 1)]);
        let bytes = mail(&Path::new(MAILS).join(format!("{name}.eml")), ledger.verp_key());
        let incoming = read(&bytes, ledger.verp_key(), &Words::default());
        ledger.take_in(NOW, &incoming).unwrap();
        assert_eq!(standing(&ledger), [(expected, 1)], "{name}");
    }
}

#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Maildir(#[from] MaildirError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

#[test]
fn a_maildir_is_read_once_and_a_failure_leaves_the_mail() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = ledger(folder.path(), &sent());
    let (key, maildir) = (ledger.verp_key().clone(), folder.path().join("mail"));
    for part in ["new", "cur", "tmp"] {
        std::fs::create_dir_all(maildir.join(part)).unwrap();
    }
    for (name, file) in [("1.a", "holiday"), ("2.b", "postfix-failed"), ("3.c:2,", "noise")] {
        let bytes = mail(&Path::new(MAILS).join(format!("{file}.eml")), &key);
        std::fs::write(maildir.join("new").join(name), bytes).unwrap();
    }
    let maildir_of = Maildir::new(&maildir);
    let names = |part: &str| {
        let mut names: Vec<_> =
            std::fs::read_dir(maildir.join(part)).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let failed: Result<usize, Failed> = maildir_of.take(|_| Err(LedgerError::NoMessage("m-9".to_owned()).into()));
    assert!(failed.is_err());
    assert_eq!(names("new").len(), 3);
    let mut all = Vec::new();
    let done = maildir_of.take(|bytes| {
        let incoming = read(bytes, &key, &Words::default());
        all.push(ledger.take_in(NOW, &incoming)?);
        Ok::<(), Failed>(())
    });
    assert_eq!(done.unwrap(), 3);
    let bounced = Taken::Bounced { message_id: "m-1".to_owned(), hard: true };
    assert_eq!(all, [Taken::Nothing, bounced, Taken::ForTheDesk]);
    assert_eq!(names("new").len(), 0);
    assert_eq!(names("cur"), ["1.a:2,S", "2.b:2,S", "3.c:2,S"]);
    let missing = Maildir::new(&folder.path().join("none")).header_ids().unwrap_err().to_string();
    assert!(missing.starts_with("cannot use the maildir: "), "{missing}");
    // No address, name or text of the mails went into the ledger's events.
    let raw = rusqlite::Connection::open(folder.path().join(FILE)).unwrap();
    let personal: i64 = raw
        .query_row("SELECT count(*) FROM events WHERE detail LIKE '%@%' OR what LIKE '%@%'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(personal, 0);
}

proptest::proptest! {
    /// Whatever the mail is, it is something, and it never names a message without the key.
    #[test]
    fn no_mail_is_too_odd(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..600), cut in 0_usize..2000) {
        let postfix = std::fs::read(Path::new(MAILS).join("forged-failed.eml")).unwrap();
        let mut mixed = postfix[..cut.min(postfix.len())].to_vec();
        mixed.extend(&bytes);
        for mail in [&bytes, &mixed] {
            let incoming = read(mail, &VerpKey::new(b"key"), &Words::default());
            proptest::prop_assert!(!matches!(incoming, Incoming::Report { .. }), "{:?}", incoming);
        }
    }
}
