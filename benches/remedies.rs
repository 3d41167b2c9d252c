//! How good the remedies are: names that public data labels, what the model says of them, and how often it is wrong.
//! `cargo test` reads a small sample of made-up names; `cargo bench` the files of `../shared/data`, or of the folder
//! that `PANOPTICON_SHARED` names. What the figures do not show is in `docs/judgement.md`.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::fmt::Display;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use panopticon_benches::remedies::{
    Decided, Entry, Evidence, Judged, KINDS, Known, Labelled, Listings, SETS, THRESHOLDS, Truth, confusion, curve,
    fired, guarded_and_malicious, labelled,
};
use panopticon_benches::shared::Shared;
use panopticon_model::judgement::{ABSTAIN, Policy, RemedyKind, SIGNALS};
use panopticon_model::name::{Label, Places, SuffixList, TldRules};

fn main() -> anyhow::Result<()> {
    panopticon_benches::keep_freed_memory();
    let files = if panopticon_benches::small() { Files::sample() } else { Files::shared() };
    if let Some(missing) = files.missing() {
        println!("skipped: {} is not there", missing.display());
        return Ok(());
    }
    let (listings, known) = files.read()?;
    println!("left out: {} addresses, {} entries without a registered name", listings.addresses, listings.faulty);
    for (evidence, what) in [
        (Evidence::Both, "what both feeds list is evidence"),
        (Evidence::UrlhausOnly, "what URLhaus lists is evidence, of names that it lists"),
    ] {
        println!("\n== {what}");
        let names = labelled(&listings, &known, evidence);
        say_names(&names);
        let policy = Policy::default();
        let judged: Vec<Judged> = names.iter().filter_map(|name| name.judge(&policy)).collect();
        ensure!(judged.len() == names.len(), "{} of {} names have a remedy", judged.len(), names.len());
        say_confusion(&judged);
        say_guarded(&judged)?;
        say_signals(&judged);
        say_sets(&judged);
        say_curve(&judged);
    }
    println!("{LIMITS}");
    Ok(())
}

/// Where the data is.
struct Files {
    blackbook: PathBuf,
    urlhaus: PathBuf,
    popular: PathBuf,
    tiers: PathBuf,
    registered: Vec<PathBuf>,
}

impl Files {
    /// The sample that is part of the project. Its names are under `example`.
    fn sample() -> Files {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/remedies");
        Files {
            blackbook: folder.join("blackbook.csv"),
            urlhaus: folder.join("urlhaus.tsv"),
            popular: folder.join("popular.txt"),
            tiers: folder.join("tiers.tsv"),
            registered: vec![folder.join("registered.tsv")],
        }
    }

    fn shared() -> Files {
        let shared = Shared::folder();
        Files {
            blackbook: shared.path("feeds/blackbook_2018-10_2024-09.csv.zst"),
            urlhaus: shared.path("feeds/urlhaus_online_2018-2022.daily_deltas.tsv.zst"),
            popular: shared.path("toplists/tranco_1m_2025-01-15.alphabetical.txt.zst"),
            tiers: shared.path("toplists/rank_tiers.tsv.zst"),
            registered: ["nrd/nrd_2024-02_2024-12.tsv.zst", "nrd/nrd_2025.tsv.zst"]
                .map(|file| shared.path(file))
                .into(),
        }
    }

    fn missing(&self) -> Option<&Path> {
        let all = [&self.blackbook, &self.urlhaus, &self.popular, &self.tiers].into_iter().chain(&self.registered);
        all.map(PathBuf::as_path).find(|path| !path.exists())
    }

    fn read(&self) -> anyhow::Result<(Listings, Known)> {
        let example = TldRules { tld: Label::parse("example")?, rules: None };
        let mut listings = Listings::new(Places::new(SuffixList::built_in(), vec![example]));
        lines(&self.blackbook, |line| listings.extend(Entry::of_blackbook(line)))?;
        lines(&self.urlhaus, |line| listings.extend(Entry::of_urlhaus(line)))?;
        let mut known = Known::of(&listings);
        lines(&self.popular, |line| known.popular(line))?;
        lines(&self.tiers, |line| known.tier(line))?;
        for path in &self.registered {
            lines(path, |line| known.registered(line))?;
        }
        Ok((listings, known))
    }
}

/// Reads a file of text, compressed or not, line by line.
fn lines(path: &Path, mut each: impl FnMut(&str)) -> anyhow::Result<()> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let is_compressed = path.extension().is_some_and(|extension| extension == "zst");
    let input: Box<dyn Read> = if is_compressed { Box::new(zstd::Decoder::new(file)?) } else { Box::new(file) };
    for line in BufReader::new(input).lines() {
        each(&line.with_context(|| format!("cannot read {}", path.display()))?);
    }
    Ok(())
}

/// A share of names, in per cent; two decimals, because there are shares of a few in ten thousand.
fn percent(part: usize, whole: usize) -> String {
    if whole == 0 { "-".to_owned() } else { format!("{:.2}", 100.0 * part as f64 / whole as f64) }
}

/// Prints a row: what it is, and its columns.
fn row(what: &str, columns: impl IntoIterator<Item = impl Display>) {
    let columns: String = columns.into_iter().map(|column| format!("{:>15}", column.to_string())).collect();
    println!("{what:<24}{columns}");
}

fn say_names(names: &[Labelled]) {
    let say = |what: &str, is: &dyn Fn(&Labelled) -> bool| {
        let count = names.iter().filter(|name| is(name)).count();
        println!("  {what}: {count} ({} %)", percent(count, names.len()));
    };
    println!("{} labelled names", names.len());
    say("day of registration known", &|name| name.registered.is_some());
    say("seen as new only after they were listed, so registered again", &|name| name.is_registered_again);
    say("in blackbook and popular at once", &|name| {
        name.truth.expected() == Some(RemedyKind::Malicious) && name.is_popular
    });
    say("customers of platforms in blackbook", &|name| name.truth == Truth::Customer && name.in_blackbook);
}

fn say_confusion(judged: &[Judged]) {
    println!();
    row("label", KINDS.iter().map(|kind| kind.as_str()).chain(["names"]));
    for truth in Truth::ALL {
        let counts = confusion(judged, truth);
        row(truth.as_str(), counts.into_iter().chain([counts.iter().sum()]));
    }
}

fn say_guarded(judged: &[Judged]) -> anyhow::Result<()> {
    let wrong = guarded_and_malicious(judged);
    let guarded = judged.iter().filter(|one| one.is_guarded).count();
    println!("\nguarded names called malicious: {wrong} of {guarded}");
    ensure!(wrong == 0, "{wrong} guarded names are called malicious");
    Ok(())
}

fn say_signals(judged: &[Judged]) {
    println!("\nper cent of the names of a label on which a signal fires");
    row("signal", ["weight"].into_iter().chain(Truth::ALL.map(Truth::as_str)));
    let counts = Truth::ALL.map(|truth| (fired(judged, truth), confusion(judged, truth).iter().sum()));
    let mut never = Vec::new();
    for (n, (signal, weight, _)) in SIGNALS.iter().enumerate() {
        let of = counts.map(|(fired, names)| (fired.get(n).copied().unwrap_or_default(), names));
        if of.iter().all(|(fired, _)| *fired == 0) {
            never.push(signal.as_str());
            continue;
        }
        let shares = of.map(|(fired, names)| percent(fired, names));
        row(signal.as_str(), [format!("{weight:+}")].into_iter().chain(shares));
    }
    println!("never: {}", never.join(", "));
}

/// What each choice of signals decides at the thresholds of the model, by label.
fn say_sets(judged: &[Judged]) {
    println!("\nat {} and {}, per cent of a label held for malicious; for compromised", ABSTAIN.0, ABSTAIN.1);
    row("signals", Truth::ALL.map(Truth::as_str));
    for set in &SETS {
        row(set.name, Truth::ALL.map(|truth| in_percent(set.decided(judged, truth))));
    }
}

fn in_percent(of: Decided) -> String {
    format!("{}; {}", percent(of.malicious, of.names), percent(of.compromised, of.names))
}

fn say_curve(judged: &[Judged]) {
    println!("\nper cent of names that are decided at |sum| >= threshold; of those, per cent wrong");
    let curves = SETS.map(|set| curve(judged, &set));
    row("threshold", SETS.iter().map(|set| set.name));
    for (n, threshold) in THRESHOLDS.iter().enumerate() {
        let points = curves.iter().filter_map(|points| points.get(n));
        row(
            &threshold.to_string(),
            points.map(|point| {
                let [coverage, risk] = [point.coverage(), point.risk()].map(shown);
                format!("{coverage}; {risk}")
            }),
        );
    }
    println!("\nwith all signals, per cent of a label held for malicious; for compromised");
    row("threshold", Truth::ALL.map(Truth::as_str));
    for point in curves.iter().take(1).flatten() {
        row(&point.threshold.to_string(), point.by_label.map(in_percent));
    }
}

/// A share in per cent.
fn shown(share: Option<f64>) -> String {
    share.map_or("-".to_owned(), |share| format!("{:.1}", 100.0 * share))
}

/// What nobody is to read into the figures.
const LIMITS: &str = "
what this cannot show
- Nothing was measured: no page, no RDAP, no blocklist. Signals that rest on them never fire. A day of registration
  stands in for RDAP where a list of new names has it; such lists hold no old names, so age is never seen to be wrong.
- Labels leak. `popular` fires `ranked` by definition, `cms-path` the signal of that name: see `no rank`, `no cms`.
  Blackbook lists names without paths; the filter list has names of most hosts, and URLs only of hosts that many need.
  So `root-listed` and all paths tell the label by the form of an entry: see `no form`.
- Labels are noisy. Popular in 2025 is not popular when listed; a dead botnet's name is popular with its bots; a site that
  was broken into gets into blackbook.
- Selection: malware of 2018 to 2024, while the weights were set for phishing; names of which no list says anything are
  missing, and how many there are of each label says nothing about the world.";
