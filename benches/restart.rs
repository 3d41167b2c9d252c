//! A start with 3,000,000 live indicators and a zone of 10,000,000 names behind it: the newest base tables, and the
//! log of a day after them. The program itself makes the state, from a zone file and a list. `cargo test` runs a
//! thousandth of it.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use panopticon_benches::measure::{child, figure, gib, shown};
use panopticon_benches::world::{Scale, TODAY, domain, mix, places, sighting};
use panopticon_model::name::Places;
use panopticon_model::time::Day;

const CONFIG: &str = "version = \"v1\"\nstate = \"state\"\noutput = \"out\"\nsuffix_list = \"suffixes.dat\"\n\
    [limits]\nmax_bytes = 4294967296\nmax_decoded_bytes = 4294967296\n\
    [[tld]]\nname = \"xx\"\nzone = { file = \"xx.zone\" }\n\
    [[feed]]\nid = \"list\"\nformat = \"plain\"\npath = \"list.txt\"\nabuse_class = \"phishing\"\nabsence = \"retract\"\n";

const THIRD: Day = Day(TODAY.0 + 2);

fn main() -> anyhow::Result<()> {
    let (names, indicators) = if panopticon_benches::small() { (10_000, 3_000) } else { (10_000_000, 3_000_000) };
    let scale = Scale { indicators, names: names.min(1_000_000) };
    let folder = tempfile::tempdir()?;
    let folder = folder.path();
    let places = places()?;
    println!("{indicators} live indicators, a zone of {names} names, one worker");
    std::fs::write(folder.join("panopticon.toml"), CONFIG)?;
    std::fs::write(folder.join("suffixes.dat"), "xx\n")?;
    write_zone(&folder.join("xx.zone"), names)?;
    // The base is that of the second day, when nothing is new any more; on the third one in a hundred leaves.
    for (day, gone) in [(TODAY, 0), (TODAY.next(), 0), (THIRD, indicators / 100)] {
        write_list(&folder.join("list.txt"), scale, gone, &places)?;
        let (said, _, _) = child(panopticon(folder).args(["run", "--once", "--strict"]).args(at(day)))?;
        ensure!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        let said = String::from_utf8(said.stderr)?;
        ensure!(said.contains(&format!(" {indicators} indicators")), "{said}");
    }
    // The command opens the state, replays it and finds nothing to do.
    let (said, took, peak) = child(panopticon(folder).args(["feeds", "accept", "list"]).args(at(THIRD)))?;
    let said = String::from_utf8(said.stderr)?;
    ensure!(said.contains("no snapshot that is held back"), "{said}");
    figure("restart, to the state being open", &shown(took.wall), "<= 30 s");
    figure("restart, CPU time", &shown(took.cpu), "");
    figure("restart, peak memory", &gib(peak), "");
    Ok(())
}

fn at(day: Day) -> [String; 2] {
    ["--now".to_owned(), format!("{day}T06:00:00Z")]
}

fn panopticon(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_panopticon"));
    command.current_dir(folder).env_remove("PANOPTICON_CONFIG").env("NO_COLOR", "1");
    command
}

/// A zone of names that have two name servers each, of one of 4,000 operators.
fn write_zone(path: &Path, names: u64) -> anyhow::Result<()> {
    let file = std::fs::File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    let mut file = BufWriter::with_capacity(1 << 20, file);
    writeln!(file, "xx.\t3600\tin\tsoa\tns1.xx. desk.xx. 1 7200 3600 1209600 3600")?;
    for n in 0..names {
        let (name, operator) = (domain(n), mix(n) % 4000);
        for server in ["a", "b"] {
            writeln!(file, "{name}.\t3600\tin\tns\t{server}.ns{operator}.example.")?;
        }
    }
    Ok(file.flush()?)
}

/// As many URLs as there are indicators, beginning with the one of number `first`.
fn write_list(path: &Path, scale: Scale, first: u64, places: &Places) -> anyhow::Result<()> {
    let file = std::fs::File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    let mut file = BufWriter::with_capacity(1 << 20, file);
    for n in first..first + scale.indicators {
        let (_, sighting) = sighting(scale, n, 0, places);
        writeln!(file, "{}", sighting.observable.canonical)?;
    }
    Ok(file.flush()?)
}
