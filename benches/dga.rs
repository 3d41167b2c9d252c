//! The model of generated names: how fast it scores, whether the shipped one is what the shipped sample gives, and how
//! many names of families that it never saw it finds, beside a plain forest that is trained on the same sample.
//! `cargo test` trains on a hundredth of it; `-- --alone` leaves the training out.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use anyhow::ensure;
use panopticon_benches::dga::evaluate::{Family, cut, families, reach, scores, wilson};
use panopticon_benches::dga::sample::{Population, Sample};
use panopticon_benches::dga::train::Recipe;
use panopticon_benches::labels::{Labels, names};
use panopticon_benches::measure::{figure, shown, timed};
use panopticon_benches::peers::python_of_benches;
use panopticon_benches::shared::Shared;
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
    const SAMPLES: &str = "dga/dga_samples.tsv.zst";
    const CCTLD: [&str; 2] =
        ["cctld/tb0hdan_2020-03-14_final_all_cctld.tsv.zst", "cctld/tb0hdan_2020-03_series.tsv.zst"];
    const POPULAR: &str = "toplists/tranco_1m_2025-01-15.alphabetical.txt.zst";
    let shared = Shared::folder();
    if let Some(missing) = shared.missing(&[SAMPLES, CCTLD[0], CCTLD[1], POPULAR]) {
        println!("{missing}");
        return Ok(());
    }
    let samples = shared.text(SAMPLES)?;
    let cctld = [shared.text(CCTLD[0])?, shared.text(CCTLD[1])?];
    let popular = shared.text(POPULAR)?;
    let held = Population::new(&[&cctld[0], &cctld[1]], &popular).held_out;
    println!("cut-offs from {} labels of .se .ee .ch .li .nu .sk, none of which was trained on", held.len());
    let families = families(&samples, 90, 2500);
    let mut all = vec![
        Scored::new("ours", &held, &families, |labels| Ok(scores(model, labels)))?,
        Scored::new("plain forest", &held, &families, |labels| Ok(scores(baseline, labels)))?,
    ];
    if python_of_benches().exists() {
        all.push(Scored::new("dgaintel", &held, &families, dgaintel)?);
    } else {
        println!("dgaintel is left out: `benches/peers/install` brings it");
    }
    let rest: Vec<String> = all.iter().skip(1).map(|scored| format!("{:>13}", scored.name)).collect();
    println!(
        "{:<16} {:<11} {:>5} {:>22} {:>22} {}",
        "family",
        "kind",
        "names",
        "at 0.1 %",
        "at 0.01 %",
        rest.join(" ")
    );
    for (at, family) in families.iter().enumerate() {
        let count = family.labels.len() as f64;
        let interval = |found: &usize| {
            let share = wilson(*found as f64, count);
            let [low, high] = share.interval.map(|end| end * 100.0);
            format!("{:>22}", format!("{:.1} ({low:.1} to {high:.1})", share.share * 100.0))
        };
        let both = |found: &[usize; 2]| {
            let [loose, strict] = found.map(|found| found as f64 / count * 100.0);
            format!("{:>13}", format!("{loose:.1} / {strict:.1}"))
        };
        let ours: Vec<String> =
            all.iter().take(1).flat_map(|scored| scored.found[at].iter().map(interval)).collect();
        let rest: Vec<String> = all.iter().skip(1).map(|scored| both(&scored.found[at])).collect();
        let (name, kind) = (&family.name, &family.kind);
        println!("{name:<16} {kind:<11} {count:>5} {} {}", ours.join(" "), rest.join(" "));
    }
    let kinds: BTreeSet<&str> = families.iter().map(|family| family.kind.as_str()).collect();
    for kind in kinds {
        for scored in &all {
            let shares = |share: usize| -> Vec<f64> {
                let of_kind = families.iter().zip(&scored.found).filter(|(family, _)| family.kind == kind);
                of_kind.map(|(family, found)| 100.0 * found[share] as f64 / family.labels.len() as f64).collect()
            };
            let what = format!("mean of {} {kind} families, {}", shares(0).len(), scored.name);
            let figures = [0, 1].map(|share| mean(&shares(share)));
            figure(&what, &format!("{} at 0.1 %, {} at 0.01 %", figures[0], figures[1]), "");
        }
    }
    Ok(())
}

/// How many names of each family reach the two cut-offs of a model.
struct Scored {
    name: &'static str,
    found: Vec<[usize; 2]>,
}

impl Scored {
    /// Cut-offs from names that are held out, by a model that gives sorted scores.
    fn new(
        name: &'static str,
        held: &[String],
        families: &[Family],
        model: impl Fn(&[String]) -> anyhow::Result<Vec<i32>>,
    ) -> anyhow::Result<Scored> {
        let sorted = model(held)?;
        let cuts = SHARES.map(|share| cut(&sorted, share));
        let of_family = |family: &Family| {
            let sorted = model(&family.labels)?;
            Ok(cuts.map(|cut| reach(&sorted, cut)))
        };
        let found = families.iter().map(of_family).collect::<anyhow::Result<_>>()?;
        Ok(Scored { name, found })
    }
}

/// A mean over families, with its 95 % interval: that of a normal mean.
fn mean(all: &[f64]) -> String {
    let count = all.len() as f64;
    let mean = all.iter().sum::<f64>() / count;
    let variance = all.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / (count - 1.0).max(1.0);
    format!("{mean:.1} +- {:.1} %", 1.96 * (variance / count).sqrt())
}

/// Scores of the package, in thousand millionths, sorted. It knows names with their TLD.
fn dgaintel(labels: &[String]) -> anyhow::Result<Vec<i32>> {
    let folder = tempfile::tempdir()?;
    let names: String = labels.iter().map(|label| format!("{label}.com\n")).collect();
    std::fs::write(folder.path().join("names"), names)?;
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/dgaintel_scores.py");
    let output =
        Command::new(python_of_benches()).arg(program).arg(folder.path()).stderr(Stdio::null()).output()?;
    ensure!(output.status.success(), "dgaintel failed: {}", output.status);
    let text = std::fs::read_to_string(folder.path().join("scores"))?;
    let score = |line: &str| line.parse::<f64>().map(|score| (score * 1e9) as i32);
    let mut scores = text.lines().map(score).collect::<Result<Vec<i32>, _>>()?;
    ensure!(scores.len() == labels.len(), "dgaintel gave {} scores for {}", scores.len(), labels.len());
    scores.sort_unstable();
    Ok(scores)
}
