//! A zone of 10,000,000 labels looked through for what imitates 1,000, 10,000 and 100,000 protected names, all
//! techniques; and beside dnstwist's own generator, on 1,000,000 labels and 1,000 names. `cargo test` runs a
//! thousandth of it; `-- --alone` leaves dnstwist out.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, ensure};
use panopticon_benches::labels::{Labels, index, names};
use panopticon_benches::measure::{Latencies, figure, memory, shown, timed};
use panopticon_benches::peers::python;
use panopticon_dataflow::lexical::{
    Index, ProtectedName, Scratch, TYPING, Technique, Typosquat, candidates, typing_candidates,
};
use serde::Deserialize;

fn main() -> anyhow::Result<()> {
    panopticon_benches::keep_freed_memory();
    let part = if panopticon_benches::small() { 1000 } else { 1 };
    for (protected, reach) in [(1_000, ""), (10_000, ">= 6,000,000/s"), (100_000, ">= 2,200,000/s")] {
        scan(10_000_000 / part, protected / part.min(100), reach)?;
    }
    one_name(10_000 / part.min(100))?;
    if !panopticon_benches::asked("--alone") {
        beside_dnstwist(1_000_000 / part, 1_000 / part.min(20))?;
    }
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
    let before = memory("VmRSS")?;
    let (index, took) = timed(|| Ok(index(&names)?))?;
    figure("index made", &shown(took.cpu), "");
    let keys = index.key_bytes() as f64 / names.len() as f64;
    let weight = memory("VmRSS")?.saturating_sub(before) as f64 / names.len() as f64;
    figure("memory of a protected name; of its keys", &format!("{weight:.0}; {keys:.0} bytes"), "");
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
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/dnstwist_peer.py");
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

fn lines(text: &str) -> std::collections::BTreeSet<&str> {
    text.lines().collect()
}
