//! How good the remedies are: names that public data labels, what the model says of them, and how often it is wrong.
//! `cargo test` reads a small sample of made-up names; `cargo bench` the files of `../shared/data`, or of the folder
//! that `PANOPTICON_SHARED` names. What the figures do not show is in `docs/judgement.md`.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use panopticon_benches::remedies::{
    Evidence, Feed, Judged, KINDS, Known, Labelled, Listings, SETS, SignalSet, Truth, confusion, curve, fired,
    guarded_and_malicious, labelled,
};
use panopticon_model::judgement::{Policy, SIGNALS};
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
        say_curve(&judged);
    }
    say_limits();
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
        let folder = std::env::var_os("PANOPTICON_SHARED").map(PathBuf::from);
        let folder = folder.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"));
        Files {
            blackbook: folder.join("feeds/blackbook_2018-10_2024-09.csv.zst"),
            urlhaus: folder.join("feeds/urlhaus_online_2018-2022.daily_deltas.tsv.zst"),
            popular: folder.join("toplists/tranco_1m_2025-01-15.alphabetical.txt.zst"),
            tiers: folder.join("toplists/rank_tiers.tsv.zst"),
            registered: ["nrd/nrd_2024-02_2024-12.tsv.zst", "nrd/nrd_2025.tsv.zst"]
                .map(|file| folder.join(file))
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
        for (feed, path) in [(Feed::Blackbook, &self.blackbook), (Feed::Urlhaus, &self.urlhaus)] {
            lines(path, |line| {
                if let Some((day, value)) = feed.entry(line) {
                    listings.add(feed, day, value);
                }
            })?;
        }
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

fn percent(part: usize, whole: usize) -> String {
    if whole == 0 { "-".to_owned() } else { format!("{:.1} %", 100.0 * part as f64 / whole as f64) }
}

fn say_names(names: &[Labelled]) {
    let count = |is: &dyn Fn(&Labelled) -> bool| names.iter().filter(|name| is(name)).count();
    println!("{} labelled names", names.len());
    let aged = count(&|name| name.registered.is_some());
    println!("  day of registration known of {aged} ({})", percent(aged, names.len()));
    println!("  seen as new only after they were listed: {}", count(&|name| name.is_registered_again));
    let both = count(&|name| name.truth == Truth::Dedicated && name.is_popular);
    println!("  dedicated and popular at once, so one label is wrong or late: {both}");
    println!(
        "  customers of platforms in blackbook: {}",
        count(&|name| name.truth == Truth::Customer && name.in_blackbook)
    );
}

fn say_confusion(judged: &[Judged]) {
    println!(
        "\n{:<12}{:>12}{:>12}{:>12}{:>12}{:>12}",
        "label", "names", "malicious", "compromised", "platform", "unclear"
    );
    for truth in Truth::ALL {
        let row = confusion(judged, truth);
        print!("{:<12}{:>12}", truth.as_str(), row.iter().sum::<usize>());
        row.iter().for_each(|count| print!("{count:>12}"));
        println!();
    }
    debug_assert!(KINDS.len() == 4);
}

fn say_guarded(judged: &[Judged]) -> anyhow::Result<()> {
    let wrong = guarded_and_malicious(judged);
    let guarded = judged.iter().filter(|one| one.is_guarded).count();
    println!("\nguarded names called malicious: {wrong} of {guarded}");
    ensure!(wrong == 0, "{wrong} guarded names are called malicious");
    Ok(())
}

fn say_signals(judged: &[Judged]) {
    print!("\n{:<24}{:>8}", "signal fires on", "weight");
    Truth::ALL.iter().for_each(|truth| print!("{:>12}", truth.as_str()));
    println!();
    let counts = Truth::ALL.map(|truth| fired(judged, truth));
    let totals = Truth::ALL.map(|truth| judged.iter().filter(|one| one.truth == truth).count());
    let mut never = Vec::new();
    for (n, (signal, weight, _)) in SIGNALS.iter().enumerate() {
        let row = counts.map(|of| of.get(n).copied().unwrap_or_default());
        if row.iter().sum::<usize>() == 0 {
            never.push(signal.as_str());
            continue;
        }
        print!("{:<24}{weight:>+8}", signal.as_str());
        row.iter().zip(totals).for_each(|(count, total)| print!("{:>12}", percent(*count, total)));
        println!();
    }
    println!("never: {}", never.join(", "));
}

fn say_curve(judged: &[Judged]) {
    println!("\nof names of no platform: decided at |sum| >= threshold, and wrong among the decided");
    print!("{:>9}", "threshold");
    SETS.iter().for_each(|set| print!("{:>20}", set.name));
    println!();
    let curves: Vec<_> = SETS.iter().map(|set| curve(judged, set)).collect();
    for n in 0..curves.first().map_or(0, |points| points.len()) {
        let points: Vec<_> = curves.iter().filter_map(|points| points.get(n)).collect();
        print!("{:>9}", points.first().map_or(0, |point| point.threshold));
        points.iter().for_each(|point| {
            print!("{:>20}", format!("{:.1} % {:.1} %", 100.0 * point.coverage(), 100.0 * point.risk()))
        });
        println!();
    }
    SETS.iter().filter(|set| ["all", "no form, rank"].contains(&set.name)).for_each(|set| say_sides(judged, set));
}

/// The same for each side by itself: shares that do not depend on how many names of each label there are.
fn say_sides(judged: &[Judged], set: &SignalSet) {
    println!("\nwith signals: {}; shares of each side by itself", set.name);
    println!(
        "{:>9}{:>24}{:>24}{:>24}{:>24}",
        "threshold", "dedicated: malicious", "dedicated: compromised", "others: compromised", "others: malicious"
    );
    for point in curve(judged, set) {
        let dedicated = |part| percent(part, point.dedicated);
        let others = |part| percent(part, point.others);
        println!(
            "{:>9}{:>24}{:>24}{:>24}{:>24}",
            point.threshold,
            dedicated(point.dedicated_right),
            dedicated(point.dedicated_wrong),
            others(point.others_right),
            others(point.others_wrong)
        );
    }
}

fn say_limits() {
    println!(
        "\nwhat this cannot show:\n\
         - Nothing was measured: no page, no RDAP, no blocklist. Signals that rest on them never fire; a day of\n  \
           registration stands in for RDAP where a list of new names has one.\n\
         - Labels leak: `popular` is `ranked`, `cms-path` is `cms-path`. Blackbook lists names only, and the filter list\n  \
           has URLs of popular hosts and names of others: so `root-listed` and all paths tell the label by their form.\n\
         - Labels are noisy: popular since is not popular then, and a popular name may serve malware only.\n\
         - The names are of malware, 2018 to 2024, not of phishing, for which the weights were set; and only those of\n  \
           which a list says something: the share of each label is that of the lists, not of the world."
    );
}
