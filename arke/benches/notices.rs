//! 10,000 due cases, each of a name of its own: RDAP asked, notices and digests rendered and signed, handed over to
//! smtp-sink of Postfix; beside it Python (whoisit, smtplib) doing the same for the first 1,000. RDAP and the sink are
//! processes of their own. `cargo test` runs a hundredth of it.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

#[path = "sink.rs"]
mod sink;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, ensure};
use arke::cases::CaseLine;
use arke::config;
use arke::docket::{Confirmed, Entry, RemedyRow, Standing};
use arke::ledger::{Ledger, State};
use arke::records::{Head, Lists, Records};
use arke::round::{House, look, send, write};
use panopticon_benches::measure::{child, figure, memory, reset_peak, shown, timed};
use panopticon_model::id::Id;
use panopticon_model::time::{DAY_MS, Epoch, HOUR_MS};
use serde_json::json;

use sink::Sink;

const NOW: Epoch = Epoch(1_795_521_600_000);
/// The argument by which this program becomes the RDAP server.
const SERVE: &str = "--serve-rdap";
/// How many registrars sell the names.
const REGISTRARS: usize = 40;

fn main() -> anyhow::Result<()> {
    if std::env::args().any(|argument| argument == SERVE) {
        return serve();
    }
    let (count, theirs) = if panopticon_benches::small() { (100, 10) } else { (10_000, 1000) };
    let (sink, rdap) = (Sink::start()?, Rdap::start()?);
    let folder = tempfile::tempdir()?;
    let key = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/dkim/rsa-pkcs8.pem");
    let secret = folder.path().join("dkim.pem");
    std::fs::copy(key, &secret)?;
    #[cfg(unix)]
    std::fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    // No pace and no cap binds: the figure is what the program can do.
    let file = json!({
        "tld": "xx", "records": "records.sql", "mode": "auto", "state": "state",
        "rdap": { "url": format!("http://127.0.0.1:{}/", rdap.port), "rate_per_s": 100_000, "concurrency": 8 },
        "sender": { "name": "Registry", "address": "abuse@nic.example", "phone": "+1 555 0100" },
        "smtp": { "host": "127.0.0.1", "port": sink.address.port(), "tls": "none", "bounce_domain": "bounces.nic.example",
            "dkim": { "domain": "nic.example", "selector": "s1", "key_file": secret } },
        "limits": { "mails_per_run": 1_000_000, "per_host_per_minute": 1_000_000, "first_run": 1_000_000 },
    });
    let path = folder.path().join("arke.json");
    std::fs::write(&path, file.to_string())?;
    let config = config::read(&path)?;
    let tld = config.tlds.first().context("no TLD")?;
    let head = Head { tld: "xx".to_owned(), day: NOW.day(), as_of: NOW, program: "a bench".to_owned() };
    let records = Records { head, entries: (0..count).map(entry).collect(), lists: Lists::default() };
    let mut ledger = Ledger::open(&config.state, NOW)?;
    ledger.end_review_of_all(NOW)?;
    let house = House::open(&config, tld)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mail = config.mail.as_ref().context("no mail server")?;

    reset_peak()?;
    let (plan, asked) = timed(|| Ok(look(&house, &ledger, &records, runtime.handle(), NOW, false)?))?;
    let (written, rendered) = timed(|| Ok(write(&house, &mut ledger, &records, &plan, NOW)?))?;
    let (sent, handed) =
        timed(|| Ok(send(&house, &mut ledger, &records, mail, runtime.handle(), NOW, usize::MAX)?))?;
    let peak = memory("VmHWM")?;
    let messages = plan.letters.len();
    ensure!(written.queued == messages && sent.accepted == messages, "{written:?}, {sent:?} of {messages}");
    ensure!(plan.lines.len() == 2 * count, "{} notices", plan.lines.len());
    ensure!(ledger.counts()?.get(&State::Accepted) == Some(&(messages as u64)), "not all are accepted");

    println!("{count} cases, {} notices in {messages} messages", plan.lines.len());
    let cpu = asked.cpu + rendered.cpu + handed.cpu;
    let wall = asked.wall + rendered.wall + handed.wall;
    let rate = messages as f64 / wall.as_secs_f64();
    figure("RDAP asked and read", &format!("{} CPU", shown(asked.cpu)), "");
    figure("rendered, signed, written into the ledger", &format!("{} CPU", shown(rendered.cpu)), "");
    figure("handed over", &format!("{} CPU", shown(handed.cpu)), "");
    let each = cpu.div_f64(messages as f64);
    figure("all of it, messages a second; CPU of each", &format!("{rate:.0}/s, {}", shown(each)), ">= 100/s");
    figure("memory at its peak", &format!("{} MiB", peak >> 20), "<= 200 MiB");

    let python = std::env::var_os("READERS_PYTHON").unwrap_or_else(|| "python3".into());
    let mut peer = Command::new(python);
    peer.args(["-c", PEER, &rdap.port.to_string(), &sink.address.port().to_string(), &theirs.to_string()]);
    let (output, took, peer_peak) = child(&mut peer)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(panopticon_benches::small() || said.contains("No module"), "the peer failed: {said}");
        println!("skipped: whoisit is not there: READERS_PYTHON is a Python with tests/readers/requirements.txt");
        return Ok(());
    }
    let told: BTreeSet<String> = String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect();
    let theirs_of_ours = plan
        .lines
        .iter()
        .filter(|line| line.audience == "holder" && number(&line.subject).is_some_and(|number| number < theirs));
    let ours: BTreeSet<String> = theirs_of_ours.map(|line| line.recipient.clone()).collect();
    ensure!(told == ours, "whoisit and smtplib told others: {} and {}", told.len(), ours.len());
    let their_each = took.cpu.div_f64(theirs as f64);
    let their_rate = theirs as f64 / took.wall.as_secs_f64();
    let says = format!("{their_rate:.0}/s, {}, {} MiB", shown(their_each), peer_peak >> 20);
    figure("whoisit and smtplib: the same, unsigned, unkept", &says, "");
    let ratio = their_each.as_secs_f64() / each.as_secs_f64();
    figure("their CPU of a message as a multiple of ours", &format!("{ratio:.2}"), "");
    Ok(())
}

/// The number in a name of this bench.
fn number(subject: &str) -> Option<usize> {
    subject.strip_prefix("name")?.strip_suffix(".xx")?.parse().ok()
}

/// A case that is due: registered for abuse, confirmed an hour ago.
fn entry(number: usize) -> Entry {
    let name = format!("name{number}.xx");
    let mut id = [0; 16];
    id[..8].copy_from_slice(&(number as u64).to_be_bytes());
    let words = |text: &str| std::iter::once(text.into()).collect();
    Entry {
        case: CaseLine {
            case_id: Id(id),
            subject: name.as_str().into(),
            registrable_domain: name.as_str().into(),
            platform: None,
            abuse_class: "phishing".into(),
            status: "active".into(),
            first_seen: NOW.minus(DAY_MS),
            ended_at: None,
            evidence_count: 1,
            feed_ids: words("list"),
            delegated: Some(true),
            rank: None,
        },
        standing: Standing::Open,
        guarded: None,
        recurred: false,
        remedy: RemedyRow { remedy: "malicious".into(), ..RemedyRow::default() },
        confirmed: vec![Confirmed {
            indicator_id: Id(id),
            observable: format!("http://login.{name}/account/verify?session={number}").as_str().into(),
            kind: "url".into(),
            feed_ids: words("list"),
            first_seen: NOW.minus(DAY_MS),
            confirmed_by: words("http a"),
            confirmed_at: NOW.minus(HOUR_MS),
            valid_until: NOW.plus(DAY_MS),
        }],
        cause: Some("evidence".into()),
    }
}

/// The same by Python as its manuals show it: look up, fill in, hand over.
const PEER: &str = r#"
import http.client, json, smtplib, string, sys
import whoisit
from whoisit.parser import parse
rdap, port, count = map(int, sys.argv[1:])
text = string.Template("To: $to\r\nSubject: Your name $name\r\nMessage-ID: <p-$number@nic.example>\r\n\r\n" + (
    "You hold $name, bought through $registrar on $created. It is used for phishing.\r\n" * 40))
connection = http.client.HTTPConnection("127.0.0.1", rdap)
with smtplib.SMTP("127.0.0.1", port) as smtp:
    for number in range(count):
        name = f"name{number}.xx"
        connection.request("GET", f"/domain/{name}")
        raw = json.loads(connection.getresponse().read())
        found = parse(whoisit._bootstrap, "domain", name, raw)
        to = found["entities"]["registrant"][0]["email"]
        registrar = found["entities"]["registrar"][0]["name"]
        mail = text.substitute(to=to, name=name, registrar=registrar, created=found["registration_date"], number=number)
        smtp.sendmail("bounces@nic.example", [to], mail)
        print(to)
"#;

/// This program as an RDAP server, until it is dropped.
struct Rdap {
    child: Child,
    port: u16,
}

impl Rdap {
    fn start() -> anyhow::Result<Rdap> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(SERVE)
            .stdout(Stdio::piped())
            .stdin(Stdio::null())
            .spawn()?;
        let out = child.stdout.take().context("no output")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        Ok(Rdap { child, port: line.trim().parse()? })
    }
}

impl Drop for Rdap {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?.port());
    for stream in listener.incoming() {
        let stream = stream?;
        std::thread::spawn(move || answer(stream));
    }
    Ok(())
}

/// Answers questions of one connection, one after the other.
fn answer(mut stream: TcpStream) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    while let Some(first) = lines.next() {
        let first = first?;
        for line in lines.by_ref() {
            if line?.is_empty() {
                break;
            }
        }
        let name = first.split(' ').nth(1).and_then(|path| path.rsplit('/').next()).unwrap_or_default();
        let body = registration(name, number(name).unwrap_or_default()).to_string();
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/rdap+json";
        write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len())?;
    }
    Ok(())
}

/// An answer as registries give it: a registrant, a technical contact that is withheld, a registrar with its abuse desk.
fn registration(name: &str, number: usize) -> serde_json::Value {
    let card = |of: &str, address: &str| {
        json!([
            "vcard",
            [
                ["version", {}, "text", "4.0"],
                ["fn", {}, "text", of],
                ["email", {}, "text", address],
                ["adr", {}, "text", ["", "", "1 Main Street", "Springfield", "", "1000", "Xx"]]
            ]
        ])
    };
    let holder = card(&format!("Holder {number}"), &format!("holder{number}@host{number}.example"));
    let registrar = number % REGISTRARS;
    let desk = card("Abuse desk", &format!("abuse@registrar{registrar}.example"));
    let company =
        json!(["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", format!("Registrar {registrar}")]]]);
    json!({ "objectClassName": "domain", "handle": format!("D{number}"), "ldhName": name, "status": ["active"],
        "rdapConformance": ["rdap_level_0"],
        "events": [
            { "eventAction": "registration", "eventDate": "2026-10-01T08:00:00Z" },
            { "eventAction": "expiration", "eventDate": "2027-10-01T08:00:00Z" }],
        "nameservers": [{ "objectClassName": "nameserver", "ldhName": "ns1.host.example" },
            { "objectClassName": "nameserver", "ldhName": "ns2.host.example" }],
        "entities": [
            { "objectClassName": "entity", "handle": format!("C{number}"), "roles": ["registrant"], "vcardArray": holder },
            { "objectClassName": "entity", "handle": format!("R{registrar}"), "roles": ["registrar"], "vcardArray": company,
                "publicIds": [{ "type": "IANA Registrar ID", "identifier": (1000 + registrar).to_string() }],
                "entities": [{ "objectClassName": "entity", "roles": ["abuse"], "vcardArray": desk }] }] })
}
