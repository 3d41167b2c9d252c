//! The command line, as a person meets it.

use std::process::Command;

use crate::golden;

/// Runs a command on the golden file, shortly after it was written; gives exit code, output and errors.
fn run(arguments: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_arke"));
    for argument in arguments.split(' ') {
        command.arg(if argument == "FILE" { golden().into_os_string() } else { argument.into() });
    }
    let done = command.output().unwrap();
    let (out, err) = (String::from_utf8(done.stdout).unwrap(), String::from_utf8(done.stderr).unwrap());
    let path = golden().display().to_string();
    format!("exit {}\n{out}{err}", done.status.code().unwrap()).replace(&path, "FILE").replace('\r', "")
}

#[test]
fn cases() {
    insta::assert_snapshot!("cases_table", run("cases --records FILE --now 2026-11-24"));
    insta::assert_snapshot!("cases_csv", run("cases --records FILE --now 2026-11-24 --format csv"));
}

#[test]
fn old_records_are_refused() {
    insta::assert_snapshot!("old", run("cases --records FILE --now 2026-11-25T02:00:00.001Z"));
    assert!(run("cases --records FILE --now 2026-11-25T02:00:00Z").starts_with("exit 0"));
}

#[test]
fn other_failures() {
    assert!(run("cases").starts_with("exit 1\nerror: there is no arke.json here"));
    assert!(run("cases --key k").starts_with("exit 2"));
    assert!(run("cases --records Cargo.toml").contains("hint: "));
    assert!(run("cases --records nowhere.sql").starts_with("exit 1\nerror: `nowhere.sql` is refused"));
}

#[test]
fn help_of_every_command() {
    let mut said = run("--help");
    let commands: Vec<String> = said
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .filter(|command| command != "help")
        .collect();
    assert!(commands.len() > 10);
    for command in commands {
        said += &format!("\n== {command}\n{}", run(&format!("{command} --help")));
    }
    insta::assert_snapshot!(said);
}
