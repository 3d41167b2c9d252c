//! What twistrs finds for each protected name in a set of labels: it generates, and what it generates is looked up.
//!
//! ```text
//! twistrs-pairs FOLDER
//! ```
//!
//! FOLDER holds `labels` and `names`, a line each. Writes `twistrs` there: name, label, kind; prints a line of JSON: CPU
//! seconds of the kinds that are slips of typing, and of all kinds. Reading the labels is not timed.

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use twistrs::permutate::{Domain, PermutationRef};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Error = Box<dyn std::error::Error>;

fn main() -> Result<(), Error> {
    let folder = PathBuf::from(std::env::args_os().nth(1).ok_or("usage: twistrs-pairs FOLDER")?);
    let labels = std::fs::read_to_string(folder.join("labels"))?;
    let names = std::fs::read_to_string(folder.join("names"))?;
    let zone: HashSet<String> = labels.lines().map(|label| format!("{label}.com")).collect();
    let names: Vec<Domain> =
        names.lines().map(|name| Domain::new(&format!("{name}.com"))).collect::<Result<_, _>>()?;
    let mut buffer = String::with_capacity(300);

    let start = cpu()?;
    let mut found = BTreeSet::new();
    for name in &names {
        let mut visit = |made: PermutationRef<'_>| {
            if zone.contains(made.domain.fqdn) && made.domain.fqdn != name.fqdn {
                found.insert((name.fqdn.clone(), made.domain.fqdn.to_owned(), format!("{:?}", made.kind)));
            }
        };
        let all = &twistrs::filter::Permissive;
        name.visit_addition_with_buf(all, &mut buffer, &mut visit);
        name.visit_bitsquatting_with_buf(all, &mut buffer, &mut visit);
        name.visit_hyphenation_with_buf(all, &mut buffer, &mut visit);
        name.visit_insertion_with_buf(all, &mut buffer, &mut visit);
        name.visit_omission_with_buf(all, &mut buffer, &mut visit);
        name.visit_repetition_with_buf(all, &mut buffer, &mut visit);
        name.visit_replacement_with_buf(all, &mut buffer, &mut visit);
        name.visit_transposition_with_buf(all, &mut buffer, &mut visit);
        name.visit_vowel_swap_with_buf(all, &mut buffer, &mut visit);
    }
    let typing = cpu()? - start;

    let start = cpu()?;
    let mut hits = 0_u64;
    for name in &names {
        name.visit_all_with_buf(&twistrs::filter::Permissive, &mut buffer, &mut |made| {
            hits += u64::from(zone.contains(made.domain.fqdn));
        });
    }
    let all = cpu()? - start;

    let mut text = String::new();
    for (name, label, kind) in &found {
        let cut = |name: &str| name.trim_end_matches(".com").to_owned();
        writeln!(text, "{}\t{}\t{}", cut(name), cut(label), kind.to_lowercase())?;
    }
    std::fs::write(folder.join("twistrs"), text)?;
    println!("{{\"typing_cpu\": {typing}, \"all_cpu\": {all}, \"hits\": {hits}}}");
    Ok(())
}

/// CPU seconds of this process, as the kernel counts them in nanoseconds.
fn cpu() -> Result<f64, Error> {
    let text = std::fs::read_to_string("/proc/self/schedstat")?;
    let spent = text.split_whitespace().next().ok_or("the kernel counts no CPU time")?;
    Ok(spent.parse::<f64>()? / 1e9)
}
