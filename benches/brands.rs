//! How well look-alikes are told: lists of phishing names that are made after a few brands, and names that are popular or
//! registered and on no such list. What a list holds of each tier, how much of a tier is from the list, and how many names
//! that are on none would be reported. The lists are labelled by people who saw the pages; most of their names imitate
//! nothing by their letters, so the share of those that do, by a plain measure of its own, stands beside.
//! Needs the files of [`Shared`], and for MetaMask's list what `benches/peers/install` brings. `cargo test` skips it.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context as _;
use panopticon_benches::dga::evaluate::wilson;
use panopticon_benches::dga::sample::{hosts, labels};
use panopticon_benches::labels::index;
use panopticon_benches::shared::Shared;
use panopticon_dataflow::lexical::{Context, Index, Judgement, ProtectedName, Scratch, Tier, judge};
use serde::Deserialize;

const DISCORD: &str = "feeds/discord_phish_2021-2024.daily_deltas.tsv.zst";
const POLKADOT: &str = "feeds/polkadot_phishing_2020-2026.daily_deltas.tsv.zst";
const POPULAR: &str = "toplists/tranco_1m_2025-01-15.alphabetical.txt.zst";
const CCTLD: &str = "cctld/tb0hdan_2020-03-14_final_all_cctld.tsv.zst";
/// The brands of the lists that come without their own.
const OF_DISCORD: [&str; 4] = ["discord.com", "discordapp.com", "steamcommunity.com", "steampowered.com"];
const OF_POLKADOT: [&str; 6] =
    ["polkadot.network", "kusama.network", "metamask.io", "trustwallet.com", "uniswap.org", "binance.com"];

fn main() -> anyhow::Result<()> {
    let shared = Shared::folder();
    if panopticon_benches::small() {
        println!("skipped: it reads much, and only as a bench");
        return Ok(());
    }
    if let Some(missing) = shared.missing(&[DISCORD, POLKADOT, POPULAR, CCTLD]) {
        println!("{missing}");
        return Ok(());
    }
    let benign =
        [("popular", flat(hosts(&shared.text(POPULAR)?))), ("registered", flat(hosts(&shared.text(CCTLD)?)))];
    if let Some(metamask) = MetaMask::read()? {
        let named: Vec<&str> = metamask.fuzzylist.iter().map(String::as_str).collect();
        let phishing = flat(metamask.blacklist.iter().map(String::as_str));
        let good = flat(metamask.whitelist.iter().map(String::as_str));
        let [popular, registered] = benign.clone();
        tell("MetaMask's list", &named, &phishing, &[("its own allow-list", good), popular, registered])?;
    }
    tell("the list of Discord phishing", &OF_DISCORD, &flat(hosts(&shared.text(DISCORD)?)), &benign)?;
    tell("the list of polkadot-js", &OF_POLKADOT, &flat(hosts(&shared.text(POLKADOT)?)), &benign)
}

/// Labels before the public suffix, each once.
fn flat<'a>(hosts: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    labels(hosts).into_values().flatten().collect()
}

/// The configuration that the wallet carries, as its npm package has it.
#[derive(Deserialize)]
struct MetaMask {
    fuzzylist: Vec<String>,
    blacklist: Vec<String>,
    whitelist: Vec<String>,
}

impl MetaMask {
    fn read() -> anyhow::Result<Option<MetaMask>> {
        let file =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers/eth-phishing-detect/src/config.json");
        let Ok(text) = std::fs::read(&file) else {
            println!("skipped: MetaMask's list, which `benches/peers/install` fetches");
            return Ok(None);
        };
        Ok(Some(serde_json::from_slice(&text).context("MetaMask's list is another than we know")?))
    }
}

/// What comes of a set of labels.
#[derive(Default)]
struct Found {
    all: usize,
    /// Labels that imitate by the plain measure, and how many of those reach each tier.
    plain: usize,
    plain_reached: [usize; 3],
    /// Labels that reach each tier, held back or not.
    reached: [usize; 3],
    /// The same, held back left out.
    told: [usize; 3],
}

const TIERS: [Tier; 3] = [Tier::Info, Tier::Review, Tier::High];

fn find(index: &Index, names: &[ProtectedName], labels: &BTreeSet<String>) -> Found {
    let mut found = Found::default();
    let mut scratch = Scratch::default();
    for label in labels.iter().filter(|label| names.iter().all(|name| name.label != **label)) {
        found.all += 1;
        let judged: Vec<_> = index
            .find(label, &mut scratch)
            .iter()
            .filter_map(|pair| {
                let name = index.name(pair.target)?;
                Some(judge(index.tables(), label, name, &pair.findings, &Context::default()))
            })
            .collect();
        let plain = names.iter().any(|name| imitates(label, &name.label));
        found.plain += usize::from(plain);
        for (at, tier) in TIERS.iter().enumerate() {
            let reached = judged.iter().any(|judged| judged.tier >= *tier);
            found.reached[at] += usize::from(reached);
            found.plain_reached[at] += usize::from(reached && plain);
            let told = |judged: &Judgement| judged.tier >= *tier && judged.suppressed_by.is_none();
            found.told[at] += usize::from(judged.iter().any(told));
        }
    }
    found
}

fn tell(
    list: &str,
    named: &[&str],
    phishing: &BTreeSet<String>,
    benign: &[(&str, BTreeSet<String>)],
) -> anyhow::Result<()> {
    let split = |name: &&str| name.split_once('.').map(|(label, tld)| ProtectedName::new(label, tld));
    let names: Vec<ProtectedName> = named.iter().filter_map(split).collect();
    let index = index(&names)?;
    let hits = find(&index, &names, phishing);
    println!("\n== {list}: {} labels, {} protected names", hits.all, names.len());
    println!("imitate by one slip or hold a name: {}", share(hits.plain, hits.all));
    println!(
        "{:<8} {:>36} {:>36} {:>36}",
        "tier >=", "of the list", "of those that imitate", "told: not held back"
    );
    for (at, tier) in TIERS.iter().enumerate() {
        println!(
            "{:<8} {:>36} {:>36} {:>36}",
            tier.as_str(),
            share(hits.reached[at], hits.all),
            share(hits.plain_reached[at], hits.plain),
            share(hits.told[at], hits.all)
        );
    }
    let others: Vec<(&str, Found)> = benign
        .iter()
        .map(|(what, labels)| (*what, find(&index, &names, &labels.difference(phishing).cloned().collect())))
        .collect();
    for (what, found) in &others {
        println!("\nbeside {} labels that are {what} and not on the list", found.all);
        for (at, tier) in TIERS.iter().enumerate() {
            let alarms = found.told[at] as f64 * 1e6 / found.all as f64 / names.len() as f64;
            println!(
                "{:<8} {:>6} would be told: {alarms:.2} of a million, a protected name; of all that is told, from the list: {}",
                tier.as_str(),
                found.told[at],
                share(hits.told[at], hits.told[at] + found.told[at])
            );
        }
    }
    Ok(())
}

/// Holds a name of five letters or more, or is one slip away from it: an insertion, an omission, another letter, or two
/// that changed places. Written without what is measured.
fn imitates(label: &str, name: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (label.chars().collect(), name.chars().collect());
    let same = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one[same..], &other[same..]);
    let swapped = || matches!((one, other), ([a, b, x @ ..], [c, d, y @ ..]) if a == d && b == c && x == y);
    let slip = match one.len().cmp(&other.len()) {
        std::cmp::Ordering::Equal => one.is_empty() || one[1..] == other[1..] || swapped(),
        std::cmp::Ordering::Greater => one[1..] == *other,
        std::cmp::Ordering::Less => *one == other[1..],
    };
    slip || name.len() >= 5 && label.contains(name)
}

fn share(hits: usize, all: usize) -> String {
    let share = wilson(hits as f64, all as f64);
    let [low, high] = share.interval.map(|end| end * 100.0);
    format!("{hits} of {all}, {:.2} % ({low:.2} to {high:.2})", share.share * 100.0)
}
