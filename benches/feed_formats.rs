//! Reading feeds of ThreatFox (CSV, JSON), PhishTank (JSON) and of STIX: rows a second on one core from bytes to claims,
//! peak memory, and beside IntelMQ's harmonisation of the same rows. `cargo test` runs a thousandth of it; `-- --alone`
//! leaves IntelMQ out.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufReader, Read};
use std::process::Command;

use anyhow::{Context, ensure};
use panopticon_benches::measure::{figure, memory, mib, reset_peak, shown, timed};
use panopticon_benches::peers::python_of_benches;
use panopticon_benches::world::mix;
use panopticon_model::name::{Label, Places, SuffixList, TldRules};
use panopticon_model::sighting::FeedId;
use panopticon_sources::feeds::snapshot::{Snapshot, read_snapshot};
use panopticon_sources::feeds::{FeedSpec, Format, Limits};
use serde::Deserialize;

/// A format: its name, what stands ahead of its rows, between them and behind them, and one of them.
struct Made {
    format: &'static str,
    head: &'static str,
    between: &'static str,
    tail: &'static str,
    row: fn(&mut String, u64) -> std::fmt::Result,
}

const MADE: [Made; 4] = [
    Made {
        format: "threatfox-csv",
        head: "# \"first_seen_utc\",\"ioc_id\",\"ioc_value\",\"ioc_type\",\"threat_type\",\"fk_malware\",\"malware_alias\",\
               \"malware_printable\",\"last_seen_utc\",\"confidence_level\",\"is_compromised\",\"reference\",\"tags\",\
               \"anonymous\",\"reporter\"\r\n",
        between: "",
        tail: "",
        row: threatfox_csv,
    },
    Made { format: "threatfox-json", head: "{", between: ",\n", tail: "}\n", row: threatfox_json },
    Made { format: "phishtank-json", head: "[", between: ",", tail: "]\n", row: phishtank_json },
    Made { format: "stix", head: "{\"type\":\"bundle\",\"objects\":[", between: ",\n", tail: "]}\n", row: stix },
];

fn main() -> anyhow::Result<()> {
    panopticon_benches::keep_freed_memory();
    let small = panopticon_benches::small();
    let (rows, for_peer) = if small { (500, 50) } else { (500_000, 50_000) };
    // First, as long as nothing that was freed hides what is needed.
    let before = memory("VmRSS")?;
    let places = &places()?;
    for made in &MADE {
        for times in [1, 4] {
            // One row in ten is ours, or in forty, so that what is kept stays the same.
            reset_peak()?;
            let kept = read(made.format, places, Rows::new(made, rows * times, 10 * times))?.kept();
            ensure!(kept == rows / 10, "{kept} rows are ours");
            let peak = memory("VmHWM")?.saturating_sub(before);
            let what = format!("{}: peak memory, {} rows, {kept} of them ours", made.format, rows * times);
            figure(&what, &mib(peak), "");
        }
    }
    for made in &MADE {
        println!("{}: {rows} rows, all of them ours; one core", made.format);
        let text = made.text(rows)?;
        let mut times = Vec::new();
        for _ in 0..5 {
            let (snapshot, took) = timed(|| read(made.format, places, text.as_bytes()))?;
            ensure!(snapshot.kept() == rows && snapshot.faulty == 0, "{} rows of {rows}", snapshot.kept());
            times.push(took.cpu);
        }
        times.sort_unstable();
        let median = times.get(times.len() / 2).copied().unwrap_or_default();
        let rate = rows as f64 / median.as_secs_f64();
        let octets = text.len() as u64 / rows;
        figure(&format!("rows of {octets} octets in a CPU second"), &format!("{rate:.0}"), ">= 200,000");
        if !panopticon_benches::asked("--alone") {
            beside_intelmq(made, places, for_peer)?;
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct PeerTook {
    version: String,
    rows: u64,
    parse: f64,
    harmonise: f64,
}

fn beside_intelmq(made: &Made, places: &Places, rows: u64) -> anyhow::Result<()> {
    let python = python_of_benches();
    if !python.exists() {
        println!("skipped: IntelMQ is not installed; `benches/peers/install` does that");
        return Ok(());
    }
    let text = made.text(rows)?;
    let folder = tempfile::tempdir()?;
    let (path, hosts) = (folder.path().join("rows"), folder.path().join("hosts"));
    std::fs::write(&path, &text)?;
    let output = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/peers/intelmq_harmonise.py"))
        .arg(&path)
        .arg(made.format)
        .arg(&hosts)
        .stderr(std::process::Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "IntelMQ failed: {}", output.status);
    let peer: PeerTook = serde_json::from_slice(&output.stdout)?;
    let (snapshot, took) = timed(|| read(made.format, places, text.as_bytes()))?;
    let ours: BTreeMap<String, String> = snapshot
        .claims
        .iter()
        .map(|(entry, claim)| (entry.to_string(), claim.observable.place.host().to_owned()))
        .collect();
    let theirs = std::fs::read_to_string(&hosts)?;
    let theirs: BTreeMap<String, String> = theirs
        .lines()
        .filter_map(|line| line.split_once('\t').map(|(id, host)| (id.to_owned(), host.to_owned())))
        .collect();
    ensure!(peer.rows == rows && ours == theirs, "IntelMQ {} reads other hosts", peer.version);
    let each = |seconds: f64| format!("{:.1} us", seconds / rows as f64 * 1e6);
    let ours = took.cpu.as_secs_f64();
    let what = format!("a row, all of reading it: IntelMQ {} to harmonise, to parse; ours", peer.version);
    let shown_peers = format!("{}, {}; {}", each(peer.harmonise), each(peer.parse), each(ours));
    figure(&what, &shown_peers, "");
    figure("... harmonising alone, of ours", &format!("{:.0} times", peer.harmonise / ours), ">= 40 times");
    figure("... CPU of ours", &shown(took.cpu), "");
    Ok(())
}

/// The TLDs that are ours, under the usual suffixes.
fn places() -> anyhow::Result<Places> {
    let tlds = TLDS.iter().map(|tld| Ok(TldRules { tld: Label::parse(tld)?, rules: None }));
    Ok(Places::new(SuffixList::built_in(), tlds.collect::<anyhow::Result<_>>()?))
}

fn read(format: &str, places: &Places, input: impl Read) -> anyhow::Result<Snapshot> {
    let format = Format::from_id(format).context("no such format")?;
    let feed = FeedSpec::new(FeedId::from("feed"), format);
    Ok(read_snapshot(&feed, &mut BufReader::with_capacity(1 << 20, input), places, &Limits::default())?)
}

impl Made {
    fn text(&self, rows: u64) -> anyhow::Result<String> {
        let mut text = String::new();
        Rows::new(self, rows, 1).read_to_string(&mut text)?;
        Ok(text)
    }
}

/// A feed that nobody holds: its rows are made while they are read.
struct Rows<'m> {
    made: &'m Made,
    rows: u64,
    next: u64,
    /// One row in so many is ours.
    ours: u64,
    line: String,
    at: usize,
}

impl<'m> Rows<'m> {
    fn new(made: &'m Made, rows: u64, ours: u64) -> Rows<'m> {
        Rows { made, rows, next: 0, ours, line: made.head.to_owned(), at: 0 }
    }
}

impl Read for Rows<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.line.len() && self.next < self.rows {
            self.line.clear();
            self.at = 0;
            self.line.push_str(if self.next > 0 { self.made.between } else { "" });
            // The number of a row says whether it is ours.
            let number = if self.next.is_multiple_of(self.ours) { self.next << 1 } else { self.next << 1 | 1 };
            (self.made.row)(&mut self.line, number).map_err(std::io::Error::other)?;
            self.next += 1;
            self.line.push_str(if self.next == self.rows { self.made.tail } else { "" });
        }
        let rest = self.line.as_bytes().get(self.at..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        let (now, part) = (buffer.get_mut(..count), rest.get(..count));
        now.zip(part).into_iter().for_each(|(now, part)| now.copy_from_slice(part));
        self.at += count;
        Ok(count)
    }
}

/// The TLDs that are ours.
const TLDS: [&str; 4] = ["br", "cl", "io", "vn"];

fn host(number: u64) -> String {
    let mixed = mix(number);
    let pick = |shift: u32, of: &[&'static str]| {
        of.get((mixed >> shift) as usize % of.len()).copied().unwrap_or_default()
    };
    let before = pick(0, &["", "www.", "login.", "cdn.files."]);
    let word = pick(4, &["constructora", "shop", "metal-works", "clinica-dental", "news24"]);
    let ours = number.is_multiple_of(2);
    let tld = if ours { pick(8, &["com.br", "cl", "io", "vn"]) } else { pick(8, &["com", "net", "top", "xyz"]) };
    format!("{before}{word}{:x}.{tld}", mixed >> 40)
}

/// What is seen: its type at ThreatFox, and its value. An address is everybody's: only rows that are ours have one.
fn ioc(number: u64) -> (&'static str, String) {
    match number % 20 {
        0..=7 | 9 | 11 | 13 | 15 | 17 | 19 => ("domain", host(number)),
        18 => ("ip:port", format!("203.0.113.{}:8080", number % 251)),
        _ => ("url", format!("http://{}/a/{number:x}/index.php?id=7", host(number))),
    }
}

fn threatfox_csv(row: &mut String, number: u64) -> std::fmt::Result {
    let (kind, value) = ioc(number);
    write!(
        row,
        "\"2026-07-04 22:19:04\", \"{number}\", \"{value}\", \"{kind}\", \"botnet_cc\", \"win.remcos\", \"None\", \
         \"Remcos\", \"\", \"75\", \"False\", \"None\", \"remcos,rat,windows\", \"0\", \"reporter\"\r\n"
    )
}

fn threatfox_json(row: &mut String, number: u64) -> std::fmt::Result {
    let (kind, value) = ioc(number);
    write!(
        row,
        "\"{number}\": [{{\"ioc_value\": \"{value}\", \"ioc_type\": \"{kind}\", \"threat_type\": \"botnet_cc\", \
         \"malware\": \"win.remcos\", \"malware_alias\": null, \"malware_printable\": \"Remcos\", \
         \"first_seen_utc\": \"2026-07-04 22:19:04\", \"last_seen_utc\": null, \"confidence_level\": 75, \
         \"is_compromised\": false, \"reference\": null, \"tags\": \"remcos,rat,windows\", \"anonymous\": \"0\", \
         \"reporter\": \"reporter\"}}]"
    )
}

fn phishtank_json(row: &mut String, number: u64) -> std::fmt::Result {
    write!(
        row,
        "{{\"phish_id\":\"{number}\",\"url\":\"https:\\/\\/{}\\/a\\/{number:x}\\/\",\"phish_detail_url\":\
         \"http:\\/\\/www.phishtank.com\\/phish_detail.php?phish_id={number}\",\
         \"submission_time\":\"2026-04-26T09:03:57+00:00\",\"verified\":\"yes\",\
         \"verification_time\":\"2026-04-26T10:48:17+00:00\",\"online\":\"yes\",\"details\":[{{\
         \"ip_address\":\"203.0.113.7\",\"cidr_block\":\"203.0.113.0\\/24\",\"announcing_network\":\"64500\",\
         \"rir\":\"arin\",\"country\":\"US\",\"detail_time\":\"2026-04-26T09:04:00+00:00\"}}],\"target\":\"PayPal\"}}",
        host(number)
    )
}

fn stix(row: &mut String, number: u64) -> std::fmt::Result {
    let (kind, value) = ioc(number);
    let (kind, value) = match kind {
        "domain" => ("domain-name", value.as_str()),
        "url" => ("url", value.as_str()),
        _ => ("ipv4-addr", value.split(':').next().unwrap_or_default()),
    };
    write!(
        row,
        "{{\"type\": \"indicator\", \"spec_version\": \"2.1\", \"id\": \"indicator--{number:08x}-392e-4927-8ed7-9b8c3b343526\", \
         \"created\": \"2026-05-08T12:28:06.123Z\", \"modified\": \"2026-05-08T12:28:06.123Z\", \
         \"indicator_types\": [\"malicious-activity\"], \"pattern\": \"[{kind}:value = '{value}']\", \
         \"pattern_type\": \"stix\", \"valid_from\": \"2026-05-08T12:28:06Z\", \"confidence\": 75}}"
    )
}
