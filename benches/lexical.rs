//! A zone of 10,000,000 labels looked through for what imitates 1,000, 10,000 and 100,000 protected names, all
//! techniques; and beside dnstwist's own generator, on 1,000,000 labels and 1,000 names. `cargo test` runs a
//! thousandth of it; `-- --alone` leaves dnstwist out.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufWriter, Write};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, ensure};
use panopticon_benches::labels::{Labels, index, names};
use panopticon_benches::measure::{Latencies, figure, memory, shown, timed};
use panopticon_benches::peers::python;
use panopticon_benches::shared::Shared;
use panopticon_dataflow::lexical::{
    Context as Known, Index, ProtectedName, Scratch, Suppression, TYPING, Technique, Typosquat, candidates, judge,
    typing_candidates,
};
use serde::Deserialize;

fn main() -> anyhow::Result<()> {
    panopticon_benches::keep_freed_memory();
    let part = if panopticon_benches::small() { 1000 } else { 1 };
    memory_of(100_000 / part)?;
    for (protected, reach) in [(1_000, ""), (10_000, ">= 6,000,000/s"), (100_000, ">= 2,200,000/s")] {
        scan(10_000_000 / part, protected / part.min(100), reach)?;
    }
    if part == 1 {
        real()?;
    }
    one_name(10_000 / part.min(100))?;
    if !panopticon_benches::asked("--alone") {
        beside_dnstwist(1_000_000 / part, if part == 1 { 1_000 } else { 5 })?;
    }
    Ok(())
}

/// What the index of a name weighs, while nothing else was freed yet.
fn memory_of(protected: u64) -> anyhow::Result<()> {
    let names = names(protected);
    let before = memory("VmRSS")?;
    let index = index(&names)?;
    let weight = memory("VmRSS")?.saturating_sub(before) / protected;
    let keys = index.key_bytes() / names.len();
    figure("memory of a protected name; of its keys alone", &format!("{weight}; {keys} bytes"), "");
    Ok(())
}

/// Every label against every protected name.
fn scan(labels: u64, protected: u64, reach: &str) -> anyhow::Result<()> {
    let names = names(protected);
    let labels = Labels::made(labels, &names);
    let count = labels.iter().count();
    println!(
        "\n{count} labels of {:.1} octets, {} protected names",
        labels.octets() as f64 / count as f64,
        names.len()
    );
    let (index, took) = timed(|| Ok(index(&names)?))?;
    figure("index made", &shown(took.cpu), "");
    let mut scratch = Scratch::default();
    let mut found: BTreeMap<Technique, u64> = BTreeMap::new();
    let mut pairs = 0_u64;
    let ((), took) = timed(|| {
        for label in labels.iter() {
            for pair in index.find(label, &mut scratch) {
                pairs += 1;
                pair.findings.iter().for_each(|(technique, _)| *found.entry(*technique).or_default() += 1);
            }
        }
        Ok(())
    })?;
    let each = took.cpu.div_f64(count as f64);
    let rate = count as f64 / took.cpu.as_secs_f64();
    let measured = format!("{} CPU, {rate:.0}/s, {} ns", shown(took.cpu), each.as_nanos());
    figure("scan, all techniques; labels a CPU second; of one", &measured, reach);
    figure("pairs", &pairs.to_string(), "");
    let kinds: Vec<String> = found.iter().map(|(technique, count)| format!("{technique} {count}")).collect();
    println!("{}", kinds.join(", "));
    ensure!(pairs > 0, "nothing was found");
    Ok(())
}

/// Labels that are registered somewhere, against those of the 10,000 most popular names: time, and what it comes to on
/// letters alone.
fn real() -> anyhow::Result<()> {
    let shared = Shared::folder();
    let (ranks, zones) = ("toplists/rank_tiers.tsv.zst", "cctld/tb0hdan_2020-03-14_final_all_cctld.tsv.zst");
    if let Some(missing) = shared.missing(&[ranks, zones]) {
        println!("\n{missing}");
        return Ok(());
    }
    let lines = |file: &str| -> anyhow::Result<BTreeSet<(String, String)>> {
        let text = shared.text(file)?;
        let ranked = |line: &&str| file != ranks || line.starts_with("tranco10k\t");
        // The label before the TLD; names under suffixes of two labels are left out.
        let names = text.lines().filter(ranked).filter_map(|line| line.rsplit('\t').next());
        let parts = names.filter_map(|name| name.rsplit_once('.').filter(|(label, _)| !label.contains('.')));
        Ok(parts.map(|(label, tld)| (label.to_owned(), tld.to_owned())).collect())
    };
    let names: Vec<ProtectedName> =
        lines(ranks)?.iter().map(|(label, tld)| ProtectedName::new(label, tld)).collect();
    let protected: BTreeSet<&str> = names.iter().map(|name| name.label.as_str()).collect();
    let registered: BTreeSet<String> = lines(zones)?.into_iter().map(|(label, _)| label).collect();
    let mut labels = Labels::default();
    registered.iter().for_each(|label| labels.push(label));
    let index = index(&names)?;
    println!("\n{} registered labels of ccTLDs, {} popular names", registered.len(), names.len());
    let mut scratch = Scratch::default();
    let (found, took) = timed(|| {
        let found = labels.iter().map(|label| (label, index.find(label, &mut scratch)));
        Ok(found.filter(|(_, pairs)| !pairs.is_empty()).collect::<Vec<_>>())
    })?;
    let rate = registered.len() as f64 / took.cpu.as_secs_f64();
    figure("scan, all techniques; labels a CPU second", &format!("{} CPU, {rate:.0}/s", shown(took.cpu)), "");
    let mut tiers: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for (label, pairs) in &found {
        let context = Known { protected: protected.contains(label), ..Known::default() };
        for pair in pairs {
            let name = index.name(pair.target).context("a pair has a name")?;
            let judged = judge(index.tables(), label, name, &pair.findings, &context);
            let reason = judged.suppressed_by.map_or("counts", Suppression::as_str);
            *tiers.entry((judged.tier.as_str(), reason)).or_default() += 1;
        }
    }
    tiers.iter().for_each(|((tier, reason), count)| println!("    {tier:<7} {reason:<16} {count:>8}"));
    Ok(())
}

/// What a new protected name costs, and one label.
fn one_name(protected: u64) -> anyhow::Result<()> {
    let names = names(protected);
    let made = index(&names)?;
    let new =
        |n: u64| names.get(n as usize % names.len()).cloned().unwrap_or_else(|| ProtectedName::new("name", "com"));
    let tables = made.tables();
    let mut labels = 0;
    let latencies = Latencies::of(1000, |n| {
        labels += candidates(tables, &new(n)).len();
        Ok(())
    })?;
    println!("\n{} protected names", names.len());
    figure("candidates of a new name, ASCII homoglyphs too: p50, p99", &both(&latencies), "");
    figure("... how many", &(labels / 1000).to_string(), "");
    let mut scratch = Scratch::default();
    let latencies = Latencies::of(100_000, |n| {
        std::hint::black_box(made.find(&new(n).label, &mut scratch));
        Ok(())
    })?;
    figure("one label that is a protected name: p50, p99", &both(&latencies), "");
    Ok(())
}

fn both(latencies: &Latencies) -> String {
    format!("{}, {}", shown(latencies.at(0.5)), shown(latencies.at(0.99)))
}

#[derive(Deserialize)]
struct PeerTook {
    version: String,
    typing_cpu: f64,
    all_cpu: f64,
    homoglyphs: usize,
}

/// The same pairs by dnstwist: it generates, and what it generates is looked up in a set.
fn beside_dnstwist(labels: u64, protected: u64) -> anyhow::Result<()> {
    let names = names(protected);
    let labels = Labels::made(labels, &names);
    let folder = tempfile::tempdir()?;
    let write = |file: &str, lines: Vec<&str>| -> anyhow::Result<()> {
        let mut file = BufWriter::new(std::fs::File::create(folder.path().join(file))?);
        lines.iter().try_for_each(|line| writeln!(file, "{line}"))?;
        Ok(file.flush()?)
    };
    write("labels", labels.iter().collect())?;
    write("names", names.iter().map(|name| name.label.as_str()).collect())?;
    let python = python();
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/dnstwist_pairs.py");
    let output = Command::new(&python)
        .arg(program)
        .arg(folder.path())
        .stderr(std::process::Stdio::inherit())
        .output()
        .with_context(|| format!("cannot run {}: `tests/run` installs it", python.display()))?;
    ensure!(output.status.success(), "dnstwist failed: {}", output.status);
    let peer: PeerTook = serde_json::from_slice(&output.stdout)?;

    let index = index(&names)?;
    let (pairs, took) = timed(|| {
        let mut scratch = Scratch::default();
        Ok(labels
            .iter()
            .map(|label| (label, index.find(label, &mut scratch)))
            .filter(|(_, found)| !found.is_empty())
            .collect::<Vec<_>>())
    })?;
    let ours = written(&index, &pairs, |technique| TYPING.contains(&technique));
    let theirs = std::fs::read_to_string(folder.path().join("typing"))?;
    ensure!(lines(&ours) == lines(&theirs), "typing techniques find other pairs than dnstwist {}", peer.version);
    let ours = written(&index, &pairs, |technique| technique == Technique::Homoglyph);
    let theirs = std::fs::read_to_string(folder.path().join("homoglyph"))?;
    let (ours, theirs) = (lines(&ours), lines(&theirs));
    let missed = theirs.difference(&ours).count();
    ensure!(missed == 0, "{missed} homoglyphs of dnstwist {} are missed", peer.version);

    println!("\n{} labels, {} names, beside dnstwist {}", labels.iter().count(), names.len(), peer.version);
    let share = |seconds: f64| format!("{seconds:.2} s: {:.0} times ours", seconds / took.cpu.as_secs_f64());
    figure("ours, all techniques: CPU", &shown(took.cpu), "");
    figure("dnstwist, typing techniques: CPU", &share(peer.typing_cpu), "");
    figure("dnstwist, homoglyphs too: CPU", &share(peer.all_cpu), ">= 300");
    figure(
        "typing pairs, the same in both",
        &lines(&written(&index, &pairs, |t| TYPING.contains(&t))).len().to_string(),
        "",
    );
    figure("homoglyphs: of dnstwist, all found; ours", &format!("{}; {}", peer.homoglyphs, ours.len()), "");

    // The other way round, as for a new name: our candidates, in the same set.
    let set: std::collections::HashSet<&str> = labels.iter().collect();
    let ((), took) = timed(|| {
        let mut hits = 0;
        for name in &names {
            let made = typing_candidates(index.tables(), name);
            hits += made.iter().filter(|(_, label)| set.contains(label.as_str())).count();
        }
        ensure!(hits > 0, "no candidate is in the zone");
        Ok(())
    })?;
    figure("our own candidates and a set, typing techniques: CPU", &shown(took.cpu), "");
    figure("... of a name", &shown(took.cpu.checked_div(names.len() as u32).unwrap_or(Duration::ZERO)), "");
    Ok(())
}

fn written(index: &Index, pairs: &[(&str, Vec<Typosquat>)], wanted: impl Fn(Technique) -> bool) -> String {
    let mut text = String::new();
    for (label, found) in pairs {
        for pair in found {
            let name = index.name(pair.target).map_or("", |name| name.label.as_str());
            for (technique, _) in pair.findings.iter().filter(|(technique, _)| wanted(*technique)) {
                text.push_str(&format!("{name}\t{label}\t{technique}\n"));
            }
        }
    }
    text
}

fn lines(text: &str) -> BTreeSet<&str> {
    text.lines().collect()
}
