//! Look-alikes beside what others have: openSquat's detector, which compares every pair, and twistrs, which generates in
//! Rust as dnstwist does in Python. The peers are installed by `benches/peers/install`; without them it is skipped.
//! `cargo test` skips it. dnstwist is in the bench `lexical`.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use panopticon_benches::labels::{Labels, index, names};
use panopticon_benches::measure::{figure, shown, timed};
use panopticon_benches::peers::python_of_benches;
use panopticon_dataflow::lexical::{ProtectedName, Scratch, typing_candidates};
use serde::Deserialize;

fn main() -> anyhow::Result<()> {
    panopticon_benches::keep_freed_memory();
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    let peers = Peers { python: python_of_benches(), twistrs: target.join("peers/twistrs/release/twistrs-pairs") };
    if panopticon_benches::small() || !peers.python.exists() || !peers.twistrs.exists() {
        println!("skipped: a bench only, of peers that `benches/peers/install` brings");
        return Ok(());
    }
    beside_opensquat(&peers)?;
    beside_twistrs(&peers)
}

struct Peers {
    python: PathBuf,
    twistrs: PathBuf,
}

/// A zone and protected names, here and in a folder for the peer.
struct World {
    names: Vec<ProtectedName>,
    labels: Labels,
    folder: tempfile::TempDir,
}

impl World {
    fn made(labels: u64, protected: u64) -> anyhow::Result<World> {
        let names = names(protected);
        let labels = Labels::made(labels, &names);
        let folder = tempfile::tempdir()?;
        let lines = |lines: Vec<&str>| lines.join("\n") + "\n";
        std::fs::write(folder.path().join("labels"), lines(labels.iter().collect()))?;
        std::fs::write(
            folder.path().join("names"),
            lines(names.iter().map(|name| name.label.as_str()).collect()),
        )?;
        println!("\n{} labels, {} protected names", labels.iter().count(), names.len());
        Ok(World { names, labels, folder })
    }

    fn ask<T: serde::de::DeserializeOwned>(&self, command: &mut Command) -> anyhow::Result<T> {
        let output = command.arg(self.folder.path()).stderr(std::process::Stdio::inherit()).output()?;
        ensure!(output.status.success(), "the peer failed: {}", output.status);
        serde_json::from_slice(&output.stdout).context("cannot read what the peer took")
    }

    fn written(&self, file: &str) -> anyhow::Result<Vec<(String, String, String)>> {
        let text = std::fs::read_to_string(self.folder.path().join(file))?;
        let field = |fields: &mut std::str::Split<'_, char>| fields.next().unwrap_or_default().to_owned();
        Ok(text
            .lines()
            .map(|line| {
                let mut fields = line.split('\t');
                (field(&mut fields), field(&mut fields), field(&mut fields))
            })
            .collect())
    }
}

/// What is found: name, label, technique.
type Pairs = BTreeSet<(String, String, String)>;

/// All techniques, each label of the zone against all names.
fn scan(world: &World) -> anyhow::Result<(Pairs, f64)> {
    let index = index(&world.names)?;
    let mut scratch = Scratch::default();
    let (found, took) = timed(|| {
        let found = world.labels.iter().map(|label| (label, index.find(label, &mut scratch)));
        Ok(found.filter(|(_, pairs)| !pairs.is_empty()).collect::<Vec<_>>())
    })?;
    figure("ours, all techniques: CPU", &shown(took.cpu), "");
    let mut all = Pairs::new();
    for (label, pairs) in &found {
        for pair in pairs {
            let name = index.name(pair.target).context("a pair has a name")?;
            let row = |technique: &str| (name.label.to_string(), (*label).to_owned(), technique.to_owned());
            all.extend(pair.findings.iter().map(|(technique, _)| row(technique.as_str())));
        }
    }
    Ok((all, took.cpu.as_secs_f64()))
}

#[derive(Deserialize)]
struct OpenSquat {
    version: String,
    cpu: f64,
    compared: u64,
}

fn beside_opensquat(peers: &Peers) -> anyhow::Result<()> {
    // It would need hours for the zone that we are measured on.
    let world = World::made(10_000, 20)?;
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/opensquat_pairs.py");
    let peer: OpenSquat = world.ask(Command::new(&peers.python).arg(program))?;
    let theirs: BTreeSet<(String, String)> =
        world.written("opensquat")?.into_iter().map(|(name, label, _)| (name, label)).collect();
    let (ours, _) = scan(&world)?;
    let ours: BTreeSet<(String, String)> = ours.into_iter().map(|(name, label, _)| (name, label)).collect();
    let theirs: BTreeSet<(String, String)> = theirs.into_iter().filter(|(name, label)| name != label).collect();
    let both = theirs.intersection(&ours).count();
    ensure!(both > 0, "nothing is found by both");
    figure(
        &format!("pairs: openSquat {}, ours, both", peer.version),
        &format!("{}, {}, {both}", theirs.len(), ours.len()),
        "",
    );
    for (name, label) in theirs.difference(&ours).take(5) {
        println!("    openSquat alone: {label} for {name}");
    }
    let large = World::made(1_000_000, 10_000)?;
    let (_, cpu) = scan(&large)?;
    let (of_theirs, of_ours) = (peer.cpu / peer.compared as f64, cpu / 1e10);
    figure(
        "a pair compared: openSquat, ours; times",
        &format!("{:.1} us, {:.4} ns; {:.0}", of_theirs * 1e6, of_ours * 1e9, of_theirs / of_ours),
        ">= 100,000",
    );
    Ok(())
}

#[derive(Deserialize)]
struct Twistrs {
    typing_cpu: f64,
    all_cpu: f64,
}

/// Kinds of twistrs that mean what ours of the same name means.
const SAME: [&str; 4] = ["hyphenation", "omission", "repetition", "transposition"];

fn beside_twistrs(peers: &Peers) -> anyhow::Result<()> {
    let world = World::made(1_000_000, 1_000)?;
    let peer: Twistrs = world.ask(&mut Command::new(&peers.twistrs))?;
    let theirs: Pairs = world.written("twistrs")?.into_iter().collect();
    let (ours, cpu) = scan(&world)?;
    for kind in SAME {
        let of = |pairs: &Pairs| pairs.iter().filter(|pair| pair.2 == kind).cloned().collect::<Pairs>();
        let (ours, theirs) = (of(&ours), of(&theirs));
        println!(
            "    {kind}: {} in both, twistrs alone {:?}, ours alone {:?}",
            ours.intersection(&theirs).count(),
            theirs.difference(&ours).take(3).collect::<Vec<_>>(),
            ours.difference(&theirs).take(3).collect::<Vec<_>>()
        );
    }
    let mut other: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    let named: HashSet<(&str, &str)> =
        ours.iter().map(|(name, label, _)| (name.as_str(), label.as_str())).collect();
    for (name, label, kind) in theirs.iter().filter(|pair| !SAME.contains(&pair.2.as_str())) {
        let count = other.entry(kind).or_default();
        count[0] += 1;
        count[1] += usize::from(named.contains(&(name.as_str(), label.as_str())));
    }
    for (kind, [all, known]) in other {
        println!("    {kind}: {all} by twistrs, {known} of them ours too, by some technique");
    }

    // The same way round: candidates of each name, looked up in a set.
    let set: HashSet<&str> = world.labels.iter().collect();
    let index = index(&world.names)?;
    let (hits, took) = timed(|| {
        let made = world.names.iter().flat_map(|name| typing_candidates(index.tables(), name));
        Ok(made.filter(|(_, label)| set.contains(label.as_str())).count())
    })?;
    ensure!(hits > 0, "no candidate is in the zone");
    let times = |seconds: f64, ours: f64| format!("{seconds:.3} s, {ours:.3} s: {:.1}", seconds / ours);
    let typing = took.cpu.as_secs_f64();
    figure("typing, candidates and a set: twistrs, ours; times", &times(peer.typing_cpu, typing), ">= 5");
    figure("all kinds of twistrs, our scan; times", &times(peer.all_cpu, cpu), "");
    Ok(())
}
