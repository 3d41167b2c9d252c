//! Reading a records.sql of 1,000,000 rows. `cargo test` runs a thousandth of it.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, ensure};
use arke::records::read_file;
use panopticon_benches::measure::{figure, memory, shown, timed};
use panopticon_model::records::{DIGEST, Digest, META, Value};

/// The statements that make the tables, as our writer writes them.
const GOLDEN: &str = include_str!("../../sinks/tests/data/records.sql");
/// Of each table, its share of the rows in per mille.
const SHARES: [(&str, u64); 9] = [
    ("indicators", 400),
    ("cases", 250),
    ("daily_diffs", 100),
    ("validated_indicators", 100),
    ("remedies", 100),
    ("probe_summaries", 50),
    ("high_risk_names", 0),
    ("protected_names", 0),
    ("allow_list", 0),
];

fn main() -> anyhow::Result<()> {
    panopticon_benches::keep_freed_memory();
    let rows = if panopticon_benches::small() { 1_000 } else { 1_000_000 };
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("records.sql");
    write(&path, rows)?;
    let bytes = path.metadata()?.len();
    println!("records.sql of {rows} rows, {} MiB", bytes >> 20);
    let before = memory("VmRSS")?;
    let (records, took) = timed(|| Ok(read_file(&path)?))?;
    let cases = rows * 250 / 1000;
    ensure!(records.entries.len() as u64 == cases, "{} cases of {cases}", records.entries.len());
    figure("read", &shown(took.cpu), "<= 10 s");
    let above = memory("VmHWM")?.saturating_sub(before);
    figure("memory above the start, with all of its cases", &format!("{} MiB", above >> 20), "<= 300 MiB");
    Ok(())
}

/// A script of so many rows.
fn write(path: &Path, rows: u64) -> anyhow::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    let ddl = GOLDEN.split("INSERT INTO").next().unwrap_or_default();
    out.write_all(ddl.as_bytes())?;
    let mut digest = Digest::new();
    for (table, share) in SHARES {
        digest.table(table);
        let columns = columns(table)?;
        if share > 0 {
            insert(&mut out, &mut digest, table, &columns, rows * share / 1000)?;
        }
    }
    let (names, mut row) = (columns(META)?, Vec::new());
    for name in &names {
        let count = SHARES.iter().find(|(table, _)| *name == format!("{table}_rows"));
        row.push(match (name.as_str(), count) {
            (_, Some((_, share))) => Value::Number(i64::try_from(rows * share / 1000)?),
            ("schema_version", _) => Value::text(panopticon_model::records::SCHEMA_VERSION),
            ("closed", _) => Value::Number(1),
            ("day", _) => Value::text("2026-11-23"),
            (other, _) => value(META, other, 0),
        });
    }
    digest.table(META);
    digest.row(row.iter().zip(&names).filter(|(_, name)| *name != DIGEST).map(|(value, _)| value));
    if let Some(last) = row.last_mut() {
        *last = Value::Text(digest.finish());
    }
    write!(out, "INSERT INTO {META} ({}) VALUES\n{};\nCOMMIT;\n", names.join(", "), literal(&row))?;
    out.flush().context("cannot write the script")
}

fn insert(
    out: &mut impl Write,
    digest: &mut Digest,
    table: &str,
    columns: &[String],
    rows: u64,
) -> io::Result<()> {
    for n in 0..rows {
        let row: Vec<Value> = columns.iter().map(|column| value(table, column, n)).collect();
        digest.row(&row);
        if n % 500 == 0 {
            writeln!(out, "INSERT INTO {table} ({}) VALUES", columns.join(", ").replace(" rank", " \"rank\""))?;
        }
        let is_last = n % 500 == 499 || n + 1 == rows;
        writeln!(out, "{}{}", literal(&row), if is_last { ";" } else { "," })?;
    }
    Ok(())
}

/// The columns of a table, as its `CREATE TABLE` names them.
fn columns(table: &str) -> anyhow::Result<Vec<String>> {
    let start = format!("CREATE TABLE {table} (\n");
    let body = GOLDEN.split(&start).nth(1).context("no such table")?;
    let lines = body.lines().map(str::trim).take_while(|line| !line.starts_with("PRIMARY KEY"));
    Ok(lines.filter_map(|line| line.split(' ').next()).map(|name| name.trim_matches('"').to_owned()).collect())
}

/// A value as long as such values are.
fn value(table: &str, column: &str, n: u64) -> Value {
    // A case, its diff, its remedy and what is confirmed of it belong together.
    let subject = format!("name-{n:07}.xx");
    match column {
        "observable" | "target" => Value::text(&format!("http://{subject}/wp-content/plugins/pay/{n}/index.php")),
        "case_id" | "subject_id" | "indicator_id" | "observation_id" => Value::text(&format!("{n:032x}")),
        "subject" | "registrable_domain" | "host" => Value::text(&subject),
        "first_seen_ms" | "confirmed_at_ms" | "valid_until_ms" | "as_of_ms" | "observed_at_ms" => {
            Value::Number(1_795_478_400_000)
        }
        "first_seen" | "confirmed_at" | "valid_until" | "as_of" | "observed_at" => {
            Value::text("2026-11-24T00:00:00.000Z")
        }
        "abuse_class" => Value::text("phishing"),
        "status" => Value::text("active"),
        "feed_ids" => Value::text("openphish,phishtank"),
        "evidence_count" | "score" | "validated" | "delegated" | "protected" => Value::Number(1),
        "day" => Value::text("2026-11-23"),
        "reasons" => Value::text("+35 age-under-week registered 2026-11-20,+20 lure-word bank"),
        "parties" => Value::text("registrant,hoster,registrar"),
        "addresses" => Value::text("192.0.2.1,192.0.2.2"),
        "name_servers" => Value::text("ns1.example,ns2.example"),
        "after" => Value::text(
            r#"{"status":"active","abuse_class":"phishing","feed_ids":["openphish"],"remedy":"malicious","validated":true}"#,
        ),
        "platform" | "rank" | "before" | "denied" | "held_back" => Value::Null,
        name if name.ends_with("_ms") => Value::Null,
        _ if table == "indicators" => Value::Null,
        name => Value::text(name),
    }
}

fn literal(row: &[Value]) -> String {
    let cells = row.iter().map(|value| match value {
        Value::Null => "NULL".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
    });
    format!("({})", cells.collect::<Vec<_>>().join(","))
}
