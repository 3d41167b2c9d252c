//! A year and more of newly registered names, replayed by day: which of them the lists would have flagged on the day on
//! which they appeared, how many of those a feed named later, and how many days later; beside it how many of all new
//! names a feed named. Needs the files of `../shared/data`, or of the folder named behind `--data`; without them it is
//! skipped. `cargo test` does not read them.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::collections::BTreeMap;

use panopticon_benches::dga::evaluate::wilson;
use panopticon_benches::labels::index;
use panopticon_benches::shared::Shared;
use panopticon_dataflow::lexical::{Context, ProtectedList, Scratch, Tier, judge};
use panopticon_dataflow::risk::{Cutoff, Histogram, Model, Pattern};
use panopticon_datasets::reference;
use panopticon_model::name::{HostName, SuffixList};
use panopticon_model::time::Day;

/// Histories of feeds: day, sign, what is listed last.
const FEEDS: [&str; 5] = [
    "feeds/gaso_scam_2022-2026.daily_deltas.tsv.zst",
    "feeds/polkadot_phishing_2020-2026.daily_deltas.tsv.zst",
    "feeds/durablenapkin_scam_2019-2026.daily_deltas.tsv.zst",
    "feeds/maltrail_2026-01_2026-08.daily_deltas.tsv.zst",
    "feeds/discord_phish_2021-2024.daily_deltas.tsv.zst",
];
const NEW: [&str; 2] = ["nrd/nrd_2024-02_2024-12.tsv.zst", "nrd/nrd_2025.tsv.zst"];

/// What became of the names of a list.
#[derive(Default)]
struct Became {
    names: u64,
    /// Days until a feed named them.
    listed: Vec<u32>,
}

fn main() -> anyhow::Result<()> {
    let shared = Shared::folder();
    if panopticon_benches::small() {
        println!("skipped: it reads much, and only as a bench");
        return Ok(());
    }
    if let Some(missing) = shared.missing(&[FEEDS.as_slice(), &NEW].concat()) {
        println!("{missing}");
        return Ok(());
    }
    let named = named(&FEEDS.iter().map(|file| shared.text(file)).collect::<anyhow::Result<Vec<String>>>()?);
    let list = ProtectedList::read([], reference::IMITATED)?;
    let index = index(list.names())?;
    let model = Model::from_bytes(reference::DGA_MODEL)?;
    let cut = |share| Cutoff::new(&Histogram::default(), model.background(), share);
    let cuts = [cut(1e-3), cut(1e-4)];
    let mut scratch = Scratch::default();
    let mut seen = std::collections::HashSet::new();
    let mut days = std::collections::BTreeSet::new();
    let mut all: BTreeMap<&str, Became> = BTreeMap::new();
    let mut passed_over = 0_u64;
    for file in NEW {
        for line in shared.text(file)?.lines().filter(|line| !line.starts_with('#')) {
            let mut fields = line.split('\t');
            let (Some(day), _, Some(name)) = (fields.next(), fields.next(), fields.next()) else { continue };
            let (Ok(day), Some((label, _))) = (day.parse::<Day>(), name.split_once('.')) else { continue };
            if !seen.insert(name.to_owned()) {
                continue;
            }
            days.insert(day);
            // Hashed owners of NSEC3 are no names.
            if Pattern::of(label) == Some(Pattern::Nsec3) {
                passed_over += 1;
                continue;
            }
            let context = Context { age_days: Some(0), ..Context::default() };
            let tier = index
                .find(label, &mut scratch)
                .iter()
                .filter_map(|pair| {
                    let target = index.name(pair.target)?;
                    let judgement = judge(index.tables(), label, target, &pair.findings, &context);
                    judgement.suppressed_by.is_none().then_some(judgement.tier)
                })
                .max();
            let score = model.score(label);
            let later = named.get(name).filter(|on| **on >= day).map(|on| on.0 - day.0);
            let mut lists = vec!["all new names"];
            lists.extend(match tier {
                Some(Tier::High) => Some("look-alikes, high"),
                Some(Tier::Review) => Some("look-alikes, review"),
                _ => None,
            });
            lists.extend(cuts[0].is_reached(score).then_some("made by a machine, at 0.1 %"));
            lists.extend(cuts[1].is_reached(score).then_some("made by a machine, at 0.01 %"));
            for list in lists {
                let became = all.entry(list).or_default();
                became.names += 1;
                became.listed.extend(later);
            }
        }
    }
    println!("{} days, {passed_over} hashed owners passed over, {} names in feeds", days.len(), named.len());
    println!(
        "{:<30} {:>9} {:>8} {:>7} {:>30} {:>12}",
        "list", "names", "a day", "named", "share in 90 days", "median days"
    );
    for (list, mut became) in all {
        became.listed.sort_unstable();
        let in_time = became.listed.iter().filter(|days| **days <= 90).count();
        let share = wilson(in_time as f64, became.names as f64);
        let [low, high] = share.interval.map(|end| end * 100.0);
        let median = became.listed.get(became.listed.len() / 2).map_or("-".to_owned(), u32::to_string);
        println!(
            "{list:<30} {:>9} {:>8.1} {:>7} {:>30} {median:>12}",
            became.names,
            became.names as f64 / days.len() as f64,
            became.listed.len(),
            format!("{:.3} % ({low:.3} to {high:.3})", share.share * 100.0)
        );
    }
    Ok(())
}

/// Registered domains with the first day on which a feed named them.
fn named(feeds: &[String]) -> BTreeMap<String, Day> {
    let suffixes = SuffixList::built_in();
    let mut named: BTreeMap<String, Day> = BTreeMap::new();
    for line in feeds.iter().flat_map(|text| text.lines()) {
        let mut fields = line.split('\t');
        let (Some(day), Some("1" | "+1"), Some(value)) = (fields.next(), fields.next(), fields.next_back()) else {
            continue;
        };
        let host = value.rsplit(' ').next().unwrap_or(value);
        let host = host.split_once("://").map_or(host, |(_, rest)| rest).split(['/', ':', '?']).next();
        let (Ok(day), Some(Ok(host))) = (day.parse::<Day>(), host.map(HostName::parse)) else { continue };
        let Some(suffix) = suffixes.icann_suffix(&host) else { continue };
        let above = host.as_str().strip_suffix(suffix).and_then(|rest| rest.strip_suffix('.'));
        let Some(label) = above.and_then(|rest| rest.rsplit('.').next()) else { continue };
        let first = named.entry(format!("{label}.{suffix}")).or_insert(day);
        *first = day.min(*first);
    }
    named
}
