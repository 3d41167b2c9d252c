//! Days of a registry: rounds with one ledger, records that change between them, RDAP and a mail sink on loopback.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use arke::config::{self, Config};
use arke::docket::{Entry, Standing};
use arke::ledger::{Happening, Ledger, State, Transition};
use arke::records::{Head, Lists, Records};
use arke::round::{House, look, review, send, write};
use mailparse::{MailHeaderMap, parse_mail};
use panopticon_model::time::{DAY_MS, Epoch, HOUR_MS};
use serde_json::json;
use tokio::runtime::Runtime;

use crate::demo::{rdap, rdap_of};
use crate::made::{confirmed, entry};
use crate::outbox::sink::{Deed, Sink};

/// Noon of the first day.
const NOON: Epoch = Epoch(1_795_521_600_000);
const HOLDER: &str = "holder@mail.example";
const REGISTRAR: &str = "abuse@registrar.example";

/// A registry with two TLDs, its ledger, and the mails that left.
struct Registry {
    folder: tempfile::TempDir,
    runtime: Runtime,
    sink: Sink,
    config: Config,
    /// How many mails were read.
    read: Cell<usize>,
}

impl Registry {
    fn new() -> Registry {
        Registry::with(&json!({}))
    }

    fn with(policy: &serde_json::Value) -> Registry {
        let folder = tempfile::tempdir().unwrap();
        let sink = Sink::start(|_, _| Deed::Take);
        let tld = |tld: &str| json!({ "tld": tld, "records": format!("{tld}.sql") });
        let file = json!({
            "rdap": { "url": format!("http://127.0.0.1:{}/", rdap()), "rate_per_s": 1000 },
            "sender": { "name": "Registry", "address": "abuse@registry.example", "desk": "desk@registry.example",
                "phone": "+1 555 0100" },
            "smtp": { "host": "127.0.0.1", "port": sink.address.port(), "tls": "none",
                "bounce_domain": "bounce.registry.example" },
            "policy": policy,
            "state": "state",
            "mode": "auto",
            "tlds": [tld("xx"), tld("zz")],
        });
        let path = folder.path().join("arke.json");
        fs::write(&path, file.to_string()).unwrap();
        let config = config::read(&path).unwrap();
        Ledger::open(&config.state, NOON).unwrap().end_review_of_all(NOON).unwrap();
        let runtime = Runtime::new().unwrap();
        Registry { folder, runtime, sink, config, read: Cell::new(0) }
    }

    fn ledger(&self, now: Epoch) -> Ledger {
        Ledger::open(&self.config.state, now).unwrap()
    }

    fn records(tld: &str, now: Epoch, entries: &[Entry]) -> Records {
        let head = Head { tld: tld.to_owned(), day: now.day(), as_of: now, program: "a test".to_owned() };
        Records { head, entries: entries.to_vec(), lists: Lists::default() }
    }

    /// Writes what is due of some cases, as if the run had ended there.
    fn plan(&self, tld: &str, now: Epoch, entries: &[Entry]) {
        let records = Registry::records(tld, now, entries);
        let mut ledger = self.ledger(now);
        let of = self.config.tlds.iter().find(|it| it.name.as_deref() == Some(tld)).unwrap();
        let house = House::open(&self.config, of).unwrap();
        review(&house, &mut ledger, &records, now).unwrap();
        let plan = look(&house, &ledger, &records, self.runtime.handle(), now, false).unwrap();
        write(&house, &mut ledger, &records, &plan, now).unwrap();
    }

    /// A round: what it told, by recipient. A line a mail, with the subjects that it names.
    fn round(&self, tld: &str, now: Epoch, entries: &[Entry]) -> Vec<String> {
        self.plan(tld, now, entries);
        let records = Registry::records(tld, now, entries);
        let mut ledger = self.ledger(now);
        let of = self.config.tlds.iter().find(|it| it.name.as_deref() == Some(tld)).unwrap();
        let house = House::open(&self.config, of).unwrap();
        let mail = self.config.mail.as_ref().unwrap();
        send(&house, &mut ledger, &records, mail, self.runtime.handle(), now, 100).unwrap();
        drop(ledger);
        self.mails()
    }

    /// The mails that left since the last question: to whom, what, of which names.
    fn mails(&self) -> Vec<String> {
        let mails = self.sink.seen.mails.lock().unwrap();
        let new = mails.iter().skip(self.read.replace(mails.len()));
        let mut said: Vec<String> = new
            .map(|bytes| {
                let mail = parse_mail(bytes).unwrap();
                let header = |name: &str| mail.headers.get_first_value(name).unwrap_or_default();
                let kind = header("Feedback-ID").split(':').next().unwrap_or_default().to_owned();
                let part = mail.subparts.first().unwrap_or(&mail);
                let text = part.subparts.first().unwrap_or(part).get_body().unwrap();
                let names = ["shop[.]xx", "farm[.]xx", "bank[.]xx", "club[.]zz"];
                let named: Vec<&str> = names.into_iter().filter(|name| text.contains(name)).collect();
                format!("{} {kind} {}", header("To"), named.join(" "))
            })
            .collect();
        said.sort();
        said
    }

    /// How many messages stand where.
    fn standing(&self, now: Epoch) -> Vec<(&'static str, u64)> {
        let counts: BTreeMap<State, u64> = self.ledger(now).counts().unwrap();
        counts.into_iter().filter(|(_, count)| *count > 0).map(|(state, count)| (state.as_str(), count)).collect()
    }

    fn mark(&self, now: Epoch, subject: &str) {
        let mut ledger = self.ledger(now);
        for mut case in ledger.open_cases("xx").unwrap() {
            if case.subject == subject {
                case.mark = Some(arke::ledger::Mark {
                    mark: "false-positive".to_owned(),
                    reason: "ours".to_owned(),
                    until: None,
                });
                ledger.put_cases(&[case]).unwrap();
            }
        }
    }
}

/// A case of a name that a page of it confirms as of an instant.
fn case(name: &str, remedy: &str, confirmed_at: Epoch) -> Entry {
    let mut entry = entry(name, NOON.minus(DAY_MS));
    entry.remedy.remedy = remedy.into();
    entry.confirmed.push(confirmed(name, confirmed_at));
    entry.cause = Some("evidence".into());
    entry
}

/// The same when it is over.
fn over(name: &str, standing: Standing) -> Entry {
    let mut entry = case(name, "malicious", NOON);
    entry.standing = standing;
    entry.case.status = if standing == Standing::Remediated { "remediated" } else { "withdrawn" }.into();
    entry.confirmed.clear();
    entry
}

/// Noon of a day, a minute later each: a mail leaves shortly after its round began, and days are counted from then.
fn day(number: u64) -> Epoch {
    NOON.plus(number * (DAY_MS + 60_000))
}

#[test]
fn a_registered_name_is_told_to_its_holder_and_registrar_a_hacked_one_to_its_holder_alone() {
    let registry = Registry::new();
    let told = registry.round("xx", day(0), &[case("shop.xx", "malicious", day(0))]);
    assert_eq!(told, [format!("{REGISTRAR} digest shop[.]xx"), format!("{HOLDER} notice shop[.]xx")]);
    let other = Registry::new();
    let hacked = |now| [case("shop.xx", "compromised", now)];
    assert_eq!(other.round("xx", day(0), &hacked(day(0))), [format!("{HOLDER} notice shop[.]xx")]);
    assert_eq!(other.round("xx", day(3), &hacked(day(3))), [format!("{HOLDER} reminder shop[.]xx")]);
    assert_eq!(other.round("xx", day(7), &hacked(day(7))), [format!("{REGISTRAR} digest shop[.]xx")]);
    // Who writes to no holder tells the registrar at once.
    let third = Registry::with(&json!({ "direct_contact": false }));
    assert_eq!(third.round("xx", day(0), &hacked(day(0))), [format!("{REGISTRAR} digest shop[.]xx")]);
}

#[test]
fn a_day_that_is_run_twice_tells_nothing_twice() {
    let registry = Registry::new();
    for number in 0..9 {
        let entries = [case("shop.xx", "malicious", day(number)), case("farm.xx", "compromised", day(number))];
        registry.round("xx", day(number), &entries);
        assert_eq!(registry.round("xx", day(number).plus(HOUR_MS), &entries), [""; 0], "day {number}");
    }
    assert_eq!(registry.ledger(day(9)).told_twice().unwrap(), 0);
}

#[test]
fn a_round_of_one_tld_leaves_the_messages_of_another_alone() {
    let registry = Registry::new();
    let club = |now| [case("club.zz", "compromised", now)];
    let shop = |now| [case("shop.xx", "compromised", now)];
    registry.plan("zz", day(0), &club(day(0)));
    // The holder has a message of this day in the outbox already: this one waits for the next.
    assert_eq!(registry.round("xx", day(0), &shop(day(0))), [""; 0]);
    assert_eq!(registry.standing(day(0)), [("queued", 2)]);
    assert_eq!(registry.round("zz", day(0), &club(day(0))), [format!("{HOLDER} notice club[.]zz")]);
    assert_eq!(registry.round("xx", day(1), &shop(day(1))), [format!("{HOLDER} notice shop[.]xx")]);
    assert_eq!(registry.standing(day(1)), [("accepted", 2)]);
}

#[test]
fn a_second_letter_of_a_day_goes_on_the_next() {
    let registry = Registry::new();
    let shop = |now| case("shop.xx", "compromised", now);
    let farm = |now| case("farm.xx", "compromised", now);
    assert_eq!(registry.round("xx", day(0), &[shop(day(0))]), [format!("{HOLDER} notice shop[.]xx")]);
    assert_eq!(registry.round("xx", day(0).plus(HOUR_MS), &[farm(day(0)), shop(day(0))]), [""; 0]);
    let next = registry.round("xx", day(1), &[farm(day(1)), shop(day(1))]);
    assert_eq!(next, [format!("{HOLDER} notice farm[.]xx")]);
}

#[test]
fn what_became_stale_is_written_anew_when_it_is_confirmed_again() {
    let registry = Registry::new();
    registry.plan("xx", day(0), &[case("shop.xx", "malicious", day(0))]);
    // Two days later nothing newer is known: nobody hears of it, and nothing is lost.
    assert_eq!(registry.round("xx", day(2), &[case("shop.xx", "malicious", day(0))]), [""; 0]);
    assert_eq!(registry.standing(day(2)), [("cancelled", 2)]);
    let told = registry.round("xx", day(3), &[case("shop.xx", "malicious", day(3))]);
    assert_eq!(told, [format!("{REGISTRAR} digest shop[.]xx"), format!("{HOLDER} notice shop[.]xx")]);
    assert_eq!(registry.standing(day(3)), [("accepted", 2), ("cancelled", 2)]);
}

#[test]
fn who_was_left_out_hears_although_another_was_told() {
    let registry = Registry::new();
    registry.plan("xx", day(0), &[case("shop.xx", "malicious", day(0))]);
    // The digest is held while the holder's notice goes.
    let mut ledger = registry.ledger(day(0));
    let queued = ledger.in_state(State::Queued, 9).unwrap();
    let digest = queued.iter().find(|line| line.audience == "registrar").unwrap().message_id.clone();
    ledger.commit(day(0), &[(digest.clone(), Happening::Hold("review"))]).unwrap();
    drop(ledger);
    let notice = [format!("{HOLDER} notice shop[.]xx")];
    assert_eq!(registry.round("xx", day(0), &[case("shop.xx", "malicious", day(0))]), notice);
    // Let go two days later it is stale, and owed.
    registry.ledger(day(2)).commit(day(2), &[(digest, Happening::Release)]).unwrap();
    assert_eq!(registry.round("xx", day(2), &[case("shop.xx", "malicious", day(0))]), [""; 0]);
    let again = registry.round("xx", day(2).plus(HOUR_MS), &[case("shop.xx", "malicious", day(2))]);
    assert_eq!(again, [format!("{REGISTRAR} digest shop[.]xx")]);
    assert_eq!(registry.ledger(day(2)).told_twice().unwrap(), 0);
}

#[test]
fn what_a_person_withdrew_is_not_written_again() {
    let registry = Registry::new();
    registry.plan("xx", day(0), &[case("shop.xx", "compromised", day(0))]);
    let mut ledger = registry.ledger(day(0));
    let id = ledger.in_state(State::Queued, 9).unwrap().remove(0).message_id;
    ledger.commit(day(0), &[(id, Happening::Cancel(arke::ledger::CancelReason::Withdrawn))]).unwrap();
    drop(ledger);
    for number in 0..8 {
        let told = registry.round("xx", day(number), &[case("shop.xx", "compromised", day(number))]);
        assert_eq!(told, [""; 0], "day {number}");
    }
}

#[test]
fn a_digest_goes_without_the_case_that_is_over() {
    let registry = Registry::new();
    let open = |name, now| case(name, "malicious", now);
    registry.plan("xx", day(0), &[open("farm.xx", day(0)), open("shop.xx", day(0))]);
    let told = registry.round(
        "xx",
        day(0).plus(HOUR_MS),
        &[over("farm.xx", Standing::Remediated), open("shop.xx", day(0))],
    );
    // Nobody heard of the farm: nobody is told that it is over.
    assert_eq!(told, [format!("{REGISTRAR} digest shop[.]xx"), format!("{HOLDER} notice shop[.]xx")]);
    assert_eq!(registry.standing(day(0)), [("accepted", 2), ("cancelled", 2)]);
}

#[test]
fn a_mark_stops_what_waits_and_corrects_what_was_told() {
    let registry = Registry::new();
    let open = |name, now| case(name, "malicious", now);
    registry.round("xx", day(0), &[open("shop.xx", day(0))]);
    registry.plan("xx", day(1), &[open("farm.xx", day(1)), open("shop.xx", day(1))]);
    registry.mark(day(1), "farm.xx");
    registry.mark(day(1), "shop.xx");
    let told = registry.round("xx", day(1).plus(HOUR_MS), &[open("farm.xx", day(1)), open("shop.xx", day(1))]);
    assert_eq!(told, [format!("{REGISTRAR} digest shop[.]xx"), format!("{HOLDER} correction shop[.]xx")]);
    // After a correction there is no all-clear, and none of what nobody heard of.
    let gone = [over("farm.xx", Standing::Remediated), over("shop.xx", Standing::Remediated)];
    assert_eq!(registry.round("xx", day(2), &gone), [""; 0]);
}

#[test]
fn withdrawn_and_over_are_told_once_to_those_who_were_told() {
    let registry = Registry::new();
    registry.round("xx", day(0), &[case("shop.xx", "malicious", day(0)), case("farm.xx", "compromised", day(0))]);
    let gone = [over("farm.xx", Standing::Withdrawn), over("shop.xx", Standing::Remediated)];
    // One message tells the holder of both.
    let told = registry.round("xx", day(1), &gone);
    let holder = format!("{HOLDER} correction shop[.]xx farm[.]xx");
    assert_eq!(told, [format!("{REGISTRAR} digest shop[.]xx"), holder]);
    assert_eq!(registry.round("xx", day(2), &gone), [""; 0]);
    assert_eq!(registry.round("xx", day(3), &gone), [""; 0]);
}

#[test]
fn a_pause_holds_everything_until_it_ends() {
    let registry = Registry::new();
    arke::ledger::pause(&registry.config.state, day(0), "maintenance").unwrap();
    assert_eq!(registry.round("xx", day(0), &[case("shop.xx", "malicious", day(0))]), [""; 0]);
    assert_eq!(registry.standing(day(0)), [("queued", 2)]);
    arke::ledger::resume(&registry.config.state, day(0)).unwrap();
    assert_eq!(registry.round("xx", day(0).plus(HOUR_MS), &[case("shop.xx", "malicious", day(0))]).len(), 2);
}

#[test]
fn what_is_owed_is_known_after_a_restart() {
    let registry = Registry::new();
    registry.plan("xx", day(0), &[case("shop.xx", "malicious", day(0))]);
    registry.round("xx", day(2), &[case("shop.xx", "malicious", day(0))]);
    let id = case("shop.xx", "malicious", day(0)).case.case_id.to_string();
    assert_eq!(registry.ledger(day(2)).owed(&id, 1).unwrap(), [Transition::Notice]);
    registry.round("xx", day(3), &[case("shop.xx", "malicious", day(3))]);
    assert_eq!(registry.ledger(day(3)).owed(&id, 1).unwrap(), []);
}

/// `arke run` every quarter of an hour: the desk has one mail a day, with names of the zone that no feed has yet, and the zone
/// is read for it alone.
#[test]
fn the_desk_has_one_mail_a_day() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let rdap = rdap_of(|name| {
        ASKED.fetch_add(1, Ordering::SeqCst);
        Some(json!({ "objectClassName": "domain", "ldhName": name }))
    });
    let registry = Registry::new();
    let put = |file: &str, text: &str| fs::write(registry.folder.path().join(file), text).unwrap();
    let zone = "$ORIGIN zz.\n@ 1 SOA a b 1 1 1 1 1\npaypa1 1 NS ns1.host.example.\n";
    put("zz.zone", zone);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/zz-1.sql");
    fs::copy(script, registry.folder.path().join("zz.sql")).unwrap();
    let path = registry.folder.path().join("arke.json");
    let mut file: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    file["rdap"]["url"] = json!(format!("http://127.0.0.1:{rdap}/"));
    file["tlds"] = json!([{ "tld": "zz", "records": "zz.sql", "zone": "zz.zone" }]);
    fs::write(&path, file.to_string()).unwrap();
    let run = |now: &str| {
        let mut arke = std::process::Command::new(env!("CARGO_BIN_EXE_arke"));
        let done = arke.args(["--now", now, "run"]).current_dir(registry.folder.path()).output().unwrap();
        assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
        registry
            .sink
            .seen
            .mails
            .lock()
            .unwrap()
            .iter()
            .map(|mail| String::from_utf8_lossy(mail).into_owned())
            .collect()
    };
    let to_desk =
        |mails: &[String]| mails.iter().filter(|mail| mail.contains("\r\nTo: desk@registry.example")).count();
    let first: Vec<String> = run("2025-03-02T00:10:00Z");
    assert_eq!(to_desk(&first), 1);
    let mail = first.iter().find(|mail| mail.contains("\r\nTo: desk@")).unwrap();
    assert!(mail.contains("paypa1[.]zz: looks like paypal[.]com"), "{mail}");
    assert!(mail.contains("measured gone"), "{mail}");
    // The zone is not looked at again before the next day; then a fault of it is a line of the mail.
    let asked = ASKED.load(Ordering::SeqCst);
    assert!(asked > 0);
    assert_eq!(to_desk(&run("2025-03-02T00:25:00Z")), 1);
    // Of the two cases nobody could be told: they are asked for again.
    assert_eq!(ASKED.load(Ordering::SeqCst), asked + 2);
    put("zz.zone", "$ORIGIN zz.\n@ SOA a b ( 1\n");
    fs::copy(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/zz-2.sql"),
        registry.folder.path().join("zz.sql"),
    )
    .unwrap();
    let next = run("2025-03-03T00:10:00Z");
    assert_eq!(to_desk(&next), 2);
    assert!(next.last().unwrap().contains("no list of high-risk names can be made"), "{}", next.last().unwrap());
}

/// `arke run` as cron starts it, on records that cannot be used.
#[test]
fn records_that_cannot_be_used_send_nothing_and_the_desk_hears_of_it() {
    let whole = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/zz-1.sql")).unwrap();
    let half = whole.split_at(whole.len() / 2).0.to_owned();
    let foreign = "CREATE TABLE cases (a TEXT);\n".to_owned();
    for (what, text) in [("missing", None), ("torn", Some(half)), ("foreign", Some(foreign))] {
        let registry = Registry::new();
        if let Some(text) = text {
            fs::write(registry.folder.path().join("zz.sql"), text).unwrap();
        }
        let done = std::process::Command::new(env!("CARGO_BIN_EXE_arke"))
            .args(["--now", "2025-03-02", "run"])
            .current_dir(registry.folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(3), "{what}: {said}");
        assert!(said.contains("error: "), "{what}: {said}");
        let mails = registry.mails();
        assert_eq!(mails, ["desk@registry.example desk ", "desk@registry.example desk "], "{what}: {said}");
    }
}
