//! The reports, as they are read; and that every number in them is that of the line beside it.

use std::path::Path;
use std::process::Command;

use panopticon_datasets::world::DAYS;
use serde_json::Value;

use crate::common::{fails, live, ok, panopticon, put_day, run_of, settle_world};

/// The report, in a format.
fn report(folder: &Path, args: &str, format: &str) -> String {
    ok(panopticon(folder).arg("report").args(args.split(' ')).args(["--format", format]))
}

/// The page without its style sheet, which no snapshot needs to hold.
fn page(folder: &Path, args: &str) -> String {
    let html = report(folder, args, "html");
    let (head, rest) = html.split_once("<style>").unwrap();
    let (_, body) = rest.split_once("</style>").unwrap();
    format!("{head}{body}")
}

/// How many rows a line gives that a report tells to type.
fn rows_of(folder: &Path, line: &str) -> usize {
    let programs = Path::new(env!("CARGO_BIN_EXE_panopticon")).parent().unwrap();
    let path = std::env::join_paths([programs.to_owned()].into_iter().chain(std::env::split_paths(env!("PATH"))));
    let line = line.replace("; done", " --format jsonl; done");
    let line = if line.contains("; done") { line } else { format!("{line} --format jsonl") };
    let mut shell = Command::new("sh");
    ok(shell.args(["-c", &line]).current_dir(folder).env("PATH", path.unwrap())).lines().count()
}

/// Every number of a report is the number of rows that the line beside it gives.
fn assert_lines_give_the_numbers(folder: &Path, args: &str) -> usize {
    let report: Value = serde_json::from_str(&report(folder, args, "json")).unwrap();
    let mut lines = 0;
    for section in report["sections"].as_array().unwrap() {
        let tables = section["tables"].as_array().unwrap();
        for query in section["queries"].as_array().unwrap() {
            rows_of(folder, query.as_str().unwrap());
            lines += 1;
        }
        for table in tables {
            let (id, rows) = (table["id"].as_str().unwrap(), table["rows"].as_array().unwrap());
            let sum = |column: &str| rows.iter().map(|row| row[column].as_u64().unwrap()).sum::<u64>() as usize;
            let shown = match id {
                "changes_by_kind" | "outcome" => sum("cases"),
                "by_class" if args.contains("--month") => COUNTED.iter().map(|column| sum(column)).sum(),
                "by_class" | "by_registrar" | "by_remedy" | "course" => sum("open_cases"),
                "observations" => sum("observations"),
                _ => rows.len() + table["left_out"].as_u64().unwrap() as usize,
            };
            for (at, query) in table["queries"].as_array().unwrap().iter().enumerate() {
                let given = rows_of(folder, query.as_str().unwrap());
                assert!(at > 0 || given == shown, "{id} shows {shown}, and `{query}` gives {given}");
                lines += 1;
            }
        }
    }
    lines
}

const COUNTED: [&str; 5] = ["found", "found again", "fixed", "expired", "withdrawn"];

#[test]
fn a_day_of_the_demo() {
    let folder = tempfile::tempdir().unwrap();
    ok(panopticon(folder.path()).args(["demo", "--output", "world"]));
    let world = folder.path().join("world");
    let day = "--tld xx --day 2025-03-03";
    insta::assert_snapshot!("day_markdown", report(&world, day, "markdown"));
    insta::assert_snapshot!("day_json", report(&world, day, "json"));
    insta::assert_snapshot!("day_html", page(&world, day));
    insta::assert_snapshot!("day_with_changes", report(&world, "--tld zz --day 2025-03-03", "markdown"));
    for day in ["--tld xx --day 2025-03-03", "--tld zz --day 2025-03-03"] {
        assert!(assert_lines_give_the_numbers(&world, day) >= 10, "{day}");
        // RDAP gave abuse desks; a report is no place for them.
        assert!(!report(&world, day, "json").contains('@'));
    }
}

#[test]
fn a_day_on_which_nothing_is_known() {
    let folder = tempfile::tempdir().unwrap();
    settle_world(folder.path());
    let file = folder.path().join("panopticon.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, config + "[[tld]]\nname = \"yy\"\n").unwrap();
    put_day(folder.path(), &DAYS[0]);
    ok(&mut run_of(folder.path(), &DAYS[0]));
    insta::assert_snapshot!("empty_markdown", report(folder.path(), "--tld yy", "markdown"));
    insta::assert_snapshot!("empty_json", report(folder.path(), "--tld yy", "json"));
    insta::assert_snapshot!("empty_html", page(folder.path(), "--tld yy"));
    assert_lines_give_the_numbers(folder.path(), "--tld yy");
    let month = report(folder.path(), "--tld yy --month 2025-03", "markdown");
    assert!(month.contains("No case was fixed in this month."), "{month}");
}

#[test]
fn a_month() {
    let folder = tempfile::tempdir().unwrap();
    live(folder.path(), DAYS.len());
    let month = "--tld zz --month 2025-03";
    insta::assert_snapshot!("month_markdown", report(folder.path(), month, "markdown"));
    insta::assert_snapshot!("month_json", report(folder.path(), month, "json"));
    insta::assert_snapshot!("month_html", page(folder.path(), month));
    for tld in ["xx", "zz"] {
        assert!(assert_lines_give_the_numbers(folder.path(), &format!("--tld {tld} --month 2025-03")) >= 4);
    }
}

#[test]
fn long_lists_are_cut_and_say_so() {
    let folder = tempfile::tempdir().unwrap();
    settle_world(folder.path());
    put_day(folder.path(), &DAYS[0]);
    let names: String = (0..30).map(|n| format!("host{n}.xx\nnot a <name> {n}\n")).collect();
    std::fs::write(folder.path().join("feeds/desk.txt"), names).unwrap();
    ok(&mut run_of(folder.path(), &DAYS[0]));
    let text = report(folder.path(), "--tld xx", "markdown");
    assert_eq!(text.matches("\nand ").count(), 3, "changes, open cases and errors: {text}");
    assert_lines_give_the_numbers(folder.path(), "--tld xx");
}

#[test]
fn the_page_stands_alone_and_is_made_of_what_screen_readers_know() {
    let folder = tempfile::tempdir().unwrap();
    live(folder.path(), DAYS.len());
    for args in ["--tld xx", "--tld zz --month 2025-03"] {
        let html = report(folder.path(), args, "html");
        for foreign in ["<script", "<link", "<img", "url(", "@import", "href=", "src="] {
            assert!(!html.contains(foreign), "{foreign}");
        }
        // The name of the language of charts is all that looks like an address.
        assert_eq!(html.replace("http://www.w3.org/2000/svg", "").find("http://"), None);
        let count = |part: &str| html.matches(part).count();
        assert!(html.starts_with("<!doctype html>\n<html lang=\"en\">"));
        assert!(count("<table>") > 2 && count("<table>") == count("<caption>"));
        assert_eq!(count("<th "), count("scope=\"col\"") + count("scope=\"row\""));
        for tag in ["section", "table", "div", "tr", "th", "td", "p", "svg"] {
            assert_eq!(
                count(&format!("<{tag}>")) + count(&format!("<{tag} ")),
                count(&format!("</{tag}>")),
                "{tag}"
            );
        }
    }
}

#[test]
fn a_report_goes_into_a_file() {
    let folder = tempfile::tempdir().unwrap();
    live(folder.path(), 1);
    let said = ok(panopticon(folder.path()).args(["report", "--tld", "xx", "--output", "day.md"]));
    let written = std::fs::read_to_string(folder.path().join("day.md")).unwrap();
    assert_eq!(said, "");
    assert_eq!(written, report(folder.path(), "--tld XX.", "markdown"));
}

#[test]
fn errors_of_reports_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    live(folder.path(), 2);
    let said: Vec<String> = [
        ("--tld yy", 1),
        ("--tld yy --month 2025-03", 1),
        ("--tld xx --day 2025-02-01", 1),
        ("--tld xx --day 2025-03-09", 1),
        ("--tld xx --month 2025-04", 1),
        ("--tld xx --month 2025-4", 2),
        ("--tld xx --month 2025-03 --day 2025-03-01", 2),
        ("--tld xx --output none/day.html", 1),
    ]
    .iter()
    .map(|(args, code)| fails(panopticon(folder.path()).arg("report").args(args.split(' ')), *code))
    .collect();
    insta::assert_snapshot!("errors", said.join("--\n"));
}

#[test]
fn the_examples_of_its_help_run() {
    let folder = tempfile::tempdir().unwrap();
    live(folder.path(), DAYS.len());
    let help = ok(panopticon(folder.path()).args(["report", "--help"]));
    insta::assert_snapshot!("help", help);
    let examples: Vec<&str> = help.lines().filter_map(|line| line.strip_prefix("  panopticon ")).collect();
    assert_eq!(examples.len(), 3, "{help}");
    for example in examples {
        ok(panopticon(folder.path()).args(example.split(' ')));
    }
}
