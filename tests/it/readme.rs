//! What the documents tell people to type is typed here.

use std::path::Path;
use std::process::Command;

use crate::common::{live, ok, panopticon};

const README: &str = include_str!("../../README.md");
const FORMATS: &str = include_str!("../../docs/formats.md");
/// What else is typed there: it builds, needs a reader of others or name servers, or runs these tests.
const NOT_OURS: [&str; 5] = ["apt-get ", "arke --config ", "cargo build ", "duckdb ", "tests/run"];

/// The console blocks of a document: their lines.
fn blocks(document: &str) -> impl Iterator<Item = Vec<&str>> {
    document.split("```console\n").skip(1).map(|rest| rest.split("```").next().unwrap().lines().collect())
}

/// Types a line into a shell that has the programs on its path. Nothing leaves loopback.
fn shell(folder: &Path, line: &str) -> Command {
    let programs = Path::new(env!("CARGO_BIN_EXE_panopticon")).parent().unwrap();
    let path = std::env::join_paths([programs.to_owned()].into_iter().chain(std::env::split_paths(env!("PATH"))));
    let line = line.replace("panopticon run", "panopticon run --offline");
    let mut command = Command::new("sh");
    command.args(["-c", &line]).current_dir(folder).env("PATH", path.unwrap()).env("NO_COLOR", "1");
    command
}

#[test]
fn the_console_blocks_of_the_readme_run_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut typed = 0;
    for block in blocks(README) {
        let mut here = folder.path().to_owned();
        for line in &block {
            let Some(line) = line.strip_prefix("$ ") else { continue };
            if let Some(next) = line.strip_prefix("cd ") {
                here = here.join(next);
                assert!(here.is_dir(), "{line}");
            } else if let Some(args) =
                line.strip_prefix("cargo run --release --bin ").or(line.strip_prefix("arke init"))
            {
                let arke = Path::new(env!("CARGO_BIN_EXE_panopticon")).with_file_name("arke");
                if !arke.exists() {
                    println!("skipped: arke is not built");
                    continue;
                }
                let line = match args.strip_prefix("arke -- ") {
                    Some(args) => format!("arke {args}"),
                    None => line.replace("/etc/arke", "arke"),
                };
                ok(&mut shell(&here, &line));
            } else if !NOT_OURS.iter().any(|program| line.starts_with(program)) {
                let line = line.replace("cargo run --release -- ", "panopticon ");
                assert!(line.starts_with("panopticon "), "nobody tests `{line}`");
                ok(&mut shell(&here, &line));
                typed += 1;
            }
        }
    }
    assert_eq!(typed, 6, "the demo, a scan, and the first steps of a registry");
    for query in ["q01_new_today", "q10_history_of"] {
        let views = std::fs::read_to_string(folder.path().join("panopticon-demo/out/views.sql")).unwrap();
        assert!(README.contains(query) && views.contains(query), "{query}");
    }
}

#[test]
fn every_command_of_the_table_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let table = README.split("| command | does |\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let commands: Vec<&str> = table
        .lines()
        .skip(1)
        .flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2))
        .collect();
    assert!(commands.len() >= 11, "{commands:?}");
    for command in commands {
        let words = command.split(' ').take_while(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '-'));
        ok(panopticon(folder.path()).args(words).arg("--help"));
    }
}

#[test]
fn the_examples_of_the_help_run() {
    let folder = tempfile::tempdir().unwrap();
    live(folder.path(), 5);
    for (command, examples) in [("query", 3), ("diff", 3), ("explain", 3)] {
        let help = ok(panopticon(folder.path()).args([command, "--help"]));
        let lines: Vec<&str> = help.lines().filter_map(|line| line.strip_prefix("  panopticon ")).collect();
        assert_eq!(lines.len(), examples, "{help}");
        for line in lines {
            ok(&mut shell(folder.path(), &format!("panopticon {line}")));
        }
    }
}

#[test]
fn exit_codes_are_told_alike_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let help = ok(panopticon(folder.path()).arg("--help"));
    let manual = ok(panopticon(folder.path()).arg("man"));
    for (code, words) in [
        ("0", "done"),
        ("1", "failed for a reason that you can change"),
        ("2", "wrong arguments, or a fault of the program"),
        ("3", "done, but a source failed"),
        ("4", "a check found something"),
        ("130", "interrupted"),
    ] {
        assert!(
            help.lines().any(|line| line.trim().starts_with(&format!("{code} ")) && line.contains(words)),
            "{code}"
        );
        assert!(manual.contains(words), "{code}");
        let told = FORMATS.split("Exit codes:").nth(1).unwrap().replace('\n', " ");
        assert!(
            told.contains(&format!(" {code} {}", words.split("a source").next().unwrap().trim_end())),
            "{code}"
        );
    }
}
