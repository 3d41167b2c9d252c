//! Reading a feed: rows a second on one core from bytes to claims (parsed, canonical, placed, digested, sorted), and
//! peak memory of reading feeds of several sizes. `cargo test` runs a thousandth of it.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::io::{self, BufReader, Read, Write};

use anyhow::ensure;
use panopticon_benches::measure::{figure, memory, mib, reset_peak, shown, timed};
use panopticon_benches::world::mix;
use panopticon_model::name::{Label, Places, SuffixList, TldRules};
use panopticon_model::sighting::FeedId;
use panopticon_sources::feeds::snapshot::{Snapshot, read_snapshot};
use panopticon_sources::feeds::{FeedSpec, Format, Limits, SnapshotError};

fn main() -> anyhow::Result<()> {
    panopticon_benches::keep_freed_memory();
    let small = panopticon_benches::small();
    let rows = if small { 1_000 } else { 1_000_000 };
    let reading = Reading::new()?;

    let before = memory("VmRSS")?;
    println!("peak memory of reading, for {} rows that are ours", rows / 10);
    for times in [1, 4, 16] {
        let (peak, kept) = reading.peak(before, UrlHaus::new(rows * times, 10 * times), rows * times)?;
        ensure!(kept == Some(rows / 10), "{kept:?} rows are ours");
        figure(&format!("a feed of {} rows", rows * times), &mib(peak), "");
    }
    println!("peak memory of reading with `max_rows` = {rows}, all rows ours");
    for times in [1, 4] {
        let (peak, kept) = reading.peak(before, UrlHaus::new(rows * times, 1), rows)?;
        ensure!(kept.is_some() == (times == 1), "a feed over the cap was read");
        let what = if times == 1 { "read" } else { "refused" };
        figure(&format!("a feed of {} rows: {what}", rows * times), &mib(peak), "");
    }

    // The whole text lies in memory, so that nothing but reading is measured.
    let mut text = Vec::new();
    UrlHaus::new(rows, 1).read_to_end(&mut text)?;
    println!(
        "a CSV file of URLhaus with {rows} rows of {} bytes, all of them ours; one core",
        text.len() as u64 / rows
    );
    let mut times = Vec::new();
    for _ in 0..5 {
        let (snapshot, took) = timed(|| Ok(reading.read(text.as_slice(), rows)?))?;
        ensure!(snapshot.kept() == rows && snapshot.faulty == 0, "{} rows of {rows}", snapshot.kept());
        times.push(took.cpu);
    }
    times.sort_unstable();
    let median = times[times.len() / 2];
    figure("CPU time, median of five", &shown(median), "");
    let rate = rows as f64 / median.as_secs_f64();
    figure("rows a second", &format!("{rate:.0}"), ">= 400,000");
    Ok(())
}

/// How the rows are read.
struct Reading {
    feed: FeedSpec,
    places: Places,
}

impl Reading {
    fn new() -> anyhow::Result<Reading> {
        let format = Format::from_id("urlhaus-csv").ok_or_else(|| anyhow::anyhow!("no such format"))?;
        let tlds = TLDS.iter().map(|tld| Ok(TldRules { tld: Label::parse(tld)?, rules: None }));
        let places = Places::new(SuffixList::built_in(), tlds.collect::<anyhow::Result<_>>()?);
        Ok(Reading { feed: FeedSpec::new(FeedId::from("urlhaus"), format), places })
    }

    fn read(&self, input: impl Read, max_rows: u64) -> Result<Snapshot, SnapshotError> {
        let limits = Limits { max_rows, ..Limits::default() };
        read_snapshot(&self.feed, &mut BufReader::with_capacity(1 << 20, input), &self.places, &limits)
    }

    /// The peak of memory above `before`, and how many rows were kept; none if the feed was refused for its size.
    fn peak(&self, before: u64, input: UrlHaus, max_rows: u64) -> anyhow::Result<(u64, Option<u64>)> {
        reset_peak()?;
        let kept = match self.read(input, max_rows) {
            Ok(snapshot) => Some(snapshot.kept()),
            Err(SnapshotError::TooManyRows(_)) => None,
            Err(error) => return Err(error.into()),
        };
        Ok((memory("VmHWM")?.saturating_sub(before), kept))
    }
}

/// The TLDs that are ours; some have suffixes at the second level.
const TLDS: [&str; 6] = ["br", "cl", "co", "in", "io", "vn"];

/// A file of URLhaus that nobody holds: its rows are made while they are read.
struct UrlHaus {
    rows: u64,
    next: u64,
    /// One row in so many is under our TLDs.
    ours: u64,
    line: Vec<u8>,
    at: usize,
}

impl UrlHaus {
    fn new(rows: u64, ours: u64) -> UrlHaus {
        let header = b"# id,dateadded,url,url_status,last_online,threat,tags,urlhaus_link,reporter\r\n";
        UrlHaus { rows, next: 0, ours, line: header.into(), at: 0 }
    }

    fn row(&mut self) -> io::Result<()> {
        let (n, mixed) = (self.next, mix(self.next));
        let at = |shift: u32, of: &[&'static str]| of[(mixed >> shift) as usize % of.len()];
        let host = at(0, &["", "", "www.", "mail.", "cdn.files."]);
        let word = at(4, &["constructora", "shop", "metal-works", "clinica-dental", "news24", "xn--bcher-kva"]);
        let tld = match n.is_multiple_of(self.ours) {
            true => at(8, &["com.br", "br", "cl", "co", "com.co", "in", "co.in", "io", "vn", "com.vn"]),
            false => at(8, &["com", "net", "org", "info", "top", "com.au", "de", "xyz"]),
        };
        let port = at(12, &["", "", "", "", ":8080", ":80"]);
        let path =
            at(16, &["wp-includes/js/", "wp-content/uploads/2021/03/", "bins/", "a%20b/..%2fc/", "", "./x//"]);
        let file = at(20, &["Mozi.m", "invoice.doc", "i", "index.php?id=7#top", "arm7", "bin.sh"]);
        let tags = at(24, &["32-bit,elf,mips,Mozi", "emotet,epoch2,heodo", "exe", "elf,mirai"]);
        let status = at(28, &["online", "online", "offline"]);
        self.line.clear();
        self.at = 0;
        write!(
            self.line,
            "\"{n}\",\"2026-04-14 16:02:21\",\"http://{host}{word}{:x}.{tld}{port}/{path}{:x}/{file}\",\"{status}\",\
             \"2026-04-14 16:02:21\",\"malware_download\",\"{tags}\",\"https://urlhaus.abuse.ch/url/{n}/\",\
             \"reporter\"\r\n",
            mixed >> 40,
            mixed >> 44,
        )?;
        self.next += 1;
        Ok(())
    }
}

impl Read for UrlHaus {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.line.len() && self.next < self.rows {
            self.row()?;
        }
        let rest = self.line.get(self.at..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}
