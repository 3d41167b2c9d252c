//! The reports, as they are read; and that every number in them is that of the line beside it.

use std::fs;
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

/// Every number of a report is the number of rows that a line beside it gives, row by row where a row of the report has
/// a word to ask for. Gives how many lines were tried.
fn assert_lines_give_the_numbers(folder: &Path, args: &str) -> usize {
    let report: Value = serde_json::from_str(&report(folder, args, "json")).unwrap();
    let monthly = args.contains("--month");
    let mut lines = 0;
    let mut is = |what: &str, line: &str, shown: u64| {
        let given = rows_of(folder, line) as u64;
        assert_eq!(given, shown, "{args}: {what} is {shown}, and `{line}` gives {given}");
        lines += 1;
    };
    for section in report["sections"].as_array().unwrap() {
        let name = section["id"].as_str().unwrap();
        for query in texts(&section["queries"]) {
            // What was left out of the page is nothing; the times of a month are of days, and can be of other cases.
            match name == "missing" || query.contains("remediation_times") {
                true => drop(rows_of(folder, query)),
                false => is(name, query, 0),
            }
        }
        for table in section["tables"].as_array().unwrap() {
            let (id, rows) = (table["id"].as_str().unwrap(), table["rows"].as_array().unwrap());
            let all = rows.len() as u64 + table["left_out"].as_u64().unwrap();
            let queries = texts(&table["queries"]);
            // What arke told is in none of the views.
            let sum = |column: &str| rows.iter().map(|row| row[column].as_u64().unwrap_or_default()).sum::<u64>();
            // Which number the rows of each line are.
            let shown: &[u64] = &match (id, monthly) {
                ("changes_by_kind", _) | ("outcome", _) => vec![sum("cases")],
                ("by_class", true) => {
                    vec![COUNTED.iter().map(|column| sum(column)).sum(), sum("open at the end")]
                }
                ("by_class", false) => vec![sum("open_cases"), sum("indicators"), sum("validated")],
                ("by_age" | "by_registrar" | "by_remedy" | "course", _) => vec![sum("open_cases")],
                ("observations", _) => vec![sum("observations")],
                ("fixed_by_registrar" | "fixed_by_remedy", _) => vec![sum("fixed")],
                ("confirmed", _) => vec![all, number_said(section, " of ", " open case")],
                _ => vec![all],
            };
            let cut = table["left_out"].as_u64() != Some(0);
            for (query, shown) in queries.iter().zip(shown).filter(|_| !cut || shown == [all]) {
                is(id, query, *shown);
            }
            for (word, column, number, at) in drill(id, monthly) {
                for row in rows.iter().filter(|row| !UNKNOWN.contains(&row[word].as_str().unwrap())) {
                    let value = row[word].as_str().unwrap();
                    let extra = if number == "validated" && at == 0 { "validated=true" } else { "" };
                    let line = format!("{} '{column}={value}' {extra}", queries[at]);
                    let line = match queries[at].split_once("; done") {
                        Some((line, _)) => format!("{line} '{column}={value}'; done"),
                        None => line,
                    };
                    is(id, &line, row[number].as_u64().unwrap());
                }
            }
        }
    }
    lines
}

/// Of the rows of a table: the word in them, the column of the view that has it, the number that its rows are, and
/// which of the lines gives them.
fn drill(id: &str, monthly: bool) -> Vec<(&'static str, &'static str, &'static str, usize)> {
    match id {
        "changes_by_kind" => vec![("change", "change", "cases", 0)],
        "by_class" if monthly => vec![("class", "abuse_class", "open at the end", 1)],
        "by_class" => vec![
            ("class", "abuse_class", "open_cases", 0),
            ("class", "abuse_class", "indicators", 1),
            ("class", "abuse_class", "validated", 2),
        ],
        "by_registrar" => {
            vec![("registrar", "registrar", "open_cases", 0), ("registrar", "registrar", "validated", 0)]
        }
        "by_remedy" => vec![("remedy", "remedy", "open_cases", 0), ("remedy", "remedy", "validated", 0)],
        _ => vec![],
    }
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

/// The number that a section says between two words.
fn number_said(section: &Value, before: &str, after: &str) -> u64 {
    let said = texts(&section["says"]).join(" ");
    let (said, _) = said.split_once(after).unwrap();
    let (_, number) = said.split_once(before).unwrap();
    number.parse().unwrap()
}

/// Words for what is null in the views.
const UNKNOWN: [&str; 2] = ["not known", "not judged"];
const COUNTED: [&str; 6] = ["found", "found again", "fixed", "expired", "withdrawn", "changed"];

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
    for tld in ["xx", "zz"] {
        // Every day, among them those with nothing confirmed, and the month with all of its changes.
        let days = DAYS.map(|day| format!("--tld {tld} --day {}", day.date));
        for args in days.into_iter().chain([format!("--tld {tld} --month 2025-03")]) {
            assert!(assert_lines_give_the_numbers(&world, &args) >= 5, "{args}");
            // RDAP gave abuse desks; a report is no place for them.
            assert!(!report(&world, &args, "json").contains('@'));
        }
    }
    let month = report(&world, "--tld zz --month 2025-03", "markdown");
    // How many changes the last, open day had by then depends on the order in which answers came.
    let (before, rest) = month.split_once("T06:00:00.").unwrap();
    let month = format!("{before}T06:00:00.000Z{}", rest.split_once('Z').unwrap().1);
    insta::assert_snapshot!("month_of_the_demo", month);
    let rows = r#"[{"tld":"zz","day":"2025-03-02","cases":2},{"tld":"zz","day":"2025-04-01","cases":9},
        {"tld":"xx","day":"2025-03-02","cases":5}]"#;
    fs::write(world.join("told.json"), format!(r#"{{"schema":"arke.told/v1","rows":{rows}}}"#)).unwrap();
    let month = report(&world, "--tld zz --month 2025-03 --told told.json", "markdown");
    assert!(month.contains("| told | 2 | somebody who can fix it was told |"), "{month}");
    fs::write(world.join("told.json"), "{}").unwrap();
    let output =
        panopticon(&world).args(["report", "--tld", "zz", "--month", "2025-03", "--told", "told.json"]).output();
    assert_eq!(output.unwrap().status.code(), Some(1));
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
