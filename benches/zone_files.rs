//! Zone files of 10,000,000 delegations: read, sorted into a snapshot, compared; and a zone of 1,000,000 transferred from
//! Knot, whole and as what changed. `cargo test` does a thousandth of it.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{bail, ensure};
use panopticon_benches::measure::{cpu, cpu_of_children, figure, memory, mib, reset_peak, shown, timed};
use panopticon_benches::servers::{Zones, free_address, installed, knot_primary, program};
use panopticon_benches::views::{engine, targets};
use panopticon_benches::world::{TODAY, domain, mix};
use panopticon_dataflow::Engine;
use panopticon_dataflow::lexical::ProtectedName;
use panopticon_model::time::Epoch;
use panopticon_model::update::{Change, Changes, Update};
use panopticon_sources::fetch::Secret;
use panopticon_sources::zone::transfer::{Primary, TransferKey, Transferred};
use panopticon_sources::zone::{Diff, Name, Options, Settings, Snapshot, ZoneReader, from_zone};

fn main() -> anyhow::Result<()> {
    panopticon_benches::keep_freed_memory();
    let small = panopticon_benches::small();
    let (names, fewer) = if small { (10_000, 1_000) } else { (10_000_000, 1_000_000) };
    let folder = tempfile::tempdir()?;
    println!("a zone of {names} delegations");
    for style in [Style::Czds, Style::Bind] {
        reading(folder.path(), style, names)?;
    }
    println!("two zones of {fewer} delegations");
    comparing(folder.path(), fewer)?;
    transferring(fewer)
}

#[derive(Clone, Copy, Debug)]
enum Style {
    /// One record a line, sorted, absolute names, tabs, lower case, the SOA record at the end once more.
    Czds,
    /// In no order: relative and inherited owners, mixed case, comments, parentheses.
    Bind,
}

/// Writes a zone of the numbers below `names`; `day` is its serial, and of every thousand names one or two differ from
/// one day to the next. Gives how many records there are.
fn write_zone(path: &Path, style: Style, names: u64, day: u32) -> anyhow::Result<u64> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut text = String::new();
    let soa = format!("xx.\t3600\tin\tsoa\tns1.nic.xx. hostmaster.nic.xx. {day} 7200 3600 1209600 3600\n");
    text.push_str(if matches!(style, Style::Bind) { "$ORIGIN xx.\n$TTL 1h\n" } else { "" });
    let mut records = 1;
    text.push_str(&soa);
    for n in 0..names {
        let mixed = mix(n);
        let changed = mixed % 1000 == u64::from(day % 1000);
        if changed && mixed & 1 << 20 == 0 {
            continue;
        }
        let operator = mix(mixed % 50_000 + u64::from(changed)) & 0xff_ffff;
        let owner = domain(n);
        let label = owner.strip_suffix(".xx").unwrap_or(&owner);
        let digest = mixed;
        match style {
            Style::Czds => {
                writeln!(text, "{owner}.\t3600\tin\tns\tns1.host{operator:06x}.example.")?;
                writeln!(text, "{owner}.\t3600\tin\tns\tns2.host{operator:06x}.example.")?;
                if mixed.is_multiple_of(10) {
                    writeln!(text, "{owner}.\t3600\tin\tds\t{} 13 2 {digest:064x}", mixed % 65_536)?;
                }
            }
            Style::Bind => {
                writeln!(text, "{label}  IN NS NS1.host{operator:06x}.example. ; of {n}")?;
                writeln!(text, "        IN NS ns2.host{operator:06x}.example.")?;
                if mixed.is_multiple_of(10) {
                    writeln!(text, "        1d DS {} 13 2 (\n {digest:064x} )", mixed % 65_536)?;
                }
            }
        }
        records += 2;
        records += u64::from(mixed.is_multiple_of(10));
        if text.len() > 1 << 20 {
            file.write_all(text.as_bytes())?;
            text.clear();
        }
    }
    file.write_all(text.as_bytes())?;
    file.flush()?;
    if matches!(style, Style::Czds) {
        sorted(path, &soa)?;
        records += 1;
    }
    Ok(records)
}

/// Sorts the lines of a zone file, as those of CZDS are, between its SOA records.
fn sorted(path: &Path, soa: &str) -> anyhow::Result<()> {
    let lines = path.with_extension("lines");
    let status =
        Command::new("sort").env("LC_ALL", "C").args(["-S", "1G", "-o"]).arg(&lines).arg(path).status()?;
    ensure!(status.success(), "sort failed: {status}");
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    file.write_all(soa.as_bytes())?;
    let lines = BufReader::with_capacity(1 << 20, File::open(lines)?);
    for line in lines.lines() {
        let line = line?;
        if line != soa.trim_end() {
            writeln!(file, "{line}")?;
        }
    }
    file.write_all(soa.as_bytes())?;
    Ok(file.flush()?)
}

fn options() -> Options {
    Options { origin: Name::parse(b"xx.", None).ok(), ..Options::default() }
}

fn open(path: &Path) -> anyhow::Result<BufReader<File>> {
    Ok(BufReader::with_capacity(1 << 20, File::open(path)?))
}

fn reading(folder: &Path, style: Style, names: u64) -> anyhow::Result<()> {
    let path = folder.join("zone");
    let records = write_zone(&path, style, names, 1)?;
    let bytes = std::fs::metadata(&path)?.len();
    let rate = |cpu: Duration| {
        let (records, megabytes) = (records as f64 / 1e6, bytes as f64 / 1e6);
        format!("{:.1} M/s, {:.0} MB/s", records / cpu.as_secs_f64(), megabytes / cpu.as_secs_f64())
    };
    reset_peak()?;
    let before = memory("VmHWM")?;
    let (read, took) = timed(|| {
        let mut reader = ZoneReader::new(open(&path)?, options());
        let mut count = 0;
        while reader.next_record()?.is_some() {
            count += 1;
        }
        Ok(count)
    })?;
    ensure!(read == records, "{read} of {records} records");
    let reach = if matches!(style, Style::Czds) { ">= 15 M/s, 700 MB/s" } else { ">= 12 M/s" };
    figure(&format!("{style:?} form, {records} records read"), &rate(took.cpu), reach);
    figure("... memory above the start", &mib(memory("VmHWM")?.saturating_sub(before)), "");

    reset_peak()?;
    let before = memory("VmHWM")?;
    let out = folder.join("snapshot");
    let (meta, took) = timed(|| {
        let settings = Settings { options: options(), ..Settings::new(folder) };
        Ok(from_zone(open(&path)?, &settings, &out)?)
    })?;
    ensure!(meta.rows > names - names / 500 - 10, "{} of {names} delegations", meta.rows);
    figure("... into a sorted snapshot", &rate(took.cpu), ">= 8 M/s");
    let peak = memory("VmHWM")?.saturating_sub(before);
    figure("... memory above the start", &mib(peak), &format!("<= {}", mib((16 << 20) + 45 * names)));
    figure("... snapshot on disk", &mib(std::fs::metadata(&out)?.len()), "");
    Ok(())
}

fn comparing(folder: &Path, names: u64) -> anyhow::Result<()> {
    let snapshot = |day: u32| -> anyhow::Result<Snapshot> {
        let (path, out) = (folder.join("zone"), folder.join(format!("day{day}")));
        write_zone(&path, Style::Czds, names, day)?;
        from_zone(open(&path)?, &Settings { options: options(), ..Settings::new(folder) }, &out)?;
        Ok(Snapshot::open(out)?)
    };
    let (one, two) = (snapshot(1)?, snapshot(2)?);
    reset_peak()?;
    let before = memory("VmHWM")?;
    let (updates, took) = timed(|| {
        let mut count = 0;
        for update in Diff::between(Some(&one), Some(&two))? {
            update?;
            count += 1;
        }
        Ok(count)
    })?;
    figure(&format!("compared: {updates} updates"), &shown(took.cpu), "<= 0.5 CPU-s");
    figure("... memory above the start", &mib(memory("VmHWM")?.saturating_sub(before)), "<= 10 MiB");
    Ok(())
}

/// The zone from Knot, and a thousand of its names changed.
fn transferring(names: u64) -> anyhow::Result<()> {
    if !installed(&["knotd"]) {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let folder = tempfile::tempdir()?;
    let zone = folder.path().join("zone");
    write_zone(&zone, Style::Czds, names, 1)?;
    let address = free_address()?;
    let secret = "YSBzZWNyZXQgb2YgdGhpcyBiZW5jaCBhbmQgS25vdA==";
    let zones = Zones { names: vec!["xx".to_owned()], text: std::fs::read_to_string(&zone)? };
    let server = runtime.block_on(knot_primary(address, secret, &zones))?;
    drop(zones);
    let key = TransferKey::parse(&Secret::new(&format!("hmac-sha256:bench:{secret}")))?;
    let apex = Name::parse(b"xx.", None).map_err(|fault| anyhow::anyhow!("{fault}"))?;
    let primary = Primary { address, key: Some(key), timeout: Duration::from_secs(60), max_bytes: 1 << 34 };
    let settings = Settings { options: options(), ..Settings::new(folder.path()) };
    let out = folder.path().join("transferred");
    let follow = |known: Option<&Snapshot>| -> anyhow::Result<(Transferred, Duration, Duration)> {
        let (began, used) = (Instant::now(), cpu()?);
        let done = runtime.block_on(primary.follow(&apex, known, &settings, &out))?;
        Ok((done, cpu()?.saturating_sub(used), began.elapsed()))
    };
    let (done, used, took) = follow(None)?;
    let Transferred::Whole(meta) = done else { bail!("no whole zone: {done:?}") };
    figure(&format!("AXFR of {} delegations into a snapshot", meta.rows), &shown(used), "<= 1.5 CPU-s");
    figure("... as the clock on the wall has it", &shown(took), "");
    beside_dig(address, secret, folder.path(), meta.rows)?;
    let known = folder.path().join("known");
    std::fs::rename(&out, &known)?;
    let known = Snapshot::open(known)?;
    let mut engine = engine()?;
    let mut at = TODAY.start();
    // Names that those imitate which go and come.
    let changed = (0..names).filter(|n| mix(*n) % 1000 == 2).take(1_000);
    let imitated = changed.filter_map(|n| {
        let owner = domain(n);
        let (label, _) = owner.split_once('.')?;
        Some(ProtectedName::new(label.get(..label.len() - 1)?, "com"))
    });
    let imitated: Vec<ProtectedName> = imitated.collect();
    engine.feed(at, Changes { targets: targets(&imitated, true), ..Changes::default() })?;
    feed(&mut engine, at, &Diff::between(None, Some(&known))?.collect::<Result<Vec<_>, _>>()?)?;

    write_zone(&zone, Style::Czds, names, 2)?;
    server.reload("zone", &std::fs::read_to_string(&zone)?)?;
    let until = Instant::now() + Duration::from_secs(60);
    let (done, used, took, began) = loop {
        let began = Instant::now();
        let (done, used, took) = follow(Some(&known))?;
        let found = (done, used, took, began);
        if !matches!(found.0, Transferred::Current) {
            break found;
        }
        ensure!(Instant::now() < until, "Knot does not load the zone anew");
    };
    let Transferred::Changes(_, updates) = done else { bail!("no changes: {done:?}") };
    at = at.plus(1);
    let found = feed(&mut engine, at, &updates)?;
    let seen = began.elapsed();
    ensure!(found > 0, "no view sees what changed");
    figure(&format!("IXFR, applied: {} updates", updates.len()), &shown(used), "");
    figure("... as the clock on the wall has it", &shown(took), "");
    figure(&format!("... until the views have them: {found} rows changed"), &shown(seen), "<= 1 s");
    let again = Diff::between(Some(&known), Some(&Snapshot::open(&out)?))?.count();
    ensure!(again == updates.len(), "{again} updates by comparing");
    Ok(())
}

/// The same transfer with the same key by those who print it. They are given a file, and asked for nothing but the records.
fn beside_dig(address: SocketAddr, secret: &str, folder: &Path, delegations: u64) -> anyhow::Result<()> {
    if !installed(&["dig", "kdig"]) {
        return Ok(());
    }
    for tool in ["dig", "kdig"] {
        let path = folder.join(tool);
        let before = cpu_of_children()?;
        let status = program(tool)
            .arg(format!("@{}", address.ip()))
            .args(["-p", &address.port().to_string(), "-y", &format!("hmac-sha256:bench:{secret}")])
            .args(["+noall", "+answer", "xx.", "AXFR"])
            .stdout(File::create(&path)?)
            .status()?;
        let used = cpu_of_children()?.saturating_sub(before);
        ensure!(status.success(), "{tool}: {status}");
        let owners: HashSet<String> = BufReader::new(File::open(&path)?)
            .lines()
            .map_while(Result::ok)
            .filter(|line| line.split_whitespace().nth(3) == Some("NS"))
            .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
            .collect();
        // The apex has name servers too, and is no delegation.
        let seen = owners.iter().filter(|owner| *owner != "xx.").count() as u64;
        ensure!(seen == delegations, "{tool} has {seen} delegations of {delegations}");
        std::fs::remove_file(&path)?;
        figure(&format!("... {tool}, with the same key, into a text file"), &shown(used), "");
    }
    Ok(())
}

/// Gives updates to an engine and waits for what follows: how many rows of views change.
fn feed(engine: &mut Engine, at: Epoch, updates: &[Update]) -> anyhow::Result<usize> {
    for updates in updates.chunks(1 << 16) {
        let delegations = updates.iter().filter_map(|update| match update {
            Update::Delegation(key, before, after) => {
                Some(Change { key: key.clone(), before: *before, after: *after })
            }
            _ => None,
        });
        engine.feed(at, Changes { delegations: delegations.collect(), ..Changes::default() })?;
    }
    Ok(engine.settle(at)?.iter().map(|diffs| diffs.typosquats.len() + diffs.high_risk.len()).sum())
}
