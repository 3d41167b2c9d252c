//! The model of generated names: how fast it scores, whether the shipped one is what the shipped sample gives, and how
//! many names of families that it never saw it finds, beside a plain forest that is trained on the same sample.
//! `cargo test` trains on a hundredth of it; `-- --alone` leaves the training out.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::collections::BTreeMap;
use std::fs::File;

use anyhow::{Context, ensure};
use panopticon_benches::dga::evaluate::{cut, families, reach, scores, wilson};
use panopticon_benches::dga::sample::{Population, Sample};
use panopticon_benches::dga::train::Recipe;
use panopticon_benches::labels::{Labels, names};
use panopticon_benches::measure::{figure, shown, timed};
use panopticon_dataflow::risk::Model;
use panopticon_datasets::reference;

/// Registered names, as they are committed.
const SAMPLE: &[u8] = include_bytes!("../datasets/reference/dga/sample.txt.zst");
/// Shares of the names of a TLD that may reach the cut-off.
const SHARES: [f64; 2] = [1e-3, 1e-4];

fn main() -> anyhow::Result<()> {
    let small = panopticon_benches::small();
    let model = Model::from_bytes(reference::DGA_MODEL)?;
    speed(&model, if small { 1_000 } else { 3_000_000 })?;
    let sample = Sample::parse(std::str::from_utf8(&zstd::decode_all(SAMPLE)?)?)?;
    let sample = if small { sample.thinned(100) } else { sample };
    if panopticon_benches::asked("--alone") {
        return Ok(());
    }
    let (ours, took) = timed(|| Recipe::shipped().train(&sample))?;
    figure("training", &format!("{} CPU", shown(took.cpu)), "");
    if small {
        let again = Recipe::shipped().train(&sample)?;
        ensure!(ours.to_bytes() == again.to_bytes(), "training twice gives two models");
        return Ok(());
    }
    ensure!(
        ours.to_bytes() == reference::DGA_MODEL,
        "the shipped sample gives another model than the shipped one"
    );
    figure("the shipped model, from the shipped sample", "the same octets", "");
    let baseline = Recipe::baseline().train(&sample)?;
    evaluate(&model, &baseline)
}

fn speed(model: &Model, count: u64) -> anyhow::Result<()> {
    let labels = Labels::made(count, &names(1_000.min(count)));
    let (sum, took) =
        timed(|| Ok(labels.iter().map(|label| i64::from(model.score(label).milli() > 0)).sum::<i64>()))?;
    let rate = count as f64 / took.cpu.as_secs_f64();
    figure("labels scored in a CPU second", &format!("{rate:.0}; {sum} above even"), ">= 3,000,000");
    Ok(())
}

fn evaluate(model: &Model, baseline: &Model) -> anyhow::Result<()> {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data");
    let read = |file: &str| -> anyhow::Result<String> {
        let file = File::open(format!("{data}/{file}")).with_context(|| format!("cannot read `{file}`"))?;
        Ok(String::from_utf8(zstd::decode_all(file)?)?)
    };
    let Ok(samples) = read("dga/dga_samples.tsv.zst") else {
        println!("skipped: {data} is not here");
        return Ok(());
    };
    let cctld =
        [read("cctld/tb0hdan_2020-03-14_final_all_cctld.tsv.zst")?, read("cctld/tb0hdan_2020-03_series.tsv.zst")?];
    let popular = read("toplists/tranco_1m_2025-01-15.alphabetical.txt.zst")?;
    let held = Population::new(&[&cctld[0], &cctld[1]], &popular).held_out;
    println!("cut-offs from {} labels of .se .ee .ch .li .nu .sk, none of which was trained on", held.len());
    let cuts = [model, baseline].map(|model| {
        let sorted = scores(model, &held);
        SHARES.map(|share| cut(&sorted, share))
    });
    let mut kinds: BTreeMap<String, Vec<[f64; 4]>> = BTreeMap::new();
    println!(
        "{:<16} {:<11} {:>5} {:>22} {:>22} {:>13}",
        "family", "kind", "names", "at 0.1 %", "at 0.01 %", "plain forest"
    );
    for family in families(&samples, 90, 2500) {
        let all = family.labels.len() as f64;
        let found = [model, baseline].map(|model| scores(model, &family.labels));
        let of = |which: usize, share: usize| reach(&found[which], cuts[which][share]) as f64;
        let row = [of(0, 0) / all, of(0, 1) / all, of(1, 0) / all, of(1, 1) / all];
        let interval = |share: usize| {
            let share = wilson(of(0, share), all);
            let [low, high] = share.interval.map(|end| end * 100.0);
            format!("{:.1} ({low:.1} to {high:.1})", share.share * 100.0)
        };
        println!(
            "{:<16} {:<11} {all:>5} {:>22} {:>22} {:>5.1} / {:>5.1}",
            family.name,
            family.kind,
            interval(0),
            interval(1),
            row[2] * 100.0,
            row[3] * 100.0
        );
        kinds.entry(family.kind).or_default().push(row);
    }
    for (kind, rows) in kinds {
        let mean = |at: usize| 100.0 * rows.iter().map(|row| row[at]).sum::<f64>() / rows.len() as f64;
        let ours = format!("{:.1} / {:.1} %", mean(0), mean(1));
        let reach = format!("plain forest {:.1} / {:.1} %", mean(2), mean(3));
        figure(&format!("mean of {} {kind} families, at 0.1 % and 0.01 %", rows.len()), &ours, &reach);
    }
    Ok(())
}
