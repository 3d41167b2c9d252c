//! Messages of the outbox handed over to smtp-sink of Postfix on loopback, beside Python's smtplib doing the same to the
//! same server; and how long a ledger of a million messages takes to open. `cargo test` runs a hundredth of it.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

#[path = "sink.rs"]
mod sink;

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use arke::ledger::outbox::NewMessage;
use arke::ledger::{FILE, Ledger};
use arke::send::limits::Limits;
use arke::send::run::Run;
use arke::send::smtp::{Smtp, SmtpConfig, Tls};
use arke::send::{Step, Transport};
use panopticon_model::time::Epoch;

use sink::Sink;

const NOW: Epoch = Epoch(1_772_442_000_000);
/// Messages that are put into the outbox in one transaction.
const GROUP: usize = 64;
/// A notice of usual length.
const BODY_BYTES: usize = 6000;

fn main() -> anyhow::Result<()> {
    let small = !std::env::args().any(|argument| argument == "--bench");
    let (count, theirs, rows) = if small { (100, 10, 10_000) } else { (10_000, 1000, 1_000_000) };
    let folder = tempfile::tempdir()?;
    let sink = Sink::start()?;

    let mut ledger = Ledger::open(folder.path(), NOW)?;
    let start = Instant::now();
    for first in (0..count).step_by(GROUP) {
        let messages: Vec<_> = (first..count.min(first + GROUP)).map(message).collect::<Result<_, _>>()?;
        ledger.enqueue_all(NOW, &messages)?;
    }
    figure("put into the outbox, in a second", count, start.elapsed(), "");

    let start = Instant::now();
    let report = send(&mut ledger, sink.address)?;
    ensure!(report == count, "{report} of {count} were accepted");
    let ours = figure("handed over, in a second", count, start.elapsed(), ">= 100");
    println!("{:<44} {:>9} MiB   <= 200", "memory at its peak", peak()? >> 20);

    let start = Instant::now();
    let output = Command::new("python3")
        .args(["-c", SMTPLIB, &sink.address.port().to_string(), &theirs.to_string(), &BODY_BYTES.to_string()])
        .output()
        .context("cannot run python3")?;
    ensure!(output.status.success(), "smtplib failed: {}", String::from_utf8_lossy(&output.stderr));
    let other = figure("... smtplib, which writes nothing down", theirs, start.elapsed(), "");
    println!("{:<44} {:>13.2}", "... ours as a multiple of smtplib's", ours / other);
    drop(ledger);

    fill(&folder.path().join(FILE), rows)?;
    let start = Instant::now();
    let ledger = Ledger::open(folder.path(), NOW)?;
    let next = ledger.next_due()?;
    println!(
        "{:<44} {:>10.0} ms   <= 1000",
        format!("open with {rows} more rows"),
        start.elapsed().as_secs_f64() * 1e3
    );
    ensure!(next.is_none(), "something is due");
    Ok(())
}

/// The same messages by Python, over one connection as its manual shows it.
const SMTPLIB: &str = r#"
import smtplib, sys
port, count, size = map(int, sys.argv[1:])
body = "\r\n".join(["A line of a notice, as long as lines are in a notice of this kind."] * (size // 68))
with smtplib.SMTP("127.0.0.1", port) as smtp:
    for n in range(count):
        to = f"r{n}@host{n}.example"
        smtp.sendmail("bounces@nic.example", [to], f"To: {to}\r\nMessage-ID: <s-{n}@nic.example>\r\n\r\n{body}\r\n")
"#;

fn message(number: usize) -> anyhow::Result<NewMessage> {
    let header_id = format!("m-{number}@nic.example");
    let line = "A line of a notice, as long as lines are in a notice of this kind.\r\n";
    let body = line.repeat(BODY_BYTES / line.len());
    Ok(NewMessage {
        message_id: format!("m-{number}"),
        bytes: format!("To: <r{number}@host{number}.example>\r\nMessage-ID: <{header_id}>\r\n\r\n{body}").into(),
        header_id,
        recipient: format!("r{number}@host{number}.example").parse()?,
        host: format!("host{number}.example"),
        language: None,
        role: "registrant".to_owned(),
        audience: "registrant".to_owned(),
        kind: "abuse-notice".to_owned(),
        envelope_from: format!("b+m-{number}.0011223344556677@bounces.nic.example").parse()?,
        daily: true,
        hold: None,
        next_at: NOW,
        notices: Vec::new(),
    })
}

/// Sends what is due; gives how many were accepted.
fn send(ledger: &mut Ledger, address: SocketAddr) -> anyhow::Result<usize> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let smtp = Smtp::new(SmtpConfig {
        host: address.ip().to_string(),
        port: address.port(),
        tls: Tls::None,
        extra_ca: None,
        login: None,
        hello: "arke.example".to_owned(),
        copy_to: None,
        patience: None,
    })?;
    let run = Run {
        runtime: runtime.handle(),
        transport: Arc::new(Transport::Smtp(Box::new(smtp))),
        limits: Limits::default(),
        now: &|| NOW,
        only: None,
        tld: None,
        still_due: &|_| None,
        step: Arc::new(|_: Step| ()),
    };
    Ok(run.send(ledger)?.accepted)
}

/// Puts accepted messages into a ledger, with their notices and events, as years of use leave them.
fn fill(path: &Path, rows: usize) -> anyhow::Result<()> {
    let ledger = rusqlite::Connection::open(path)?;
    ledger.execute_batch(&format!(
        "PRAGMA synchronous = OFF;
        BEGIN;
        INSERT INTO cases (case_id, tld, subject, abuse_class, first_seen, status, opened_at, closed_at, last_records_as_of)
            VALUES ('c', 'xx', 'c.xx', 'phishing', 1, 'remediated', 1, 2, 2);
        CREATE TEMP TABLE numbers AS
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) SELECT i FROM n;
        INSERT INTO messages (message_id, header_id, recipient, recipient_key, host, role, audience, kind, bytes,
                envelope_from, daily, day, state, queued_at, next_at, sent_at, sent_day, accepted_at)
            SELECT 'f-' || i, 'f-' || i || '@nic.example', '', hex(randomblob(32)), '', 'registrant', 'registrant',
                'abuse-notice', x'', '', 1, i / 1000, 'accepted', i, i, i, i / 1000, i FROM numbers;
        INSERT INTO notices (notice_id, case_id, episode, transition, round, recipient_key, message_id)
            SELECT 'n-' || i, 'c', i, 'notice', 0, hex(randomblob(32)), 'f-' || i FROM numbers;
        INSERT INTO events (at, what, message_id, before, after, detail)
            SELECT i, 'accept', 'f-' || i, 'sending', 'accepted', 'body 250' FROM numbers;
        COMMIT;"
    ))?;
    Ok(())
}

fn figure(what: &str, count: usize, took: Duration, reach: &str) -> f64 {
    let rate = count as f64 / took.as_secs_f64();
    println!("{what:<44} {rate:>13.0}   {reach}");
    rate
}

/// The most memory that this process has held, in bytes.
fn peak() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    Ok(line.split_whitespace().next().unwrap_or_default().parse::<u64>()? << 10)
}
