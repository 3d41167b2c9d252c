//! A ledger with messages, and a run over it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arke::ledger::Ledger;
use arke::ledger::cases::LedgerCase;
use arke::ledger::outbox::{Enqueued, NewMessage, NewNotice, Transition};
use arke::ledger::state::State;
use arke::send::limits::Limits;
use arke::send::run::{Report, Run};
use arke::send::smtp::{Smtp, SmtpConfig, Tls};
use arke::send::{Step, Transport};
use panopticon_model::time::Epoch;

/// 2026-03-02T00:00:00Z and some hours.
pub(super) const NOW: Epoch = Epoch(1_772_409_600_000 + 9 * 3_600_000);

pub(super) fn open(folder: &Path) -> Ledger {
    Ledger::open(folder, NOW).unwrap()
}

/// The message with a number, to `r<number>@host<number>.example`, with one notice on case `c1`.
pub(super) fn message(number: usize) -> NewMessage {
    let id = format!("m-{number}");
    let header_id = format!("{id}@nic.example");
    let bytes = format!(
        "From: Registry <abuse@nic.example>\r\nTo: <r{number}@host{number}.example>\r\n\
         Subject: A notice [n-{number}]\r\nMessage-ID: <{header_id}>\r\n\r\n.begins with a dot\r\nText {number}\r\n"
    );
    NewMessage {
        message_id: id,
        header_id,
        recipient: format!("r{number}@host{number}.example").parse().unwrap(),
        host: format!("host{number}.example"),
        language: None,
        role: "registrant".to_owned(),
        audience: "registrant".to_owned(),
        kind: "abuse-notice".to_owned(),
        bytes: bytes.into_bytes(),
        envelope_from: format!("b+m-{number}.0011223344556677@bounces.nic.example").parse().unwrap(),
        daily: true,
        hold: None,
        next_at: NOW,
        notices: vec![NewNotice {
            notice_id: format!("n-{number}"),
            case_id: "c1".to_owned(),
            episode: 1,
            transition: Transition::Notice,
        }],
    }
}

pub(super) fn case(id: &str) -> LedgerCase {
    LedgerCase {
        case_id: id.to_owned(),
        tld: "xx".to_owned(),
        subject: format!("{id}.xx"),
        abuse_class: "phishing".to_owned(),
        first_seen: NOW.minus(1000),
        status: "new".to_owned(),
        remedy: Some("compromised".to_owned()),
        episode: 1,
        opened_at: NOW,
        closed_at: None,
        mark: None,
        created_at_seen: None,
        last_records_as_of: NOW,
    }
}

/// Messages 1 to `count`, queued.
pub(super) fn fill(ledger: &mut Ledger, count: usize) {
    ledger.put_cases(&[case("c1")]).unwrap();
    for number in 1..=count {
        assert_eq!(ledger.enqueue(NOW, &message(number)).unwrap(), Enqueued::As(State::Queued));
    }
}

pub(super) fn config(address: SocketAddr) -> SmtpConfig {
    SmtpConfig {
        host: address.ip().to_string(),
        port: address.port(),
        tls: Tls::None,
        extra_ca: None,
        login: None,
        hello: "arke.example".to_owned(),
        copy_to: None,
        patience: Some(Duration::from_secs(20)),
    }
}

pub(super) fn smtp(config: SmtpConfig) -> Arc<Transport> {
    Arc::new(Transport::Smtp(Box::new(Smtp::new(config).unwrap())))
}

pub(super) fn plain(address: SocketAddr) -> Arc<Transport> {
    smtp(config(address))
}

/// A run at an instant, without limits.
pub(super) fn run_at(ledger: &mut Ledger, transport: &Arc<Transport>, now: Epoch) -> Report {
    run_with(ledger, transport, now, Limits { per_host_minute: 60_000, per_run: None })
}

pub(super) fn run_with(ledger: &mut Ledger, transport: &Arc<Transport>, now: Epoch, limits: Limits) -> Report {
    run_watched(ledger, transport, now, limits, Arc::new(|_| ()))
}

pub(super) fn run_watched(
    ledger: &mut Ledger,
    transport: &Arc<Transport>,
    now: Epoch,
    limits: Limits,
    step: Arc<dyn Fn(Step) + Send + Sync>,
) -> Report {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let run = Run {
        runtime: runtime.handle(),
        transport: Arc::clone(transport),
        limits,
        now: &|| now,
        only: None,
        tld: None,
        still_due: &|_| None,
        step,
    };
    run.send(ledger).unwrap()
}

/// The states in which there are messages, with how many.
pub(super) fn standing(ledger: &Ledger) -> Vec<(&'static str, u64)> {
    let counts = ledger.counts().unwrap();
    counts.into_iter().filter(|(_, count)| *count > 0).map(|(state, count)| (state.as_str(), count)).collect()
}

/// Whether the recipient of a message was told its first notice.
pub(super) fn was_told(ledger: &Ledger, of: &NewMessage) -> bool {
    let notice = &of.notices[0];
    ledger.was_told(&notice.case_id, notice.episode, notice.transition, &of.recipient).unwrap()
}
